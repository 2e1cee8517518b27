"""Tallies: all that is asked about the linked entities of one type, answered by one statement."""

from __future__ import annotations

import json
from collections.abc import Hashable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from besace.conditions import compile_condition, measure_value
from besace.reading import untrashed
from besace.relations import link_table
from besace.texts import Text
from besace_commercial_actions import revenue
from besace_commercial_actions.links import FULFILS_GOAL, Scope
from besace_commercial_actions.models import CommercialAction

if TYPE_CHECKING:
    from besace.database import Work
    from besace.fields import Field
    from besace.types import Source, TypeInfo
    from besace_commercial_actions.models import Objective

_IN_SEGMENT = "in segment"

_action: Any = CommercialAction.__table__.alias("action")  # apart from linked actions, which are counted too


class Tally:
    """What is asked of one type: a FILTER column for each distinct condition, a sum for each measure."""

    def __init__(self, work: Work, info: TypeInfo) -> None:
        self.work = work
        self.info = info
        self.source = info.source()
        self._columns: dict[Hashable, sa.ColumnElement[Any]] = {}
        self._needs_row = False
        self._segment: sa.ColumnElement[Any] | None = None
        self._answers: dict[int, dict[str, dict[Hashable, Any]]] = {}

    def ask(self, objective: Objective) -> None:
        """Have an objective counted or summed; raises what its condition or measure raises."""
        key = _key(objective)
        if key in self._columns:
            return
        met = meets(self.work, self.source, objective)
        column: sa.FunctionElement[Any] = sa.func.count()
        if objective.sum is not None:
            column = sa.func.sum(measure_value(self.work, self.info.measures[objective.sum], self.source))
        self._columns[key] = column if met is None else column.filter(met)
        self._needs_row |= met is not None or objective.sum is not None

    def ask_revenue(self, where: str | None, problems: list[Text]) -> None:
        """Have the revenue of the type read, narrowed by a condition."""
        narrowed = None if where is None else compile_condition(self.work, where, self.source)
        asked = revenue.columns(self.work, self.source, narrowed, problems)
        self._columns |= {("revenue", name): column for name, column in asked.items()}
        self._needs_row = True

    def ask_segment(self, field: Field) -> None:
        """Have those counted that are in the market segment of the action, as this field of theirs says."""
        self._segment = self.source.of(field)
        self._columns[_IN_SEGMENT] = sa.func.count().filter(self._segment == _action.c.segment_key)
        self._needs_row = True

    def read(self, scope: Scope) -> None:
        """Run the statement, for these actions."""
        if not self._columns:
            return  # all that was asked is broken
        goal = link_table.alias("goal")
        tables: sa.FromClause = goal
        groups: list[sa.ColumnElement[Any]] = [goal.c.object_id]
        if self._needs_row:
            entity = self.source.entity
            tables = goal.join(entity, entity.c.id == goal.c.subject_id).join(
                self.source.table, self.source.id == entity.c.id
            )
            groups.append(entity.c.currency)
        if self._segment is not None:
            tables = tables.join(_action, _action.c.id == goal.c.object_id)
        statement = (
            sa.select(*groups, *self._columns.values())
            .select_from(tables)
            .where(goal.c.type == FULFILS_GOAL, goal.c.subject_type == self.info.key)
            .where(scope.holds(goal.c.object_id), untrashed(goal.c.subject_id))
            .group_by(*groups)
        )
        for action_id, *row in self.work.execute(statement):
            currency = row.pop(0) if self._needs_row else ""
            answers = dict(zip(self._columns, row, strict=True))
            self._answers.setdefault(action_id, {})[currency] = answers

    def answer(self, objective: Objective) -> Any:
        """What was counted or summed for an objective: minor units of the action's currency for an amount."""
        key = _key(objective)
        answers = self._answers.get(objective.owner_id, {})
        if objective.is_amount:
            return answers.get(objective.currency, {}).get(key) or 0
        return sum(row[key] or 0 for row in answers.values())

    def in_segment(self, action_id: int) -> int | None:
        """How many are in the segment of an action; None where that was not asked."""
        if self._segment is None:
            return None
        return sum(int(row[_IN_SEGMENT]) for row in self._answers.get(action_id, {}).values())

    def revenue_of(self, action_id: int) -> Iterator[tuple[TypeInfo, str, Mapping[str, Any]]]:
        """The aggregates of the type's revenue for an action, for each currency."""
        for currency, row in self._answers.get(action_id, {}).items():
            asked = {key[1]: value for key, value in row.items() if isinstance(key, tuple) and key[0] == "revenue"}
            if asked:
                yield self.info, currency, asked


def meets(work: Work, source: Source, objective: Objective) -> sa.ColumnElement[bool] | None:
    """What an objective asks of a row: its named condition and its own; None where it asks nothing."""
    trees = [["is", objective.condition] if objective.condition is not None else None, objective.where]
    asked = [compile_condition(work, tree, source) for tree in trees if tree is not None]
    return sa.and_(*asked) if asked else None


def _key(objective: Objective) -> Hashable:
    return "objective", objective.condition, json.dumps(objective.where), objective.sum
