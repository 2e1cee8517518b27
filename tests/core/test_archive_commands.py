"""`besace backup`, `restore` and `move`, as their user sees them."""

from __future__ import annotations

import json

import pytest

from besace.cli import main
from besace.testing.fixtures import Ran

from .toys import toy

TOML = '# An install of Besace.\ndatabase = "sqlite:///{name}.sqlite3"\n'


@pytest.fixture
def run_here(besace_environment, capfd):
    """Run a command where one stands, with some plugins installed: `run_here({"toy": toy}, "restore", "a.zip")`."""

    def run_command(plugins, *words):
        capfd.readouterr()
        code = main(["--as", "alice", *words], plugins=plugins)
        return Ran(code, *capfd.readouterr())

    return run_command


@pytest.fixture
def away(monkeypatch, tmp_path):
    """A folder to work in that is no install."""
    folder = tmp_path / "away"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


def test_a_backup_tells_what_it_wrote_and_the_way_back(lived_in, run, away):
    ran = run(lived_in, "backup", "a.zip")
    assert (ran.exit_code, ran.stderr) == (0, "")
    assert ran.stdout.endswith("are in a.zip. Make an install of them with: besace restore a.zip DIR\n")
    told = run(lived_in, "backup", "a.zip", "--force", "--json").json
    assert told["rows"] == sum(told["tables"].values())
    assert (told["file"], told["bytes"]) == ("a.zip", (away / "a.zip").stat().st_size)


def test_a_backup_is_refused_as_other_commands_refuse(lived_in, run, away):
    run(lived_in, "backup", "a.zip")
    ran = run(lived_in, "backup", "a.zip", "--json")
    assert (ran.exit_code, ran.json["error"]["code"]) == (1, "refused")
    assert "a.zip is there already." in ran.stderr
    assert run(lived_in, "backup").exit_code == 2
    ran = run(lived_in, "backup", "gone/b.zip")
    assert (ran.exit_code, ran.stderr) == (1, "Error: gone/b.zip cannot be written: No such file or directory.\n")
    assert "There is no folder gone/." in run(lived_in, "backup", "gone/").stderr
    assert run(lived_in, "backup", "b.zip", user="nobody").exit_code == 1
    assert [p.name for p in away.iterdir()] == ["a.zip"]


def test_a_backup_is_restored_here_or_elsewhere(crm, gadget, run, run_here, away):
    gadget("Bell")
    run(crm, "backup", "a.zip")
    ran = run_here(crm.extra, "restore", "a.zip", "new", "--database", "sqlite:///other.sqlite3")
    assert (ran.exit_code, ran.stderr) == (0, "")
    told, warned = ran.stdout.splitlines()
    assert told.startswith("new is the install ")
    assert warned.startswith("It is the same install and no second one")
    assert (away / "new" / "besace.toml").read_text() == TOML.format(name="other")
    assert (away / "new" / ".besace" / "doors.json").exists()
    ran = run_here(crm.extra, "restore", "a.zip", "--json")
    assert (ran.json["install"], ran.json["disabled"], ran.json["older"]) == (".", [], [])
    assert "Bell" in run_here(crm.extra, "gadget", "list").stdout
    ran = run_here(crm.extra, "restore", "a.zip")
    assert (ran.exit_code, "already is an install" in ran.stderr) == (1, True)


def test_a_restore_says_which_plugins_it_left_out(both, run, run_here, away):
    run(both, "backup", "a.zip")
    ran = run_here({"toy": toy}, "restore", "a.zip", "new")
    assert ran.exit_code == 1
    assert "plugins that are not on this machine, or are older here: extra 0. Install them with pip." in ran.stderr
    assert list(away.iterdir()) == [away / "a.zip"]
    ran = run_here({"toy": toy}, "restore", "a.zip", "new", "--without", "extra")
    assert ran.stdout.splitlines()[-1] == "Disabled, with their rows kept: extra."


def test_an_install_is_moved_and_used_at_once(crm, gadget, run):
    gadget("Bell")
    before = (crm.folder / "besace.toml").read_text()
    ran = run(crm, "move", "--to", "sqlite:///away.sqlite3")
    assert (ran.exit_code, ran.stderr) == (0, "")
    assert ran.stdout.startswith("The install is in sqlite:///away.sqlite3 now: ")
    assert (crm.folder / "besace.toml").read_text() == TOML.format(name="away")
    assert "Bell" in run(crm, "gadget", "list").stdout
    (crm.folder / "besace.toml").write_text(before)
    ran = run(crm, "gadget", "create", "--name", "x", "--json")
    assert (ran.exit_code, ran.json["error"]["code"]) == (1, "install")
    assert ran.json["error"]["message"].startswith("This install was moved to sqlite:///away.sqlite3")
    ran = run(crm, "move", "--to", "sqlite:///third.sqlite3")
    assert (ran.exit_code, (crm.folder / "third.sqlite3").exists()) == (1, False)


def test_a_move_tells_in_json_what_it_brought(crm, run):
    told = run(crm, "move", "--to", "sqlite:///away.sqlite3", "--json").json
    assert (told["to"], told["rows"]) == ("sqlite:///away.sqlite3", sum(told["tables"].values()))


@pytest.mark.parametrize("words", [[], ["--abandon", "--to", "sqlite:///x"], ["--to"], ["here"]])
def test_a_move_needs_to_know_where_or_that_it_is_given_up(crm, run, words):
    assert run(crm, "move", *words).exit_code == 2


def test_a_move_that_is_not_under_way_is_not_given_up(crm, run):
    ran = run(crm, "move", "--abandon")
    assert (ran.exit_code, ran.stderr) == (1, "Error: No move is under way.\n")


def test_what_it_says_is_french_for_who_reads_french(make_install, run, away):
    crm = make_install(language="fr")
    assert "Faites-en une installation avec : besace restore a.zip DIR" in run(crm, "backup", "a.zip").stdout
    assert run(crm, "move", "--abandon").stderr == "Erreur : Aucun déménagement n'est en cours.\n"
    assert json.loads(run(crm, "move", "--to", "sqlite:///x", "--json").stdout)["to"] == "sqlite:///x"
