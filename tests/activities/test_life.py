"""The life of an activity: pure rules, without a database."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from besace.errors import Refused
from besace.texts import Text
from besace_activities.life import State, Times, Timing, check_move, check_result, day_of, last_day, settle

PARIS = ZoneInfo("Europe/Paris")
TODAY = date(2026, 3, 14)
NINE = datetime(2026, 3, 16, 8, 30, tzinfo=UTC)
LATE = datetime(2026, 3, 16, 23, 30, tzinfo=UTC)
CALL = Text('Activity 7 "Call"', "")


def settled(times: Times, state: State = State.PLANNED, timing: Timing = Timing.EITHER, **options: Any) -> Times:
    return settle(times, state, timing, "Call", **{"today": TODAY, "zone": PARIS, **options})


@pytest.mark.parametrize(("before", "after"), [(State.DONE, State.CANCELLED), (State.CANCELLED, State.DONE)])
def test_what_is_done_or_cancelled_is_planned_again_first(before: State, after: State) -> None:
    with pytest.raises(Refused, match=r"cannot become .* Plan it again first: besace activity reopen 7"):
        check_move(CALL, 7, before, after)


@pytest.mark.parametrize("other", list(State))
def test_every_state_leads_to_planned_and_back(other: State) -> None:
    check_move(CALL, 7, other, State.PLANNED)
    check_move(CALL, 7, State.PLANNED, other)
    check_move(CALL, 7, other, other)


def test_what_is_planned_has_no_result() -> None:
    with pytest.raises(Refused, match="has no result yet"):
        check_result(State.PLANNED, "Sold")
    check_result(State.DONE, "Sold")
    check_result(State.CANCELLED, "They are on holiday")


@pytest.mark.parametrize(
    ("timing", "times", "problem"),
    [
        (Timing.START, Times(due_date=TODAY), 'kind "Call" has a start'),
        (Timing.DUE_DATE, Times(start=NINE), 'kind "Call" has a due date'),
        (Timing.EITHER, Times(), "has a start or a due date"),
        (Timing.EITHER, Times(end=NINE), "with an end has a start"),
        (Timing.EITHER, Times(start=NINE, end=NINE - timedelta(minutes=1)), "2026-03-16 09:30 cannot end on 2026"),
        (Timing.EITHER, Times(due_date=TODAY, all_day=True), "What takes whole days has a start"),
        (Timing.EITHER, Times(due_date=TODAY, done_on=TODAY), "Only an activity that is done"),
    ],
)
def test_times_that_do_not_agree_are_refused(timing: Timing, times: Times, problem: str) -> None:
    with pytest.raises(Refused, match=problem):
        settled(times, timing=timing)


def test_an_end_may_be_its_start() -> None:
    assert settled(Times(start=NINE, end=NINE)).end == NINE


@pytest.mark.parametrize(
    ("timing", "times", "due"),
    [
        (Timing.DUE_DATE, Times(), TODAY),
        (Timing.EITHER, Times(), TODAY),
        (Timing.EITHER, Times(start=NINE), None),
        (Timing.DUE_DATE, Times(start=NINE), date(2026, 3, 16)),
        (Timing.DUE_DATE, Times(start=NINE, end=LATE), date(2026, 3, 17)),
        (Timing.DUE_DATE, Times(due_date=date(2026, 4, 1)), date(2026, 4, 1)),
    ],
)
def test_what_is_newly_planned_gets_the_due_date_that_it_lacks(timing: Timing, times: Times, due: date | None) -> None:
    assert settled(times, timing=timing, is_newly_planned=True).due_date == due


@pytest.mark.parametrize(
    ("times", "done_on"),
    [
        (Times(), TODAY),
        (Times(due_date=date(2026, 3, 1)), TODAY),
        (Times(start=datetime(2026, 3, 9, 8, tzinfo=UTC)), date(2026, 3, 9)),
        (Times(start=NINE), TODAY),
        (Times(start=NINE, done_on=date(2026, 3, 2)), date(2026, 3, 2)),
    ],
)
def test_what_is_done_has_a_day_that_has_come(times: Times, done_on: date) -> None:
    assert settled(times, State.DONE, Timing.START).done_on == done_on


def test_nothing_is_done_on_a_day_to_come() -> None:
    with pytest.raises(Refused, match="2026-03-15 has not come yet"):
        settled(Times(done_on=date(2026, 3, 15)), State.DONE)


def test_whole_days_are_those_of_the_zone() -> None:
    times = settled(Times(start=LATE, end=LATE + timedelta(days=2), all_day=True))
    assert times.start == datetime(2026, 3, 16, 23, tzinfo=UTC)  # midnight of the 17th in Paris
    assert (day_of(times, PARIS), last_day(times, PARIS)) == (date(2026, 3, 17), date(2026, 3, 19))


@pytest.mark.parametrize(
    ("start", "end", "last"),
    [
        (16, 17, 16),  # to midnight
        (16, 18, 17),
        (17, 17, 17),  # at midnight, and no time at all
    ],
)
def test_what_ends_at_midnight_does_not_stand_on_the_day_that_begins_then(start: int, end: int, last: int) -> None:
    begins = datetime(2026, 3, start, 22 if start != end else 0, tzinfo=PARIS)
    times = settled(Times(begins, datetime(2026, 3, end, tzinfo=PARIS)))
    assert last_day(times, PARIS) == date(2026, 3, last)


MOMENTS = st.none() | st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 31), timezones=st.just(UTC))
DAYS = st.none() | st.dates(date(2026, 1, 1), date(2026, 12, 31))
ANY_TIMES = st.builds(Times, start=MOMENTS, end=MOMENTS, all_day=st.booleans(), due_date=DAYS, done_on=DAYS)


@given(ANY_TIMES, st.sampled_from(State), st.sampled_from(Timing), st.booleans())
def test_what_is_settled_stays_and_has_its_days_in_order(
    times: Times, state: State, timing: Timing, is_new: bool
) -> None:
    try:
        once = settled(times, state, timing, is_newly_planned=is_new)
    except Refused:
        assume(False)
    assert settled(once, state, timing) == once
    assert (once.done_on is not None) == (state is State.DONE)
    first, last = day_of(once, PARIS), last_day(once, PARIS)
    assert first is not None
    assert last is not None
    assert first <= last
    assert once.end is None or (once.start is not None and once.start <= once.end)
