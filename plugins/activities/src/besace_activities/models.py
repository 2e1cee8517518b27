"""The activity: what was done or is planned."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped

from besace import fields
from besace.model import Entity
from besace.reading import mention
from besace.texts import translator
from besace_activities.life import STATES, State, Times, Timing, brought_to, check_move, check_result, day_of, settle
from besace_activities.lists import ActivityKind

if TYPE_CHECKING:
    from besace.database import Work

_ = translator(__name__)


class Activity(Entity, type="activity", label=_("Activity"), plural=_("Activities"), status="state"):
    """What was done or is planned: a meeting, a phone call, an e-mail, a task."""

    __table_args__ = (
        sa.CheckConstraint('"end" >= start', name="ends_after_start"),
        sa.CheckConstraint("(state = 'done') = (done_on IS NOT NULL)", name="done_on_a_day"),
        sa.Index("ix_activity_day", "day"),
        sa.Index("ix_activity_end", "end"),
        sa.Index("ix_activity_state", "state", "day"),
    )

    title: Mapped[str] = fields.text("Title", names_row=True, help="What it is, in a few words.")
    kind: Mapped[ActivityKind] = fields.item("Kind", list="activity_kind", example="task", help="What sort it is.")
    day: Mapped[datetime.date] = fields.date(
        "Day",
        read_only=True,
        completed=True,
        help="Its day in the agenda: when it was done, else when it starts, else when it is due.",
    )
    start: Mapped[datetime.datetime | None] = fields.datetime("Start", help="When it starts.")
    end: Mapped[datetime.datetime | None] = fields.datetime(
        "End", help="When it ends; the last day where it takes whole days."
    )
    all_day: Mapped[bool] = fields.boolean("All day", help="Whether it takes whole days.")
    due_date: Mapped[datetime.date | None] = fields.date("Due date", help="The day by which it is to be done.")
    place: Mapped[str | None] = fields.text("Place", help="Where it takes place.")
    state: Mapped[str] = fields.choice("State", STATES, default="planned", help="How far it is.")
    done_on: Mapped[datetime.date | None] = fields.date(
        "Done on", help="When it was done; the day of its start, else today, unless given."
    )
    result: Mapped[str | None] = fields.long_text("Result", help="What came of it.")
    notes: Mapped[str | None] = fields.long_text("Notes", help="What is worth knowing of it.")

    if TYPE_CHECKING:
        kind_key: Mapped[str]

    @property
    def times(self) -> Times:
        """When it is to be done, and when it was."""
        return Times(self.start, self.end, self.all_day, self.due_date, self.done_on)

    @classmethod
    def prepare(cls, old: Mapping[str, Any] | None, new: dict[str, Any], work: Work) -> dict[str, Any]:
        """Its state is one that it can take, and its times agree with it."""
        if new["state"] is None or new["kind"] is None:
            return new  # required fields, and refused as such
        after = State(new["state"])
        is_planned_again = old is not None and old["state"] != State.PLANNED and after is State.PLANNED
        if old is not None:
            check_move(mention(cls.__label__, old["id"], old["label"]), old["id"], State(old["state"]), after)
            left = vars(brought_to(Times.of(old), old["day"], work.zone))
            left |= {"done_on": None, "result": None} if is_planned_again else {}
            new |= {key: value for key, value in left.items() if new[key] == old[key]}
        check_result(after, new["result"])
        kind: Any = work.items(ActivityKind.__key__)[new["kind"]]
        times = settle(
            Times.of(new),
            after,
            Timing(kind.timing),
            kind.label,
            today=work.today,
            zone=work.zone,
            is_newly_planned=old is None or is_planned_again,
        )
        return new | vars(times) | {"day": day_of(times, work.zone)}
