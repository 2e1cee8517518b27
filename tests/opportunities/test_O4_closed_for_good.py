from datetime import date

import pytest
from sqlalchemy.orm import Mapped

from besace import Part, entities, fields, hookimpl, lists, parts, reading, relations
from besace.changes import history
from besace.errors import Refused
from besace_opportunities.operations import follow_up
from besace_opportunities.phases import OpportunityClosed

from .conftest import Desk

TODAY = date(2026, 3, 14)
EARLIER = date(2026, 3, 10)


@pytest.fixture
def lost(desk):
    return desk.deal(phase="lost", expected_revenue="1000", loss_reason="price", close_date=EARLIER)


def test_O4_the_error_names_the_way_on(desk, lost):
    with pytest.raises(OpportunityClosed) as error:
        desk.do(lost, "move", phase="negotiation")
    assert str(error.value) == (
        f'Opportunity {lost} "CRM for SNCF" was lost on 2026-03-10 and cannot go back to "Negotiation". '
        f"Follow it up: besace opportunity follow-up {lost}"
    )
    assert (error.value.code, error.value.exit_code) == ("opportunity_closed", 1)


@pytest.mark.parametrize("phase", ["prospecting", "negotiation", "won", "cancelled"])
def test_O4_no_door_moves_a_closed_deal(desk, lost, phase):
    before = desk.values(lost)
    with pytest.raises(OpportunityClosed, match=f"follow-up {lost}"):
        desk.edit(lost, phase=phase, final_revenue="5" if phase == "won" else None)
    with pytest.raises(OpportunityClosed, match=f"follow-up {lost}"):
        desk.crm.write(lambda work: entities.edit_many(work, "opportunity", {lost: {"phase": phase}}))
    assert desk.values(lost) == before


def test_O4_closed_to_another_end_names_the_correction_too(desk, lost):
    with pytest.raises(OpportunityClosed, match=f"opportunity correct {lost} --phase won --reason TEXT"):
        desk.do(lost, "win")


def test_O4_closing_twice_is_refused(desk, lost):
    with pytest.raises(Refused, match="was already lost on 2026-03-10"):
        desk.do(lost, "lose")


def test_O4_everything_else_of_a_closed_deal_may_change(desk, lost):
    desk.edit(lost, name="New name", description="What we learnt", loss_reason="competitor")
    assert desk.end(lost) == ("lost", EARLIER, None, "competitor")


def test_O4_moving_to_its_own_phase_changes_nothing(desk, lost):
    desk.do(lost, "move", phase="lost")
    assert desk.values(lost)["version"] == 1


class Wish(Part, of="opportunity", key="wish", label="Wish", plural="Wishes", copied=("what",)):
    """Something that another plugin keeps with a deal."""

    what: Mapped[str] = fields.text("What")
    granted: Mapped[bool] = fields.boolean("Granted")


class Wishes:
    """A plugin that opportunities know nothing of."""

    @hookimpl
    def register_part_types(self):
        return [Wish]


WISHES = Wishes()


# ---- follow up ---------------------------------------------------------------------------------


def related(desk, deal):
    with desk.crm.read() as work:
        return {(r.relation, r.forward, r.id, *r.attributes.values()) for r in relations.related(work, deal)}


def test_O4_a_follow_up_is_a_new_open_deal_with_the_same_target(desk, lost):
    new = desk.values(desk.do(lost, "follow_up"))
    assert (new["name"], new["target"], new["phase"]) == ("CRM for SNCF", desk.target, "prospecting")
    assert new["start_date"] == TODAY
    assert desk.end(lost)[0] == "lost"


def test_O4_of_the_amounts_a_follow_up_takes_the_expected_revenue_alone(desk):
    won = desk.deal(phase="won", expected_revenue="10USD", final_revenue="9USD", probability=30, currency="USD")
    new = desk.values(desk.do(won, "follow_up"))
    assert (str(new["expected_revenue"]), new["final_revenue"], new["probability"]) == (
        "10.00 USD",
        None,
        None,
    )


def test_O4_a_follow_up_takes_the_contacts_with_their_roles_and_nothing_else(desk, lost):
    anne = desk.create("contact", last_name="Anne")
    bob = desk.create("contact", last_name="Bob")
    older = desk.deal(phase="cancelled")

    def unit(work):
        relations.link(work, anne, "involved_in", lost, role="buyer")
        relations.link(work, bob, "involved_in", lost)
        relations.link(work, lost, "follows_up", older)

    desk.crm.write(unit)
    new = desk.do(lost, "follow_up")
    assert related(desk, new) == {
        ("involved_in", False, anne, "buyer"),
        ("involved_in", False, bob),
        ("follows_up", True, lost),
    }


def test_O4_a_role_that_was_disabled_since_does_not_hinder_a_follow_up(desk, lost):
    anne = desk.create("contact", last_name="Anne")
    desk.crm.write(lambda work: relations.link(work, anne, "involved_in", lost, role="buyer"))
    desk.crm.write(lambda work: lists.edit(work, "contact_role", "buyer", disabled=True))
    assert ("involved_in", False, anne) in related(desk, desk.do(lost, "follow_up"))


def test_O4_a_follow_up_belongs_to_who_makes_it_and_may_have_a_name(desk):
    bob = desk.create("user", name="bob")
    lost = desk.deal(phase="lost", owner=bob)
    new = desk.values(desk.do(lost, "follow_up", name="Second try"))
    assert new["name"] == "Second try"
    assert new["owner"] not in (None, bob)


