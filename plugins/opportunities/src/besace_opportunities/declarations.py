"""What the plugin declares about opportunities, beside their types and lists."""

from __future__ import annotations

from besace import fields
from besace.kinds import BooleanKind
from besace.records import Block, Condition, Counter, Measure, Operation, RelationType, Setting
from besace.texts import translator

_ = translator(__name__)

_DEAL = ("opportunity",)

RELATION_TYPES = [
    RelationType("follows_up", _("follows up"), _("is followed up by"), _DEAL, _DEAL),
    RelationType(
        "involved_in",
        _("is involved in"),
        _("involves"),
        ("contact",),
        _DEAL,
        {"role": fields.item(_("Role"), list="contact_role", help=_("What the contact is in the deal."))},
    ),
]

CONDITIONS = [
    Condition("open", "opportunity", "phase.outcome = open", _("Open")),
    Condition("won", "opportunity", "phase.outcome = won", _("Won")),
    Condition("lost", "opportunity", "phase.outcome = lost", _("Lost")),
    Condition("cancelled", "opportunity", "phase.outcome = cancelled", _("Cancelled")),
    Condition("overdue", "opportunity", "open and expected_close_date < today", _("Overdue")),
]

SETTINGS = [
    Setting(
        "require_loss_reason",
        BooleanKind(),
        _("Loss reason required"),
        _("Whether a lost opportunity needs a loss reason."),
        False,
    ),
    Setting(
        "winning_makes_customer",
        BooleanKind(),
        _("Winning makes a customer"),
        _("Whether winning makes the target a customer of the install's own organisation."),
        True,
    ),
]


def measures() -> list[Measure]:
    """Expected and final revenue, and the expected one weighted by probability (rule O6)."""
    from besace_opportunities.forecast import weighted_revenue

    return [
        Measure(
            "expected",
            "opportunity",
            _("Expected revenue"),
            "expected_revenue",
            where="not lost and not cancelled",
        ),
        Measure("final", "opportunity", _("Final revenue"), "final_revenue", where="won"),
        Measure("weighted", "opportunity", _("Weighted revenue"), weighted_revenue, missing="unweighted"),
    ]


def operations() -> list[Operation]:
    """The verbs of an opportunity."""
    from besace_opportunities import involvement
    from besace_opportunities import operations as deals

    on = {"on": _("The closing date; today unless given.")}
    final = {"final_revenue": _("What it brought; the expected revenue unless given.")}
    return [
        Operation("win", "opportunity", deals.win, _("Win"), _("Win an opportunity."), options={**final, **on}),
        Operation(
            "lose",
            "opportunity",
            deals.lose,
            _("Lose"),
            _("Lose an opportunity."),
            options={"reason": _("Why it was lost: an item of the list loss_reason."), **on},
        ),
        Operation(
            "cancel",
            "opportunity",
            deals.cancel,
            _("Cancel"),
            _("Close an opportunity that no longer takes place."),
            options=on,
        ),
        Operation(
            "move",
            "opportunity",
            deals.move,
            _("Move"),
            _("Move an open opportunity to another phase."),
            options={"phase": _("Where to: an item of the list sales_phase.")},
        ),
        Operation(
            "follow_up",
            "opportunity",
            deals.follow_up,
            _("Follow up"),
            _("Try again after a closed opportunity: a new one with its target, contacts and products."),
            options={"name": _("The name of the new opportunity; the same unless given.")},
        ),
        Operation(
            "involved",
            "opportunity",
            involvement.involved,
            _("Compare who is involved"),
            _("Show who is involved in deals, in how many, and what these bring."),
            scope="none",
            writes=False,
            right="read",
            options={
                "role": _("Only those who are involved as this: an item of the list contact_role."),
                "where": _('Only the deals that meet a condition: "close_date >= 2026-01-01".'),
            },
            layout=involvement.lay_out_involvement,
        ),
        Operation(
            "correct",
            "opportunity",
            deals.correct,
            _("Correct the outcome"),
            _("Repair an outcome that was entered by mistake."),
            right="correct",
            options={
                "phase": _("The phase that it should be in."),
                "reason": _("Why the outcome is corrected; it stands in the history."),
                "loss_reason": _("Why it was lost, where that is the right outcome."),
                **final,
                **on,
            },
        ),
    ]


def counters() -> list[Counter]:
    """Who introduced the deals of an action."""
    from besace_opportunities.involvement import introducers

    return [Counter("introducers", _("Introducers of deals"), "contact", introducers)]


def blocks() -> list[Block]:
    """What stands beside the fields of an opportunity, and of those whom one sells to."""
    from besace_opportunities import blocks as views

    deals = [
        Block("opportunities", on, _("Opportunities"), views.deals_of, views.lay_out_deals, 30)
        for on in ("organisation", "contact")
    ]
    return [
        Block("forecast", "opportunity", _("Forecast"), views.forecast_of, views.lay_out_forecast, 10),
        Block("contacts", "opportunity", _("Contacts"), views.contacts_of, views.lay_out_contacts, 20),
        Block("phases", "opportunity", _("Phases"), views.steps_of, views.lay_out_steps, 80),
        Block("involvements", "contact", _("Involved in"), views.involvements_of, views.lay_out_involvements, 31),
        *deals,
    ]
