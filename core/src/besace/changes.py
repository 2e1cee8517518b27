"""Changes: one row for each unit of work that wrote something, and under it what it did (rules E1, E8)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from besace.column_types import UtcDateTime
from besace.model import Base, Id
from besace.texts import translator

if TYPE_CHECKING:
    from besace.database import Work

_ = translator(__name__)

change = sa.Table(
    "change",
    Base.metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("uuid", sa.String(36), nullable=False, unique=True),
    sa.Column("at", UtcDateTime(), nullable=False),
    sa.Column("user_id", Id, nullable=True),
    sa.Column("door", sa.String(20), nullable=False),
    sa.Column("reason", sa.Text(), nullable=True),
    sqlite_autoincrement=True,
)
"""No foreign key to the user: history outlives what it tells of."""

entry = sa.Table(
    "entry",
    Base.metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("change_id", Id, sa.ForeignKey("change.id"), nullable=False, index=True),
    sa.Column("entity_id", Id, nullable=True, index=True),
    sa.Column("other_id", Id, nullable=True, index=True),
    sa.Column("action", sa.String(20), nullable=False),
    sa.Column("about", sa.String(200), nullable=True),
    sa.Column("values", sa.JSON(none_as_null=True), nullable=True),
)
"""What a change did to one thing: `values` is `{field: [before, after]}`."""


@dataclass(frozen=True)
class Entry:
    """One thing that a change did: to an entity, to a part or setting (`about`), or between two entities."""

    action: str
    entity_id: int | None = None
    other_id: int | None = None
    about: str | None = None
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class HistoryLine:
    """One line of the history of an entity: one field of one change.

    Of a link, `other` is the label of the entity at its other end, and `forward` whether that one is the object.
    """

    at: datetime
    who: str | None
    door: str
    reason: str | None
    action: str
    about: str | None
    field: str | None
    before: Any
    after: Any
    other: str | None = None
    forward: bool = True


def record(work: Work, entries: Sequence[Entry]) -> None:
    """Put entries under the change of this unit of work; nothing for none."""
    if not entries:
        return
    change_id = work.change_id
    work.execute(
        sa.insert(entry),
        [
            {
                "change_id": change_id,
                "entity_id": e.entity_id,
                "other_id": e.other_id,
                "action": e.action,
                "about": e.about,
                "values": dict(e.values) or None,
            }
            for e in entries
        ],
    )


def begin(work: Work) -> int:
    """Make the change row of a unit of work; returns its id."""
    statement = (
        sa.insert(change)
        .values(uuid=work.uuid, at=work.now, user_id=work.user_id, door=work.door, reason=work.reason)
        .returning(change.c.id)
    )
    return int(work.execute(statement).scalar_one())


def give_reason(work: Work, reason: str) -> None:
    """Say why this unit of work changes things; beside another reason, where one was given before (rule E8)."""
    if work.reason and reason != work.reason:
        reason = f"{work.reason}; {reason}"
    work.reason = reason
    if work.has_changed:
        work.execute(sa.update(change).where(change.c.id == work.change_id).values(reason=reason))


def history(work: Work, entity_id: int, *, limit: int | None = None) -> list[HistoryLine]:
    """The history of an entity and its links, oldest first."""
    from besace.model import Ref

    user: Any = Ref.__table__
    other = user.alias()
    is_forward = entry.c.entity_id == entity_id
    other_id = sa.case((is_forward, entry.c.other_id), else_=entry.c.entity_id)
    statement = (
        sa.select(
            change.c.at, user.c.label, change.c.door, change.c.reason, entry.c.action, entry.c.about,
            entry.c["values"], sa.func.coalesce(other.c.label, sa.cast(other_id, sa.Text)), is_forward,
        )
        .select_from(
            entry.join(change, entry.c.change_id == change.c.id)
            .outerjoin(user, user.c.id == change.c.user_id)
            .outerjoin(other, other.c.id == other_id)
        )
        .where(sa.or_(is_forward, entry.c.other_id == entity_id))
        .order_by(entry.c.id)
        .limit(limit)
    )  # fmt: skip
    lines: list[HistoryLine] = []
    for at, who, door, reason, action, about, values, label, forward in work.execute(statement):
        fields = values.items() if values else [(None, [None, None])]
        lines += [
            HistoryLine(at, who, door, reason, action, about, name, before, after, label, bool(forward))
            for name, (before, after) in fields
        ]
    return lines
