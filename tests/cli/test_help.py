"""Help is quick: it reads a description of the install, and loads neither its plugins nor SQLAlchemy."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from besace import Besace

from .conftest import Run

PROBE = """
import json, sys
from besace.cli import main
code = main(sys.argv[1:])
print(json.dumps([code, sorted(sys.modules)]), file=sys.stderr)
"""

GARBAGE = """
import atexit, gc, sys

def tell():
    print(sum(stats["collections"] for stats in gc.get_stats()), len(gc.get_objects()), file=sys.stderr)

atexit.register(tell)
from besace.cli import entry
entry()
"""

HEAVY = {"sqlalchemy", "pluggy", "rich", "alembic", "babel", "pydantic"}


def probe(*words: str, cwd: Path | None = None) -> tuple[int, str, set[str]]:
    """Run a command in a process of its own: its exit code, its output, the modules it loaded."""
    surrounding = {k: v for k, v in os.environ.items() if not k.startswith("BESACE_")}
    ran = subprocess.run(
        [sys.executable, "-c", PROBE, *words],
        capture_output=True,
        text=True,
        cwd=cwd,
        env=surrounding,
        check=True,
    )
    code, modules = json.loads(ran.stderr.splitlines()[-1])
    return code, ran.stdout, set(modules)


def loaded_too_much(modules: set[str]) -> set[str]:
    tops = {m.partition(".")[0] for m in modules}
    plugins = {m for m in tops if m.startswith("besace_")}
    return (tops & HEAVY) | plugins


@pytest.fixture(scope="module")
def install(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("help") / "install"
    code, _out, _modules = probe("--as", "alice", "init", str(folder), "--with", "persons,opportunities")
    assert code == 0
    return folder


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--help"], "opportunity"),
        (["opportunity", "--help"], "follow-up"),
        (["opportunity", "create", "--help"], "--expected-revenue AMOUNT"),
        (["link", "--help"], "--set KEY=VALUE"),
        (["plugin", "enable", "--help"], "PLUGIN..."),
        (["--version"], "besace "),
    ],
)
def test_help_loads_nothing_heavy(install: Path, words: list[str], told: str) -> None:
    code, out, modules = probe(*words, cwd=install)
    assert (code, told in out) == (0, True)
    assert loaded_too_much(modules) == set()


def test_help_outside_an_install_loads_nothing_heavy(tmp_path: Path) -> None:
    code, out, modules = probe("--help", cwd=tmp_path)
    assert (code, "Make a new install." in out, "  organisation " in out) == (0, True, False)
    assert (
        loaded_too_much(modules) & {"sqlalchemy", "rich", "alembic"} == set()
    )  # plugins say which commands they offer


def test_a_mistyped_option_or_command_loads_nothing_heavy(install: Path) -> None:
    code, _out, modules = probe("opportunity", "list", "--were", "won", cwd=install)
    assert (code, loaded_too_much(modules)) == (2, set())


def test_reading_as_json_prints_without_rich(install: Path) -> None:
    code, out, modules = probe("--as", "alice", "opportunity", "list", "--json", cwd=install)
    assert (code, json.loads(out)) == (0, [])
    assert {m.partition(".")[0] for m in modules} & {"rich", "alembic", "pydantic"} == set()


def test_a_command_hardly_looks_for_garbage(install: Path) -> None:
    command = [sys.executable, "-c", GARBAGE, "--as", "alice", "plugin", "list"]
    ran = subprocess.run(command, capture_output=True, text=True, cwd=install, check=True)
    collections, left_at_the_end = map(int, ran.stderr.split())
    assert (collections < 80, left_at_the_end < 100) == (True, True)  # 190 and 75,000 where nothing is said of it


DAMAGED = ["", "{broken", "[]", "3", '{"types": 3}', '{"format": 0, "types": {"sample": {}}}']


@pytest.mark.parametrize("stored", [None, *DAMAGED])
def test_a_damaged_description_is_made_anew(crm: Besace, run: Run, stored: str | None) -> None:
    doors = crm.folder / ".besace" / "doors.json"
    doors.parent.mkdir(exist_ok=True)
    doors.unlink(missing_ok=True)
    if stored is not None:
        doors.write_text(stored)
    assert "sample " in run(crm, "--help").stdout
    assert "--made-on DATE" in run(crm, "sample", "create", "--help").stdout
    assert json.loads(doors.read_text())["types"]["sample"]["verbs"]["create"]


def test_help_is_there_where_the_install_cannot_be_opened(run: Run, tmp_path: Path) -> None:
    (tmp_path / "besace.toml").write_text("x = = 3")
    ran = run(tmp_path, "--help")
    assert (ran.exit_code, "Make a new install." in ran.stdout) == (0, True)


def test_a_description_that_cannot_be_written_does_no_harm(crm: Besace, run: Run) -> None:
    (crm.folder / ".besace").write_text("in the way")
    assert run(crm, "sample", "list").exit_code == 0
    assert "--made-on DATE" in run(crm, "sample", "create", "--help").stdout


def doors(crm: Besace) -> Any:
    return json.loads((crm.folder / ".besace" / "doors.json").read_text())


def test_the_description_follows_the_plugins(crm: Besace, run: Run) -> None:
    run(crm, "plugin", "disable", "samples")
    assert "sample" not in doors(crm)["types"]
    assert "sample " not in run(crm, "--help").stdout
    run(crm, "plugin", "enable", "samples")
    assert "sample" in doors(crm)["types"]
    assert run(crm, "sample", "list").exit_code == 0


def test_another_process_that_enables_a_plugin_is_noticed(crm: Besace, run: Run) -> None:
    run(crm, "user", "list")
    crm.disable("samples")
    assert run(crm, "sample", "list").exit_code == 2
    assert "sample" not in doors(crm)["types"]
    crm.enable(["samples"])
    assert run(crm, "sample", "list").exit_code == 0


def test_the_language_of_the_install_is_that_of_its_help(
    crm: Besace, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LANG", "en_GB.UTF-8")
    assert run(crm, "config", "set", "language", "fr").exit_code == 0
    assert doors(crm)["language"] == "fr"
    french = run(crm, "sample", "--help").stdout
    assert french != run(crm, "--language", "en", "sample", "--help").stdout
    assert run(crm, "sample", "show", "999").stderr.startswith("Erreur")


def test_the_language_of_who_acts_comes_first(crm: Besace, run: Run) -> None:
    run(crm, "user", "create", "--name", "anne", "--language", "fr")
    assert run(crm, "sample", "show", "999", user="anne").stderr.startswith("Erreur")
    assert run(crm, "--language", "en", "sample", "show", "999", user="anne").stderr.startswith("Error")


def test_every_command_has_a_help(crm: Besace, run: Run, make_install: Callable[..., Besace]) -> None:
    run(crm, "user", "list")
    known = doors(crm)["types"]
    for key, described in known.items():
        for verb in described["verbs"]:
            ran = run(crm, key.replace("_", "-"), verb.replace("_", "-"), "--help")
            assert (ran.exit_code, "--json" in ran.stdout) == (0, True)


def test_what_click_says_of_an_option_is_in_the_readers_language(make_install, run):
    told = run(make_install(), "--language", "fr", "user", "create", "--help").stdout
    assert "[obligatoire]" in told
    assert "required" not in told
