from datetime import date

import pytest

from besace import entities, parts, reading, relations
from besace.errors import Refused
from besace_opportunities import blocks
from besace_opportunities.models import PhaseChange
from besace_opportunities.phases import Outcome, effective_probability, weighted

TODAY = date(2026, 3, 14)
EARLIER = date(2026, 3, 10)


def test_O5_each_phase_change_is_kept_as_things_stood_then(desk):
    deal = desk.deal(expected_revenue="1000")
    desk.edit(deal, phase="proposal", probability=60, expected_revenue="900")
    desk.edit(deal, expected_revenue="800")
    desk.do(deal, "win", final_revenue="700", on="2026-03-10")
    assert desk.steps(deal) == [
        (None, "prospecting", TODAY, "alice", "1000.00 EUR", 10, None),
        ("prospecting", "proposal", TODAY, "alice", "900.00 EUR", 60, None),
        ("proposal", "won", EARLIER, "alice", "700.00 EUR", 100, None),
    ]


def test_O5_a_batch_keeps_the_first_phase_of_each(desk):
    deals = desk.deals({}, {"phase": "won", "final_revenue": "5"}, {"phase": "lost"})
    assert [len(desk.steps(deal)) for deal in deals] == [1, 1, 1]
    assert [desk.steps(deal)[0][5] for deal in deals] == [10, 100, 0]


def test_O5_a_change_of_something_else_keeps_no_phase(desk):
    deal = desk.deal()
    desk.edit(deal, name="Another name")
    assert len(desk.steps(deal)) == 1


def test_O5_the_phase_history_is_no_change_of_its_own(desk):
    deal = desk.deal()
    desk.do(deal, "move", phase="proposal")
    assert desk.values(deal)["version"] == 2


def test_O5_the_phase_history_is_written_by_code_alone(desk):
    from besace.crud import part_operations_of

    assert list(part_operations_of(desk.crm.registry.part("phase_change"))) == ["list"]


def test_O6_weighted_revenue_is_rounded_half_up_per_deal(desk):
    desk.deals(*[{"expected_revenue": "0.05", "probability": p} for p in (10, 30, 50, 89)])
    assert desk.sum("weighted") == {"EUR": "0.10"}  # 0.5, 1.5, 2.5 and 4.45 cents: 1 + 2 + 3 + 4


def test_O6_a_probability_of_0_is_not_an_empty_one(desk):
    desk.deals(
        {"expected_revenue": "100", "phase": "proposal", "probability": 0},
        {"expected_revenue": "100", "phase": "proposal"},
    )
    assert desk.sum("weighted") == {"EUR": "50.00"}


def test_O6_won_weighs_all_and_lost_and_cancelled_nothing(desk):
    rows = [{"phase": p, "expected_revenue": "100", "probability": 50} for p in ("won", "lost", "cancelled")]
    desk.deals(*rows)
    assert desk.sum("weighted") == {"EUR": "100.00"}


def unweighted(desk):
    """The deals that the measure leaves out."""
    from besace.conditions import measure_value

    with desk.crm.read() as work:
        info = work.crm.registry.type("opportunity")
        value = measure_value(work, info.measures["weighted"], info.source())
        return list(work.scalars(reading.rows_of(work, info, info.source().id).where(value.is_(None))))


def test_O6_what_has_no_probability_is_left_out_and_can_be_counted(desk):
    from besace import lists

    desk.crm.write(lambda work: lists.add(work, "sales_phase", "idea", label="Idea", outcome="open"))
    idea, _known, _no_revenue, _lost = desk.deals(
        {"phase": "idea", "expected_revenue": "100"},
        {"phase": "idea", "expected_revenue": "100", "probability": 20},
        {"phase": "proposal"},
        {"phase": "lost", "expected_revenue": "100"},
    )
    assert desk.sum("weighted") == {"EUR": "20.00"}
    assert unweighted(desk) == [idea]
    assert desk.crm.registry.type("opportunity").measures["weighted"].missing == "unweighted"


def test_O6_the_database_weighs_like_the_pure_rule(desk):
    cases = [
        (phase, minor, own)
        for phase in ("prospecting", "negotiation", "won", "lost")
        for minor in (0, 1, 49, 50, 51, 99, 12345, 2**61)
        for own in (None, 0, 1, 33, 50, 99, 100)
    ]
    rows = [{"phase": p, "expected_revenue": f"{m // 100}.{m % 100:02}", "probability": o} for p, m, o in cases]
    ids = desk.deals(*rows)
    with desk.crm.read() as work:
        info = work.crm.registry.type("opportunity")
        value = info.measures["weighted"].value(info.source())
        found = dict(work.execute(reading.rows_of(work, info, info.source().id, value)).all())
        phases = work.items("sales_phase")
        for deal, (phase, minor, own) in zip(ids, cases, strict=True):
            percent = effective_probability(Outcome(phases[phase].outcome), own, phases[phase].probability)
            assert found[deal] == weighted(minor, percent)


@pytest.mark.parametrize(
    ("values", "probability", "revenue"),
    [
        ({"expected_revenue": "0.05", "probability": 10}, 10, "0.01 EUR"),
        ({"expected_revenue": "100"}, 10, "10.00 EUR"),
        ({"expected_revenue": "100", "phase": "lost"}, 0, "0.00 EUR"),
        ({}, 10, None),
    ],
)
def test_O6_a_deal_shows_its_forecast(desk, values, probability, revenue):
    deal = desk.deal(**values)
    with desk.crm.read() as work:
        shown = blocks.forecast_of(work, reading.get(work, "opportunity", deal))
    assert (shown.probability, shown.weighted and str(shown.weighted)) == (probability, revenue)


