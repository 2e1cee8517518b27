"""The engines of an install: SQLite in a file of its folder, or PostgreSQL at an address."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.exc import DBAPIError

from besace.errors import DatabaseUnavailable, InstallError
from besace.texts import fold, translator

_ = translator(__name__)

POSTGRESQL = re.compile(r"postgres(ql)?(\+psycopg)?://")
"""How the address of a PostgreSQL database begins; the rest is libpq's own form, with several hosts or one."""

OLDEST_SERVER = 18
"""The first version of PostgreSQL that folds letters as Python does."""


@dataclass(frozen=True)
class Engines:
    """The engine that writes, the one that reads, and the one that reads what may be a moment old."""

    writer: sa.Engine
    reader: sa.Engine
    stale: sa.Engine
    path: Path | None = None
    has_standby: bool = False

    @contextmanager
    def making(self) -> Iterator[None]:
        """A block that makes everything in a new database, in one transaction; one with something in it is refused.

        Of several who do so at once one succeeds, and what it made is left alone by the others.
        """
        if self.path is None:
            self._refuse_tables()
            try:
                yield
            except DBAPIError:
                self._refuse_tables()  # another made them meanwhile
                raise
            return
        if not self.take_file() and self.path.exists():
            raise InstallError(
                _("{path} already exists.").format(path=self.path), _("Choose another folder, or move it away.")
            )
        try:
            yield
        except BaseException:
            self.clear()
            raise

    def take_file(self) -> bool:
        """Make the file of an SQLite database where there is none; whether this was it that made it."""
        if self.path is None:
            return False
        try:
            self.path.touch(exist_ok=False)
        except OSError:  # it is there; or the engine says why it cannot be opened
            return False
        return True

    def _refuse_tables(self) -> None:
        with self.writer.connect() as connection:
            tables = sa.inspect(connection).get_table_names()
        if tables:
            raise InstallError(
                _("The database is not empty: it has a table {name}.").format(name=tables[0]),
                _("Make a database of its own for each install: createdb NAME"),
            )

    def clear(self) -> None:
        """Take away everything that this process has put into a database that was new."""
        self.dispose()
        if self.path is not None:
            for suffix in ("", "-wal", "-shm"):
                self.path.with_name(self.path.name + suffix).unlink(missing_ok=True)
            return
        with self.writer.begin() as connection:
            everything = sa.MetaData()
            everything.reflect(connection)
            everything.drop_all(connection)
        self.dispose()

    def dispose(self) -> None:
        """Close all connections."""
        for engine in (self.writer, self.reader, self.stale):
            engine.dispose()


def open_engines(url: str, folder: Path, *, wait: float, create: bool = False) -> Engines:
    """The engines for the `database` line of besace.toml; a relative SQLite path is relative to `folder`.

    `wait` is in seconds: how long a statement waits for another writer. Connects to nothing yet.
    """
    if POSTGRESQL.match(url):
        return _postgresql(url, wait)
    path = sqlite_path(url, folder)
    if not create and not path.exists():
        raise InstallError(
            _("The database {path} does not exist.").format(path=path),
            _("Put it back, or make a new install with: besace init"),
        )
    reader = _sqlite(path, wait, writes=False)
    return Engines(_sqlite(path, wait, writes=True), reader, reader, path)


def sqlite_path(url: str, folder: Path) -> Path:
    """The file of an SQLite database; raises InstallError for an address that is none."""
    try:
        parsed = sa.make_url(url)
    except sa.exc.ArgumentError:
        raise InstallError(
            _('"{url}" is not the address of a database.').format(url=without_password(url)), _EXPECTED
        ) from None
    if parsed.get_backend_name() != "sqlite":
        raise InstallError(
            _('Databases of the kind "{kind}" are not supported.').format(kind=parsed.drivername), _EXPECTED
        )
    return folder / (parsed.database or "besace.sqlite3")


_EXPECTED = _("Expected sqlite:///besace.sqlite3, or postgresql://USER@HOST/DATABASE.")


