"""The arithmetic of progress: percentages, pace and return. Pure, in whole numbers and fractions."""

from __future__ import annotations

import math
from datetime import date
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

BEHIND = 90
AHEAD = 110
"""Percent of what the days gone by ask for, below and above which an objective is off its pace (rule C5)."""


class Pace(StrEnum):
    """How an objective stands against the calendar."""

    NOT_STARTED = "not_started"
    BEHIND = "behind"
    ON_TRACK = "on_track"
    AHEAD = "ahead"
    ENDED = "ended"


def percent(part: Decimal, whole: Decimal | None) -> int | None:
    """How much of a whole a part is, rounded down: 100 means all of it. None where there is no whole."""
    return math.floor(Fraction(part) * 100 / Fraction(whole)) if whole else None


def return_percent(final: Decimal, cost: Decimal | None) -> int | None:
    """The return on investment (rule C7), rounded down; None where there is no cost, not 0 or infinite."""
    return math.floor((Fraction(final) - Fraction(cost)) * 100 / Fraction(cost)) if cost else None


def days(start: date, end: date, today: date) -> tuple[int, int]:
    """The days gone by and all days, both ends included; none before the start, all after the end."""
    every = (end - start).days + 1
    return min(max((today - start).days + 1, 0), every), every


def elapsed_percent(start: date, end: date, today: date) -> int:
    """How much of the time has gone by, rounded down."""
    gone, every = days(start, end, today)
    return gone * 100 // every


def pace(value: Decimal, target: Decimal, start: date, end: date, today: date) -> Pace:
    """The value against target x days gone by / all days (rule C5)."""
    if today < start:
        return Pace.NOT_STARTED
    if today > end:
        return Pace.ENDED
    gone, every = days(start, end, today)
    due = Fraction(target) * gone / every
    if Fraction(value) * 100 < due * BEHIND:
        return Pace.BEHIND
    return Pace.AHEAD if Fraction(value) * 100 > due * AHEAD else Pace.ON_TRACK
