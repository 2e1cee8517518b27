"""What a person sees: plain text in a file, colours on a terminal, nothing lost where room is short."""

from __future__ import annotations

import os
import pty
import re
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest

from besace import Besace
from besace.testing.fixtures import Databases

from .conftest import Run

LONG = "A very long name of a thing that one would hardly ever write down in full"
COLOUR = re.compile(r"\x1b\[[0-9;]*m")


def on_a_terminal(crm: Besace, width: int, *words: str) -> str:
    """What a command prints on a terminal of so many columns."""
    mine, its = pty.openpty()
    surrounding = {**os.environ, "TERM": "xterm-256color", "COLUMNS": str(width), "LINES": "30", "LANG": "en"}
    program = [sys.executable, "-m", "besace", "--install", str(crm.folder), "--as", "alice", *words]
    process = subprocess.Popen(program, stdin=its, stdout=its, stderr=its, env=surrounding)
    os.close(its)
    shown = b""
    while True:
        try:
            more = os.read(mine, 4096)
        except OSError:  # so Linux says that the other side was closed
            break
        if not more:
            break
        shown += more
    os.close(mine)
    assert process.wait(timeout=60) == 0, shown
    return shown.decode().replace("\r\n", "\n")


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory, besace_databases: Databases) -> Any:
    """An install with a deal of long names, for commands in processes of their own."""
    from besace import entities

    folder = tmp_path_factory.mktemp("office") / "install"
    database = besace_databases.new()
    with Besace.init(folder, database=database, user="alice", enable=["persons", "opportunities"]) as crm:

        def fill(work: Any) -> None:
            target = entities.create(work, "organisation", name="Société nationale des chemins de fer")
            entities.create(
                work,
                "opportunity",
                name=LONG,
                target=target.id,
                expected_revenue="1234567",
                start_date="2026-01-05",
            )

        crm.write(fill)
        yield crm


@pytest.mark.parametrize(("width", "words"), [(80, ["list"]), (10, ["list"]), (10, ["show", LONG])])
def test_nothing_is_lost_on_any_terminal(office: Besace, width: int, words: list[str]) -> None:
    shown = on_a_terminal(office, width, "opportunity", *words)
    assert COLOUR.search(shown)
    plain = COLOUR.sub("", shown)
    for whole in ("Prospecting", "2026-01-05", "€1,234,567.00", "nationale"):
        assert whole in plain
    if width >= 80:
        assert max(map(len, plain.splitlines())) <= width


def test_json_on_a_terminal_has_no_colours(office: Besace) -> None:
    assert "\x1b" not in on_a_terminal(office, 80, "opportunity", "list", "--json")


def test_elsewhere_it_is_plain_text(do: Callable[..., Any]) -> None:
    do("sample", "create", "--name", "Bell", "--price", "5", "--number", "3")
    do(
        "sample",
        "create",
        "--name",
        LONG,
        "--price",
        "1200",
        "--notes",
        "one\ntwo",
        "--made-on",
        "2026-01-05",
    )
    headings, rule, bell, long = do("sample", "list").stdout.splitlines()
    assert headings.split() == ["Id", "Label", "Number", "Price", "Made", "on", "Shiny"]
    assert set(rule) == {"─"}
    assert bell.index("€5.00") + len("€5.00") == long.index("€1,200.00") + len("€1,200.00")
    assert "A very long name of a thing that one would hardly ever writ…" in long
    assert max(map(len, (headings, rule, bell, long))) <= 120
    assert "one…" in do("sample", "list", "--columns", "id,notes").stdout
    assert "\x1b" not in do("sample", "show", LONG).stdout


def test_markup_in_a_text_is_text(do: Callable[..., Any]) -> None:
    do("sample", "create", "--name", "[bold]Bell[/bold] :smile: [/]")
    for words in (["sample", "list"], ["sample", "show", "2"], ["search", "bell"]):
        assert "[bold]Bell[/bold] :smile: [/]" in do(*words).stdout


def test_control_characters_do_not_reach_the_terminal(crm: Besace, run: Run) -> None:
    ran = run(crm, "sample", "create", "--name", "red\x1b[31mcoat\x07")
    shown = ran.stdout + ran.stderr + run(crm, "sample", "list").stdout
    assert "\x1b" not in shown
    assert "\x07" not in shown


@pytest.mark.parametrize(
    "words",
    [
        ["sample", "list"],
        ["sample", "list", "--trash"],
        ["sample", "list", "--where", "dear"],
        ["search", "nothing"],
        ["related", "user:alice"],
        ["list", "show", "grade"],
    ],
)
def test_an_empty_list_says_so(do: Callable[..., Any], words: list[str]) -> None:
    assert do(*words).stdout.strip() != ""


def test_another_encoding_loses_no_command(office: Besace) -> None:
    surrounding = {**os.environ, "PYTHONIOENCODING": "ascii"}
    program = [sys.executable, "-m", "besace", "--install", str(office.folder), "--as", "alice", "organisation", "list"]
    shown = subprocess.run(program, capture_output=True, env=surrounding, check=True).stdout
    assert b"Soci?t? nationale" in shown
    document = subprocess.run([*program, "--json"], capture_output=True, env=surrounding, check=True).stdout
    assert "Société nationale" in document.decode("utf-8")
