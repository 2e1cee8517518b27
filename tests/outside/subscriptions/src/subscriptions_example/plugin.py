"""Subscriptions: what a customer takes for some years, pays every year, and renews."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from besace.hookspecs import hookimpl

if TYPE_CHECKING:
    from besace.database import Work
    from besace.entities import Save
    from besace.model import Entity
    from besace.records import Condition, Counter, Measure, RelationType
    from besace.relations import Link

requires = ("persons",)
core = ("0.1",)


@hookimpl
def register_entity_types() -> Sequence[type[Entity]]:
    """The subscription."""
    from subscriptions_example.models import Subscription

    return [Subscription]


@hookimpl
def register_relation_types() -> Sequence[RelationType]:
    """Which subscription goes on from which."""
    from subscriptions_example.declarations import RELATION_TYPES

    return RELATION_TYPES


@hookimpl
def register_conditions() -> Sequence[Condition]:
    """Whether it was renewed."""
    from subscriptions_example.declarations import CONDITIONS

    return CONDITIONS


@hookimpl
def register_measures() -> Sequence[Measure]:
    """What it may bring and what it brought, under the keys that the revenue of an action adds up."""
    from subscriptions_example.declarations import measures

    return measures()


@hookimpl
def register_counters() -> Sequence[Counter]:
    """The customers behind the subscriptions."""
    from subscriptions_example.declarations import counters

    return counters()


@hookimpl
def check_save(work: Work, saves: Sequence[Save]) -> None:
    """Refuse a second running subscription of the same title."""
    if saves[0].info.key == "subscription":
        from subscriptions_example.renewal import refuse_second

        refuse_second(work, saves)


@hookimpl
def after_link(work: Work, links: Sequence[Link]) -> None:
    """Note in the older subscription that it was renewed, and when."""
    from subscriptions_example.renewal import note_renewals

    note_renewals(work, links)
