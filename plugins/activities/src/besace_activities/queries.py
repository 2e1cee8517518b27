"""Which activities there are around an entity, and in somebody's days: a fixed number of statements for each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from besace.conditions import compile_condition
from besace.dialects import among, bytewise
from besace.lists import ListItem
from besace.model import entity_table
from besace.reading import Found, info_of, rows_of, untrashed
from besace.relations import link_table
from besace.zones import first_moment
from besace_activities.declarations import ABOUT, PARTICIPATES_IN
from besace_activities.life import State, Times, last_day
from besace_activities.lists import ActivityKind
from besace_activities.models import Activity
from besace_activities.paths import reached

if TYPE_CHECKING:
    from besace.database import Work
    from besace.model import Entity
    from besace.types import Source, TypeInfo


@dataclass(frozen=True)
class Line:
    """An activity in a table; `overdue`: it is planned, and its time has gone by."""

    id: int
    label: str
    kind: ListItem
    state: str
    day: date
    start: datetime | None
    end: datetime | None
    all_day: bool
    due_date: date | None
    done_on: date | None
    place: str | None
    result: str | None
    overdue: bool

    @property
    def times(self) -> Times:
        """When it is to be done, and when it was."""
        return Times(self.start, self.end, self.all_day, self.due_date, self.done_on)


@dataclass(frozen=True)
class Reached(Line):
    """An activity around an entity; `through` is what it is about, or who takes part, where that is not the entity."""

    through: Found | None = None


@dataclass(frozen=True)
class Entry(Line):
    """An activity in an agenda, with what it is about, and when it was last changed."""

    notes: str | None
    version: int
    modified_at: datetime
    subjects: Sequence[Found] = ()


@dataclass(frozen=True)
class Around:
    """The activities around an entity: the next ones to come and the latest done, and how many there are in all."""

    to_come: Sequence[Reached]
    to_come_count: int
    done: Sequence[Reached]
    done_count: int


MOST = 20
"""How many activities to come, and how many done, a block shows."""


def around(work: Work, entity: Entity) -> Around:
    """The activities around an entity: one statement, and the list of kinds."""
    info = info_of(work, Activity)
    source = info.source()
    ranked, through = _ranked(work, entity), entity_table.alias("through")
    rank = sa.case((ranked.c.is_planned == 1, ranked.c.next), else_=ranked.c.latest)
    rows = work.execute(
        rows_of(
            work, info, *_columns(work, source), ranked.c.is_planned, ranked.c.total,
            through.c.id.label("through_id"), through.c.type.label("through_type"),
            through.c.label.label("through_label"), through.c.currency.label("through_currency"),
        )
        .join(ranked, ranked.c.id == source.id)
        .outerjoin(through, through.c.id == ranked.c.through_id)
        .where(rank <= MOST)
        .order_by(rank)
    ).all()  # fmt: skip
    kinds = work.items(ActivityKind.__key__)
    to_come, done = ([row for row in rows if row.is_planned == wanted] for wanted in (1, 0))
    return Around(
        [_reached_line(row, kinds) for row in to_come],
        to_come[0].total if to_come else 0,
        [_reached_line(row, kinds) for row in done],
        done[0].total if done else 0,
    )


def _ranked(work: Work, entity: Entity) -> sa.Subquery:
    """The activities around an entity with their places among what is planned, and among what was done.

    Of few columns, because all of them are sorted; the texts are read of those alone that are shown.
    """
    table, around_it = info_of(work, Activity).table, reached(work, entity)
    is_planned = sa.case((table.c.state == State.PLANNED, 1), else_=0)
    order = (table.c.day, table.c.start.is_not(None), table.c.start, table.c.id)
    up, down = [column.asc() for column in order], [column.desc() for column in order]
    return (
        sa.select(
            table.c.id, around_it.c.through_id, is_planned.label("is_planned"),
            sa.func.row_number().over(partition_by=is_planned, order_by=up).label("next"),
            sa.func.row_number().over(partition_by=is_planned, order_by=down).label("latest"),
            sa.func.count().over(partition_by=is_planned).label("total"),
        )
        .join_from(around_it, table, table.c.id == around_it.c.activity_id)
        .where(table.c.state != State.CANCELLED, untrashed(table.c.id))
        .subquery("ranked")
    )  # fmt: skip


def within(work: Work, person: int, first: date, last: date, *, cancelled: bool = False) -> list[Entry]:
    """The activities of a person that stand on some days, and those that are overdue: two statements and the kinds.

    Those of a person are those that he or she owns or takes part in.
    """
    info = info_of(work, Activity)
    source = info.source()
    taking_part = sa.select(link_table.c.object_id).where(
        link_table.c.type == PARTICIPATES_IN, link_table.c.subject_id == person
    )
    statement = (
        rows_of(work, info, *_columns(work, source, "notes", "version", "modified_at"))
        .where(sa.or_(source["owner"] == person, source.id.in_(taking_part)))
        .where(source.id.in_(_standing(work, info, first, last)))
        .order_by(source["day"], source["start"].is_not(None), source["start"], source.id)
    )
    if not cancelled:
        statement = statement.where(source["state"] != State.CANCELLED)
    rows = work.execute(statement).all()
    subjects = subjects_of(work, [row.id for row in rows])
    kinds = work.items(ActivityKind.__key__)
    entries = [
        Entry(
            **_values(row, kinds), notes=row.notes, version=row.version, modified_at=row.modified_at,
            subjects=subjects.get(row.id, ()),
        )
        for row in rows
    ]  # fmt: skip
    # What was done on another day than was planned does not go on until its end.
    return [e for e in entries if e.overdue or (last_day(e.times, work.zone) or e.day) >= first]


def _standing(work: Work, info: TypeInfo, first: date, last: date) -> sa.CompoundSelect[Any]:
    """The ids of what stands on some days, begins before and goes on into them, or is overdue.

    A union, because each part has an index of its own: with one condition of all, every activity would be read.
    """
    there = info.source(aliased=True)
    goes_on = sa.and_(there["day"] < first, there["end"] >= first_moment(first, work.zone))
    return sa.union(
        sa.select(there.id).where(there["day"].between(first, last)),
        sa.select(there.id).where(goes_on),
        sa.select(there.id).where(there["state"] == State.PLANNED, compile_condition(work, "overdue", there)),
    )


def subjects_of(work: Work, activities: Sequence[int], *, most: int | None = None) -> dict[int, list[Found]]:
    """What each of these activities is about: one statement."""
    link = link_table.c
    return _linked(work, ABOUT, link.subject_id, (link.object_id, link.object_type), activities, most)


def participants_of(work: Work, activities: Sequence[int], *, most: int | None = None) -> dict[int, list[Found]]:
    """Who takes part in each of these activities: one statement."""
    link = link_table.c
    return _linked(work, PARTICIPATES_IN, link.object_id, (link.subject_id, link.subject_type), activities, most)


def _linked(
    work: Work,
    relation: str,
    near: sa.ColumnElement[Any],
    far: tuple[sa.ColumnElement[Any], sa.ColumnElement[Any]],
    activities: Sequence[int],
    most: int | None,
) -> dict[int, list[Found]]:
    """What is at the other end of a relation, of enabled types and out of the trash, by activity and label."""
    entity = entity_table.c
    other, other_type = far
    rows = work.execute(
        sa.select(near, entity.id, entity.type, entity.label, entity.currency, sa.false())
        .select_from(link_table.join(entity_table, entity.id == other))
        .where(link_table.c.type == relation, among(work, near, activities))
        .where(other_type.in_(list(work.crm.registry.types)), untrashed(other))
        .order_by(near, bytewise(entity.label_key), entity.id)
        .limit(most)
    )
    found: dict[int, list[Found]] = {}
    for activity, *linked in rows:
        found.setdefault(activity, []).append(Found(*linked))
    return found


def _columns(work: Work, source: Source, *more: str) -> list[sa.ColumnElement[Any]]:
    """The columns of a line, and more fields."""
    keys = ("label", "state", "day", "start", "end", "all_day", "due_date", "done_on", "place", "result", *more)
    return [
        source.id.label("id"),
        source["kind"].label("kind"),
        *(source[key].label(key) for key in keys),
        compile_condition(work, "overdue", source).label("overdue"),
    ]


def _values(row: Any, kinds: Mapping[str, ListItem]) -> dict[str, Any]:
    values = {key: getattr(row, key) for key in Line.__dataclass_fields__}
    return values | {"kind": kinds[row.kind], "overdue": bool(row.overdue)}


def _reached_line(row: Any, kinds: Mapping[str, ListItem]) -> Reached:
    between = row.through_id, row.through_type, row.through_label, row.through_currency
    return Reached(**_values(row, kinds), through=None if row.through_id is None else Found(*between, False))
