"""`besace doctor`: it says how an install is, also where nothing else would start, and what to do about it."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from besace import Besace
from besace.diagnosis import HARDLY_ANY, LITTLE, room
from besace.relocation import Move, change_move
from besace.transfer import moving

from .conftest import Run
from .samples import samples


@pytest.fixture(autouse=True)
def a_day_of_its_own(besace_environment: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("BESACE_TODAY")


@pytest.fixture
def on_file(tmp_path: Path) -> Iterator[Besace]:
    """An install that keeps its data in a file of its folder."""
    with Besace.init(tmp_path / "crm", user="alice", enable=["samples"], plugins={"samples": samples}) as crm:
        yield crm


def looked_at(crm: Besace | Path | None, run: Run) -> dict[str, list[tuple[str, str, str | None]]]:
    """What the doctor says by topic, but what is in order; that its exit code fits is looked at here."""
    ran = run(crm, "doctor", "--json")
    found: dict[str, list[tuple[str, str, str | None]]] = {}
    for remark in ran.json["remarks"]:
        if remark["state"] != "ok":
            found.setdefault(remark["topic"], []).append((remark["state"], remark["message"], remark["hint"]))
    problems = sum(state == "problem" for remarks in found.values() for state, _m, _h in remarks)
    assert (ran.exit_code, ran.json["problems"]) == (1 if problems else 0, problems)
    return found


def configured(crm: Besace, text: str) -> None:
    (crm.folder / "besace.toml").write_text(text, encoding="utf-8")


def test_an_install_in_order_has_no_problem(crm: Besace, run: Run) -> None:
    ran = run(crm, "doctor")
    assert (ran.exit_code, ran.stderr) == (0, "")
    assert ran.stdout.splitlines()[-1] == "0 problems, 0 warnings"
    assert 'Plugin "samples" 0 is enabled.' in ran.stdout
    assert looked_at(crm, run) == {}


def test_it_needs_no_user(crm: Besace, run: Run) -> None:
    assert run(crm, "doctor", user="nobody").exit_code == 0


def test_it_speaks_the_language_that_is_asked_for(crm: Besace, run: Run) -> None:
    assert run(crm, "--language", "fr", "doctor").stdout.splitlines()[-1] == "0 problème, 0 avertissement"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("x = = 3", "cannot be read"),
        ("wait = 3", "does not say where the database is"),
        ('database = "sqlite:///besace.sqlite3"\nwait = "long"', 'wait = "long" is not a number of seconds.'),
        ('database = "sqlite:///gone.sqlite3"', "does not exist."),
        ('database = "mysql://there/crm"', 'Databases of the kind "mysql" are not supported.'),
        ('database = "nonsense"', "is not the address of a database."),
    ],
)
def test_a_configuration_that_opens_nothing_is_a_problem(on_file: Besace, run: Run, text: str, problem: str) -> None:
    configured(on_file, text)
    ((state, message, hint),) = [one for remarks in looked_at(on_file, run).values() for one in remarks]
    assert (state, problem in message) == ("problem", True)
    assert hint is not None or "cannot be read" in message


def test_an_unknown_key_is_a_warning_with_what_it_may_mean(on_file: Besace, run: Run) -> None:
    configured(on_file, 'database = "sqlite:///besace.sqlite3"\nwaits = 3\n')
    assert looked_at(on_file, run) == {
        "configuration": [("warning", 'besace.toml says "waits", which means nothing.', "Did you mean wait?")]
    }


def test_there_is_no_install(run: Run, tmp_path: Path) -> None:
    ((state, message, _hint),) = looked_at(tmp_path, run)["configuration"]
    assert (state, "is not an install" in message) == ("problem", True)


def test_a_file_that_is_no_database(on_file: Besace, run: Run) -> None:
    on_file.close()
    for name in ("besace.sqlite3", "besace.sqlite3-wal", "besace.sqlite3-shm"):
        (on_file.folder / name).unlink(missing_ok=True)
    (on_file.folder / "besace.sqlite3").write_text("nothing of the kind, but long enough to be looked at" * 30)
    found = looked_at(on_file, run)
    assert "is not a Besace database, or it is damaged" in found["database"][0][1]


def test_a_database_without_our_tables(on_file: Besace, run: Run) -> None:
    configured(on_file, 'database = "sqlite:///other.sqlite3"\n')
    with closing(sqlite3.connect(on_file.folder / "other.sqlite3")) as connection:
        connection.execute("CREATE TABLE other (x)")
    found = looked_at(on_file, run)
    assert "is not a Besace database" in found["tables"][0][1]
    assert found["database"] == [
        (
            "warning",
            'It keeps its journal in the mode "delete": whoever reads stops whoever writes.',
            f'Change it while nobody works: sqlite3 {on_file.folder / "other.sqlite3"} "PRAGMA journal_mode = WAL"',
        )
    ]


def test_an_install_that_was_moved_away_is_a_problem(crm: Besace, run: Run) -> None:
    older = (crm.folder / "besace.toml").read_bytes()
    moving.move(crm, "sqlite:///away.sqlite3")
    (crm.folder / "besace.toml").write_bytes(older)
    ((state, message, hint),) = looked_at(crm, run)["tables"]
    assert (state, "This install was moved to sqlite:///away.sqlite3" in message) == ("problem", True)
    assert str(hint).endswith("besace move --to sqlite:///away.sqlite3")


def test_a_move_that_is_under_way_is_a_problem_nobody_can_write(crm: Besace, run: Run) -> None:
    with crm.writer.begin() as connection:
        change_move(connection, lambda _move: Move("sqlite:///away.sqlite3", "token"))
    ((state, _message, hint),) = looked_at(crm, run)["tables"]
    assert (state, str(hint).endswith("besace move --abandon")) == ("problem", True)


def test_a_database_that_another_process_writes_is_a_warning(on_file: Besace, run: Run) -> None:
    configured(on_file, 'database = "sqlite:///besace.sqlite3"\nwait = 0\n')
    with on_file.writer.connect() as connection, connection.begin():
        ((state, message, _hint),) = looked_at(on_file, run)["database"]
    assert (state, message) == ("warning", "Another process writes in it, for longer than 0 seconds.")


def test_a_database_that_is_locked_whole_is_a_problem(on_file: Besace, run: Run) -> None:
    configured(on_file, 'database = "sqlite:///besace.sqlite3"\nwait = 0\n')
    on_file.close()
    with closing(sqlite3.connect(on_file.folder / "besace.sqlite3", isolation_level=None)) as connection:
        connection.execute("PRAGMA locking_mode = EXCLUSIVE")
        connection.execute("BEGIN EXCLUSIVE")
        found = looked_at(on_file, run)
    assert {topic: [one[:2] for one in told] for topic, told in found.items()} == {
        "database": [("problem", "The database is busy: another process has held it for too long.")]
    }


def test_files_that_others_may_read_or_write(
    on_file: Besace, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:  # fmt: skip
    file = on_file.folder / "besace.sqlite3"
    opened = [parent for parent in file.parents if not parent.stat().st_mode & 0o001]
    before = {parent: parent.stat().st_mode for parent in opened}
    try:
        for parent in opened:
            parent.chmod(parent.stat().st_mode | 0o001)
        for mode, state in ((0o644, "warning"), (0o666, "problem"), (0o640, None)):
            file.chmod(mode)
            told = looked_at(on_file, run).get("database", [])
            assert [one[0] for one in told] == ([] if state is None else [state])
    finally:
        for parent, mode in before.items():
            parent.chmod(mode)


def test_tables_that_are_newer_or_older_than_the_code(crm: Besace, run: Run, damage: Any) -> None:
    damage(crm, "UPDATE plugin SET revision = '9999' WHERE name = 'core'")
    assert "This install is newer than the code" in looked_at(crm, run)["tables"][0][1]
    damage(crm, "UPDATE plugin SET revision = NULL WHERE name = 'core'")
    assert looked_at(crm, run)["tables"][0][2] == "Make a backup, then bring them to it: besace plugin upgrade"


def test_plugins_that_do_not_run(
    make_install: Callable[..., Besace], run: Run, monkeypatch: pytest.MonkeyPatch, damage: Any
) -> None:
    crm = make_install("persons", "documents", plugins={"samples": samples})
    damage(
        crm, "UPDATE plugin SET revision = NULL WHERE name = 'documents'",
        "INSERT INTO plugin (name, enabled, position, version, tables) VALUES ('gone', true, 9, '1', '[]')",
        "INSERT INTO plugin (name, enabled, position, version, tables) VALUES ('past', false, 10, '1', '[]')",
    )  # fmt: skip
    monkeypatch.setenv("BESACE_BLOCK", "samples")
    assert looked_at(crm, run)["plugins"] == [
        (
            "problem",
            'The tables of the plugin "documents" are of an older version: besace plugin upgrade',
            "Put that right, or do without it: besace plugin disable documents",
        ),
        (
            "problem",
            'Plugin "gone" is enabled here but not installed on this machine.',
            "Put that right, or do without it: besace plugin disable gone",
        ),
        (
            "warning",
            'Plugin "samples" is blocked by BESACE_BLOCK.',
            "Unset BESACE_BLOCK to start with it again.",
        ),
    ]


def test_nobody_can_act(crm: Besace, run: Run, damage: Any) -> None:
    damage(crm, "UPDATE entity SET label_key = 'lost' WHERE type = 'user'")
    assert looked_at(crm, run)["users"][0][:2] == ("problem", "0 users can act, 0 of them as administrators.")


def test_little_room_is_a_warning_and_hardly_any_a_problem() -> None:
    here = Path.cwd()
    states = [room(here, free, 0).state for free in (LITTLE, LITTLE - 1, HARDLY_ANY, HARDLY_ANY - 1)]
    assert states == ["ok", "warning", "warning", "problem"]
    assert room(here, 3 * LITTLE, 2 * LITTLE).state == "warning"


def test_a_change_that_is_later_than_now(crm: Besace, run: Run, damage: Any) -> None:
    later = datetime.now(UTC).replace(year=datetime.now(UTC).year + 1)
    damage(crm, f"UPDATE change SET at = '{later:%Y-%m-%d %H:%M:%S.000000}'")
    ((state, message, hint),) = looked_at(crm, run)["clock"]
    assert (state, "The newest change was made on" in message) == ("problem", True)
    assert "Set the clock right" in (hint or "")


def test_a_day_that_is_fixed_is_a_warning(crm: Besace, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BESACE_TODAY", "2026-03-15")
    assert looked_at(crm, run)["clock"][0][1] == "$BESACE_TODAY is set: whatever is done is dated 2026-03-15."
    monkeypatch.setenv("BESACE_TODAY", "tomorrow")
    assert looked_at(crm, run)["clock"][0][0] == "problem"


def test_a_table_that_is_gone_does_not_stop_the_rest(crm: Besace, run: Run, damage: Any) -> None:
    damage(crm, 'DROP TABLE "user"')
    found = looked_at(crm, run)
    assert found["users"][0][1].startswith("The database does not answer as it should: ")
    assert list(found) == ["users"]
