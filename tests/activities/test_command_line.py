"""What people type, and what they read."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Any

import pytest

from .conftest import Desk

REFUSED = {
    "activity create --title X --kind meeting": (1, 'kind "Meeting" has a start. Give it with --start'),
    "activity create --title X --kind meetng": (2, "Did you mean meeting?"),
    "activity create --title X --kind meeting --start tomorrow": (2, '"tomorrow" is not a date and time'),
    "activity create --title X --kind task --state done --done-on 2027-01-01": (1, "has not come yet"),
    "activity create --title X --kind task --result Y": (1, "has no result yet"),
    "activity edit 2 --end 2026-03-16T09:00": (1, "starts on 2026-03-16 09:30 cannot end on 2026-03-16 09:00"),
    "activity done 2 --on 2026-03-15": (1, "2026-03-15 has not come yet"),
    "activity done 99": (1, "There is no Activity 99"),
    "agenda --from yesterday": (2, '--from: "yesterday" is not a date'),
    "agenda --from 2026-03-16 --to 2026-03-15": (2, "cannot end on 2026-03-15"),
    "agenda --user nobody": (1, 'There is no User called "nobody"'),
    "agenda --user 2": (1, "There is no User 2"),
    "agenda --ics agenda.ics --json": (2, "A calendar file is no JSON document"),
    "agenda --ics nowhere/agenda.ics": (1, "nowhere/agenda.ics cannot be written"),
    "agenda --ics gone/": (2, "There is no folder gone/."),
    "agenda --ics .": (1, ". cannot be written: Is a directory"),
    "agenda --ics ''": (1, "cannot be written: Is a directory"),
}


@pytest.mark.parametrize("command", REFUSED)
def test_a_mistake_gives_a_sentence(desk: Desk, run: Any, command: str) -> None:
    desk.meeting()
    code, sentence = REFUSED[command]
    ran = run(desk.crm, *shlex.split(command))
    assert ran.exit_code == code
    assert sentence in (ran.json["error"]["message"] if "--json" in command else ran.stderr)


def test_the_agenda_shows_the_hours_that_were_typed(desk: Desk, run: Any) -> None:
    desk.set("time_zone", "Europe/Paris")
    run(desk.crm, "activity", "create", "--title", "Visit", "--kind", "meeting", "--start", "2026-07-15T09:30")
    shown = run(desk.crm, "agenda", "--from", "2026-07-15", "--to", "2026-07-15").stdout
    assert shown.splitlines()[0] == "Wednesday 15 July 2026"
    assert "09:30" in shown


def test_it_reads_in_french(desk: Desk, run: Any) -> None:
    desk.task("Lettre", "2026-03-13")
    desk.meeting("Visite", "2026-03-16", all_day=True)
    shown = run(desk.crm, "--language", "fr", "agenda").stdout
    assert all(words in shown for words in ("En retard", "pour le 2026-03-13", "lundi 16 mars 2026", "journée entière"))
    refused = run(desk.crm, "--language", "fr", "activity", "create", "--title", "X", "--kind", "Rendez-vous")
    assert "Une activité de nature « Rendez-vous » a un début." in refused.stderr


def test_an_empty_agenda_says_of_whom_and_of_which_days(desk: Desk, run: Any) -> None:
    desk.create("user", name="bob")
    shown = run(desk.crm, "agenda", "--user", "bob", "--to", "today").stdout
    assert shown.strip() == "Nothing in the agenda of bob from 2026-03-14 to 2026-03-14."


def test_its_json_holds_the_days(desk: Desk, run: Any) -> None:
    meeting = desk.meeting("Visit")
    found = run(desk.crm, "agenda", "--json").json
    assert found["user"]["label"] == "alice"
    assert [(day["day"], [one["id"] for one in day["activities"]]) for day in found["days"]] == [
        ("2026-03-16", [meeting])
    ]
    (entry,) = found["days"][0]["activities"]
    assert (entry["kind"]["key"], entry["start"], entry["overdue"]) == ("meeting", "2026-03-16T09:30:00Z", False)


def test_a_calendar_file_is_written_whole_or_printed(desk: Desk, run: Any, tmp_path: Path) -> None:
    desk.meeting("Visit")
    file = tmp_path / "agenda.ics"
    told = run(desk.crm, "agenda", "--ics", str(file))
    assert told.stdout.strip() == f"The calendar is in {file}."
    assert file.read_bytes().startswith(b"BEGIN:VCALENDAR\r\n")
    printed = run(desk.crm, "agenda", "--ics", "-").stdout
    assert printed.replace("\r\n", "\n") == file.read_bytes().decode().replace("\r\n", "\n")


@pytest.mark.parametrize("where", ["-", "agenda.ics"])
def test_an_empty_agenda_is_no_calendar_file(
    desk: Desk, run: Any, where: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    refused = run(desk.crm, "agenda", "--ics", where)
    assert (refused.exit_code, refused.stdout, list(tmp_path.iterdir())) == (1, "", [])
    assert "Nothing in the agenda of alice from 2026-03-14 to 2026-03-27." in refused.stderr
    assert "Ask for other days with --from and --to." in refused.stderr


def test_an_administrator_adds_a_kind(desk: Desk, run: Any) -> None:
    added = run(desk.crm, "list", "add", "activity_kind", "demo", "--label", "Demonstration", "--set", "timing=start")
    assert added.exit_code == 0
    refused = run(desk.crm, "activity", "create", "--title", "X", "--kind", "demo")
    assert 'kind "Demonstration" has a start' in refused.stderr
