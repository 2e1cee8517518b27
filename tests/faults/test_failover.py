"""A primary and a streaming standby: stale reads go to the standby, and it takes over with nothing lost."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from besace import Besace, reading
from besace.errors import DatabaseUnavailable
from besace.testing.postgres import HURRIED, Server

from .conftest import Processes

REPLICATED = {**HURRIED, "wal_level": "replica", "max_wal_senders": "5", "synchronous_commit": "on"}


@pytest.fixture
def pair() -> Iterator[tuple[Server, Server]]:
    """A primary that answers a COMMIT when its standby has it too, and that standby."""
    primary = Server(REPLICATED).start()
    primary.create("besace")
    standby = Server(REPLICATED, copy_of=primary).start()
    primary.sql("ALTER SYSTEM SET synchronous_standby_names = '*'")
    primary.sql("SELECT pg_reload_conf()")
    yield primary, standby
    primary.remove()
    standby.remove()


WRITING = """
sys.stdin.readline()
for n in range(10_000):
    made = crm.write(lambda work: entities.create(work, "user", name=f"user-{n}").id)
    print(made, flush=True)
"""


def test_a_killed_primary_loses_no_acknowledged_commit_and_the_application_goes_on(
    pair: tuple[Server, Server], tmp_path: Path, processes: Processes
) -> None:
    primary, standby = pair
    url = f"postgresql://besace@/besace?host={primary.folder},{standby.folder}"
    with Besace.init(tmp_path / "crm", user="alice", database=url) as crm:
        is_standby = sa.text("SELECT pg_is_in_recovery()")
        with crm.read(stale=True) as stale, crm.read() as current:
            assert (stale.scalar(is_standby), current.scalar(is_standby)) == (True, False)
        (writer,) = processes.start(crm, WRITING)
        assert writer.stdin is not None
        assert writer.stdout is not None
        writer.stdin.write("go\n")
        writer.stdin.flush()
        told = [writer.stdout.readline() for _ in range(30)]
        primary.kill()
        time.sleep(0.3)  # the writer meets a dead primary, and a standby that only reads
        standby.sql("SELECT pg_promote()")
        standby.sql("ALTER SYSTEM SET synchronous_standby_names = ''")
        told += [writer.stdout.readline() for _ in range(30)]
        writer.kill()
        told += writer.stdout.readlines()
        acknowledged = {int(line) for line in told if line.endswith("\n")}
        with crm.read() as work:
            users = reading.page(work, work.crm.registry.type("user"), limit=None)
            assert acknowledged <= {user.id for user in users}
            assert len({user.name for user in users}) == len(users)  # nothing twice
            assert work.scalar(is_standby) is False


def test_a_server_that_is_gone_gives_a_sentence(tmp_path: Path, besace_environment: None) -> None:
    server = Server().start()
    server.create("besace")
    Besace.init(tmp_path / "crm", user="alice", database=server.url("besace")).close()
    server.stop()
    with pytest.raises(DatabaseUnavailable, match=r"The database cannot be reached.*Check its address"):
        Besace.open(tmp_path / "crm", user="alice")
    server.remove()
