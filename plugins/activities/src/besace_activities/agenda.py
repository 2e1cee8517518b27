"""The agenda of a person: what is overdue, then day by day what is to come and what was."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta, tzinfo
from typing import TYPE_CHECKING

from besace.errors import UsageError
from besace.layouts import shortened
from besace.reading import Found
from besace.records import Note, Table
from besace.texts import Text, translator
from besace_activities.blocks import OVERDUE, state_of
from besace_activities.hours import hours_on, shown_times
from besace_activities.life import last_day
from besace_activities.queries import Entry, within

if TYPE_CHECKING:
    from besace.database import Work

_ = translator(__name__)

DAYS = 14
"""How many days an agenda has where its end is not given."""

_WHAT = [_("Kind"), _("Title"), _("Place"), _("About"), _("State")]


@dataclass(frozen=True)
class Day:
    """One day, and what stands on it: what takes the whole day first, then by the hour."""

    day: date
    activities: Sequence[Entry]


@dataclass(frozen=True)
class Agenda:
    """The days of a person that hold something, from the first to the last that was asked for."""

    user: Found
    first: date
    last: date
    overdue: Sequence[Entry]
    days: Sequence[Day]


def agenda_of(work: Work, user: Found, *, first: date | None = None, last: date | None = None) -> Agenda:
    """The agenda of a user, from today on for two weeks unless days are given: two statements and the kinds."""
    first, last = bounds(work, first, last)
    entries = within(work, user.id, first, last)
    overdue = [e for e in entries if e.overdue]
    days = by_day([e for e in entries if not e.overdue], first, last, work.zone)
    return Agenda(user, first, last, overdue, [Day(day, found) for day, found in days.items()])


def bounds(work: Work, first: date | None, last: date | None) -> tuple[date, date]:
    """The first and the last day of an agenda; raises UsageError where they are the wrong way round."""
    begins = first or work.today
    ends = last or begins + min(timedelta(DAYS - 1), date.max - begins)
    if ends < begins:
        raise UsageError(
            _("An agenda from {first} cannot end on {last}, before it.").format(first=begins, last=ends),
            _("Give a --to that is not before --from."),
        )
    return begins, ends


def by_day(entries: Sequence[Entry], first: date, last: date, zone: tzinfo) -> Mapping[date, list[Entry]]:
    """The entries under each of their days from the first to the last, in the order of the days."""
    found: dict[date, list[Entry]] = {}
    for entry in entries:
        for day in _days(entry, first, last, zone):
            found.setdefault(day, []).append(entry)
    return dict(sorted(found.items()))


def _days(entry: Entry, first: date, last: date, zone: tzinfo) -> Iterator[date]:
    end = min(last_day(entry.times, zone) or entry.day, last)
    day = max(entry.day, first)
    while day <= end:
        yield day
        if day == date.max:
            return
        day += timedelta(1)


def lay_out_agenda(work: Work, agenda: Agenda) -> list[Table | Note]:
    """The agenda as a table for what is overdue and one for each day."""
    laid: list[Table | Note] = []
    if agenda.overdue:
        rows = [[e.id, shown_times(e.times, work.zone), *_what(e)] for e in agenda.overdue]
        laid.append(Table([_("Id"), _("When"), *_WHAT], rows, OVERDUE))
    for day in agenda.days:
        rows = [[e.id, hours_on(e.times, day.day, work.zone), *_what(e)] for e in day.activities]
        laid.append(Table([_("Id"), _("When"), *_WHAT], rows, _heading(day.day, work.language)))
    return laid or [Note(told_empty(agenda.user, agenda.first, agenda.last))]


def told_empty(user: Found, first: date, last: date) -> Text:
    """That a user has nothing on some days."""
    told = _("Nothing in the agenda of {user} from {first} to {last}.")
    return told.format(user=user.label, first=first, last=last)


def _what(entry: Entry) -> list[object]:
    return [
        entry.kind,
        shortened(entry.label),
        shortened(entry.place),
        [s.label for s in entry.subjects],
        state_of(entry),
    ]


def _heading(day: date, language: str) -> str:
    """A day as a heading: `Tuesday 2 June 2026`."""
    from babel.dates import format_date

    return str(format_date(day, "EEEE d MMMM y", locale=language))
