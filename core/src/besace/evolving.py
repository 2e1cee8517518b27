"""Changing what has rows, inside a migration: renaming and merging columns, list items and types.

    from besace import evolving

    def upgrade() -> None:
        evolving.rename_column("training", "seats", "places")

Each works on the migration's own connection, on every database, and also changes what names the thing by its key:
the types copied into relations, stored conditions, attributes of relations, settings, the rows of other plugins.
Versions stay, and so does the history: it tells what was done in the words of its time.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from alembic import op

from besace.dialects import take_ids
from besace.errors import Refused
from besace.holdings import Holdings
from besace.stored_keys import StoredKeys
from besace.texts import translator

__all__ = [
    "merge_columns", "merge_items", "merge_types", "new_ids", "rename_column", "rename_field", "rename_item",
    "rename_type",
]  # fmt: skip

_ = translator(__name__)


def new_ids(count: int) -> Sequence[int]:
    """So many ids for new parts (or entities) that a migration writes."""
    return take_ids(op.get_bind(), count)


def rename_column(table: str, old: str, new: str) -> None:
    """Rename a column with its constraints and indexes, and its field in stored conditions.

    The names are those of columns: `phase_key` and `target_id` for the fields `phase` and `target`.
    """
    bind = op.get_bind()
    keys = StoredKeys(bind)
    old_key, new_key = _field_of(keys, table, old), _field_of(keys, table, new, like=old)
    keys.rename_field(table, old_key, new_key)
    quote = bind.dialect.identifier_preparer.quote
    bind.exec_driver_sql(f"ALTER TABLE {quote(table)} RENAME COLUMN {quote(old)} TO {quote(new)}")
    _rename_constraints(bind, table, _with_column(table, old, new))
    keys.describe(lambda held: _with_field(held, table, old_key, new_key, column=new))


def rename_field(owner: str, old: str, new: str) -> None:
    """Rename a field of a type, or a list's own column, in stored conditions alone; `rename_column` does it too."""
    StoredKeys(op.get_bind()).rename_field(owner, old, new)


def merge_columns(table: str, old: str, into: str, *, join: str | None = None) -> None:
    """Drop a column after what it holds was moved into another one.

    Where a row has both, they are put one after the other with `join` between them; without it, rows whose two
    values differ are refused, and nothing is changed.
    """
    bind = op.get_bind()
    keys = StoredKeys(bind)
    rows = sa.Table(table, sa.MetaData(), autoload_with=bind, resolve_fks=False)
    first, second = rows.c[into], rows.c[old]
    both = sa.and_(first.is_not(None), second.is_not(None), first != second)
    count = bind.execute(sa.select(sa.func.count()).select_from(rows).where(both)).scalar_one()
    if count and join is None:
        raise Refused(
            _(
                '{n} row of "{table}" has a {old} and another {into}.',
                '{n} rows of "{table}" have a {old} and another {into}.',
            ).format(n=count, table=table, old=old, into=into),
            _("Say how to join them, or decide for these rows first."),
        )
    if count:
        bind.execute(sa.update(rows).where(both).values({into: first.concat(join).concat(second)}))
    bind.execute(sa.update(rows).where(first.is_(None)).values({into: second}))
    with op.batch_alter_table(table) as batch:
        batch.drop_column(old)
    old_key, new_key = _field_of(keys, table, old), _field_of(keys, table, into)
    keys.rename_field(table, old_key, new_key)
    keys.describe(lambda held: _without_field(held, table, old_key))


def rename_item(list: str, old: str, new: str) -> None:
    """Give an item of a list another key; its label and what an administrator changed of it stay."""
    bind = op.get_bind()
    items = sa.Table(list, sa.MetaData(), autoload_with=bind, resolve_fks=False)
    if bind.execute(sa.select(items.c.key).where(items.c.key == old)).first() is None:
        return  # an install that has not seeded it yet, or whose administrator has no such item
    # The new item comes before what refers to it, and the old one goes after: foreign keys are never broken.
    # Copied in the database, where empty labels stay empty: a document read here would come back as "null".
    columns = [sa.literal(new, c.type).label(c.name) if c.name == "key" else c for c in items.c]
    copied = sa.select(*columns).where(items.c.key == old)
    bind.execute(sa.insert(items).from_select([c.name for c in items.c], copied))
    StoredKeys(bind).replace_item(list, old, new)
    bind.execute(sa.delete(items).where(items.c.key == old))


def merge_items(list: str, old: str, into: str, *, called: tuple[str, ...] = ()) -> None:
    """Drop an item of a list after whatever had it got another one.

    Stored conditions name an item by its key or by a label: `called` are the labels that the code gave it, in every
    language; those that an administrator typed are known.
    """
    bind = op.get_bind()
    items = sa.Table(list, sa.MetaData(), autoload_with=bind, resolve_fks=False)
    rows = {row.key: row for row in bind.execute(sa.select(items).where(items.c.key.in_([old, into])))}
    if old not in rows:
        return
    if into not in rows:
        raise Refused(
            _('The list "{list}" has no item "{into}" to merge "{old}" into.').format(list=list, into=into, old=old)
        )
    typed = (rows[old].labels or {}).values()
    StoredKeys(bind).replace_item(list, old, into, (*called, *typed))
    bind.execute(sa.delete(items).where(items.c.key == old))


def rename_type(old: str, new: str) -> None:
    """Give an entity type another key: its table with its constraints, its entities, and what names it."""
    bind = op.get_bind()
    keys = StoredKeys(bind)
    keys.rename_type(old, new)
    op.rename_table(old, new)
    _rename_constraints(bind, new, _with_table(old, new))
    keys.describe(lambda held: _with_type(held, old, new))


