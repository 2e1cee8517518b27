"""Logs: on stderr, when they are asked for, one event a line; a library writes nowhere."""

from __future__ import annotations

import json
import logging
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError

from besace import Besace, entities
from besace.logs import Event

from .conftest import Run
from .test_help import probe


def logged(run: Run, crm: Besace, *words: str, level: str = "info") -> list[dict[str, Any]]:
    ran = run(crm, "--log-format", "json", "--log-level", level, *words)
    return [json.loads(line) for line in ran.stderr.splitlines() if line.startswith("{")]


@pytest.fixture
def events() -> Iterator[Callable[[], list[Event]]]:
    """What a program that uses Besace as a library is told, by a handler of its own."""
    records: list[logging.LogRecord] = []
    handler, log = logging.Handler(logging.DEBUG), logging.getLogger("besace")
    handler.emit = records.append  # type: ignore[method-assign]
    log.addHandler(handler)
    log.setLevel(logging.DEBUG)
    yield lambda: [record.msg for record in records if isinstance(record.msg, Event)]
    log.setLevel(logging.NOTSET)
    log.removeHandler(handler)


def test_nothing_is_logged_unless_asked(crm: Besace, run: Run) -> None:
    ran = run(crm, "sample", "create", "--name", "Bell", "--json")
    assert (ran.exit_code, ran.stderr, ran.json["label"]) == (0, "", "Bell")


def test_a_change_is_logged_with_its_unit_and_the_command_with_its_end(
    crm: Besace, run: Run
) -> None:  # fmt: skip
    unit, command = logged(run, crm, "sample", "create", "--name", "Bell")
    assert {k: unit[k] for k in ("level", "event", "user", "door")} == {
        "level": "info", "event": "unit.committed", "user": "alice", "door": "cli",
    }  # fmt: skip
    assert (len(unit["unit"]), unit["time"].endswith("Z"), unit["duration_ms"] >= 0) == (36, True, True)
    assert (command["event"], command["command"], command["exit_code"]) == ("command.ended", "sample create", 0)


def test_the_document_on_stdout_stays_alone(crm: Besace, run: Run) -> None:
    ran = run(crm, "--log-format", "json", "--log-level", "debug", "sample", "list", "--json")
    assert (ran.json, "unit.read" in ran.stderr) == ([], True)


def test_a_refusal_is_logged_with_its_code(crm: Besace, run: Run) -> None:
    unit, command = logged(run, crm, "sample", "create", "--name", "Bell", "--price", "dear")
    assert (unit["event"], unit["code"], unit["problem"][:5]) == ("unit.refused", "invalid_value", "Price")
    assert (command["level"], command["exit_code"]) == ("warning", 2)


def test_the_words_of_a_command_are_not_logged(crm: Besace, run: Run) -> None:
    ran = run(crm, "--log-format", "text", "sample", "create", "--name", "Secret name")
    assert ('command="sample create"' in ran.stderr, "Secret" in ran.stderr) == (True, False)


def test_plugins_that_come_and_go_are_logged(crm: Besace, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    assert logged(run, crm, "plugin", "disable", "samples")[0]["event"] == "plugin.disabled"
    assert "plugin.enabled" in [e["event"] for e in logged(run, crm, "plugin", "enable", "samples")]
    (migrated,) = (e for e in logged(run, crm, "plugin", "enable", "persons") if e["event"] == "plugin.migrated")
    assert (migrated["plugin"], migrated["was"], migrated["now"]) == ("persons", None, "0003")
    monkeypatch.setenv("BESACE_BLOCK", "samples")
    first = logged(run, crm, "user", "list")[0]
    assert (first["event"], first["level"], first["plugin"]) == ("plugin.quarantined", "warning", "samples")


def test_the_level_leaves_out_what_is_less_grave(crm: Besace, run: Run) -> None:
    assert [e["event"] for e in logged(run, crm, "sample", "list", level="debug")] == ["unit.read", "command.ended"]
    assert logged(run, crm, "sample", "list", level="warning") == []


def test_the_environment_can_ask_too(crm: Besace, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BESACE_LOG_FORMAT", "json")
    assert json.loads(run(crm, "sample", "list").stderr)["event"] == "command.ended"


@pytest.mark.parametrize("words", [("--log-format", "xml"), ("--log-level", "loud")])
def test_another_format_or_level_is_refused_with_those_there_are(crm: Besace, run: Run, words: tuple[str, str]) -> None:
    ran = run(crm, *words, "sample", "list")
    assert (ran.exit_code, f"'{words[1]}' is not one of" in ran.stderr) == (2, True)


def test_a_command_that_cannot_be_parsed_is_logged_as_well(crm: Besace, run: Run) -> None:
    (command,) = logged(run, crm, "sample", "create", "--nonsense")
    assert (command["command"], command["exit_code"]) == ("sample create", 2)


def test_text_is_one_line_whatever_is_in_it() -> None:
    event = Event("unit.refused", {"problem": 'a "b"\nc = d', "user": "alice", "n": 3, "none": None})
    assert str(event) == r'unit.refused problem="a \"b\"\nc = d" user=alice n=3'


def test_a_program_that_uses_the_library_hears_events(crm: Besace, events: Callable[[], list[Event]]) -> None:
    crm.write(lambda work: entities.create(work, "sample", name="Bell"), door="shop")
    (committed,) = events()
    assert (committed.name, committed.fields["door"], committed.fields["user"]) == ("unit.committed", "shop", "alice")


def test_a_unit_that_is_run_again_is_told_as_a_retry(crm: Besace, events: Callable[[], list[Event]]) -> None:
    attempts: list[int] = []

    def unit(work: Any) -> None:
        attempts.append(1)
        if len(attempts) < 3:
            raise OperationalError("SELECT 1", {}, Exception("database is locked"))

    crm.write(unit)
    assert [(e.name, e.fields.get("attempt")) for e in events()] == [
        ("unit.failed", None), ("unit.retried", 1), ("unit.failed", None), ("unit.retried", 2),
        ("unit.committed", None),
    ]  # fmt: skip


def test_a_bug_is_told_as_an_error(crm: Besace, events: Callable[[], list[Event]]) -> None:
    with pytest.raises(ZeroDivisionError):
        crm.write(lambda work: 1 // 0)
    assert [(e.name, e.fields["problem"][:17]) for e in events()] == [("unit.failed", "ZeroDivisionError")]


def test_a_library_has_a_handler_that_drops_everything(crm: Besace) -> None:
    log = logging.getLogger("besace")
    assert [type(h) for h in log.handlers] == [logging.NullHandler]
    assert (log.level, log.propagate) == (logging.NOTSET, True)


def test_help_loads_no_logs(tmp_path: Path) -> None:
    _code, _out, modules = probe("--version", cwd=tmp_path)
    assert modules & {"besace.logs"} == set()


def test_logs_do_not_break_the_pipe_of_the_help() -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "besace", "--log-format", "json", "--version"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert (ran.stdout[:7], json.loads(ran.stderr)["event"]) == ("besace ", "command.ended")
