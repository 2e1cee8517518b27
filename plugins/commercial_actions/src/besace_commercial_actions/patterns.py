"""Patterns: the steps of a funnel as they are stored, and the plan that a pattern makes for an action (rule C10)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from besace.errors import Refused
from besace.kinds import ConditionKind
from besace.model import Ref
from besace.money import Money
from besace.reading import mention_of, parts_of
from besace.texts import fold, translator
from besace_commercial_actions import funnels
from besace_commercial_actions.funnels import Rung
from besace_commercial_actions.models import CommercialAction, Objective, Pattern, PatternStep

if TYPE_CHECKING:
    from besace.database import Work

_ = translator(__name__)

_LARGEST = 10**14
"""The largest target that a pattern makes: more cannot be kept with its decimals."""


@dataclass(frozen=True)
class Planned:
    """An objective that a pattern plans, `depth` steps below what is won; `id` where it was made."""

    id: int | None
    name: str
    counts: str | None
    condition: str | None
    where: str | None
    rate: int | None
    depth: int
    target: Decimal


@dataclass(frozen=True)
class Plan:
    """What a pattern makes of the expected revenue of an action."""

    pattern: Ref
    action: Ref
    expected_revenue: Money
    average_deal: Money
    objectives: Sequence[Planned]


def steps_of(work: Work, pattern: Pattern) -> list[tuple[int, PatternStep]]:
    """The steps of a pattern with their depth from 1, each behind its parent: one statement."""
    steps = {step.id: step for step in parts_of(work, PatternStep, [pattern.id])}
    return [(depth, steps[rung.id]) for depth, rung in funnels.in_order(_rungs(steps.values()))]


def plan(work: Work, pattern: Pattern, action: CommercialAction) -> Plan:
    """The objectives that a pattern gives an action; refuses an action or a pattern that lacks an amount."""
    expected, average = _amounts(work, pattern, action)
    steps = steps_of(work, pattern)
    won = funnels.deals_needed(expected.minor, average.minor)
    needed = funnels.targets(won, _rungs(step for _depth, step in steps))
    rows: list[tuple[int, Pattern | PatternStep, str, int | None, int]] = [(0, pattern, pattern.won_name, None, won)]
    rows += [(depth, step, step.name, step.rate, needed[step.id]) for depth, step in steps]
    for _depth, row, name, _rate, target in rows:
        _check_countable(work, row, name, target)
    return Plan(
        pattern=_reference(work, pattern.id),
        action=_reference(work, action.id),
        expected_revenue=expected,
        average_deal=average,
        objectives=[
            Planned(
                id=None,
                name=name,
                counts=row.counts,
                condition=row.condition,
                where=None if row.where is None else ConditionKind().json(row.where),
                rate=rate,
                depth=depth,
                target=Decimal(target),
            )
            for depth, row, name, rate, target in rows
        ],
    )


def check_new(work: Work, action: CommercialAction, planned: Plan) -> None:
    """Refuse a plan some of whose objectives the action has already, by name."""
    taken = {fold(objective.name): objective for objective in parts_of(work, Objective, [action.id])}
    known = [taken[fold(one.name)] for one in planned.objectives if fold(one.name) in taken]
    if known:
        raise Refused(
            _(
                '{action} already has the objective {id} "{name}".',
                '{action} already has {n} of these objectives, such as {id} "{name}".',
            ).format(n=len(known), action=mention_of(work, action), id=known[0].id, name=known[0].name),
            _("To add all of the pattern beside them: --again"),
        )


def _rungs(steps: Any) -> list[Rung]:
    return [Rung(step.id, step.parent, step.rate) for step in steps]


def _reference(work: Work, entity_id: int) -> Ref:
    found = work.get(Ref, entity_id)
    assert found is not None
    return found


def _amounts(work: Work, pattern: Pattern, action: CommercialAction) -> tuple[Money, Money]:
    """The expected revenue of the action and the average deal of the pattern."""
    expected, average = action.expected_revenue, pattern.average_deal
    if expected is None or not expected.amount:
        raise Refused(
            _("{action} has no expected revenue to make objectives of.").format(action=mention_of(work, action)),
            _("Give it one: besace commercial-action edit {id} --expected-revenue AMOUNT").format(id=action.id),
        )
    if average is None:
        raise Refused(
            _("{pattern} has no average deal.").format(pattern=mention_of(work, pattern)),
            _("Give it one: besace pattern edit {id} --average-deal AMOUNT").format(id=pattern.id),
        )
    if expected.currency != average.currency:
        raise Refused(
            _("{action} is in {currency}, and the average deal of {pattern} is {average}.").format(
                action=mention_of(work, action),
                currency=expected.currency,
                pattern=mention_of(work, pattern),
                average=average,
            ),
            _("Use a pattern whose amounts are in {currency}.").format(currency=expected.currency),
        )
    return expected, average


def _check_countable(work: Work, row: Pattern | PatternStep, name: str, target: int) -> None:
    if row.counts is not None and row.counts not in work.crm.registry.types:
        raise Refused(
            _('"{name}" counts the type "{type}", whose plugin is disabled.').format(name=name, type=row.counts),
            _("Enable that plugin, or let it count something else."),
        )
    if target > _LARGEST:
        raise Refused(
            _('"{name}" would need {target}: more than can be counted.').format(name=name, target=target),
            _("Raise the success rates, or the average deal."),
        )
