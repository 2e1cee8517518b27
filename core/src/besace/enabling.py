"""The set of plugins of an install, as it is stored and loaded; `switching` and `upgrading` change it."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from besace import core_plugin, dialects, discovery, holdings, plugins, relocation, schema
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
    """Make the core's tables and the first user, in one transaction."""
    from besace import entities, settings
    from besace.users import User

    dialects.prepare_database(crm.writer)
    with schema.migrating(crm.writer) as connection:
        dialects.make_functions(connection)
        revision = schema.migrate(connection, "core", core_plugin, crm.registry)
        dialects.begin_ids(connection)
        identity = {"format": schema.FORMAT, "id": str(uuid.uuid4()), "generation": "1"}
        connection.execute(sa.insert(schema.meta), [{"key": k, "value": v} for k, v in identity.items()])
        store_plugin(crm, connection, "core", VERSION, revision, position=0)
        with crm.unit_within(connection, door="init") as work:
            settings.change(work, "currency", currency)
            settings.change(work, "language", language)
            entities.create(work, User, name=crm.default_user or operating_system_user(), administrator=True)
    crm.generation = 1


def load(crm: Besace) -> None:
    """Read which plugins are enabled and load them; look whether their tables are there and of this version."""
    with crm.reader.connect() as connection:
        load_within(crm, connection)


def load_within(crm: Besace, connection: sa.Connection) -> None:
    """The same over a connection that is at hand: the plugins are those of its transaction."""
    with refusing_foreign(crm):
        stored = stored_plugins(connection)
        identity = relocation.identity(connection)
        if "generation" not in identity:
            raise sa.exc.NoResultFound("generation")
        tables = set(sa.inspect(connection).get_table_names())
    found = identity.get("format")
    if found != schema.FORMAT:
        raise InstallError(
            _("This install has the format {found}, and this program reads the format {known}.").format(
                found=found, known=schema.FORMAT
            ),
            _("Upgrade the program: pip install --upgrade besace"),
        )
    try:
        generation, crm.moving = int(identity["generation"]), relocation.Move.stored(identity)
    except (ValueError, TypeError) as error:
        raise InstallError(
            _('The table "install" of the database has a value that cannot be: {problem}.').format(problem=error),
            _("Somebody changed it by hand, or it is damaged. Restore a backup."),
        ) from error
    host = plugins.Host(core_plugin, crm.installed)
    enabled = [row.name for row in stored.values() if row.enabled and row.name != "core"]
    unready = _unready(crm, stored, enabled, host)
    host.load([n for n in enabled if n not in unready], VERSION)
    missing = _missing_tables(host, tables) or _missing_columns(connection, host, stored)
    if missing:
        quarantined = {**host.quarantine, **unready, **missing}
        host = plugins.Host(core_plugin, crm.installed)
        host.load([n for n in enabled if n not in quarantined], VERSION)
        unready |= quarantined
    host.quarantine = {**unready, **host.quarantine}
    crm.host, crm.generation = host, generation
    for name, reason in host.quarantine.items():
        tell(_log, "plugin.quarantined", logging.WARNING, plugin=name, problem=str(reason))


def catch_up(crm: Besace) -> None:
    """Load the plugins anew where another process enabled or disabled one since they were loaded."""
    with crm.reader.connect() as connection:
        if _generation(connection) != crm.generation:
            load_within(crm, connection)


@contextmanager
def changing(crm: Besace) -> Iterator[sa.Connection]:
    """One transaction that changes the set of plugins, after any other that does so; every process reads it anew.

    What another process has changed meanwhile is loaded first. When it fails, the install is as it was before.
    """
    before = crm.host, crm.generation
    try:
        with schema.migrating(crm.writer) as connection:
            # First the row that every unit that writes holds: what changes after it is seen by this one.
            is_current = _generation(connection, lock=True) == crm.generation
            relocation.refuse_changes(connection)
            if not is_current:
                load_within(crm, connection)
                before = crm.host, crm.generation
            crm.generation = next_generation(connection)
            yield connection
    except BaseException:
        crm.host, crm.generation = before
        raise


