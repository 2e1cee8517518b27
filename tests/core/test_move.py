"""Moving an install to another database: nothing is lost, nothing is mixed, and it can be given up."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
import tomllib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event

import pytest
import sqlalchemy as sa

from besace import Besace, entities, reading
from besace.errors import BesaceError, InstallError, Refused
from besace.relocation import Move, change_move
from besace.transfer import moving
from besace.transfer.arriving import config_text

from .archives import checksums
from .toys import plugin, toy

AWAY = "sqlite:///away.sqlite3"


@pytest.fixture
def away(besace_databases, request):
    """A database to move to, of the other kind than the install's."""
    return AWAY if besace_databases.is_postgresql else request.getfixturevalue("_besace_postgresql").new()


def opened(crm):
    return Besace.open(crm.folder, user="alice", plugins=crm.extra)


def create(crm, name="Bell"):
    return crm.write(lambda work: entities.create(work, "gadget", name=name).id)


def labels(crm):
    with crm.read() as work:
        return [g.label for g in reading.page(work, work.crm.registry.type("gadget"))]


def mark(crm):
    with crm.reader.connect() as connection:
        return connection.execute(sa.text("SELECT value FROM install WHERE key = 'move'")).scalar()


def test_an_install_is_in_the_other_database_with_all_its_rows(lived_in, away):
    before = checksums(lived_in)
    moved = moving.move(lived_in, away)
    assert (moved.to, moved.tables) == (away, {name: rows for name, (rows, _sha) in before.items()})
    with opened(lived_in) as crm:
        after = checksums(crm)
        assert "widget" not in crm.registry.types
        assert create(crm) > 0
    assert {name for name in before if after[name] != before[name]} == {"install"}  # its generation went up


def test_the_other_lines_of_besace_toml_stay(crm):
    config = crm.folder / "besace.toml"
    line = config.read_text().splitlines()[1]
    config.write_text(f"# Ours.\nwait = 9  # long\n  {line}  # here\n\n[x]\ndatabase = 1\n")
    config.chmod(0o640)
    moving.move(crm, AWAY)
    assert config.read_text() == f'# Ours.\nwait = 9  # long\ndatabase = "{AWAY}"\n\n[x]\ndatabase = 1\n'
    assert config.stat().st_mode & 0o777 == 0o640


@pytest.mark.parametrize("url", ['sqlite:///a "quoted" \\ name', "sqlite:///ü", "postgresql://me:p$%&\\1@host/db"])
def test_any_address_can_stand_in_besace_toml(crm, url):
    assert tomllib.loads(config_text(crm.folder, url))["database"] == url


def test_a_besace_toml_that_cannot_be_changed_is_refused_before_anything_else(crm):
    config = crm.folder / "besace.toml"
    config.write_text('"database" = "sqlite:///besace.sqlite3"\n')
    with pytest.raises(InstallError, match=r"cannot be changed. Write it on one line of its own: database = "):
        moving.move(crm, AWAY)
    config.write_text('x = """\ndatabase = 1\n"""\ndatabase = "sqlite:///besace.sqlite3"\n')
    with pytest.raises(InstallError, match=r"cannot be changed"):
        moving.move(crm, AWAY)
    assert (mark(crm), sorted(crm.folder.glob("*away*"))) == (None, [])
    create(crm)


def test_who_still_has_the_old_database_open_is_refused(crm):
    with opened(crm) as late:
        create(late)
        moving.move(crm, AWAY)
        words = r"was moved to sqlite:///away\.sqlite3; the data here are those of before. Start again"
        for act in (create, labels, lambda crm: crm.enable(["toy"]), lambda crm: crm.disable("toy"), Besace.upgrade):
            with pytest.raises(InstallError, match=words):
                act(late)
    with opened(crm) as again:
        assert labels(again) == ["Bell"]


def while_it_moves(crm, act):
    """Run `act` in the middle of a move; returns what it gave."""
    seen = []

    def progress(done, total):
        if not seen:
            seen.append(act())

    moving.move(crm, AWAY, progress=progress)
    return seen[0]


@pytest.fixture
def small_pages(monkeypatch):
    """Rows go one by one, so that tests can look between them."""
    monkeypatch.setattr("besace.transfer.portable.PAGE", 1)


