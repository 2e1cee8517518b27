"""No install, not our database, a database that cannot be written: a sentence, and no harm done."""

from __future__ import annotations

import functools
import os
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from besace import Besace, schema
from besace.testing.fixtures import on_sqlite

from .conftest import Run, dump


def text_file(path: Path) -> None:
    path.write_text("This is a letter, and no database at all, however long it goes on.\n" * 50)


def another_application(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript("CREATE TABLE places (id INTEGER PRIMARY KEY, url TEXT)")


def same_table_names(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript("CREATE TABLE meta (key, value); CREATE TABLE plugin (name)")


def empty_file(path: Path) -> None:
    path.touch()


def folder(path: Path) -> None:
    path.mkdir()


def nothing(path: Path) -> None:
    pass


@pytest.mark.parametrize(
    ("make", "names"),
    [
        (text_file, ["not a Besace database", "besace.toml"]),
        (another_application, ["not a Besace database", "besace.toml"]),
        (same_table_names, ["not a Besace database", "besace.toml"]),
        (empty_file, ["not a Besace database", "besace.toml"]),
        (folder, ["cannot be opened", "besace.toml"]),
        (nothing, ["besace.sqlite3 does not exist", "besace init"]),
    ],
)
def test_a_database_that_is_not_ours_is_left_alone(
    make: Callable[[Path], None], names: list[str], run: Run, tmp_path: Path
) -> None:
    (tmp_path / "besace.toml").write_text('database = "sqlite:///besace.sqlite3"\n')
    make(tmp_path / "besace.sqlite3")
    before = {p: p.is_file() and p.read_bytes() for p in tmp_path.rglob("*")}
    for words in (["config", "show"], ["organisation", "list"], ["user", "create", "--name", "x"]):
        ran = run(tmp_path, *words, "--json")
        assert (ran.exit_code, ran.json["error"]["code"] in ("install", "database")) == (1, True)
        assert [n for n in names if n not in ran.stderr] == []
    assert {p: p.is_file() and p.read_bytes() for p in tmp_path.rglob("*")} == before


@pytest.mark.parametrize(
    ("config", "names"),
    [
        ("x = = 3", ["besace.toml", "line 1"]),
        ("x = 3", ["besace.toml", "database ="]),
        ("database = 3", ["besace.toml", "database ="]),
        ('database = "nonsense"', ['"nonsense"', "sqlite:///"]),
        ('database = "mysql://db"', ['"mysql"', "sqlite:///"]),
        ('database = "sqlite:///x"\nwait = "long"', ["wait", "long", "wait = 5"]),
        ('database = "sqlite:///x"\nwait = -1', ["wait", "-1", "wait = 5"]),
    ],
)
def test_a_wrong_configuration_is_told(config: str, names: list[str], run: Run, tmp_path: Path) -> None:
    (tmp_path / "besace.toml").write_text(config)
    ran = run(tmp_path, "config", "show")
    assert (ran.exit_code, ran.stdout) == (1, "")
    assert [n for n in names if n not in ran.stderr] == []


@pytest.mark.parametrize("place", ["", "missing", "file"])
def test_a_folder_that_is_no_install_is_told(place: str, run: Run, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    ran = run(tmp_path / place, "organisation", "list")
    assert (ran.exit_code, ran.stdout) == (1, "")
    for name in (
        str(tmp_path / place),
        "is not an install",
        "besace.toml",
        f"besace init {tmp_path / place}",
    ):
        assert name in ran.stderr


def test_outside_an_install_the_commands_say_so(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    ran = run(None, "config", "show")
    assert (ran.exit_code, "There is no install here" in ran.stderr, "--install DIR" in ran.stderr) == (
        1,
        True,
        True,
    )
    ran = run(None, "organisation", "list", "--json")
    assert (ran.exit_code, "There is no install here" in ran.json["error"]["hint"]) == (2, True)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("words", "code", "names"),
    [
        (["--with", "nope"], 1, ['"nope"', "persons"]),
        (["--with", "opportunities"], 1, ['"opportunities"', '"persons"']),
        (["--currency", "ZZZ"], 2, ["ZZZ", "ISO 4217"]),
        (["--database", "postgresql:///x?host=/nowhere"], 1, ["cannot be reached", "/nowhere", "server runs"]),
        (["--database", "postgresql://h/x?nonsense=1"], 1, ['"postgresql', "postgresql://USER@HOST/DATABASE"]),
        (["--database", "postgresql:///x?host=/nowhere"], 1, ["Check its address, from besace.toml or the command"]),
        (["--database", "postgresql+asyncpg://h/x"], 1, ['"postgresql+asyncpg"', "postgresql://USER@HOST/DATABASE"]),
        (["--database", "sqlite:///gone/x.sqlite3"], 1, ["gone/x.sqlite3 cannot be opened", "Check its address"]),
        (["--database", "mysql://db"], 1, ['"mysql"', "sqlite:///"]),
        (["--database", "nonsense"], 1, ['"nonsense"', "sqlite:///"]),
        (["--language", "de"], 2, ["'de'", "'fr'"]),
        (["--bare", "--with", "persons"], 2, ["--bare", "--with"]),
        (["--nope"], 2, ["--nope"]),
    ],
)
def test_an_install_that_cannot_be_made_leaves_nothing(
    words: list[str], code: int, names: list[str], run: Run, tmp_path: Path
) -> None:
    ran = run(None, "init", str(tmp_path / "new"), *words)
    assert (ran.exit_code, ran.stdout) == (code, "")
    assert [n for n in names if n not in ran.stderr] == []
    assert not (tmp_path / "new").exists() or not list((tmp_path / "new").iterdir())


def test_an_install_is_not_made_over_another(crm: Besace, run: Run) -> None:
    before = dump(crm)
    ran = run(None, "init", str(crm.folder), "--bare")
    assert (ran.exit_code, "already is an install" in ran.stderr) == (1, True)
    assert dump(crm) == before


def test_a_command_uses_the_connections_of_an_install_that_is_open(crm: Besace, run: Run) -> None:
    run(crm, "sample", "list")
    connected: list[Any] = []

    def note(connection: Any, _record: Any) -> None:
        connected.append(connection)

    sa.event.listen(sa.Pool, "connect", note)
    try:
        assert (run(crm, "sample", "list").exit_code, len(connected)) == (0, 0)
        assert (run(crm.folder, "user", "list").exit_code, len(connected)) == (0, 1)
    finally:
        sa.event.remove(sa.Pool, "connect", note)


def failing(problem: str, at: str) -> type[sqlite3.Connection]:
    """A driver whose connections fail so in the statements that begin with `at`."""

    class Cursor(sqlite3.Cursor):
        def execute(self, sql: str, *given: Any) -> Any:
            if sql.startswith(at):
                raise sqlite3.OperationalError(problem)
            return super().execute(sql, *given)

    class Connection(sqlite3.Connection):
        def cursor(self, factory: Any = Cursor) -> Any:
            return super().cursor(factory)

        def commit(self) -> None:
            if at == "COMMIT" and self.in_transaction and not self.execute("PRAGMA query_only").fetchone()[0]:
                raise sqlite3.OperationalError(problem)
            super().commit()

    return Connection


FULL = "database or disk is full"
READ_ONLY = "attempt to write a readonly database"


@on_sqlite
@pytest.mark.parametrize(
    ("problem", "at", "names"),
    [
        (FULL, "BEGIN IMMEDIATE", ["The disk is full", "Make room"]),
        (FULL, "INSERT INTO sample", ["The disk is full", "Make room"]),
        (FULL, "COMMIT", ["The disk is full", "Make room"]),
        (READ_ONLY, "INSERT INTO entity", ["read-only", "permissions"]),
        (READ_ONLY, "COMMIT", ["read-only", "permissions"]),
        ("disk I/O error", "INSERT INTO entry", ["The disk reports an error"]),
    ],
)
def test_a_disk_that_refuses_is_told(
    crm: Besace, run: Run, monkeypatch: pytest.MonkeyPatch, problem: str, at: str, names: list[str]
) -> None:
    before = dump(crm)
    with monkeypatch.context() as world:
        world.setattr(sqlite3, "connect", functools.partial(sqlite3.connect, factory=failing(problem, at)))
        ran = run(crm, "sample", "create", "--name", "Bell", "--json")
    assert (ran.exit_code, ran.json["error"]["code"]) == (1, "database")
    assert [n for n in [*names, "Nothing was stored."] if n not in ran.stderr] == []
    assert dump(crm) == before


@on_sqlite
@pytest.mark.parametrize("words", [("plugin", "upgrade"), ("plugin", "upgrade", "--dry-run"), ("plugin", "list")])
def test_a_database_that_cannot_even_be_read_is_told(
    crm: Besace, run: Run, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]
) -> None:
    crm.close()
    with monkeypatch.context() as world:
        world.setattr(sqlite3, "connect", functools.partial(sqlite3.connect, factory=failing(READ_ONLY, "SELECT")))
        ran = run(crm, *words, "--json")
    assert (ran.exit_code, ran.json["error"]["code"], "read-only" in ran.stderr) == (1, "database", True)


def test_a_plugin_that_is_named_twice_is_told_once(crm: Besace, run: Run, tmp_path: Path) -> None:
    assert run(crm, "plugin", "enable", "persons", "persons", "--json").json["enabled"] == ["persons"]
    made = run(None, "init", str(tmp_path / "new"), "--with", "persons,,persons", "--json")
    assert made.json["plugins"] == ["persons"]


def hold(crm: Besace) -> sa.Connection:
    """Another process in the middle of a write that no one else's can go beside."""
    other = crm.writer.connect()
    other.begin()
    other.execute(sa.select(schema.meta).with_for_update())
    return other


def test_a_locked_database_is_waited_for_and_then_told(crm: Besace, run: Run) -> None:
    with (crm.folder / "besace.toml").open("a") as config:
        config.write("wait = 0.1\n")
    before = dump(crm)
    with closing(hold(crm)):
        begun = time.monotonic()
        ran = run(crm, "sample", "create", "--name", "Bell")
        assert time.monotonic() - begun > 0.1
        assert run(crm, "sample", "list").exit_code == 0  # reading goes on
    assert (ran.exit_code, ran.stdout) == (1, "")
    assert "The database is busy" in ran.stderr
    assert "Nothing was stored. Try again in a moment." in ran.stderr
    assert dump(crm) == before


def test_a_lock_that_is_given_back_in_time_is_no_error(crm: Besace, run: Run) -> None:
    with closing(hold(crm)) as other:
        timer = threading.Timer(0.2, other.rollback)
        timer.start()
        assert run(crm, "sample", "create", "--name", "Bell").exit_code == 0
        timer.join()


def besace(crm: Besace, *words: str, **options: Any) -> subprocess.Popen[bytes]:
    program = [sys.executable, "-m", "besace", "--install", str(crm.folder), "--as", "alice", *words]
    return subprocess.Popen(program, stderr=subprocess.PIPE, **options)


def test_an_output_that_cannot_be_written_is_told(crm: Besace) -> None:
    with open("/dev/full", "wb") as full:
        process = besace(crm, "user", "list", stdout=full)
        _out, told = process.communicate(timeout=60)
    last = told.decode().splitlines()[-1]
    assert (process.returncode, last) == (1, "Error: The output cannot be written: No space left on device.")


def test_a_reader_that_has_seen_enough_is_no_error(crm: Besace) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    process = besace(crm, "user", "list", stdout=writing)
    os.close(writing)
    _out, told = process.communicate(timeout=60)
    assert (process.returncode, b"Traceback" in told, b"Error" in told) == (1, False, False)
