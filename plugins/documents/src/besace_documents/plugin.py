"""Quotes, orders, invoices and credit notes: exact to the cent, numbered without a gap, fixed once they are issued."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from besace.hookspecs import hookimpl
from besace.texts import translator

if TYPE_CHECKING:
    from besace.database import Work
    from besace.entities import Save
    from besace.lists import ListItem
    from besace.model import Entity, Part
    from besace.reading import Found
    from besace.records import (
        Block,
        Command,
        Condition,
        Measure,
        Operation,
        RelationType,
        Setting,
        Verification,
    )
    from besace.relations import Link

_ = translator(__name__)

requires = ("persons",)
core = ("0.1",)


@hookimpl
def register_entity_types() -> Sequence[type[Entity]]:
    """Quotes, sales orders, invoices and credit notes."""
    from besace_documents.models import CreditNote, Invoice, Quote, SalesOrder

    return [Quote, SalesOrder, Invoice, CreditNote]


@hookimpl
def register_part_types() -> Sequence[type[Part]]:
    """Lines, allowances and charges, payments, seals, and the series of numbers of an issuer."""
    from besace_documents.lines import DocumentAdjustment, DocumentLine
    from besace_documents.models import DocumentSeal, DocumentSeries, Payment

    return [DocumentLine, DocumentAdjustment, Payment, DocumentSeries, DocumentSeal]


@hookimpl
def register_lists() -> Sequence[type[ListItem]]:
    """How customers pay."""
    from besace_documents.models import PaymentMethod

    return [PaymentMethod]


@hookimpl
def register_measures() -> Sequence[Measure]:
    """What was invoiced for deals, and what came in."""
    from besace_documents.declarations import measures

    return measures()


@hookimpl
def register_commands() -> Sequence[Command]:
    """Printing documents, and reckoning one that is given in a file."""
    from besace.records import Command

    help_text = _("Print documents, and reckon those that are given in files.")
    return [Command("documents", "besace_documents.commands:documents", help_text, needs_install=False)]


@hookimpl
def register_relation_types() -> Sequence[RelationType]:
    """The deal that a document is raised for, and the document that it was made of or corrects."""
    from besace_documents.declarations import RELATION_TYPES

    return RELATION_TYPES


@hookimpl
def register_conditions() -> Sequence[Condition]:
    """How far documents are."""
    from besace_documents.declarations import CONDITIONS

    return CONDITIONS


@hookimpl
def register_operations() -> Sequence[Operation]:
    """The steps of a document's life."""
    from besace_documents.declarations import operations

    return operations()


@hookimpl
def register_blocks() -> Sequence[Block]:
    """Documents beside deals and customers."""
    from besace_documents.declarations import blocks

    return blocks()


@hookimpl
def register_settings() -> Sequence[Setting]:
    """How documents are numbered, the usual VAT rate, and what an accepted quote does."""
    from besace_documents.declarations import settings

    return settings()


@hookimpl
def register_verifications() -> Sequence[Verification]:
    """The numbers and the seals of documents, and what invoices keep of their payments."""
    from besace_documents.declarations import verifications

    return verifications()


@hookimpl
def check_save(work: Work, saves: Sequence[Save]) -> None:
    """Refuse an issuer that is not ours."""
    if saves[0].info.key in ("quote", "sales_order", "invoice", "credit_note"):
        from besace_documents.checks import check_issuers

        check_issuers(work, saves)


@hookimpl
def check_delete(work: Work, entities: Sequence[Found]) -> None:
    """Refuse to trash what was issued."""
    from besace_documents.checks import keep_issued

    keep_issued(work, entities)


@hookimpl
def check_link(work: Work, links: Sequence[Link]) -> None:
    """Refuse to let an issued credit note correct another invoice."""
    from besace_documents.checks import keep_credits

    keep_credits(work, links)


@hookimpl
def check_unlink(work: Work, links: Sequence[Link]) -> None:
    """Refuse to take from an issued credit note what it corrects."""
    from besace_documents.checks import keep_credits

    keep_credits(work, links)
