"""Restoring: an install as it was, or a sentence and nothing kept."""

from __future__ import annotations

import hashlib
import json
import signal
import sqlite3
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from besace import Besace, entities, reading
from besace.errors import BesaceError, InstallError, NotFound, PluginError, Refused
from besace.transfer.restoring import DATABASE, restore

from .archives import checksums, lines, rewritten, written
from .test_migrations import kites as kites
from .toys import extra, plugin, toy


@pytest.fixture(scope="session")
def besace_databases(_besace_sqlite):
    """SQLite alone: an archive is the same whatever it was written from, as `test_archive` shows."""
    return _besace_sqlite


@pytest.fixture
def whole(lived_in, tmp_path):
    """A good archive."""
    written(lived_in, tmp_path / "whole.zip")
    return tmp_path / "whole.zip"


def refused(path, folder, kind, words, **options):
    """Restoring is refused with a sentence, and leaves nothing."""
    options.setdefault("plugins", {"toy": toy, "extra": extra})
    with pytest.raises(kind) as error:
        restore(path, folder, **options)
    assert words in str(error.value)
    assert not folder.exists()


def test_an_install_arrives_in_a_folder_that_had_to_be_made(whole, lived_in, tmp_path):
    made = restore(whole, tmp_path / "a" / "b", plugins={"toy": toy, "extra": extra})
    before = checksums(lived_in)
    assert (made.rows, made.tables) == (sum(rows for rows, _sha in before.values()), len(before))
    with Besace.open(tmp_path / "a" / "b", user="alice", plugins=lived_in.extra) as crm:
        assert checksums(crm) == before


def test_a_restored_install_is_the_same_install(whole, lived_in, tmp_path):
    made = restore(whole, tmp_path / "new", plugins=lived_in.extra)
    ids = {row[0]: row[1] for row in lines(whole, "install")}
    assert made.id == ids["id"]
    with Besace.open(tmp_path / "new", user="alice", plugins=lived_in.extra) as crm:
        assert {row[0]: row[1] for row in lines_of(crm, tmp_path)} == ids


def lines_of(crm, folder):
    written(crm, folder / "again.zip")
    return lines(folder / "again.zip", "install")


def test_a_flipped_byte_anywhere_gives_a_sentence_and_keeps_nothing(whole, tmp_path):
    content = whole.read_bytes()

    @given(st.integers(0, len(content) - 1), st.integers(1, 255))
    @settings(max_examples=150)
    def check(place, mask):
        spoilt = bytearray(content)
        spoilt[place] ^= mask
        (tmp_path / "spoilt.zip").write_bytes(spoilt)
        refused(tmp_path / "spoilt.zip", tmp_path / "new", Refused, "spoilt.zip is ")

    check()


@pytest.mark.parametrize("kept", [0, 3, 60, 63, 64, 1000, -1])
def test_a_truncated_archive_gives_a_sentence_and_keeps_nothing(whole, tmp_path, kept):
    (tmp_path / "cut.zip").write_bytes(whole.read_bytes()[:kept])
    refused(tmp_path / "cut.zip", tmp_path / "new", Refused, "cut.zip is ")


def test_what_is_no_archive_gives_a_sentence(tmp_path):
    (tmp_path / "text").write_text("PK is not enough")
    (tmp_path / "folder").mkdir()
    with zipfile.ZipFile(tmp_path / "other.zip", "w") as file:
        file.writestr("hello", "hello")
    new = tmp_path / "new"
    refused(tmp_path / "gone", new, NotFound, "There is no file")
    refused(tmp_path / "text", new, Refused, "is not an archive of Besace. Expected a file written by: besace backup")
    refused(tmp_path / "folder", new, Refused, "cannot be read: Is a directory")
    refused(tmp_path / "other.zip", new, Refused, "is damaged, or it is not complete")


def changed(whole, **values):
    """The manifest with other values, as JSON."""
    with zipfile.ZipFile(whole) as file:
        told = json.loads(file.read("manifest.json"))
    return json.dumps({**told, **values}).encode()


