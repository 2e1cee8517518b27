"""The database of an install: its engines, one unit of work, and the retry of a whole unit."""

from __future__ import annotations

import random
import sqlite3
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import ORMExecuteState, Session

from besace.errors import BesaceError, DatabaseUnavailable, InstallError, Refused
from besace.model import read_only
from besace.texts import fold, translator

if TYPE_CHECKING:
    from besace.app import Besace
    from besace.lists import ListItem

_ = translator(__name__)

T = TypeVar("T")

ATTEMPTS = 5
"""How often a unit is tried before its failure is told."""


class Work(Session):
    """One unit of work: a session that knows who acts, which day it is and in which language.

    Operations take it and never commit; only doors open one (`Besace.read`, `Besace.write`).
    """

    def __init__(
        self,
        connection: sa.Connection,
        *,
        crm: Besace,
        user_id: int | None,
        user: str | None,
        today: date,
        now: datetime,
        language: str,
        door: str,
        reason: str | None,
        writing: bool,
        uuid: str,
    ) -> None:
        super().__init__(connection, expire_on_commit=False)
        self.crm = crm
        self.user_id = user_id
        self.user = user
        self.today = today
        self.now = now
        self.language = language
        self.door = door
        self.reason = reason
        self.writing = writing
        self.uuid = uuid
        self.result: Any = None
        self._items: dict[str, dict[str, Any]] = {}
        self._settings: dict[str, Any] | None = None
        self._currencies: list[str] = []
        self._change_id: int | None = None

    @property
    def change_id(self) -> int:
        """The id of this unit's change row, which is made when first asked for; refused in a unit that reads."""
        if not self.writing:
            raise only_reads()
        if self._change_id is None:
            from besace import changes

            self._change_id = changes.begin(self)
        return self._change_id

    @property
    def has_changed(self) -> bool:
        """Whether this unit wrote something."""
        return self._change_id is not None

    @property
    def currency(self) -> str:
        """The currency of an amount given without one: the install's, or that of the entity at hand."""
        return self._currencies[-1] if self._currencies else str(self.setting("currency"))

    @contextmanager
    def amounts_in(self, currency: str) -> Iterator[None]:
        """Read amounts without a currency as amounts of this one."""
        self._currencies.append(currency)
        try:
            yield
        finally:
            self._currencies.pop()

    def items(self, list_key: str) -> dict[str, ListItem]:
        """The items of an editable list by key, in order; read once in a unit."""
        if list_key not in self._items:
            from besace import lists

            self._items[list_key] = lists.load(self, list_key)
        return self._items[list_key]

    def forget_items(self, list_key: str) -> None:
        """Read a list anew when it is next asked for: it was written."""
        for item in self._items.pop(list_key, {}).values():
            if item in self:
                self.expunge(item)

    def setting(self, key: str) -> Any:
        """The value of a setting of the install, its default where it is not set."""
        if self._settings is None:
            from besace import settings

            self._settings = settings.load(self)
        declared = self.crm.registry.setting(key)
        return self._settings.get(key, declared.default)

    def forget_settings(self) -> None:
        """Read the settings anew when next asked for: one was written."""
        self._settings = None


def only_reads() -> RuntimeError:
    """The error for code that writes in a unit of work that was opened for reading."""
    return RuntimeError("this unit of work only reads: open it with crm.write()")


@event.listens_for(Work, "before_flush")
def _refuse_mapped_writes(session: Session, _context: Any, _instances: Any) -> None:
    """Mapped rows are for reading: what is set on them would pass by every rule, version and history."""
    touched = [*session.new, *session.deleted, *(o for o in session.dirty if session.is_modified(o))]
    if touched:
        raise read_only(type(touched[0]).__name__)


@event.listens_for(Work, "do_orm_execute")
def _refuse_bulk_writes(state: ORMExecuteState) -> None:
    """An UPDATE of a mapped class is no better; the doors write to its table."""
    if not state.session.writing and (state.is_insert or state.is_update or state.is_delete):  # type: ignore[attr-defined]
        raise only_reads()
    if state.is_orm_statement and not state.is_select:
        raise read_only(state.bind_mapper.class_.__name__ if state.bind_mapper else "A class")


# ---- engines -----------------------------------------------------------------------------------


def open_engines(url: str, folder: Path, *, wait: float, create: bool = False) -> tuple[sa.Engine, sa.Engine]:
    """The engine that writes and the one that reads; a relative SQLite path is relative to `folder`."""
    try:
        parsed = sa.make_url(url)
    except sa.exc.ArgumentError:
        raise InstallError(
            _('"{url}" is not the address of a database.').format(url=url),
            _("Use sqlite:///besace.sqlite3 in besace.toml."),
        ) from None
    if parsed.get_backend_name() != "sqlite":
        raise InstallError(
            _('Databases of the kind "{kind}" are not supported.').format(kind=parsed.get_backend_name()),
            _("Use sqlite:///besace.sqlite3 in besace.toml."),
        )
    path = folder / (parsed.database or "besace.sqlite3")
    if not create and not path.exists():
        raise InstallError(
            _("The database {path} does not exist.").format(path=path),
            _("Put it back, or make a new install with: besace init"),
        )
    return _sqlite(path, wait, writes=True), _sqlite(path, wait, writes=False)


