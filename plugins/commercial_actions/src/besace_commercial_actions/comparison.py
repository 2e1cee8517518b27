"""Comparison: actions side by side or gathered in groups, with the same figures, each deal once (rule C8)."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from besace.money import Money
from besace_commercial_actions import figures, queries, revenue
from besace_commercial_actions.groupings import GROUPINGS, Grouping
from besace_commercial_actions.links import Scope
from besace_commercial_actions.progress import Cost, Progress, Reading
from besace_commercial_actions.revenue import Revenue

if TYPE_CHECKING:
    from besace.database import Work
    from besace_commercial_actions.models import CommercialAction


@dataclass(frozen=True)
class Total:
    """The figures of several actions together, each deal once; percentages where all are in one currency."""

    revenue: Sequence[Revenue]
    expected_revenue: Sequence[Money]
    cost: Sequence[Cost]
    attainment_percent: int | None
    return_percent: int | None
    partial: bool
    returns: Mapping[str, int | None]


@dataclass(frozen=True)
class Group:
    """The figures of the actions of one group together; `by` is an item's key, a user, a year, or None."""

    by: Any
    actions: int
    objectives: int
    reached: int
    revenue: Sequence[Revenue]
    expected_revenue: Sequence[Money]
    cost: Sequence[Cost]
    attainment_percent: int | None
    return_percent: int | None
    partial: bool
    returns: Mapping[str, int | None]


@dataclass(frozen=True)
class Comparison:
    """Several actions side by side, their groups where these were asked for, and all together (rule C8)."""

    actions: Sequence[Progress]
    total: Total
    groups: Sequence[Group] = ()
    by: str | None = None


def compare(
    work: Work, actions: Sequence[CommercialAction], scope: Scope, *, by: str | None = None, where: str | None = None
) -> Comparison:
    """The figures of several actions, of their groups and of all together.

    `where` narrows the revenue of the types it fits. Groups cost one statement more for each type with revenue.
    """
    fits = revenue.fitting(work, where) if where is not None else set()
    narrowed = {type_key: where for type_key in fits if where is not None}
    reading = Reading(work, actions, scope, narrowed)
    compared = [reading.progress(action) for action in actions]
    together = queries.revenue_together(work, reading.deal_types, scope, narrowed)
    total = _total(work, compared, together)
    if by is None:
        return Comparison(compared, total)
    grouping = GROUPINGS[by]
    by_group = queries.revenue_by_group(work, reading.deal_types, scope, narrowed, grouping.column)
    return Comparison(compared, total, _groups(work, grouping, actions, compared, by_group), by)


def _groups(
    work: Work,
    grouping: Grouping,
    actions: Sequence[CommercialAction],
    compared: Sequence[Progress],
    together: Mapping[Hashable, Sequence[Revenue]],
) -> list[Group]:
    members: dict[Hashable, list[Progress]] = {}
    shown: dict[Hashable, Any] = {}
    for action, found in zip(actions, compared, strict=True):
        key = grouping.key(action)
        members.setdefault(key, []).append(found)
        shown[key] = grouping.shown(action)
    ordered = sorted(members, key=lambda key: grouping.place(work, shown[key]))
    return [_group(work, shown[key], members[key], together.get(key, ())) for key in ordered]


def _group(work: Work, by: Any, members: Sequence[Progress], together: Sequence[Revenue]) -> Group:
    objectives = [objective for one in members for objective in one.objectives]
    total = _total(work, members, together)
    return Group(
        by=by,
        actions=len(members),
        objectives=len(objectives),
        reached=sum(objective.reached for objective in objectives),
        revenue=total.revenue,
        expected_revenue=total.expected_revenue,
        cost=total.cost,
        attainment_percent=total.attainment_percent,
        return_percent=total.return_percent,
        partial=total.partial,
        returns=total.returns,
    )


def _total(work: Work, compared: Sequence[Progress], together: Sequence[Revenue]) -> Total:
    currencies = sorted({p.cost.currency for p in compared})
    costs = [
        Cost(
            _sum([p.cost.planned for p in compared], currency),
            _sum([p.cost.actual for p in compared], currency),
            currency,
        )
        for currency in currencies
    ]
    expected = [_sum([p.expected_revenue for p in compared], currency) for currency in currencies]
    single = len(currencies) == 1
    currency = currencies[0] if single else ""
    final = revenue.sum_in(together, currency, revenue.FINAL)
    wanted = expected[0] if single else None
    returns = revenue.returns(work.crm.registry, together, currency, costs[0].actual if single else None)
    return Total(
        revenue=together,
        expected_revenue=[amount for amount in expected if amount is not None],
        cost=costs,
        attainment_percent=figures.percent(final, wanted.amount if wanted else None),
        return_percent=returns[revenue.WON],
        returns=returns,
        partial=any(row.currency not in currencies for row in together) or (not single and bool(currencies)),
    )


def _sum(amounts: Sequence[Money | None], currency: str) -> Money | None:
    """The sum of the amounts in a currency; None where there is none, which is not 0."""
    known = [amount for amount in amounts if amount is not None and amount.currency == currency]
    return sum(known[1:], known[0]) if known else None
