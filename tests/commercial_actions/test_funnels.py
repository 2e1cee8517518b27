"""The arithmetic of funnels: whole numbers alone (rule C10)."""

from __future__ import annotations

import math
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from besace_commercial_actions.funnels import Rung, closes_circle, deals_needed, entries_needed, in_order, targets

A, C, D, B = Rung(1, None, 20), Rung(2, 1, 33), Rung(3, 1, 10), Rung(4, None, 50)


def test_C10_the_first_worked_example() -> None:
    won = deals_needed(20_000_00, 5_000_00)
    assert (won, targets(won, [A, C, D, B])) == (4, {1: 20, 2: 61, 3: 200, 4: 8})


def test_C10_the_second_worked_example_is_1000_and_not_1001() -> None:
    won = deals_needed(900_00, 30_00)
    assert (won, targets(won, [Rung(1, None, 3)])) == (30, {1: 1000})


@given(st.integers(1, 10**15), st.integers(1, 10**15))
def test_C10_the_deals_are_the_quotient_rounded_up(revenue: int, average: int) -> None:
    assert deals_needed(revenue, average) == math.ceil(Fraction(revenue, average))


@given(st.integers(1, 10**30), st.integers(1, 100))
def test_C10_a_step_needs_the_quotient_rounded_up(needed: int, rate: int) -> None:
    assert entries_needed(needed, rate) == math.ceil(Fraction(needed * 100, rate))
    assert (
        Fraction(entries_needed(needed, rate) * rate, 100)
        >= needed
        > Fraction((entries_needed(needed, rate) - 1) * rate, 100)
    )


@st.composite
def funnels(draw: st.DrawFn) -> list[Rung]:
    """Funnels whose steps are given in any order."""
    size = draw(st.integers(0, 12))
    rungs = [
        Rung(i, draw(st.sampled_from([None, *range(1, i)])), draw(st.integers(1, 100))) for i in range(1, size + 1)
    ]
    return draw(st.permutations(rungs))


@given(st.integers(1, 10**6), funnels())
def test_C10_each_step_follows_from_its_parent_alone(won: int, rungs: list[Rung]) -> None:
    found = targets(won, rungs)
    assert found.keys() == {rung.id for rung in rungs}
    for rung in rungs:
        above = won if rung.parent is None else found[rung.parent]
        assert found[rung.id] == math.ceil(Fraction(above) * 100 / rung.rate)


@given(funnels())
def test_C10_each_step_stands_behind_its_parent_one_deeper(rungs: list[Rung]) -> None:
    seen: dict[int | None, int] = {None: 0}
    for depth, rung in in_order(rungs):
        assert depth == seen[rung.parent] + 1
        seen[rung.id] = depth
    assert len(seen) == len(rungs) + 1


def test_C10_a_funnel_may_be_as_deep_as_one_likes() -> None:
    deep = [Rung(i, i - 1 or None, 100) for i in range(1, 5001)]
    assert targets(7, deep)[5000] == 7


@pytest.mark.parametrize(("step", "parent", "closes"), [(1, 1, True), (1, 3, True), (3, 1, False), (1, 4, False)])
def test_C10_a_step_below_itself_closes_a_circle(step: int, parent: int, closes: bool) -> None:
    assert closes_circle({1: None, 2: 1, 3: 2, 4: None}, step, parent) is closes
