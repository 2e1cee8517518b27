import threading
from datetime import date

import pytest

from besace import entities, lists
from besace.errors import InvalidValue, NotFound, Refused, UsageError
from besace.testing.fixtures import on_postgresql

TODAY = date(2026, 3, 14)


def test_O1_a_deal_needs_a_name_and_a_target_alone(desk):
    values = desk.values(desk.deal())
    assert (values["target"], values["phase"], values["start_date"]) == (desk.target, "prospecting", TODAY)
    assert values["expected_revenue"] is values["expected_close_date"] is values["probability"] is None


@pytest.mark.parametrize(("field", "label"), [("target", "Target"), ("name", "Name")])
def test_O1_a_deal_without_one_of_these_is_refused(desk, field, label):
    with pytest.raises(Refused, match=f"{label} is required"):
        desk.deal(**{field: None})


@pytest.mark.parametrize(("field", "label"), [("target", "Target"), ("phase", "Phase"), ("start_date", "Start date")])
def test_O1_a_deal_keeps_them(desk, field, label):
    deal = desk.deal()
    with pytest.raises(Refused, match=f"{label} is required"):
        desk.edit(deal, **{field: None})


def test_O1_a_contact_can_be_the_target(desk):
    contact = desk.create("contact", last_name="Le Goff")
    assert desk.values(desk.deal(target=contact))["target"] == contact


def test_O1_nothing_else_can_be_the_target(desk):
    deal = desk.deal()
    with pytest.raises(Refused, match=r"Target cannot be Opportunity .* Expected one of these types"):
        desk.deal(target=deal)
    with pytest.raises(NotFound, match="no entity 999"):
        desk.deal(target=999)


def test_O1_a_deal_begins_in_the_first_open_phase_that_is_not_disabled(desk):
    def unit(work):
        lists.edit(work, "sales_phase", "prospecting", disabled=True)
        lists.edit(work, "sales_phase", "proposal", order=1)

    desk.crm.write(unit)
    assert desk.values(desk.deal())["phase"] == "proposal"


def test_O1_no_open_phase_to_begin_in_gets_a_sentence(desk):
    for key in ("prospecting", "qualified", "proposal", "negotiation"):
        desk.crm.write(lambda work, key=key: lists.edit(work, "sales_phase", key, disabled=True))
    with pytest.raises(Refused, match="No sales phase with the outcome open"):
        desk.deal()


@pytest.mark.parametrize("percent", ["-1", "101", "12.5", "ten"])
def test_O1_a_probability_is_a_whole_percent(desk, percent):
    with pytest.raises((Refused, InvalidValue), match="Probability"):
        desk.deal(probability=percent)


def test_O1_revenue_is_not_negative(desk):
    with pytest.raises(Refused, match=r"Expected revenue: .* below the minimum"):
        desk.deal(expected_revenue="-1")


def edit_phase(desk, key, **values):
    return desk.crm.write(lambda work: lists.edit(work, "sales_phase", key, **values))


def test_O2_the_outcome_of_a_phase_in_use_stays(desk):
    desk.deal(phase="proposal")
    with pytest.raises(Refused, match='The phase "proposal" is in use 2 times: its outcome cannot change'):
        edit_phase(desk, "proposal", outcome="won")


def test_O2_a_phase_that_a_deal_was_once_in_is_in_use(desk):
    deal = desk.deal(phase="proposal")
    desk.do(deal, "move", phase="negotiation")
    with pytest.raises(Refused, match="in use"):
        edit_phase(desk, "proposal", outcome="won")


def test_O2_the_outcome_of_an_unused_phase_may_change(desk):
    assert edit_phase(desk, "proposal", outcome="cancelled").outcome == "cancelled"


def test_O2_rules_look_at_the_outcome_and_never_at_the_label(desk):
    edit_phase(desk, "lost", label="Won!")
    desk.crm.write(lambda work: lists.add(work, "sales_phase", "signed", label="Lost", outcome="won", probability=5))
    deal = desk.deal(phase="signed", expected_revenue="10")
    assert desk.found("won") == [deal]
    assert desk.sum("weighted") == {"EUR": "10.00"}


def test_O2_a_phase_needs_an_outcome_that_we_know(desk):
    with pytest.raises(UsageError, match=r"There are: open, won, lost, cancelled"):
        edit_phase(desk, "lost", outcome="nearly")
    with pytest.raises(Refused, match="Outcome is required"):
        desk.crm.write(lambda work: lists.add(work, "sales_phase", "new", label="New"))


def test_O2_a_phase_in_use_may_be_renamed_and_weighed_anew(desk):
    desk.deal(phase="proposal", expected_revenue="100")
    edit_phase(desk, "proposal", label="Offer", probability=10)
    assert desk.sum("weighted") == {"EUR": "10.00"}


@on_postgresql
def test_O2_a_phase_that_a_deal_enters_at_this_moment_is_in_use(desk):
    told = []

    def edit():
        with pytest.raises(Refused) as refused:
            edit_phase(desk, "proposal", outcome="won")
        told.append(str(refused.value))

    with desk.crm.write() as work:
        work.items("sales_phase")  # from here on it is judged by what the list says now
        other = threading.Thread(target=edit)
        other.start()
        other.join(1)
        entities.create(work, "opportunity", name="Deal", target=desk.target, phase="proposal")
    other.join(30)
    assert told[0].startswith('The phase "proposal" is in use')
