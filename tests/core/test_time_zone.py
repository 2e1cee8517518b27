"""The install's time zone: moments are typed and shown there, and kept in UTC."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, example, given
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
        ("todayT09:30", datetime(2026, 3, 14, 8, 30, tzinfo=UTC)),
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


@pytest.mark.parametrize(
    ("name", "day", "hours"),
    [
        ("Africa/Cairo", date(2026, 10, 29), 25),  # the clocks go from 24:00 back to 23:00
        ("America/Santiago", date(2026, 4, 4), 25),
        ("America/Nuuk", date(2026, 10, 24), 25),
        ("America/Nuuk", date(2026, 3, 28), 23),  # from 23:00 on to 24:00
        ("Asia/Beirut", date(2026, 3, 29), 23),  # from 00:00 on to 01:00
        ("Europe/Paris", date(2026, 3, 29), 23),
    ],
)
def test_a_day_has_its_hours_where_clocks_change_at_its_ends(name: str, day: date, hours: int) -> None:
    zone = ZoneInfo(name)
    last = last_moment(day, zone)
    assert last - first_moment(day, zone) == timedelta(hours=hours, microseconds=-1)
    assert last + timedelta(microseconds=1) == first_moment(day + timedelta(1), zone)


ZONES = [
    "UTC", "Africa/Cairo", "America/Havana", "America/Nuuk", "America/Santiago", "America/Sao_Paulo",
    "America/St_Johns", "Asia/Beirut", "Asia/Gaza", "Europe/Paris", "Pacific/Apia",
]  # fmt: skip
QUARTERS = [timedelta(minutes=15 * n) for n in range(100)]


@given(st.dates(date(1970, 1, 1), date(2037, 12, 31)), st.sampled_from(ZONES))
@example(date(2026, 10, 29), "Africa/Cairo")
@example(date(2026, 3, 28), "America/Nuuk")
@example(
    date(2010, 11, 6), "America/St_Johns"
)  # from 00:01 back to 23:01: its end is there twice, with a minute between
def test_no_moment_of_a_day_is_before_its_first_or_after_its_last(day: date, name: str) -> None:
    zone = zone_called(name)
    assume((name, day) != ("Pacific/Apia", date(2011, 12, 30)))  # there was no such day
    first, last, least = first_moment(day, zone), last_moment(day, zone), timedelta(microseconds=1)
    assert first < last
    assert {moment_in(zone, moment).date() for moment in (first, last)} == {day}
    assert day not in {moment_in(zone, last + least + later).date() for later in QUARTERS}
    assert day not in {moment_in(zone, first - least - earlier).date() for earlier in QUARTERS}


def test_a_day_that_there_was_not_has_no_moment() -> None:
    zone = ZoneInfo("Pacific/Apia")
    assert first_moment(date(2011, 12, 30), zone) > last_moment(date(2011, 12, 30), zone)


def test_a_condition_finds_the_last_hour_of_a_day_that_is_longer(crm: Besace, gadget: Callable[..., int]) -> None:
    crm.write(lambda work: settings.change(work, "time_zone", "Africa/Cairo"))
    gadget("late", seen_at="2026-10-29T23:30+02:00")
    with crm.read() as work:
        found = [
            [
                row.label
                for row in reading.page(work, work.crm.registry.type("gadget"), where=f"seen_at {how} 2026-10-29")
            ]
            for how in ("=", "<=", ">")
        ]
    assert found == [["late"], ["late"], []]
