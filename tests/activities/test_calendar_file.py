"""The calendar file, as another program reads it (RFC 5545)."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import icalendar
import pytest

from besace_activities.icalendar_file import calendar
from besace_activities.queries import within

from .conftest import Desk


def written(desk: Desk) -> bytes:
    with desk.crm.read() as work:
        return calendar(work, within(work, work.user_id or 0, date(2026, 3, 1), date(2026, 4, 30), cancelled=True))


def read(desk: Desk) -> dict[str, Any]:
    """The components of the file by their summary."""
    return {str(one["summary"]): one for one in icalendar.Calendar.from_ical(written(desk)).subcomponents}


def test_what_has_a_start_is_an_event_at_its_moment(desk: Desk) -> None:
    desk.set("time_zone", "Europe/Paris")
    desk.meeting("Visit", "2026-03-16T09:30", end="2026-03-16T10:30", place="Gare de Lyon; Paris, 12e")
    event = read(desk)["Visit"]
    assert event.name == "VEVENT"
    assert event["dtstart"].dt == datetime(2026, 3, 16, 8, 30, tzinfo=UTC)
    assert event["dtend"].dt == datetime(2026, 3, 16, 9, 30, tzinfo=UTC)
    assert (event["location"], event["status"]) == ("Gare de Lyon; Paris, 12e", "CONFIRMED")


def test_whole_days_are_dates_and_end_on_the_day_after(desk: Desk) -> None:
    desk.set("time_zone", "Europe/Paris")
    desk.meeting("Fair", "2026-03-16", end="2026-03-18", all_day=True)
    event = read(desk)["Fair"]
    assert (event["dtstart"].dt, event["dtend"].dt) == (date(2026, 3, 16), date(2026, 3, 19))
    assert b"DTSTART;VALUE=DATE:20260316\r\n" in written(desk)


@pytest.mark.parametrize(
    ("state", "status", "completed"),
    [
        ("planned", "NEEDS-ACTION", None),
        ("done", "COMPLETED", datetime(2026, 3, 14, tzinfo=UTC)),
        ("cancelled", "CANCELLED", None),
    ],
)
def test_a_task_is_a_to_do_with_its_state(desk: Desk, state: str, status: str, completed: Any) -> None:
    desk.task("Letter", "2026-03-20", state=state)
    todo = read(desk)["Letter"]
    assert (todo.name, todo["due"].dt, todo["status"]) == ("VTODO", date(2026, 3, 20), status)
    assert (todo["completed"].dt if "completed" in todo else None) == completed


def test_a_cancelled_meeting_is_told_as_such(desk: Desk) -> None:
    desk.meeting("Visit", state="cancelled")
    assert read(desk)["Visit"]["status"] == "CANCELLED"


def test_a_call_that_was_entered_afterwards_is_an_event_of_its_day(desk: Desk) -> None:
    desk.activity("Call", state="done", done_on="2026-03-12")
    event = read(desk)["Call"]
    assert (event.name, event["dtstart"].dt) == ("VEVENT", date(2026, 3, 12))


@pytest.mark.parametrize("done_on", ["2026-03-12", "2026-03-13"])
def test_what_was_done_on_another_day_than_planned_is_an_event_of_that_day(desk: Desk, done_on: str) -> None:
    desk.meeting("Visit", "2026-03-10T09:30", end="2026-03-10T10:30", state="done", done_on=done_on)
    event = read(desk)["Visit"]
    assert (event["dtstart"].dt, "dtend" in event) == (date.fromisoformat(done_on), False)


@pytest.mark.parametrize("state", ["planned", "cancelled"])
def test_a_task_with_a_start_is_an_event_at_its_moment_as_in_the_agenda(desk: Desk, state: str) -> None:
    desk.task("Letter", "2026-03-20", start="2026-03-16T10:00", state=state)
    event = read(desk)["Letter"]
    assert (event.name, event["dtstart"].dt) == ("VEVENT", datetime(2026, 3, 16, 10, tzinfo=UTC))


def test_its_name_stays_and_its_sequence_rises(desk: Desk) -> None:
    meeting = desk.meeting("Visit")
    before = read(desk)["Visit"]
    desk.edit(meeting, start="2026-03-17T09:30")
    after = read(desk)["Visit"]
    assert before["uid"] == after["uid"]
    assert str(before["uid"]).startswith(f"{meeting}@")
    assert (before["sequence"], after["sequence"]) == (0, 1)
    assert after["dtstamp"].dt >= before["dtstamp"].dt


def test_nothing_changed_gives_the_same_bytes(desk: Desk) -> None:
    desk.meeting()
    desk.task()
    assert written(desk) == written(desk)


def test_long_texts_are_folded_and_special_characters_come_back(desk: Desk) -> None:
    notes = "Réunion ; ordre du jour, \\ suite\nune autre ligne " + "é" * 200
    desk.task("Letter", notes=notes, result=None)
    raw = written(desk)
    assert all(len(line) <= 75 for line in raw.split(b"\r\n"))
    assert b"\n" not in raw.replace(b"\r\n", b"")
    assert str(read(desk)["Letter"]["description"]) == notes


def test_characters_that_no_calendar_may_hold_are_replaced(desk: Desk) -> None:
    desk.task("Bell", notes="ring\x07 ring\rring\x1b")
    assert str(read(desk)["Bell"]["description"]) == "ring\ufffd ring\nring\ufffd"


def test_it_tells_what_an_activity_is_about_and_what_came_of_it(desk: Desk) -> None:
    call = desk.activity("Call", state="done", result="They want an offer", notes="Ask for Ann")
    desk.link(call, "about", desk.task("Offer", "2026-06-01"))
    assert str(read(desk)["Call"]["description"]) == "Offer\n\nAsk for Ann\n\nThey want an offer"
    assert read(desk)["Call"]["categories"].to_ical() == b"Phone call"
