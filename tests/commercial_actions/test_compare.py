from __future__ import annotations

from typing import Any

import pytest

from besace.errors import ConditionError

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
