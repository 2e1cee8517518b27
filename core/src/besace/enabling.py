"""The set of plugins of an install: as it is stored, loaded, enabled, disabled and upgraded."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from besace import core_plugin, dialects, discovery, plugins, relocation, schema
from besace.errors import InstallError, PluginError
from besace.failures import is_missing_table
from besace.logs import tell
from besace.surroundings import CONFIG, operating_system_user
from besace.texts import translator
from besace.version import VERSION

if TYPE_CHECKING:
    from besace.app import Besace
    from besace.database import Work

_ = translator(__name__)

_log = logging.getLogger(__name__)


def found(crm: Besace, currency: str, language: str) -> None:
    """Make the core's tables and the first user."""
    from besace import entities, settings
    from besace.users import User

    dialects.prepare_database(crm.writer)
    with schema.migrating(crm.writer) as connection:
        revision = schema.migrate(connection, "core", core_plugin, crm.registry)
        dialects.begin_ids(connection)
        identity = {"format": schema.FORMAT, "id": str(uuid.uuid4()), "generation": "1"}
        connection.execute(sa.insert(schema.meta), [{"key": k, "value": v} for k, v in identity.items()])
        store_plugin(crm, connection, "core", VERSION, revision, position=0)
    crm.generation = 1
    name = crm.default_user or operating_system_user()
    with crm.unit(writing=True, user=None, door="init") as work:
        settings.change(work, "currency", currency)
        settings.change(work, "language", language)
        entities.create(work, User, name=name, administrator=True)


def load(crm: Besace) -> None:
    """Read which plugins are enabled and load them; look whether their tables are there and of this version."""
    with crm.reader.connect() as connection, _refusing_foreign(crm):
        stored = stored_plugins(connection)
        identity = relocation.identity(connection)
        if "generation" not in identity:
            raise sa.exc.NoResultFound("generation")
        tables = set(sa.inspect(connection).get_table_names())
    generation, found = int(identity["generation"]), identity.get("format")
    if found != schema.FORMAT:
        raise InstallError(
            _("This install has the format {found}, and this program reads the format {known}.").format(
                found=found, known=schema.FORMAT
            ),
            _("Upgrade the program: pip install --upgrade besace"),
        )
    crm.moving = relocation.Move.stored(identity)
    host = plugins.Host(core_plugin, crm.installed)
    enabled = [row.name for row in stored.values() if row.enabled and row.name != "core"]
    unready = _unready(crm, stored, enabled, host)
    host.load([n for n in enabled if n not in unready], VERSION)
    missing = _missing_tables(host, tables) or _missing_columns(crm, host)
    if missing:
        quarantined = {**host.quarantine, **unready, **missing}
        host = plugins.Host(core_plugin, crm.installed)
        host.load([n for n in enabled if n not in quarantined], VERSION)
        unready |= quarantined
    host.quarantine = {**unready, **host.quarantine}
    crm.host, crm.generation = host, generation
    for name, reason in host.quarantine.items():
        tell(_log, "plugin.quarantined", logging.WARNING, plugin=name, problem=str(reason))


def _catch_up(crm: Besace) -> None:
    """Load the plugins anew where another process enabled or disabled one since they were loaded."""
    with crm.reader.connect() as connection:
        is_current = _generation(connection) == crm.generation
    if not is_current:
        load(crm)


def _unready(crm: Besace, stored: Mapping[str, Any], enabled: Sequence[str], host: plugins.Host) -> dict[str, Any]:
    """The plugins whose tables are of an older version than their code."""
    schema.check_revision("core", core_plugin, stored["core"].revision)
    unready: dict[str, Any] = {}
    for name in enabled:
        if name in discovery.blocked():
            continue
        try:
            module = crm.installed[name].load() if name in crm.installed else None
        except PluginError:
            continue  # the host says why
        if module is not None and not schema.check_revision(name, module, stored[name].revision):
            unready[name] = _(
                'The tables of the plugin "{name}" are of an older version: besace plugin upgrade'
            ).format(name=name)
    return unready


def _missing_tables(host: plugins.Host, tables: set[str]) -> dict[str, Any]:
    missing: dict[str, Any] = {}
    for name in host.running:
        gone = [t.name for t in host.registry.tables_of(name) if t.name not in tables]
        if gone:
            missing[name] = _(
                'Plugin "{name}" cannot run: its table "{table}" is missing. Make it again: besace plugin upgrade'
            ).format(name=name, table=gone[0])
    return missing


