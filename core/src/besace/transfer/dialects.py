"""What engines do differently when a whole database is read or filled: series of ids, foreign keys."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager

import sqlalchemy as sa

from besace.errors import Refused
from besace.texts import translator

_ = translator(__name__)


def series_of(connection: sa.Connection, tables: Iterable[sa.Table]) -> dict[str, int]:
    """The last id that each table's own series gave: ids of purged rows are never given again."""
    if connection.dialect.name == "sqlite":
        if "sqlite_sequence" not in _sqlite_tables(connection):
            return {}
        names = {table.name for table in tables}
        found = connection.execute(sa.text("SELECT name, seq FROM sqlite_sequence ORDER BY name")).all()
        return {name: int(last) for name, last in found if name in names}
    series = {}
    for table in tables:
        name = _sequence_of(connection, table)
        if name is not None:
            last, was_used = connection.execute(sa.text(f"SELECT last_value, is_called FROM {name}")).one()
            series[table.name] = int(last) if was_used else int(last) - 1
    return series


def advance_series(connection: sa.Connection, tables: Iterable[sa.Table], series: Mapping[str, int]) -> None:
    """Let each series go on after its last id, and after the highest that is there."""
    for table in tables:
        if connection.dialect.name == "sqlite":
            _advance_sqlite(connection, table.name, series.get(table.name))
            continue
        name = _sequence_of(connection, table)
        if name is not None:
            (key,) = table.primary_key.columns
            highest = connection.execute(sa.select(sa.func.max(key))).scalar() or 0
            last = max(highest, series.get(table.name, 0))
            connection.execute(
                sa.text("SELECT setval(CAST(:name AS regclass), :last, :used)"),
                {"name": name, "last": max(last, 1), "used": last > 0},
            )


def _advance_sqlite(connection: sa.Connection, name: str, last: int | None) -> None:
    # Rows that bring their ids have moved the series already, to the highest that is there.
    if last is None:
        return
    moved = connection.execute(
        sa.text("UPDATE sqlite_sequence SET seq = max(seq, :last) WHERE name = :name RETURNING seq"),
        {"name": name, "last": last},
    ).all()
    if not moved:
        connection.execute(
            sa.text("INSERT INTO sqlite_sequence (name, seq) VALUES (:name, :last)"), {"name": name, "last": last}
        )


def _sqlite_tables(connection: sa.Connection) -> set[str]:
    return set(connection.execute(sa.text("SELECT name FROM sqlite_master WHERE type = 'table'")).scalars())


def _sequence_of(connection: sa.Connection, table: sa.Table) -> str | None:
    """The sequence of a table on PostgreSQL, quoted; None where it has none of its own."""
    keys = list(table.primary_key.columns)
    if len(keys) != 1:
        return None
    quoted = connection.dialect.identifier_preparer.format_table(table)
    found = connection.execute(
        sa.text("SELECT pg_get_serial_sequence(:table, :column)"), {"table": quoted, "column": keys[0].name}
    ).scalar()
    return None if found is None else str(found)


@contextmanager
def without_foreign_keys(connection: sa.Connection, tables: Iterable[sa.Table]) -> Iterator[None]:
    """Fill tables in any order; every reference is checked at the end.

    On SQLite `schema.migrating` switches the foreign keys off and checks them. PostgreSQL lets only a superuser
    do so; dropped and made again in the same transaction, they are checked table by table.
    """
    if connection.dialect.name == "sqlite":
        yield
        return
    keys = [key for table in tables for key in table.foreign_key_constraints]
    for key in keys:
        connection.execute(sa.schema.DropConstraint(key))
    yield
    for key in keys:
        try:
            connection.execute(sa.schema.AddConstraint(key))
        except sa.exc.IntegrityError as error:
            raise Refused(
                _("The rows were not stored: rows of {table} would refer to nothing.").format(table=key.table.name)
            ) from error
