"""The agenda: what a user has to do and did, day by day."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from besace import entities, relations
from besace.errors import UsageError
from besace.reading import found_entities
from besace.relations import Link
from besace_activities.agenda import Agenda, agenda_of

from .conftest import TODAY, Desk

Days = dict[str, list[str]]


def agenda(desk: Desk, user: int | None = None, **days: date) -> Agenda:
    with desk.crm.read() as work:
        whose = user or work.user_id or 0
        return agenda_of(work, found_entities(work, [whose])[whose], **days)


def days_of(found: Agenda) -> Days:
    overdue = {"overdue": [entry.label for entry in found.overdue]} if found.overdue else {}
    return overdue | {f"{day.day:%m-%d}": [entry.label for entry in day.activities] for day in found.days}


def test_it_shows_two_weeks_from_today_on(desk: Desk) -> None:
    desk.task("today", "2026-03-14")
    desk.task("last", "2026-03-27")
    desk.task("beyond", "2026-03-28")
    found = agenda(desk)
    assert (found.first, found.last) == (TODAY, TODAY + timedelta(13))
    assert days_of(found) == {"03-14": ["today"], "03-27": ["last"]}


def test_what_is_overdue_comes_first_whenever_it_was(desk: Desk) -> None:
    desk.task("old", "2025-01-01")
    desk.task("in the range", "2026-03-12")
    desk.activity("made", state="done", done_on="2026-03-12")
    found = agenda(desk, first=date(2026, 3, 10), last=date(2026, 3, 12))
    assert days_of(found) == {"overdue": ["old", "in the range"], "03-12": ["made"]}


def test_a_day_begins_with_what_has_no_hour(desk: Desk) -> None:
    desk.meeting("noon", "2026-03-16T12:00")
    desk.meeting("morning", "2026-03-16T08:00")
    desk.task("letter", "2026-03-16")
    desk.meeting("fair", "2026-03-16", all_day=True)
    assert days_of(agenda(desk)) == {"03-16": ["letter", "fair", "morning", "noon"]}


def test_what_lasts_several_days_stands_on_each_that_is_shown(desk: Desk) -> None:
    desk.meeting("fair", "2026-03-13", end="2026-03-17", all_day=True)
    found = agenda(desk, first=date(2026, 3, 16), last=date(2026, 3, 20))
    assert days_of(found) == {"03-16": ["fair"], "03-17": ["fair"]}


def test_what_ends_at_midnight_stands_on_the_day_before_alone(desk: Desk) -> None:
    desk.meeting("dinner", "2026-03-16T20:00", end="2026-03-17T00:00")
    assert days_of(agenda(desk)) == {"03-16": ["dinner"]}
    assert days_of(agenda(desk, first=date(2026, 3, 17))) == {}


def test_what_was_done_on_another_day_than_planned_stands_on_that_alone(desk: Desk) -> None:
    desk.meeting("fair", "2026-03-16", end="2026-03-18", all_day=True, state="done", done_on="2026-03-14")
    assert days_of(agenda(desk)) == {"03-14": ["fair"]}
    assert days_of(agenda(desk, first=date(2026, 3, 17))) == {}


def test_what_was_cancelled_or_is_in_the_trash_does_not_show(desk: Desk) -> None:
    desk.task("cancelled", state="cancelled")
    desk.delete(desk.task("trashed"))
    assert days_of(agenda(desk)) == {}


def test_it_holds_what_a_user_owns_or_takes_part_in(desk: Desk) -> None:
    bob = desk.create("user", name="bob")
    desk.task("mine")
    both = desk.task("both")
    desk.task("given", owner=bob)
    desk.link(bob, "participates_in", both)
    assert days_of(agenda(desk)) == {"03-20": ["mine", "both"]}
    assert days_of(agenda(desk, bob)) == {"03-20": ["both", "given"]}


def test_days_are_those_of_the_zone(desk: Desk) -> None:
    desk.set("time_zone", "America/New_York")
    desk.meeting("evening", "2026-03-16T22:00")
    assert days_of(agenda(desk)) == {"03-16": ["evening"]}


def test_an_entry_says_what_it_is_about(desk: Desk) -> None:
    call = desk.task("Call")
    desk.link(call, "about", desk.task("Zoo", "2026-05-01"), desk.task("Ant", "2026-05-01"))
    ((entry,),) = [day.activities for day in agenda(desk).days]
    assert [subject.label for subject in entry.subjects] == ["Ant", "Zoo"]


def test_an_agenda_does_not_end_before_it_begins(desk: Desk) -> None:
    with pytest.raises(UsageError, match="from 2026-03-14 cannot end on 2026-03-13"):
        agenda(desk, last=date(2026, 3, 13))


@pytest.mark.parametrize("day", [date.min, date.max])
def test_the_ends_of_the_calendar_have_an_agenda_too(desk: Desk, day: date) -> None:
    desk.set("time_zone", "America/New_York")
    desk.meeting("last", "9999-12-31T12:00", end="9999-12-31T13:00")
    assert days_of(agenda(desk, first=day)) == ({"12-31": ["last"]} if day == date.max else {})


@pytest.mark.parametrize("activities", [0, 3, 300])
def test_it_costs_the_same_whatever_is_in_it(desk: Desk, count_statements: Any, activities: int) -> None:
    rows = [{"title": f"Call {n}", "kind": "phone_call", "due_date": "2026-03-16"} for n in range(activities)]

    def fill(work: Any) -> None:
        made = entities.create_many(work, "activity", rows)
        relations.link_many(work, [Link(one, "about", other) for one in made[:1] for other in made[1:]])

    desk.crm.write(fill)
    with desk.crm.read() as work:
        whose = found_entities(work, [work.user_id or 0])[work.user_id or 0]
        with count_statements(work) as seen:
            found = agenda_of(work, whose)
        assert sum(len(day.activities) for day in found.days) == activities
        assert seen.count == 3  # the activities, their subjects, the kinds
