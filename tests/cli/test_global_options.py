from __future__ import annotations

from getpass import getuser
from pathlib import Path

import pytest


def test_an_option_behind_a_command_is_its_own(make_install, run):
    made = run(make_install(), "user", "create", "--name", "karim", "--language", "fr")
    assert "Language" in made.stdout
    assert run(make_install(), "--language", "fr", "user", "list").stdout.startswith("N°")


def test_init_takes_the_language_behind_it(run, tmp_path: Path):
    made = run(None, "init", str(tmp_path / "crm"), "--bare", "--language", "fr")
    assert "est maintenant une installation" in made.stdout


@pytest.fixture
def away(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder that one stands in, which is no install and becomes none."""
    (tmp_path / "away").mkdir()
    monkeypatch.chdir(tmp_path / "away")
    return tmp_path / "away"


def test_a_new_install_is_made_in_the_folder_that_is_named(run, tmp_path: Path, away: Path):
    made, again = tmp_path / "made", tmp_path / "again"
    told = run(None, "--install", str(made), "init", "--bare").stdout
    assert f"Go on with: besace --install {made} --help" in told
    assert run(None, "--install", str(made), "--as", getuser(), "backup", str(tmp_path / "a.zip")).exit_code == 0
    assert run(None, "--install", str(again), "restore", str(tmp_path / "a.zip")).exit_code == 0
    assert [(folder / "besace.toml").exists() for folder in (made, again, away)] == [True, True, False]


def test_a_new_install_is_named_once_or_twice_the_same(run, tmp_path: Path, away: Path):
    refused = run(None, "--install", "../one", "init", "../two", "--bare")
    assert (refused.exit_code, "../two is not the folder of --install ../one." in refused.stderr) == (2, True)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["away"]
    assert run(None, "--install", "../one", "init", str(tmp_path / "one"), "--bare").exit_code == 0


def test_the_environment_names_no_new_install(run, tmp_path: Path, away: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("BESACE_INSTALL", str(tmp_path / "other"))
    assert run(None, "init", str(tmp_path / "one"), "--bare").exit_code == 0
    assert not (tmp_path / "other").exists()
