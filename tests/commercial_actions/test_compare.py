from __future__ import annotations

from typing import Any

import pytest

from besace import lists
from besace.errors import ConditionError, UsageError

from .test_progress import money


def test_C8_actions_side_by_side_show_the_figures_of_their_progress(office: Any) -> None:
    fairs = [office.fair(title=t, actual_cost=100, start_date=d) for t, d in (("B", "2026-03-02"), ("A", "2026-03-01"))]
    for fair in fairs:
        office.objective(fair, counts="deal", condition="won")
        office.linked(fair, "deal", stage="signed", final_revenue=300)
    found = office.compare()
    assert found["actions"] == [office.progress(fair) for fair in reversed(fairs)]
    assert office.compare(*fairs)["actions"] == [office.progress(fair) for fair in fairs]


def test_C8_a_deal_of_two_actions_counts_once_in_the_total(office: Any) -> None:
    fairs = [office.fair(actual_cost=100, expected_revenue=400) for _ in range(2)]
    shared = office.linked(fairs[0], "deal", stage="signed", final_revenue=300, expected_revenue=200)
    office.link(fairs[1], shared)
    found = office.compare()
    assert [one["revenue"][0]["final"] for one in found["actions"]] == [money("300.00")] * 2
    assert [one["return_percent"] for one in found["actions"]] == [200, 200]
    (row,) = found["total"]["revenue"]
    assert (row["deals"], row["won"], row["final"], row["expected"]) == (
        1,
        1,
        money("300.00"),
        money("200.00"),
    )
    assert found["total"]["cost"] == [{"planned": None, "actual": money("200.00"), "currency": "EUR"}]
    assert (found["total"]["return_percent"], found["total"]["attainment_percent"]) == (50, 37)


def test_C8_only_the_named_actions_are_compared(office: Any) -> None:
    one, other = office.fair(), office.fair()
    for fair in (one, other):
        office.linked(fair, "deal", stage="signed", final_revenue=300)
    found = office.compare(other, other)
    assert [a["action"]["id"] for a in found["actions"]] == [other]
    assert found["total"]["revenue"][0]["final"] == money("300.00")


def test_C8_an_action_in_the_trash_is_not_compared(office: Any) -> None:
    fair = office.fair()
    office.linked(fair, "deal", final_revenue=1)
    office.delete(fair)
    found = office.compare()
    assert (found["actions"], found["total"]["revenue"], found["total"]["cost"]) == ([], [], [])


def test_C8_two_currencies_are_never_added(office: Any) -> None:
    euro, dollar = office.fair(actual_cost="100EUR"), office.fair(actual_cost="50USD")
    office.linked(euro, "deal", stage="signed", final_revenue="300EUR")
    office.linked(dollar, "deal", stage="signed", final_revenue="60USD")
    total = office.compare()["total"]
    assert [row["final"] for row in total["revenue"]] == [money("300.00"), money("60.00", "USD")]
    assert [row["actual"] for row in total["cost"]] == [money("100.00"), money("50.00", "USD")]
    assert (total["return_percent"], total["partial"]) == (None, True)


def test_C8_a_condition_narrows_the_deals_and_not_the_objectives(office: Any) -> None:
    fair = office.fair(actual_cost=10)
    office.objective(fair, counts="deal", condition="won")
    for day, amount in (("2026-01-10", 100), ("2026-04-10", 30)):
        office.linked(fair, "deal", stage="signed", closed_on=day, final_revenue=amount)
    found = office.compare(where="closed_on >= 2026-04-01 and closed_on <= 2026-06-30")
    (one,) = found["actions"]
    assert [(r["deals"], r["won"], r["final"]) for r in one["revenue"]] == [(1, 1, money("30.00"))]
    assert found["total"]["revenue"] == one["revenue"]
    assert (one["return_percent"], one["objectives"][0]["value"]) == (200, "2")


def test_C8_a_condition_that_no_deal_meets_leaves_no_revenue(office: Any) -> None:
    fair = office.fair()
    office.linked(fair, "deal")
    found = office.compare(where="name = nobody")
    assert (found["actions"][0]["revenue"], found["total"]["revenue"]) == ([], [])


@pytest.mark.parametrize("where", ["colour = red", "name =", "wonn"])
def test_C8_a_condition_that_fits_nothing_is_refused(office: Any, where: str) -> None:
    office.fair()
    with pytest.raises(ConditionError) as refused:
        office.compare(where=where)
    assert refused.value.position is not None


def groups(office: Any, by: str, *actions: int, **given: Any) -> dict[Any, Any]:
    """The groups of a comparison by what they share, in their order."""
    found = office.compare(*actions, by=by, **given)["groups"]
    return {g["by"]["label"] if isinstance(g["by"], dict) else g["by"]: g for g in found}


