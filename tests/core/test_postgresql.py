"""What is about PostgreSQL alone: its server, its address, and what another unit does between two statements."""

from __future__ import annotations

import importlib.metadata
import os
import signal
import subprocess
import sys
import threading
import time
import unicodedata
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from besace import Besace, bin, entities, reading, relations, settings
from besace.dialects import bytewise, folded, make_functions
from besace.engines import check_server, without_password
from besace.errors import BesaceError, DatabaseUnavailable, InstallError, Refused
from besace.relations import Link
from besace.testing.fixtures import Databases, on_postgresql
from besace.testing.postgres import Server, binaries, copied
from besace.texts import fold


@on_postgresql
def test_texts_are_folded_as_python_folds_them_for_every_character_that_it_knows(crm: Besace) -> None:
    known = [c for c in map(chr, range(1, sys.maxunicode + 1)) if unicodedata.category(c) not in ("Cn", "Cs")]
    with crm.read() as work:
        asked = sa.text("SELECT c, besace_fold(c) FROM unnest(CAST(:known AS text[])) AS c")
        wrong = [(c, found, fold(c)) for c, found in work.execute(asked, {"known": known}) if found != fold(c)]
    assert wrong == []
    assert len(known) > 250_000


def test_texts_are_sorted_by_their_bytes_whatever_the_language_of_the_database() -> None:
    name = sa.column("name", sa.Text())
    said = [str(one.compile(dialect=postgresql.dialect())) for one in (folded(name), bytewise(name))]
    assert said == ['(besace_fold(name) COLLATE "C")', '(name COLLATE "C")']


# ---- the server ----------------------------------------------------------------------------------------


def test_a_server_ends_with_the_process_that_started_it() -> None:
    code = (
        "from besace.testing.postgres import Server; server = Server().start();"
        "print(server.process.pid, server.folder, flush=True); input()"
    )
    owner = subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert owner.stdout is not None
    pid, folder = owner.stdout.readline().split()
    os.kill(int(pid), 0)
    owner.send_signal(signal.SIGKILL)
    owner.communicate()
    until = time.monotonic() + 20
    while Path(f"/proc/{pid}/exe").exists() and time.monotonic() < until:
        time.sleep(0.05)
    assert not Path(f"/proc/{pid}").exists() or "zombie" in Path(f"/proc/{pid}/status").read_text()
    assert subprocess.call(["rm", "-rf", folder]) == 0


def test_the_driver_is_in_the_extra_that_the_hint_names() -> None:
    extra = [
        r for r in importlib.metadata.requires("besace-core") or [] if 'extra == "postgres"' in r.replace("'", '"')
    ]
    assert [r.split("[")[0] for r in extra] == ["psycopg"]


def test_binaries_that_are_not_where_they_are_said_to_be_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BESACE_TEST_PG_BIN", "/nowhere")
    with pytest.raises(RuntimeError, match=r"BESACE_TEST_PG_BIN is /nowhere, where there is no program postgres"):
        binaries()


@pytest.mark.parametrize(
    ("version", "encoding", "words"),
    [
        (150018, "UTF8", "The database server is PostgreSQL 15, and 18 or newer is needed. Upgrade the server"),
        (180006, "LATIN1", "The database has the encoding LATIN1, and UTF8 is needed. Make another one with: createdb"),
    ],
)
def test_a_server_that_cannot_keep_everything_is_refused(version: int, encoding: str, words: str) -> None:
    with pytest.raises(InstallError) as refused:
        check_server(version, encoding)
    assert words in str(refused.value)
    check_server(180000, "UTF8")


def test_a_database_of_another_encoding_is_refused_before_anything_is_made(
    besace_server: Server, tmp_path: Path
) -> None:
    besace_server.sql("CREATE DATABASE latin ENCODING 'LATIN1' LOCALE 'C' LOCALE_PROVIDER libc TEMPLATE template0")
    with pytest.raises(InstallError, match="the encoding LATIN1"):
        Besace.init(tmp_path / "crm", user="alice", database=besace_server.url("latin"))
    tables = "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"
    assert besace_server.sql(tables, database="latin") == [(0,)]
    besace_server.drop("latin")


@on_postgresql
def test_a_database_that_is_not_empty_is_left_alone(crm: Besace, tmp_path: Path) -> None:
    with pytest.raises(InstallError, match="The database is not empty: it has a table"):
        Besace.init(tmp_path / "other", user="bob", database=crm.config["database"])
    with crm.read() as work:
        assert work.user == "alice"


