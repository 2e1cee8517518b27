"""The life of an activity: its states, its times, and the day on which it stands. Pure, no database."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta, timezone, tzinfo
from enum import StrEnum
from typing import Any

from besace.errors import Refused
from besace.texts import Text, translator
from besace.zones import first_moment, moment_in

_ = translator(__name__)


class State(StrEnum):
    """How far an activity is."""

    PLANNED = "planned"
    DONE = "done"
    CANCELLED = "cancelled"


STATES: Mapping[str, Text] = {
    State.PLANNED: _("Planned"),
    State.DONE: _("Done"),
    State.CANCELLED: _("Cancelled"),
}


class Timing(StrEnum):
    """What an activity of a kind must say of when it is to be done."""

    START = "start"
    DUE_DATE = "due_date"
    EITHER = "either"


TIMINGS: Mapping[str, Text] = {
    Timing.START: _("It has a start"),
    Timing.DUE_DATE: _("It has a due date"),
    Timing.EITHER: _("It has a start or a due date"),
}


_FURTHEST_AHEAD = timezone(timedelta(hours=13, minutes=59))
"""On these clocks midnight anywhere, from Honolulu to Auckland, is of the day that began with it."""


@dataclass(frozen=True)
class Times:
    """When an activity is to be done, and when it was."""

    start: datetime | None = None
    end: datetime | None = None
    all_day: bool = False
    due_date: date | None = None
    done_on: date | None = None

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> Times:
        """Those among the values of an activity."""
        return cls(**{key: values[key] for key in cls.__dataclass_fields__})


def check_move(named: Text, activity_id: int, before: State, after: State) -> None:
    """Refuse to cancel what is done, and to have done what is cancelled: it is planned again first."""
    if before is not after and State.PLANNED not in (before, after):
        raise Refused(
            _('{activity} is "{before}" and cannot become "{after}".').format(
                activity=named, before=STATES[before], after=STATES[after]
            ),
            _("Plan it again first: besace activity reopen {id}").format(id=activity_id),
        )


def check_result(state: State, result: str | None) -> None:
    """Refuse a result of what is still planned."""
    if state is State.PLANNED and result is not None:
        raise Refused(
            _("An activity that is planned has no result yet."),
            _("Say that it is done too: --state done, or besace activity done REF --result TEXT"),
        )


def settle(
    times: Times,
    state: State,
    timing: Timing,
    kind: Text | str,
    *,
    today: date,
    zone: tzinfo,
    is_newly_planned: bool = False,
) -> Times:
    """The times of an activity in a state, completed; raises Refused where they do not agree. `kind` is its label.

    What is newly planned and lacks a due date is due on its last day, else today, unless its kind asks for a start.
    """
    times = _by_days(times, zone)
    _check_order(times, zone)
    if state is State.DONE:
        return replace(times, done_on=_done_on(times, today, zone))
    if times.done_on is not None:
        raise Refused(_("Only an activity that is done has a day on which it was."), _("Give --state done too."))
    if is_newly_planned and timing is not Timing.START:
        times = _due(times, timing, today, zone)
    _check_planned(times, timing, kind)
    return times


def brought_to(times: Times, day: date, zone: tzinfo) -> Times:
    """Whole days at their moments in a zone, though they were kept when the install had another; what has hours stays.

    `day` is the one on which the activity stands: its first, unless it is done.
    """
    if not times.all_day or times.start is None:
        return times
    first = day if times.done_on is None else _day_begun(times.start, zone)
    days = 0 if times.end is None else round((times.end - times.start) / timedelta(1))
    end = None if times.end is None else first_moment(first + timedelta(days), zone)
    return replace(times, start=first_moment(first, zone), end=end)


def day_of(times: Times, zone: tzinfo) -> date | None:
    """The day on which an activity stands: that on which it was done, else that of its start, else its due date."""
    if times.done_on is not None:
        return times.done_on
    return times.due_date if times.start is None else moment_in(zone, times.start).date()


def last_day(times: Times, zone: tzinfo) -> date | None:
    """The last of the days on which an activity stands: more than one where it ends on a later day.

    What ends at midnight does not go on into the day that begins then.
    """
    if times.end is None or times.end == times.start or not is_as_planned(times, zone):
        return day_of(times, zone)
    return moment_in(zone, times.end if times.all_day else times.end - timedelta.resolution).date()


def is_as_planned(times: Times, zone: tzinfo) -> bool:
    """Whether it has a start, and was not done on another day than that."""
    if times.start is None:
        return False
    return times.done_on is None or times.done_on == moment_in(zone, times.start).date()


def _day_begun(moment: datetime, zone: tzinfo) -> date:
    """The day that began at a moment: in the zone if one did, else wherever else it was midnight."""
    day = moment_in(zone, moment).date()
    return day if first_moment(day, zone) == moment else moment_in(_FURTHEST_AHEAD, moment).date()


def _by_days(times: Times, zone: tzinfo) -> Times:
    """Without the time of day where it takes whole days."""
    if not times.all_day:
        return times
    if times.start is None:
        raise Refused(_("What takes whole days has a start."), _("Give the first day: --start DATE"))
    first, last = (
        None if m is None else first_moment(moment_in(zone, m).date(), zone) for m in (times.start, times.end)
    )
    return replace(times, start=first, end=last)


def _check_order(times: Times, zone: tzinfo) -> None:
    if times.end is None:
        return
    if times.start is None:
        raise Refused(_("An activity with an end has a start."), _("Give it with --start MOMENT."))
    if times.end < times.start:
        shown = "%Y-%m-%d" if times.all_day else "%Y-%m-%d %H:%M"
        start, end = (f"{moment_in(zone, moment):{shown}}" for moment in (times.start, times.end))
        raise Refused(
            _("An activity that starts on {start} cannot end on {end}, before it.").format(start=start, end=end),
            _("Give an --end that is not before the --start."),
        )


def _due(times: Times, timing: Timing, today: date, zone: tzinfo) -> Times:
    """The times with the due date that a kind asks for, or that one needs who gives no start."""
    if times.due_date is not None or (timing is Timing.EITHER and times.start is not None):
        return times
    return replace(times, due_date=last_day(times, zone) or today)


def _done_on(times: Times, today: date, zone: tzinfo) -> date:
    """The day on which it was done: the one given, else that of its start if it has come, else today."""
    if times.done_on is None:
        start = None if times.start is None else moment_in(zone, times.start).date()
        return today if start is None else min(start, today)
    if times.done_on > today:
        raise Refused(
            _("{day} has not come yet: nothing can have been done on it.").format(day=times.done_on),
            _("Leave the activity planned until then."),
        )
    return times.done_on


def _check_planned(times: Times, timing: Timing, kind: Text | str) -> None:
    if timing is Timing.START and times.start is None:
        raise Refused(
            _('An activity of the kind "{kind}" has a start.').format(kind=kind),
            _("Give it with --start MOMENT, for example --start 2026-03-14T09:30."),
        )
    if timing is Timing.DUE_DATE and times.due_date is None:
        raise Refused(
            _('An activity of the kind "{kind}" has a due date.').format(kind=kind), _("Give it with --due-date DATE.")
        )
    if times.start is None and times.due_date is None:
        raise Refused(_("An activity has a start or a due date."), _("Give --start MOMENT or --due-date DATE."))
