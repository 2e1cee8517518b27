"""What the engines say differently in SQL: each construct of ours, compiled for each of them."""

from __future__ import annotations

import json
import sys
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from besace.errors import InstallError, Refused
from besace.texts import translator

if TYPE_CHECKING:
    from besace.database import Work

_ = translator(__name__)

_MOST_IN_A_LIST = 30_000
"""Values that every build of SQLite takes as parameters; its planner knows best what to do with a list."""

_PATIENT = 30
"""Seconds for which a change of the schema waits for those who use the tables."""


def is_postgresql(bind: sa.Engine | sa.Connection) -> bool:
    """Whether an engine or a connection is one of PostgreSQL."""
    return bind.dialect.name == "postgresql"


def folded(column: sa.ColumnElement[Any]) -> sa.ColumnElement[str]:
    """The folded form of a text column, as `texts.fold` gives it, sorted by its bytes."""
    return bytewise(sa.func.besace_fold(column, type_=sa.Text()))


class bytewise(FunctionElement[str]):  # noqa: N801 - a function of SQL
    """A text that is compared and sorted by its bytes, as SQLite does by itself."""

    type = sa.Text()
    inherit_cache = True
    name = "bytewise"


@compiles(bytewise)
def _bytewise(element: Any, compiler: Any, **kw: Any) -> str:
    return str(compiler.process(element.clauses, **kw))


@compiles(bytewise, "postgresql")
def _bytewise_postgresql(element: Any, compiler: Any, **kw: Any) -> str:
    return f'({compiler.process(element.clauses, **kw)} COLLATE "C")'


class contains(FunctionElement[bool]):  # noqa: N801 - a function of SQL
    """Whether a text that is folded already contains a folded text."""

    type = sa.Boolean()
    inherit_cache = True
    name = "contains"


@compiles(contains)
def _contains(element: Any, compiler: Any, **kw: Any) -> str:
    return f"(instr({compiler.process(element.clauses, **kw)}) > 0)"


@compiles(contains, "postgresql")
def _contains_postgresql(element: Any, compiler: Any, **kw: Any) -> str:
    return f"(strpos({compiler.process(element.clauses, **kw)}) > 0)"


def insert(work: sa.orm.Session, table: sa.Table) -> Any:
    """INSERT with `on_conflict_do_nothing` and `on_conflict_do_update`, which SQLAlchemy has per engine."""
    if is_postgresql(work.get_bind()):
        from sqlalchemy.dialects.postgresql import insert
    else:
        from sqlalchemy.dialects.sqlite import insert  # type: ignore[assignment]
    return insert(table)


def among(work: sa.orm.Session, column: Any, values: Iterable[Any]) -> sa.ColumnElement[bool]:
    """Whether a column of whole numbers or text has one of these values, however many: IN takes so many and no more."""
    listed = list(values)
    if is_postgresql(work.get_bind()):
        # Not the column's own type: a cast to VARCHAR(n) would cut what is longer, and find what was not asked for.
        item: sa.types.TypeEngine[Any] = sa.BigInteger() if isinstance(column.type, sa.Integer) else sa.Text()
        return sa.type_coerce(column == sa.any_(sa.bindparam(None, listed, type_=sa.ARRAY(item))), sa.Boolean())
    if len(listed) <= _MOST_IN_A_LIST:
        return sa.type_coerce(column.in_(listed), sa.Boolean())
    each = sa.func.json_each(json.dumps(listed)).table_valued("value")
    return sa.type_coerce(column.in_(sa.select(each.c.value)), sa.Boolean())


# ---- ids ---------------------------------------------------------------------------------------


def reserve_ids(work: Work, count: int) -> Sequence[int]:
    """Take so many ids of the one series of entities and parts, rising; they are used in this same unit or lost."""
    return take_ids(work.connection(), count)


def take_ids(connection: sa.Connection, count: int) -> Sequence[int]:
    """`reserve_ids` for a transaction that is no unit of work."""
    if is_postgresql(connection):
        taken = sa.text("SELECT nextval('entity_id_seq') FROM generate_series(1, :n)")
        return sorted(connection.scalars(taken, {"n": count}))
    last = connection.execute(
        sa.text("UPDATE sqlite_sequence SET seq = seq + :n WHERE name = 'entity' RETURNING seq"), {"n": count}
    ).scalar_one()
    return range(int(last) - count + 1, int(last) + 1)


def series_of(connection: sa.Connection, tables: Iterable[sa.Table]) -> dict[str, int]:
    """The last id that each table's own series gave: ids of purged rows are never given again."""
    if not is_postgresql(connection):
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
        if not is_postgresql(connection):
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


