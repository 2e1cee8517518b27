"""The tables of the plugin's README say what the code declares."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from besace.operations import parameters_of

README = Path(__file__).parents[2] / "plugins/commercial_actions/README.md"


@pytest.fixture
def tables() -> dict[str, list[list[str]]]:
    """The rows of each section's table, as their cells."""
    found: dict[str, list[list[str]]] = {}
    section = ""
    for line in README.read_text(encoding="utf-8").splitlines():
        if line.startswith("## "):
            section = line[3:]
        elif line.startswith("| `"):
            found.setdefault(section, []).append([cell.strip() for cell in line.strip("|").split("|")])
    return found


def names(cell: str) -> list[str]:
    return re.findall(r"`(\w+)`", cell)


def test_types_and_their_fields(office: Any, tables: Any) -> None:
    registry = office.crm.registry
    rows = [i for i in registry.rows if i.plugin == "commercial_actions"]
    assert {names(row[0])[0]: names(row[1]) for row in tables["Types"]} == {i.key: list(i.fields) for i in rows}


def test_lists_and_their_items(office: Any, tables: Any) -> None:
    registry = office.crm.registry
    lists = {key: registry.lists[key] for key, owner in registry.list_owners.items() if owner == "commercial_actions"}
    written = {names(row[0])[0]: names(row[2]) for row in tables["Lists"]}
    assert written == {key: [item.key for item in model.__items__] for key, model in lists.items()}


def test_relations(office: Any, tables: Any) -> None:
    known = [r for r in office.crm.registry.relation_types.values() if r.plugin == "commercial_actions"]
    written = [[names(row[0])[0], row[1], row[2], row[3], row[4]] for row in tables["Relations"]]
    assert written == [[r.key, r.subjects, ", ".join(r.objects), str(r.label), str(r.reverse)] for r in known]


def test_conditions_and_measures(office: Any, tables: Any) -> None:
    adds = office.crm.host.summary("commercial_actions")
    assert (adds["conditions"], adds["measures"], adds["counters"]) == ([], [], [])
    assert "Conditions" not in tables
    assert "Measures" not in tables


def test_operations_and_their_options(office: Any, tables: Any) -> None:
    registry = office.crm.registry
    written = {(row[1], names(row[0])[0]): (names(row[2]), row[3]) for row in tables["Operations"]}
    fields = {info.key: info.fields for info in registry.rows}
    assert written == {
        (o.on, o.key): ([p.name for p in parameters_of(o, fields[o.on])], o.right)
        for o in registry.operations.values()
        if o.plugin == "commercial_actions"
    }


def test_blocks(office: Any, tables: Any) -> None:
    ours = [b for b in office.crm.registry.blocks.values() if b.plugin == "commercial_actions"]
    assert [(names(row[0])[0], row[1]) for row in tables["Blocks"]] == [(b.key, b.on) for b in ours]
