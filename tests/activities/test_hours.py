"""How the times of an activity read: pure."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from besace_activities.hours import hours_on, shown_times
from besace_activities.life import Times

PARIS = ZoneInfo("Europe/Paris")


def at(day: int, hour: int = 0, minute: int = 0) -> datetime:
    return datetime(2026, 6, day, hour, minute, tzinfo=PARIS)


MORNING = Times(at(2, 9, 30), at(2, 10, 30))
NIGHT = Times(at(2, 22), at(4, 6))
EVENING = Times(at(2, 22), at(3))
FAIR = Times(at(2), at(4), all_day=True)


@pytest.mark.parametrize(
    ("times", "shown"),
    [
        (MORNING, "2026-06-02 09:30–10:30"),
        (Times(at(2, 9, 30)), "2026-06-02 09:30"),
        (Times(at(2, 9, 30), at(2, 9, 30)), "2026-06-02 09:30"),
        (NIGHT, "2026-06-02 22:00 – 2026-06-04 06:00"),
        (EVENING, "2026-06-02 22:00–00:00"),
        (FAIR, "2026-06-02 – 2026-06-04"),
        (Times(at(2), all_day=True), "2026-06-02"),
        (Times(due_date=date(2026, 6, 5)), "by 2026-06-05"),
        (Times(due_date=date(2026, 6, 5), done_on=date(2026, 6, 3)), "2026-06-03"),
        (Times(at(2, 9, 30), at(2, 10, 30), done_on=date(2026, 6, 2)), "2026-06-02 09:30–10:30"),
        (Times(at(2, 9, 30), at(2, 10, 30), done_on=date(2026, 6, 1)), "2026-06-01"),
        (Times(at(2, 22), at(4, 6), done_on=date(2026, 6, 2)), "2026-06-02 22:00 – 2026-06-04 06:00"),
    ],
)
def test_times_read_with_their_days(times: Times, shown: str) -> None:
    assert str(shown_times(times, PARIS)) == shown


@pytest.mark.parametrize(
    ("times", "day", "shown"),
    [
        (MORNING, 2, "09:30–10:30"),
        (EVENING, 2, "22:00–00:00"),
        (NIGHT, 2, "22:00–"),
        (NIGHT, 3, "all day"),
        (NIGHT, 4, "–06:00"),
        (FAIR, 3, "all day"),
        (Times(due_date=date(2026, 6, 5)), 5, "due"),
        (Times(due_date=date(2026, 6, 5), done_on=date(2026, 6, 3)), 3, ""),
        (Times(at(2, 9, 30), done_on=date(2026, 6, 1)), 1, ""),
    ],
)
def test_hours_read_within_a_day(times: Times, day: int, shown: str) -> None:
    assert str(hours_on(times, date(2026, 6, day), PARIS)) == shown
