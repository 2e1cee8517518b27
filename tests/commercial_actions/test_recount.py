"""Whatever happened before, every counter equals a recount of the raw rows in plain Python."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from besace import bin, entities, parts, relations
from besace.reading import get, parts_of
from besace_commercial_actions import operations
from besace_commercial_actions.models import Objective

GOALS: list[dict[str, Any]] = [
    {"counts": "company"},
    {"counts": "deal", "condition": "won"},
    {"counts": "deal", "where": "probability >= 50 or name ~ b"},
    {"counts": "deal", "sum": "final"},
    {"counts": "deal", "sum": "expected", "condition": "won"},
    {"counter": "companies_behind"},
]
OUTCOMES = {"talks": "open", "signed": "won", "missed": "lost"}


class Recount:
    """The figures of an action, from the rows as they stand in the database."""

    def __init__(self, crm: Any, action: int) -> None:
        with crm.reader.connect() as raw:

            def rows(table: str) -> list[dict[str, Any]]:
                return [dict(row) for row in raw.execute(sa.text(f"SELECT * FROM {table}")).mappings()]

            trash = {row["entity_id"] for row in rows("trash")}
            self.rows = {row["id"]: row for row in rows("entity") if row["id"] not in trash}
            self.deals = {row["id"]: row for row in rows("deal") if row["id"] in self.rows}
            links = rows(f"link WHERE type = 'fulfils_goal' AND object_id = {action}")
        self.linked = [row["subject_id"] for row in links if row["subject_id"] in self.rows]

    def linked_deals(self) -> Iterator[tuple[dict[str, Any], str, str]]:
        for linked in self.linked:
            if linked in self.deals:
                deal = self.deals[linked]
                yield deal, OUTCOMES[deal["stage_key"]], self.rows[linked]["currency"]

    def values(self) -> list[int]:
        deals = list(self.linked_deals())
        own = [(deal, outcome) for deal, outcome, currency in deals if currency == "EUR"]
        behind = {deal["company_id"] for deal, _outcome, _currency in deals} & self.rows.keys()
        return [
            sum(self.rows[i]["type"] == "company" for i in self.linked),
            sum(outcome == "won" for _deal, outcome, _currency in deals),
            sum((d["probability"] or 0) >= 50 or "b" in d["name"].lower() for d, _outcome, _currency in deals),
            sum(d["final_revenue"] or 0 for d, outcome in own if outcome == "won"),
            sum(d["expected_revenue"] or 0 for d, outcome in own if outcome == "won"),
            len(behind),
        ]

    def revenue(self) -> dict[str, tuple[int, int, int, int, int]]:
        found: dict[str, tuple[int, int, int, int, int]] = {}
        for deal, outcome, currency in self.linked_deals():
            expected, final = deal["expected_revenue"] or 0, deal["final_revenue"] or 0
            known = found.get(currency, (0, 0, 0, 0, 0))
            unweighted = deal["expected_revenue"] is None or deal["probability"] is None
            new = (
                1,
                outcome == "won",
                (outcome != "lost") * expected,
                (outcome == "won") * final,
                unweighted,
            )
            found[currency] = tuple(a + b for a, b in zip(known, new, strict=True))  # type: ignore[assignment]
        return found


def machine(crm: Any) -> type[RuleBasedStateMachine]:
    """What people do to two actions, four deals in two currencies and two companies."""

    class People(RuleBasedStateMachine):
        def __init__(self) -> None:
            super().__init__()
            dates = {"start_date": "2026-03-05", "end_date": "2026-03-24"}

            def begin(work: Any) -> None:
                fairs = [{"title": title, **dates} for title in "AB"]
                self.actions = entities.create_many(work, "commercial_action", fairs)
                goals = [(a, {"name": "G", "target": 5, **goal}) for a in self.actions for goal in GOALS]
                parts.add_many(work, Objective, goals)
                companies = entities.create_many(work, "company", [{"name": name} for name in "ab"])
                deals = [
                    {"name": name, "currency": currency, "company": company}
                    for name, currency, company in zip("abBé", ("EUR", "EUR", "USD", "USD"), companies * 2, strict=True)
                ]
                self.deals = entities.create_many(work, "deal", deals)
                self.all = [*self.deals, *companies]

            crm.write(begin)
            self.gone: set[int] = set()

        def there(self, which: int) -> int | None:
            return None if self.all[which] in self.gone else self.all[which]

        @rule(which=st.integers(0, 5), action=st.integers(0, 1), makes=st.booleans())
        def link(self, which: int, action: int, makes: bool) -> None:
            subject, change = self.there(which), relations.link if makes else relations.unlink
            if subject is not None:
                crm.write(lambda work: change(work, subject, "fulfils_goal", self.actions[action]))

        @rule(which=st.integers(0, 5))
        def trash_or_restore(self, which: int) -> None:
            one = self.all[which]
            change = bin.restore if one in self.gone else bin.delete
            crm.write(lambda work: change(work, [one]))
            self.gone ^= {one}

        @rule(
            which=st.integers(0, 3),
            values=st.fixed_dictionaries(
                {},
                optional={
                    "stage": st.sampled_from(list(OUTCOMES)),
                    "expected_revenue": st.sampled_from([None, 0, 5, "1000.25"]),
                    "final_revenue": st.sampled_from([None, 7, "0.10"]),
                    "probability": st.sampled_from([None, 0, 49, 50, 100]),
                },
            ),
        )
        def edit(self, which: int, values: dict[str, Any]) -> None:
            deal = self.there(which)
            if deal is not None:
                crm.write(lambda work: entities.edit(work, get(work, "deal", deal), **values))

        @rule(action=st.integers(0, 1))
        def the_rows_behind_it_are_as_many(self, action: int) -> None:
            with crm.read() as work:
                goals = parts_of(work, Objective, [self.actions[action]])
                rows = [len(operations.explain_objective(work, goal).rows) for goal in goals]
            values = Recount(crm, self.actions[action]).values()
            assert [rows[place] for place in (0, 1, 2, 5)] == [values[place] for place in (0, 1, 2, 5)]

        @invariant()
        def every_counter_equals_a_recount(self) -> None:
            with crm.read() as work:
                found = operations.compare(work, [get(work, "commercial_action", a) for a in self.actions])
            for action, shown in zip(self.actions, found.actions, strict=True):
                recount = Recount(crm, action)
                values = [getattr(o.value, "minor", o.value) for o in shown.objectives]
                assert values == recount.values()
                assert {row.currency: _figures(row) for row in shown.revenue} == recount.revenue()

    return People


def _figures(row: Any) -> tuple[int, ...]:
    return row.deals, row.won, row["expected"].minor, row["final"].minor, row["unweighted"]


def test_C6_every_counter_equals_a_recount_from_the_raw_rows(crm: Any) -> None:
    run_state_machine_as_test(
        lambda: machine(crm)(),
        settings=settings(
            max_examples=12, stateful_step_count=12, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
