"""Whatever fulfils the goal of an action shows that action, in short."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from besace import bin, entities, relations
from besace.crud import show
from besace.reading import get
from besace.relations import Link
from besace_commercial_actions.fulfilled import State, state_of


@pytest.mark.parametrize(
    ("today", "state"),
    [("2026-03-04", "not_started"), ("2026-03-05", "under_way"), ("2026-03-24", "under_way"), ("2026-03-25", "ended")],
)
def test_C1_both_days_are_part_of_an_action(today: str, state: str) -> None:
    assert state_of(date(2026, 3, 5), date(2026, 3, 24), date.fromisoformat(today)) is State(state)


def shown(crm: Any, type_key: str, entity: int) -> Any:
    with crm.read() as work:
        return show(work, get(work, type_key, entity)).blocks["actions"]


def actions(work: Any, count: int) -> list[int]:
    rows = [
        {"title": f"A{n}", "start_date": f"2026-03-{n + 1:02}", "end_date": f"2026-03-{n + 2:02}"} for n in range(count)
    ]
    return entities.create_many(work, "commercial_action", rows)


@pytest.mark.parametrize("type_key", ["company", "user", "commercial_action"])
def test_O8_an_entity_of_any_type_shows_the_actions_whose_goal_it_fulfils(crm: Any, type_key: str) -> None:
    values = {
        "company": {"name": "SNCF"},
        "user": {"name": "bob"},
        "commercial_action": {"title": "Year", "start_date": "2026-01-01", "end_date": "2026-12-31"},
    }[type_key]
    entity = crm.write(lambda work: entities.create(work, type_key, **values).id)
    assert shown(crm, type_key, entity).actions == []
    first, gone, last = crm.write(lambda work: actions(work, 3))
    crm.write(lambda work: relations.link_many(work, [Link(entity, "fulfils_goal", a) for a in (first, gone, last)]))
    crm.write(lambda work: bin.delete(work, [gone]))
    found = shown(crm, type_key, entity)
    assert [(a.label, a.state) for a in found.actions] == [("A2", State.ENDED), ("A0", State.ENDED)]
    assert found.count == 2


def test_the_view_names_the_latest_and_counts_the_others_in_one_statement(
    crm: Any, office: Any, run: Any, count_statements: Any
) -> None:
    company = crm.write(lambda work: entities.create(work, "company", name="SNCF").id)

    def cost() -> int:
        with crm.read() as work:
            entity = get(work, "company", company)
            with count_statements(work) as seen:
                show(work, entity)
        return seen.count

    before = cost()
    many = crm.write(lambda work: actions(work, 25))
    crm.write(lambda work: relations.link_many(work, [Link(company, "fulfils_goal", a) for a in many]))
    assert cost() == before == 1
    assert "... and 5 older ones." in run(crm, "company", "show", str(company)).stdout
    told = run(crm, "company", "show", str(company), "--json").json["blocks"]["actions"]
    assert (len(told["actions"]), told["count"]) == (20, 25)
    assert told["actions"][0] == {
        "id": many[-1],
        "label": "A24",
        "start_date": "2026-03-25",
        "end_date": "2026-03-26",
        "state": "not_started",
    }


def test_nothing_stands_there_where_no_goal_is_fulfilled(crm: Any, run: Any) -> None:
    company = crm.write(lambda work: entities.create(work, "company", name="SNCF").id)
    assert "Fulfils the goal of" not in run(crm, "company", "show", str(company)).stdout
