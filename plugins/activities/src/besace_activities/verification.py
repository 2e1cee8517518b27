"""What is verified of activities: that each stands on its day in the time zone of the install, which may change."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import tzinfo
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from besace import entities
from besace.reading import info_of, lock, mention, rows_of
from besace.records import Finding, Verification
from besace.texts import translator
from besace_activities.life import State, Times, brought_to, day_of
from besace_activities.models import Activity

if TYPE_CHECKING:
    from besace.database import Work

_ = translator(__name__)

_ELSEWHERE = _("{activity}: it is on {day} in the agenda, and not when it starts.")
_SHIFTED = _("{activity}: it takes whole days, and they do not begin when days begin in this time zone.")


def on_another_day(work: Work) -> Iterator[Finding]:
    """What is not done, or takes whole days, and whose start is not on its day in the zone: one statement."""
    info = info_of(work, Activity)
    source = info.source()
    keys = ("id", "label", "state", "day", *Times.__dataclass_fields__)
    statement = (
        rows_of(work, info, *(source[key].label(key) for key in keys))
        .where(sa.or_(source["state"] != State.DONE, source["all_day"]), source["start"].is_not(None))
        .order_by(source.id)
    )
    for row in work.execute(statement.execution_options(yield_per=1000)).mappings():
        if _is_on_another_day(dict(row), work.zone):
            named = mention(Activity.__label__, row["id"], row["label"])
            told = _SHIFTED if row["all_day"] else _ELSEWHERE
            yield Finding(told.format(activity=named, day=row["day"]), about=row["id"])


def bring_back(work: Work, findings: Sequence[Finding]) -> int:
    """Give whole days back to the days that they were, and what has hours the day of its start, as every edit does."""
    wanted = [finding.about for finding in findings]
    lock(work, wanted)
    stored = entities.read_values(work, info_of(work, Activity), wanted)
    wrong = [key for key, row in stored.items() if _is_on_another_day(row, work.zone)]
    return len(entities.edit_many(work, Activity.__key__, {key: {} for key in wrong}))


def _is_on_another_day(row: Mapping[str, Any], zone: tzinfo) -> bool:
    times = Times.of(row)
    if times.all_day:
        return brought_to(times, row["day"], zone) != times
    return row["state"] != State.DONE and bool(day_of(times, zone) != row["day"])


VERIFICATIONS = [Verification("days", _("The days of activities"), on_another_day, bring_back)]