def test_C8_groups_have_the_figures_of_their_actions_together(office: Any) -> None:
    for year, cost, revenue in ((2025, 100, 300), (2025, 50, 100), (2026, 100, 50)):
        dates = {"start_date": f"{year}-03-01", "end_date": "2026-12-31"}
        fair = office.fair(actual_cost=cost, expected_revenue=200, **dates)
        office.objective(fair, target=1, counts="deal", condition="won")
        office.objective(fair, target=5, counts="company")
        office.linked(fair, "deal", stage="signed", final_revenue=revenue)
    found = groups(office, "year")
    assert list(found) == [2025, 2026]
    assert [(g["actions"], g["reached"], g["objectives"]) for g in found.values()] == [(2, 2, 4), (1, 1, 2)]
    assert [g["revenue"][0]["final"] for g in found.values()] == [money("400.00"), money("50.00")]
    assert [(g["return_percent"], g["attainment_percent"]) for g in found.values()] == [(166, 100), (-50, 25)]


def test_C8_a_deal_counts_once_in_its_group_and_once_in_the_total(office: Any) -> None:
    stands, calls, mails = (office.fair(action_type=t) for t in ("trade_fair", "phoning", "phoning"))
    shared = office.linked(stands, "deal", stage="signed", final_revenue=300)
    office.link(calls, shared)
    office.link(mails, shared)
    found = office.compare(by="action_type")
    assert [(g["by"], g["revenue"][0]["deals"]) for g in found["groups"]] == [("trade_fair", 1), ("phoning", 1)]
    assert found["total"]["revenue"][0]["final"] == money("300.00")


def test_C8_groups_of_owners_are_named_and_those_of_items_stand_as_in_their_list(office: Any) -> None:
    bob = office.create("user", "bob")
    for key in ("sea", "rail"):
        office.crm.write(lambda work, key=key: lists.add(work, "segment", key, label=key))
    office.fair(owner=bob, segment="rail")
    office.fair()
    office.fair(segment="sea")
    assert {k: v["actions"] for k, v in groups(office, "owner").items()} == {"alice": 2, "bob": 1}
    assert {k: v["actions"] for k, v in groups(office, "segment").items()} == {"sea": 1, "rail": 1, None: 1}
    assert list(groups(office, "segment")) == ["sea", "rail", None]


def test_C8_groups_hold_the_named_actions_and_the_deals_that_fit(office: Any) -> None:
    one, other = office.fair(), office.fair()
    office.linked(one, "deal", "A", stage="signed", final_revenue=1)
    office.linked(one, "deal", "B", stage="signed", final_revenue=2)
    office.linked(other, "deal", "A", stage="signed", final_revenue=4)
    (found,) = groups(office, "year", one, where="name = A").values()
    assert (found["actions"], found["revenue"][0]["final"]) == (1, money("1.00"))


def test_C8_a_group_of_two_currencies_has_no_percentages(office: Any) -> None:
    for cost in ("10EUR", "10USD"):
        office.linked(office.fair(actual_cost=cost), "deal", stage="signed", final_revenue=f"20{cost[-3:]}")
    (found,) = groups(office, "year").values()
    assert [row["currency"] for row in found["revenue"]] == ["EUR", "USD"]
    assert (found["return_percent"], found["partial"]) == (None, True)


def test_C8_a_group_without_deals_has_no_revenue(office: Any) -> None:
    office.fair()
    (found,) = groups(office, "owner").values()
    assert (found["revenue"], found["objectives"]) == ([], 0)


def test_without_by_there_are_no_groups(office: Any) -> None:
    office.fair()
    found = office.compare()
    assert (found["groups"], found["by"]) == ([], None)


def test_actions_are_gathered_by_what_is_known_alone(office: Any) -> None:
    with pytest.raises(UsageError, match='"goal" is not one of the choices'):
        office.compare(by="goal")


def test_a_person_reads_groups_with_their_total(crm: Any, office: Any, run: Any) -> None:
    for kind in ("trade_fair", "trade_fair", None):
        office.linked(office.fair(action_type=kind, actual_cost=5), "deal", stage="signed", final_revenue=10)
    lines = run(crm, "commercial-action", "compare", "--by", "action_type").stdout.splitlines()
    assert lines[1].split()[:4] == ["Type", "Actions", "Reached", "Deals"]
    assert [line.split()[:2] for line in lines[3:5]] == [["Trade", "fair"], ["(empty)", "1"]]
    assert lines[6].split()[:4] == ["Total", "3", "3", "3"]
