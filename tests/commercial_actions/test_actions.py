from __future__ import annotations

from typing import Any

import pytest

from besace.errors import BesaceError, Refused
from besace.reading import get


def test_C1_an_action_needs_a_title_a_start_and_an_end(office: Any) -> None:
    assert office.crm.registry.type("commercial_action").key == "commercial_action"
    for missing in ("title", "start_date", "end_date"):
        with pytest.raises(Refused, match="is required"):
            office.fair(**{missing: None})


def test_C1_an_action_may_last_one_day(office: Any) -> None:
    fair = office.fair(start_date="2026-03-05", end_date="2026-03-05")
    assert office.progress(fair)["elapsed_percent"] == 100


def test_C1_an_action_does_not_end_before_it_starts(office: Any) -> None:
    with pytest.raises(Refused, match="cannot end on 2026-03-04, before it starts on 2026-03-05"):
        office.fair(end_date="2026-03-04")


def test_C1_nor_does_it_after_an_edit_of_one_of_the_two(office: Any) -> None:
    fair = office.fair()
    with pytest.raises(Refused, match="before it starts on 2026-03-25"):
        office.edit("commercial_action", fair, start_date="2026-03-25")


def test_C1_an_action_keeps_all_that_one_plans(office: Any) -> None:
    fair = office.fair(
        goal="Be seen", action_type="trade_fair", expected_revenue="20000", planned_cost="3000", actual_cost=0
    )
    with office.crm.read() as work:
        action = get(work, "commercial_action", fair)
        assert (str(action.action_type), action.goal, action.owner.label) == (
            "Trade fair",
            "Be seen",
            "alice",
        )
        assert [str(m) for m in (action.expected_revenue, action.planned_cost, action.actual_cost)] == [
            "20000.00 EUR",
            "3000.00 EUR",
            "0.00 EUR",
        ]


def test_C1_costs_and_revenue_are_not_negative(office: Any) -> None:
    for field in ("expected_revenue", "planned_cost", "actual_cost"):
        with pytest.raises(BesaceError, match="below the minimum of 0"):
            office.fair(**{field: "-1"})


def test_C1_segments_are_those_of_the_administrator(office: Any) -> None:
    from besace import lists

    assert office.crm.registry.lists["segment"].__items__ == ()
    office.crm.write(lambda work: lists.add(work, "segment", "rail", label="Railways"))
    fair = office.fair(segment="rail")
    with office.crm.read() as work:
        assert str(get(work, "commercial_action", fair).segment) == "Railways"


def test_O7_an_action_with_targets_in_money_keeps_its_currency(office: Any) -> None:
    fair = office.fair()
    office.objective(fair, target="500", counts="deal", sum="final")
    with pytest.raises(Refused, match="the targets of its objectives are in EUR"):
        office.edit("commercial_action", fair, currency="USD")


def test_O7_an_action_that_only_counts_may_change_its_currency(office: Any) -> None:
    fair = office.fair()
    office.objective(fair, counts="deal")
    office.edit("commercial_action", fair, currency="USD")
    assert office.progress(fair)["cost"]["currency"] == "USD"
