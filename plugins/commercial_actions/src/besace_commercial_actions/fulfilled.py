"""The actions whose goal an entity of any type fulfils, in the view of that entity."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING

import sqlalchemy as sa

from besace.reading import rows_of
from besace.records import Note, Table
from besace.relations import link_table
from besace.texts import translator
from besace_commercial_actions.links import ACTION, FULFILS_GOAL

if TYPE_CHECKING:
    from besace.database import Work
    from besace.model import Entity

_ = translator(__name__)

_LATEST = 20


class State(StrEnum):
    """Where an action stands in the calendar."""

    NOT_STARTED = "not_started"
    UNDER_WAY = "under_way"
    ENDED = "ended"


STATES = {
    State.NOT_STARTED: _("not started"),
    State.UNDER_WAY: _("under way"),
    State.ENDED: _("over"),
}


@dataclass(frozen=True)
class Fulfilled:
    """An action whose goal is fulfilled, in short."""

    id: int
    label: str
    start_date: date
    end_date: date
    state: State


@dataclass(frozen=True)
class Actions:
    """The latest of these actions, and how many there are in all."""

    actions: Sequence[Fulfilled]
    count: int


def state_of(start: date, end: date, today: date) -> State:
    """Where an action stands; both its days are part of it."""
    if today < start:
        return State.NOT_STARTED
    return State.UNDER_WAY if today <= end else State.ENDED


def actions_of(work: Work, entity: Entity) -> Actions:
    """The latest actions whose goal an entity fulfils: one statement."""
    info = work.crm.registry.type(ACTION)
    source, goal = info.source(), link_table.c
    start, end = source["start_date"], source["end_date"]
    rows = work.execute(
        rows_of(work, info, source.id, source.entity.c.label, start, end, sa.func.count().over())
        .join(link_table, goal.object_id == source.id)
        .where(goal.subject_id == entity.id, goal.type == FULFILS_GOAL)
        .order_by(start.desc(), source.id.desc())
        .limit(_LATEST)
    ).all()
    actions = [
        Fulfilled(row_id, label, first, last, state_of(first, last, work.today))
        for row_id, label, first, last, _count in rows
    ]
    return Actions(actions, rows[0][-1] if rows else 0)


def lay_out_actions(_work: Work, data: Actions) -> list[Table | Note]:
    """The actions as a table, and how many earlier ones there are; nothing where there is none."""
    if not data.actions:
        return []
    rows = [[a.id, a.label, a.start_date, a.end_date, STATES[a.state]] for a in data.actions]
    table = Table([_("Id"), _("Title"), _("Start"), _("End"), _("State")], rows, title=_("Fulfils the goal of"))
    more = data.count - len(rows)
    if not more:
        return [table]
    return [table, Note(_("... and {n} older one.", "... and {n} older ones.").format(n=more))]
