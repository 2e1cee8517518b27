"""What `besace verify` finds after the time zone of an install has changed."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from besace import entities, reading

from .conftest import Desk


@pytest.fixture
def moved(desk: Desk) -> Desk:
    """An install that was one of Paris, and is one of New York since."""
    desk.set("time_zone", "Europe/Paris")
    desk.meeting("early", "2026-03-16T03:00")
    desk.meeting("noon", "2026-03-16T12:00")
    desk.meeting("fair", "2026-03-16", end="2026-03-18", all_day=True)
    desk.meeting("done", "2026-03-13T03:00", state="done")
    desk.task("letter")
    desk.set("time_zone", "America/New_York")
    return desk


def values_of(desk: Desk, label: str) -> dict[str, Any]:
    with desk.crm.read() as work:
        found = reading.resolve(work, f"activity:{label}")
        return entities.read_values(work, work.crm.registry.type("activity"), [found.id])[found.id]


def test_it_finds_what_stands_on_another_day_than_its_start(moved: Desk, run: Any) -> None:
    found = run(moved.crm, "verify")
    assert found.exit_code == 1
    assert [label for label in ("early", "noon", "fair", "done", "letter") if f'"{label}"' in found.stdout] == [
        "early",
        "fair",
    ]


def test_it_mends_the_day_of_hours_and_the_hours_of_days(moved: Desk, run: Any) -> None:
    run(moved.crm, "verify", "--fix")
    assert run(moved.crm, "verify").exit_code == 0
    early, fair = values_of(moved, "early"), values_of(moved, "fair")
    assert (early["start"], early["day"]) == (datetime(2026, 3, 16, 2, tzinfo=UTC), date(2026, 3, 15))
    assert (fair["start"], fair["end"]) == (
        datetime(2026, 3, 16, 4, tzinfo=UTC),
        datetime(2026, 3, 18, 4, tzinfo=UTC),
    )
    assert fair["day"] == date(2026, 3, 16)


def test_it_finds_nothing_where_the_zone_stayed(desk: Desk, run: Any) -> None:
    desk.set("time_zone", "Asia/Tokyo")
    desk.meeting("fair", "2026-03-16", end="2026-03-18", all_day=True)
    assert run(desk.crm, "verify").exit_code == 0
