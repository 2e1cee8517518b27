"""A plugin that cannot run never stops an install, and the rows of a disabled one stay: by commands."""

from __future__ import annotations

import importlib
import itertools
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa

from besace import Besace

from .conftest import Run, dump
from .samples import samples

SERIAL = itertools.count()

GOOD = '''
"""Wheels."""
from sqlalchemy.orm import Mapped
from besace import Entity, fields, hookimpl

class Wheel(Entity, type="wheel"):
    """A wheel."""
    name: Mapped[str] = fields.text("Name", names_row=True)

@hookimpl
def register_entity_types():
    return [Wheel]
'''

BROKEN = {
    "raise RuntimeError('no licence')": ["cannot be loaded", "RuntimeError: no licence"],
    "import nothing_of_the_kind": ["cannot be loaded", "No module named 'nothing_of_the_kind'"],
    "import sys; sys.exit(3)": ["cannot be loaded", "SystemExit"],
    "def broken(:": ["cannot be loaded", "SyntaxError"],
    GOOD.replace("return [Wheel]", "raise ValueError('out of wheels')"): [
        "failed",
        "ValueError: out of wheels",
    ],
    GOOD.replace("return [Wheel]", "return 3"): ["failed", "TypeError"],
    GOOD.replace("return [Wheel]", "return [3]"): ["failed", "AttributeError"],
    GOOD.replace('type="wheel"', 'type="organisation"'): ['"organisation"', '"persons"', '"stranger"'],
    GOOD.replace('type="wheel"', 'type="search"'): ['"search"', "word of the command line"],
    GOOD + "\n@hookimpl\ndef register_wheels():\n    return []\n": ["failed", "register_wheels"],
    GOOD + "\nrequires = ('engines',)\n": ['needs the plugin "engines"'],
    GOOD + "\ncore = ('7.0',)\n": ["works with the core 7.0"],
}


@pytest.fixture
def stranger(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str | None], None]:
    """Write the source of the plugin `stranger`, installed as a stranger's would be; None uninstalls it."""
    site = tmp_path / "site"
    known = site / "stranger-1.0.dist-info"
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    monkeypatch.syspath_prepend(str(site))

    def write(source: str | None) -> None:
        shutil.rmtree(site, ignore_errors=True)
        sys.modules.pop("stranger_plugin", None)
        if source is not None:
            known.mkdir(parents=True)
            # A class of one module and name is mapped once in a process.
            (site / "stranger_plugin.py").write_text(source.replace("Wheel", f"Wheel{next(SERIAL)}"))
            (known / "METADATA").write_text("Metadata-Version: 2.1\nName: stranger\nVersion: 1.0\nSummary: Wheels\n")
            (known / "entry_points.txt").write_text("[besace.plugins]\nstranger = stranger_plugin\n")
        importlib.invalidate_caches()

    return write


@pytest.fixture
def install(make_install: Callable[..., Besace], stranger: Callable[..., None], run: Run) -> Besace:
    """An install that enabled the stranger's plugin while it was in order, with a wheel in it."""
    crm = make_install("persons")
    stranger(GOOD)
    assert run(crm, "plugin", "enable", "stranger").exit_code == 0
    assert run(crm, "wheel", "create", "--name", "Front").exit_code == 0
    assert run(crm, "organisation", "create", "--name", "SNCF").exit_code == 0
    return crm


def state(crm: Besace, run: Run, name: str = "stranger") -> str:
    rows = run(crm, "plugin", "list", "--json").json
    return next(row["state"] for row in rows if row["name"] == name)


def check_quarantined(crm: Besace, run: Run, names: list[str]) -> None:
    """The install works without the plugin; every command says so in one line."""
    ran = run(crm, "organisation", "list", "--json")
    assert (ran.exit_code, [row["label"] for row in ran.json]) == (0, ["SNCF"])
    (line,) = ran.stderr.splitlines()
    assert line.startswith("Warning: ")
    assert [n for n in ["stranger", *names] if n not in line] == []
    assert state(crm, run) == "quarantined"
    told = run(crm, "plugin", "info", "stranger")
    assert (told.exit_code, "quarantined" in told.stdout, names[-1] in told.stdout) == (0, True, True)
    assert run(crm, "wheel", "list").exit_code == 2
    assert run(crm, "search", "front", "--json").json == []


