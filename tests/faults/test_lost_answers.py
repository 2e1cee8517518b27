"""A connection is cut during COMMIT: nothing is lost, and nothing is done twice (rule E8)."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
import sqlalchemy as sa

from besace import Besace, entities, reading
from besace.changes import change
from besace.errors import DatabaseUnavailable
from besace.surroundings import read_config, write_config
from besace.testing.fixtures import on_postgresql
from besace.testing.postgres import Server

pytestmark = on_postgresql
SOCKET = ".s.PGSQL.5432"


class Wire:
    """Stands between a client and a server, and cuts a connection at its next COMMIT where it is told to."""

    def __init__(self, folder: Path, server: Server) -> None:
        self.server = str(server.folder / SOCKET)
        self.cuts: list[str] = []
        self.is_down_after_cut = False
        self.swallows = False
        self.listening = socket.socket(socket.AF_UNIX)
        self.listening.bind(str(folder / SOCKET))
        self.listening.listen()
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                client, _address = self.listening.accept()
            except OSError:
                return
            if self.is_down_after_cut and not self.cuts:
                client.close()
                continue
            behind = socket.socket(socket.AF_UNIX)
            behind.connect(self.server)
            for source, target, outward in ((client, behind, True), (behind, client, False)):
                threading.Thread(target=self._carry, args=(source, target, outward), daemon=True).start()

    def _carry(self, source: socket.socket, target: socket.socket, outward: bool) -> None:
        try:
            while data := source.recv(65_536):
                cut = self.cuts.pop(0) if outward and self.cuts and b"COMMIT\0" in data else None
                if cut == "before it arrives":
                    break
                if not outward and self.swallows:
                    self.swallows = False  # the server is done, and only we know
                    break
                self.swallows = self.swallows or cut == "before it is answered"
                target.sendall(data)
                if cut == "while it is on its way":
                    break
        except OSError:
            pass  # the other side is cut
        for end in (source, target):
            with suppress(OSError):  # it is cut already
                end.shutdown(socket.SHUT_RDWR)
        source.close()


@pytest.fixture
def wire(besace_server: Server) -> Iterator[tuple[Wire, str]]:
    with TemporaryDirectory(prefix="wire-") as folder:
        wire = Wire(Path(folder), besace_server)
        yield wire, folder
        wire.listening.close()


@pytest.fixture
def crm(
    make_install: Callable[..., Besace], wire: tuple[Wire, str], besace_server: Server, tmp_path: Path
) -> Iterator[Besace]:
    """An install whose connections go over the wire."""
    made = make_install()
    address = read_config(made.folder)["database"]
    over = tmp_path / "over"
    over.mkdir()
    write_config(over, address.replace(str(besace_server.folder), wire[1]))
    with Besace.open(over, user="alice") as crm:
        yield crm


def changes_and_users(crm: Besace) -> tuple[int, int]:
    with crm.read() as work:
        users = reading.count(work, work.crm.registry.type("user"))[0].count
        return work.scalar(sa.select(sa.func.count()).select_from(change)) or 0, users


@pytest.mark.parametrize("when", ["before it arrives", "before it is answered"])
def test_E8_a_cut_commit_is_done_once(crm: Besace, wire: tuple[Wire, str], when: str) -> None:
    changes, users = changes_and_users(crm)
    runs: list[int] = []

    def act(work: object) -> int:
        runs.append(1)
        made: int = entities.create(work, "user", name="bob").id  # type: ignore[arg-type]
        return made

    wire[0].cuts = [when]
    made = crm.write(act)
    with crm.read() as work:
        assert reading.get(work, "user", made).label == "bob"
    assert changes_and_users(crm) == (changes + 1, users + 1)
    assert len(runs) == (2 if when == "before it arrives" else 1)


def test_E8_a_commit_that_is_still_on_its_way_is_not_done_twice(crm: Besace, wire: tuple[Wire, str]) -> None:
    changes, users = changes_and_users(crm)
    with crm.writer.begin() as connection:  # from now on each commit takes a second
        connection.exec_driver_sql(
            "CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(1); RETURN NULL; END'"
        )
        connection.exec_driver_sql(
            "CREATE CONSTRAINT TRIGGER slow AFTER INSERT ON change DEFERRABLE INITIALLY DEFERRED "
            "FOR EACH ROW EXECUTE FUNCTION slow()"
        )
    runs: list[int] = []

    def act(work: object) -> int:
        runs.append(1)
        made: int = entities.create(work, "user", name="bob").id  # type: ignore[arg-type]
        return made

    wire[0].cuts = ["while it is on its way"]
    made = crm.write(act)
    with crm.read() as work:
        assert reading.get(work, "user", made).label == "bob"
    assert changes_and_users(crm) == (changes + 1, users + 1)
    assert len(runs) == 2


def write_by_function(crm: Besace) -> None:
    crm.write(lambda work: entities.create(work, "user", name="bob"))


def write_in_a_block(crm: Besace) -> None:
    with crm.write() as work:
        entities.create(work, "user", name="bob")


@pytest.mark.parametrize("write", [write_by_function, write_in_a_block])
def test_E8_a_commit_that_nobody_can_look_up_is_told_as_one_that_may_be_stored(
    crm: Besace, wire: tuple[Wire, str], monkeypatch: pytest.MonkeyPatch, write: Callable[[Besace], None]
) -> None:
    monkeypatch.setattr("besace.retry.PATIENCE", 0.5)
    wire[0].cuts = ["before it is answered"]
    wire[0].is_down_after_cut = True
    crm.reader.dispose()  # no connection stays from before
    with pytest.raises(DatabaseUnavailable, match="It may be stored or not"):
        write(crm)
