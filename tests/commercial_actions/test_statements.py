from __future__ import annotations

from typing import Any

import pytest

from besace import entities, parts, relations
from besace.crud import show
from besace.reading import get
from besace.relations import Link
from besace_commercial_actions import operations
from besace_commercial_actions.models import Objective


def make(work: Any, *, actions: int, rows: int) -> list[int]:
    """Actions with three objectives each, and so many linked entities of two types each."""
    dates = {"start_date": "2026-03-05", "end_date": "2026-03-24"}
    made = entities.create_many(work, "commercial_action", [{"title": f"A{n}", **dates} for n in range(actions)])
    goals = [
        {"name": "Met", "target": 5, "counts": "company", "where": 'name ~ "c"'},
        {"name": "Won", "target": 5, "counts": "deal", "condition": "won"},
        {"name": "Sold", "target": 5, "counts": "deal", "sum": "final"},
    ]
    parts.add_many(work, Objective, [(action, goal) for action in made for goal in goals])
    deal = {"name": "D", "stage": "signed", "final_revenue": 3, "probability": 5, "expected_revenue": 7}
    deals = entities.create_many(work, "deal", [deal] * rows)
    companies = entities.create_many(work, "company", [{"name": "C"}] * rows)
    links = [Link(i, "fulfils_goal", a) for place, a in enumerate(made) for i in (*deals, *companies) if not place]
    links += [Link(deals[0], "fulfils_goal", action) for action in made[1:]]
    relations.link_many(work, links)
    return made


@pytest.mark.parametrize("rows", [1, 10, 1000])
def test_C3_progress_costs_the_same_whatever_is_linked(crm: Any, count_statements: Any, rows: int) -> None:
    (fair,) = crm.write(lambda work: make(work, actions=1, rows=rows))
    with crm.read() as work:
        action = get(work, "commercial_action", fair)
        with count_statements(work) as seen:
            found = operations.progress(work, action)
    assert [str(o.value) for o in found.objectives] == [str(rows), str(rows), f"{rows * 3}.00 EUR"]
    assert seen.count == 2 + 2  # objectives, linked types; companies, deals


@pytest.mark.parametrize("rows", [1, 10, 1000])
def test_showing_an_action_costs_the_same_whatever_is_linked(crm: Any, count_statements: Any, rows: int) -> None:
    (fair,) = crm.write(lambda work: make(work, actions=1, rows=rows))
    with crm.read() as work:
        action = get(work, "commercial_action", fair)
        with count_statements(work) as seen:
            show(work, action)
    assert seen.count == 7  # those of progress, the deals, the list of their stages, the actions that it fulfils


def test_C8_a_thousand_actions_cost_as_many_statements_as_one(crm: Any, count_statements: Any) -> None:
    crm.write(lambda work: make(work, actions=1000, rows=2))
    with crm.read() as work, count_statements(work) as seen:
        found = operations.compare(work, [])
    assert len(found.actions) == 1000
    assert sum(row.deals for row in found.total.revenue) == 2
    assert seen.count == 3 + 2 + 1  # actions, objectives, linked types; companies, deals; the deals together


@pytest.mark.parametrize("years", [1, 40])
def test_C8_groups_cost_one_statement_more_for_each_type_with_revenue(
    crm: Any, count_statements: Any, years: int
) -> None:
    made = crm.write(lambda work: make(work, actions=40, rows=2))
    crm.write(
        lambda work: entities.edit_many(
            work, "commercial_action", {a: {"start_date": f"{1900 + n % years}-01-01"} for n, a in enumerate(made)}
        )
    )
    with crm.read() as work, count_statements(work) as seen:
        found = operations.compare(work, [], by="year")
    assert [group.actions for group in found.groups] == [40 // years] * years
    assert seen.count == 3 + 2 + 1 + 1  # those of a comparison; the deals by group


def test_a_counter_costs_one_statement(crm: Any, office: Any, count_statements: Any) -> None:
    made = crm.write(lambda work: make(work, actions=20, rows=2))
    for action in made[:3]:
        office.objective(action, counter="companies_behind")
    with crm.read() as work, count_statements(work) as seen:
        operations.compare(work, [])
    assert seen.count == 3 + 2 + 1 + 1


def test_C3_a_type_of_which_nothing_is_linked_is_not_read(crm: Any, office: Any, count_statements: Any) -> None:
    fair = office.fair()
    office.objective(fair, counts="paper", condition="sent")
    with crm.read() as work:
        action = get(work, "commercial_action", fair)
        with count_statements(work) as seen:
            operations.progress(work, action)
    assert seen.count == 2
