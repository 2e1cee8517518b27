"""Folders and databases that are not as they should be: a sentence, and nothing stored."""

from __future__ import annotations

import sqlite3
import threading

import pytest
import sqlalchemy as sa
from sqlalchemy import event

from besace import Besace, entities, reading
from besace.errors import BesaceError, DatabaseUnavailable, InstallError, InvalidValue, PluginError
from besace.testing.fixtures import on_sqlite

from .toys import toy


def opened(folder):
    with Besace.open(folder, user="alice", plugins={"toy": toy}) as crm, crm.read() as work:
        return work.user


def test_a_new_install_works_at_once(tmp_path, besace_environment):
    with Besace.init(tmp_path / "a" / "b", user="alice", enable=["toy"], plugins={"toy": toy}, currency="usd") as crm:
        made = crm.write(lambda work: entities.create(work, "gadget", name="Bell", price="3"))
        assert str(made.price) == "3.00 USD"
    assert opened(tmp_path / "a" / "b") == "alice"


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"currency": "XYZ"}, InvalidValue),
        ({"enable": ["tyo"]}, PluginError),
        ({"language": "xx"}, BesaceError),
    ],
    ids=["currency", "plugin", "language"],
)
def test_an_install_that_cannot_be_made_leaves_nothing_in_its_way(tmp_path, besace_environment, options, error):
    with pytest.raises(error):
        Besace.init(tmp_path / "new", user="alice", plugins={"toy": toy}, **options)
    assert not (tmp_path / "new").exists()
    Besace.init(tmp_path / "new", user="alice").close()
    assert opened(tmp_path / "new") == "alice"


def test_an_install_is_not_made_over_another(tmp_path, crm, besace_environment):
    with pytest.raises(InstallError, match="already is an install"):
        Besace.init(crm.folder)
    (tmp_path / "besace.sqlite3").write_bytes(b"precious")
    with pytest.raises(InstallError, match=r"besace\.sqlite3 already exists"):
        Besace.init(tmp_path)
    assert (tmp_path / "besace.sqlite3").read_bytes() == b"precious"


def test_a_folder_that_cannot_be_made_is_told(tmp_path, besace_environment):
    (tmp_path / "file").write_text("")
    with pytest.raises(InstallError, match="cannot be made: Not a directory"):
        Besace.init(tmp_path / "file" / "x")


@pytest.mark.parametrize(
    ("config", "words"),
    [
        (None, "is not an install: it has no besace.toml. Make one with: besace init"),
        ("database = ", "cannot be read"),
        ("\udcff", "cannot be read"),
        ("x = 1", "does not say where the database is"),
        ('database = "sqlite:///gone.sqlite3"', "gone.sqlite3 does not exist"),
        ('database = "nonsense"', '"nonsense" is not the address of a database'),
        ('database = "mysql://x/y"', 'Databases of the kind "mysql" are not supported'),
        ('database = "sqlite:///besace.sqlite3"\nwait = "long"', 'wait = "long" is not a number of seconds'),
        ('database = "sqlite:///besace.sqlite3"\nwait = -1', "is not a number of seconds"),
    ],
)
def test_a_folder_that_is_no_install_gives_a_sentence(tmp_path, config, words):
    (tmp_path / "besace.sqlite3").write_bytes(b"")
    if config is not None:
        (tmp_path / "besace.toml").write_bytes(config.encode("utf-8", "surrogateescape"))
    with pytest.raises(InstallError) as refused:
        opened(tmp_path)
    assert words in str(refused.value)


def test_a_file_is_no_install(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(InstallError, match="is not an install"):
        opened(tmp_path / "file")


@pytest.mark.parametrize(
    ("made", "words"),
    [
        ("CREATE TABLE other (x)", "is not a Besace database"),
        ("CREATE TABLE install (x)", "is not a Besace database"),
        ("CREATE TABLE install (key, value)", "is not a Besace database"),
        ("", "is not a Besace database"),
        (
            b"this is no database at all, but a text of some length",
            "is not a Besace database, or it is damaged",
        ),
    ],
)
def test_a_database_that_is_not_ours_gives_a_sentence(tmp_path, made, words):
    (tmp_path / "besace.toml").write_text('database = "sqlite:///besace.sqlite3"')
    path = tmp_path / "besace.sqlite3"
    if isinstance(made, bytes):
        path.write_bytes(made * 100)
    else:
        connection = sqlite3.connect(path)
        connection.executescript(made)
        connection.close()
    before = path.read_bytes()
    with pytest.raises(InstallError) as refused:
        opened(tmp_path)
    assert words in str(refused.value)
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    ("pragma", "words"),
    [
        ("max_page_count = 1", "The disk is full. Nothing was stored. Make room"),
        (
            "query_only = ON",
            "The database cannot be written: its file or folder is read-only. Nothing was stored.",
        ),
    ],
    ids=["full", "read-only"],
)
@pytest.mark.parametrize("with_function", [True, False])
@on_sqlite
def test_a_disk_that_takes_nothing_gives_a_sentence_and_nothing_is_stored(crm, reopen, pragma, words, with_function):
    crm = reopen(crm)

    @event.listens_for(crm.writer, "connect")
    def refuse(connection, _record):
        connection.execute(f"PRAGMA {pragma}")

    def act(work):
        return entities.create_many(work, "gadget", [{"name": "x" * 150}] * 200)

    def in_a_block(act):
        with crm.write() as work:
            act(work)

    write = crm.write if with_function else in_a_block
    with pytest.raises(DatabaseUnavailable) as refused:
        write(act)
    assert words in str(refused.value)
    with crm.read() as work:
        assert reading.count(work, work.crm.registry.type("gadget"))[0].count == 0


def test_an_install_is_opened_once_more_for_another_who_acts(crm):
    crm.write(lambda work: entities.create(work, "user", name="bob"))
    other = crm.again(user="bob", language="fr")
    with other.read() as theirs, crm.read() as ours:
        assert (theirs.user, theirs.language, ours.user, ours.language) == ("bob", "fr", "alice", "en")
    assert other.engines is crm.engines
    other.disable("toy")
    assert "gadget" not in crm.again(user="bob").registry.types


def test_a_bug_is_not_dressed_up_as_a_sentence(crm):
    with pytest.raises(sa.exc.DBAPIError, match=r"no such table|does not exist"), crm.write() as work:
        work.execute(sa.text("SELECT * FROM nowhere"))


def test_text_is_compared_without_case_and_accents_in_the_database(crm):
    with crm.read() as work:
        assert work.scalar(sa.text("SELECT besace_fold('ÉTÉ Straße')")) == "ete strasse"
        assert work.scalar(sa.text("SELECT besace_fold(NULL)")) is None


# ---- several at once ---------------------------------------------------------------------------------------


def test_of_several_who_make_an_install_at_once_one_does_and_it_stays(besace_databases, besace_environment, tmp_path):
    database, told, made = besace_databases.new(), [], []
    begin = threading.Barrier(3)

    def init(n: int) -> None:
        folder = tmp_path / (f"crm{n}" if besace_databases.is_postgresql else "crm")
        begin.wait(20)
        try:
            Besace.init(folder, user="alice", database=database).close()
            made.append(folder)
        except InstallError as error:
            told.append(str(error))

    threads = [threading.Thread(target=init, args=(n,)) for n in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(made) == 1
    assert len(told) == 2
    with Besace.open(made[0]) as crm, crm.read(user="alice") as work:
        assert work.user == "alice"
