"""`besace verify` of deals that were changed by hand (rule O3)."""

import pytest

from besace.verification import runs


def told(desk):
    verdict = next(v for v in runs.run(desk.crm) if v.key == "ends")
    return [(str(f.message), str(f.hint)) for f in verdict.findings]


@pytest.fixture
def ended(desk):
    """Deals of every outcome, in their own order."""
    deals = desk.deals(
        {"phase": "proposal"}, {"phase": "won", "final_revenue": "5EUR"}, {"phase": "lost", "loss_reason": "price"},
        {"phase": "cancelled"},
    )  # fmt: skip
    assert told(desk) == []
    return deals


@pytest.mark.parametrize(
    ("place", "change", "problem", "way_on"),
    [
        (0, "close_date = '2026-01-01'", "An open opportunity has no closing date.", "edit {} --clear close_date"),
        (0, "final_revenue = 100", "Only a won opportunity has a final revenue.", "edit {} --clear final_revenue"),
        (0, "loss_reason_key = 'price'", "Only a lost opportunity has a loss reason.", "edit {} --clear loss_reason"),
        (1, "close_date = NULL", "A closed opportunity keeps its closing date.", "edit {} --close-date VALUE"),
        (1, "final_revenue = NULL", "A won opportunity needs a final revenue.", "edit {} --final-revenue VALUE"),
        (2, "final_revenue = 0", "Only a won opportunity has a final revenue.", "edit {} --clear final_revenue"),
        (3, "loss_reason_key = 'price'", "Only a lost opportunity has a loss reason.", "edit {} --clear loss_reason"),
    ],
)
def test_O3_a_deal_keeps_of_its_end_what_its_outcome_wants(
    desk, ended, damage, run, place, change, problem, way_on
):  # fmt: skip
    deal = ended[place]
    damage(desk.crm, f"UPDATE opportunity SET {change} WHERE id = {deal}")
    ((sentence, hint),) = told(desk)
    assert sentence == f'Opportunity {deal} "CRM for SNCF": {problem}' or sentence.endswith(f": {problem}")
    assert hint.endswith(way_on.format(deal))
    assert next(v for v in runs.run(desk.crm, fix=True) if v.key == "ends").found == 1
    value = "2026-02-02" if "date" in change else "5EUR"
    words = hint.partition("besace ")[2].replace("VALUE", value).split()
    assert run(desk.crm, *words).exit_code == 0
    assert told(desk) == []


def test_O3_a_promise_broken_in_the_trash_is_told_too(desk, ended, damage):
    damage(
        desk.crm, f"UPDATE opportunity SET close_date = NULL WHERE id = {ended[3]}",
        f"INSERT INTO trash (entity_id, at, change_id) SELECT {ended[3]}, created_at, 1 FROM entity WHERE id = 1",
    )  # fmt: skip
    assert len(told(desk)) == 1
