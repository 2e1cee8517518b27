"""Progress: where the objectives of actions stand, what the actions bring in, and their return."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from besace.kinds import ConditionKind, ItemKind
from besace.money import Money
from besace.texts import Text, translator
from besace_commercial_actions import figures, queries, revenue
from besace_commercial_actions.figures import Pace
from besace_commercial_actions.links import Scope, linked_types
from besace_commercial_actions.lists import SEGMENT
from besace_commercial_actions.revenue import Revenue, brings_revenue, broken
from besace_commercial_actions.tallies import Tally
from besace_commercial_actions.targets import plain

if TYPE_CHECKING:
    from besace.database import Work
    from besace.lists import ListItem
    from besace.records import Counter
    from besace.types import TypeInfo
    from besace_commercial_actions.models import CommercialAction, Objective

_ = translator(__name__)

Number = Decimal | Money


@dataclass(frozen=True)
class Named:
    """An action by what names it."""

    id: int
    type: str
    label: str


@dataclass(frozen=True)
class ObjectiveProgress:
    """Where an objective stands; `suspended` says why it has no value: a disabled type, a broken rule."""

    id: int
    name: str
    counts: str | None
    condition: str | None
    where: str | None
    counter: str | None
    sum: str | None
    value: Number | None
    target: Number
    percent: int | None
    reached: bool
    pace: Pace | None
    suspended: Text | None


@dataclass(frozen=True)
class Cost:
    """What an action may cost and did cost."""

    planned: Money | None
    actual: Money | None
    currency: str


@dataclass(frozen=True)
class Progress:
    """All figures of an action (rules C5 and C7); `linked` counts what is linked to it, by type.

    `returns` holds the return on what was `won`, as `return_percent` does, and on other measures of what came in.
    `in_segment` counts those of the linked that are in the market segment of the action, for types that know it.
    """

    action: Named
    objectives: Sequence[ObjectiveProgress]
    elapsed_percent: int
    expected_revenue: Money | None
    revenue: Sequence[Revenue]
    cost: Cost
    attainment_percent: int | None
    return_percent: int | None
    partial: bool
    returns: Mapping[str, int | None] = field(default_factory=dict)
    linked: Mapping[str, int] = field(default_factory=dict)
    problems: Sequence[Text] = ()
    segment: ListItem | None = None
    in_segment: Mapping[str, int] = field(default_factory=dict)


def progress_of(work: Work, action: CommercialAction) -> Progress:
    """The figures of one action. A unit that reads sees a snapshot, so there its blocks share one reading."""
    key = ("commercial_actions.progress", action.id)
    if work.writing or key not in work.info:
        reading = Reading(work, [action], Scope([action.id]))
        work.info[key] = reading.progress(action)
    found: Progress = work.info[key]
    return found


class Reading:
    """What is read of some actions: two statements, one for each type asked for, one for each counter."""

    def __init__(
        self,
        work: Work,
        actions: Sequence[CommercialAction],
        scope: Scope,
        narrowed: Mapping[str, str] | None = None,
    ) -> None:
        self.work = work
        self.problems: list[Text] = []
        self.objectives: dict[int, list[Objective]] = {}
        self.suspended: dict[int, Text] = {}
        self.tallies: dict[str, Tally] = {}
        self.batches: dict[str, list[sa.Select[Any]]] = {}
        for objective in queries.objectives_of(work, scope):
            self.objectives.setdefault(objective.owner_id, []).append(objective)
            self._ask(objective, scope)
        self.linked = linked_types(work, scope)
        present = {type_key for counts in self.linked.values() for type_key in counts}
        types = work.crm.registry.types
        self.deal_types = [info for key, info in types.items() if key in present and brings_revenue(info)]
        for info in self.deal_types:
            self._tally(info).ask_revenue((narrowed or {}).get(info.key), self.problems)
        if any(action.segment_key is not None for action in actions):
            for key in sorted(present):
                self._ask_segment(types[key])
        for key, tally in self.tallies.items():
            if key in present:
                tally.read(scope)
        self.counters = {key: queries.counter_values(work, batches) for key, batches in self.batches.items()}

    def _tally(self, info: TypeInfo) -> Tally:
        return self.tallies.setdefault(info.key, Tally(self.work, info))

    def _ask_segment(self, info: TypeInfo) -> None:
        for f in info.fields.values():
            if isinstance(f.kind, ItemKind) and f.kind.list == SEGMENT:
                self._tally(info).ask_segment(f)
                return

    def _ask(self, objective: Objective, scope: Scope) -> None:
        reason = reason_suspended(self.work, objective)
        if reason is not None:
            self.suspended[objective.id] = reason
            return
        registry = self.work.crm.registry
        try:
            if objective.counter is not None and objective.counter not in self.batches:
                counter: Counter = registry.counters[objective.counter]
                self.batches[objective.counter] = queries.counter_batches(self.work, counter, scope.ids)
            elif objective.counts is not None:
                self._tally(registry.type(objective.counts)).ask(objective)
        except Exception as error:  # a mistake in a condition or in a plugin stops this objective alone
            self.suspended[objective.id] = broken(_("It cannot be counted: {problem}"), error)

    def progress(self, action: CommercialAction) -> Progress:
        """The figures of one of the actions."""
        rows = revenue.added(row for tally in self.tallies.values() for row in tally.revenue_of(action.id))
        final = revenue.sum_in(rows, action.currency, revenue.FINAL)
        linked = self.linked.get(action.id, {})
        expected: Money | None = action.expected_revenue
        cost: Money | None = action.actual_cost
        returns = revenue.returns(self.work.crm.registry, rows, action.currency, cost)
        return Progress(
            action=Named(action.id, action.type, action.label),
            objectives=[self._objective(action, objective) for objective in self.objectives.get(action.id, ())],
            elapsed_percent=figures.elapsed_percent(action.start_date, action.end_date, self.work.today),
            expected_revenue=expected,
            revenue=rows,
            cost=Cost(action.planned_cost, cost, action.currency),
            attainment_percent=figures.percent(final, expected.amount if expected else None),
            return_percent=returns[revenue.WON],
            returns=returns,
            partial=any(row.currency != action.currency for row in rows),
            linked=linked,
            problems=self.problems,
            segment=action.segment,
            in_segment={} if action.segment_key is None else self._in_segment(action.id, linked),
        )

    def _in_segment(self, action_id: int, linked: Mapping[str, int]) -> dict[str, int]:
        counts = {key: self.tallies[key].in_segment(action_id) for key in linked if key in self.tallies}
        return {key: count for key, count in counts.items() if count is not None}

    def _objective(self, action: CommercialAction, objective: Objective) -> ObjectiveProgress:
        suspended = self.suspended.get(objective.id)
        number = None if suspended is not None else self._number(objective)
        percent = None if number is None else figures.percent(number, objective.target)

        def shown(figure: Decimal) -> Number:
            return Money(figure, action.currency) if objective.is_amount else plain(figure)

        return ObjectiveProgress(
            id=objective.id,
            name=objective.name,
            counts=objective.counts,
            condition=objective.condition,
            where=None if objective.where is None else ConditionKind().json(objective.where),
            counter=objective.counter,
            sum=objective.sum,
            value=None if number is None else shown(number),
            target=shown(objective.target),
            percent=percent,
            reached=number is not None and number >= objective.target,
            pace=None
            if number is None
            else figures.pace(number, objective.target, action.start_date, action.end_date, self.work.today),
            suspended=suspended,
        )

    def _number(self, objective: Objective) -> Decimal:
        if objective.counter is not None:
            return Decimal(self.counters[objective.counter].get(objective.owner_id, 0))
        if objective.counts is None:
            return Decimal(objective.value or 0)
        answer = self.tallies[objective.counts].answer(objective)
        return Money.of_minor(int(answer), objective.currency).amount if objective.is_amount else Decimal(answer)


def reason_suspended(work: Work, objective: Objective) -> Text | None:
    """Why an objective cannot be counted here, as far as that is told by its names alone (rule E5)."""
    registry = work.crm.registry
    if objective.counter is not None:
        counter = registry.counters.get(objective.counter)
        if counter is None:
            return _('The counter "{name}" is not there: its plugin is disabled.').format(name=objective.counter)
        return None if counter.counts in registry.types else _disabled(counter.counts)
    if objective.counts is None:
        return None
    if objective.counts not in registry.types:
        return _disabled(objective.counts)
    if objective.sum is not None and objective.sum not in registry.types[objective.counts].measures:
        return _('The measure "{name}" is not there: its plugin is disabled.').format(name=objective.sum)
    return None


def _disabled(type_key: str) -> Text:
    return _('The type "{name}" is not there: its plugin is disabled.').format(name=type_key)