@pytest.mark.parametrize(
    ("members", "words"),
    [
        ({"manifest": None}, "is damaged"),
        ({"manifest": b"{"}, "is damaged"),
        ({"manifest": b"[]"}, "is damaged"),
        ({"manifest": b'{"format": 1}'}, "is damaged"),
        ({"manifest": b'{"format": 9, "else": 1}'}, "has the format 9, and this program reads the format 2. Upgrade"),
        ({"gadget": None}, "is damaged"),
        ({"gadget": b"nonsense\n"}, "is damaged"),
        ({"gadget": b"[1,2]\n"}, 'Rows of the table "gadget" cannot be stored'),
        ({"gadget": b"7\n"}, 'Rows of the table "gadget" cannot be stored'),
        ({"entity": b""}, 'The rows of the table "entity" are not the same in the new database: 0 of'),
        ({"user": b"[1,null,null,false,null,null,null]\n"}, 'Rows of the table "user" cannot be stored'),
        ({"change": b'[1,"yesterday","api",null,1,"u"]\n'}, '"change" cannot be stored: Invalid isoformat'),
    ],
)  # fmt: skip
def test_an_archive_that_was_made_wrong_gives_a_sentence_and_keeps_nothing(whole, tmp_path, members, words):
    path = rewritten(whole, tmp_path / "wrong.zip", **members)
    refused(path, tmp_path / "new", Refused, words)


def test_an_archive_of_a_part_or_of_another_format_of_install_is_refused(whole, tmp_path):
    part = rewritten(whole, tmp_path / "part.zip", manifest=changed(whole, partial=True))
    refused(part, tmp_path / "new", Refused, "holds a part of an install and cannot be restored. It is a zip")
    other = rewritten(whole, tmp_path / "other.zip", manifest=changed(whole, install_format="2"))
    refused(other, tmp_path / "new", Refused, "has the format 2, and this program reads the format 1. Upgrade")


def test_a_table_that_the_code_makes_otherwise_is_refused_by_the_name_of_the_column(whole, tmp_path):
    with zipfile.ZipFile(whole) as file:
        told = json.loads(file.read("manifest.json"))
    (user,) = (table for table in told["tables"] if table["name"] == "user")
    user["columns"].append({"name": "shoe", "type": "text", "length": None, "nullable": True})
    path = rewritten(whole, tmp_path / "more.zip", manifest=json.dumps(told).encode())
    refused(path, tmp_path / "new", Refused, 'The data have a column "shoe" in the table "user" that the code here')
    user["columns"] = [c for c in user["columns"] if c["name"] not in ("shoe", "email")]
    path = rewritten(whole, tmp_path / "less.zip", manifest=json.dumps(told).encode())
    refused(path, tmp_path / "new", Refused, 'The code here makes a column "email" in the table "user" that the data')


def test_rows_that_would_refer_to_nothing_are_refused(whole, tmp_path):
    with zipfile.ZipFile(whole) as file:
        told = json.loads(file.read("manifest.json"))
        rows = file.read("tables/trash.jsonl")
    wrong = b"[99" + rows[rows.index(b",") :]
    (trash,) = (table for table in told["tables"] if table["name"] == "trash")
    trash["sha256"] = hashlib.sha256(wrong).hexdigest()
    path = rewritten(whole, tmp_path / "wrong.zip", trash=wrong, manifest=json.dumps(told).encode())
    refused(path, tmp_path / "new", BesaceError, "Rows of trash would refer to nothing")


def test_tables_that_cannot_be_made_are_told_with_their_plugin(whole, tmp_path):
    with zipfile.ZipFile(whole) as file:
        told = json.loads(file.read("manifest.json"))
    (sticker,) = (table for table in told["tables"] if table["name"] == "sticker")
    sticker["indexes"] += [{**index, "columns": ["text"]} for index in sticker["indexes"]]
    path = rewritten(whole, tmp_path / "wrong.zip", manifest=json.dumps(told).encode())
    refused(path, tmp_path / "new", Refused, "The tables of the plugin extra cannot be made here: index ")


# ---- the plugins ---------------------------------------------------------------------------------


