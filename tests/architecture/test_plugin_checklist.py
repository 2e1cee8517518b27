"""What the shipped plugins keep to together; what each keeps to alone is in tests/PLUGIN/test_contract.py."""

from __future__ import annotations

import importlib.metadata
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from besace import Besace, relations
from besace.testing import build
from besace.testing.contract.bench import stored

ROOT = Path(__file__).parents[2]
REQUIRES = {
    "persons": (),
    "opportunities": ("persons",),
    "commercial_actions": (),
    "documents": ("persons",),
    "activities": (),
    "products": (),
    "attachments": (),
    "demo": ("persons", "opportunities", "commercial_actions", "documents"),
}
PLUGINS = list(REQUIRES)
every_plugin = pytest.mark.parametrize("name", PLUGINS)

GIVEN = {
    "offer": {"unit_price": "10"},
    "document_line": {"name": "Work", "unit_price": "12.5"},
    "document_adjustment": {"percent": "5"},
}
"""What rows need besides what their declarations tell."""


@pytest.fixture
def full(make_install: Callable[..., Besace]) -> Besace:
    """An install with all shipped plugins, a row of everything and links among them."""
    crm = make_install(*PLUGINS)
    crm.write(live)
    return crm


def live(work: Any) -> None:
    """A row of every type and part, and a goal that every entity fulfils."""
    made = [build(work, row.key, **GIVEN.get(row.key, {})) for row in work.crm.registry.rows]
    goal = build(work, "commercial_action")
    for entity in [row for row in made if row.__key__ in work.crm.registry.types]:
        relations.link(work, entity, "fulfils_goal", goal)


def test_every_plugin_of_the_house_has_its_contract_checked() -> None:
    assert sorted(p.name for p in (ROOT / "plugins").iterdir() if (p / "pyproject.toml").exists()) == sorted(PLUGINS)
    for name in PLUGINS:
        test = (ROOT / "tests" / name / "test_contract.py").read_text(encoding="utf-8")
        assert "test_contract = check_plugin(" in test
        assert f'"{name}"' in test


@every_plugin
def test_its_entry_point_resolves(name: str) -> None:
    (point,) = importlib.metadata.entry_points(group="besace.plugins", name=name)
    module = point.load()
    assert (point.value, module.__name__) == (f"besace_{name}.plugin", f"besace_{name}.plugin")
    assert (module.requires, module.core) == (REQUIRES[name], ("0.1",))
    project = tomllib.loads((ROOT / "plugins" / name / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["entry-points"]["besace.plugins"] == {name: point.value}


@every_plugin
def test_disabling_and_enabling_keeps_every_row(name: str, full: Besace) -> None:
    before = stored(full)
    dependent = [n for n in PLUGINS if name in REQUIRES[n]][::-1]
    for other in [*dependent, name]:
        full.disable(other)
    assert set(full.host.running) & {name, *dependent} == set()
    assert stored(full) == before
    full.enable([name, *dependent])
    assert stored(full) == before


@every_plugin
def test_the_others_work_while_it_is_blocked(name: str, full: Besace, run: Any, monkeypatch: Any) -> None:
    monkeypatch.setenv("BESACE_BLOCK", name)
    gone = {name, *(n for n in PLUGINS if name in REQUIRES[n])}
    types = [t.key for t in full.registry.types.values() if t.plugin not in gone]
    assert "user" in types
    for key in types:
        words = key.replace("_", "-")
        for verb in (["list"], ["count"], ["create", "--help"]):
            done = run(full.folder, words, *verb)
            assert (done.exit_code, bool(done.stdout)) == (0, True), (key, verb, done.stderr)
            assert f'"{name}"' in done.stderr or verb[-1] == "--help"
    listed = {p["name"]: p["state"] for p in run(full.folder, "plugin", "list", "--json").json}
    assert {n for n, state in listed.items() if state == "enabled"} & set(PLUGINS) == set(PLUGINS) - gone
