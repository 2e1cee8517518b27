"""An opened install: the one object that everything else is reached from."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from copy import copy
from dataclasses import dataclass
from datetime import UTC, tzinfo
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, overload

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from besace import core_plugin, discovery, enabling, plugins, retry, schema, settings
from besace.database import Work
from besace.discovery import said
from besace.engines import open_engines
from besace.errors import BesaceError, InstallError, InvalidValue, NotFound, Refused
from besace.failures import plain_errors
from besace.files import FILES, Files
from besace.logs import milliseconds, tell
from besace.model import Base, entity_table, trash
from besace.relocation import Move
from besace.retry import Unanswered
from besace.settings import setting
from besace.surroundings import CONFIG, clock, new_folder, operating_system_user, read_config, seconds, write_config
from besace.texts import LANGUAGES, fold, translator
from besace.types import Registry
from besace.zones import SETTING as TIME_ZONE
from besace.zones import zone_called

if TYPE_CHECKING:
    from besace.plans import Plan, Verb

_ = translator(__name__)

T = TypeVar("T")

_log = logging.getLogger(__name__)

WAIT = 2.0
"""Seconds that each attempt of a write waits for another process to finish its own (`wait` in besace.toml)."""


_LANGUAGE = sa.select(setting.c.value).where(setting.c.key == "language")
_TIME_ZONE = sa.select(setting.c.value).where(setting.c.key == TIME_ZONE)


def _language(stored: str | None) -> str | None:
    """The setting, from its stored form; one that cannot be read is told by who asks for it, not by everything."""
    try:
        return None if stored is None else str(settings.plain_of("language", stored))
    except BesaceError:
        return None


def _zone(stored: str | None) -> tzinfo | BesaceError | None:
    """The setting, from its stored form; in its place what is to be told to those who need it."""
    try:
        return None if stored is None else zone_called(str(settings.plain_of(TIME_ZONE, stored)))
    except InvalidValue as error:
        return Refused(error.message, settings.another(TIME_ZONE))
    except BesaceError as error:
        return error


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
        wait = seconds(config.get("wait", WAIT))
        self.engines = open_engines(config["database"], folder, wait=wait, create=create)
        self.writer, self.reader = self.engines.writer, self.engines.reader
        self.generation = 0
        self.moving: Move | None = None
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
        crm = cls.unloaded(folder, user=user, language=language, plugins=plugins)
        try:
            with plain_errors():
                enabling.load(crm)
        except BaseException:
            crm.close()
            raise
        return crm

    @classmethod
    def unloaded(
        cls,
        folder: Path | str,
        *,
        user: str | None = None,
        language: str | None = None,
        plugins: Mapping[str, Any] | None = None,
    ) -> Besace:
        """An install whose plugins are not loaded: for what is done before, such as `upgrading.upgrade_core`."""
        path = Path(folder)
        return cls(path, read_config(path), plugins or {}, user=user, language=language)

    def again(self, *, user: str | None = None, language: str | None = None) -> Besace:
        """The same install, opened once more for another who acts: over the same connections, which this one closes."""
        crm = copy(self)
        crm.default_user, crm.default_language = user, language
        crm.installed = discovery.available(self.extra)
        with plain_errors():
            enabling.load(crm)
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
        with new_folder(path):
            crm = cls(path, {"database": database}, plugins or {}, user=user, language=language, create=True)
            founded = False
            try:
                with plain_errors(), crm.engines.making():
                    enabling.found(crm, currency, language)
                founded = True
                crm.enable(enable)
                write_config(path, database)
            except BaseException:
                crm.close()
                if founded:  # else the database could not be used for the next attempt
                    crm.engines.clear()
                raise
        return crm

    def close(self) -> None:
        """Close all connections."""
        self.engines.dispose()

    def __enter__(self) -> Besace:
        return self

    def __exit__(self, *_exc: object) -> None:
        self.close()

    @property
    def registry(self) -> Registry:
        """What the enabled plugins declare."""
        return self.host.registry

    @property
    def files(self) -> Files:
        """The files that rows of this install refer to, in its folder."""
        return Files(self.folder / FILES)

    # ---- units of work ---------------------------------------------------------------------------

    @contextmanager
    def read(
        self, *, user: str | None = None, language: str | None = None, door: str = "api", stale: bool = False
    ) -> Iterator[Work]:
        """One unit that reads: a snapshot, undisturbed by writers and in no one's way.

        `stale`: it may be a moment old, so that a standby can answer where the database has one.
        """
        with plain_errors(), self.unit(writing=False, user=user, language=language, door=door, stale=stale) as work:
            yield work

    @overload
    def write(self, unit: None = None, **options: Any) -> Any: ...
    @overload
    def write(self, unit: Callable[[Work], T], **options: Any) -> T: ...
    def write(self, unit: Callable[[Work], T] | None = None, **options: Any) -> Any:
        """One unit that writes, committed at its end, or rolled back whole when it raises.

        With a function, the unit is run again when the database asks for that (a collision with others, a busy
        database, a lost connection): `crm.write(lambda work: ...)`. Without, `with crm.write() as work:` runs it once.
        Options: `user`, `language`, `door`, `reason` (kept with the change, rule E8).
        """
        if unit is None:
            return self._write_once(**options)

        def once(name: str, locking: bool) -> T:
            result: Any = None
            with self.unit(writing=True, name=name, locking=locking, **options) as work:
                result = unit(work)
                if isinstance(result, Base) and result in work and sa.inspect(result).expired:
                    work.refresh(result)  # it was written after it was loaded, and is read after the unit
                work.result = result
            return result  # type: ignore[no-any-return]

        return retry.retrying(once, self._was_done, has_standby=self.engines.has_standby)

    @contextmanager
    def _write_once(self, **options: Any) -> Iterator[Work]:
        name = retry.new_uuid()
        try:
            with plain_errors(), self.unit(writing=True, name=name, **options) as work:
                yield work
        except Unanswered as unanswered:
            retry.settle(unanswered, lambda: self._was_done(name))

    def _was_done(self, name: str) -> bool:
        from besace.changes import change

        with self.reader.connect() as connection:
            return connection.execute(sa.select(change.c.id).where(change.c.uuid == name)).first() is not None

    @contextmanager
    def unit(
        self, *, writing: bool, user: str | None = None, door: str = "api", stale: bool = False, **options: Any
    ) -> Iterator[Work]:
        """Open a connection, see whether the set of plugins changed, say who acts, and end the transaction."""
        began = time.monotonic()
        acting_name = user or self.default_user or operating_system_user()

        def begin() -> tuple[sa.Connection, sa.RootTransaction, _Acting]:
            engine = self.writer if writing else self.engines.stale if stale else self.reader
            connection = engine.connect()
            try:
                transaction = connection.begin()
                return connection, transaction, self._acting(connection, acting_name, writing, found=door == "init")
            except BaseException:
                connection.close()
                raise

        # A unit that writes is tried again as a whole.
        connection, transaction, acting = (
            begin() if writing else retry.reaching(begin, has_standby=self.engines.has_standby)
        )
        with connection:
            told: Work | None = None
            try:
                with self._working(connection, acting, writing=writing, door=door, **options) as work:
                    told = work
                    yield work
                if not writing:
                    _tell(work, began, "unit.read", logging.DEBUG)
                    return
                self._commit(transaction, work.result)
                _tell(work, began, "unit.committed", logging.INFO if work.has_changed else logging.DEBUG)
            except BesaceError as error:
                _tell(told, began, "unit.refused", code=error.code, problem=str(error))
                raise
            except Exception as error:  # told and raised on: a bug, or the database, which may be asked once more
                level = logging.WARNING if isinstance(error, DBAPIError | Unanswered) else logging.ERROR
                _tell(told, began, "unit.failed", level, problem=said(error))
                raise
            finally:
                if transaction.is_active:
                    transaction.rollback()

    @contextmanager
    def unit_within(
        self, connection: sa.Connection, *, user: str | None = None, door: str = "api", **options: Any
    ) -> Iterator[Work]:
        """A unit that writes in a transaction that another ends."""
        name = user or self.default_user or operating_system_user()
        acting = self._acting(connection, name, True, found=door == "init")
        with self._working(connection, acting, writing=True, door=door, **options) as work:
            yield work

    @contextmanager
    def _working(
        self,
        connection: sa.Connection,
        acting: _Acting,
        *,
        writing: bool,
        door: str,
        language: str | None = None,
        reason: str | None = None,
        name: str | None = None,
        locking: bool = False,
    ) -> Iterator[Work]:
        zone = _zone(acting.zone)
        today, now = clock(None if isinstance(zone, BesaceError) else zone)
        work = Work(
            connection, crm=self, user_id=acting.id, user=acting.label, today=today, now=now,
            language=language or self.default_language or acting.language or LANGUAGES[0], door=door, reason=reason,
            writing=writing, uuid=name or retry.new_uuid(), locking=locking, zone=zone or UTC,
        )  # fmt: skip
        try:
            yield work
            work.flush()
            work.expunge_all()
        finally:
            work.close()

    @staticmethod
    def _commit(transaction: sa.RootTransaction, result: Any) -> None:
        try:
            transaction.commit()
        except DBAPIError as error:
            if error.connection_invalidated:
                raise Unanswered(error, result) from error
            raise

    def _acting(self, connection: sa.Connection, name: str, writing: bool, *, found: bool) -> _Acting:
        """Who acts: the unit's first statement, which also tells whether the plugins are still the same.

        A unit that writes holds the set of plugins until it ends: who changes it waits, and so does its tables.
        """
        if found:
            return _Acting()
        from besace.users import User

        user = User.__table__
        entity = entity_table
        statement = (
            sa.select(
                schema.meta.c.value, entity.c.id, entity.c.label, user.c.language, user.c.disabled,
                sa.exists().where(trash.c.entity_id == entity.c.id).correlate_except(trash).label("trashed"),
                _LANGUAGE.scalar_subquery().label("usual"), _TIME_ZONE.scalar_subquery().label("zone"),
            )
            .select_from(
                schema.meta.outerjoin(
                    entity.join(user, user.c.id == entity.c.id),
                    sa.and_(entity.c.type == "user", entity.c.label_key == fold(name)),
                )
            )
            .where(schema.meta.c.key == "generation")
        )  # fmt: skip
        if writing:
            statement = statement.with_for_update(read=True, of=schema.meta)
        row = connection.execute(statement).first()
        if row is None or row.id is None or row.trashed:
            raise NotFound(
                _('There is no user "{name}" here.').format(name=name),
                _(
                    "Act under another name with --as NAME, or let an administrator add this one: "
                    "besace user create --name {name}"
                ).format(name=name),
            )
        if row.disabled:
            raise Refused(
                _('The user "{name}" is disabled.').format(name=name), _("Act under another name: --as NAME.")
            )
        if int(row.value) != self.generation:
            enabling.load_within(self, connection)
        if self.moving is not None:
            self.moving.check(writing=writing)
        return _Acting(row.id, row.label, row.language or _language(row.usual), row.zone)

    def install_language(self, connection: sa.Connection) -> str | None:
        """The language of those who choose none."""
        return self.default_language or _language(connection.execute(_LANGUAGE).scalar())

    # ---- plugins ---------------------------------------------------------------------------------

    def enable(self, names: Sequence[str]) -> list[str]:
        """Enable plugins: make their tables, seed their lists, register them. Returns those that were not enabled.

        Run again after it was killed, it goes on. Raises PluginError for what is missing, broken or needs another.
        """
        from besace import switching

        with plain_errors():
            return switching.enable(self, names)

    def disable(self, name: str) -> bool:
        """Disable a plugin: its types, links and commands disappear, its rows stay (rule E5); False if it was off."""
        from besace import switching

        with plain_errors():
            return switching.disable(self, name)

    def upgrade(self, names: Sequence[str] = (), told: Callable[[str, Any], None] | None = None) -> list[str]:
        """Bring the tables of the enabled plugins (or of these) to their code; returns what moved.

        `told(plugin, step)` hears of each migration that was made. Killed or failed, it is run again and goes on.
        """
        from besace import upgrading

        with plain_errors():
            return upgrading.upgrade(self, names, told)

    def plan(self, name: str, verb: Verb | None = None, *, beside: Collection[str] = ()) -> Plan:
        """What a step in the life of a plugin would do, and why it would be refused; changes nothing.

        Without a verb it is the next step. `beside` names the plugins that would be enabled together with it.
        """
        from besace import plans

        with plain_errors():
            return plans.plan(self, name, verb, beside=beside)

    def purge(self, name: str, archive: Path | None = None) -> Path | None:
        """Drop a disabled plugin's tables and rows, after writing them to an archive; returns where that is.

        None where the plugin holds nothing here. Killed, nothing is dropped, and it is run again.
        """
        from besace import purging

        with plain_errors():
            return purging.purge(self, name, archive)


def _tell(work: Work | None, began: float, event: str, level: int = logging.INFO, **fields: Any) -> None:
    who = {} if work is None else {"unit": work.uuid, "user": work.user, "door": work.door}
    tell(_log, event, level, **who, duration_ms=milliseconds(began), **fields)


@dataclass(frozen=True)
class _Acting:
    """Who acts: the user's id and name, the language in which he or she is spoken to, and the zone as it is stored."""

    id: int | None = None
    label: str | None = None
    language: str | None = None
    zone: str | None = None