def test_an_archive_whose_plugins_are_not_here_is_refused_with_the_way_on(both, tmp_path):
    written(both, tmp_path / "a.zip")
    words = "needs plugins that are not on this machine, or are older here: extra 0. Install them with pip. Or keep"
    refused(tmp_path / "a.zip", tmp_path / "new", PluginError, words, plugins={"toy": toy})
    broken = plugin(requires=("toy",))
    refused(tmp_path / "a.zip", tmp_path / "new", PluginError, "--without toy,extra", plugins={"other": broken})


def test_a_plugin_left_out_is_disabled_and_keeps_its_rows(both, tmp_path, reopen):
    both.write(lambda work: entities.create(work, "widget", title="Wheel"))
    before = checksums(both)
    written(both, tmp_path / "a.zip")
    made = restore(tmp_path / "a.zip", tmp_path / "new", without=["extra"], plugins={"toy": toy})
    assert made.disabled == ["extra"]
    with Besace.open(tmp_path / "new", user="alice", plugins={"toy": toy}) as crm:
        assert crm.host.quarantine == {}
        after = checksums(crm)
        again = reopen(crm, toy=toy, extra=extra)
    assert {name for name in before if before[name] != after[name]} == {"plugin"}
    assert again.enable(["extra"]) == ["extra"]
    with again.read() as work:
        assert {"widget", "gadget"} <= set(work.crm.registry.types)


@pytest.mark.parametrize("name", ["extar", "core"])
def test_a_plugin_that_the_archive_does_not_have_cannot_be_left_out(both, tmp_path, name):
    written(both, tmp_path / "a.zip")
    words = f'The archive has no plugin "{name}" that could be left out.'
    refused(tmp_path / "a.zip", tmp_path / "new", PluginError, words, without=[name])


def test_a_plugin_is_restored_at_the_revision_of_its_rows_and_upgraded_from_there(make_install, kites, tmp_path):
    crm = make_install(plugins={"kites": kites(1)})
    crm.write(lambda work: entities.create(work, "kite", name="Dragon"))
    written(crm, tmp_path / "old.zip")
    newer = {"kites": kites(2)}
    made = restore(tmp_path / "old.zip", tmp_path / "new", plugins=newer)
    assert made.older == ["kites"]
    with Besace.open(tmp_path / "new", user="alice", plugins=newer) as again:
        assert again.upgrade() == ["kites"]
        written(again, tmp_path / "new.zip")
    kites(1)
    words = "are older here: kites 2"
    refused(tmp_path / "new.zip", tmp_path / "third", PluginError, words, plugins={"kites": kites(1)})


def test_a_plugin_whose_code_was_absent_goes_on_from_its_revision(make_install, kites, tmp_path):
    crm = make_install(plugins={"kites": kites(1)})
    crm.write(lambda work: entities.create(work, "kite", name="Dragon"))
    written(crm, tmp_path / "old.zip")
    restore(tmp_path / "old.zip", tmp_path / "new", without=["kites"])
    with Besace.open(tmp_path / "new", user="alice", plugins={"kites": kites(2)}) as again:
        assert again.enable(["kites"]) == ["kites"]
        with again.read() as work:
            assert [k.label for k in reading.page(work, work.crm.registry.type("kite"))] == ["Dragon"]


def test_an_archive_of_a_newer_core_is_refused(whole, tmp_path):
    with zipfile.ZipFile(whole) as file:
        told = json.loads(file.read("manifest.json"))
    told["plugins"][0]["revision"] = "0999"
    told["version"] = "9.1"
    path = rewritten(whole, tmp_path / "new.zip", manifest=json.dumps(told).encode())
    words = "written by Besace 9.1, which is newer than this program. Upgrade the program"
    refused(path, tmp_path / "new", InstallError, words)


# ---- where it goes -------------------------------------------------------------------------------


def test_an_install_is_not_restored_over_another(whole, lived_in):
    before = checksums(lived_in)
    with pytest.raises(InstallError, match="already is an install"):
        restore(whole, lived_in.folder, plugins=lived_in.extra)
    assert checksums(lived_in) == before