@on_postgresql
def test_an_install_that_cannot_be_made_leaves_the_database_empty(
    besace_databases: Databases, tmp_path: Path, besace_environment: None
) -> None:
    database = besace_databases.new()
    with pytest.raises(BesaceError, match="nowhere"):
        Besace.init(tmp_path / "crm", user="alice", database=database, enable=["nowhere"])
    with Besace.init(tmp_path / "crm", user="alice", database=database) as crm, crm.read() as work:
        assert work.user == "alice"


@on_postgresql
def test_without_patience_nobody_is_waited_for(crm: Besace, reopen: Callable[..., Besace]) -> None:
    hasty = reopen(crm, "wait = 0")
    with hasty.writer.connect() as connection:
        assert connection.exec_driver_sql("SHOW lock_timeout").scalar() == "1ms"  # 0 would be for ever


@on_postgresql
def test_a_copy_of_the_binaries_of_a_server_runs(besace_databases: Databases, tmp_path: Path) -> None:
    found = binaries()
    assert found is not None
    copy = copied(found, tmp_path / "server")
    told = subprocess.run([copy / "initdb", "--version"], check=True, capture_output=True, env={"LC_ALL": "C"})
    assert told.stdout.startswith(b"initdb (PostgreSQL)")


def test_an_unreachable_server_is_told_without_the_password(tmp_path: Path) -> None:
    for url in ("postgresql://ann:s3cret@/x?host=/nowhere", "postgresql:///x?host=/nowhere&password=s3cret&user=ann"):
        assert "s3cret" not in without_password(url)
        with pytest.raises(DatabaseUnavailable, match="The database cannot be reached") as refused:
            Besace.init(tmp_path / "crm", user="alice", database=url)
        assert "s3cret" not in str(refused.value)
    for url in ("postgresql://ann:x@s3cret@h/x", "postgresql://ann:x/s3cret@h/x"):
        assert "s3cret" not in without_password(url)
    assert without_password("postgresql://h:5432/x?user=a") == "postgresql://h:5432/x?user=a"
    for address in ("ann:s3cret@h/x?nonsense=1", "ann:x@s3cret@h/x"):
        with pytest.raises(InstallError) as wrong:
            Besace.init(tmp_path / "crm", user="alice", database=f"postgresql://{address}")
        assert "s3cret" not in str(wrong.value)


@on_postgresql
def test_a_password_in_besace_toml_is_for_its_owner_alone(
    besace_databases: Databases, besace_environment: None, tmp_path: Path
) -> None:
    Besace.init(tmp_path / "crm", user="alice", database=f"{besace_databases.new()}&password=s3cret").close()
    assert (tmp_path / "crm" / "besace.toml").stat().st_mode & 0o077 == 0


@on_postgresql
def test_a_statement_that_the_server_ends_gives_a_sentence(crm: Besace) -> None:
    def dawdle(work: Any) -> None:
        work.execute(sa.text("SET LOCAL statement_timeout = 10"))
        work.execute(sa.text("SELECT pg_sleep(5)"))

    with pytest.raises(DatabaseUnavailable, match="ended a statement that took longer"):
        crm.write(dawdle)


# ---- what another unit does meanwhile ------------------------------------------------------------------


@pytest.fixture
def meanwhile(crm: Besace) -> Callable[..., None]:
    """Let another unit write and commit while one is in the middle: in a thread, as it would be in a process."""

    def run(unit: Callable[[Any], object]) -> None:
        other = threading.Thread(target=lambda: crm.write(unit))
        other.start()
        other.join(20)
        assert not other.is_alive()

    return run


@on_postgresql
def test_what_was_judged_from_older_values_is_judged_again(
    crm: Besace, gadget: Callable[..., int], meanwhile: Callable[..., None]
) -> None:
    made, seen = gadget("Bell", number="1"), []

    def double(work: Any) -> None:
        bell = reading.get(work, "gadget", made)
        seen.append(bell.number)
        if len(seen) == 1:
            meanwhile(lambda other: entities.edit(other, reading.get(other, "gadget", made), number=10))
        entities.edit(work, bell, number=bell.number * 2)

    crm.write(double)
    with crm.read() as work:
        assert reading.get(work, "gadget", made).number == 20
    assert seen == [1, 10]


