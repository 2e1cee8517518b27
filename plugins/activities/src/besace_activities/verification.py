"""What is verified of activities: that each stands on its day in the time zone of the install, which may change."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta, tzinfo
from typing import TYPE_CHECKING, Any

from besace import entities
from besace.reading import info_of, lock, mention, rows_of
from besace.records import Finding, Verification
from besace.texts import translator
from besace.zones import first_moment
from besace_activities.life import State, Times, day_of
from besace_activities.models import Activity

if TYPE_CHECKING:
    from besace.database import Work

_ = translator(__name__)


def on_another_day(work: Work) -> Iterator[Finding]:
    """What is not done and stands on a day that is not that of its start in the zone: one statement."""
    info = info_of(work, Activity)
    source = info.source()
    keys = ("id", "label", "day", "start", "end", "all_day")
    statement = (
        rows_of(work, info, *(source[key].label(key) for key in keys))
        .where(source["state"] != State.DONE, source["start"].is_not(None))
        .order_by(source.id)
    )
    for row in work.execute(statement.execution_options(yield_per=1000)).mappings():
        if _is_on_another_day(dict(row), work.zone):
            named = mention(Activity.__label__, row["id"], row["label"])
            yield Finding(
                _("{activity}: it is on {day} in the agenda, and not when it starts.").format(
                    activity=named, day=row["day"]
                ),
                about=row["id"],
            )


def bring_back(work: Work, findings: Sequence[Finding]) -> int:
    """Give whole days back to the day on which they are, and what has hours the day of its start."""
    wanted = [finding.about for finding in findings]
    lock(work, wanted)
    stored = entities.read_values(work, info_of(work, Activity), wanted)
    wrong = {key: row for key, row in stored.items() if row["state"] != State.DONE and row["start"] is not None}
    changes = {key: _moments(row, work.zone) for key, row in wrong.items() if _is_on_another_day(row, work.zone)}
    return len(entities.edit_many(work, Activity.__key__, changes))


def _is_on_another_day(row: Mapping[str, Any], zone: tzinfo) -> bool:
    moments = _moments(row, zone)
    return any(row[key] != moment for key, moment in moments.items()) or (
        day_of(Times(start=moments.get("start", row["start"])), zone) != row["day"]
    )


def _moments(row: Mapping[str, Any], zone: tzinfo) -> dict[str, datetime | None]:
    """The moments of whole days in the zone, by the day on which they are; none for what has hours: these stay."""
    if not row["all_day"]:
        return {}
    first: date = row["day"]
    end: datetime | None = row["end"]
    days = 0 if end is None else round((end - row["start"]) / timedelta(1))
    return {
        "start": first_moment(first, zone),
        "end": None if end is None else first_moment(first + timedelta(days), zone),
    }


VERIFICATIONS = [Verification("days", _("The days of activities"), on_another_day, bring_back)]