def test_a_database_that_is_not_empty_is_left_alone(whole, lived_in, tmp_path):
    (tmp_path / "new").mkdir()
    taken = tmp_path / "new" / "besace.sqlite3"
    with sqlite3.connect(taken) as connection:
        connection.execute("CREATE TABLE precious (x)")
    connection.close()
    before = taken.read_bytes()
    with pytest.raises(InstallError, match=r"The database sqlite:///besace\.sqlite3 is not empty. Choose another"):
        restore(whole, tmp_path / "new", plugins=lived_in.extra)
    assert taken.read_bytes() == before
    taken.write_bytes(b"precious, and no database at all " * 9)
    with pytest.raises(InstallError, match="not a Besace database, or it is damaged"):
        restore(whole, tmp_path / "new", plugins=lived_in.extra)
    assert taken.read_bytes().startswith(b"precious")


@pytest.mark.parametrize(
    ("database", "words"),
    [
        ("nonsense", '"nonsense" is not the address of a database'),
        ("mysql://x/y", 'Databases of the kind "mysql" are not supported'),
        ("sqlite:///gone/besace.sqlite3", "gone/besace.sqlite3 cannot be opened. Check its address"),
    ],
)
def test_a_database_that_cannot_be_used_gives_a_sentence(whole, tmp_path, database, words):
    refused(whole, tmp_path / "new", BesaceError, words, database=database)


def test_a_folder_that_cannot_be_made_gives_a_sentence(whole, lived_in):
    with pytest.raises(InstallError, match="cannot be made: Not a directory"):
        restore(whole, whole / "x", plugins=lived_in.extra)


def test_a_folder_that_held_something_keeps_it(whole, tmp_path):
    (tmp_path / "new").mkdir()
    (tmp_path / "new" / "notes").write_text("mine")
    with pytest.raises(PluginError):
        restore(whole, tmp_path / "new", plugins={})
    assert [p.name for p in (tmp_path / "new").iterdir()] == ["notes"]


# ---- killed --------------------------------------------------------------------------------------

RESTORE_AND_DIE = """
import importlib.util, os, signal, sys
from besace.transfer import arriving, portable, restoring

file, folder, toys, last, url = sys.argv[1:]
spec = importlib.util.spec_from_file_location("toys", toys)
module = sys.modules["toys"] = importlib.util.module_from_spec(spec)
spec.loader.exec_module(module)
portable.PAGE = 1

def die():
    os.kill(os.getpid(), signal.SIGKILL)

def progress(done, total):
    if str(done) == last:
        die()

if last == "filled":
    restoring.write_config = lambda *_words, **_options: die()
if last == "named":
    arriving.Arrival.settle = lambda _arrival: die()
plugins = {"toy": module.toy, "extra": module.extra}
restoring.restore(file, folder, database=url, plugins=plugins, progress=progress)
"""


@pytest.mark.parametrize("last", ["1", "9", "40", "60", "85", "filled", "named"])
def test_a_restore_that_was_killed_is_run_again(whole, lived_in, tmp_path, new_database, last):
    toys = Path(__file__).with_name("toys.py")
    new = tmp_path / "new"
    words = [sys.executable, "-c", RESTORE_AND_DIE, str(whole), str(new), str(toys), last, new_database]
    assert subprocess.run(words, check=False).returncode == -signal.SIGKILL
    if last == "named":
        with pytest.raises(InstallError, match="already is an install"):
            restore(whole, new, database=new_database, plugins=lived_in.extra)
    else:
        restore(whole, new, database=new_database, plugins=lived_in.extra)
    with Besace.open(new, user="alice", plugins=lived_in.extra) as crm:
        assert checksums(crm) == checksums(lived_in)


def test_another_archive_is_not_mixed_with_one_that_was_killed(whole, lived_in, both, tmp_path):
    toys = Path(__file__).with_name("toys.py")
    new = tmp_path / "new"
    words = [sys.executable, "-c", RESTORE_AND_DIE, str(whole), str(new), str(toys), "filled", DATABASE]
    subprocess.run(words, check=False)
    both.write(lambda work: entities.create(work, "gadget", name="Later").id)
    written(lived_in, tmp_path / "later.zip")
    with pytest.raises(InstallError, match="is not empty"):
        restore(tmp_path / "later.zip", new, plugins=lived_in.extra)