def test_expected_leaves_out_lost_and_cancelled_and_final_counts_won_alone(desk):
    desk.deals(
        {"expected_revenue": "1"},
        {"expected_revenue": "10", "phase": "won", "final_revenue": "7"},
        {"expected_revenue": "100", "phase": "lost"},
        {"expected_revenue": "1000", "phase": "cancelled"},
    )
    assert desk.sum("expected") == {"EUR": "11.00"}
    assert desk.sum("final") == {"EUR": "7.00"}


def test_conditions_look_at_the_outcome_and_the_day(desk):
    late, soon, won, lost, cancelled = desk.deals(
        {"expected_close_date": "2026-03-13"},
        {"expected_close_date": "today"},
        {"expected_close_date": "2026-03-13", "phase": "won", "final_revenue": "5"},
        {"phase": "lost"},
        {"phase": "cancelled"},
    )
    assert desk.found("open") == [late, soon]
    assert desk.found("overdue") == [late]
    assert (desk.found("won"), desk.found("lost"), desk.found("cancelled")) == ([won], [lost], [cancelled])


def test_O7_a_final_revenue_in_another_currency_is_refused(desk):
    deal = desk.deal(expected_revenue="1000")
    with pytest.raises(Refused, match=r"Final revenue: .*5.00 is not in EUR"):
        desk.do(deal, "win", final_revenue="5USD")


def test_O7_an_amount_without_a_currency_is_in_that_of_the_deal(desk):
    deal = desk.deal(expected_revenue="1000USD")
    desk.do(deal, "win", final_revenue="5")
    assert desk.end(deal)[2] == "5.00 USD"


def test_O7_sums_are_per_currency(desk):
    desk.deals({"expected_revenue": "10"}, {"expected_revenue": "20USD"}, {"expected_revenue": "5"})
    assert desk.sum("expected") == {"EUR": "15.00", "USD": "20.00"}


def test_O7_the_currency_of_a_deal_whose_phase_history_has_amounts_stays(desk):
    deal = desk.deal(expected_revenue="10")
    with pytest.raises(Refused, match=r"cannot change its currency.*: make a new one in USD"):
        desk.edit(deal, currency="USD", expected_revenue="10USD")


# ---- what is shown -----------------------------------------------------------------------------


def test_O8_the_contacts_of_a_deal_stand_with_their_roles(desk):
    deal = desk.deal()
    anne = desk.create("contact", first_name="Anne", last_name="Le Goff", job_title="Director")
    bob = desk.create("contact", last_name="Bob")

    def unit(work):
        relations.link(work, bob, "involved_in", deal)
        relations.link(work, anne, "involved_in", deal, role="decision_maker")

    desk.crm.write(unit)
    with desk.crm.read() as work:
        shown = blocks.contacts_of(work, reading.get(work, "opportunity", deal))
        assert [(c.label, c.role and c.role.key, c.job_title) for c in shown] == [
            ("Anne Le Goff", "decision_maker", "Director"),
            ("Bob", None, None),
        ]


def test_O8_a_target_shows_its_latest_deals(desk):
    old, new = desk.deals({"start_date": "2025-01-01"}, {"start_date": "2026-01-01"})
    desk.deal(target=desk.create("organisation", name="Another"))
    with desk.crm.read() as work:
        data = blocks.deals_of(work, reading.get(work, "organisation", desk.target))
    assert [d.id for d in data.deals] == [new, old]
    assert data.count == 2


def test_O8_a_target_says_how_many_older_deals_it_has(desk):
    desk.deals(*({} for _deal in range(23)))
    with desk.crm.read() as work:
        data = blocks.deals_of(work, reading.get(work, "organisation", desk.target))
        _table, note = blocks.lay_out_deals(work, data)
    assert (len(data.deals), data.count) == (20, 23)
    assert str(note.text) == "... and 3 older ones."


def test_a_role_comes_from_its_list(desk):
    deal, anne = desk.deal(), desk.create("contact", last_name="Anne")
    with pytest.raises(Exception, match="is not in the list contact_role"):
        desk.crm.write(lambda work: relations.link(work, anne, "involved_in", deal, role="chief"))


def statements_of_show(desk, count_statements, size):
    from besace.crud import show

    deal = desk.deal()

    def unit(work):
        people = entities.create_many(work, "contact", [{"last_name": f"C{n}"} for n in range(size)])
        relations.link_many(work, [relations.Link(p, "involved_in", deal, {"role": "buyer"}) for p in people])
        parts.add_many(work, PhaseChange, [(deal, {"to_phase": "proposal", "at": "today"})] * size)

    desk.crm.write(unit)
    with desk.crm.read() as work, count_statements(work) as seen:
        show(work, reading.get(work, "opportunity", deal))
        return seen.count


def test_showing_a_deal_costs_the_same_whatever_hangs_on_it(desk, count_statements):
    counts = [statements_of_show(desk, count_statements, size) for size in (1, 10, 1000)]
    assert counts[0] == counts[1] == counts[2] <= 12
