"""What only the engine itself can tell of a database: where its series of ids is, and its damages."""

from __future__ import annotations

from collections.abc import Iterator

import sqlalchemy as sa


def is_sqlite(connection: sa.Connection) -> bool:
    """Whether the database is a file of SQLite; else it is a server of PostgreSQL."""
    return connection.dialect.name == "sqlite"


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
