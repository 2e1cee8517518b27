"""An opened install: the one object that everything else is reached from."""

from __future__ import annotations

import getpass
import os
import tomllib
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, TypeVar, overload

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from besace import core_plugin, database, discovery, plugins, schema
from besace.database import Unanswered, Work, plain_errors
from besace.errors import InstallError, NotFound, PluginError, Refused, UsageError
from besace.model import Base, Entity, entity_table
from besace.texts import LANGUAGES, fold, translator
from besace.types import Registry

_ = translator(__name__)

T = TypeVar("T")

VERSION = "0.1.0"
CONFIG = "besace.toml"
WAIT = 5.0
"""Seconds that a write waits for another process to finish its own."""


class Besace:
    """One opened install. `Besace.open(folder)`, then `read()` and `write(...)`.

    It holds the registry of what its plugins declare, and engines; several can be open in one process.
    """

    def __init__(
        self,
        folder: Path,
        config: Mapping[str, Any],
        extra: Mapping[str, Any],
        *,
        user: str | None,
        language: str | None,
        create: bool = False,
    ) -> None:
        self.folder = folder
        self.config = config
        self.default_user = user
        self.default_language = language
        self.installed = discovery.available(extra)
        self.extra = dict(extra)
        wait = _seconds(config.get("wait", WAIT))
        self.writer, self.reader = database.open_engines(config["database"], folder, wait=wait, create=create)
        self.generation = 0
        self.host = plugins.Host(core_plugin, self.installed)

    # ---- opening -------------------------------------------------------------------------------

    @classmethod
    def open(
        cls,
        folder: Path | str,
        *,
        user: str | None = None,
        language: str | None = None,
        plugins: Mapping[str, Any] | None = None,
    ) -> Besace:
        """Open the install of a folder. `user` acts where a unit names none (else the operating system's user).

        `plugins` adds modules of this process to those that are installed. Raises InstallError when the folder is
        no install, its database is not ours, or its tables are newer than the code.
        """
        path = Path(folder)
        crm = cls(path, read_config(path), plugins or {}, user=user, language=language)
        with plain_errors():
            crm._load()
        return crm

    @classmethod
    def init(
        cls,
        folder: Path | str,
        *,
        user: str | None = None,
        enable: Sequence[str] = (),
        currency: str = "EUR",
        language: str = "en",
        plugins: Mapping[str, Any] | None = None,
        database: str = "sqlite:///besace.sqlite3",
    ) -> Besace:
        """Make an install in a folder, with these plugins enabled and `user` as its administrator; returns it open."""
        path = Path(folder)
        if (path / CONFIG).exists():
            raise InstallError(
                _("{folder} already is an install.").format(folder=path),
                _("Use it as it is, or choose another folder."),
            )
        try:
            path.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise InstallError(
                _("{folder} cannot be made: {problem}.").format(folder=path, problem=error.strerror or str(error))
            ) from error
        config = {"database": database}
        crm = cls(path, config, plugins or {}, user=user, language=language, create=True)
        target = path / (sa.make_url(database).database or "")
        if target.exists():
            raise InstallError(
                _("{path} already exists.").format(path=target), _("Choose another folder, or move it away.")
            )
        try:
            with plain_errors():
                crm._found(currency, language)
                crm.enable(enable)
            (path / CONFIG).write_text(f'# An install of Besace.\ndatabase = "{database}"\n', encoding="utf-8")
        except BaseException as error:
            crm.close()
            for suffix in ("", "-wal", "-shm"):  # else the folder could not be used for the next attempt
                target.with_name(target.name + suffix).unlink(missing_ok=True)
            if not isinstance(error, OSError):
                raise
            raise InstallError(
                _("{folder} cannot be written: {problem}.").format(folder=path, problem=error.strerror or str(error))
            ) from error
        return crm

    def close(self) -> None:
        """Close all connections."""
        self.writer.dispose()
        self.reader.dispose()

    def __enter__(self) -> Besace:
        return self

    def __exit__(self, *_exc: object) -> None:
        self.close()

    @property
    def registry(self) -> Registry:
        """What the enabled plugins declare."""
        return self.host.registry

    def _found(self, currency: str, language: str) -> None:
        """Make the core's tables and the first user."""
        from besace import entities, settings
        from besace.users import User

        with self.writer.connect() as connection:
            driver: Any = connection.connection.driver_connection
            driver.execute("PRAGMA journal_mode = WAL")
        with schema.migrating(self.writer) as connection:
            revision = schema.migrate(connection, "core", core_plugin, self.registry)
            # The one series of ids of entities and parts must exist before its first number is taken.
            connection.execute(sa.text("INSERT INTO sqlite_sequence (name, seq) VALUES ('entity', 0)"))
            identity = {"format": schema.FORMAT, "id": str(uuid.uuid4()), "generation": "1"}
            connection.execute(sa.insert(schema.meta), [{"key": k, "value": v} for k, v in identity.items()])
            self._store_plugin(connection, "core", VERSION, revision, position=0)
        self.generation = 1
        name = self.default_user or operating_system_user()
        with self._unit(writing=True, user=None, door="init") as work:
            settings.change(work, "currency", currency)
            settings.change(work, "language", language)
            entities.create(work, User, name=name, administrator=True)

    def _load(self) -> None:
        """Read which plugins are enabled and load them; look whether their tables are there and of this version."""
        with self.reader.connect() as connection:
            stored = self._stored_plugins(connection)
            tables = set(sa.inspect(connection).get_table_names())
            found = connection.execute(sa.select(schema.meta.c.value).where(schema.meta.c.key == "format")).scalar()
        if found != schema.FORMAT:
            raise InstallError(
                _("This install has the format {found}, and this program reads the format {known}.").format(
                    found=found, known=schema.FORMAT
                ),
                _("Upgrade the program: pip install --upgrade besace"),
            )
        host = plugins.Host(core_plugin, self.installed)
        enabled = [row.name for row in stored.values() if row.enabled and row.name != "core"]
        unready = self._unready(stored, enabled, host)
        host.load([n for n in enabled if n not in unready], VERSION)
        missing = self._missing_tables(host, tables)
        if missing:
            quarantined = {**host.quarantine, **unready, **missing}
            host = plugins.Host(core_plugin, self.installed)
            host.load([n for n in enabled if n not in quarantined], VERSION)
            unready |= quarantined
        host.quarantine = {**unready, **host.quarantine}
        self.host = host

    def _unready(self, stored: Mapping[str, Any], enabled: Sequence[str], host: plugins.Host) -> dict[str, Any]:
        """The plugins whose tables are of an older version than their code."""
        schema.check_revision("core", core_plugin, stored["core"].revision)
        unready: dict[str, Any] = {}
        for name in enabled:
            if name in discovery.blocked():
                continue
            try:
                module = self.installed[name].load() if name in self.installed else None
            except PluginError:
                continue  # the host says why
            if module is not None and not schema.check_revision(name, module, stored[name].revision):
                unready[name] = _('The tables of the plugin "{name}" are of an older version: besace plugin upgrade').format(
                    name=name
                )
        return unready

    @staticmethod
    def _missing_tables(host: plugins.Host, tables: set[str]) -> dict[str, Any]:
        missing: dict[str, Any] = {}
        for name in host.running:
            gone = [t.name for t in host.registry.tables_of(name) if t.name not in tables]
            if gone:
                missing[name] = _(
                    'Plugin "{name}" cannot run: its table "{table}" is missing. Make it again: besace plugin upgrade'
                ).format(name=name, table=gone[0])
        return missing

    def _stored_plugins(self, connection: sa.Connection) -> dict[str, Any]:
        try:
            generation = connection.execute(
                sa.select(schema.meta.c.value).where(schema.meta.c.key == "generation")
            ).scalar_one()
            rows = connection.execute(sa.select(schema.plugin_table).order_by(schema.plugin_table.c.position)).all()
        except (DBAPIError, sa.exc.NoResultFound) as error:
            if isinstance(error, DBAPIError) and "no such" not in str(error.orig):
                raise
            raise InstallError(
                _("The database of {folder} is not a Besace database.").format(folder=self.folder),
                _("Check the database line in {file}.").format(file=CONFIG),
            ) from error
        self.generation = int(generation)
        return {row.name: row for row in rows}

    # ---- units of work ---------------------------------------------------------------------------

    @contextmanager
    def read(self, *, user: str | None = None, language: str | None = None, door: str = "api") -> Iterator[Work]:
        """One unit that reads: a snapshot, undisturbed by writers and in no one's way."""
        with plain_errors(), self._unit(writing=False, user=user, language=language, door=door) as work:
            yield work

    @overload
    def write(self, unit: None = None, **options: Any) -> Any: ...
    @overload
    def write(self, unit: Callable[[Work], T], **options: Any) -> T: ...
    def write(self, unit: Callable[[Work], T] | None = None, **options: Any) -> Any:
        """One unit that writes, committed at its end, or rolled back whole when it raises.

        With a function, the unit is run again when the database asks for that (a deadlock, a busy database, a lost
        connection): `crm.write(lambda work: ...)`. Without, `with crm.write() as work:` runs it once.
        Options: `user`, `language`, `door`, `reason` (kept with the change, rule E8).
        """
        if unit is None:
            return self._write_once(**options)

        def once(name: str) -> T:
            result: Any = None
            with self._unit(writing=True, name=name, **options) as work:
                result = unit(work)
                if isinstance(result, Base) and result in work and sa.inspect(result).expired:
                    work.refresh(result)  # it was written after it was loaded, and is read after the unit
                work.result = result  # type: ignore[attr-defined]
            return result  # type: ignore[no-any-return]

        return database.retrying(once, self._was_done)

    @contextmanager
    def _write_once(self, **options: Any) -> Iterator[Work]:
        name = database.new_uuid()
        try:
            with plain_errors(), self._unit(writing=True, name=name, **options) as work:
                yield work
        except Unanswered as unanswered:
            if not self._was_done(name):
                raise (database.explained(unanswered.error) or unanswered.error) from unanswered

    def _was_done(self, name: str) -> bool:
        from besace.changes import change

        with self.reader.connect() as connection:
            return connection.execute(sa.select(change.c.id).where(change.c.uuid == name)).first() is not None

    @contextmanager
    def _unit(
        self,
        *,
        writing: bool,
        user: str | None = None,
        language: str | None = None,
        door: str = "api",
        reason: str | None = None,
        name: str | None = None,
    ) -> Iterator[Work]:
        """Open a connection, see whether the set of plugins changed, say who acts, and end the transaction."""
        engine = self.writer if writing else self.reader
        with engine.connect() as connection:
            transaction = connection.begin()
            acting = self._acting(connection, user or self.default_user or operating_system_user(), found=door == "init")
            today, now = clock()
            work = Work(
                connection, crm=self, user_id=acting.id, user=acting.label, today=today, now=now,
                language=language or self.default_language or acting.language or LANGUAGES[0], door=door, reason=reason,
                writing=writing, uuid=name or database.new_uuid(),
            )  # fmt: skip
            try:
                yield work
                work.flush()
                work.expunge_all()
                if not writing:
                    transaction.rollback()
                    return
                self._commit(transaction, getattr(work, "result", None))
            finally:
                if transaction.is_active:
                    transaction.rollback()
                work.close()

    @staticmethod
    def _commit(transaction: sa.RootTransaction, result: Any) -> None:
        try:
            transaction.commit()
        except DBAPIError as error:
            if error.connection_invalidated:
                raise Unanswered(error, result) from error
            raise

    def _acting(self, connection: sa.Connection, name: str, *, found: bool) -> Any:
        """Who acts: the unit's first statement, which also tells whether the plugins are still the same."""
        if found:
            return _Acting(None, None, None)
        from besace.users import User

        user = User.__table__
        entity = entity_table
        row = connection.execute(
            sa.select(
                schema.meta.c.value, entity.c.id, entity.c.label, user.c.language, user.c.disabled,
                sa.exists().where(sa.literal_column("trash.entity_id") == entity.c.id).select_from(sa.table("trash")),
            )
            .select_from(
                schema.meta.outerjoin(
                    entity.join(user, user.c.id == entity.c.id),
                    sa.and_(entity.c.type == "user", entity.c.label_key == fold(name)),
                )
            )
            .where(schema.meta.c.key == "generation")
        ).first()  # fmt: skip
        if row is None or row.id is None or row[5]:
            raise NotFound(
                _('There is no user "{name}" here.').format(name=name),
                _("Act under another name with --as NAME, or let an administrator add this one: besace user create --name {name}").format(
                    name=name
                ),
            )
        if row.disabled:
            raise Refused(_('The user "{name}" is disabled.').format(name=name), _("Act under another name: --as NAME."))
        if int(row.value) != self.generation:
            self._load()
        return _Acting(row.id, row.label, row.language or self.install_language(connection))

    def install_language(self, connection: sa.Connection) -> str | None:
        """The language of those who choose none."""
        if self.default_language:
            return self.default_language
        from besace.settings import setting

        value = connection.execute(sa.select(setting.c.value).where(setting.c.key == "language")).scalar()
        return value.strip('"') if value else None

    # ---- plugins ---------------------------------------------------------------------------------

    def enable(self, names: Sequence[str]) -> list[str]:
        """Enable plugins: make their tables, seed their lists, register them. Returns those that were not enabled.

        Run again after it was killed, it goes on. Raises PluginError for what is missing, broken or needs another.
        """
        modules = {}
        for name in names:
            if name not in self.installed:
                raise discovery.unknown_plugin(name, self.installed)
            modules[name] = self.installed[name].load()
            plugins.check_core_version(name, modules[name], VERSION)
        running = set(self.host.running)
        for name, module in modules.items():
            lacking = [n for n in discovery.requires(module) if n not in running and n not in modules]
            if lacking:
                raise PluginError(
                    _('Plugin "{name}" needs the plugin "{needed}", which is not enabled.').format(
                        name=name, needed=lacking[0]
                    ),
                    _("Enable it first: besace plugin enable {needed}").format(needed=lacking[0]),
                )
        return [name for name in plugins.in_order(modules) if self._enable(name, modules[name])]

    def _enable(self, name: str, module: Any) -> bool:
        host = plugins.Host(core_plugin, self.installed)
        others = [n for n in self.host.running if n != name]
        host.load([*others, name], VERSION)
        if name in host.quarantine:
            raise PluginError(host.quarantine[name])
        with schema.migrating(self.writer) as connection:
            before = self._stored_plugins(connection).get(name)
            revision = schema.migrate(connection, name, module, host.registry)
        running, self.host = self.host, host
        try:
            with self._unit(writing=True, door="plugin") as work:
                self._seed(work, name)
                self._store_plugin(work.connection(), name, self.installed[name].version, revision)
                self._next_generation(work.connection())
        except BaseException:
            self.host = running
            raise
        return before is None or not before.enabled

    def _seed(self, work: Work, name: str) -> None:
        from besace import lists

        registry = self.registry
        lists.seed(work, [key for key, owner in registry.list_owners.items() if owner == name])
        for seed in registry.seeds:
            if seed.plugin == name:
                seed.run(work)

    def disable(self, name: str) -> bool:
        """Disable a plugin: its types, links and commands disappear, its rows stay (rule E5). Returns whether it was enabled."""
        for other in self.host.running:
            if name in discovery.requires(self.installed[other].load()):
                raise PluginError(
                    _('Plugin "{name}" cannot be disabled: the plugin "{other}" needs it.').format(name=name, other=other),
                    _("Disable that one first: besace plugin disable {other}").format(other=other),
                )
        with schema.migrating(self.writer) as connection:
            stored = self._stored_plugins(connection)
            if name not in stored and name not in self.installed:
                raise discovery.unknown_plugin(name, {*self.installed, *stored} - {"core"})
            if name == "core":
                raise PluginError(_("The core cannot be disabled."))
            was = name in stored and stored[name].enabled
            connection.execute(
                sa.update(schema.plugin_table).where(schema.plugin_table.c.name == name).values(enabled=False)
            )
            self._next_generation(connection)
        self._load()
        return was

    def upgrade(self, names: Sequence[str] = ()) -> list[str]:
        """Bring the tables of the enabled plugins (or of these) to their code; returns what moved."""
        with self.reader.connect() as connection:
            stored = self._stored_plugins(connection)
        for name in names:
            if name not in self.installed:
                raise discovery.unknown_plugin(name, self.installed)
            if name not in stored or not stored[name].enabled:
                raise PluginError(
                    _('Plugin "{name}" is not enabled here.').format(name=name),
                    _("Enable it: besace plugin enable {name}").format(name=name),
                )
        moved = []
        with schema.migrating(self.writer) as connection:
            revision = schema.migrate(connection, "core", core_plugin, self.registry)
            if revision != stored["core"].revision:
                self._store_plugin(connection, "core", VERSION, revision, position=0)
                moved.append("core")
        self._load()
        for name in names or [n for n, row in stored.items() if row.enabled and n != "core"]:
            if name not in self.installed:
                continue
            if name in self.host.quarantine or not schema.check_revision(
                name, self.installed[name].load(), stored[name].revision
            ):
                self._enable(name, self.installed[name].load())
                moved.append(name)
        return moved

    def _store_plugin(
        self, connection: sa.Connection, name: str, version: str, revision: str | None, position: int | None = None
    ) -> None:
        table = schema.plugin_table
        # Its relation types too: they own rows of the table of links.
        tables = [t.name for t in self.registry.tables_of(name)]
        tables += [f"relation:{r.key}" for r in self.registry.relation_types.values() if r.plugin == name]
        values = {"enabled": True, "version": version, "revision": revision, "tables": tables}
        known = connection.execute(sa.select(table.c.name).where(table.c.name == name)).first()
        if known is not None:
            connection.execute(sa.update(table).where(table.c.name == name).values(values))
            return
        if position is None:
            position = int(connection.execute(sa.select(sa.func.max(table.c.position))).scalar_one()) + 1
        connection.execute(sa.insert(table).values(name=name, position=position, **values))

    def _next_generation(self, connection: sa.Connection) -> None:
        self.generation += 1
        connection.execute(
            sa.update(schema.meta).where(schema.meta.c.key == "generation").values(value=str(self.generation))
        )

    def owners_of_tables(self, work: Work) -> dict[str, str]:
        """Which plugin owns each table, of the disabled plugins too."""
        rows = work.execute(sa.select(schema.plugin_table.c.name, schema.plugin_table.c.tables))
        return {table: row.name for row in rows for table in row.tables}

    def plugin_states(self) -> list[tuple[str, str, str]]:
        """Every plugin that is installed or was enabled here, as (name, version, state)."""
        with self.reader.connect() as connection:
            stored = self._stored_plugins(connection)
        states = []
        for name in sorted({*self.installed, *stored} - {"core"}):
            row = stored.get(name)
            version = self.installed[name].version if name in self.installed else str(getattr(row, "version", "?"))
            if row is None or not row.enabled:
                state = "disabled" if name in self.installed else "missing"
            elif name not in self.installed:
                state = "missing"
            else:
                state = "quarantined" if name in self.host.quarantine else "enabled"
            states.append((name, version, state))
        return states