def test_while_it_moves_others_read_and_cannot_write(crm, small_pages):
    create(crm)
    with opened(crm) as other:

        def act():
            words = r"is being moved to sqlite:///away\.sqlite3: it can be read but not changed. Try again when"
            for change in (create, lambda crm: crm.disable("toy"), lambda crm: crm.enable(["toy"]), Besace.upgrade):
                with pytest.raises(Refused, match=words):
                    change(other)
            return labels(other)

        assert while_it_moves(crm, act) == ["Bell"]
    with opened(crm) as again:
        assert labels(again) == ["Bell"]
        create(again, "Drum")


def test_a_move_waits_for_the_writers_before_it(crm):
    begun, go_on = Event(), Event()

    def write(work):
        entities.create(work, "gadget", name="just in time")
        begun.set()
        go_on.wait(1)

    with ThreadPoolExecutor() as pool, opened(crm) as other:
        writing = pool.submit(lambda: other.write(write))
        begun.wait()
        moving_away = pool.submit(lambda: moving.move(crm, AWAY))
        go_on.wait(0.3)
        go_on.set()
        writing.result()
        moving_away.result()
    with opened(crm) as again:
        assert labels(again) == ["just in time"]


def test_a_writer_that_waited_while_the_mark_was_set_is_refused(crm):
    with ThreadPoolExecutor() as pool, opened(crm) as other:
        labels(other)
        with crm.writer.begin() as connection:
            change_move(connection, lambda _none: Move(AWAY, "token"))
            writing = pool.submit(lambda: create(other))
            Event().wait(0.3)
        with pytest.raises(Refused, match="is being moved"):
            writing.result()


def test_a_second_move_is_refused_while_the_first_is_under_way(crm, small_pages):
    with opened(crm) as other:

        def act():
            with pytest.raises(Refused, match=r"being moved to sqlite:///away\.sqlite3 already. Let that end: besace"):
                moving.move(other, "sqlite:///elsewhere.sqlite3")
            return sorted(p.name for p in crm.folder.glob("else*"))

        assert while_it_moves(crm, act) == []


def test_a_move_that_was_given_up_meanwhile_does_not_end(crm, small_pages):
    with opened(crm) as other:

        def act():
            moving.abandon(other)
            create(other, "written meanwhile")

        with pytest.raises(InstallError, match="This move was given up meanwhile: the install stays where it is"):
            while_it_moves(crm, act)
    with opened(crm) as again:
        assert labels(again) == ["written meanwhile"]


def test_a_move_that_fails_lets_everyone_write_again(crm, small_pages):
    def fail(done, total):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        moving.move(crm, AWAY, progress=fail)
    assert (mark(crm), sorted(crm.folder.glob("away*"))) == (None, [])
    create(crm)
    moving.move(crm, AWAY)
    with opened(crm) as again:
        assert labels(again) == ["Bell"]


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("nonsense", '"nonsense" is not the address of a database'),
        ("mysql://x/y", 'Databases of the kind "mysql" are not supported'),
        ("sqlite:///gone/away.sqlite3", r"The database .*gone/away\.sqlite3 cannot be opened\. Check its address"),
        ("sqlite:///text", "not a Besace database, or it is damaged"),
    ],
)
def test_a_database_that_cannot_be_moved_to_gives_a_sentence_and_changes_nothing(crm, url, words):
    (crm.folder / "text").write_text("no database at all, but a text of some length " * 9)
    before = (crm.folder / "besace.toml").read_bytes()
    with pytest.raises(BesaceError, match=words):
        moving.move(crm, url)
    assert (mark(crm), (crm.folder / "besace.toml").read_bytes()) == (None, before)
    create(crm)


def test_an_install_is_not_moved_to_where_it_is(crm):
    with pytest.raises(InstallError, match=r"is not empty: this install is in it, or a copy of it\. Choose another"):
        moving.move(crm, crm.config["database"])
    create(crm)


def test_an_older_besace_toml_that_came_back_is_brought_to_where_the_install_is(crm, away):
    older = (crm.folder / "besace.toml").read_bytes()
    moving.move(crm, away)
    with opened(crm) as moved:
        create(moved, "written there")
    (crm.folder / "besace.toml").write_bytes(older)
    with opened(crm) as late:
        with pytest.raises(InstallError, match=f"moved to {re.escape(away)}.*: besace move --to {re.escape(away)}$"):
            create(late)
        with pytest.raises(InstallError, match=f"was moved to {re.escape(away)}"):
            moving.move(late, "sqlite:///elsewhere.sqlite3")
        assert moving.move(late, away).rows is None
    with opened(crm) as again:
        assert labels(again) == ["written there"]


