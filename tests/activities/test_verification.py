"""What `besace verify` finds after the time zone of an install has changed."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from besace import entities, reading
from besace.zones import moment_in
from besace_activities.hours import shown_times
from besace_activities.life import Times

from .conftest import Desk


@pytest.fixture
def moved(desk: Desk) -> Desk:
    """An install that was one of Paris, and is one of New York since."""
    desk.set("time_zone", "Europe/Paris")
    desk.meeting("early", "2026-03-16T03:00")
    desk.meeting("noon", "2026-03-16T12:00")
    desk.meeting("fair", "2026-03-16", end="2026-03-18", all_day=True)
    desk.meeting("done", "2026-03-13T03:00", state="done")
    desk.meeting("fair done", "2026-03-10", end="2026-03-12", all_day=True, state="done")
    desk.meeting("fair done early", "2026-03-11", end="2026-03-12", all_day=True, state="done", done_on="2026-03-05")
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
    labels = ("early", "noon", "fair", "done", "fair done", "fair done early", "letter")
    assert [label for label in labels if f'"{label}"' in found.stdout] == [
        "early", "fair", "fair done", "fair done early",
    ]  # fmt: skip


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


def days_of(desk: Desk, label: str) -> list[str]:
    """The first and the last of its whole days, that on which it stands, and how its times read."""
    values = values_of(desk, label)
    with desk.crm.read() as work:
        kept = Times(values["start"], values["end"], values["all_day"], values["due_date"], values["done_on"])
        first, last = (f"{moment:%m-%d %H:%M}" for moment in (moment_in(work.zone, m) for m in (kept.start, kept.end)))
        return [first, last, f"{values['day']:%m-%d}", str(shown_times(kept, work.zone))]


def test_it_gives_whole_days_that_are_done_back_to_their_days(moved: Desk, run: Any) -> None:
    run(moved.crm, "verify", "--fix")
    assert days_of(moved, "fair done") == ["03-10 00:00", "03-12 00:00", "03-10", "2026-03-10 – 2026-03-12"]
    assert days_of(moved, "fair done early") == ["03-11 00:00", "03-12 00:00", "03-05", "2026-03-05"]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("Pacific/Auckland", "Europe/Paris"),
        ("Pacific/Honolulu", "Pacific/Auckland"),
        ("America/Sao_Paulo", "Asia/Kathmandu"),
        ("Pacific/Kiritimati", "Pacific/Kiritimati"),
        ("Pacific/Pago_Pago", "Pacific/Pago_Pago"),
    ],
)
def test_whole_days_that_are_done_are_those_of_any_zone(desk: Desk, run: Any, before: str, after: str) -> None:
    desk.set("time_zone", before)
    desk.meeting("fair", "2026-03-11", end="2026-03-12", all_day=True, state="done", done_on="2026-03-05")
    desk.set("time_zone", after)
    assert run(desk.crm, "verify", "--fix").exit_code == 0
    assert days_of(desk, "fair")[:3] == ["03-11 00:00", "03-12 00:00", "03-05"]


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"notes": "x"}, ["03-16 00:00", "03-18 00:00", "03-16", "2026-03-16 – 2026-03-18"]),
        ({"end": "2026-03-19"}, ["03-16 00:00", "03-19 00:00", "03-16", "2026-03-16 – 2026-03-19"]),
        ({"start": "2026-03-17"}, ["03-17 00:00", "03-18 00:00", "03-17", "2026-03-17 – 2026-03-18"]),
        ({"all_day": False}, ["03-16 00:00", "03-18 00:00", "03-16", "2026-03-16 00:00 – 2026-03-18 00:00"]),
        ({"state": "cancelled"}, ["03-16 00:00", "03-18 00:00", "03-16", "2026-03-16 – 2026-03-18"]),
    ],
)
def test_an_edit_moves_no_whole_day_that_it_does_not_give(
    moved: Desk, values: dict[str, Any], expected: list[str]
) -> None:
    moved.edit(values_of(moved, "fair")["id"], **values)
    assert days_of(moved, "fair") == expected


def test_it_finds_nothing_where_the_zone_stayed(desk: Desk, run: Any) -> None:
    desk.set("time_zone", "Asia/Tokyo")
    desk.meeting("fair", "2026-03-16", end="2026-03-18", all_day=True)
    assert run(desk.crm, "verify").exit_code == 0
