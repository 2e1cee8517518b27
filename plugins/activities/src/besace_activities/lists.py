"""The kinds of activities, which an administrator edits: each says what a plan of that kind must say of when."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from sqlalchemy.orm import Mapped

from besace import fields
from besace.errors import Refused
from besace.lists import Item, ListItem, count_uses
from besace.texts import translator
from besace_activities.life import TIMINGS

if TYPE_CHECKING:
    from besace.database import Work

_ = translator(__name__)


class ActivityKind(
    ListItem,
    list="activity_kind",
    label=_("Kinds of activities"),
    items=[
        Item("meeting", _("Meeting"), {"timing": "start"}),
        Item("phone_call", _("Phone call"), {"timing": "either"}),
        Item("email", _("E-mail"), {"timing": "either"}),
        Item("task", _("Task"), {"timing": "due_date"}),
    ],
):
    """What sort of activity it is."""

    timing: Mapped[str] = fields.choice(
        "Timing", TIMINGS, default="either", help="What an activity of this kind must say of when it is to be done."
    )

    @classmethod
    def prepare(cls, old: Mapping[str, Any] | None, new: dict[str, Any], work: Work) -> dict[str, Any]:
        """The timing of a kind that is in use stays what it is: its activities were planned by it."""
        if old is not None and new["timing"] != old["timing"]:
            uses = count_uses(work, cls.__key__, old["key"])
            if uses:
                raise Refused(
                    _(
                        'The kind "{key}" is in use {n} time: its timing cannot change.',
                        'The kind "{key}" is in use {n} times: its timing cannot change.',
                    ).format(key=old["key"], n=uses),
                    _("Add another kind with that timing, and disable this one."),
                )
        return new
