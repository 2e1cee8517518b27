"""The phase history: each change of phase as things stood then, which cannot be rebuilt later (rule O5)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from besace import parts
from besace_opportunities.models import PhaseChange, is_correction, outcome_of
from besace_opportunities.phases import Outcome, effective_probability

if TYPE_CHECKING:
    from besace.database import Work
    from besace.entities import Save


def keep(work: Work, saves: Sequence[Save]) -> None:
    """Add a phase change to each opportunity of a batch that is new or whose phase changed."""
    moved = [save for save in saves if "phase" in save.changed]
    parts.add_many(work, PhaseChange, [(s.id, _change(work, s)) for s in moved], touching=False)


def _change(work: Work, save: Save) -> dict[str, Any]:
    new, old = save.new, save.old
    phase: Any = work.items("sales_phase")[new["phase"]]
    outcome = outcome_of(work, new["phase"])
    correction = is_correction(old, new)
    return {
        "from_phase": old["phase"] if old is not None else None,
        "to_phase": new["phase"],
        "at": new["close_date"] if outcome.is_closed and not correction else work.today,
        "by": work.user_id,
        "amount": new["final_revenue"] if outcome is Outcome.WON else new["expected_revenue"],
        "probability": effective_probability(outcome, new["probability"], phase.probability),
        "reason": new["correction_reason"] if correction else None,
    }