def test_O4_a_follow_up_takes_the_parts_that_say_so_of_whatever_plugin(make_install, count_statements):
    desk = Desk(make_install("persons", "opportunities", plugins={"wishes": WISHES}))

    def followed(wishes):
        lost = desk.deal(phase="lost")
        rows = [(lost, {"what": f"W{n}", "granted": True}) for n in range(wishes)]
        desk.crm.write(lambda work: parts.add_many(work, Wish, rows))
        with desk.crm.write() as work:
            deal = reading.get(work, "opportunity", lost)
            with count_statements(work) as seen:
                new = follow_up(work, deal)
            kept = [(w.what, w.granted) for w in reading.parts_of(work, Wish, [new.id])]
        return seen.count, kept, len(desk.steps(new.id))

    cost, kept, steps = followed(2)
    assert (kept, steps) == ([("W0", False), ("W1", False)], 1)
    assert followed(50)[0] == cost


def test_O4_an_open_deal_is_not_followed_up(desk):
    with pytest.raises(Refused, match=r"is still open.*besace opportunity move"):
        desk.do(desk.deal(), "follow_up")


# ---- correct -----------------------------------------------------------------------------------


def test_O4_correcting_to_an_open_phase_empties_what_no_longer_holds(desk, lost):
    desk.do(lost, "correct", phase="negotiation", reason="Wrong button")
    assert desk.end(lost) == ("negotiation", None, None, None)


def test_O4_correcting_lost_to_won_keeps_the_day_and_takes_the_expected_revenue(desk, lost):
    desk.do(lost, "correct", phase="won", reason="Wrong button")
    assert desk.end(lost) == ("won", EARLIER, "1000.00 EUR", None)


def test_O4_correcting_won_to_lost_empties_the_final_revenue(desk):
    won = desk.deal(phase="won", final_revenue="5", close_date=EARLIER)
    desk.do(won, "correct", phase="lost", reason="Wrong button", loss_reason="price", on="2026-03-11")
    assert desk.end(won) == ("lost", date(2026, 3, 11), None, "price")


def test_O4_a_correction_obeys_the_rules_of_closing(desk):
    lost = desk.deal(phase="lost")
    with pytest.raises(Refused, match="needs a final revenue"):
        desk.do(lost, "correct", phase="won", reason="Wrong button")
    with pytest.raises(Refused, match="open opportunity has no closing date"):
        desk.do(lost, "correct", phase="proposal", reason="Wrong button", on="2026-03-10")


def test_O4_the_reason_stands_in_the_history_of_the_phases_and_of_the_change(desk, lost):
    desk.do(lost, "correct", phase="won", reason="Wrong button")
    assert [step[-1] for step in desk.steps(lost)] == [None, "Wrong button"]
    with desk.crm.read() as work:
        assert {line.reason for line in history(work, lost) if line.field == "phase"} == {
            None,
            "Wrong button",
        }


def test_O4_the_reason_is_kept_in_a_unit_that_had_already_changed_something(desk, lost):
    def unit(work):
        deal = reading.get(work, "opportunity", lost)
        entities.edit(work, deal, description="Let us see")
        correct = work.crm.registry.type("opportunity").operations["correct"].run
        correct(work, deal, phase="won", reason="Wrong button")

    desk.crm.write(unit)
    with desk.crm.read() as work:
        assert [line.reason for line in history(work, lost) if line.field == "description"] == ["Wrong button"]


def test_O4_a_deal_can_be_corrected_again_for_the_same_reason(desk, lost):
    for phase in ("won", "lost", "negotiation"):
        desk.do(lost, "correct", phase=phase, reason="Wrong button")
    values = desk.values(lost)
    assert (values["phase"], values["corrections"]) == ("negotiation", 3)


def test_O4_a_corrected_deal_is_as_closed_as_any(desk, lost):
    desk.do(lost, "correct", phase="won", reason="Wrong button")
    with pytest.raises(OpportunityClosed):
        desk.do(lost, "move", phase="negotiation")


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"phase": "won", "reason": " "}, "Give --reason"),
        ({"phase": "won"}, "Give --reason"),
        ({"reason": "Wrong button"}, "Give --phase"),
        ({"phase": "lost", "reason": "Wrong button"}, 'already is in the phase "Lost"'),
    ],
)
def test_O4_a_correction_needs_another_phase_and_a_reason(desk, lost, given, sentence):
    with pytest.raises(Exception, match=sentence):
        desk.do(lost, "correct", **given)


def test_O4_an_open_deal_has_no_outcome_to_correct(desk):
    with pytest.raises(Refused, match=r"is open.*besace opportunity move"):
        desk.do(desk.deal(), "correct", phase="won", reason="Wrong button")


@pytest.mark.parametrize("field", ["corrections", "correction_reason"])
def test_O4_nobody_sets_the_corrections_by_hand(desk, lost, field):
    with pytest.raises(Refused, match="cannot be set by hand"):
        desk.edit(lost, phase="won", **{field: "5"})


def test_O4_correcting_needs_its_own_right(desk):
    operations = desk.crm.registry.type("opportunity").operations
    assert {o.right for o in operations.values()} == {"read", "write", "correct"}
    assert operations["correct"].right == "correct"
