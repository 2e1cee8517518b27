"""The portable archive: one file that holds an install, whatever its database.

A zip with `tables/NAME.jsonl`, a JSON array a line, the files to which rows refer as `files/SHA256`, and
`manifest.json`. Its last 64 bytes, which a zip takes for a comment, are the SHA-256 of all others: one look tells
whether it is whole.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import sqlalchemy as sa

from besace import file_references, relocation
from besace.dialects import series_of
from besace.enabling import stored_plugins
from besace.errors import NotFound, Refused
from besace.texts import translator
from besace.transfer import manifest
from besace.transfer.drafts import draft_of, new_file
from besace.transfer.manifest import Held, Kept, Manifest, Plugin
from besace.transfer.portable import Progress, Steps, Tally, Where, count_rows, line_of, reflect, rows_of
from besace.version import VERSION

if TYPE_CHECKING:
    from besace.app import Besace
    from besace.database import Work
    from besace.files import Files

_ = translator(__name__)

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
    known = reflect(connection, stored_plugins(connection))
    chosen: Mapping[str, Where | None] = dict.fromkeys(known) if tables is None else tables
    steps = Steps(progress, lambda: sum(count_rows(connection, known[n], where) for n, where in chosen.items()))
    files = file_references.columns_of(work.crm, connection)
    names = file_references.names_in(connection, [c for c in files if c.table.name in chosen], chosen)
    with draft_of(path, mode=0o600) as draft:
        with zipfile.ZipFile(draft, "w", zipfile.ZIP_DEFLATED) as file:
            file.comment = b"0" * _SEAL
            held = [_write_table(file, connection, known[name], chosen[name], steps) for name in sorted(chosen)]
            told = describe(connection, known, held, at=work.now, partial=tables is not None)
            told = replace(told, **_write_files(file, work.crm.files, names))
            file.writestr(MANIFEST, told.dumps())
        _seal(draft)
    return told


def describe(
    connection: sa.Connection, known: Mapping[str, sa.Table], held: list[Held], *, at: datetime, partial: bool
) -> Manifest:
    """The manifest of an install, with these tables of it."""
    identity = relocation.identity(connection)
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
    with io.BufferedWriter(file.open(member_of(table.name), "w", force_zip64=True), _CHUNK) as lines:
        for row in rows_of(connection, table, where):
            line = line_of(row)
            lines.write(line)
            counted.add(line)
            steps.step()
    return manifest.held(table, counted.rows, counted.sha256)


def _write_files(file: zipfile.ZipFile, files: Files, names: Iterable[str]) -> dict[str, Any]:
    """Write the files that the rows of this snapshot refer to; returns what the manifest tells of them.

    One that is missing or altered stops no backup: that would be the day on which one is needed.
    """
    kept: list[Kept] = []
    lost: list[str] = []
    for name in names:
        if not files.is_whole(name):
            lost.append(name)
            continue
        size = 0
        with file.open(_file_member(name), "w", force_zip64=True) as member:  # as it is: most are compressed already
            for piece in files.read(name):
                member.write(piece)
                size += len(piece)
        kept.append(Kept(name, size))
    return {"files": kept, "lost": lost}


def _file_member(sha256: str) -> zipfile.ZipInfo:
    return zipfile.ZipInfo(f"files/{sha256}")


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


# ---- reading one ---------------------------------------------------------------------------------


class Archive:
    """An archive that was found whole."""

    def __init__(self, path: Path, file: zipfile.ZipFile, told: Manifest) -> None:
        self.path = path
        self.manifest = told
        self.seal = file.comment.decode()
        self._file = file

    def rows(self, table: str) -> Iterator[list[Any]]:
        """The rows of a table, as JSON has them."""
        with (
            telling_damage(self.path),
            io.TextIOWrapper(self._file.open(member_of(table)), encoding="ascii", newline="\n") as lines,
        ):
            for line in lines:
                yield json.loads(line)

    def file(self, kept: Kept) -> IO[bytes]:
        """The content of a file; reading it may raise what `telling_damage` words."""
        return self._file.open(_file_member(kept.sha256).filename)


@contextmanager
def telling_damage(path: Path) -> Iterator[None]:
    """Say of an archive in whose members something cannot be read that it is damaged."""
    try:
        yield
    except (KeyError, ValueError, zipfile.BadZipFile, zlib.error) as error:
        raise damaged(path) from error


@contextmanager
def opened(path: Path) -> Iterator[Archive]:
    """Open an archive. Raises BesaceError for what is none, is not whole, or has a format of another program."""
    try:
        with path.open("rb") as file:
            _check_seal(path, file)
        with zipfile.ZipFile(path) as content:
            yield Archive(path, content, _manifest(path, content))
    except FileNotFoundError:
        raise NotFound(_("There is no file {file}.").format(file=path)) from None
    except OSError as error:
        raise Refused(
            _("{file} cannot be read: {problem}.").format(file=path, problem=error.strerror or str(error))
        ) from None


def _check_seal(path: Path, file: IO[bytes]) -> None:
    if file.read(4) != b"PK\x03\x04":
        raise Refused(
            _("{file} is not an archive of Besace.").format(file=path),
            _("Expected a file written by: besace backup FILE"),
        )
    length = file.seek(0, os.SEEK_END) - _SEAL
    file.seek(0)
    if _digest(file, length) != file.read().decode(errors="replace"):
        raise damaged(path)


def _manifest(path: Path, content: zipfile.ZipFile) -> Manifest:
    try:
        text = content.read(MANIFEST)
        found = json.loads(text)["format"]
        if found in manifest.READ:
            return manifest.loads(text)
    except (KeyError, TypeError, ValueError, zipfile.BadZipFile, zlib.error) as error:
        raise damaged(path) from error
    raise Refused(
        _("{file} has the format {found}, and this program reads the format {known}.").format(
            file=path, found=found, known=manifest.FORMAT
        ),
        _("Upgrade the program: pip install --upgrade besace"),
    )


def damaged(path: Path) -> Refused:
    """The error for an archive that is not whole."""
    return Refused(
        _("{file} is damaged, or it is not complete.").format(file=path),
        _("Nothing was taken from it. Use another backup, or copy this one again from where it was made."),
    )


# ---- a backup ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Backup:
    """What a backup wrote: the file, its size, the rows of each table, how many files.

    `lost` names the files that rows refer to and that are missing or altered: no backup can have them.
    """

    file: str
    bytes: int
    rows: int
    tables: dict[str, int]
    files: int
    lost: list[str]


def backup(
    crm: Besace,
    file: Path | str,
    *,
    force: bool = False,
    user: str | None = None,
    language: str | None = None,
    progress: Progress | None = None,
) -> Backup:
    """Write the whole install to an archive, from one snapshot: people go on working.

    Raises Refused for a file that is there already, unless `force`, and for one that cannot be written.
    """
    path = new_file(file, force=force)
    with crm.read(user=user, language=language, door="backup") as work:
        told = write(work, path, progress=progress)
    tables = {table.name: table.rows for table in told.tables}
    return Backup(str(path), path.stat().st_size, told.rows, tables, len(told.files), told.lost)