def test_a_plugin_whose_code_is_absent_moves_with_its_rows(lived_in):
    before = checksums(lived_in)
    with Besace.open(lived_in.folder, user="alice", plugins={"toy": toy}) as crm:
        moving.move(crm, AWAY)
    with opened(lived_in) as again:
        after = checksums(again)
        assert after["widget"] == before["widget"]
        assert again.enable(["extra"]) == ["extra"]


def test_a_quarantined_plugin_moves_as_it_is(make_install):
    crm = make_install(plugins={"toy": toy, "other": plugin()})
    with Besace.open(crm.folder, user="alice", plugins={"other": plugin()}) as broken:
        assert list(broken.host.quarantine) == ["toy"]
        moving.move(broken, AWAY)
    with opened(crm) as again:
        assert again.host.quarantine == {}
        create(again)


def test_nothing_is_given_up_where_nothing_moves(crm):
    with pytest.raises(Refused, match="No move is under way"):
        moving.abandon(crm)
    moving.move(crm, AWAY)
    with pytest.raises(InstallError, match=r"was moved to sqlite:///away\.sqlite3"):
        moving.abandon(crm)


def test_a_mark_is_never_in_an_archive(crm, small_pages):
    before = checksums(crm)
    with opened(crm) as other:
        rows, _sha = while_it_moves(crm, lambda: checksums(other)["install"])
    assert rows == before["install"][0]


# ---- killed --------------------------------------------------------------------------------------

MOVE_AND_DIE = """
import importlib.util, os, signal, sys
from besace import Besace
from besace.transfer import moving, portable

folder, toys, last, url = sys.argv[1:]
spec = importlib.util.spec_from_file_location("toys", toys)
module = sys.modules["toys"] = importlib.util.module_from_spec(spec)
spec.loader.exec_module(module)
portable.PAGE = 1

def die(*_words, **_options):
    os.kill(os.getpid(), signal.SIGKILL)

def progress(done, total):
    if str(done) == last:
        die()

match last:
    case "begun":
        moving.describe = die
    case "filled":
        moving._leave = die
    case "left":
        moving.rewrite_config = die
    case "named":
        moving.Moved = die
crm = Besace.open(folder, user="alice", plugins={"toy": module.toy, "extra": module.extra})
moving.move(crm, url, progress=progress)
"""


@pytest.fixture
def killed(lived_in):
    """Move an install in a process that dies at a given point."""

    def die(last, url=AWAY):
        toys = Path(__file__).with_name("toys.py")
        words = [sys.executable, "-c", MOVE_AND_DIE, str(lived_in.folder), str(toys), last, url]
        assert subprocess.run(words, check=False).returncode == -signal.SIGKILL
        return lived_in

    return die


def without_install(told):
    return {name: value for name, value in told.items() if name != "install"}


@pytest.mark.parametrize("last", ["begun", "1", "30", "70", "85", "filled", "left", "named"])
def test_a_move_that_was_killed_is_run_again(lived_in, killed, away, last):
    before = without_install(checksums(lived_in))
    killed(last, away)
    with opened(lived_in) as crm:
        if last == "named":
            assert crm.config["database"] == away
        else:
            moving.move(crm, away)
    with opened(lived_in) as crm:
        assert crm.config["database"] == away
        assert without_install(checksums(crm)) == before
        assert create(crm) > 0


@pytest.mark.parametrize("last", ["begun", "30", "85", "filled"])
def test_a_move_that_was_killed_is_given_up_and_nobody_lost_anything(lived_in, killed, last):
    before = without_install(checksums(lived_in))
    killed(last)
    with pytest.raises(Refused, match="is being moved"):
        create(lived_in)
    assert moving.abandon(lived_in).to == AWAY
    assert without_install(checksums(lived_in)) == before
    create(lived_in, "afterwards")
    if last == "filled":  # what was copied is older than what was written since
        with pytest.raises(InstallError, match=r"away\.sqlite3 is not empty"):
            moving.move(lived_in, AWAY)
        (lived_in.folder / "away.sqlite3").unlink()
    moving.move(lived_in, AWAY)
    with opened(lived_in) as crm:
        assert "afterwards" in labels(crm)


def test_a_new_database_that_is_lost_before_it_counts_is_told(lived_in, killed):
    killed("left")
    with opened(lived_in) as crm:
        files = list(crm.folder.glob("away*"))
        hidden = {path: path.rename(path.with_name(f"hidden-{path.name}")) for path in files}
        with pytest.raises(InstallError, match="This install was moved to"):
            moving.move(crm, AWAY)
        for path, place in hidden.items():
            place.rename(path)
        assert moving.move(crm, AWAY).rows is None