@pytest.mark.parametrize("source", BROKEN, ids=lambda source: BROKEN[source][-1])
def test_a_broken_plugin_is_put_in_quarantine(
    install: Besace, stranger: Callable[..., None], run: Run, source: str
) -> None:
    before = dump(install)
    stranger(source)
    check_quarantined(install, run, BROKEN[source])
    assert dump(install) == before
    stranger(GOOD)
    assert run(install, "wheel", "list", "--json").json[0]["label"] == "Front"


@pytest.mark.parametrize("source", BROKEN, ids=lambda source: BROKEN[source][-1])
def test_a_broken_plugin_is_not_enabled(
    make_install: Callable[..., Besace], stranger: Callable[..., None], run: Run, source: str
) -> None:
    crm = make_install("persons")
    before = dump(crm)
    stranger(source)
    ran = run(crm, "plugin", "enable", "stranger", "--json")
    assert (ran.exit_code, ran.json["error"]["code"]) == (1, "plugin")
    assert [n for n in BROKEN[source] if n not in ran.stderr] == []
    assert dump(crm) == before
    assert run(crm, "organisation", "list").stderr == ""


def test_a_plugin_that_is_gone_is_missing(install: Besace, stranger: Callable[..., None], run: Run) -> None:
    stranger(None)
    ran = run(install, "organisation", "list")
    assert (ran.exit_code, len(ran.stderr.splitlines()), "not installed" in ran.stderr) == (0, 1, True)
    assert state(install, run) == "missing"
    assert run(install, "plugin", "disable", "stranger").exit_code == 0
    assert run(install, "organisation", "list").stderr == ""
    assert run(install, "plugin", "enable", "stranger").exit_code == 1


def test_a_missing_table_is_told_and_made_again(install: Besace, run: Run) -> None:
    with install.writer.begin() as connection:
        connection.execute(sa.text("DROP TABLE wheel"))
    check_quarantined(install, run, ['"wheel"', "besace plugin upgrade"])


