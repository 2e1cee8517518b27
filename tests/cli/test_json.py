"""The JSON that scripts rely on: one document on stdout, and nothing else there."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from besace import Besace

from .conftest import Run
from .samples import samples

ENTITY = ["id", "type", "label", "version"]
BEHIND = ["owner", "currency", "created_at", "modified_at", "external_system", "external_id"]
OPPORTUNITY = [
    "name", "target", "phase", "start_date", "expected_close_date", "close_date", "expected_revenue", "final_revenue",
    "probability", "loss_reason", "origin", "description",
]  # fmt: skip


@pytest.fixture
def desk(make_install: Callable[..., Besace], run: Run) -> Callable[..., Any]:
    """Run a command with --json in an install with a customer and a deal; gives its document."""
    crm = make_install("persons", "opportunities", plugins={"samples": samples})

    def ask(*words: str) -> Any:
        ran = run(crm, *words, "--json")
        assert (ran.exit_code, ran.stderr) == (0, ""), ran
        return json.loads(ran.stdout)

    ask("organisation", "create", "--name", "SNCF", "--sector", "transport")
    ask("opportunity", "create", "--name", "Rail", "--target", "SNCF", "--expected-revenue", "12000")
    return ask


def test_an_entity(desk: Callable[..., Any]) -> None:
    (rail,) = desk("opportunity", "list")
    assert list(rail)[:4] == ENTITY
    assert [k for k in [*OPPORTUNITY, *BEHIND] if k not in rail] == []
    assert (rail["type"], rail["label"], rail["version"]) == ("opportunity", "Rail", 1)
    assert rail["target"] == {"id": 2, "type": "organisation", "label": "SNCF"}
    assert rail["phase"] == {"key": "prospecting", "label": "Prospecting"}
    assert rail["expected_revenue"] == {"amount": "12000.00", "currency": "EUR"}
    assert (rail["start_date"], rail["final_revenue"], rail["probability"]) == ("2026-03-14", None, None)
    assert rail["owner"] == {"id": 1, "type": "user", "label": "alice"}
    assert rail["created_at"].startswith("2026-03-14T")
    assert rail["created_at"].endswith("Z")


def test_what_is_created_edited_operated_on_and_shown_is_the_same_object(desk: Callable[..., Any]) -> None:
    made = desk("opportunity", "create", "--name", "Bus", "--target", "SNCF")
    assert desk("opportunity", "list", "--where", "name = Bus") == [made]
    shown = desk("opportunity", "show", "Bus")
    blocks = shown.pop("blocks")
    assert shown == made
    assert {"contacts", "phases"} <= blocks.keys()
    assert desk("show", "opportunity:Bus") == {**made, "blocks": blocks}
    edited = desk("opportunity", "edit", "Bus", "--probability", "30")
    assert (edited.keys(), edited["probability"], edited["version"]) == (made.keys(), 30, 2)
    won = desk("opportunity", "win", "Bus", "--final-revenue", "5")
    assert (won.keys(), won["phase"]["key"], won["close_date"]) == (made.keys(), "won", "2026-03-14")
    assert desk("opportunity", "follow-up", "Bus")["phase"]["key"] == "prospecting"


def test_counts(desk: Callable[..., Any]) -> None:
    assert desk("opportunity", "count") == [{"by": None, "count": 1, "sum": None}]
    assert desk("opportunity", "count", "--where", "won", "--sum", "final_revenue") == [
        {"by": None, "count": 0, "sum": {}}
    ]
    assert desk("opportunity", "count", "--by", "phase.outcome", "--sum", "expected_revenue") == [
        {"by": "open", "count": 1, "sum": {"EUR": "12000.00"}}
    ]
    assert desk("opportunity", "count", "--by", "phase")[0]["by"] == "prospecting"
    assert desk("opportunity", "count", "--by", "target")[0]["by"] == {
        "id": 2,
        "type": "organisation",
        "label": "SNCF",
    }
    assert desk("opportunity", "count", "--by", "start_date")[0]["by"] == "2026-03-14"
    assert desk("opportunity", "count", "--by", "origin") == [{"by": None, "count": 1, "sum": None}]
    assert desk("sample", "count", "--by", "shiny") == []


def test_links(desk: Callable[..., Any]) -> None:
    link = {
        "subject": {"id": 2, "type": "organisation", "label": "SNCF"},
        "relation": "likes",
        "object": {"id": 3, "type": "opportunity", "label": "Rail"},
    }
    words = ["organisation:SNCF", "likes", "opportunity:Rail"]
    assert desk("link", *words, "--set", "note=much") == {**link, "changed": True}
    assert desk("link", *words) == {**link, "changed": False}
    (there,) = desk("related", "organisation:SNCF")
    assert there["since"].endswith("Z")
    assert {**there, "since": None} == {
        "relation": "likes", "predicate": "likes", "forward": True, "id": 3, "type": "opportunity", "label": "Rail",
        "attributes": {"note": "much"}, "since": None,
    }  # fmt: skip
    (back,) = desk("related", "opportunity:Rail")
    assert (back["predicate"], back["forward"], back["id"]) == ("is liked by", False, 2)
    assert desk("unlink", *words) == {**link, "changed": True}
    assert desk("unlink", *words) == {**link, "changed": False}


def test_history(desk: Callable[..., Any]) -> None:
    desk("opportunity", "edit", "Rail", "--expected-revenue", "13000")
    desk("link", "organisation:SNCF", "likes", "opportunity:Rail")
    *_created, edited, linked = desk("opportunity", "history", "Rail")
    assert edited.pop("at").startswith("2026-03-14T")
    assert edited == {
        "who": "alice", "door": "cli", "reason": None, "action": "edit", "about": None, "field": "expected_revenue",
        "before": {"amount": "12000.00", "currency": "EUR"}, "after": {"amount": "13000.00", "currency": "EUR"},
        "other": None, "forward": True,
    }  # fmt: skip
    assert (linked["action"], linked["about"], linked["other"], linked["forward"]) == (
        "link",
        "likes",
        "SNCF",
        False,
    )


def test_lists(desk: Callable[..., Any]) -> None:
    first = {"key": "prospecting", "label": "Prospecting", "order": 10, "disabled": False}
    (shown, *_more) = desk("list", "show", "sales_phase")
    assert {k: shown[k] for k in first} == first
    assert (shown["outcome"], shown["probability"]) == ("open", 10)
    added = desk("list", "add", "loss_reason", "weather", "--label", "The weather")
    assert (added["key"], added["label"], added["disabled"]) == ("weather", "The weather", False)
    assert desk("list", "disable", "loss-reason", "weather")["disabled"] is True
    assert desk("list", "edit", "loss_reason", "weather", "--label", "Rain", "--order", "1")["order"] == 1
    assert {"key": "sector", "label": "Sectors"} in desk("list", "show")


def test_plugins(desk: Callable[..., Any]) -> None:
    listed = {row["name"]: row for row in desk("plugin", "list")}
    assert listed["opportunities"].keys() == {"name", "version", "state", "requires", "summary"}
    assert (listed["opportunities"]["state"], listed["opportunities"]["requires"]) == ("enabled", ["persons"])
    assert listed["documents"]["state"] == "disabled"
    assert desk("plugin", "info", "samples")["adds"]["types"] == ["sample"]
    assert desk("plugin", "enable", "samples") == {"enabled": ["samples"], "changed": []}
    assert desk("plugin", "disable", "samples") == {"disabled": ["samples"], "changed": ["samples"]}
    assert desk("plugin", "enable", "samples") == {"enabled": ["samples"], "changed": ["samples"]}
    assert desk("plugin", "upgrade") == {"upgraded": [], "steps": []}


def test_settings(desk: Callable[..., Any]) -> None:
    shown = desk("config", "show")
    assert (shown["currency"], shown["language"], shown["most"]) == ("EUR", "en", 10)
    assert desk("config", "set", "most", "12") == {"most": 12}
    assert desk("config", "set", "most", "") == {"most": 10}


def test_types_and_relations(desk: Callable[..., Any]) -> None:
    assert {"key": "sample", "label": "Sample", "plugin": "samples"} in desk("type", "list")
    described = desk("type", "show", "sample")
    price = {"key": "price", "label": "Price", "kind": "money", "required": False, "read_only": False}
    assert price in described["fields"]
    assert described["conditions"] == [{"key": "dear", "label": "Dear", "where": "price >= 100"}]
    (likes,) = [r for r in desk("relation", "types") if r["key"] == "likes"]
    assert (likes["subjects"], likes["attributes"], likes["reverse"]) == (
        "any",
        ["role", "note"],
        "is liked by",
    )


def test_labels_are_in_the_reader_language_and_keys_are_not(desk: Callable[..., Any]) -> None:
    phase = desk("--language", "fr", "opportunity", "show", "Rail")["phase"]
    assert (phase["key"], phase["label"]) == ("prospecting", "Prospection")


def test_init(run: Run, tmp_path: Any) -> None:
    ran = run(
        None,
        "--as",
        "carol",
        "init",
        str(tmp_path / "new"),
        "--with",
        "persons",
        "--language",
        "fr",
        "--json",
    )
    assert ran.json == {"install": str(tmp_path / "new"), "plugins": ["persons"], "user": "carol"}
    assert run(tmp_path / "new", "config", "show", "--json", user="carol").json["language"] == "fr"
