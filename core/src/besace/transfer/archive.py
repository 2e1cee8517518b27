"""The portable archive: one file that holds an install, whatever its database.

A zip with `tables/NAME.jsonl`, a JSON array a line, and `manifest.json`. Its last 64 bytes, which a zip takes for a
comment, are the SHA-256 of all others: one look tells whether it is whole.
"""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, TYPE_CHECKING

import sqlalchemy as sa

from besace import schema
from besace.transfer import manifest
from besace.transfer.dialects import series_of
from besace.transfer.drafts import draft_of
from besace.transfer.manifest import Held, Manifest, Plugin
from besace.transfer.portable import Progress, Steps, Tally, Where, count_rows, line_of, reflect, rows_of
from besace.version import VERSION

if TYPE_CHECKING:
    from besace.database import Work

MANIFEST = "manifest.json"
_SEAL = 64
_CHUNK = 1 << 20


def write(
    work: Work, path: Path, *, tables: Mapping[str, Where | None] | None = None, progress: Progress | None = None
) -> Manifest:
    """Write an archive of the snapshot of a unit of work: the whole install, or some `tables` by name.

    A table may come with a condition: `{"entity": lambda table: table.c.type == "quote", "quote": None}`. With
    `tables` the archive is partial: it is there to be read and cannot be restored. It appears when it is complete, and
    replaces what was there; its owner alone may read it. Raises Refused when it cannot be written.
    """
    connection = work.connection()
    known = reflect(connection)
    chosen: Mapping[str, Where | None] = dict.fromkeys(known) if tables is None else tables
    steps = Steps(progress, lambda: sum(count_rows(connection, known[n], where) for n, where in chosen.items()))
    with draft_of(path, mode=0o600) as draft:
        with zipfile.ZipFile(draft, "w", zipfile.ZIP_DEFLATED) as file:
            file.comment = b"0" * _SEAL
            held = [_write_table(file, connection, known[name], chosen[name], steps) for name in sorted(chosen)]
            told = describe(connection, known, held, at=datetime.now(UTC), partial=tables is not None)
            file.writestr(MANIFEST, told.dumps())
        _seal(draft)
    return told


def describe(
    connection: sa.Connection, known: Mapping[str, sa.Table], held: list[Held], *, at: datetime, partial: bool
) -> Manifest:
    """The manifest of an install, with these tables of it."""
    from besace.enabling import stored_plugins

    identity = {row.key: row.value for row in connection.execute(sa.select(schema.meta))}
    plugins = [
        Plugin(row.name, row.enabled, row.version, row.revision, row.tables)
        for row in stored_plugins(connection).values()
    ]
    return Manifest(
        format=manifest.FORMAT,
        install=identity["id"],
        install_format=identity["format"],
        at=at.isoformat(timespec="seconds"),
        version=VERSION,
        database=connection.dialect.name,
        partial=partial,
        plugins=plugins,
        series=series_of(connection, known.values()),
        tables=held,
    )


def _write_table(
    file: zipfile.ZipFile, connection: sa.Connection, table: sa.Table, where: Where | None, steps: Steps
) -> Held:
    counted = Tally()
    with file.open(member_of(table.name), "w", force_zip64=True) as lines:
        for row in rows_of(connection, table, where):
            line = line_of(row)
            lines.write(line)
            counted.add(line)
            steps.step()
    return manifest.held(table, counted.rows, counted.sha256)


def member_of(table: str) -> str:
    """The name of a table's lines within an archive."""
    return f"tables/{table}.jsonl"


def _seal(path: Path) -> None:
    with path.open("rb+") as file:
        digest = _digest(file, path.stat().st_size - _SEAL)
        file.write(digest.encode())


def _digest(file: IO[bytes], length: int) -> str:
    """The SHA-256 of the next bytes of a file."""
    digest = hashlib.sha256()
    while length > 0 and (chunk := file.read(min(_CHUNK, length))):
        digest.update(chunk)
        length -= len(chunk)
    return digest.hexdigest()
