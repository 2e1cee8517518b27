"""What one does with an opportunity: win, lose, cancel or move it, follow it up, correct its outcome."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Annotated, Any

from besace import changes, entities, kinds, parts, relations
from besace.errors import Refused
from besace.money import Money
from besace.reading import mention_of
from besace.relations import Link
from besace.texts import translator
from besace_opportunities.lists import first_phase
from besace_opportunities.models import Opportunity, outcome_of
from besace_opportunities.phases import Outcome

if TYPE_CHECKING:
    from besace.database import Work

_ = translator(__name__)

_ALREADY = {
    Outcome.WON: _("{deal} was already won on {day}."),
    Outcome.LOST: _("{deal} was already lost on {day}."),
    Outcome.CANCELLED: _("{deal} was already cancelled on {day}."),
}


def win(work: Work, deal: Opportunity, *, final_revenue: Money | None = None, on: date | None = None) -> Opportunity:
    """Win an opportunity; its final revenue is the expected one unless given (rule O3)."""
    return _close(work, deal, Outcome.WON, {"close_date": on, "final_revenue": final_revenue})


def lose(
    work: Work,
    deal: Opportunity,
    *,
    reason: Annotated[str | None, kinds.ItemKind("loss_reason")] = None,
    on: date | None = None,
) -> Opportunity:
    """Lose an opportunity; an install may require a reason (rule O3)."""
    return _close(work, deal, Outcome.LOST, {"close_date": on, "loss_reason": reason})


def cancel(work: Work, deal: Opportunity, *, on: date | None = None) -> Opportunity:
    """Cancel an opportunity: neither won nor lost, it no longer takes place."""
    return _close(work, deal, Outcome.CANCELLED, {"close_date": on})


def move(work: Work, deal: Opportunity, *, phase: Annotated[str, kinds.ItemKind("sales_phase")]) -> Opportunity:
    """Move an open opportunity to a phase; one that is closed never moves (rule O4)."""
    return _edit(work, deal, {"phase": phase})


def follow_up(work: Work, deal: Opportunity, *, name: str | None = None) -> Opportunity:
    """Try again after a deal that is closed: a new opportunity with its target, contacts and products (rule O4).

    Of the amounts only the expected revenue is taken over; documents and goals stay with the old one. Its parts, of
    whatever plugin, are taken over as they say themselves: offers are, phase changes are not.
    """
    if not outcome_of(work, deal.phase_key).is_closed:
        raise Refused(
            _("{deal} is still open: there is nothing to follow up.").format(deal=mention_of(work, deal)),
            _("Go on with it: besace opportunity move {id} --phase KEY").format(id=deal.id),
        )
    new: Opportunity = entities.create(
        work,
        Opportunity,
        name=name or deal.name,
        target=deal.target_id,
        expected_revenue=deal.expected_revenue,
        currency=deal.currency,
    )
    parts.copy(work, deal, new)
    involved = relations.related(work, deal.id, relation="involved_in")
    contacts = [Link(c.id, "involved_in", new.id, _usable(work, c.attributes)) for c in involved]
    relations.link_many(work, [*contacts, Link(new.id, "follows_up", deal.id)])
    return new


def correct(
    work: Work,
    deal: Opportunity,
    *,
    phase: Annotated[str, kinds.ItemKind("sales_phase")],
    reason: str,
    final_revenue: Money | None = None,
    loss_reason: Annotated[str | None, kinds.ItemKind("loss_reason")] = None,
    on: date | None = None,
) -> Opportunity:
    """Repair an outcome that was entered by mistake (rule O4); the reason stands in both histories.

    What no longer holds is emptied: closing date, final revenue, loss reason.
    """
    _check_correction(work, deal, phase, reason)
    changes.give_reason(work, reason.strip())
    given = {
        "phase": phase,
        "close_date": on,
        "final_revenue": final_revenue,
        "loss_reason": loss_reason,
        "corrections": (deal.corrections or 0) + 1,
        "correction_reason": reason.strip(),
    }
    return _edit(work, deal, given, unlock=("corrections", "correction_reason"))


def _close(work: Work, deal: Opportunity, outcome: Outcome, given: dict[str, Any]) -> Opportunity:
    if outcome_of(work, deal.phase_key) is outcome:
        raise Refused(
            _ALREADY[outcome].format(deal=mention_of(work, deal), day=deal.close_date),
            _("Change what it keeps of its end with: besace opportunity edit {id}").format(id=deal.id),
        )
    return _edit(work, deal, {"phase": first_phase(work, outcome).key, **given})


def _edit(work: Work, deal: Opportunity, given: dict[str, Any], *, unlock: tuple[str, ...] = ()) -> Opportunity:
    """Edit the fields that are given: an option left out leaves its field alone."""
    values: dict[str, Any] = {key: value for key, value in given.items() if value is not None}
    edited: Opportunity = entities.edit(work, deal, unlock=unlock, **values)
    return edited


def _check_correction(work: Work, deal: Opportunity, phase: str, reason: str) -> None:
    if not reason.strip():
        raise Refused(_("A correction needs a reason."), _("Give it with --reason."))
    if not outcome_of(work, deal.phase_key).is_closed:
        raise Refused(
            _("{deal} is open: there is no outcome to correct.").format(deal=mention_of(work, deal)),
            _("Move it: besace opportunity move {id} --phase {phase}").format(id=deal.id, phase=phase),
        )
    if phase == deal.phase_key:
        raise Refused(
            _('{deal} already is in the phase "{phase}".').format(deal=mention_of(work, deal), phase=deal.phase.label),
            _("Name the phase that it should be in with --phase."),
        )


def _usable(work: Work, attributes: Any) -> dict[str, Any]:
    """The role of a contact in the old deal, unless an administrator has disabled it since."""
    role = work.items("contact_role").get(attributes.get("role"))
    return {"role": role.key} if role is not None and not role.disabled else {}
