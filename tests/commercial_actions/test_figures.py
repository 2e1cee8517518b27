from __future__ import annotations

import math
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from besace_commercial_actions.figures import Pace, days, elapsed_percent, pace, percent, return_percent

START, END = date(2026, 3, 5), date(2026, 3, 24)

amounts = st.decimals(min_value=-(10**9), max_value=10**9, places=2)
above_zero = st.decimals(min_value="0.01", max_value=10**9, places=2)
some_days = st.integers(0, 800).map(lambda n: date(2026, 1, 1) + timedelta(n))


@given(value=amounts, target=above_zero)
def test_C5_a_percentage_of_100_means_reached(value: Decimal, target: Decimal) -> None:
    shown = percent(value, target)
    assert shown is not None
    assert (shown >= 100) == (value >= target)


@given(value=amounts, target=above_zero)
def test_C5_a_percentage_is_the_whole_number_below(value: Decimal, target: Decimal) -> None:
    exact = Fraction(value) * 100 / Fraction(target)
    assert percent(value, target) == math.floor(exact)


def test_C5_progress_is_not_capped() -> None:
    assert percent(Decimal(13), Decimal(10)) == 130


@pytest.mark.parametrize("whole", [None, Decimal(0)])
def test_C7_of_nothing_there_is_no_percentage(whole: Decimal | None) -> None:
    assert percent(Decimal(5), whole) is None
    assert return_percent(Decimal(5), whole) is None


@given(final=amounts, cost=above_zero)
def test_C7_the_return_is_what_comes_back_beyond_the_cost(final: Decimal, cost: Decimal) -> None:
    assert return_percent(final, cost) == math.floor((Fraction(final) - Fraction(cost)) * 100 / Fraction(cost))


@pytest.mark.parametrize(("final", "shown"), [(3000, 200), (1000, 0), (0, -100), (999, -1), (1001, 0)])
def test_C7_the_return_of_a_cost_of_1000(final: int, shown: int) -> None:
    assert return_percent(Decimal(final), Decimal(1000)) == shown


@given(start=some_days, length=st.integers(0, 400), today=some_days)
def test_C5_both_ends_of_an_action_are_days_of_it(start: date, length: int, today: date) -> None:
    gone, every = days(start, start + timedelta(length), today)
    inside = [d for d in range(length + 1) if start + timedelta(d) <= today]
    assert (gone, every) == (len(inside), length + 1)


@pytest.mark.parametrize(
    ("today", "shown"),
    [(START, 5), (END, 100), (date(2026, 3, 4), 0), (date(2026, 3, 25), 100), (date(2026, 3, 14), 50)],
)
def test_C5_the_time_that_has_gone_by_of_twenty_days(today: date, shown: int) -> None:
    assert elapsed_percent(START, END, today) == shown


@pytest.mark.parametrize(
    ("value", "found"),
    [(44, Pace.BEHIND), (45, Pace.ON_TRACK), (50, Pace.ON_TRACK), (55, Pace.ON_TRACK), (56, Pace.AHEAD)],
)
def test_C5_pace_of_a_target_of_100_at_half_time(value: int, found: Pace) -> None:
    assert pace(Decimal(value), Decimal(100), START, END, date(2026, 3, 14)) is found


@pytest.mark.parametrize(("today", "found"), [(date(2026, 3, 4), Pace.NOT_STARTED), (date(2026, 3, 25), Pace.ENDED)])
def test_C5_outside_its_days_an_action_has_no_pace(today: date, found: Pace) -> None:
    assert pace(Decimal(0), Decimal(100), START, END, today) is found


@given(value=amounts, target=above_zero, start=some_days, length=st.integers(0, 400), data=st.data())
def test_C5_pace_is_the_value_against_the_days_gone_by(
    value: Decimal, target: Decimal, start: date, length: int, data: Any
) -> None:
    gone = data.draw(st.integers(1, length + 1))
    found = pace(value, target, start, start + timedelta(length), start + timedelta(gone - 1))
    ratio = Fraction(value) / (Fraction(target) * gone / (length + 1))
    expected = Pace.BEHIND if ratio < Fraction(9, 10) else Pace.AHEAD if ratio > Fraction(11, 10) else Pace.ON_TRACK
    assert found is expected
