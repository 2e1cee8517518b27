"""The calendar file of an agenda (RFC 5545): events, and to-dos for what is due by a day and has no start."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING

import sqlalchemy as sa
from icalendar import Calendar, Component, Event, Todo

from besace.schema import meta
from besace.texts import in_language, printable
from besace.version import VERSION
from besace.zones import first_moment, moment_in
from besace_activities.life import State, is_as_planned

if TYPE_CHECKING:
    from besace.database import Work
    from besace_activities.queries import Entry

_EVENT_STATES = {State.PLANNED: "CONFIRMED", State.DONE: "CONFIRMED", State.CANCELLED: "CANCELLED"}
_TODO_STATES = {State.PLANNED: "NEEDS-ACTION", State.DONE: "COMPLETED", State.CANCELLED: "CANCELLED"}


def calendar(work: Work, entries: Sequence[Entry]) -> bytes:
    """The activities as a calendar; the same activities always give the same bytes. One statement.

    The name of each is made of the install's own identity and its id: read again, it takes the place of the one before.
    """
    install = work.scalar(sa.select(meta.c.value).where(meta.c.key == "id"))
    made = Calendar()
    made.add("prodid", f"-//Besace//Besace {VERSION}//{work.language.upper()}")
    made.add("version", "2.0")
    for entry in entries:
        made.add_component(_component(work, entry, f"{entry.id}@{install}"))
    return bytes(made.to_ical())


def _component(work: Work, entry: Entry, uid: str) -> Component:
    component = _todo(work, entry) if _is_todo(entry) else _event(work, entry)
    component.add("uid", uid)
    component.add("dtstamp", entry.modified_at)  # where no method is stated, it says when this was last revised
    component.add("sequence", entry.version - 1)
    component.add("summary", _plain(entry.label))
    component.add("categories", [_plain(in_language(entry.kind, work.language))])
    described = [text for text in (", ".join(s.label for s in entry.subjects), entry.notes, entry.result) if text]
    if described:
        component.add("description", _plain("\n\n".join(described)))
    if entry.place is not None:
        component.add("location", _plain(entry.place))
    return component


def _is_todo(entry: Entry) -> bool:
    """Whether it is something to do by a day, and not at a moment: what has a start is at that, as in the agenda."""
    return entry.due_date is not None and entry.start is None


def _todo(work: Work, entry: Entry) -> Todo:
    todo = Todo()
    todo.add("due", entry.due_date)
    todo.add("status", _TODO_STATES[State(entry.state)])
    if entry.done_on is not None:
        todo.add("completed", first_moment(entry.done_on, work.zone))
    return todo


def _event(work: Work, entry: Entry) -> Event:
    event = Event()
    event.add("status", _EVENT_STATES[State(entry.state)])
    for name, value in _bounds(work, entry).items():
        event.add(name, value)
    return event


def _bounds(work: Work, entry: Entry) -> dict[str, date]:
    """Its start and its end, which is the first moment, or day, after it."""
    if entry.start is None or not is_as_planned(entry.times, work.zone):
        return {"dtstart": entry.day}
    if not entry.all_day:
        if entry.end is None or entry.end == entry.start:
            return {"dtstart": entry.start}
        return {"dtstart": entry.start, "dtend": entry.end}
    first, last = (moment_in(work.zone, m).date() for m in (entry.start, entry.end or entry.start))
    return {"dtstart": first} | ({} if last == date.max else {"dtend": last + timedelta(1)})


def _plain(text: str) -> str:
    """The text without the characters that no calendar file may hold, each line ended alike."""
    return printable("\n".join(text.splitlines()))
