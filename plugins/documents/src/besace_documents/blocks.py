"""The block of documents, beside a deal and beside a customer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from besace.model import Entity, entity_table
from besace.money import Money
from besace.reading import untrashed
from besace.records import Note, Table
from besace.relations import link_table
from besace.texts import Text, translator
from besace_documents.models import Invoice, Quote
from besace_documents.states import INVOICE_STATES, QUOTE_STATES

if TYPE_CHECKING:
    from besace.database import Work

_ = translator(__name__)

_SHOWN = 50


@dataclass(frozen=True)
class Document:
    """One quote or invoice in a block."""

    id: int
    type: str
    label: str
    number: str | None
    date: date
    state: str
    net: Money | None
    gross: Money | None


@dataclass(frozen=True)
class Documents:
    """The newest documents, and how many there are in all."""

    documents: Sequence[Document]
    count: int


def raised_for(work: Work, deal: Entity) -> Documents:
    """The documents of a deal: one statement."""
    linked = sa.select(link_table.c.subject_id).where(
        link_table.c.object_id == deal.id, link_table.c.type == "raised_for"
    )
    return _documents(work, lambda table: table.c.id.in_(linked))


def made_for(work: Work, customer: Entity) -> Documents:
    """The documents of a customer: one statement."""
    return _documents(work, lambda table: table.c.customer_id == customer.id)


def lay_out(work: Work, data: Documents) -> list[Table | Note]:
    """The documents as a table."""
    states: dict[str, dict[str, Text]] = {"quote": dict(QUOTE_STATES), "invoice": dict(INVOICE_STATES)}
    label = work.crm.registry.label_of_type
    rows = [
        [d.id, label(d.type), d.label, d.date, states[d.type].get(d.state, d.state), d.net, d.gross]
        for d in data.documents
    ]
    headings = [_("Id"), _("Type"), _("Document"), _("Date"), _("State"), _("Net"), _("Gross")]
    table = Table(headings, rows, _("Quotes and invoices"), empty=_("No quote or invoice yet."))
    more = data.count - len(data.documents)
    if more <= 0:
        return [table]
    return [table, Note(_("... and {n} older one.", "... and {n} older ones.").format(n=more))]


def _documents(work: Work, condition: Any) -> Documents:
    selects = []
    for model in (Quote, Invoice):
        table: Any = model.__table__
        selects.append(
            sa.select(
                table.c.id, entity_table.c.type, entity_table.c.label, entity_table.c.currency,
                table.c.number, table.c.date, table.c.state, table.c.net, table.c.gross,
            )
            .join(entity_table, entity_table.c.id == table.c.id)
            .where(condition(table), untrashed(table.c.id))
        )  # fmt: skip
    every = sa.union_all(*selects).subquery("documents")
    statement = (
        sa.select(every, sa.func.count().over().label("total"))
        .order_by(every.c.date.desc(), every.c.id.desc())
        .limit(_SHOWN)
    )
    rows = work.execute(statement).all()

    def money(minor: int | None, currency: str) -> Money | None:
        return None if minor is None else Money.of_minor(minor, currency)

    documents = [
        Document(
            r.id,
            r.type,
            r.label,
            r.number,
            r.date,
            r.state,
            money(r.net, r.currency),
            money(r.gross, r.currency),
        )
        for r in rows
    ]
    return Documents(documents, rows[0].total if rows else 0)
