"""Time zones: which one a name stands for, and the days of a moment there."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, tzinfo
from zoneinfo import ZoneInfo

from besace.errors import InvalidValue, near
from besace.texts import translator

_ = translator(__name__)

_DAY_ENDS = time.max.replace(fold=1)
"""Clocks that are put back at the end of a day show its last hour twice; those put forward, as if it were not so."""

SETTING = "time_zone"
"""The key of the setting: the zone in which moments are typed and shown."""

DEFAULT = "UTC"


def zone_called(name: str) -> tzinfo:
    """The zone of a name such as Europe/Paris; raises InvalidValue for one that there is not."""
    if name == DEFAULT:
        return UTC
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):  # no such zone, no such path, a folder of zones
        from zoneinfo import available_timezones

        raise InvalidValue(
            _('"{text}" is not a time zone.').format(text=name),
            near(name, sorted(available_timezones())) or _("Expected for example Europe/Paris."),
        ) from None


def clean_zone(text: str) -> str:
    """A name under which there is a zone; raises InvalidValue for another."""
    zone_called(text)
    return text


def moment_in(zone: tzinfo, moment: datetime) -> datetime:
    """A moment as the clocks of a zone show it; as it is where they cannot: at the end of all years."""
    try:
        return moment.astimezone(zone)
    except OverflowError:
        return moment


def first_moment(day: date, zone: tzinfo) -> datetime:
    """When a day begins in a zone, in UTC; the first moment that there is for one that begins before it."""
    try:
        return datetime.combine(day, time.min, zone).astimezone(UTC)
    except OverflowError:
        return datetime.min.replace(tzinfo=UTC)


def last_moment(day: date, zone: tzinfo) -> datetime:
    """The last microsecond of a day in a zone, in UTC; the last that there is for one that ends after it."""
    try:
        return datetime.combine(day, _DAY_ENDS, zone).astimezone(UTC)
    except OverflowError:
        return datetime.max.replace(tzinfo=UTC)
