"""Statements about actions: their objectives, counters, deals, currencies, and their revenue together."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from besace.conditions import compile_condition, measure_value
from besace.errors import Refused
from besace.kinds import ChoiceKind, ItemKind
from besace.model import entity_table
from besace.money import Money
from besace.reading import mention, rows_of, untrashed, visible
from besace.relations import link_table
from besace.texts import translator
from besace_commercial_actions import revenue
from besace_commercial_actions.links import ACTION, FULFILS_GOAL, Scope, linked_ids
from besace_commercial_actions.models import CommercialAction, Objective
from besace_commercial_actions.revenue import EXPECTED, FINAL, Revenue

if TYPE_CHECKING:
    from besace.database import Work
    from besace.entities import Save
    from besace.records import Counter
    from besace.types import Source, TypeInfo

_ = translator(__name__)

_BATCH = 10_000


@dataclass(frozen=True)
class Deal:
    """One linked entity whose type has measures in money: how it stands, what it may bring and brought."""

    id: int
    type: str
    label: str
    status: Any
    expected: Money | None
    final: Money | None


def all_actions(work: Work) -> tuple[list[CommercialAction], Scope]:
    """All visible actions by start and id, and what a statement needs to ask about them."""
    table: Any = CommercialAction.__table__
    actions = work.scalars(visible(work, CommercialAction).order_by(table.c.start_date, table.c.id)).all()
    everything = sa.select(table.c.id).where(untrashed(table.c.id))
    return list(actions), Scope([action.id for action in actions], everything)


def objectives_of(work: Work, scope: Scope) -> list[Objective]:
    """The objectives of some actions, in the order in which they were added: one statement."""
    table: Any = Objective.__table__
    return list(work.scalars(sa.select(Objective).where(scope.holds(table.c.owner_id)).order_by(table.c.id)))


def counter_rows(work: Work, counter: Counter, action_ids: Sequence[int]) -> sa.Select[Any]:
    """The visible entities that a counter gives, as (action id, entity id), each once."""
    given = counter.select(work, action_ids).subquery("given")
    action_id, entity_id = list(given.c)[:2]
    entity = entity_table.alias("counted")
    return (
        sa.select(action_id.label("action_id"), entity_id.label("entity_id"))
        .distinct()
        .join_from(given, entity, entity.c.id == entity_id)
        .where(entity.c.type == counter.counts, untrashed(entity_id))
    )


def counter_batches(work: Work, counter: Counter, action_ids: Sequence[int]) -> list[sa.Select[Any]]:
    """What a counter gives for these actions, in selects that the database takes: one for 10,000 actions."""
    starts = range(0, len(action_ids), _BATCH)
    return [counter_rows(work, counter, action_ids[start : start + _BATCH]) for start in starts]


def counter_values(work: Work, batches: Sequence[sa.Select[Any]]) -> dict[int, int]:
    """How many entities a counter gives for each action."""
    values: dict[int, int] = {}
    for batch in batches:
        rows = batch.subquery("rows")
        statement = sa.select(rows.c.action_id, sa.func.count()).group_by(rows.c.action_id)
        values |= {row[0]: row[1] for row in work.execute(statement)}
    return values


def revenue_together(work: Work, infos: Sequence[TypeInfo], scope: Scope, narrowed: Mapping[str, str]) -> list[Revenue]:
    """The revenue of all these actions, each entity once, however often linked: one statement a type."""
    found: list[tuple[TypeInfo, str, Mapping[str, Any]]] = []
    for info in infos:
        source = info.source()
        asked = _asked(work, source, narrowed)
        currency = source.entity.c.currency
        statement = (
            rows_of(work, info, currency, *asked.values())
            .where(source.id.in_(linked_ids(scope, info.key)))
            .group_by(currency)
        )
        found += [(info, code, dict(zip(asked, row, strict=True))) for code, *row in work.execute(statement)]
    return revenue.added(found)


def revenue_by_group(
    work: Work,
    infos: Sequence[TypeInfo],
    scope: Scope,
    narrowed: Mapping[str, str],
    group: Callable[[Source], sa.ColumnElement[Any]],
) -> dict[Hashable, list[Revenue]]:
    """The revenue of these actions by groups of them, each entity once in a group: one statement a type."""
    found: dict[Hashable, list[tuple[TypeInfo, str, Mapping[str, Any]]]] = {}
    for info in infos:
        source = info.source()
        asked = _asked(work, source, narrowed)
        currency = source.entity.c.currency
        linked = _linked_by_group(work, info, scope, group)
        statement = (
            rows_of(work, info, linked.c.by, currency, *asked.values())
            .join(linked, linked.c.id == source.id)
            .group_by(linked.c.by, currency)
        )
        for by, code, *row in work.execute(statement):
            found.setdefault(by, []).append((info, code, dict(zip(asked, row, strict=True))))
    return {by: revenue.added(rows) for by, rows in found.items()}


def _linked_by_group(
    work: Work, info: TypeInfo, scope: Scope, group: Callable[[Source], sa.ColumnElement[Any]]
) -> sa.Subquery:
    """The entities of a type with each group of actions to which they are linked, as (by, id), each pair once."""
    goal = link_table.alias("goal")
    action = work.crm.registry.type(ACTION).source(aliased=True)
    return (
        sa.select(group(action).label("by"), goal.c.subject_id.label("id"))
        .distinct()
        .select_from(action.join.join(goal, goal.c.object_id == action.id))
        .where(goal.c.type == FULFILS_GOAL, goal.c.subject_type == info.key, scope.holds(goal.c.object_id))
        .subquery("linked")
    )


def _asked(work: Work, source: Source, narrowed: Mapping[str, str]) -> dict[str, sa.ColumnElement[Any]]:
    """The aggregates of a type's revenue, narrowed where a condition fits it."""
    where = narrowed.get(source.info.key)
    return revenue.columns(work, source, compile_condition(work, where, source) if where else None, [])


