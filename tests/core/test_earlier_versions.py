"""An install of each earlier version, kept as a file: upgraded, its tables are those of the models, its rows stay."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from besace import Besace, schema
from besace.upgrading import upgrade_core

DUMPS = sorted((Path(__file__).parents[1] / "data").glob("install_*.sql"))
every_version = pytest.mark.parametrize("dump", DUMPS, ids=lambda path: path.stem.removeprefix("install_"))

ABOUT_PLUGINS = ("plugin", "install", "sqlite_sequence")
"""Tables that tell of the code and not of the data: an upgrade writes them anew."""

RENAMED = {"contact_role": {"technical_adviser": "technical", "business_introducer": "introducer"}}
"""The items to which a migration gave another key, by list."""


@pytest.fixture
def old(tmp_path: Path, besace_environment: None) -> Callable[[Path], Path]:
    """The folder of an install with what a dump holds."""

    def load(dump: Path) -> Path:
        with sqlite3.connect(tmp_path / "besace.sqlite3") as database:
            database.executescript(dump.read_text(encoding="utf-8"))
        database.close()
        (tmp_path / "besace.toml").write_text('database = "sqlite:///besace.sqlite3"\n')
        return tmp_path

    return load


def upgraded(folder: Path) -> Besace:
    crm = Besace.unloaded(folder)
    upgrade_core(crm)
    crm.close()
    crm = Besace.open(folder, user="alice")
    crm.upgrade()
    return crm


def rows(folder: Path) -> dict[str, list[dict[str, Any]]]:
    """Every row of every table of the data, by column."""
    database = sqlite3.connect(folder / "besace.sqlite3")
    database.row_factory = sqlite3.Row
    names = [r["name"] for r in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    kept = [n for n in names if n not in ABOUT_PLUGINS and not n.startswith("version_")]
    found = {n: [dict(r) for r in database.execute(f'SELECT * FROM "{n}" ORDER BY 1, 2')] for n in kept}
    database.close()
    return found


def with_new_keys(table: str, kept: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rows of a table in the order in which they are read, with the items that were renamed since."""
    if table not in RENAMED:
        return kept
    return sorted(({**r, "key": RENAMED[table].get(r["key"], r["key"])} for r in kept), key=lambda r: str(r["key"]))


def test_an_install_of_every_earlier_version_is_kept() -> None:
    assert "install_0.1.0" in {path.stem for path in DUMPS}


@every_version
def test_it_is_upgraded_to_the_tables_of_the_models(dump: Path, old: Callable[[Path], Path]) -> None:
    with upgraded(old(dump)) as crm:
        assert crm.host.quarantine == {}
        assert set(crm.host.running) >= {"persons", "opportunities", "commercial_actions", "documents", "demo"}
        with crm.reader.connect() as connection:
            for name in ("core", *crm.host.running):
                assert schema.differences(connection, name, crm.registry) == []
            stored = connection.execute(sa.select(schema.plugin_table.c.name, schema.plugin_table.c.tables)).all()
        assert all(isinstance(row.tables, dict) for row in stored)
        assert crm.upgrade() == []


@every_version
def test_every_row_stays_under_its_columns(dump: Path, old: Callable[[Path], Path]) -> None:
    folder = old(dump)
    before = rows(folder)
    upgraded(folder).close()
    after = rows(folder)
    assert sum(map(len, before.values())) > 100
    for table, old_rows in before.items():
        assert [
            was for was in with_new_keys(table, old_rows) if not any(was.items() <= now.items() for now in after[table])
        ] == []


@every_version
def test_typed_amounts_of_documents_become_a_line_that_comes_to_them(
    dump: Path, old: Callable[[Path], Path], run: Any
) -> None:
    folder = old(dump)
    upgraded(folder).close()
    documents = [*run(folder, "invoice", "list", "--json").json, *run(folder, "quote", "list", "--json").json]
    priced = [document for document in documents if document["net"] is not None]
    assert priced
    for document in priced:
        (line,) = run(folder, "document-line", "list", str(document["id"]), "--json").json
        assert (line["net"], line["quantity"]) == (document["net"], "1.0000")
        assert document["payable"] == document["gross"]
    assert run(folder, "verify").exit_code == 0


@every_version
def test_what_people_see_is_what_they_saw(dump: Path, old: Callable[[Path], Path], run: Any) -> None:
    folder = old(dump)
    upgraded(folder).close()
    progress = run(folder, "commercial-action", "progress", "commercial-action:Fair", "--json").json
    told = {o["name"]: (o["value"], o["where"], o["suspended"]) for o in progress["objectives"]}
    assert told == {
        "Deals": ("0", None, None),
        "Offers": ("1", "phase = proposal", None),
        "Handshakes": ("0", None, None),
    }
    (revenue,) = progress["revenue"]
    assert (revenue["deals"], revenue["expected"]["amount"]) == (2, "60000.00")
    phases = {i["key"]: i["label"] for i in run(folder, "list", "show", "sales_phase", "--json").json}
    assert phases["proposal"] == "Offer sent"
    (invoice,) = run(folder, "invoice", "list", "--json").json
    assert invoice["number"] == "F-2026-0001"
    assert [o["label"] for o in run(folder, "organisation", "list", "--trash", "--json").json] == ["Gone"]
    history = run(folder, "opportunity", "history", "opportunity:Portal", "--json")
    assert history.exit_code == 0
    assert json.loads(history.stdout)
