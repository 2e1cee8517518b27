"""How the times of an activity read: in a table of many days, and within one day. Pure, no database."""

from __future__ import annotations

from datetime import date, tzinfo

from besace.texts import Text, translator
from besace.zones import moment_in
from besace_activities.life import Times, day_of, is_as_planned, last_day

_ = translator(__name__)


def shown_times(times: Times, zone: tzinfo) -> Text | str:
    """The day, or days, with the hours: `2026-06-02 09:30–10:30`, `2026-06-02 – 2026-06-04`, `by 2026-06-05`."""
    if times.done_on is None and times.start is None:
        return _("by {day}").format(day=times.due_date)
    first, last = day_of(times, zone), last_day(times, zone)
    if times.all_day or not is_as_planned(times, zone):
        return f"{first}" if first == last else f"{first} – {last}"
    if first == last:
        return f"{first} {_clock(times, zone)}"
    assert times.start is not None
    assert times.end is not None
    return f"{moment_in(zone, times.start):%Y-%m-%d %H:%M} – {moment_in(zone, times.end):%Y-%m-%d %H:%M}"


def hours_on(times: Times, day: date, zone: tzinfo) -> Text | str:
    """The hours on one of its days: `09:30–10:30`; of several days, `09:30–` on the first and `–17:00` on the last."""
    if times.start is None:
        return _("due") if times.done_on is None else ""
    if not is_as_planned(times, zone):
        return ""
    if times.all_day:
        return _("all day")
    begins = day == day_of(times, zone)
    ends = day == last_day(times, zone)
    return _clock(times, zone, begins=begins, ends=ends) or _("all day")


def _clock(times: Times, zone: tzinfo, *, begins: bool = True, ends: bool = True) -> str:
    """The hour of the start and that of the end; without one of them, that the activity goes on beyond the day."""
    start = "" if times.start is None or not begins else f"{moment_in(zone, times.start):%H:%M}"
    if times.end is None or times.end == times.start:
        return start
    end = f"{moment_in(zone, times.end):%H:%M}" if ends else ""
    return f"{start}–{end}" if start or end else ""