def deals_of(work: Work, action_id: int, infos: Sequence[TypeInfo], limit: int) -> list[Deal]:
    """The first linked entities of these types, by id: one statement, and one for each list of a status."""
    if not infos:
        return []
    selects = [_deals_of_type(work, info, action_id) for info in infos]
    rows = sa.union_all(*selects).subquery("deals")
    registry = work.crm.registry
    return [
        Deal(
            row.id,
            row.type,
            row.label,
            _status(work, registry.type(row.type), row.status),
            *(None if minor is None else Money.of_minor(minor, row.currency) for minor in (row.expected, row.final)),
        )
        for row in work.execute(sa.select(rows).order_by(rows.c.id).limit(limit))
    ]


def _deals_of_type(work: Work, info: TypeInfo, action_id: int) -> sa.Select[Any]:
    source = info.source(aliased=True)
    status = info.model.__status__

    def amount(key: str) -> sa.ColumnElement[Any]:
        measure = info.measures.get(key)
        try:
            value = measure_value(work, measure, source) if measure is not None and measure.money else sa.null()
        except Exception:  # told with the totals, where every measure is read
            value = sa.null()
        return sa.cast(value, sa.BigInteger).label(key)

    return (
        sa.select(
            source.id.label("id"),
            source.entity.c.type.label("type"),
            source.entity.c.label.label("label"),
            source.entity.c.currency.label("currency"),
            sa.cast(source[status] if status else sa.null(), sa.Text()).label("status"),
            amount(EXPECTED),
            amount(FINAL),
        )
        .select_from(source.join)
        .where(source.id.in_(linked_ids(Scope([action_id]), info.key)), untrashed(source.id))
    )


def _status(work: Work, info: TypeInfo, raw: str | None) -> Any:
    """The status as a person reads it: the item or choice of that key."""
    status = info.model.__status__
    if status is None or raw is None:
        return None
    match info.field(status).kind:
        case ItemKind(list=key):
            return work.items(key).get(raw, raw)
        case ChoiceKind(choices=choices):
            return choices.get(raw, raw)
    return raw


def check_currencies(work: Work, saves: Sequence[Save]) -> None:
    """Refuse another currency for actions whose objectives have amounts as targets: these would change."""
    moved = {save.id: save for save in saves if save.old is not None and "currency" in save.changed}
    if not moved:
        return
    table: Any = Objective.__table__
    statement = sa.select(table.c.owner_id).where(table.c.owner_id.in_(moved), table.c.is_amount).limit(1)
    found = work.scalar(statement)
    if found is not None:
        save = moved[found]
        raise Refused(
            _("{action} cannot change its currency: the targets of its objectives are in {currency}.").format(
                action=mention(save.info.label, save.id, save.new["label"]),
                currency=save.changed["currency"][0],
            ),
            _("Remove these objectives first: besace objective list {id}").format(id=save.id),
        )