def test_a_blocked_plugin_is_left_out(install: Besace, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BESACE_BLOCK", "stranger")
    check_quarantined(install, run, ["BESACE_BLOCK"])
    monkeypatch.delenv("BESACE_BLOCK")
    assert run(install, "wheel", "list", "--json").json[0]["label"] == "Front"


def test_a_plugin_without_the_one_it_needs_is_left_out(
    make_install: Callable[..., Besace], run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    crm = make_install("persons", "opportunities")
    monkeypatch.setenv("BESACE_BLOCK", "persons")
    ran = run(crm, "user", "list")
    assert (ran.exit_code, len(ran.stderr.splitlines())) == (0, 2)
    assert 'Plugin "opportunities" needs the plugin "persons", which is not running.' in ran.stderr


def test_calls_of_hooks_are_traced(crm: Besace, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BESACE_TRACE", "1")
    ran = run(crm, "sample", "list", "--json")
    assert (ran.json, "register_entity_types" in ran.stderr) == ([], True)


FAILS_WORKING = (
    GOOD
    + """
@hookimpl
def check_save(work, saves):
    raise ZeroDivisionError("wheels turn")
"""
)


def test_a_plugin_that_fails_while_working_is_named_and_nothing_is_stored(
    install: Besace, stranger: Callable[..., None], run: Run
) -> None:
    stranger(FAILS_WORKING)
    before = dump(install)
    ran = run(install, "organisation", "create", "--name", "RATP")
    assert ran.exit_code == 1
    for name in ('"stranger"', "check_save", "wheels turn", "Nothing was stored", "BESACE_BLOCK=stranger"):
        assert name in ran.stderr
    assert dump(install) == before


def test_E5_a_disabled_plugin_is_hidden_and_its_rows_come_back(make_install: Callable[..., Besace], run: Run) -> None:
    crm = make_install("persons", plugins={"samples": samples})
    run(crm, "organisation", "create", "--name", "SNCF")
    run(crm, "sample", "create", "--name", "Bell")
    run(crm, "slice", "add", "sample:Bell", "--what", "Rim")
    run(crm, "link", "organisation:SNCF", "likes", "sample:Bell")
    before = dump(crm)
    seen = [
        run(crm, *words, "--json").json
        for words in (["sample", "show", "Bell"], ["slice", "list", "Bell"], ["related", "organisation:SNCF"])
    ]
    assert run(crm, "plugin", "disable", "samples").stdout == "The plugin samples is disabled; its rows stay.\n"
    assert run(crm, "sample", "list").exit_code == 2
    assert run(crm, "show", "3").exit_code == 1
    assert run(crm, "link", "organisation:SNCF", "likes", "user:alice").exit_code == 2
    assert run(crm, "list", "show", "grade").exit_code == 2
    assert run(crm, "search", "bell", "--json").json == []
    assert run(crm, "related", "organisation:SNCF", "--json").json == []
    assert state(crm, run, "samples") == "disabled"
    assert run(crm, "plugin", "disable", "samples").stdout == "The plugin samples was disabled already.\n"
    assert run(crm, "plugin", "enable", "samples").stdout == "The plugin samples is enabled.\n"
    after = dump(crm)
    for table in ("entity", "sample", "slice", "link", "grade"):
        assert after[table] == before[table]
    assert seen == [
        run(crm, *words, "--json").json
        for words in (["sample", "show", "Bell"], ["slice", "list", "Bell"], ["related", "organisation:SNCF"])
    ]


def test_E5_what_a_hidden_row_refers_to_is_not_purged(make_install: Callable[..., Besace], run: Run) -> None:
    crm = make_install("persons", plugins={"samples": samples})
    run(crm, "organisation", "create", "--name", "SNCF")
    run(crm, "sample", "create", "--name", "Bell")
    run(crm, "link", "organisation:SNCF", "likes", "sample:Bell")
    run(crm, "plugin", "disable", "samples")
    run(crm, "organisation", "delete", "SNCF")
    ran = run(crm, "organisation", "purge", "SNCF")
    assert (ran.exit_code, '"samples"' in ran.stderr, "1 row" in ran.stderr) == (1, True, True)
    run(crm, "plugin", "enable", "samples")
    assert run(crm, "organisation", "purge", "SNCF").stdout == 'Organisation 2 "SNCF" is gone for good.\n'


def test_a_plugin_that_declares_a_class_and_then_raises_takes_one_line(tmp_path, make_install):
    crm = make_install("persons")
    package = tmp_path / "site"
    (package / "broken_half-1.dist-info").mkdir(parents=True)
    (package / "broken_half-1.dist-info" / "METADATA").write_text(
        "Metadata-Version: 2.1\nName: broken-half\nVersion: 1\n"
    )
    (package / "broken_half-1.dist-info" / "entry_points.txt").write_text("[besace.plugins]\nhalf = broken_half\n")
    good = "from besace import Entity, fields, hookimpl\nfrom sqlalchemy.orm import Mapped\n"
    good += 'class Half(Entity, type="half"):\n    """A half."""\n'
    good += '    name: Mapped[str] = fields.text("Name", names_row=True)\n'
    hook = "@hookimpl\ndef register_entity_types():\n    return [Half]\n"
    module = package / "broken_half.py"
    module.write_text(good + hook)
    environment = {**os.environ, "PYTHONPATH": str(package), "BESACE_INSTALL": str(crm.folder), "BESACE_USER": "alice"}
    besace = [sys.executable, "-m", "besace"]
    subprocess.run([*besace, "plugin", "enable", "half"], env=environment, check=True, capture_output=True)
    module.write_text(good + 'raise ValueError("half way")\n')
    done = subprocess.run(
        [*besace, "organisation", "list"], env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0
    assert len(done.stderr.splitlines()) == 1, done.stderr
    assert '"half"' in done.stderr
