"""Quotes and invoices: their states, the numbers of invoices, and what cannot change once it is issued."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from besace.hookspecs import hookimpl

if TYPE_CHECKING:
    from besace.database import Work
    from besace.entities import Save
    from besace.model import Entity, Part
    from besace.reading import Found
    from besace.records import Block, Condition, Operation, RelationType, Setting, Verification

requires = ("persons",)
core = ("0.1",)


@hookimpl
def register_entity_types() -> Sequence[type[Entity]]:
    """Quotes and invoices."""
    from besace_documents.models import Invoice, Quote

    return [Quote, Invoice]


@hookimpl
def register_part_types() -> Sequence[type[Part]]:
    """The series of numbers of an issuer."""
    from besace_documents.models import DocumentSeries

    return [DocumentSeries]


@hookimpl
def register_relation_types() -> Sequence[RelationType]:
    """The deal that a document is raised for."""
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
    """How invoices are numbered."""
    from besace_documents.declarations import settings

    return settings()


@hookimpl
def register_verifications() -> Sequence[Verification]:
    """The numbers of invoices."""
    from besace_documents.verification import VERIFICATIONS

    return VERIFICATIONS


@hookimpl
def check_save(work: Work, saves: Sequence[Save]) -> None:
    """Refuse an issuer that is not ours."""
    if saves[0].info.key in ("quote", "invoice"):
        from besace_documents.checks import check_issuers

        check_issuers(work, saves)


@hookimpl
def check_delete(work: Work, entities: Sequence[Found]) -> None:
    """Refuse to trash an issued invoice."""
    from besace_documents.checks import keep_issued

    keep_issued(work, entities)
