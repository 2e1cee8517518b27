"""The plugin meets what every plugin has to meet, beside one that has something to count."""

from __future__ import annotations

from besace.testing import check_plugin

from .toys import toys

test_contract = check_plugin(
    "commercial_actions",
    beside={"toys": toys},
    examples={
        "objective.condition": {"counts": "deal", "condition": "won"},
        "objective.where": {"counts": "deal", "where": "probability >= 50"},
        "objective.sum": {"counts": "deal", "sum": "expected"},
        "objective.counter": {"counter": "companies_behind"},
    },
)
