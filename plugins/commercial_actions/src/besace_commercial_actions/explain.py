"""Why an objective stands where it stands: the rows behind it, and what was left out (rule C6)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from besace.conditions import measure_value, measured
from besace.language import source_of
from besace.model import entity_table, trash
from besace.money import Money
from besace.reading import mention, untrashed
from besace.relations import link_table
from besace.texts import Text, joined, translator
from besace_commercial_actions import queries
from besace_commercial_actions.links import FULFILS_GOAL
from besace_commercial_actions.progress import Number, reason_suspended
from besace_commercial_actions.revenue import broken
from besace_commercial_actions.tallies import meets
from besace_commercial_actions.targets import plain

if TYPE_CHECKING:
    from besace.database import Work
    from besace.records import Measure
    from besace.types import TypeInfo
    from besace_commercial_actions.models import Objective

_ = translator(__name__)

_TRASHED = _("It is in the trash.")


@dataclass(frozen=True)
class Counted:
    """An entity that counts, linked since a day; `amount` is what it adds where a measure is summed."""

    id: int
    type: str
    label: str
    since: date | None
    amount: Number | None = None


@dataclass(frozen=True)
class LeftOut:
    """An entity that one might expect to count, and why it does not."""

    id: int
    label: str
    reason: Text


@dataclass(frozen=True)
class Explanation:
    """The rows whose number or sum is the value of an objective, and what was left out of it."""

    value: Number | None
    rows: Sequence[Counted]
    left_out: Sequence[LeftOut]
    suspended: Text | None = None


def explain(work: Work, objective: Objective) -> Explanation:
    """The rows behind an objective, with what was left out and why; none for one that is kept by hand."""
    reason = reason_suspended(work, objective)
    if reason is not None:
        return Explanation(None, [], [], reason)
    if objective.counter is None and objective.counts is None:
        return Explanation(Decimal(objective.value or 0), [], [])
    try:
        rows = _counted(work, objective) if objective.counts is None else _linked(work, objective)
    except Exception as error:  # a mistake in a condition or in a plugin is told here as in the progress
        return Explanation(None, [], [], broken(_("It cannot be counted: {problem}"), error))
    return _explain_counter(work, objective, rows) if objective.counts is None else _explain_type(work, objective, rows)


def _type_of(work: Work, objective: Objective) -> tuple[TypeInfo, Measure | None]:
    info = work.crm.registry.type(objective.counts or "")
    return info, None if objective.sum is None else info.measures[objective.sum]


def _explain_type(work: Work, objective: Objective, rows: sa.Select[Any]) -> Explanation:
    info, measure = _type_of(work, objective)
    counted: list[Counted] = []
    left_out: list[LeftOut] = []
    total = Decimal(0)
    for row in work.execute(rows):
        reason = _reason(objective, info, measure, row)
        if reason is not None:
            left_out.append(LeftOut(row.id, row.label, reason))
            continue
        amount = _amount(measure, row)
        total += 1 if amount is None else amount.amount if isinstance(amount, Money) else amount
        counted.append(Counted(row.id, info.key, row.label, row.since.date(), amount))
    left_out += _through_deals(work, objective, info)
    value = Money(total, objective.currency) if objective.is_amount else plain(total)
    return Explanation(value, counted, left_out)


def _linked(work: Work, objective: Objective) -> sa.Select[Any]:
    """Every linked entity of the type, trashed ones too, with the answers to what the objective asks."""
    info, measure = _type_of(work, objective)
    source = info.source()
    goal = link_table.alias("goal")
    met = meets(work, source, objective)
    belongs = sa.true() if measure is None else measured(work, measure, source)
    amount = sa.null() if measure is None else measure_value(work, measure, source)
    return (
        sa.select(
            source.id.label("id"),
            source.entity.c.label.label("label"),
            source.entity.c.currency.label("currency"),
            goal.c.created_at.label("since"),
            (~untrashed(source.id)).label("trashed"),
            (sa.true() if met is None else met).label("met"),
            belongs.label("belongs"),
            amount.label("amount"),
        )
        .select_from(source.join.join(goal, goal.c.subject_id == source.id))
        .where(goal.c.type == FULFILS_GOAL, goal.c.object_id == objective.owner_id)
        .order_by(goal.c.created_at, source.id)
    )


def _reason(objective: Objective, info: TypeInfo, measure: Measure | None, row: Any) -> Text | None:
    """Why a linked entity is left out; None for one that counts."""
    if row.trashed:
        return _TRASHED
    if not row.met:
        return _("It does not meet the condition: {condition}.").format(condition=_asked(objective, info))
    if measure is None:
        return None
    if objective.is_amount and row.currency != objective.currency:
        return _("Its amounts are in {currency}, and those of the action in {own}.").format(
            currency=row.currency, own=objective.currency
        )
    if not row.belongs:
        return _('It does not count for "{measure}".').format(measure=measure.label)
    return _('It has no "{measure}".').format(measure=measure.label) if row.amount is None else None


def _asked(objective: Objective, info: TypeInfo) -> Text:
    asked: list[Any] = []
    if objective.condition is not None:
        asked.append(info.conditions[objective.condition].label)
    if objective.where is not None:
        asked.append(source_of(objective.where))
    return joined(asked)


def _amount(measure: Measure | None, row: Any) -> Number | None:
    if measure is None:
        return None
    return Money.of_minor(int(row.amount), row.currency) if measure.money else plain(row.amount)


def _through_deals(work: Work, objective: Objective, info: TypeInfo) -> Iterator[LeftOut]:
    """The entities of the type that hang on a linked deal, and are not linked to the action themselves."""
    carrying = [r.key for r in work.crm.registry.relation_types.values() if r.carries_goal]
    if not carrying:
        return
    carrier, goal, own = link_table.alias("carrier"), link_table.alias("goal"), link_table.alias("own")
    entity, deal = entity_table.alias("entity_left_out"), entity_table.alias("deal")
    is_linked = sa.exists().where(
        own.c.subject_id == carrier.c.subject_id,
        own.c.type == FULFILS_GOAL,
        own.c.object_id == objective.owner_id,
    )
    statement = (
        sa.select(entity.c.id, entity.c.label, deal.c.id.label("deal_id"), deal.c.type, deal.c.label.label("deal"))
        .select_from(
            goal.join(carrier, carrier.c.object_id == goal.c.subject_id)
            .join(entity, entity.c.id == carrier.c.subject_id)
            .join(deal, deal.c.id == goal.c.subject_id)
        )
        .where(goal.c.type == FULFILS_GOAL, goal.c.object_id == objective.owner_id)
        .where(goal.c.subject_type.in_(list(work.crm.registry.types)))
        .where(carrier.c.type.in_(carrying), carrier.c.subject_type == info.key)
        .where(untrashed(entity.c.id), untrashed(deal.c.id), ~is_linked)
        .order_by(entity.c.id, deal.c.id)
    )
    seen: set[int] = set()
    for row in work.execute(statement):
        if row.id not in seen:
            seen.add(row.id)
            named = mention(work.crm.registry.label_of_type(row.type), row.deal_id, row.deal)
            yield LeftOut(row.id, row.label, _("It is linked only through {deal}.").format(deal=named))


def _counted(work: Work, objective: Objective) -> sa.Select[Any]:
    counter = work.crm.registry.counters[objective.counter or ""]
    return queries.counter_rows(work, counter, [objective.owner_id])


def _explain_counter(work: Work, objective: Objective, given: sa.Select[Any]) -> Explanation:
    """The rows that a counter gives; what is in the trash is told only where it is linked itself."""
    rows = given.subquery("rows")
    goal, entity = link_table.alias("goal"), entity_table.alias("entity_counted")
    linked = sa.and_(
        goal.c.subject_id == entity.c.id, goal.c.type == FULFILS_GOAL, goal.c.object_id == objective.owner_id
    )
    statement = (
        sa.select(entity.c.id, entity.c.type, entity.c.label, goal.c.created_at.label("since"))
        .select_from(rows.join(entity, entity.c.id == rows.c.entity_id).outerjoin(goal, linked))
        .order_by(entity.c.id)
    )
    counted = [
        Counted(r.id, r.type, r.label, r.since.date() if r.since is not None else None) for r in work.execute(statement)
    ]
    trashed = (
        sa.select(entity.c.id, entity.c.label)
        .select_from(goal.join(entity, linked).join(trash, trash.c.entity_id == entity.c.id))
        .where(entity.c.type == work.crm.registry.counters[objective.counter or ""].counts)
        .order_by(entity.c.id)
    )
    left_out = [LeftOut(row.id, row.label, _TRASHED) for row in work.execute(trashed)]
    return Explanation(Decimal(len(counted)), counted, left_out)