def without_password(url: str) -> str:
    """The address of a database as it may be shown; a password ends at the last @, though it should not hold one."""
    return re.sub(r"(?<=://)([^:/@]*):.*@", r"\1:***@", re.sub(r"password=[^&\s]*", "password=***", url))


# ---- SQLite ------------------------------------------------------------------------------------


def _sqlite(path: Path, wait: float, *, writes: bool) -> sa.Engine:
    begin = "BEGIN IMMEDIATE" if writes else "BEGIN"

    def connect() -> sqlite3.Connection:
        # Autocommit: the driver's own BEGIN is deferred, and four writers that begin so fail one time in four.
        try:
            connection = sqlite3.connect(path, timeout=wait, isolation_level=None, check_same_thread=False)
        except sqlite3.OperationalError as error:
            raise DatabaseUnavailable(
                _("The database {path} cannot be opened.").format(path=path),
                _("Check its address, from besace.toml or the command, and the permissions of its file and folder."),
            ) from error
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


# ---- PostgreSQL --------------------------------------------------------------------------------


def _postgresql(url: str, wait: float) -> Engines:
    address = "postgresql://" + POSTGRESQL.sub("", url)
    try:
        import psycopg
        from psycopg.conninfo import conninfo_to_dict, make_conninfo
    except ImportError:
        raise InstallError(
            _("PostgreSQL needs a driver that is not installed: psycopg."),
            _("Install it with: pip install 'besace-core[postgres]'"),
        ) from None
    try:
        given = conninfo_to_dict(address)
        if "@" in str(given.get("host", "")).lstrip("@"):  # the rest of a password, which libpq would tell everyone
            raise psycopg.ProgrammingError
    except psycopg.ProgrammingError:
        raise InstallError(
            _('"{url}" is not the address of a database.').format(url=without_password(url)), _EXPECTED
        ) from None

    def engine(*, writes: bool, servers: str) -> sa.Engine:
        usual: dict[str, Any] = {"connect_timeout": 10, "application_name": "besace", **given}
        patience = max(1, int(wait * 1000))  # for 0 it would be endless
        options = f"{given.get('options', '')} -c lock_timeout={patience} -c timezone=UTC"
        asked = {"options": options, "client_encoding": "UTF8", "target_session_attrs": servers}
        conninfo = make_conninfo(**{**usual, **asked})

        def connect() -> psycopg.Connection[Any]:
            connection = psycopg.connect(conninfo)
            connection.isolation_level = (
                psycopg.IsolationLevel.READ_COMMITTED if writes else psycopg.IsolationLevel.REPEATABLE_READ
            )
            connection.read_only = not writes
            return connection

        made = sa.create_engine("postgresql+psycopg://", creator=connect)
        event.listen(made, "connect", _check_connected)
        return made

    # Of several hosts one is the primary; the others may answer those who bear a stale answer.
    return Engines(
        engine(writes=True, servers="read-write"),
        engine(writes=False, servers="read-write"),
        engine(writes=False, servers="prefer-standby"),
        has_standby="," in str(given.get("host", "")) + str(given.get("hostaddr", "")),
    )


def _check_connected(connection: Any, _record: Any) -> None:
    check_server(connection.info.server_version, connection.info.parameter_status("server_encoding"))


def check_server(version: int, encoding: str) -> None:
    """Refuse a server that could not keep what SQLite keeps; `version` is 180006 for 18.6."""
    if version // 10_000 < OLDEST_SERVER:
        raise InstallError(
            _("The database server is PostgreSQL {found}, and {oldest} or newer is needed.").format(
                found=version // 10_000, oldest=OLDEST_SERVER
            ),
            _("Upgrade the server, or use another one."),
        )
    if encoding != "UTF8":
        raise InstallError(
            _("The database has the encoding {found}, and UTF8 is needed.").format(found=encoding),
            _("Make another one with: createdb --encoding=UTF8 --template=template0 NAME"),
        )
