"""Conditions and measures in SQL: a tree of keys becomes one boolean expression over its type's tables.

Two-valued on every engine: a comparison with an empty value is false, and `not` gives its opposite. A path
compiles to `IN (SELECT ...)`, so it composes under and, or, not and FILTER and never doubles a row.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from besace import kinds
from besace.dialects import contains, folded
from besace.errors import BesaceError, ConditionError, UsageError, near, unknown
from besace.fields import Field
from besace.language import Both, Compare, Empty, Named, Not, OneOf, Tree, from_json, read
from besace.lists import at_and_below
from besace.model import SYSTEM_FIELDS, entity_table
from besace.texts import fold, translator
from besace.values import check_characters

if TYPE_CHECKING:
    from besace.database import Work
    from besace.records import Measure
    from besace.types import Source, TypeInfo

_ = translator(__name__)

Leaf = Callable[[sa.ColumnElement[Any], Field, sa.FromClause], sa.ColumnElement[bool]]

_OPERATORS: dict[str, Callable[[Any, Any], sa.ColumnElement[bool]]] = {
    "=": lambda c, v: c == v,
    "!=": lambda c, v: c != v,
    "<": lambda c, v: c < v,
    "<=": lambda c, v: c <= v,
    ">": lambda c, v: c > v,
    ">=": lambda c, v: c >= v,
}


def compile_condition(work: Work, condition: str | list[Any] | Tree, source: Source) -> sa.ColumnElement[bool]:
    """A condition, typed or stored, as an expression over `source`; raises ConditionError when it does not fit."""
    if isinstance(condition, str):
        return _Compiler(work, condition).compile(read(condition), source)
    tree = from_json(condition) if isinstance(condition, list) else condition
    return _Compiler(work, "").compile(tree, source)


def measure_value(work: Work, measure: Measure, source: Source) -> sa.ColumnElement[Any]:
    """What a measure gives for a row: empty where its own condition does not hold, so that sums leave it out."""
    value = source[measure.value] if isinstance(measure.value, str) else measure.value(source)
    if measure.where is None:
        return value
    return sa.case((compile_condition(work, measure.where, source), value), else_=sa.null())


def measured(work: Work, measure: Measure, source: Source) -> sa.ColumnElement[bool]:
    """Whether a row belongs to a measure: its own condition holds."""
    return sa.true() if measure.where is None else compile_condition(work, measure.where, source)


def path_value(info: TypeInfo, source: Source, path: str) -> tuple[sa.ColumnElement[Any], Field]:
    """The value at the end of a path, and its field: for groups. One step through a list or a reference at most."""
    head, _dot, rest = path.partition(".")
    field = info.field(head)
    column = source.of(field)
    if not rest:
        return column, field
    if isinstance(field.kind, kinds.ItemKind):
        model, inner = _list_field(source, field.kind, rest)
        table = model.__table__.alias()
        return sa.select(table.c[inner.column]).where(table.c.key == column).scalar_subquery(), inner
    if isinstance(field.kind, kinds.EntityKind) and rest in SYSTEM_FIELDS:
        entity = entity_table.alias()
        inner = SYSTEM_FIELDS[rest]
        return sa.select(entity.c[inner.column]).where(entity.c.id == column).scalar_subquery(), inner
    raise UsageError(
        _('"{path}" cannot make groups.').format(path=path),
        _("Group by a field, by a column of a list such as phase.outcome, or by the label of a reference."),
    )


def _list_field(source: Source, kind: kinds.ItemKind, key: str) -> tuple[Any, Field]:
    model = source.info.registry.list_type(kind.list)
    if key not in model.__fields__:
        raise unknown(_('The list {list} has no column "{name}".'), key, list(model.__fields__), list=model.__label__)
    return model, model.__fields__[key]


class _Compiler:
    def __init__(self, work: Work, typed: str) -> None:
        self.work = work
        self.typed = typed
        self.open: list[tuple[str, str]] = []

    def error(self, error: BesaceError, at: int | None) -> ConditionError:
        return ConditionError(error.message, error.hint, source=self.typed, position=at)

    def compile(self, tree: Tree, source: Source) -> sa.ColumnElement[bool]:
        match tree:
            case Both("and", parts):
                return sa.and_(*(self.compile(p, source) for p in parts))
            case Both(_, parts):
                return sa.or_(*(self.compile(p, source) for p in parts))
            case Not(inner):
                return sa.not_(self.compile(inner, source))
            case Named(path, at):
                return self.named(path, at, source)
            case Empty(path, at):
                # Empty too where the path itself ends early: no target, no target's phase.
                return sa.not_(self.along(path, at, source, lambda column, _f, _t: column.is_not(None)))
            case Compare(path, op, value, at, value_at):
                return self.along(
                    path, at, source, lambda column, f, table: self.leaf(column, f, table, op, value, value_at)
                )
            case OneOf(path, values, at, value_at):
                return self.along(
                    path,
                    at,
                    source,
                    lambda column, f, table: sa.or_(*(self.leaf(column, f, table, "=", v, value_at) for v in values)),
                )

    def named(self, path: str, at: int | None, source: Source) -> sa.ColumnElement[bool]:
        info = source.info
        known = info.conditions.get(path)
        if known is not None:
            if (info.key, path) in self.open:
                raise ConditionError(_('The condition "{name}" asks for itself.').format(name=path))
            self.open.append((info.key, path))
            compiled = _Compiler.compile(self._within(known.where), read(known.where), source)
            self.open.pop()
            return compiled
        flags = [k for k, f in info.all_fields.items() if isinstance(f.kind, kinds.BooleanKind)]
        if "." in path or path in flags:
            return self.along(path, at, source, self.yes)
        if path in info.all_fields:
            hint = _("Compare it, for example: {field} is not empty").format(field=path)
            raise self.error(UsageError(_('"{name}" is no condition but a field.').format(name=path), hint), at)
        raise self.error(
            UsageError(
                _('{type} has no condition "{name}".').format(type=info.label, name=path),
                near(path, [*info.conditions, *flags]),
            ),
            at,
        )

    def _within(self, typed: str) -> _Compiler:
        inner = _Compiler(self.work, typed)
        inner.open = self.open
        return inner

    def yes(self, column: sa.ColumnElement[Any], field: Field, table: sa.FromClause) -> sa.ColumnElement[bool]:
        if not isinstance(field.kind, kinds.BooleanKind):
            raise UsageError(_("{field} is not yes or no: compare it with a value.").format(field=field.label))
        return self.leaf(column, field, table, "=", "yes", None)

    def along(self, path: str, at: int | None, source: Source, leaf: Leaf) -> sa.ColumnElement[bool]:
        """Follow a path from `source` to its last field and apply `leaf` there."""
        try:
            return self.step(path.split("."), source, leaf)
        except ConditionError:
            raise
        except UsageError as error:
            raise self.error(error, at) from None

    def step(self, segments: list[str], source: Source, leaf: Leaf) -> sa.ColumnElement[bool]:
        field = source.info.field(segments[0])
        column = source.of(field)
        if len(segments) == 1:
            return leaf(column, field, source.entity)
        if isinstance(field.kind, kinds.ItemKind) and len(segments) == 2:
            model, inner = _list_field(source, field.kind, segments[1])
            table = model.__table__.alias()
            return self._in(column, sa.select(table.c.key).where(leaf(table.c[inner.column], inner, table)))
        if isinstance(field.kind, kinds.EntityKind):
            return self.through(field, field.kind, column, segments[1:], source, leaf)
        raise UsageError(_("{field} has no fields of its own.").format(field=field.label))

    def through(
        self, field: Field, kind: kinds.EntityKind, column: Any, rest: list[str], source: Source, leaf: Leaf
    ) -> sa.ColumnElement[bool]:
        if len(rest) == 1 and rest[0] in SYSTEM_FIELDS:
            entity = entity_table.alias()
            inner = SYSTEM_FIELDS[rest[0]]
            return self._in(column, sa.select(entity.c.id).where(leaf(entity.c[inner.column], inner, entity)))
        infos = source.info.registry.types_named(kind.types)
        having = [i for i in infos if rest[0] in i.all_fields]
        if not having:
            raise UsageError(
                _('None of the types that {field} may be has a field "{name}".').format(
                    field=field.label, name=rest[0]
                ),
                _("These are: {types}.").format(types=", ".join(i.key for i in infos)),
            )
        alternatives = []
        for info in having:
            there = info.source(aliased=True)
            inner_condition = self.step(rest, there, leaf)
            alternatives.append(self._in(column, sa.select(there.id).select_from(there.join).where(inner_condition)))
        return sa.or_(*alternatives)

    @staticmethod
    def _in(column: Any, select: Any) -> sa.ColumnElement[bool]:
        return sa.and_(column.is_not(None), column.in_(select))

    def leaf(
        self, column: Any, field: Field, table: sa.FromClause, op: str, value: str, value_at: int | None
    ) -> sa.ColumnElement[bool]:
        """One comparison: false where the column is empty."""
        try:
            check_characters(value)
            compared = self.compare(column, field, table, op, value)
        except ConditionError:
            raise
        except BesaceError as error:
            raise self.error(error, value_at) from None
        return sa.and_(column.is_not(None), compared)

    def compare(self, column: Any, field: Field, table: sa.FromClause, op: str, value: str) -> sa.ColumnElement[bool]:
        kind = field.kind
        if op == "~":
            return self.containing(column, field, value)
        if op not in ("=", "!=") and not (kind.ordered or kind.textual):
            raise UsageError(_("{field} has no order: compare it with = or !=.").format(field=field.label))
        if isinstance(kind, kinds.ConditionKind):
            raise UsageError(_("{field} is a condition: ask only whether it is empty.").format(field=field.label))
        compare = _OPERATORS[op]
        if kind.textual:
            key = table.c.label_key if field.key == "label" and field.system else folded(column)
            return compare(key, fold(value))
        day = kind.read_day(value, self.work) if isinstance(kind, kinds.DateTimeKind) else None
        if day is not None:
            first, last = day
            if op in ("=", "!="):
                that_day: sa.ColumnElement[bool] = column.between(first, last)
                return that_day if op == "=" else sa.not_(that_day)
            return compare(column, last if op in ("<=", ">") else first)
        wanted = kind.read(value, self.work)
        if isinstance(kind, kinds.ItemKind):
            keys = at_and_below(self.work.items(kind.list), wanted)
            at_or_below: sa.ColumnElement[bool] = column.in_(keys)
            return at_or_below if op == "=" else sa.not_(at_or_below)
        if isinstance(kind, kinds.MoneyKind):
            return sa.and_(table.c.currency == wanted.currency, compare(column, wanted.minor))
        return compare(column, kind.store(wanted))

    def containing(self, column: Any, field: Field, value: str) -> sa.ColumnElement[bool]:
        needle = fold(value)
        kind = field.kind
        if isinstance(kind, kinds.EntityKind):
            entity = entity_table.alias()
            return column.in_(sa.select(entity.c.id).where(contains(entity.c.label_key, needle)))  # type: ignore[no-any-return]
        if isinstance(kind, kinds.ItemKind):
            items = self.work.items(kind.list)
            return column.in_([k for k, i in items.items() if needle in fold(i.in_language(self.work.language))])  # type: ignore[no-any-return]
        if not kind.textual:
            raise UsageError(_("{field} is no text: ~ cannot look into it.").format(field=field.label))
        return contains(folded(column), needle)
