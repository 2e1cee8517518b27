"""What the plugin declares beside its type."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from besace import Condition, Counter, Measure, RelationType, translator
from besace.reading import untrashed
from besace.relations import link_table

if TYPE_CHECKING:
    from besace.database import Work
    from besace.types import Source

_ = translator(__name__)

_ONES = ("subscription",)

RELATION_TYPES = [RelationType("renews", _("renews"), _("is renewed by"), _ONES, _ONES)]

CONDITIONS = [Condition("renewed", "subscription", "renewed_on is not empty", _("Renewed"))]


def measures() -> list[Measure]:
    """The fees of all its years: expected, and final once it is renewed."""
    return [
        Measure("expected", "subscription", _("Fees"), all_fees),
        Measure("final", "subscription", _("Fees of renewed subscriptions"), all_fees, where="renewed"),
    ]


def counters() -> list[Counter]:
    """The customers behind the linked subscriptions, each once."""
    return [Counter("subscribers", _("Subscribers"), "organisation", subscribers)]


def all_fees(source: Source) -> sa.ColumnElement[Any]:
    """What the customer pays in all its years, in minor units."""
    return source["yearly_fee"] * source["years"]


def subscribers(_work: Work, action_ids: Sequence[int]) -> sa.Select[Any]:
    """Pairs of (action, customer of a subscription that fulfils its goal)."""
    from subscriptions_example.models import Subscription

    goal, subscription = link_table.alias(), Subscription.__table__.alias()
    return (
        sa.select(goal.c.object_id, subscription.c.customer_id)
        .join_from(goal, subscription, subscription.c.id == goal.c.subject_id)
        .where(goal.c.type == "fulfils_goal", goal.c.object_id.in_(action_ids), untrashed(subscription.c.id))
    )
