from datetime import date

import pytest
import sqlalchemy as sa

from besace import bin, entities, lists, relations
from besace.errors import Refused, UsageError
from besace.model import trash

TODAY = date(2026, 3, 14)
EARLIER = date(2026, 3, 10)


def test_O3_winning_stores_the_day_and_the_expected_revenue(desk):
    deal = desk.deal(expected_revenue="1000")
    desk.do(deal, "win")
    assert desk.end(deal) == ("won", TODAY, "1000.00 EUR", None)


def test_O3_winning_takes_another_revenue_and_day(desk):
    deal = desk.deal(expected_revenue="1000")
    desk.do(deal, "win", final_revenue="900", on="2026-03-10")
    assert desk.end(deal) == ("won", EARLIER, "900.00 EUR", None)


def test_O3_winning_without_any_revenue_is_refused_and_stores_nothing(desk):
    deal = desk.deal()
    with pytest.raises(Refused, match=r"needs a final revenue. Give it with --final-revenue"):
        desk.do(deal, "win")
    assert desk.end(deal) == ("prospecting", None, None, None)


def test_O3_losing_may_take_a_reason_and_stores_no_final_revenue(desk):
    with_reason, without = desk.deal(expected_revenue="1000"), desk.deal()
    desk.do(with_reason, "lose", reason="price", on="2026-03-10")
    desk.do(without, "lose")
    assert desk.end(with_reason) == ("lost", EARLIER, None, "price")
    assert desk.end(without) == ("lost", TODAY, None, None)


def test_O3_cancelling_closes(desk):
    deal = desk.deal(expected_revenue="1000")
    desk.do(deal, "cancel")
    assert desk.end(deal) == ("cancelled", TODAY, None, None)


def test_O3_moving_into_a_closed_phase_is_closing(desk):
    deal = desk.deal(expected_revenue="1000")
    desk.do(deal, "move", phase="won")
    assert desk.end(deal) == ("won", TODAY, "1000.00 EUR", None)


def test_O3_editing_the_phase_is_closing(desk):
    deal = desk.deal(expected_revenue="1000")
    desk.edit(deal, phase="won", final_revenue="5")
    assert desk.end(deal) == ("won", TODAY, "5.00 EUR", None)


def test_O3_a_batch_created_closed_obeys(desk):
    won, lost, cancelled = desk.deals(
        {"phase": "won", "expected_revenue": "1000", "close_date": EARLIER},
        {"phase": "lost", "loss_reason": "timing", "final_revenue": "0"},
        {"phase": "cancelled"},
    )
    assert desk.end(won) == ("won", EARLIER, "1000.00 EUR", None)
    assert desk.end(lost) == ("lost", TODAY, None, "timing")
    assert desk.end(cancelled) == ("cancelled", TODAY, None, None)


@pytest.mark.parametrize(
    ("row", "sentence"),
    [
        ({"phase": "won"}, "needs a final revenue"),
        ({"phase": "lost", "final_revenue": "5"}, "Only a won opportunity"),
        ({"close_date": EARLIER}, "open opportunity has no closing date"),
        ({"phase": "won", "final_revenue": "5", "loss_reason": "price"}, "Only a lost opportunity"),
    ],
)
def test_O3_a_batch_with_one_wrong_row_stores_none(desk, row, sentence):
    with pytest.raises(Refused, match=sentence):
        desk.deals({}, row)
    assert desk.found("open or not open") == []


@pytest.mark.parametrize("field", ["close_date", "final_revenue", "loss_reason"])
def test_O3_an_open_deal_is_given_no_end(desk, field):
    deal = desk.deal()
    given = {"close_date": "today", "final_revenue": "5", "loss_reason": "price"}[field]
    with pytest.raises(Refused, match="opportunity has"):
        desk.edit(deal, **{field: given})


def test_O3_an_install_can_require_a_loss_reason(desk):
    deal = desk.deal()
    desk.set("require_loss_reason", "yes")
    with pytest.raises(Refused, match=r"needs a loss reason here. Choose one of: besace list show loss_reason"):
        desk.do(deal, "lose")
    desk.do(deal, "lose", reason="price")
    assert desk.end(deal)[3] == "price"


def test_O3_a_deal_lost_before_reasons_were_required_can_still_be_edited(desk):
    deal = desk.deal(phase="lost")
    desk.set("require_loss_reason", "yes")
    desk.edit(deal, name="Another name")
    assert desk.values(deal)["name"] == "Another name"


def test_O3_an_unknown_reason_lists_those_that_there_are(desk):
    with pytest.raises(UsageError, match=r"There are: price, competitor|Did you mean price"):
        desk.do(desk.deal(), "lose", reason="prize")


