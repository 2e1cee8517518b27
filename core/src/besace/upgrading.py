"""Bringing the tables of an install to its code: one migration, one transaction, its revision stored with it.

So an upgrade that is killed or fails goes on after its last whole step when it is run again.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from besace import core_plugin, dialects, discovery, enabling, failures, holdings, lists, plugins, relocation, schema
from besace.enabling import changing, store_plugin, stored_plugins
from besace.errors import BesaceError, DatabaseUnavailable, PluginError
from besace.failures import plain_errors
from besace.logs import tell
from besace.records import Seed
from besace.schema import Step
from besace.texts import translator
from besace.version import VERSION

if TYPE_CHECKING:
    from besace.app import Besace
    from besace.database import Work

_ = translator(__name__)

_log = logging.getLogger(__name__)

Told = Callable[[str, Step], None]
"""Is told each migration that was done: the plugin and its step."""


def bring(crm: Besace, name: str, told: Told | None = None) -> bool:
    """Bring a plugin's tables to its code, seed its lists and enable it; returns whether it was not enabled.

    A plugin that is new here is made in one transaction.
    """
    was: bool | None = None
    while True:
        with _explaining(crm, name) as doing, changing(crm) as connection:
            stored = stored_plugins(connection).get(name)
            was = (stored is not None and stored.enabled) if was is None else was
            is_last, step = _next(crm.installed[name].load(), stored)
            doing.append(step)
            host = _host_with(crm, name)
            if stored is not None and stored.revision is None and step is not None:
                _take_over(connection, name, host)
            revision = schema.migrate(connection, name, host.module(name), host.registry, to=_revision(step))
            if is_last:
                doing.clear()
                _check_tables(connection, name, host)
                crm.host = host
                _settle(crm, connection, name, revision)
                doing.append(step)
            else:
                _store_revision(connection, name, revision)
        if told is not None and stored is not None and step is not None:
            told(name, step)
        if is_last:
            if not was:
                tell(_log, "plugin.enabled", plugin=name, version=crm.installed[name].version, revision=revision)
            return not was


def _next(module: Any, stored: Any) -> tuple[bool, Step | None]:
    """The next migration to make in one transaction, and whether it is the last; all of them for a new plugin."""
    steps = schema.waiting(module, stored.revision if stored is not None else None)
    if stored is None or len(steps) < 2:
        return True, steps[-1] if steps else None
    return False, steps[0]


def _take_over(connection: sa.Connection, name: str, host: plugins.Host) -> None:
    """Take the tables of a plugin that had no migrations, and has some now, for those of its first one."""
    module = host.module(name)
    first = schema.waiting(module, None)[0]
    there = set(sa.inspect(connection).get_table_names())
    if any(table.name in there for table in host.registry.tables_of(name)):
        schema.stamp(connection, name, module, first.revision)


def _revision(step: Step | None) -> str:
    return step.revision if step is not None else "head"


def _host_with(crm: Besace, name: str) -> plugins.Host:
    """The running plugins and this one, loaded anew; raises PluginError where it cannot run."""
    host = plugins.Host(core_plugin, crm.installed)
    host.load([*(n for n in crm.host.running if n != name), name], VERSION)
    if name in host.quarantine:
        raise PluginError(host.quarantine[name])
    return host


def _check_tables(connection: sa.Connection, name: str, host: plugins.Host) -> None:
    """Refuse a plugin whose migrations lag behind its classes: whatever reads these would fail."""
    from besace.verification.tables import worded

    if schema.folder_of(host.module(name)) is None:
        return
    for found in schema.differences(connection, name, host.registry):
        if found[0] in ("add_table", "add_column"):
            raise PluginError(
                _('The migrations of the plugin "{plugin}" lag behind its classes: {difference}.').format(
                    plugin=name, difference=worded(found)
                ),
                _("Write what is missing: besace plugin make-migration {plugin} -m TEXT").format(plugin=name),
            )


def _settle(crm: Besace, connection: sa.Connection, name: str, revision: str | None) -> None:
    """Seed the lists of a plugin whose tables are there, and store that it is enabled and what it holds."""
    with crm.unit_within(connection, door="plugin") as work:
        registry = crm.registry
        lists.seed(work, [key for key, owner in registry.list_owners.items() if owner == name])
        for seed in registry.seeds:
            if seed.plugin == name:
                _run_seed(work, seed)
    store_plugin(crm, connection, name, crm.installed[name].version, revision)


def _run_seed(work: Work, seed: Seed) -> None:
    try:
        seed.run(work)
    except (BesaceError, DBAPIError):
        raise
    except Exception as error:  # whatever foreign code raises
        raise PluginError(
            _('Plugin "{name}" failed in {hook}: {problem}. Nothing was stored.').format(
                name=seed.plugin, hook="register_seeds", problem=discovery.said(error)
            )
        ) from error


def _store_revision(connection: sa.Connection, name: str, revision: str | None) -> None:
    table = schema.plugin_table
    connection.execute(sa.update(table).where(table.c.name == name).values(revision=revision))


@contextmanager
def _explaining(crm: Besace, name: str) -> Iterator[list[Step | None]]:
    """Name the plugin and the step in what a migration raises; the steps that are being done are put into the list."""
    doing: list[Step | None] = []
    try:
        yield doing
    except (PluginError, DatabaseUnavailable):
        raise
    except Exception as error:  # whatever a foreign migration raises
        if not doing or (isinstance(error, DBAPIError) and failures.explained(error) is not None):
            raise
        with crm.reader.connect() as connection:
            is_new = name not in stored_plugins(connection)
        raise PluginError(
            _('Plugin "{name}": the migration {step} failed, and nothing of it stays: {problem}.').format(
                name=name, step=str(doing[0] or "-"), problem=discovery.said(error)
            ),
            _("Mend its cause, and run again: besace plugin {verb} {name}").format(
                verb="enable" if is_new else "upgrade", name="" if name == "core" else name
            ),
        ) from error


def upgrade(crm: Besace, names: Sequence[str] = (), told: Told | None = None) -> list[str]:
    """Bring the tables of the enabled plugins (or of these) to their code; returns what moved.

    The core's own tables were brought by `upgrade_core`, before the install could be opened.
    """
    dialects.prepare_database(crm.writer)  # what it was given when it was new may be missing, or older than the code
    with crm.writer.begin() as connection:
        dialects.make_functions(connection)
    enabling.catch_up(crm)
    for name in names:
        for refusal in refusals_to_upgrade(crm, name):
            raise refusal
    moved = []
    with crm.reader.connect() as connection:
        move = relocation.Move.stored(relocation.identity(connection))
        core = stored_plugins(connection)["core"]
    if move is not None:
        move.check(writing=True)
    if core.version != VERSION or core.tables != holdings.describe(crm.registry, "core"):
        with changing(crm) as connection:
            store_plugin(crm, connection, "core", VERSION, stored_plugins(connection)["core"].revision)
    for name in waiting(crm, names):
        bring(crm, name, told)
        moved.append(name)
    return moved


def refusals_to_upgrade(crm: Besace, name: str) -> Iterator[PluginError]:
    """Why a plugin cannot be upgraded now."""
    with crm.reader.connect() as connection:
        stored = stored_plugins(connection)
    if name not in crm.installed:
        yield discovery.unknown_plugin(name, crm.installed)
    elif name not in stored or not stored[name].enabled:
        yield PluginError(
            _('Plugin "{name}" is not enabled here.').format(name=name),
            _("Enable it: besace plugin enable {name}").format(name=name),
        )


def waiting(crm: Besace, names: Sequence[str] = ()) -> list[str]:
    """The enabled plugins (of these) whose tables, lists or stored description are not those of their code.

    What only has to be described anew stands first: the migrations of others look into these descriptions.
    """
    with crm.reader.connect() as connection:
        stored = stored_plugins(connection)
    described, behind = [], []
    for name, row in stored.items():
        if name == "core" or not row.enabled or name not in crm.installed or (names and name not in names):
            continue
        if name in crm.host.quarantine:
            behind.append(name)
        elif row.version != crm.installed[name].version or row.tables != holdings.describe(crm.registry, name):
            described.append(name)
    return [*described, *behind]


def steps_waiting(crm: Besace, name: str) -> list[Step]:
    """The migrations that an upgrade (or enabling) of a plugin would make."""
    with crm.reader.connect() as connection:
        stored = stored_plugins(connection).get(name)
    return schema.waiting(crm.installed[name].load(), stored.revision if stored is not None else None)


@plain_errors()
def plugin_steps(crm: Besace, names: Sequence[str] = ()) -> list[tuple[str, Step]]:
    """The migrations that an upgrade of the enabled plugins (or of these) would make, of an install not loaded too."""
    with crm.reader.connect() as connection:
        stored = stored_plugins(connection)
    return [
        (name, step)
        for name, row in stored.items()
        if row.enabled and name in crm.installed and (not names or name in names)
        for step in schema.waiting(crm.installed[name].load(), row.revision)
    ]


@plain_errors()
def upgrade_core(crm: Besace, told: Told | None = None) -> bool:
    """Bring the core's own tables to its code, step by step, before anything else of the install is read."""
    moved = False
    while core_steps(crm):
        with _explaining(crm, "core") as doing, schema.migrating(crm.writer) as connection:
            enabling.next_generation(connection)
            relocation.refuse_changes(connection)
            steps = _core_steps(connection)
            if not steps:
                break  # another process made them meanwhile
            doing.append(steps[0])
            revision = schema.migrate(connection, "core", core_plugin, crm.registry, to=steps[0].revision)
            store_plugin(crm, connection, "core", VERSION, revision, position=0)
        moved = True
        if told is not None:
            told("core", steps[0])
    return moved


@plain_errors()
def core_steps(crm: Besace) -> list[Step]:
    """The migrations of the core that this install has not had yet."""
    with crm.reader.connect() as connection, enabling.refusing_foreign(crm):
        return _core_steps(connection)


def _core_steps(connection: sa.Connection) -> list[Step]:
    stored = stored_plugins(connection)["core"].revision
    schema.check_revision("core", core_plugin, stored)
    return schema.waiting(core_plugin, stored)