def _missing_columns(crm: Besace, host: plugins.Host) -> dict[str, Any]:
    """The plugins without migrations whose class has a field more than its table: nothing else would tell."""
    simple = {name for name in host.running if schema.folder_of(host.module(name)) is None}
    tables = [(name, table) for name in simple for table in host.registry.tables_of(name)]
    if not tables:
        return {}
    missing: dict[str, Any] = {}
    with crm.reader.connect() as connection:
        for name, table in tables:
            gone = schema.missing_columns(connection, table)
            if gone:
                missing[name] = _(
                    'Plugin "{name}" cannot run: its table "{table}" has no column "{column}". '
                    "Add it: besace plugin upgrade"
                ).format(name=name, table=table.name, column=gone[0].name)
    return missing


@contextmanager
def _refusing_foreign(crm: Besace) -> Iterator[None]:
    """Refuse a database that has not the tables of an install."""
    try:
        yield
    except (DBAPIError, sa.exc.NoResultFound) as error:
        if isinstance(error, DBAPIError) and not is_missing_table(error):
            raise
        raise InstallError(
            _("The database of {folder} is not a Besace database.").format(folder=crm.folder),
            _("Check the database line in {file}.").format(file=CONFIG),
        ) from error


def stored_plugins(connection: sa.Connection) -> dict[str, Any]:
    """The rows of the plugins that were ever enabled here, by name."""
    rows = connection.execute(sa.select(schema.plugin_table).order_by(schema.plugin_table.c.position))
    return {row.name: row for row in rows}


def _generation(connection: sa.Connection) -> int:
    """How often the set of enabled plugins has changed."""
    return int(connection.execute(sa.select(schema.meta.c.value).where(schema.meta.c.key == "generation")).scalar_one())


def enable(crm: Besace, names: Sequence[str]) -> list[str]:
    """Enable plugins: make their tables, seed their lists, register them. Returns those that were not enabled.

    Run again after it was killed, it goes on. Raises PluginError for what is missing, broken or needs another.
    """
    _catch_up(crm)
    modules = {}
    for name in names:
        if name not in crm.installed:
            raise discovery.unknown_plugin(name, crm.installed)
        modules[name] = crm.installed[name].load()
        plugins.check_core_version(name, modules[name], VERSION)
    running = set(crm.host.running)
    for name, module in modules.items():
        lacking = [n for n in discovery.requires(module) if n not in running and n not in modules]
        if lacking:
            raise PluginError(
                _('Plugin "{name}" needs the plugin "{needed}", which is not enabled.').format(
                    name=name, needed=lacking[0]
                ),
                _("Enable it first: besace plugin enable {needed}").format(needed=lacking[0]),
            )
    return [name for name in plugins.in_order(modules) if _enable(crm, name, modules[name])]


def _enable(crm: Besace, name: str, module: Any) -> bool:
    host = plugins.Host(core_plugin, crm.installed)
    others = [n for n in crm.host.running if n != name]
    host.load([*others, name], VERSION)
    if name in host.quarantine:
        raise PluginError(host.quarantine[name])
    with schema.migrating(crm.writer) as connection:
        relocation.refuse_changes(connection)
        before = stored_plugins(connection).get(name)
        generation = _generation(connection)
        revision = schema.migrate(connection, name, module, host.registry)
    running = crm.host
    crm.host, crm.generation = host, generation
    try:
        with crm.unit(writing=True, door="plugin") as work:
            _seed(crm, work, name)
            store_plugin(crm, work.connection(), name, crm.installed[name].version, revision)
            _next_generation(crm, work.connection())
    except BaseException:
        crm.host = running
        raise
    is_new = before is None or not before.enabled
    if is_new:
        tell(_log, "plugin.enabled", plugin=name, version=crm.installed[name].version, revision=revision)
    return is_new


def _seed(crm: Besace, work: Work, name: str) -> None:
    from besace import lists

    registry = crm.registry
    lists.seed(work, [key for key, owner in registry.list_owners.items() if owner == name])
    for seed in registry.seeds:
        if seed.plugin == name:
            seed.run(work)