def test_O3_the_end_of_a_closed_deal_may_be_made_precise(desk):
    deal = desk.deal(expected_revenue="1000", phase="won")
    desk.edit(deal, final_revenue="1100", close_date=EARLIER)
    assert desk.end(deal) == ("won", EARLIER, "1100.00 EUR", None)


def test_O3_winning_uses_the_first_won_phase_that_is_not_disabled(desk):
    def unit(work):
        lists.add(work, "sales_phase", "signed", label="Signed", outcome="won")
        lists.edit(work, "sales_phase", "won", disabled=True)

    desk.crm.write(unit)
    deal = desk.deal(expected_revenue="5")
    desk.do(deal, "win")
    assert desk.end(deal)[0] == "signed"


# ---- winning makes a customer ------------------------------------------------------------------


@pytest.fixture
def us(desk):
    us = desk.create("organisation", name="Us", ours=True)
    desk.set("own_organisation", us)
    return us


def customers(desk, us):
    with desk.crm.read() as work:
        return [r.id for r in relations.related(work, us, relation="customer_of")]


def test_O3_winning_makes_the_target_a_customer(desk, us):
    deal = desk.deal(expected_revenue="5")
    assert customers(desk, us) == []
    desk.do(deal, "win")
    assert customers(desk, us) == [desk.target]


def test_O3_a_batch_created_won_makes_each_target_a_customer_once(desk, us):
    person = desk.create("contact", last_name="Le Goff")
    desk.deals(*[{"phase": "won", "final_revenue": "5", "target": t} for t in (desk.target, person, person)], {})
    assert sorted(customers(desk, us)) == sorted([desk.target, person])


def test_O3_a_setting_switches_it_off(desk, us):
    desk.set("winning_makes_customer", "no")
    desk.do(desk.deal(expected_revenue="5"), "win")
    assert customers(desk, us) == []


def test_O3_no_own_organisation_no_link(desk):
    deal = desk.deal(phase="won", final_revenue="5")
    with desk.crm.read() as work:
        assert relations.related(work, desk.target) == []
    assert desk.end(deal)[0] == "won"


def test_O3_we_are_no_customer_of_ourselves(desk, us):
    desk.deal(phase="won", final_revenue="5", target=us)
    assert customers(desk, us) == []


@pytest.mark.parametrize("who", ["us", "target"])
def test_O3_what_is_in_the_trash_is_linked_to_nothing_and_hinders_nothing(desk, us, who):
    deal = desk.deal(expected_revenue="5")
    if who == "us":  # as deleting it left it before that was refused
        desk.crm.write(lambda w: w.execute(sa.insert(trash).values(entity_id=us, at=w.now, change_id=w.change_id)))
    else:
        desk.crm.write(lambda work: bin.delete(work, [desk.target]))
    desk.do(deal, "win")
    with desk.crm.read() as work:
        assert relations.related(work, us) == []


def test_O3_losing_and_editing_a_won_deal_make_no_customer(desk, us):
    desk.deal(phase="lost")
    desk.set("winning_makes_customer", "no")
    deal = desk.deal(phase="won", final_revenue="5")
    desk.set("winning_makes_customer", "yes")
    desk.edit(deal, final_revenue="6")
    assert customers(desk, us) == []


# ---- batches -----------------------------------------------------------------------------------


def statements(desk, count_statements, size):
    row = {"name": "Deal", "target": desk.target, "phase": "won", "expected_revenue": "5"}

    def unit(work):
        work.change_id, work.items("sales_phase"), work.setting("currency")
        with count_statements(work) as seen:
            entities.create_many(work, "opportunity", [row] * size)
        return seen.count

    return desk.crm.write(unit)


def test_O3_a_batch_costs_the_same_statements_whatever_its_size(desk, us, count_statements):
    statements(desk, count_statements, 1)  # the first one makes the customer
    assert statements(desk, count_statements, 10) == statements(desk, count_statements, 1000) <= 15


def statements_of_winning(desk, count_statements, size):
    deals = desk.deals(*[{"expected_revenue": "5"}] * size)

    def unit(work):
        with count_statements(work) as seen:
            entities.edit_many(work, "opportunity", {deal: {"phase": "won"} for deal in deals})
        return seen.count

    return desk.crm.write(unit)


def test_O3_winning_a_batch_costs_the_same_statements_whatever_its_size(desk, us, count_statements):
    statements_of_winning(desk, count_statements, 1)  # the first one makes the customer
    few, many = (statements_of_winning(desk, count_statements, size) for size in (10, 1000))
    assert few == many <= 20
    assert customers(desk, us) == [desk.target]
