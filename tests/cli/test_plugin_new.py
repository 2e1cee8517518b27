"""`besace plugin new`: a whole plugin, or a sentence and nothing."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from besace import schema
from besace.authoring import make_migration
from besace.discovery import available
from besace.scaffold import LONGEST
from besace.testing.catalogues import check
from besace.version import VERSION

from .conftest import Run


@pytest.fixture
def new(run: Run, tmp_path: Path) -> Callable[..., Any]:
    """Write a new plugin, outside any install."""

    def command(name: str, *words: str) -> Any:
        return run(None, "plugin", "new", name, "--directory", str(tmp_path), *words)

    return command


def test_a_new_plugin_has_all_that_a_plugin_has(new: Any, tmp_path: Path) -> None:
    told = new("fire-drill", "--json").json
    assert (told["plugin"], told["folder"]) == ("fire_drill", str(tmp_path / "besace-fire-drill"))
    package = "src/besace_fire_drill"
    assert {
        "README.md", "pyproject.toml", "tests/test_contract.py", "tests/test_fire_drill.py", f"{package}/plugin.py",
        f"{package}/models.py", f"{package}/declarations.py", f"{package}/migrations/0001_its_table.py",
        f"{package}/locale/fr/LC_MESSAGES/messages.mo", f"{package}/py.typed",
    } <= set(told["files"])  # fmt: skip
    assert [path.name for path in tmp_path.iterdir()] == ["besace-fire-drill"]


def test_a_person_is_told_what_to_do_next(new: Any, tmp_path: Path) -> None:
    lines = new("drill").stdout.splitlines()
    assert lines[0] == f"{tmp_path}/besace-drill holds the plugin drill: its README says what is in it."
    assert lines[1] == f'Install it: pip install --editable "{tmp_path}/besace-drill[test]"'
    assert lines[2:] == [
        "Enable it in an install: besace plugin enable drill",
        f"Run its tests: pytest {tmp_path}/besace-drill",
    ]


@pytest.mark.parametrize(
    ("name", "plural"),
    [("loans", "Loans"), ("delivery", "Deliveries"), ("day_pass", "Day passes"), ("essay", "Essays")],
)
def test_its_plural_is_english(new: Any, tmp_path: Path, name: str, plural: str) -> None:
    folder = Path(new(name, "--json").json["folder"])
    assert (folder / "README.md").read_text().splitlines()[2].startswith(f"{plural}, which are planned")


@pytest.mark.parametrize("name", ["x", "fire_drill", "day", "news", "class", "a" * LONGEST])
def test_its_catalogue_is_complete_and_its_migration_is_of_its_models(
    new: Any, tmp_path: Path, name: str, monkeypatch: Any
) -> None:
    folder = Path(new(name, "--json").json["folder"])
    assert check(folder / "src" / f"besace_{name}", "fr") == []
    monkeypatch.syspath_prepend(folder / "src")
    module = __import__(f"besace_{name}.plugin", fromlist=["plugin"])
    assert schema.revisions(module) == ["0001"]
    assert make_migration(available({name: module}), name, "Nothing", VERSION) is None
    for loaded in [m for m in sys.modules if m.partition(".")[0] == f"besace_{name}"]:
        del sys.modules[loaded]


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("Drill", '"Drill" cannot be the name of a plugin. Expected at most 30'),
        ("9drills", '"9drills" cannot be the name of a plugin.'),
        ("../drill", '"../drill" cannot be the name of a plugin.'),
        ("drill_", '"drill_" cannot be the name of a plugin.'),
        ("d" * (LONGEST + 1), "cannot be the name of a plugin."),
        ("link", '"link" means something to Besace itself'),
        ("core", '"core" means something to Besace itself'),
        ("entity", '"entity" means something to Besace itself'),
        ("money", '"money" means something to Besace itself'),
        ("persons", 'There is already a plugin "persons" on this machine.'),
        ("opportunity", 'There is already a type or list "opportunity", of another plugin.'),
        ("objective", 'There is already a type or list "objective", of another plugin.'),
    ],
)
def test_a_name_that_cannot_be_used_gets_a_sentence_and_writes_nothing(
    new: Any, tmp_path: Path, name: str, sentence: str
) -> None:
    done = new(name)
    assert (done.exit_code in (1, 2), done.stdout) == (True, "")
    assert done.stderr.startswith("Error: ")
    assert sentence in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_there_is_left_alone(new: Any, tmp_path: Path) -> None:
    (tmp_path / "besace-drill").mkdir()
    (tmp_path / "besace-drill" / "mine").touch()
    done = new("drill", "--json")
    assert (done.exit_code, json.loads(done.stdout)["error"]["code"]) == (1, "refused")
    assert [path.name for path in tmp_path.rglob("*")] == ["besace-drill", "mine"]


def test_a_place_that_is_not_there_gets_a_sentence(run: Run, tmp_path: Path) -> None:
    done = run(None, "plugin", "new", "drill", "--directory", str(tmp_path / "no"))
    assert (done.exit_code, done.stdout) == (1, "")
    assert "besace-drill cannot be written: No such file or directory." in done.stderr


def test_nothing_is_left_of_a_write_that_failed(run: Run, tmp_path: Path, monkeypatch: Any) -> None:
    def full(*_path: Any, **_options: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("besace.testing.catalogues.update", full)
    done = run(None, "plugin", "new", "drill", "--directory", str(tmp_path))
    assert (done.exit_code, list(tmp_path.iterdir())) == (1, [])
    assert "No space left on device" in done.stderr