def disable(crm: Besace, name: str) -> bool:
    """Disable a plugin: its types, links and commands disappear, its rows stay (rule E5); False if it was off."""
    _catch_up(crm)
    for other in crm.host.running:
        if name in discovery.requires(crm.installed[other].load()):
            raise PluginError(
                _('Plugin "{name}" cannot be disabled: the plugin "{other}" needs it.').format(name=name, other=other),
                _("Disable that one first: besace plugin disable {other}").format(other=other),
            )
    with schema.migrating(crm.writer) as connection:
        relocation.refuse_changes(connection)
        stored = stored_plugins(connection)
        if name not in stored and name not in crm.installed:
            raise discovery.unknown_plugin(name, {*crm.installed, *stored} - {"core"})
        if name == "core":
            raise PluginError(_("The core cannot be disabled."))
        was = name in stored and stored[name].enabled
        connection.execute(
            sa.update(schema.plugin_table).where(schema.plugin_table.c.name == name).values(enabled=False)
        )
        _next_generation(crm, connection)
    load(crm)
    if was:
        tell(_log, "plugin.disabled", plugin=name)
    return was


def upgrade(crm: Besace, names: Sequence[str] = ()) -> list[str]:
    """Bring the tables of the enabled plugins (or of these) to their code; returns what moved."""
    dialects.prepare_database(crm.writer)  # what it was given when it was new may be missing, or older than the code
    with crm.reader.connect() as connection:
        stored = stored_plugins(connection)
    for name in names:
        if name not in crm.installed:
            raise discovery.unknown_plugin(name, crm.installed)
        if name not in stored or not stored[name].enabled:
            raise PluginError(
                _('Plugin "{name}" is not enabled here.').format(name=name),
                _("Enable it: besace plugin enable {name}").format(name=name),
            )
    moved = []
    with schema.migrating(crm.writer) as connection:
        relocation.refuse_changes(connection)
        revision = schema.migrate(connection, "core", core_plugin, crm.registry)
        if revision != stored["core"].revision:
            store_plugin(crm, connection, "core", VERSION, revision, position=0)
            moved.append("core")
    load(crm)
    for name in names or [n for n, row in stored.items() if row.enabled and n != "core"]:
        if name not in crm.installed:
            continue
        if name in crm.host.quarantine or not schema.check_revision(
            name, crm.installed[name].load(), stored[name].revision
        ):
            _enable(crm, name, crm.installed[name].load())
            moved.append(name)
    return moved


def store_plugin(
    crm: Besace, connection: sa.Connection, name: str, version: str, revision: str | None, position: int | None = None
) -> None:
    """Store that a plugin is enabled, at which version and revision, and what it owns."""
    table = schema.plugin_table
    # Its relation types too: they own rows of the table of links.
    tables = [t.name for t in crm.registry.tables_of(name)]
    tables += [f"relation:{r.key}" for r in crm.registry.relation_types.values() if r.plugin == name]
    values = {"enabled": True, "version": version, "revision": revision, "tables": tables}
    known = connection.execute(sa.select(table.c.name).where(table.c.name == name)).first()
    if known is not None:
        connection.execute(sa.update(table).where(table.c.name == name).values(values))
        return
    if position is None:
        position = int(connection.execute(sa.select(sa.func.max(table.c.position))).scalar_one()) + 1
    connection.execute(sa.insert(table).values(name=name, position=position, **values))


def _next_generation(crm: Besace, connection: sa.Connection) -> None:
    crm.generation = _generation(connection) + 1
    connection.execute(
        sa.update(schema.meta).where(schema.meta.c.key == "generation").values(value=str(crm.generation))
    )


def owners_of_tables(work: Work) -> dict[str, str]:
    """Which plugin owns each table, of the disabled plugins too."""
    rows = work.execute(sa.select(schema.plugin_table.c.name, schema.plugin_table.c.tables))
    return {table: row.name for row in rows for table in row.tables}


def states(crm: Besace) -> list[tuple[str, str, str]]:
    """Every plugin that is installed or was enabled here, as (name, version, state)."""
    with crm.reader.connect() as connection:
        stored = stored_plugins(connection)
    states = []
    for name in sorted({*crm.installed, *stored} - {"core"}):
        row = stored.get(name)
        version = crm.installed[name].version if name in crm.installed else str(getattr(row, "version", "?"))
        if row is None or not row.enabled:
            state = "disabled" if name in crm.installed else "missing"
        elif name not in crm.installed:
            state = "missing"
        else:
            state = "quarantined" if name in crm.host.quarantine else "enabled"
        states.append((name, version, state))
    return states
