"""What the plugin declares about documents, beside their types."""

from __future__ import annotations

from typing import Any

from besace.kinds import TextKind
from besace.records import Block, Condition, Operation, RelationType, Setting
from besace.texts import Text, translator

_ = translator(__name__)

RELATION_TYPES = [
    RelationType(
        "raised_for",
        _("is raised for"),
        _("has the document"),
        ("quote", "invoice"),
        ("opportunity",),
        carries_goal=True,
    )
]

CONDITIONS = [
    Condition("draft", "quote", "state = draft", _("Draft")),
    Condition("sent", "quote", "sent_on is not empty", _("Sent")),
    Condition("accepted", "quote", "state = accepted", _("Accepted")),
    Condition("refused", "quote", "state = refused", _("Refused")),
    Condition("expired", "quote", "state = expired", _("Expired")),
    Condition("draft", "invoice", "state = draft", _("Draft")),
    Condition("issued", "invoice", "issued_on is not empty", _("Issued")),
    Condition("paid", "invoice", "state = paid", _("Paid")),
    Condition("overdue", "invoice", "state = issued and due_date < today", _("Overdue")),
]
"""`sent` and `issued` hold for what was ever sent or issued, whatever came after (rule B7)."""


def settings() -> list[Setting]:
    """How invoices are numbered."""
    from besace_documents.numbering import FORMAT, clean_format

    return [
        Setting(
            FORMAT,
            TextKind(clean=clean_format),
            _("Format of invoice numbers"),
            _("How the year and the counter make the number of an invoice."),
            "F-{year}-{counter:04}",
        )
    ]


def operations() -> list[Operation]:
    """The steps of quotes and invoices."""
    from besace_documents import operations as steps

    on = {"on": _("The day of it; today unless given.")}
    verbs: list[tuple[str, str, Any, Text, Text]] = [
        ("send", "quote", steps.send, _("Send"), _("Note that a quote was sent.")),
        ("accept", "quote", steps.accept, _("Accept"), _("Note that a quote was accepted.")),
        ("refuse", "quote", steps.refuse, _("Refuse"), _("Note that a quote was refused.")),
        ("expire", "quote", steps.expire, _("Expire"), _("Note that a quote expired.")),
        ("pay", "invoice", steps.pay, _("Pay"), _("Note that an invoice was paid.")),
    ]
    issue_help = _("Issue an invoice: it gets its number, and never changes again.")
    return [
        *(Operation(key, type_key, run, label, told, options=on) for key, type_key, run, label, told in verbs),
        Operation("issue", "invoice", steps.issue, _("Issue"), issue_help, right="issue", options=on),
    ]


def blocks() -> list[Block]:
    """The documents of a deal, and those of a customer."""
    from besace_documents import blocks as views

    of_deal = Block("documents", "opportunity", _("Quotes and invoices"), views.raised_for, views.lay_out, 40)
    of_customer = [
        Block("documents", on, _("Quotes and invoices"), views.made_for, views.lay_out, 40)
        for on in ("organisation", "contact")
    ]
    return [of_deal, *of_customer]