class _Acting:
    def __init__(self, id: int | None, label: str | None, language: str | None) -> None:
        self.id = id
        self.label = label
        self.language = language


def read_config(folder: Path) -> dict[str, Any]:
    """What besace.toml says; raises InstallError when the folder is no install."""
    path = folder / CONFIG
    try:
        config = tomllib.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        raise InstallError(
            _("{folder} is not an install: it has no {file}.").format(folder=folder, file=CONFIG),
            _("Make one with: besace init {folder}").format(folder=folder),
        ) from None
    except (tomllib.TOMLDecodeError, OSError, UnicodeDecodeError) as error:
        raise InstallError(_("{path} cannot be read: {problem}.").format(path=path, problem=str(error))) from error
    if not isinstance(config.get("database"), str):
        raise InstallError(
            _("{path} does not say where the database is.").format(path=path),
            _('Add for example: database = "sqlite:///besace.sqlite3"'),
        )
    return config


def _seconds(wait: Any) -> float:
    if isinstance(wait, bool) or not isinstance(wait, (int, float)) or not 0 <= wait <= 3600:
        raise InstallError(
            _('{file}: wait = "{wait}" is not a number of seconds.').format(file=CONFIG, wait=wait),
            _("Expected for example: wait = 5"),
        )
    return float(wait)


def operating_system_user() -> str:
    """The name under which the operating system knows who runs this."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return f"user{os.getuid()}"


def clock() -> tuple[date, datetime]:
    """The day and the moment in UTC; `$BESACE_TODAY` fixes the day, so that a demo is the same every day."""
    now = datetime.now(UTC)
    fixed = os.environ.get("BESACE_TODAY")
    if not fixed:
        return date.today(), now
    try:
        day = date.fromisoformat(fixed)
    except ValueError:
        raise UsageError(
            _('$BESACE_TODAY: "{text}" is not a date.').format(text=fixed), _("Expected YYYY-MM-DD.")
        ) from None
    return day, now.replace(year=day.year, month=day.month, day=day.day)


