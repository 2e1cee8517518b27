"""The arithmetic of a funnel: how much each step needs for what is to be won (rule C10). Pure, in whole numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple


class Rung(NamedTuple):
    """A step of a funnel: of a hundred that take it, `rate` go on to its parent; None: they are won."""

    id: int
    parent: int | None
    rate: int


def deals_needed(revenue: int, average: int) -> int:
    """How many deals of an average amount bring a revenue, both in the same minor units."""
    return -(-revenue // average)


def entries_needed(needed: int, rate: int) -> int:
    """How many have to take a step so that so many go on, at a rate in percent."""
    return -(-needed * 100 // rate)


def targets(won: int, rungs: Sequence[Rung]) -> dict[int, int]:
    """What each step needs so that so many deals are won."""
    found: dict[int, int] = {}
    for _depth, rung in in_order(rungs):
        found[rung.id] = entries_needed(won if rung.parent is None else found[rung.parent], rung.rate)
    return found


def in_order(rungs: Sequence[Rung]) -> list[tuple[int, Rung]]:
    """The steps with their depth from 1, each behind its parent, else as they are given."""
    below: dict[int | None, list[Rung]] = {}
    for rung in rungs:
        below.setdefault(rung.parent, []).append(rung)
    ordered: list[tuple[int, Rung]] = []
    open_rungs = [(1, rung) for rung in reversed(below.get(None, []))]
    while open_rungs:
        depth, rung = open_rungs.pop()
        ordered.append((depth, rung))
        open_rungs += [(depth + 1, child) for child in reversed(below.get(rung.id, []))]
    return ordered


def closes_circle(parents: Mapping[int, int | None], step: int, parent: int) -> bool:
    """Whether a step would come to stand below itself, if it were put below a parent."""
    above: int | None = parent
    while above is not None and above != step:
        above = parents[above]
    return above == step
