"""Which activities there are around an entity, and in somebody's days: a fixed number of statements for each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
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

if TYPE_CHECKING:
    from besace.database import Work
    from besace.model import Entity
    from besace.types import Source


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


@dataclass(frozen=True)
class Reach:
    """What else leads to an activity: the relation by which entities of some types belong to the one at hand.

    `subjects` are keys of types, of absent plugins too.
    """

    relation: str
    subjects: tuple[str, ...]


REACHES: Mapping[str, Reach] = {
    "commercial_action": Reach("fulfils_goal", ("opportunity",)),
    "organisation": Reach("works_for", ("contact",)),
}
"""By type: what an action brought about shows under it, and what is done with the people of an organisation."""

MOST = 20
"""How many activities to come, and how many done, a block shows."""


def around(work: Work, entity: Entity) -> Around:
    """The activities around an entity: one statement, and the list of kinds."""
    info = info_of(work, Activity)
    source = info.source()
    reached = _reached(work, entity)
    planned = (source["state"] == State.PLANNED).label("planned")
    order = (source["day"], source["start"].is_(None), source["start"], source.id)
    ranks = [
        sa.func.row_number().over(partition_by=planned, order_by=[c.desc() if down else c.asc() for c in order])
        for down in (False, True)
    ]
    through = entity_table.alias("through")
    rows = (
        rows_of(
            work, info, *_columns(work, source), planned, ranks[0].label("next"), ranks[1].label("latest"),
            sa.func.count().over(partition_by=planned).label("total"),
            through.c.id.label("through_id"), through.c.type.label("through_type"),
            through.c.label.label("through_label"), through.c.currency.label("through_currency"),
        )
        .join(reached, reached.c.activity_id == source.id)
        .outerjoin(through, through.c.id == reached.c.through_id)
        .where(source["state"] != State.CANCELLED)
        .subquery("activities")
    )  # fmt: skip
    rank = sa.case((rows.c.planned, rows.c.next), else_=rows.c.latest)
    found = work.execute(sa.select(rows).where(rank <= MOST).order_by(rank)).all()
    kinds = work.items(ActivityKind.__key__)
    to_come, done = ([r for r in found if bool(r.planned) is wanted] for wanted in (True, False))
    return Around(
        [_reached_line(r, kinds) for r in to_come],
        to_come[0].total if to_come else 0,
        [_reached_line(r, kinds) for r in done],
        done[0].total if done else 0,
    )


def _reached(work: Work, entity: Entity) -> sa.Subquery:
    """The ids of the activities around an entity, each once; through what, where nothing leads to it directly."""
    paths = sa.union_all(*_paths(work, entity)).subquery("path")
    is_direct = sa.func.max(sa.case((paths.c.through_id.is_(None), 1), else_=0)) == 1
    through = sa.case((is_direct, sa.null()), else_=sa.func.min(paths.c.through_id))
    return sa.select(paths.c.activity_id, through.label("through_id")).group_by(paths.c.activity_id).subquery("reached")


def _paths(work: Work, entity: Entity) -> Iterator[sa.Select[Any]]:
    """What leads from an entity to activities, as (activity id, id of what is between or empty)."""
    nothing = sa.cast(sa.null(), sa.BigInteger()).label("through_id")
    link, inner = link_table.alias("link_"), link_table.alias("inner_link")
    ways = ((ABOUT, link.c.object_id, link.c.subject_id), (PARTICIPATES_IN, link.c.subject_id, link.c.object_id))
    for relation, near, far in ways:
        yield sa.select(far.label("activity_id"), nothing).where(link.c.type == relation, near == entity.id)
    reach = REACHES.get(entity.type)
    if reach is None or reach.relation not in work.crm.registry.relation_types:
        return
    yield sa.select(link.c.subject_id.label("activity_id"), nothing).where(
        link.c.type == reach.relation, link.c.object_id == entity.id, link.c.subject_type == Activity.__key__
    )
    between = sa.and_(
        inner.c.type == reach.relation,
        inner.c.object_id == entity.id,
        inner.c.subject_type.in_([key for key in reach.subjects if key in work.crm.registry.types]),
        untrashed(inner.c.subject_id),
    )
    for relation, near, far in ways:
        yield (
            sa.select(far.label("activity_id"), inner.c.subject_id.label("through_id"))
            .select_from(inner.join(link, near == inner.c.subject_id))
            .where(link.c.type == relation, between)
        )


def within(work: Work, person: int, first: date, last: date, *, cancelled: bool = False) -> list[Entry]:
    """The activities of a person that stand on some days, and those that are overdue: two statements and the kinds.

    Those of a person are those that he or she owns or takes part in.
    """
    info = info_of(work, Activity)
    source = info.source()
    taking_part = sa.select(link_table.c.object_id).where(
        link_table.c.type == PARTICIPATES_IN, link_table.c.subject_id == person
    )
    goes_on = sa.and_(source["day"] < first, source["end"] >= first_moment(first, work.zone))
    statement = (
        rows_of(work, info, *_columns(work, source, "notes", "version", "modified_at"))
        .where(sa.or_(source["owner"] == person, source.id.in_(taking_part)))
        .where(sa.or_(source["day"].between(first, last), goes_on, _overdue(work, source)))
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


def _overdue(work: Work, source: Source) -> sa.ColumnElement[bool]:
    return compile_condition(work, "overdue", source)


def _columns(work: Work, source: Source, *more: str) -> list[sa.ColumnElement[Any]]:
    """The columns of a line, and more fields."""
    keys = ("label", "state", "day", "start", "end", "all_day", "due_date", "done_on", "place", "result", *more)
    return [
        source.id.label("id"),
        source["kind"].label("kind"),
        *(source[key].label(key) for key in keys),
        _overdue(work, source).label("overdue"),
    ]


def _values(row: Any, kinds: Mapping[str, ListItem]) -> dict[str, Any]:
    values = {key: getattr(row, key) for key in Line.__dataclass_fields__}
    return values | {"kind": kinds[row.kind], "overdue": bool(row.overdue)}


def _reached_line(row: Any, kinds: Mapping[str, ListItem]) -> Reached:
    between = row.through_id, row.through_type, row.through_label, row.through_currency
    return Reached(**_values(row, kinds), through=None if row.through_id is None else Found(*between, False))
