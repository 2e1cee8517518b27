"""The plugin meets what every plugin has to meet; here is what its rules ask for."""

from __future__ import annotations

from typing import Any

from besace import entities, operations
from besace.testing import build, check_plugin


def one_of_ours(work: Any) -> dict[str, Any]:
    """The issuer of a document."""
    return {"issuer": build(work, "organisation", ours=True).id}


def sent(work: Any, quote: Any) -> dict[str, Any]:
    """A quote that was sent, for what begins there."""
    return take_step(work, quote, "send")


def ready(work: Any, invoice: Any) -> dict[str, Any]:
    """An invoice that can be issued."""
    entities.edit(work, invoice, **one_of_ours(work), net=100)
    return {}


def issued(work: Any, invoice: Any) -> dict[str, Any]:
    """An invoice that was issued, for what begins there."""
    ready(work, invoice)
    return take_step(work, invoice, "issue")


def take_step(work: Any, document: Any, key: str) -> dict[str, Any]:
    info = work.crm.registry.type(document.type)
    operations.run(work, info.operations[key], info.fields, [document], {})
    return {}


test_contract = check_plugin(
    "documents",
    examples={
        "quote.issuer": one_of_ours,
        "invoice.issuer": one_of_ours,
        "quote accept": sent,
        "quote refuse": sent,
        "quote expire": sent,
        "invoice issue": ready,
        "invoice pay": issued,
    },
)