def merge_types(
    old: str, into: str, *, columns: Mapping[str, str] | None = None, without: tuple[str, ...] = (),
    values: Mapping[str, Any] | None = None,
) -> None:  # fmt: skip
    """Drop an entity type after its entities became those of another one; they keep their ids.

    Each column goes to the one of the same name, or to the one that `columns` says. A column that finds none and
    holds something is refused, unless it is named in `without`. `values` fills columns that the old type had not.
    """
    bind = op.get_bind()
    keys = StoredKeys(bind)
    schema = sa.MetaData()
    source = sa.Table(old, schema, autoload_with=bind, resolve_fks=False)
    target = sa.Table(into, schema, autoload_with=bind, resolve_fks=False)
    wanted = {c.name: (columns or {}).get(c.name, c.name) for c in source.columns if c.name not in without}
    placed = {name: there for name, there in wanted.items() if there in target.c}
    for name in wanted.keys() - placed.keys():
        _refuse_lost(bind, source, name, into)
    given = dict(values or {})
    selected = [*(source.c[name] for name in placed), *(sa.literal(v, target.c[k].type) for k, v in given.items())]
    bind.execute(sa.insert(target).from_select([*placed.values(), *given], sa.select(*selected)))
    for name, there in placed.items():
        keys.rename_field(old, _field_of(keys, old, name), _field_of(keys, into, there))
    keys.rename_type(old, into)
    op.drop_table(old)
    keys.describe(lambda held: _with_type({k: v for k, v in held.items() if k != old}, old, into))


def _refuse_lost(bind: sa.Connection, source: sa.Table, column: str, into: str) -> None:
    holding = sa.select(sa.func.count()).select_from(source).where(source.c[column].is_not(None))
    if count := bind.execute(holding).scalar_one():
        raise Refused(
            _(
                '{n} row of "{old}" has a {column}, for which "{into}" has no column.',
                '{n} rows of "{old}" have a {column}, for which "{into}" has no column.',
            ).format(n=count, old=source.name, column=column, into=into),
            _("Say into which column it goes, or that it is left out."),
        )


# ---- the names of fields, constraints and indexes ------------------------------------------------


def _field_of(keys: StoredKeys, table: str, column: str, *, like: str = "") -> str:
    """The key of the field that a column holds; a new column is named as the one that it was."""
    known = {f["column"]: key for key, f in keys.held.get(table, {}).items()}
    if column in known:
        return known[column]
    old = like or column
    is_reference = known.get(old, old) != old or any(
        key["constrained_columns"] == [old] for key in keys.inspector.get_foreign_keys(table)
    )
    for suffix in ("_id", "_key"):
        if is_reference and old.endswith(suffix) and column.endswith(suffix):
            return column.removesuffix(suffix)
    return column


def _with_field(held: Holdings, table: str, old: str, new: str, *, column: str) -> Holdings:
    if old not in held.get(table, {}):
        return held
    fields = {(new if key == old else key): field for key, field in held[table].items()}
    fields[new]["column"] = column
    for field in fields.values():
        if field.get("about") == old:
            field["about"] = new
    return {**held, table: fields}


def _without_field(held: Holdings, table: str, key: str) -> Holdings:
    return {name: {k: f for k, f in fields.items() if (name, k) != (table, key)} for name, fields in held.items()}


def _with_type(held: Holdings, old: str, new: str) -> Holdings:
    changed = {(new if name == old else name): fields for name, fields in held.items()}
    for fields in changed.values():
        for field in fields.values():
            if old in field.get("types", ()):
                field["types"] = [*dict.fromkeys(new if t == old else t for t in field["types"])]
    return changed


Named = Callable[[str, str, list[str]], str]
"""The name that a constraint or index has now, from its sort, its name and its columns."""


def _with_table(old: str, new: str) -> Named:
    def named(sort: str, name: str, _columns: list[str]) -> str:
        prefix = f"{sort}_{old}"
        return f"{sort}_{new}{name.removeprefix(prefix)}" if f"{name}_".startswith(f"{prefix}_") else name

    return named


def _with_column(table: str, old: str, new: str) -> Named:
    def named(sort: str, name: str, columns: list[str]) -> str:
        before = "_".join(old if column == new else column for column in columns)
        return f"{sort}_{table}_{'_'.join(columns)}" if name == f"{sort}_{table}_{before}" else name

    return named


def _rename_constraints(bind: sa.Connection, table: str, named: Named) -> None:
    """Give the constraints and indexes of a table the names that the models will look for."""
    rows = sa.Table(table, sa.MetaData(), autoload_with=bind)
    renamed: list[tuple[Any, str, str]] = []
    things: list[Any] = [*rows.constraints, *rows.indexes]
    for thing in things:
        sort = _SORTS.get(type(thing).__name__)
        if thing.name is not None and sort is not None:
            name = named(sort, str(thing.name), [column.name for column in thing.columns])
            renamed += [(thing, str(thing.name), name)] if name != thing.name else []
    if not renamed:
        return
    if bind.dialect.name == "sqlite":  # which renames no constraint: the table is written anew under the new names
        for thing, _old, new in renamed:
            thing.name = new
        with op.batch_alter_table(table, copy_from=rows, recreate="always"):
            return
    quote = bind.dialect.identifier_preparer.quote
    for thing, old, new in renamed:
        if isinstance(thing, sa.Index):
            bind.exec_driver_sql(f"ALTER INDEX {quote(old)} RENAME TO {quote(new)}")
        else:
            bind.exec_driver_sql(f"ALTER TABLE {quote(table)} RENAME CONSTRAINT {quote(old)} TO {quote(new)}")


_SORTS = {
    "PrimaryKeyConstraint": "pk",
    "ForeignKeyConstraint": "fk",
    "UniqueConstraint": "uq",
    "CheckConstraint": "ck",
    "Index": "ix",
}
