"""Activities as they are stored, whichever door writes them."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
import sqlalchemy as sa

from besace import entities, lists, relations
from besace.errors import BesaceError, Refused
from besace.relations import Link

from .conftest import TODAY, Desk

FRIDAY = date(2026, 3, 13)


def test_what_is_planned_stands_on_the_day_of_its_start_or_its_due_date(desk: Desk) -> None:
    assert desk.stands(desk.meeting()) == ("planned", date(2026, 3, 16), None, None)
    assert desk.stands(desk.task()) == ("planned", date(2026, 3, 20), None, None)
    assert desk.stands(desk.activity()) == ("planned", TODAY, None, None)


def test_what_was_done_is_entered_at_once(desk: Desk) -> None:
    call = desk.activity(state="done", done_on="2026-03-13", result="They want an offer")
    assert desk.stands(call) == ("done", FRIDAY, FRIDAY, "They want an offer")


def test_an_activity_is_done_cancelled_and_planned_again(desk: Desk) -> None:
    call = desk.activity(due_date="2026-03-20")
    desk.do(call, "done", result="Reached", on="2026-03-13")
    assert desk.stands(call) == ("done", FRIDAY, FRIDAY, "Reached")
    desk.do(call, "reopen")
    assert desk.stands(call) == ("planned", date(2026, 3, 20), None, None)
    desk.do(call, "cancel", result="On holiday")
    assert desk.stands(call) == ("cancelled", date(2026, 3, 20), None, "On holiday")


def test_E1_each_step_is_in_the_history(desk: Desk) -> None:
    call = desk.activity()
    desk.do(call, "done", result="Reached")
    desk.do(call, "reopen")
    lines = [line for line in desk.run("activity", "history", call) if line["field"] in ("state", "result")]
    assert [(line["field"], line["before"], line["after"]) for line in lines] == [
        ("state", None, "planned"),
        ("state", "planned", "done"),
        ("result", None, "Reached"),
        ("state", "done", "planned"),
        ("result", "Reached", None),
    ]


@pytest.mark.parametrize(("state", "verb"), [("planned", "reopen"), ("done", "done"), ("cancelled", "cancel")])
def test_a_step_to_where_it_is_already_is_refused(desk: Desk, state: str, verb: str) -> None:
    call = desk.activity(state=state)
    with pytest.raises(Refused, match=r'Activity \d+ "Call" is ".*" already'):
        desk.do(call, verb)


def test_editing_the_state_obeys_the_same_rules(desk: Desk) -> None:
    call = desk.activity(state="done", result="Reached")
    with pytest.raises(Refused, match='"Done" and cannot become "Cancelled"'):
        desk.edit(call, state="cancelled")
    with pytest.raises(Refused, match="has no result yet"):
        desk.edit(call, state="planned", result="Reached again")
    desk.edit(call, state="planned")
    assert desk.stands(call) == ("planned", TODAY, None, None)


def test_a_meeting_that_was_entered_without_a_start_needs_one_to_be_planned(desk: Desk) -> None:
    meeting = desk.activity("Visit", "meeting", state="done")
    with pytest.raises(Refused, match='kind "Meeting" has a start'):
        desk.do(meeting, "reopen")


def test_moving_an_activity_moves_its_day(desk: Desk) -> None:
    meeting = desk.meeting()
    desk.edit(meeting, start="2026-03-18T14:00")
    assert desk.get(meeting)["day"] == date(2026, 3, 18)


def test_the_day_of_a_moment_is_that_of_the_zone(desk: Desk) -> None:
    desk.set("time_zone", "Asia/Tokyo")
    values = desk.get(desk.meeting(start="2026-03-17T00:30"))
    assert (values["start"], values["day"]) == (datetime(2026, 3, 16, 15, 30, tzinfo=UTC), date(2026, 3, 17))


def test_the_kinds_of_an_administrator_say_what_they_need(desk: Desk) -> None:
    desk.crm.write(lambda work: lists.add(work, "activity_kind", "demo", label="Demonstration", timing="start").key)
    with pytest.raises(Refused, match='kind "Demonstration" has a start'):
        desk.activity("Show it", "demo")
    desk.crm.write(lambda work: lists.add(work, "activity_kind", "visit", label="Visit").key)
    assert desk.get(desk.activity("See it", "visit"))["due_date"] == TODAY


def test_the_timing_of_a_kind_in_use_stays(desk: Desk) -> None:
    desk.task()
    with pytest.raises(Refused, match='The kind "task" is in use 1 time'):
        desk.crm.write(lambda work: lists.edit(work, "activity_kind", "task", timing="either").key)
    assert desk.crm.write(lambda work: lists.edit(work, "activity_kind", "email", timing="start").key) == "email"


@pytest.mark.parametrize(
    ("values", "is_overdue"),
    [
        ({"due_date": "2026-03-13"}, True),
        ({"due_date": "2026-03-14"}, False),
        ({"due_date": "2026-03-13", "start": "2026-03-20T09:00"}, True),
        ({"start": "2026-03-13T23:59"}, True),
        ({"start": "2026-03-14T00:00"}, False),
        ({"start": "2026-03-13T23:00", "end": "2026-03-14T01:00"}, False),
        ({"start": "2026-03-13T23:00", "end": "2026-03-14T00:00"}, True),
        ({"start": "2026-03-14T00:00", "end": "2026-03-14T00:00"}, False),
        ({"start": "2026-03-12", "end": "2026-03-13", "all_day": True}, True),
        ({"start": "2026-03-13", "end": "2026-03-14", "all_day": True}, False),
        ({"due_date": "2026-03-13", "state": "done"}, False),
        ({"due_date": "2026-03-13", "state": "cancelled"}, False),
    ],
)
def test_overdue_is_what_is_planned_and_whose_last_day_has_gone_by(
    desk: Desk, values: dict[str, Any], is_overdue: bool
) -> None:
    desk.activity(**values)
    assert bool(desk.found("overdue")) is is_overdue


def test_named_conditions_ask_what_was_done_of_which_kind(desk: Desk) -> None:
    for kind in ("meeting", "phone_call", "email", "task"):
        desk.activity(f"done {kind}", kind, state="done")
        desk.activity(f"planned {kind}", kind, start="2026-03-20T09:00")
    names = {"meetings_held": "meeting", "calls_made": "phone_call", "emails_sent": "email", "tasks_done": "task"}
    assert {c: desk.found(c) for c in names} == {c: [f"done {kind}"] for c, kind in names.items()}
    assert (len(desk.found("planned")), len(desk.found("done")), desk.found("cancelled")) == (4, 4, [])


@pytest.mark.parametrize("wrong", ["end = '2000-01-01'", "done_on = '2000-01-01'"])
def test_the_database_says_the_rules_too(desk: Desk, damage: Any, wrong: str) -> None:
    desk.meeting()
    with pytest.raises(sa.exc.IntegrityError, match="ck_activity"):
        damage(desk.crm, f"UPDATE activity SET {wrong.replace('end', chr(34) + 'end' + chr(34))}")


def test_E3_an_activity_is_about_any_entity_but_not_about_itself(desk: Desk) -> None:
    call, task = desk.activity(), desk.task()
    desk.link(call, "about", task)
    assert [s["label"] for s in desk.block("activity", call, "subjects")["entities"]] == ["Letter"]
    assert desk.block("activity", task, "subjects")["entities"] == []
    with pytest.raises(BesaceError, match="cannot be linked to itself"):
        desk.link(call, "about", call)


def test_E3_only_people_take_part(desk: Desk) -> None:
    call, task = desk.activity(), desk.task()
    with pytest.raises(BesaceError, match=r"cannot be the subject .* contact, user"):
        desk.link(task, "participates_in", call)


def test_the_participants_of_an_activity_are_shown_and_others_counted(desk: Desk) -> None:
    call = desk.activity()
    people = [{"name": f"user{n:02}"} for n in range(51)]

    def come(work: Any) -> None:
        relations.link_many(
            work, [Link(p, "participates_in", call) for p in entities.create_many(work, "user", people)]
        )

    desk.crm.write(come)
    shown = desk.block("activity", call, "participants")
    assert (len(shown["entities"]), shown["entities"][0]["label"], shown["more"]) == (50, "user00", True)


def test_a_participant_in_the_trash_does_not_show(desk: Desk) -> None:
    call, bob = desk.activity(), desk.create("user", name="bob")
    desk.link(bob, "participates_in", call)
    desk.delete(bob)
    assert desk.block("activity", call, "participants") == {"entities": [], "more": False}
