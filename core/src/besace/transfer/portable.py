"""Tables and values as no engine has them: read from the database itself, written the same whatever it is.

The tables are reflected and not taken from the models: a disabled plugin's rows stay, and its code may be absent.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import sqlalchemy as sa

from besace.column_types import UtcDateTime
from besace.dialects import bytewise
from besace.errors import Refused
from besace.relocation import MARKS
from besace.schema import meta
from besace.texts import translator

_ = translator(__name__)

PAGE = 1000
"""Rows that are in memory at once."""


def _same(value: Any) -> Any:
    return value


def _moment(value: datetime) -> str:
    return value.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def _bytes(value: bytes) -> str:
    return base64.b64encode(value).decode()


def _text(column: sa.Column[Any]) -> sa.types.TypeEngine[Any]:
    length: int | None = getattr(column.type, "length", None)
    return sa.String(length) if length else sa.Text()


@dataclass(frozen=True)
class Kind:
    """A sort of values: the SQL types that hold it, the one by which it is read and written, its form in JSON."""

    held_by: tuple[type[sa.types.TypeEngine[Any]], ...]
    sql: Callable[[sa.Column[Any]], sa.types.TypeEngine[Any]]
    dump: Callable[[Any], Any] = _same
    load: Callable[[Any], Any] = _same


KINDS: dict[str, Kind] = {
    "boolean": Kind((sa.Boolean,), lambda _column: sa.Boolean()),
    "bigint": Kind((sa.BigInteger,), lambda _column: sa.BigInteger()),
    "integer": Kind((sa.Integer,), lambda _column: sa.Integer()),
    "text": Kind((sa.String,), _text),
    "date": Kind((sa.Date,), lambda _column: sa.Date(), date.isoformat, date.fromisoformat),
    "timestamp": Kind((UtcDateTime, sa.DateTime), lambda _column: UtcDateTime(), _moment, datetime.fromisoformat),
    "json": Kind((sa.JSON,), lambda c: sa.JSON(none_as_null=bool(c.nullable))),
    "number": Kind((sa.Float,), lambda _column: sa.Double()),
    "bytes": Kind((sa.LargeBinary,), lambda _column: sa.LargeBinary(), _bytes, base64.b64decode),
}
"""By the name that stands in an archive; the first that holds a type is its kind. A scaled decimal is an integer."""


def kind_of(column: sa.Column[Any]) -> str:
    """The name of the kind of a column's values; raises Refused for one that no archive can hold."""
    for name, kind in KINDS.items():
        if isinstance(column.type, kind.held_by):
            return name
    raise Refused(
        _('The column "{column}" of the table "{table}" has values that no archive can hold ({type}).').format(
            column=column.name, table=column.table.name, type=str(column.type)
        )
    )


def reflect(connection: sa.Connection, plugins: Iterable[str]) -> dict[str, sa.Table]:
    """The tables of an install as its database has them, by name, with types that every engine reads alike.

    Those of disabled plugins too. Alembic's own are left out: a plugin's revision stands in the table `plugin`.
    """
    versions = {f"version_{name}" for name in plugins}
    found = sa.MetaData()
    found.reflect(connection, only=lambda name, _metadata: name not in versions)
    for table in found.tables.values():
        for column in table.columns:
            column.type = KINDS[kind_of(column)].sql(column)
    return {name: found.tables[name] for name in sorted(found.tables)}


def columns_of(table: sa.Table) -> list[sa.Column[Any]]:
    """The columns in the order of an archive: the key, then by name; a database has them as they came."""
    keys = list(table.primary_key.columns)
    return [*keys, *sorted((c for c in table.columns if not c.primary_key), key=lambda c: c.name)]


Where = Callable[[sa.Table], sa.ColumnElement[bool]]
"""Which rows of a table are meant, given the table: `lambda table: table.c.type == "quote"`."""


def rows_of(connection: sa.Connection, table: sa.Table, where: Where | None = None) -> Iterator[list[Any]]:
    """The rows of a table as JSON has them, in the order of its key; text by its bytes."""
    columns = columns_of(table)
    keys = list(table.primary_key.columns) or columns
    order = [bytewise(key) if kind_of(key) == "text" else key for key in keys]
    statement = _chosen(sa.select(*columns), table, where).order_by(*order)
    dumps = [(place, KINDS[kind_of(c)].dump) for place, c in enumerate(columns)]
    dumps = [(place, dump) for place, dump in dumps if dump is not _same]
    for row in connection.execute(statement, execution_options={"yield_per": PAGE}):
        values = list(row)
        for place, dump in dumps:
            if values[place] is not None:
                values[place] = dump(values[place])
        yield values


def count_rows(connection: sa.Connection, table: sa.Table, where: Where | None = None) -> int:
    """How many rows `rows_of` gives."""
    statement = _chosen(sa.select(sa.func.count()).select_from(table), table, where)
    return int(connection.execute(statement).scalar_one())


def _chosen(statement: sa.Select[Any], table: sa.Table, where: Where | None) -> sa.Select[Any]:
    if table.name == meta.name:
        statement = statement.where(table.c.key.not_in(MARKS))
    return statement if where is None else statement.where(where(table))


def store(connection: sa.Connection, table: sa.Table, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Insert rows as JSON has them."""
    loads = [KINDS[kind_of(table.c[name])].load for name in columns]
    batch = [
        {name: None if value is None else load(value) for name, value, load in zip(columns, row, loads, strict=True)}
        for row in rows
    ]
    if batch:
        connection.execute(sa.insert(table), batch)


_encode = json.JSONEncoder(separators=(",", ":")).encode


def line_of(row: Sequence[Any]) -> bytes:
    """A row as a line of an archive, in ASCII: a text may hold what UTF-8 cannot."""
    return _encode(row).encode("ascii") + b"\n"


class Tally:
    """How many lines went by, and their SHA-256: the same for the same rows, whatever database holds them."""

    def __init__(self) -> None:
        self.rows = 0
        self._digest = hashlib.sha256()

    def add(self, line: bytes) -> None:
        """Count a line in."""
        self.rows += 1
        self._digest.update(line)

    @property
    def sha256(self) -> str:
        """The checksum of the lines so far."""
        return self._digest.hexdigest()


Progress = Callable[[int, int], None]
"""Told after some rows: how many are done, of how many."""


class Steps:
    """Tells how far a job is, page by page."""

    def __init__(self, tell: Progress | None, total: Callable[[], int]) -> None:
        self.tell = tell
        self.total = 0 if tell is None else total()
        self.done = 0

    def step(self) -> None:
        """One row more went by."""
        self.done += 1
        if self.tell is not None and (self.done % PAGE == 0 or self.done == self.total):
            self.tell(self.done, self.total)
