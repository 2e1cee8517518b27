"""Rows that belong together: an entity and the row of its type, a reference and what it refers to."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from besace.enabling import owners_of_tables
from besace.model import entity_table
from besace.reading import mention
from besace.records import Finding
from besace.texts import translator

if TYPE_CHECKING:
    from besace.database import Work

_ = translator(__name__)

_REFERENCES = "verification.references"
_TERMS = 200
"""Selects in one UNION; SQLite takes 500."""

FROM_BACKUP = _("Compare with a backup, and restore from it what was lost: the program itself leaves no such row.")
"""The way on where rows were lost by something other than the program."""


@dataclass(frozen=True)
class Reference:
    """A column that refers to the rows of a table, as the database itself knows it."""

    table: str
    column: str
    referred: str
    key: str


def references(work: Work) -> list[Reference]:
    """All references of the database, those of the tables of disabled plugins too; asked for once in a unit."""
    if _REFERENCES not in work.info:
        work.info[_REFERENCES] = _references(work)
    known: list[Reference] = work.info[_REFERENCES]
    return known


def _references(work: Work) -> list[Reference]:
    found = sa.inspect(work.connection()).get_multi_foreign_keys()
    return sorted(
        (
            Reference(table, key["constrained_columns"][0], key["referred_table"], key["referred_columns"][0])
            for (_schema, table), keys in found.items()
            for key in keys
            if len(key["constrained_columns"]) == 1
        ),
        key=lambda one: (one.table, one.column),
    )


def type_tables(work: Work) -> set[str]:
    """The tables of the types, of disabled plugins too: those whose id is that of an entity."""
    return {one.table for one in references(work) if (one.column, one.referred) == ("id", "entity")}


def streamed(work: Work, statement: sa.Executable) -> Iterator[Any]:
    """The rows of a statement, a thousand in memory at a time."""
    yield from work.execute(statement.execution_options(yield_per=1000))


def together(work: Work, selects: Sequence[sa.Select[Any]]) -> Iterator[Any]:
    """The rows of many small selects of the same columns, in as few statements as the engines take."""
    for start in range(0, len(selects), _TERMS):
        yield from streamed(work, sa.union_all(*selects[start : start + _TERMS]))


def halves(work: Work) -> Iterator[Finding]:
    """Entities without the row of their type, and rows of a type without their entity."""
    entity = entity_table
    without_row, without_entity = [], []
    for key in sorted(type_tables(work)):
        table = sa.table(key, sa.column("id", sa.BigInteger()))
        without_row.append(
            sa.select(entity.c.type, entity.c.id, entity.c.label)
            .where(entity.c.type == key, ~sa.exists().where(table.c.id == entity.c.id))
        )  # fmt: skip
        is_there = sa.exists().where(entity.c.id == table.c.id, entity.c.type == key)
        without_entity.append(sa.select(sa.literal(key).label("type"), table.c.id).where(~is_there))
    for row in together(work, without_row):
        named = mention(work.crm.registry.label_of_type(row.type), row.id, row.label)
        yield Finding(
            _('{entity} has lost its values: the table "{table}" has no row of it.').format(
                entity=named, table=row.type
            ),
            FROM_BACKUP,
        )
    for row in together(work, without_entity):
        yield Finding(
            _('The table "{table}" has a row {id}, and there is no such entity.').format(table=row.type, id=row.id),
            FROM_BACKUP,
        )


def dangling(work: Work) -> Iterator[Finding]:
    """References to rows that do not exist, counted for each column: the database itself should refuse them."""
    owners = owners_of_tables(work)
    counted = [_dangling(one) for one in references(work) if (one.column, one.referred) != ("id", "entity")]
    for row in together(work, counted):
        owner = owners.get(row.table_name, "core")
        yield Finding(
            _(
                'The table "{table}" of the plugin "{plugin}" refers {n} time by its {column} to a row of "{referred}" '
                "that does not exist, for example {example}.",
                'The table "{table}" of the plugin "{plugin}" refers {n} times by its {column} to a row of '
                '"{referred}" that does not exist, for example {example}.',
            ).format(
                table=row.table_name, plugin=owner, n=row.n, column=row.column_name, referred=row.referred,
                example=row.example,
            ),
            FROM_BACKUP,
        )  # fmt: skip


def _dangling(one: Reference) -> Any:
    table = sa.table(one.table, sa.column(one.column))
    referred = sa.table(one.referred, sa.column(one.key)).alias("referred")
    column = table.c[one.column]
    return (
        sa.select(
            sa.literal(one.table).label("table_name"), sa.literal(one.column).label("column_name"),
            sa.literal(one.referred).label("referred"), sa.func.count().label("n"),
            sa.func.min(sa.cast(column, sa.Text())).label("example"),
        )
        .select_from(table)
        .where(column.is_not(None), ~sa.exists().where(referred.c[one.key] == column))
        .having(sa.func.count() > 0)
    )  # fmt: skip
