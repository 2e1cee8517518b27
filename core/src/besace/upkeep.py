"""What only the engine itself can tell of a database: how it is set up, where its series of ids is, its damages."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import sqlalchemy as sa

from besace.remarks import Remark, fine, problem, warning
from besace.texts import Text, translator

_ = translator(__name__)


def is_sqlite(connection: sa.Connection) -> bool:
    """Whether the database is a file of SQLite; else it is a server of PostgreSQL."""
    return connection.dialect.name == "sqlite"


def versions(connection: sa.Connection) -> tuple[str, str, str]:
    """The driver, its version, and the engine with its version."""
    driver = connection.dialect.dbapi
    assert driver is not None
    if is_sqlite(connection):
        version = str(connection.exec_driver_sql("SELECT sqlite_version()").scalar_one())
        return "sqlite3", version, f"SQLite {version}"
    version = str(connection.exec_driver_sql("SHOW server_version").scalar_one()).split()[0]
    return connection.dialect.driver, str(getattr(driver, "__version__", "?")), f"PostgreSQL {version}"


def last_id(connection: sa.Connection) -> int:
    """The last id that the series of entities and parts gave."""
    if is_sqlite(connection):
        found = connection.exec_driver_sql("SELECT seq FROM sqlite_sequence WHERE name = 'entity'").scalar()
        return int(found or 0)
    last, is_called = connection.exec_driver_sql("SELECT last_value, is_called FROM entity_id_seq").one()
    return int(last) if is_called else int(last) - 1


def set_last_id(connection: sa.Connection, last: int) -> None:
    """Let the series go on behind this id."""
    if is_sqlite(connection):
        known = connection.execute(
            sa.text("UPDATE sqlite_sequence SET seq = :last WHERE name = 'entity' RETURNING seq"), {"last": last}
        ).first()
        if known is None:
            connection.execute(
                sa.text("INSERT INTO sqlite_sequence (name, seq) VALUES ('entity', :last)"), {"last": last}
            )
        return
    connection.execute(sa.text("SELECT setval('entity_id_seq', :last)"), {"last": last})


def damages(connection: sa.Connection) -> Iterator[str]:
    """What the engine finds wrong when it reads the whole file; a server looks after its own."""
    if is_sqlite(connection):
        for (line,) in connection.exec_driver_sql("PRAGMA quick_check(100)"):
            if line != "ok":
                yield str(line).strip().replace("\n", "; ")


def clock(connection: sa.Connection) -> datetime:
    """The moment by the clock of the database; that of this machine where the database is a file."""
    if is_sqlite(connection):
        return datetime.now(UTC)
    now: datetime = connection.exec_driver_sql("SELECT clock_timestamp()").scalar_one()
    return now.astimezone(UTC)


def setup(connection: sa.Connection) -> Iterator[Remark]:
    """How the database is set up, and how large it is."""
    yield from _setup_of_a_file(connection) if is_sqlite(connection) else _setup_of_a_server(connection)


def _setup_of_a_file(connection: sa.Connection) -> Iterator[Remark]:
    mode = str(connection.exec_driver_sql("PRAGMA journal_mode").scalar_one())
    if mode == "wal":
        yield fine(_("It keeps a write-ahead log, so readers and writers do not wait for each other."))
    else:
        yield warning(
            _('It keeps its journal in the mode "{mode}": whoever reads stops whoever writes.').format(mode=mode),
            _('Change it while nobody works: sqlite3 {file} "PRAGMA journal_mode = WAL"').format(
                file=connection.engine.url.database
            ),
        )
    if not connection.exec_driver_sql("PRAGMA foreign_keys").scalar():
        yield problem(
            _("It does not check references: this SQLite was built without foreign keys."),
            _("Use a Python with a complete SQLite."),
        )
    pages = int(connection.exec_driver_sql("PRAGMA page_count").scalar_one())
    yield _size(pages * int(connection.exec_driver_sql("PRAGMA page_size").scalar_one()))


def _setup_of_a_server(connection: sa.Connection) -> Iterator[Remark]:
    encoding = str(connection.exec_driver_sql("SHOW server_encoding").scalar_one())
    if encoding != "UTF8":
        yield problem(
            _("It keeps texts in {encoding}: not every name can be stored.").format(encoding=encoding),
            _("Make a database with the encoding UTF8, and move the install there."),
        )
    if connection.exec_driver_sql("SELECT pg_is_in_recovery()").scalar_one():
        yield problem(
            _("It only reads: it is a standby."),
            _("Let besace.toml name the primary server, or make this one the primary."),
        )
    standbys = int(connection.exec_driver_sql("SELECT count(*) FROM pg_stat_replication").scalar_one())
    yield fine(_("{n} standby is attached to it.", "{n} standbys are attached to it.").format(n=standbys))
    yield _size(int(connection.exec_driver_sql("SELECT pg_database_size(current_database())").scalar_one()))


def _size(octets: int) -> Remark:
    return fine(_("It takes {size}.").format(size=megabytes(octets)))


def megabytes(octets: int) -> Text:
    """A size as a person reads it, rounded up."""
    return _("{n} MB").format(n=-(-octets // 1_000_000))
