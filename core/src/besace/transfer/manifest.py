"""The manifest of an archive: what it is, what it holds, and how each table is made where no code is there for it."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from besace.files import is_sha256
from besace.model import NAMING, Id
from besace.transfer.portable import KINDS, columns_of, kind_of

FORMAT = 2
"""Of the archive; raised when an older program could not read a newer one right. One of format 1 has no files."""

READ = (1, FORMAT)
"""The formats that this program reads."""


@dataclass(frozen=True)
class Column:
    """A column: its name, the name of its kind (`portable.KINDS`), the longest text that it takes."""

    name: str
    type: str
    length: int | None
    nullable: bool


@dataclass(frozen=True)
class Reference:
    """A foreign key."""

    name: str | None
    columns: list[str]
    table: str
    refers_to: list[str]
    on_delete: str | None


@dataclass(frozen=True)
class Index:
    """An index, or a unique constraint."""

    name: str | None
    columns: list[str]
    unique: bool
    constraint: bool


@dataclass(frozen=True)
class Held:
    """A table in an archive: its shape, how many rows are there and the SHA-256 of their lines."""

    name: str
    columns: list[Column]
    key: list[str]
    key_name: str | None
    references: list[Reference]
    indexes: list[Index]
    rows: int
    sha256: str


@dataclass(frozen=True)
class Kept:
    """A file in an archive: the SHA-256 of its content, which is its name too, and its size."""

    sha256: str
    size: int


@dataclass(frozen=True)
class Plugin:
    """A plugin that was ever enabled: the version of its code, the revision of its tables, their names."""

    name: str
    enabled: bool
    version: str
    revision: str | None
    tables: list[str]


@dataclass(frozen=True)
class Manifest:
    """What an archive is and holds. A partial one holds some tables or rows alone, and cannot be restored.

    `series` has the last id that each table's series gave: no id is ever given twice. `lost` names the files that
    rows refer to and that were missing or altered already when the archive was written.
    """

    format: int
    install: str
    install_format: str
    at: str
    version: str
    database: str
    partial: bool
    plugins: list[Plugin]
    series: dict[str, int]
    tables: list[Held]
    files: list[Kept] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)

    @property
    def rows(self) -> int:
        """All rows of all tables."""
        return sum(table.rows for table in self.tables)

    def dumps(self) -> str:
        """The manifest as JSON."""
        return json.dumps(dataclasses.asdict(self), indent=1)


def loads(text: bytes) -> Manifest:
    """A manifest from its JSON. Raises ValueError, KeyError or TypeError for what is none."""
    told: dict[str, Any] = json.loads(text)
    plugins = [Plugin(**p) for p in told.pop("plugins")]
    tables = [_held(t) for t in told.pop("tables")]
    files = [_kept(f) for f in told.pop("files", [])]
    return Manifest(plugins=plugins, tables=tables, files=files, **told)


def _kept(told: Mapping[str, Any]) -> Kept:
    kept = Kept(**told)
    if not is_sha256(kept.sha256):  # it becomes a path
        raise ValueError(f"{kept.sha256!r} names no file")
    return kept


def _held(told: Mapping[str, Any]) -> Held:
    columns = [Column(**c) for c in told["columns"]]
    unknown = [c.type for c in columns if c.type not in KINDS]
    if unknown:
        raise ValueError(f"unknown kind {unknown[0]}")
    nested = {
        "columns": columns,
        "references": [Reference(**r) for r in told["references"]],
        "indexes": [Index(**i) for i in told["indexes"]],
    }
    return Held(**{**told, **nested})


def held(table: sa.Table, rows: int, sha256: str) -> Held:
    """The description of a reflected table."""
    references = [
        Reference(_name(key), list(key.column_keys), key.referred_table.name, [e.column.name for e in key.elements],
                  key.ondelete)
        for key in table.foreign_key_constraints
    ]  # fmt: skip
    unique = [c for c in table.constraints if isinstance(c, sa.UniqueConstraint)]
    indexes = [Index(_name(c), [column.name for column in c.columns], True, True) for c in unique]
    indexes += [Index(_name(i), [c.name for c in i.columns], bool(i.unique), False) for i in table.indexes]
    return Held(
        name=table.name,
        columns=[
            Column(c.name, kind_of(c), getattr(c.type, "length", None), bool(c.nullable)) for c in columns_of(table)
        ],
        key=[c.name for c in table.primary_key.columns],
        key_name=_name(table.primary_key),
        references=sorted(references, key=lambda r: r.columns),
        indexes=sorted(indexes, key=lambda i: (i.columns, i.unique)),
        rows=rows,
        sha256=sha256,
    )


def _name(named: sa.Constraint | sa.Index) -> str | None:
    return None if named.name is None else str(named.name)


def metadata_of(tables: list[Held]) -> sa.MetaData:
    """The tables as they are described, for those that no migration makes."""
    schema = sa.MetaData(naming_convention=NAMING)
    for table in tables:
        constraints: list[Any] = [sa.PrimaryKeyConstraint(*table.key, name=table.key_name)] if table.key else []
        constraints += [
            sa.ForeignKeyConstraint(
                r.columns, [f"{r.table}.{c}" for c in r.refers_to], name=r.name, ondelete=r.on_delete
            )
            for r in table.references
        ]
        for index in table.indexes:
            if index.constraint:
                constraints.append(sa.UniqueConstraint(*index.columns, name=index.name))
            else:
                constraints.append(sa.Index(index.name, *index.columns, unique=index.unique))
        sa.Table(table.name, schema, *(_column(table, c) for c in table.columns), *constraints)
    return schema


_WHOLE = ("integer", "bigint")


def _column(table: Held, column: Column) -> sa.Column[Any]:
    """A column as it is described; ids have 64 bits everywhere, and on SQLite the name of an integer."""
    refers = {name for reference in table.references for name in reference.columns}
    made: sa.Column[Any] = sa.Column(column.name, sa.Text(), nullable=column.nullable, autoincrement=False)
    if column.type == "text":
        made.type = sa.String(column.length) if column.length else sa.Text()
    elif (table.key == [column.name] and column.type in _WHOLE) or (column.name in refers and column.type == "integer"):
        made.type = Id
    else:
        made.type = KINDS[column.type].sql(made)
    return made
