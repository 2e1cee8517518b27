from __future__ import annotations

from pathlib import Path


def test_an_option_behind_a_command_is_its_own(make_install, run):
    made = run(make_install(), "user", "create", "--name", "karim", "--language", "fr")
    assert "Language" in made.stdout
    assert run(make_install(), "--language", "fr", "user", "list").stdout.startswith("N°")


def test_init_takes_the_language_behind_it(run, tmp_path: Path):
    made = run(None, "init", str(tmp_path / "crm"), "--bare", "--language", "fr")
    assert "est maintenant une installation" in made.stdout