# ---- locks -------------------------------------------------------------------------------------


def lock(
    work: Work, table: sa.Table, column: sa.Column[Any], keys: Iterable[Any], *, from_references: bool = False
) -> None:
    """Let no other unit write these rows until this one ends; what they hold is read after it.

    In one order, so that two who lock the same rows never wait for each other. Those who make rows that refer to
    these do not wait, unless the rows are locked `from_references` too. On SQLite a unit that writes is alone already.
    """
    work.require_writing()
    if is_postgresql(work.get_bind()):
        wanted = sorted(set(keys))
        if wanted:
            chosen = sa.select(column).where(among(work, column, wanted)).order_by(column)
            work.execute(chosen.with_for_update(key_share=not from_references))


def one_at_a_time(work: Work) -> None:
    """Let no other unit pass here until this one ends: for what no row stands for yet that could be locked."""
    work.require_writing()
    if is_postgresql(work.get_bind()):
        work.execute(sa.text("SELECT 1 FROM plugin WHERE name = 'core' FOR UPDATE"))


def alone(work: Work) -> None:
    """Wait until no other unit writes, and let none begin until this one ends: they all hold the row that is locked."""
    work.require_writing()
    if is_postgresql(work.get_bind()):
        work.execute(sa.text("SELECT 1 FROM install WHERE key = 'generation' FOR UPDATE"))


# ---- the database itself -----------------------------------------------------------------------


def prepare_database(engine: sa.Engine) -> None:
    """Give a database what it needs outside of any transaction: on SQLite, readers who are in no writer's way."""
    if not is_postgresql(engine):
        with engine.connect() as connection:
            driver: Any = connection.connection.driver_connection
            driver.execute("PRAGMA journal_mode = WAL")


def make_functions(connection: sa.Connection) -> None:
    """Make the functions that a database needs before its first table, or make them anew, one process after another.

    PostgreSQL refuses the second of two who do so at once: "tuple concurrently updated".
    """
    if is_postgresql(connection):
        connection.exec_driver_sql("SELECT pg_advisory_xact_lock(hashtext('besace_fold'))")
        connection.exec_driver_sql(_folding_function())


def begin_ids(connection: sa.Connection) -> None:
    """Begin the one series of ids, before its first number is taken."""
    if not is_postgresql(connection):
        connection.execute(sa.text("INSERT INTO sqlite_sequence (name, seq) VALUES ('entity', 0)"))


@cache
def _folding_function() -> str:
    """`texts.fold` in SQL: the same for every character that this Python knows, which takes it a while to tell."""
    marks: list[list[int]] = []
    for code in range(sys.maxunicode + 1):
        if unicodedata.combining(chr(code)):
            if marks and marks[-1][1] == code - 1:
                marks[-1][1] = code
            else:
                marks.append([code, code])
    combining = "".join(rf"\U{first:08x}-\U{last:08x}" for first, last in marks)
    return f"""
        CREATE OR REPLACE FUNCTION besace_fold(text) RETURNS text
        LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
        RETURN CASE WHEN octet_length($1) = char_length($1) THEN lower($1 COLLATE pg_unicode_fast) ELSE
            casefold(regexp_replace(normalize(casefold($1 COLLATE pg_unicode_fast), NFKD), '[{combining}]', '', 'g')
                     COLLATE pg_unicode_fast) END
    """


@contextmanager
def changing_schema(connection: sa.Connection) -> Iterator[None]:
    """One transaction in which tables are changed, alone with the database on SQLite.

    SQLite drops and renames whole tables to change a column; with foreign keys on, that deletes rows elsewhere.
    PostgreSQL has to wait for those who read the tables, however long they do.
    """
    if is_postgresql(connection):
        with connection.begin():
            connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{_PATIENT}s'")
            yield
        return
    driver: Any = connection.connection.driver_connection
    driver.execute("PRAGMA foreign_keys = OFF")
    try:
        with connection.begin():
            yield
            broken = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall()
            if broken:
                raise InstallError(_("Rows of {table} would refer to nothing.").format(table=broken[0][0]))
    finally:
        driver.execute("PRAGMA foreign_keys = ON")


@contextmanager
def without_foreign_keys(connection: sa.Connection, tables: Iterable[sa.Table]) -> Iterator[None]:
    """Fill tables in any order; every reference is checked at the end.

    On SQLite `changing_schema` switches the foreign keys off and checks them. PostgreSQL lets only a superuser
    do so; dropped and made again in the same transaction, they are checked table by table.
    """
    if not is_postgresql(connection):
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
