"""The plugin meets what every plugin has to meet; here is what its rules ask for."""

from __future__ import annotations

from typing import Any

from besace import entities
from besace.testing import check_plugin

WON = {"phase": "won", "final_revenue": "100"}


def closed(work: Any, deal: Any) -> dict[str, Any]:
    """A deal that was lost, for what begins there."""
    entities.edit(work, deal, phase="lost")
    return {}


def mistaken(work: Any, deal: Any) -> dict[str, Any]:
    """A deal that was lost by mistake."""
    return {**closed(work, deal), "phase": "proposal", "reason": "A mistaken click"}


test_contract = check_plugin(
    "opportunities",
    examples={
        "opportunity.close_date": {**WON, "close_date": "2026-03-02"},
        "opportunity.final_revenue": WON,
        "opportunity.loss_reason": {"phase": "lost", "loss_reason": "price"},
        "opportunity win": {"final_revenue": "100"},
        "opportunity move": {"phase": "proposal"},
        "opportunity follow_up": closed,
        "opportunity correct": mistaken,
    },
)