@on_postgresql
def test_the_attributes_that_two_give_to_one_relation_are_both_kept(
    crm: Besace, gadget: Callable[..., int], meanwhile: Callable[..., None]
) -> None:
    one, two = gadget("One"), gadget("Two")
    done: list[int] = []

    def give(work: Any) -> None:
        reading.get(work, "gadget", one)
        if not done:
            done.append(1)
            meanwhile(lambda other: relations.link(other, one, "knows", two, note="here"))
        relations.link_many(work, [Link(one, "knows", two, {"since": "2026-01-01"})])

    crm.write(give)
    with crm.read() as work:
        (link,) = relations.related(work, one)
    assert link.attributes == {"note": "here", "since": "2026-01-01"}


@on_postgresql
def test_a_name_that_two_choose_at_once_belongs_to_one(crm: Besace) -> None:
    told: list[str] = []

    def create() -> None:
        try:
            crm.write(lambda work: entities.create(work, "user", name="bob"))
        except Refused as error:
            told.append(str(error))

    threads = [threading.Thread(target=create) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert told == ['There is already a user "bob". Choose another name.'] * 3


@on_postgresql
def test_a_setting_that_two_change_at_once_is_one(crm: Besace) -> None:
    threads = [
        threading.Thread(target=lambda n=n: crm.write(lambda work: settings.change(work, "shelf", n))) for n in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    with crm.read() as work:
        assert work.setting("shelf") in range(4)


@on_postgresql
def test_who_changes_the_set_of_plugins_waits_for_units_that_write(crm: Besace) -> None:
    order: list[str] = []

    def disable() -> None:
        crm_too.disable("toy")
        order.append("disabled")

    with Besace.open(crm.folder, user="alice", plugins=crm.extra) as crm_too:
        with crm.write() as work:
            entities.create(work, "gadget", name="Bell")
            other = threading.Thread(target=disable)
            other.start()
            other.join(0.3)
            order.append("written")
        other.join(30)
    assert order == ["written", "disabled"]


@on_postgresql
def test_of_two_who_upgrade_at_once_the_second_waits_for_the_first(crm: Besace) -> None:
    moved: list[Any] = []
    with Besace.open(crm.folder, user="alice", plugins=crm.extra) as crm_too:
        with crm.writer.begin() as connection:
            make_functions(connection)
            other = threading.Thread(target=lambda: moved.append(crm_too.upgrade()))
            other.start()
            other.join(0.5)
            assert moved == []
        other.join(30)
    assert moved == [[]]


@on_postgresql
def test_an_install_that_another_makes_in_the_database_meanwhile_is_left_alone(
    besace_databases: Databases, besace_server: Server, besace_environment: None, tmp_path: Path
) -> None:
    database, told = besace_databases.new(), []

    def init() -> None:
        with pytest.raises(InstallError) as refused:
            Besace.init(tmp_path / "crm", user="alice", database=database)
        told.append(str(refused.value))

    other = sa.create_engine(database.replace("postgresql:", "postgresql+psycopg:"))
    with other.begin() as connection:  # not seen until it is committed
        connection.exec_driver_sql("CREATE TABLE install (theirs integer)")
        one = threading.Thread(target=init)
        one.start()
        one.join(2)
    one.join(30)
    with other.connect() as connection:
        assert sa.inspect(connection).get_table_names() == ["install"]
    other.dispose()
    assert told == [
        "The database is not empty: it has a table install. Make a database of its own for each install: createdb NAME"
    ]


@on_postgresql
def test_who_edits_an_entity_does_not_wait_for_those_who_refer_to_it(
    crm: Besace, gadget: Callable[..., int], meanwhile: Callable[..., None]
) -> None:
    ours, other = gadget("Ours"), gadget("Other")

    def refer(work: Any) -> None:
        relations.link(work, other, "knows", ours)
        meanwhile(lambda one: entities.edit(one, reading.get(one, "gadget", ours), number=3))

    crm.write(refer)
    with crm.read() as work:
        assert [reading.get(work, "gadget", ours).number, len(relations.related(work, ours))] == [3, 1]


@on_postgresql
def test_what_is_referred_to_at_this_moment_is_not_purged(crm: Besace, gadget: Callable[..., int]) -> None:
    bell, told = gadget("Bell"), []

    def purge() -> None:
        crm.write(lambda work: bin.delete(work, [bell]))
        with pytest.raises(Refused) as refused:
            crm.write(lambda work: bin.purge(work, bell))
        told.append(str(refused.value))

    with crm.write() as work:
        entities.create(work, "gadget", name="Clapper", friend=bell)
        other = threading.Thread(target=purge)
        other.start()
        other.join(0.5)
    other.join(30)
    assert told == [
        f'Gadget {bell} "Bell" cannot be purged: 1 row of the plugin "toy" refers to it. '
        "Leave it in the trash, or change or purge what refers to it first."
    ]
