"""The plugin meets what every plugin has to meet; here is what its rules ask for."""

from __future__ import annotations

from typing import Any

from besace import entities, operations, parts, relations
from besace.testing import build, check_plugin
from besace_documents.lines import DocumentLine
from besace_documents.models import DOCUMENTS


def one_of_ours(work: Any) -> dict[str, Any]:
    """The issuer of a document."""
    ours = {"siren": "732829320", "vat_number": "FR44732829320", "address": "1 rue A", "city": "Lyon"}
    return {"issuer": build(work, "organisation", ours=True, **ours).id}


def known(work: Any) -> dict[str, Any]:
    """What the law wants to know of the customer of a document."""
    theirs = {"siren": "552049447", "address": "2 rue B", "city": "Lyon"}
    return {"customer": build(work, "organisation", **theirs).id}


def ready(work: Any, document: Any) -> dict[str, Any]:
    """A document that can be issued."""
    entities.edit(work, document, **one_of_ours(work))
    parts.add(work, DocumentLine, document.id, name="Work", unit_price=100)
    work.refresh(document)
    return {}


def after(*keys: str) -> Any:
    """A document for what begins after these steps."""

    def take(work: Any, document: Any) -> dict[str, Any]:
        ready(work, document)
        for key in keys:
            step(work, document, key)
        return {}

    return take


def correcting(work: Any, note: Any) -> dict[str, Any]:
    """A credit note of an issued invoice."""
    issuer = one_of_ours(work)
    invoice = build(work, "invoice", customer=note.customer_id, **issuer)
    parts.add(work, DocumentLine, invoice.id, name="Work", unit_price=100)
    work.refresh(invoice)
    step(work, invoice, "issue")
    entities.edit(work, note, **issuer)
    parts.add(work, DocumentLine, note.id, name="Work", unit_price=10)
    relations.link(work, note, "credits", invoice)
    work.refresh(note)
    return {}


def on_a_line(work: Any) -> dict[str, Any]:
    """A line of the document that an adjustment is of."""
    line = build(work, "document_line", name="Work", unit_price="12.5")
    return {"of": line.owner_id, "line": line.id}


def step(work: Any, document: Any, key: str) -> None:
    info = work.crm.registry.type(document.type)
    operations.run(work, info.operations[key], info.fields, [document], {})


test_contract = check_plugin(
    "documents",
    beside={"opportunities": None},
    examples={
        "document_line": {"name": "Work", "unit_price": "12.5"},
        "document_adjustment": {"percent": "5"},
        "document_adjustment.line": on_a_line,
        **dict.fromkeys(DOCUMENTS, known),
        **{f"{key}.issuer": one_of_ours for key in DOCUMENTS},
        "quote send": ready,
        "quote accept": after("send"),
        "quote refuse": after("send"),
        "quote expire": after("send"),
        "quote order": after("send"),
        "quote invoice": after("send"),
        "sales_order confirm": ready,
        "sales_order cancel": after("confirm"),
        "sales_order invoice": after("confirm"),
        "invoice issue": ready,
        "invoice pay": after("issue"),
        "invoice credit": after("issue"),
        "credit_note issue": correcting,
    },
)