def _sqlite(path: Path, wait: float, *, writes: bool) -> sa.Engine:
    begin = "BEGIN IMMEDIATE" if writes else "BEGIN"

    def connect() -> sqlite3.Connection:
        # Autocommit: the driver's own BEGIN is deferred, and four writers that begin so fail one time in four.
        connection = sqlite3.connect(path, timeout=wait, isolation_level=None, check_same_thread=False)
        connection.create_function("besace_fold", 1, _fold_or_none, deterministic=True)
        connection.execute("PRAGMA foreign_keys = ON")
        if writes:
            connection.execute("PRAGMA synchronous = NORMAL")
        else:
            connection.execute("PRAGMA query_only = ON")
        return connection

    engine = sa.create_engine(f"sqlite:///{path}", creator=connect, poolclass=sa.pool.QueuePool)

    @event.listens_for(engine, "begin")
    def _begin(connection: sa.Connection) -> None:
        connection.exec_driver_sql(begin)

    return engine


def _fold_or_none(text: Any) -> str | None:
    return None if text is None else fold(str(text))


def folded(column: sa.ColumnElement[Any]) -> sa.ColumnElement[str]:
    """The folded form of a text column, in SQL."""
    return sa.func.besace_fold(column, type_=sa.Text())


def contains(column: sa.ColumnElement[Any], needle: str) -> sa.ColumnElement[bool]:
    """Whether a text column that is folded already contains a folded text."""
    return sa.func.instr(column, needle) > 0


def reserve_ids(work: Work, count: int) -> range:
    """Take so many ids of the one series of entities and parts; they are used in this same unit or lost."""
    last = work.execute(
        sa.text("UPDATE sqlite_sequence SET seq = seq + :n WHERE name = 'entity' RETURNING seq"), {"n": count}
    ).scalar_one()
    return range(int(last) - count + 1, int(last) + 1)


# ---- errors of the driver and the retry -----------------------------------------------------------


def explained(error: DBAPIError) -> BesaceError | None:
    """A driver's error as a sentence, where it is the world's fault and not a bug of ours."""
    problem = str(error.orig).lower()
    if "locked" in problem or "busy" in problem:
        return DatabaseUnavailable(
            _("The database is busy: another process has held it for too long."),
            _("Nothing was stored. Try again in a moment."),
        )
    if "disk is full" in problem or "disk full" in problem:
        return DatabaseUnavailable(
            _("The disk is full."), _("Nothing was stored. Make room and run the command again.")
        )
    if "unable to open" in problem:
        return DatabaseUnavailable(
            _("The database cannot be opened."),
            _("Check its line in besace.toml, and the permissions of its file and folder."),
        )
    if "readonly" in problem or "read-only" in problem:
        return DatabaseUnavailable(
            _("The database cannot be written: its file or folder is read-only."),
            _("Nothing was stored. Check the permissions of the install's folder."),
        )
    if "not a database" in problem or "malformed" in problem:
        return InstallError(
            _("The file of the database is not a Besace database, or it is damaged."),
            _("Check the database line in besace.toml, or restore a backup."),
        )
    if "integer overflow" in problem:
        return Refused(_("The sum is too large a number to be added up."))
    if "disk i/o error" in problem:
        return DatabaseUnavailable(_("The disk reports an error."), _("Nothing was stored. Check the disk."))
    return None


@contextmanager
def plain_errors() -> Iterator[None]:
    """Turn the driver's errors that are not bugs into sentences."""
    try:
        yield
    except DBAPIError as error:
        sentence = explained(error)
        if sentence is None:
            raise
        raise sentence from error


def is_transient(error: DBAPIError) -> bool:
    """Whether the same unit may succeed when it is run again."""
    problem = str(error.orig).lower()
    return error.connection_invalidated or "locked" in problem or "busy" in problem


def pause(attempt: int) -> None:
    """Wait before the next attempt: longer each time, and not as long as the others."""
    time.sleep(random.uniform(0.5, 1.0) * 0.02 * 2**attempt)


def new_uuid() -> str:
    """The name of a unit of work, by which it is found again when its commit went unanswered."""
    return str(uuid.uuid4())


def retrying(attempt_once: Callable[[str], T], was_done: Callable[[str], bool]) -> T:
    """Run a whole unit until it is done: `attempt_once(uuid)`; a unit whose commit went unanswered is looked up.

    `attempt_once` returns its result through `Unanswered` when only the answer to its COMMIT is missing.
    """
    name = new_uuid()
    attempt = 0
    while True:
        attempt += 1
        try:
            return attempt_once(name)
        except Unanswered as unanswered:
            if was_done(name):
                return unanswered.result  # type: ignore[no-any-return]
            error = unanswered.error
        except DBAPIError as failed:
            error = failed
        if attempt >= ATTEMPTS or not is_transient(error):
            sentence = explained(error)
            raise (sentence or error) from error
        pause(attempt)


class Unanswered(Exception):
    """Raised when a COMMIT was sent and its answer lost: the unit may be done or not."""

    def __init__(self, error: DBAPIError, result: Any) -> None:
        super().__init__(str(error))
        self.error = error
        self.result = result
