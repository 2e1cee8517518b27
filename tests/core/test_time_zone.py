"""The install's time zone: moments are typed and shown there, and kept in UTC."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from besace import Besace, reading, settings
from besace.errors import InvalidValue
from besace.surroundings import clock
from besace.zones import clean_zone, first_moment, last_moment, moment_in, zone_called

PARIS = ZoneInfo("Europe/Paris")


@pytest.fixture
def paris(crm: Besace) -> Besace:
    """An install whose moments are those of Paris."""
    crm.write(lambda work: settings.change(work, "time_zone", "Europe/Paris"))
    return crm


def seen_at(crm: Besace, made: int) -> Any:
    with crm.read() as work:
        return reading.get(work, "gadget", made).seen_at


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("2026-01-15T09:30", datetime(2026, 1, 15, 8, 30, tzinfo=UTC)),
        ("2026-07-15T09:30", datetime(2026, 7, 15, 7, 30, tzinfo=UTC)),
        ("2026-07-15T09:30Z", datetime(2026, 7, 15, 9, 30, tzinfo=UTC)),
        ("2026-07-15T09:30-05:00", datetime(2026, 7, 15, 14, 30, tzinfo=UTC)),
        ("today", datetime(2026, 3, 13, 23, 0, tzinfo=UTC)),
    ],
)
def test_a_moment_typed_without_a_zone_is_of_the_install(
    paris: Besace, gadget: Callable[..., int], typed: str, kept: datetime
) -> None:
    assert seen_at(paris, gadget(seen_at=typed)) == kept


def test_without_the_setting_it_is_utc(crm: Besace, gadget: Callable[..., int]) -> None:
    assert seen_at(crm, gadget(seen_at="2026-07-15T09:30")) == datetime(2026, 7, 15, 9, 30, tzinfo=UTC)


def test_a_moment_is_shown_as_it_was_typed_and_in_utc_to_programs(
    paris: Besace, gadget: Callable[..., int], run: Any
) -> None:
    made = gadget(seen_at="2026-07-15T09:30")
    assert "2026-07-15 09:30 CEST" in run(paris, "show", f"{made}").stdout
    assert run(paris, "show", f"{made}", "--json").json["seen_at"] == "2026-07-15T07:30:00Z"


def test_a_moment_that_no_clock_there_shows_is_shown_in_utc(
    paris: Besace, gadget: Callable[..., int], run: Any
) -> None:
    made = gadget(seen_at="9999-12-31T23:30Z")
    assert "9999-12-31 23:30 UTC" in run(paris, "show", f"{made}").stdout


@pytest.mark.parametrize(
    ("where", "found"),
    [
        ("seen_at = 2026-07-15", ["early", "late"]),
        ("seen_at != 2026-07-15", ["next"]),
        ("seen_at > 2026-07-15", ["next"]),
        ("seen_at <= 2026-07-15", ["early", "late"]),
        ("seen_at < 2026-07-15", []),
        ("seen_at >= 2026-07-15T23:30", ["late", "next"]),
        ("seen_at >= 0001-01-01 and seen_at <= 9999-12-31", ["early", "late", "next"]),
    ],
)
def test_a_condition_asks_for_the_days_of_the_zone(
    paris: Besace, gadget: Callable[..., int], where: str, found: list[str]
) -> None:
    gadget("early", seen_at="2026-07-15T00:00")
    gadget("late", seen_at="2026-07-15T23:59:59.999999")
    gadget("next", seen_at="2026-07-16T00:00")
    with paris.read() as work:
        rows = reading.page(work, work.crm.registry.type("gadget"), where=where)
    assert [row.label for row in rows] == found


def test_the_day_begins_where_the_zone_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("BESACE_TODAY", raising=False)
    ahead, behind = (clock(ZoneInfo(name))[0] for name in ("Pacific/Kiritimati", "Pacific/Pago_Pago"))
    assert (ahead - behind).days >= 1  # they are 25 hours apart


def test_a_unit_of_work_knows_the_day_of_its_zone(crm: Besace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("BESACE_TODAY")
    crm.write(lambda work: settings.change(work, "time_zone", "Pacific/Kiritimati"))
    with crm.read() as work:
        assert work.today == work.now.astimezone(ZoneInfo("Pacific/Kiritimati")).date()


@pytest.mark.parametrize("name", ["Europe/Pariss", "Europe", "../etc/passwd", "/etc/passwd", "CEST?", "Paris"])
def test_a_zone_that_there_is_not_is_refused(name: str) -> None:
    with pytest.raises(InvalidValue, match="is not a time zone"):
        clean_zone(name)


def test_a_zone_that_is_near_is_named(crm: Besace, run: Any) -> None:
    refused = run(crm, "config", "set", "time_zone", "Europe/Pari")
    assert refused.exit_code == 2
    assert "Europe/Paris" in refused.stderr


@given(st.dates(date(1900, 1, 2), date(2100, 1, 1)), st.sampled_from(["UTC", "Europe/Paris", "America/Sao_Paulo"]))
def test_a_moment_is_in_one_day_from_its_first_moment_to_its_last(day: date, name: str) -> None:
    zone = zone_called(name)
    first, last = first_moment(day, zone), last_moment(day, zone)
    assert first < last
    assert {moment_in(zone, first).date(), moment_in(zone, last).date()} == {day}
