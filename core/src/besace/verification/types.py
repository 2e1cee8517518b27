"""Declarations against rows: types and currencies that nobody knows, conditions and settings that say nothing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from besace import settings
from besace.conditions import compile_condition, measure_value
from besace.errors import BesaceError
from besace.kinds import EntityKind
from besace.model import entity_table
from besace.money import digits
from besace.reading import found_entities
from besace.records import Condition, Finding, Measure
from besace.texts import translator
from besace.verification.rows import type_tables

if TYPE_CHECKING:
    from besace.database import Work
    from besace.records import Setting

_ = translator(__name__)


def unknown_types(work: Work) -> Iterator[Finding]:
    """Entities of types that have no table here, of no plugin, enabled or not."""
    known, entity = type_tables(work), entity_table.c
    counted = sa.select(entity.type, sa.func.count().label("n")).group_by(entity.type).order_by(entity.type)
    for row in work.execute(counted):
        if row.type not in known:
            yield Finding(
                _(
                    '{n} entity is of the type "{type}", which no plugin here ever knew.',
                    '{n} entities are of the type "{type}", which no plugin here ever knew.',
                ).format(n=row.n, type=row.type),
                _("Install and enable the plugin that declares it."),
            )


def unknown_currencies(work: Work) -> Iterator[Finding]:
    """Currencies of entities that do not exist: none of their amounts can be read."""
    entity = entity_table.c
    kinds = (entity.currency, entity.type)
    counted = sa.select(*kinds, sa.func.count().label("n"), sa.func.min(entity.id).label("first")).group_by(*kinds)
    for row in work.execute(counted.order_by(*kinds)):
        try:
            digits(row.currency)
        except BesaceError:
            yield Finding(
                _(
                    '{n} entity of the type {type} has the currency "{currency}", which does not exist: {first}.',
                    '{n} entities of the type {type} have the currency "{currency}", which does not exist; '
                    "the first is {first}.",
                ).format(n=row.n, type=row.type, currency=row.currency, first=row.first),
                _("Compare with a backup: without its currency nobody knows what an amount is."),
            )


def broken_declarations(work: Work) -> Iterator[Finding]:
    """Named conditions and measures of enabled types that cannot be asked as things are."""
    for info in work.crm.registry.types.values():
        source = info.source(aliased=True)
        asked: list[Condition | Measure] = [*info.conditions.values(), *info.measures.values()]
        for declared in asked:
            try:
                if isinstance(declared, Measure):
                    measure_value(work, declared, source)
                else:
                    compile_condition(work, ["is", declared.key], source)
            except BesaceError as error:
                yield Finding(
                    _('"{name}" of {type}, of the plugin "{plugin}", cannot be asked: {problem}').format(
                        name=declared.key, type=info.label, plugin=declared.plugin, problem=error.message
                    ),
                    _("Enable the plugin that it needs, or look for a newer version of this one."),
                )


def broken_settings(work: Work) -> Iterator[Finding]:
    """Settings whose stored value they would refuse today."""
    stored = settings.load(work)
    for declared in work.crm.registry.settings.values():
        if declared.key not in stored:
            continue
        try:
            problem = _refusal(work, declared, settings.value_of(declared, stored[declared.key]))
        except BesaceError as error:
            message: Any = error.message
            yield Finding(message, settings.another(declared.key))
            continue
        if problem is not None:
            yield Finding(
                _('The setting "{key}" has a value that it cannot have: {problem}').format(
                    key=declared.key, problem=problem
                ),
                settings.another(declared.key),
            )


def _refusal(work: Work, declared: Setting, value: Any) -> Any:
    if isinstance(declared.kind, EntityKind):
        found = found_entities(work, [value] if isinstance(value, int) else []).get(value)
        if found is None or found.trashed or (declared.kind.types and found.type not in declared.kind.types):
            return _("{value} is no entity that it takes, or it is in the trash.").format(value=repr(value))
        return None
    try:
        settings.accept(work, declared, value)
    except BesaceError as error:
        return error.message
    return None