def _unready(crm: Besace, stored: Mapping[str, Any], enabled: Sequence[str], host: plugins.Host) -> dict[str, Any]:
    """The plugins whose tables are of an older version than their code; refuses such an install."""
    if not schema.check_revision("core", core_plugin, stored["core"].revision):
        raise InstallError(
            _("The tables of this install are of an older version than the program."),
            _("Make a backup, then bring them to it: besace plugin upgrade"),
        )
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


def _missing_columns(connection: sa.Connection, host: plugins.Host, stored: Mapping[str, Any]) -> dict[str, Any]:
    """The plugins whose class has a field more than its table: nothing else would tell before a statement fails.

    The columns were stored with the plugin. Only where these lack one is the database asked, table by table.
    """
    add = _('Plugin "{name}" cannot run: its table "{table}" has no column "{column}". Add it: besace plugin upgrade')
    write = _(
        'Plugin "{name}" cannot run: its table "{table}" has no column "{column}". '
        "Write its migration: besace plugin make-migration {name} -m TEXT"
    )
    missing: dict[str, Any] = {}
    for name in host.running:
        gone = None if _is_described(host, name, stored[name].tables) else _gone(connection, host, name)
        if gone is not None:
            sentence = add if schema.folder_of(host.module(name)) is None else write
            missing[name] = sentence.format(name=name, table=gone[0], column=gone[1])
    return missing


def _is_described(host: plugins.Host, name: str, there: holdings.Holdings | list[str]) -> bool:
    """Whether what is stored of a plugin has every column of its classes; version 0.1 stored the names of tables."""
    if isinstance(there, list):
        return False
    for table, fields in holdings.describe(host.registry, name).items():
        known = {field["column"] for field in there.get(table, {}).values()}
        if ":" not in table and not known.issuperset(field["column"] for field in fields.values()):
            return False
    return True


def _gone(connection: sa.Connection, host: plugins.Host, name: str) -> tuple[str, str] | None:
    """The first column of a plugin's classes that the database does not have, by its table and name."""
    for table in host.registry.tables_of(name):
        for column in schema.missing_columns(connection, table):
            return table.name, column.name
    return None


@contextmanager
def refusing_foreign(crm: Besace) -> Iterator[None]:
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


def all_holdings(crm: Besace, connection: sa.Connection) -> dict[str, holdings.Holdings]:
    """What each plugin holds: those that run by their code, the others, disabled or absent, as it is stored."""
    held = {key: holdings.read(row.tables) for key, row in stored_plugins(connection).items()}
    return held | {name: holdings.describe(crm.registry, name) for name in ("core", *crm.host.running)}


def _generation(connection: sa.Connection, *, lock: bool = False) -> int:
    """How often the set of enabled plugins has changed."""
    asked = sa.select(schema.meta.c.value).where(schema.meta.c.key == "generation")
    return int(connection.execute(asked.with_for_update() if lock else asked).scalar_one())


def store_plugin(
    crm: Besace, connection: sa.Connection, name: str, version: str, revision: str | None, position: int | None = None
) -> None:
    """Store that a plugin is enabled, at which version and revision, and what it owns."""
    table = schema.plugin_table
    held = holdings.describe(crm.registry, name)
    values = {"enabled": True, "version": version, "revision": revision, "tables": held}
    known = connection.execute(sa.select(table.c.name).where(table.c.name == name)).first()
    if known is not None:
        connection.execute(sa.update(table).where(table.c.name == name).values(values))
        return
    if position is None:
        position = int(connection.execute(sa.select(sa.func.max(table.c.position))).scalar_one()) + 1
    connection.execute(sa.insert(table).values(name=name, position=position, **values))


def next_generation(connection: sa.Connection) -> int:
    """Count a change of the set of plugins, so that every process reads it anew; returns its number."""
    generation = _generation(connection, lock=True) + 1
    connection.execute(sa.update(schema.meta).where(schema.meta.c.key == "generation").values(value=str(generation)))
    return generation


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
