"""What the plugin declares about documents, beside their types."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from besace.kinds import BooleanKind, ChoiceKind, DecimalKind, IntegerKind, TextKind
from besace.records import Block, Condition, Measure, Operation, RelationType, Setting, Verification
from besace.texts import Text, translator
from besace_documents.models import CONVERTED, CREDITS, DOCUMENTS, RAISED_FOR

_ = translator(__name__)

RELATION_TYPES = [
    RelationType(
        RAISED_FOR,
        _("is raised for"),
        _("has the document"),
        DOCUMENTS,
        ("opportunity",),
        carries_goal=True,
    ),
    RelationType(CONVERTED, _("was made of"), _("became"), ("sales_order", "invoice"), ("quote", "sales_order")),
    RelationType(CREDITS, _("corrects"), _("is corrected by"), ("credit_note",), ("invoice",)),
]

CONDITIONS = [
    Condition("draft", "quote", "state = draft", _("Draft")),
    Condition("sent", "quote", "sent_on is not empty", _("Sent")),
    Condition("accepted", "quote", "state = accepted", _("Accepted")),
    Condition("refused", "quote", "state = refused", _("Refused")),
    Condition("expired", "quote", "state = expired or (state = sent and due_date < today)", _("Expired")),
    Condition("draft", "sales_order", "state = draft", _("Draft")),
    Condition("confirmed", "sales_order", "confirmed_on is not empty", _("Confirmed")),
    Condition("cancelled", "sales_order", "state = cancelled", _("Cancelled")),
    Condition("draft", "invoice", "state = draft", _("Draft")),
    Condition("issued", "invoice", "issued_on is not empty", _("Issued")),
    Condition("partly_paid", "invoice", "state = partly_paid", _("Partly paid")),
    Condition("paid", "invoice", "state = paid", _("Paid")),
    Condition("cancelled", "invoice", "state = cancelled", _("Cancelled")),
    Condition("unpaid", "invoice", "state = issued or state = partly_paid", _("Unpaid")),
    Condition("overdue", "invoice", "(state = issued or state = partly_paid) and due_date < today", _("Overdue")),
    Condition("draft", "credit_note", "state = draft", _("Draft")),
    Condition("issued", "credit_note", "issued_on is not empty", _("Issued")),
]
"""`sent`, `confirmed` and `issued` hold for what was ever sent or issued, whatever came after (rule B7)."""


def measures() -> list[Measure]:
    """What documents say of a deal (rule B6)."""
    from besace_documents import deals

    return [
        Measure("invoiced", "opportunity", _("Invoiced"), deals.invoiced, is_return=True),
        Measure("paid", "opportunity", _("Amount paid"), deals.paid, is_return=True),
    ]


def settings() -> list[Setting]:
    """How documents are numbered, and what is usual."""
    from besace_documents.lines import DEFAULT_RATE
    from besace_documents.numbering import FORMATS, clean_format
    from besace_documents.operations import PAYMENT_DAYS, REVENUE_FOLLOWS
    from besace_documents.printing import LOGO
    from besace_documents.products import OPERATIONS, USUAL
    from besace_documents.sealing import ON_DEBITS

    labels = {
        "quote": (_("Format of quote numbers"), "D-{year}-{counter:04}"),
        "sales_order": (_("Format of order numbers"), "C-{year}-{counter:04}"),
        "invoice": (_("Format of invoice numbers"), "F-{year}-{counter:04}"),
        "credit_note": (_("Format of credit note numbers"), "A-{year}-{counter:04}"),
    }
    told = _("How the year and the counter make a number.")
    formats = [
        Setting(FORMATS[key], TextKind(clean=clean_format), label, told, default)
        for key, (label, default) in labels.items()
    ]
    return [
        *formats,
        Setting(
            DEFAULT_RATE,
            DecimalKind(4),
            _("Usual VAT rate"),
            _("The VAT rate, in percent, of lines that name none."),
            Decimal(20),
            minimum=0,
            maximum=100,
        ),
        Setting(
            LOGO,
            TextKind(),
            _("Logo"),
            _("The file of the picture on printed documents (PNG, JPEG or SVG), in the folder of the install."),
        ),
        Setting(
            PAYMENT_DAYS,
            IntegerKind(),
            _("Days of payment"),
            _("After how many days an invoice is due that names neither a day nor terms."),
            30,
            minimum=0,
            maximum=3650,
        ),
        Setting(
            ON_DEBITS,
            BooleanKind(),
            _("VAT on debits"),
            _("Whether the VAT of services is owed as soon as they are invoiced, and is said so on invoices."),
            False,
        ),
        Setting(
            USUAL,
            ChoiceKind(OPERATIONS),
            _("What free text sells"),
            _("What lines that name no product sell, as French law wants it read on invoices: goods or services."),
        ),
        Setting(
            REVENUE_FOLLOWS,
            BooleanKind(),
            _("Accepted quotes set the expected revenue"),
            _("Whether the net amount of an accepted quote becomes what its deals may bring."),
            False,
        ),
    ]


def verifications() -> list[Verification]:
    """What `besace verify` looks at."""
    from besace_documents import integrity
    from besace_documents.verification import broken_series

    return [
        Verification("numbers", _("Numbers of invoices and credit notes"), broken_series),
        Verification("seals", _("Seals of issued documents"), integrity.broken_seals),
        Verification("totals", _("Totals of documents"), integrity.wrong_totals, integrity.mend_totals),
        Verification("dues", _("What is due of invoices"), integrity.wrong_dues, integrity.mend_dues),
    ]


def operations() -> list[Operation]:
    """The steps of documents, how one becomes another, and payments."""
    from besace_documents import conversions, deals, payments
    from besace_documents import operations as steps

    on = {"on": _("The day of it; today unless given.")}
    again = {"again": _("Make another one, though there is one already.")}
    accepting = {
        **on,
        "late": _("Even after the last day on which it was valid."),
        "update_revenue": _("Let its net amount be what its deals may bring."),
    }
    paying = {
        **on,
        "amount": _("How much came in; all that is due unless given."),
        "method": _("How it was paid."),
        "note": _("What tells it from others: the number of a cheque."),
        "force": _("Even more than is due."),
    }
    crediting = {**again, "line": _("Only this line, by its id, or so much of it: 42 or 42:1.5.")}
    verbs: list[tuple[str, str, Any, Text, Text, dict[str, Text]]] = [
        ("send", "quote", steps.send, _("Send"), _("Send a quote: it gets its number."), on),
        ("accept", "quote", steps.accept, _("Accept"), _("Note that a quote was accepted."), accepting),
        ("refuse", "quote", steps.refuse, _("Refuse"), _("Note that a quote was refused."), on),
        ("expire", "quote", steps.expire, _("Expire"), _("Note that a quote expired."), on),
        ("order", "quote", conversions.order, _("Order"), _("Make the sales order of a quote."), again),
        ("invoice", "quote", conversions.invoice_quote, _("Invoice"), _("Make the invoice of a quote."), again),
        ("confirm", "sales_order", steps.confirm, _("Confirm"), _("Confirm an order: it gets its number."), on),
        ("cancel", "sales_order", steps.cancel, _("Cancel"), _("Note that an order was cancelled."), on),
        ("invoice", "sales_order", conversions.invoice_order, _("Invoice"), _("Make the invoice of an order."), again),
        ("pay", "invoice", payments.pay, _("Pay"), _("Note what came in for an invoice."), paying),
        ("credit", "invoice", conversions.credit, _("Credit"), _("Make the credit note of an invoice."), crediting),
        ("cancel", "payment", payments.cancel, _("Cancel"), _("Take back a payment noted by mistake."), {}),
        (
            "quote",
            "opportunity",
            deals.quote,
            _("Quote"),
            _("Make a quote for a deal: its target, currency and products."),
            {"issuer": _("Which of our organisations makes it; the install's own unless given.")},
        ),
    ]
    issuing: list[tuple[str, Any, Text]] = [
        ("invoice", steps.issue, _("Issue an invoice: it gets its number, and never changes again.")),
        ("credit_note", steps.issue_credit, _("Issue a credit note: it takes its amount off what is due.")),
    ]
    return [
        *(Operation(key, of, run, label, told, options=options) for key, of, run, label, told, options in verbs),
        *(Operation("issue", of, run, _("Issue"), told, right="issue", options=on) for of, run, told in issuing),
        Operation(
            "expire_due",
            "quote",
            steps.expire_due,
            _("Expire those due"),
            _("Let all sent quotes expire that are valid no more."),
            scope="none",
            options=on,
        ),
    ]


def blocks() -> list[Block]:
    """The lines of a document and what it hangs together with; the documents of a deal, and those of a customer."""
    from besace_documents import blocks as views
    from besace_documents import papers

    of_document = [
        block
        for on in DOCUMENTS
        for block in (
            Block("lines", on, _("Lines"), papers.lines, papers.lay_out_lines, 20),
            Block("chain", on, _("Quotes, orders and invoices"), papers.chain, papers.lay_out_chain, 40),
        )
    ]
    of_deal = Block("documents", "opportunity", _("Quotes and invoices"), views.raised_for, views.lay_out, 40)
    of_customer = [
        Block("documents", on, _("Quotes and invoices"), views.made_for, views.lay_out, 40)
        for on in ("organisation", "contact")
    ]
    payments = Block("payments", "invoice", _("Payments"), papers.payments, papers.lay_out_payments, 30)
    return [*of_document, payments, of_deal, *of_customer]
