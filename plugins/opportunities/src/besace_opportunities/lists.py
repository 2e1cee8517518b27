"""The lists of the pipeline, which an administrator edits: phases, loss reasons, origins, roles."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from sqlalchemy.orm import Mapped

from besace import fields
from besace.errors import Refused
from besace.lists import Item, ListItem, count_uses
from besace.texts import translator
from besace_opportunities.phases import OUTCOMES, Outcome

if TYPE_CHECKING:
    from besace.database import Work

_ = translator(__name__)


class SalesPhase(
    ListItem,
    list="sales_phase",
    label=_("Sales phases"),
    items=[
        Item("prospecting", _("Prospecting"), {"outcome": "open", "probability": 10}),
        Item("qualified", _("Qualified"), {"outcome": "open", "probability": 25}),
        Item("proposal", _("Proposal"), {"outcome": "open", "probability": 50}),
        Item("negotiation", _("Negotiation"), {"outcome": "open", "probability": 75}),
        Item("won", _("Won"), {"outcome": "won", "probability": 100}),
        Item("lost", _("Lost"), {"outcome": "lost", "probability": 0}),
        Item("cancelled", _("Cancelled"), {"outcome": "cancelled", "probability": 0}),
    ],
):
    """A step of the pipeline; its outcome says what it means."""

    outcome: Mapped[str] = fields.choice(
        "Outcome", {o.value: label for o, label in OUTCOMES.items()}, help="What being in this phase means."
    )
    probability: Mapped[int | None] = fields.integer(
        "Probability",
        minimum=0,
        maximum=100,
        help="How likely a deal in this phase is to be won, in percent.",
    )

    @classmethod
    def prepare(cls, old: Mapping[str, Any] | None, new: dict[str, Any], work: Work) -> dict[str, Any]:
        """The outcome of a phase that is in use stays what it is (rule O2)."""
        if old is not None and new["outcome"] != old["outcome"]:
            uses = count_uses(work, cls.__key__, old["key"])
            if uses:
                raise Refused(
                    _(
                        'The phase "{key}" is in use {n} time: its outcome cannot change.',
                        'The phase "{key}" is in use {n} times: its outcome cannot change.',
                    ).format(key=old["key"], n=uses),
                    _("Add another phase with that outcome, and disable this one."),
                )
        return new


class LossReason(
    ListItem,
    list="loss_reason",
    label=_("Loss reasons"),
    items=[
        Item("price", _("Too expensive")),
        Item("competitor", _("A competitor was chosen")),
        Item("no_budget", _("No budget")),
        Item("no_need", _("No need any more")),
        Item("unsuitable", _("The offer does not suit")),
        Item("timing", _("Not the right moment")),
        Item("no_answer", _("No answer")),
        Item("other", _("Another reason")),
    ],
):
    """Why a deal was lost."""


class Origin(
    ListItem,
    list="origin",
    label=_("Origins"),
    items=[
        Item("enquiry", _("Enquiry")),
        Item("website", _("Website")),
        Item("referral", _("Recommendation")),
        Item("existing_customer", _("Existing customer")),
        Item("partner", _("Partner")),
        Item("trade_fair", _("Trade fair")),
        Item("campaign", _("Campaign")),
        Item("cold_call", _("Cold call")),
        Item("tender", _("Call for tenders")),
    ],
):
    """Where a deal came from."""


class ContactRole(
    ListItem,
    list="contact_role",
    label=_("Contact roles"),
    items=[
        Item("decision_maker", _("Decision maker")),
        Item("buyer", _("Buyer")),
        Item("user", _("User")),
        Item("technical", _("Technical adviser")),
        Item("influencer", _("Influencer")),
        Item("introducer", _("Business introducer")),
    ],
):
    """What a contact is in a deal."""


def first_phase(work: Work, outcome: Outcome) -> SalesPhase:
    """The first phase of an outcome that is not disabled; raises Refused where there is none."""
    for phase in work.items(SalesPhase.__key__).values():
        if isinstance(phase, SalesPhase) and phase.outcome == outcome and not phase.disabled:
            return phase
    raise Refused(
        _("No sales phase with the outcome {outcome} is there to be used.").format(outcome=outcome.value),
        _("Add or enable one: besace list show sales_phase"),
    )
