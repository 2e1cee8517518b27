"""Purging a plugin: its tables, its rows and all that stands on them go for good, after they were archived."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import sqlalchemy as sa

from besace import discovery, schema
from besace.changes import Entry, entry, record
from besace.enabling import all_holdings, changing, load, stored_plugins
from besace.errors import PluginError, Refused
from besace.file_references import remove_unused
from besace.footprints import Footprint, Standing
from besace.model import entity_table, trash
from besace.relations import link_table
from besace.settings import setting
from besace.texts import translator

if TYPE_CHECKING:
    from besace.app import Besace
    from besace.database import Work
    from besace.transfer.portable import Progress, Where

_ = translator(__name__)

_BATCH = 5_000


def refusals_to_purge(crm: Besace, name: str) -> Iterator[PluginError]:
    """Why a plugin cannot be purged now: it is enabled, or rows of others refer to its entities (rule E5)."""
    with crm.reader.connect() as connection:
        yield from _refusals(crm, connection, name)


def _refusals(crm: Besace, connection: sa.Connection, name: str) -> Iterator[PluginError]:
    if name == "core":
        yield PluginError(_("The core cannot be purged."))
        return
    stored = stored_plugins(connection)
    if name not in stored:
        if name not in crm.installed:
            yield discovery.unknown_plugin(name, {*crm.installed, *stored} - {"core"})
        return
    if stored[name].enabled:
        yield PluginError(
            _('Plugin "{name}" cannot be purged while it is enabled.').format(name=name),
            _("Disable it first, and see that nobody misses it: besace plugin disable {name}").format(name=name),
        )
    referring: dict[str, list[Standing]] = {}
    for standing in footprint_of(crm, connection, name).standing:
        if standing.sort in ("reference", "setting"):
            referring.setdefault(standing.plugin, []).append(standing)
    yield from (_referred(name, plugin, found) for plugin, found in referring.items())


def _referred(name: str, plugin: str, found: list[Standing]) -> PluginError:
    return PluginError(
        _(
            'Plugin "{name}" cannot be purged: {n} row of the plugin "{plugin}" refers to its entities ({tables}).',
            'Plugin "{name}" cannot be purged: {n} rows of the plugin "{plugin}" refer to its entities ({tables}).',
        ).format(n=sum(s.rows for s in found), name=name, plugin=plugin, tables=", ".join(s.table for s in found)),
        _("Change or purge these first, or purge that plugin before: besace plugin plan {plugin} purge").format(
            plugin=plugin
        ),
    )


def footprint_of(crm: Besace, connection: sa.Connection, name: str) -> Footprint:
    """The footprint of a plugin: the holdings of those that run by their code, of the others as they are stored."""
    return Footprint(connection, name, all_holdings(crm, connection))


def purge(crm: Besace, name: str, archive: Path | None = None, progress: Progress | None = None) -> Path | None:
    """Drop a disabled plugin's tables and rows, after writing them to an archive; returns where that is.

    The files to which these rows alone referred go with them. None where the plugin holds nothing here: it was never
    enabled, or was purged before. One transaction: killed
    before its end nothing is dropped, and it is run again. The history stays.
    """
    from besace.transfer.archive import write

    with changing(crm) as connection:
        for refusal in _refusals(crm, connection, name):
            raise refusal
        if name not in stored_plugins(connection):
            return None
        footprint = footprint_of(crm, connection, name)
        with crm.unit_within(connection, door="plugin") as work:
            path = _free(crm.folder, name, work.today) if archive is None else archive
            if path.exists():
                raise Refused(
                    _("{file} is there already, and may be the only copy of what was purged.").format(file=path),
                    _("Name another file with --archive."),
                )
            archived = write(work, path, tables=_archived(footprint), progress=progress)
            _remember(work, footprint)
            _drop(connection, footprint)
    load(crm)
    # Once it is certain that their rows are gone; killed before, `verify --fix` removes them.
    dropped = [kept.sha256 for kept in archived.files]
    if dropped:
        crm.write(lambda work: remove_unused(work, dropped), door="plugin")
    return path


def _free(folder: Path, name: str, today: date) -> Path:
    """The first name beside besace.toml that no archive has."""
    stem = f"{name}-purged-{today.isoformat()}"
    numbered = (folder / f"{stem}{'' if n == 1 else f'-{n}'}.zip" for n in itertools.count(1))
    return next(path for path in numbered if not path.exists())


def _archived(footprint: Footprint) -> dict[str, Where | None]:
    """What the archive holds: all that will be dropped, and the plugin's own row, which tells what that was."""
    keys = footprint.keys
    tables: dict[str, Where | None] = dict.fromkeys(footprint.own)
    for table in footprint.parts_of_others:
        tables[table] = lambda t: t.c.owner_id.in_(footprint.entities)
    return tables | {
        "entity": lambda t: t.c.type.in_(footprint.types),
        "link": lambda t: footprint.links_in(t),
        "trash": lambda t: t.c.entity_id.in_(footprint.entities),
        "setting": lambda t: t.c.key.in_(keys.settings),
        "plugin": lambda t: t.c.name == footprint.plugin,
    }


def _remember(work: Work, footprint: Footprint) -> None:
    """Write into the history what is lost: each entity with its label, each relation."""
    link, entity = link_table.c, entity_table.c
    gone = sa.select(
        sa.literal(work.change_id, entry.c.change_id.type),
        link.subject_id,
        link.object_id,
        sa.literal("unlink"),
        link.type,
    ).where(footprint.links_in(link_table))
    work.execute(sa.insert(entry).from_select(["change_id", "entity_id", "other_id", "action", "about"], gone))
    last = 0
    while rows := work.execute(
        sa.select(entity.id, entity.label)
        .where(entity.type.in_(footprint.types), entity.id > last)
        .order_by(entity.id)
        .limit(_BATCH)
    ).all():
        record(work, [Entry("purge", row.id, values={"label": [row.label, None]}) for row in rows])
        last = rows[-1].id
    record(work, [Entry("purge", about=f"plugin:{footprint.plugin}")])


def _drop(connection: sa.Connection, footprint: Footprint) -> None:
    """Drop the tables and delete the rows, those that refer to others first."""
    entities = footprint.entities
    connection.execute(sa.delete(link_table).where(footprint.links_in(link_table)))
    connection.execute(sa.delete(trash).where(trash.c.entity_id.in_(entities)))
    for name in footprint.parts_of_others:
        table = sa.table(name, sa.column("owner_id"))
        connection.execute(sa.delete(table).where(table.c.owner_id.in_(entities)))
    connection.execute(sa.delete(setting).where(setting.c.key.in_(footprint.keys.settings)))
    for name in (*footprint.own, *footprint.version_table):
        sa.Table(name, sa.MetaData()).drop(connection)
    connection.execute(sa.delete(entity_table).where(entity_table.c.type.in_(footprint.types)))
    plugins = schema.plugin_table
    connection.execute(sa.delete(plugins).where(plugins.c.name == footprint.plugin))
