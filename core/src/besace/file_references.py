"""File references: which rows refer to files, those of disabled plugins too, and the removal of what none refers to.

A column refers to files when its field is of the kind `FileKind`. That is stored with each plugin's holdings, so it is
known where the code of a plugin is absent.
"""

from __future__ import annotations

from collections.abc import Collection, Generator, Iterable, Mapping
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from besace.dialects import alone, among, bytewise
from besace.enabling import all_holdings
from besace.holdings import Holdings
from besace.kinds import FileKind

if TYPE_CHECKING:
    from besace.app import Besace
    from besace.database import Work

_PAGE = 1000


def columns_in(connection: sa.Connection, held: Iterable[Holdings]) -> list[sa.Column[Any]]:
    """The columns of a database that refer to files, by these holdings; one that is not there yet holds nothing."""
    inspector: Any = sa.inspect(connection)
    named = {
        (table, field["column"])
        for holdings in held
        for table, fields in holdings.items()
        for field in fields.values()
        if field["kind"] == FileKind.name
    }
    there = set(inspector.get_table_names())
    tables = {
        name: sa.Table(name, sa.MetaData(), *(sa.Column(c["name"], c["type"]) for c in inspector.get_columns(name)))
        for name in {table for table, _column in named} & there
    }
    return [tables[table].c[column] for table, column in sorted(named) if table in tables and column in tables[table].c]


def columns_of(crm: Besace, connection: sa.Connection) -> list[sa.Column[Any]]:
    """The columns of an install that refer to files."""
    return columns_in(connection, all_holdings(crm, connection).values())


def names_in(
    connection: sa.Connection, columns: Iterable[sa.Column[Any]], where: Mapping[str, Any] | None = None
) -> Generator[str]:
    """The names of the files that the columns refer to, each once, sorted by its bytes; in one statement.

    `where` has conditions on some of the tables, by name: `{"entity": lambda table: table.c.type == "quote"}`.
    """
    chosen = [sa.select(c.label("sha256")).where(c.is_not(None), *_narrowed(c, where or {})) for c in columns]
    if not chosen:
        return
    named = sa.union_all(*chosen).subquery("named")
    asked = sa.select(named.c.sha256).group_by(named.c.sha256).order_by(bytewise(named.c.sha256))
    with connection.execute(asked, execution_options={"yield_per": _PAGE}) as rows:  # not all may be asked for
        yield from rows.scalars()


def _narrowed(column: sa.Column[Any], where: Mapping[str, Any]) -> list[sa.ColumnElement[bool]]:
    condition = where.get(column.table.name)
    return [] if condition is None else [condition(column.table)]


def remove_unused(work: Work, names: Collection[str]) -> int:
    """Remove those of these files that no row refers to; returns how many.

    No other unit writes meanwhile, so none refers to a file that goes. To remove one is no effect that a rolled back
    unit would have to undo: no row referred to it before either.
    """
    alone(work)
    used = {
        name
        for column in columns_of(work.crm, work.connection())
        for name in work.scalars(sa.select(column).where(among(work, column, names)))
    }
    unused = sorted(set(names) - used)
    for name in unused:
        work.crm.files.remove(name)
    return len(unused)
