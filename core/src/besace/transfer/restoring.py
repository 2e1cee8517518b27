"""Restoring an archive: an install in a folder and a database of its own, or nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from besace import discovery, file_references, holdings, schema
from besace.errors import InstallError, PluginError, Refused, near
from besace.files import FILES, Files, Stored
from besace.surroundings import CONFIG, new_folder, write_config
from besace.texts import translator
from besace.transfer.archive import Archive, damaged, opened, telling_damage
from besace.transfer.arriving import arriving
from besace.transfer.filling import code_of, fill, verify
from besace.transfer.manifest import Manifest, Plugin
from besace.transfer.portable import Progress, Steps

if TYPE_CHECKING:
    from collections.abc import Iterator

_ = translator(__name__)

DATABASE = "sqlite:///besace.sqlite3"
"""Where the data go unless another address is given."""


@dataclass(frozen=True)
class Restored:
    """What a restore made: the install in a folder, under the identity that it had, as it was at a moment.

    `lost` names the files that were missing already when the archive was written. `disabled` names the plugins that
    were disabled because their code is not here; `older` those whose tables are of an older version than their code.
    """

    install: str
    id: str
    at: str
    rows: int
    tables: int
    files: int
    lost: list[str]
    disabled: list[str]
    older: list[str]


def restore(
    file: Path | str,
    folder: Path | str,
    *,
    database: str = DATABASE,
    without: Sequence[str] = (),
    plugins: Mapping[str, Any] | None = None,
    progress: Progress | None = None,
) -> Restored:
    """Make an install in a folder from an archive, in an empty database. Killed, it is run again.

    The plugins `without` which it is made are disabled there: their rows are kept, their code is not needed.
    Raises BesaceError, and keeps nothing, for an archive that is not whole or cannot be restored here.
    """
    path = Path(folder)
    installed = discovery.available(plugins)
    if (path / CONFIG).exists():
        raise InstallError(
            _("{folder} already is an install.").format(folder=path), _("Use it as it is, or choose another folder.")
        )
    with opened(Path(file)) as held:
        told = held.manifest
        _check(held, installed, without)
        with new_folder(path), _files(path, held), arriving(database, path, held.seal) as arrival:
            arrival.fill(lambda connection: _bring(connection, held, installed, without, progress))
            write_config(path, database)
            arrival.settle()
    older = [p.name for p in told.plugins if p.enabled and p.name not in without and _is_older(p, installed)]
    counts = told.rows, len(told.tables), len(told.files)
    return Restored(str(path), told.install, told.at, *counts, told.lost, sorted(without), older)


def _is_older(plugin: Plugin, installed: Mapping[str, discovery.Available]) -> bool:
    known = schema.revisions(code_of(plugin, installed))
    return bool(known) and plugin.revision != known[-1]


def _bring(
    connection: sa.Connection,
    held: Archive,
    installed: Mapping[str, discovery.Available],
    without: Sequence[str],
    progress: Progress | None,
) -> None:
    told = held.manifest
    steps = Steps(progress, lambda: 2 * told.rows)
    tables = fill(connection, told, lambda table: held.rows(table.name), installed, steps)
    verify(connection, tables, {t.name: (t.rows, t.sha256) for t in told.tables}, steps)
    _check_files(connection, held)
    plugin = schema.plugin_table
    connection.execute(sa.update(plugin).where(plugin.c.name.in_(without)).values(enabled=False))


def _check_files(connection: sa.Connection, held: Archive) -> None:
    """Refuse rows that refer to files which the archive does not have."""
    told = held.manifest
    columns = file_references.columns_in(connection, [holdings.read(plugin.tables) for plugin in told.plugins])
    brought = {kept.sha256 for kept in told.files} | set(told.lost)
    with closing(file_references.names_in(connection, columns)) as names:
        lacking = next((name for name in names if name not in brought), None)
    if lacking is not None:
        raise Refused(
            _("{file} has no file {sha256}, and rows in it refer to that.").format(file=held.path, sha256=lacking),
            _("Nothing was taken from it. Use another backup."),
        )


@contextmanager
def _files(path: Path, held: Archive) -> Iterator[None]:
    """Bring the files before the rows that refer to them; those that are new go again when the block fails."""
    files = Files(path / FILES)
    made: list[str] = []
    try:
        for kept in held.manifest.files:
            with telling_damage(held.path), held.file(kept) as content:
                is_new = not files.has(kept.sha256)
                stored = files.store(content)
                made += [stored.sha256] if is_new or stored.sha256 != kept.sha256 else []
            if stored != Stored(kept.sha256, kept.size):
                raise damaged(held.path)
        yield
    except BaseException:
        for name in made:
            files.remove(name)
        with suppress(OSError):  # what someone else put there stays
            for folder in sorted({name[:2] for name in made}):
                (files.folder / folder).rmdir()
            files.folder.rmdir()
        raise


def _check(held: Archive, installed: Mapping[str, discovery.Available], without: Sequence[str]) -> None:
    """Refuse an archive that would not be the install that it was."""
    told = held.manifest
    if told.partial:
        raise Refused(
            _("{file} holds a part of an install and cannot be restored.").format(file=held.path),
            _("It is a zip: its rows are there to be read, a JSON array a line."),
        )
    if told.install_format != schema.FORMAT:
        raise Refused(
            _("The install in {file} has the format {found}, and this program reads the format {known}.").format(
                file=held.path, found=told.install_format, known=schema.FORMAT
            ),
            _("Upgrade the program: pip install --upgrade besace"),
        )
    names = [plugin.name for plugin in told.plugins]
    for name in without:
        if name == "core" or name not in names:
            raise PluginError(
                _('The archive has no plugin "{name}" that could be left out.').format(name=name),
                near(name, [n for n in names if n != "core"]),
            )
    _check_code(told, installed, without)


def _check_code(told: Manifest, installed: Mapping[str, discovery.Available], without: Sequence[str]) -> None:
    lacking = [p for p in told.plugins if (p.enabled and p.name not in without) and code_of(p, installed) is None]
    if lacking and lacking[0].name == "core":
        raise InstallError(
            _("The archive was written by Besace {version}, which is newer than this program.").format(
                version=told.version
            ),
            _("Upgrade the program: pip install --upgrade besace"),
        )
    if lacking:
        named = ", ".join(f"{p.name} {p.version}" for p in lacking)
        raise PluginError(
            _("The archive needs plugins that are not on this machine, or are older here: {names}.").format(
                names=named
            ),
            _(
                "Install them with pip. Or keep their rows, hidden until they are installed and enabled: "
                "--without {names}"
            ).format(names=",".join(p.name for p in lacking)),
        )
