"""What is linked to actions by "fulfils the goal of", of enabled types and out of the trash."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from besace.dialects import bytewise
from besace.reading import untrashed
from besace.relations import link_table

if TYPE_CHECKING:
    from besace.database import Work

FULFILS_GOAL = "fulfils_goal"
ACTION = "commercial_action"


@dataclass(frozen=True)
class Scope:
    """Some actions by id, or `everything`: all visible ones, which a statement need not name one by one."""

    ids: Sequence[int]
    everything: sa.Select[Any] | None = None

    def holds(self, action_id: sa.ColumnElement[int]) -> sa.ColumnElement[bool]:
        """Whether an action is one of them."""
        return action_id.in_(self.ids if self.everything is None else self.everything)


def linked_types(work: Work, scope: Scope) -> dict[int, dict[str, int]]:
    """How many entities of each type are linked to each action: one statement."""
    goal = link_table.alias("goal")
    types = list(work.crm.registry.types)
    rows = work.execute(
        sa.select(goal.c.object_id, goal.c.subject_type, sa.func.count())
        .where(goal.c.type == FULFILS_GOAL, goal.c.subject_type.in_(types))
        .where(scope.holds(goal.c.object_id), untrashed(goal.c.subject_id))
        .group_by(goal.c.object_id, goal.c.subject_type)
        .order_by(goal.c.object_id, bytewise(goal.c.subject_type))
    )
    found: dict[int, dict[str, int]] = {}
    for action_id, type_key, count in rows:
        found.setdefault(action_id, {})[type_key] = count
    return found


def linked_ids(scope: Scope, type_key: str) -> sa.Select[Any]:
    """The ids of the entities of a type that are linked to these actions, for an IN: each counts once."""
    goal = link_table.alias("goal")
    return sa.select(goal.c.subject_id).where(
        goal.c.type == FULFILS_GOAL, goal.c.subject_type == type_key, scope.holds(goal.c.object_id)
    )
