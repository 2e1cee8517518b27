"""The portable archive: what it holds, and that it is the same for the same data."""

from __future__ import annotations

import json
import zipfile

import pytest

from besace import entities, parts, relations
from besace.transfer import archive

from .toys import EVERY_VALUE, Line, Sticker


@pytest.fixture
def filled(both):
    """An install with a value of every kind, parts, links with attributes, and hidden rows of a disabled plugin."""

    def act(work):
        bell = entities.create(work, "gadget", **EVERY_VALUE)
        drum = entities.create(work, "gadget", name="Drum", keeper=bell.id)
        wheel = entities.create(work, "widget", title="Wheel", gadget=bell.id, fee="3")
        parts.add(work, Line, bell.id, what="x", amount="2")
        parts.add(work, Sticker, bell.id, text="fragile")
        relations.link(work, bell.id, "knows", drum.id, role="high", since="2026-01-01", fee="5")
        relations.link(work, bell.id, "holds", wheel.id)

    both.write(act)
    both.disable("extra")
    return both


def written(crm, path, **options):
    with crm.read() as work:
        return archive.write(work, path, **options)


def lines(path, table):
    with zipfile.ZipFile(path) as file:
        return [json.loads(line) for line in file.read(f"tables/{table}.jsonl").splitlines()]


def test_an_archive_holds_every_table_those_of_disabled_plugins_too(filled, tmp_path):
    manifest = written(filled, tmp_path / "a.zip")
    held = {table.name: table for table in manifest.tables}
    assert {"entity", "user", "link", "gadget", "line", "rank", "widget", "sticker", "plugin"} <= held.keys()
    assert not any(name.startswith("version_") for name in held)
    (widget,) = lines(tmp_path / "a.zip", "widget")
    assert dict(zip([c.name for c in held["widget"].columns], widget, strict=True))["title"] == "Wheel"
    assert [(p.name, p.enabled) for p in manifest.plugins] == [("core", True), ("toy", True), ("extra", False)]


def test_a_part_of_an_install_is_written_and_says_so(filled, tmp_path):
    path = tmp_path / "part.zip"
    tables = {"entity": lambda table: table.c.type == "widget", "widget": None}
    manifest = written(filled, path, tables=tables)
    assert (manifest.partial, [(t.name, t.rows) for t in manifest.tables]) == (True, [("entity", 1), ("widget", 1)])
    (row,) = lines(path, "entity")
    assert "Wheel" in row
