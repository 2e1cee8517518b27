"""Winning makes the target a customer of the install's own organisation (rule O3)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from besace.reading import found_entities
from besace.relations import Link, link_many
from besace_opportunities.models import outcome_of
from besace_opportunities.phases import Outcome
from besace_persons.own import own_organisation

if TYPE_CHECKING:
    from besace.database import Work
    from besace.entities import Save


def make(work: Work, saves: Sequence[Save]) -> None:
    """Link the targets of the deals won in a batch, unless a setting says no or no organisation is set."""
    targets = sorted({save.new["target"] for save in saves if _is_won_now(work, save)})
    if not targets or not work.setting("winning_makes_customer"):
        return
    own = own_organisation(work)
    if own is None:
        return
    found = found_entities(work, targets)
    link_many(work, [Link(t, "customer_of", own) for t in targets if t != own and not found[t].trashed])


def _is_won_now(work: Work, save: Save) -> bool:
    if "phase" not in save.changed or outcome_of(work, save.new["phase"]) is not Outcome.WON:
        return False
    return save.old is None or outcome_of(work, save.old["phase"]) is not Outcome.WON
