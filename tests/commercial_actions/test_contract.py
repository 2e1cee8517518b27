"""The plugin meets what every plugin has to meet, beside one that has something to count."""

from __future__ import annotations

from typing import Any

from besace.testing import build, check_plugin

from .toys import toys

NAMED = {"counts": "deal", "condition": "won"}
ASKED = {"counts": "deal", "where": "probability >= 50"}


def step_above(work: Any) -> dict[str, Any]:
    """Another step of the same pattern."""
    step = build(work, "pattern_step")
    return {"of": step.owner_id, "parent": step.id}


def planned(work: Any, pattern: Any) -> dict[str, Any]:
    """An action of which a pattern can make objectives."""
    build(work, "pattern_step", of=pattern)
    return {"action": build(work, "commercial_action", expected_revenue=1000).id}


test_contract = check_plugin(
    "commercial_actions",
    beside={"toys": toys},
    examples={
        "objective.condition": NAMED,
        "objective.where": ASKED,
        "objective.sum": {"counts": "deal", "sum": "expected"},
        "objective.counter": {"counter": "companies_behind"},
        "pattern.condition": NAMED,
        "pattern.where": ASKED,
        "pattern": {"average_deal": 100},
        "pattern_step.condition": NAMED,
        "pattern_step.where": ASKED,
        "pattern_step.parent": step_above,
        "pattern apply": planned,
    },
)
