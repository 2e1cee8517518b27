"""The block of documents, beside a deal and beside a customer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from besace.model import Entity, entity_table
from besace.money import Money
from besace.reading import untrashed
from besace.records import Note, Table
from besace.relations import link_table
from besace.texts import translator
from besace_documents.models import RAISED_FOR, TYPES
from besace_documents.states import LIVES

if TYPE_CHECKING:
    from besace.database import Work

_ = translator(__name__)

_SHOWN = 50


@dataclass(frozen=True)
class Document:
    """One document in a block; `due` is what is still to be paid of an invoice."""

    id: int
    type: str
    label: str
    number: str | None
    date: date
    state: str
    net: Money | None
    gross: Money | None
    due: Money | None = None


@dataclass(frozen=True)
class Documents:
    """The newest documents, and how many there are in all."""

    documents: Sequence[Document]
    count: int


def raised_for(work: Work, deal: Entity) -> Documents:
    """The documents of a deal: one statement."""
    linked = sa.select(link_table.c.subject_id).where(
        link_table.c.object_id == deal.id, link_table.c.type == RAISED_FOR
    )
    return documents_of(work, lambda table: table.c.id.in_(linked))


def made_for(work: Work, customer: Entity) -> Documents:
    """The documents of a customer: one statement."""
    return documents_of(work, lambda table: table.c.customer_id == customer.id)


def lay_out(work: Work, data: Documents) -> list[Table | Note]:
    """The documents as a table."""
    label = work.crm.registry.label_of_type
    rows = [
        [d.id, label(d.type), d.label, d.date, LIVES[d.type].states.get(d.state, d.state), d.net, d.gross, d.due]
        for d in data.documents
    ]
    headings = [_("Id"), _("Type"), _("Document"), _("Date"), _("State"), _("Net"), _("Gross"), _("Due")]
    table = Table(headings, rows, _("Quotes and invoices"), empty=_("No quote or invoice yet."))
    more = data.count - len(data.documents)
    if more <= 0:
        return [table]
    return [table, Note(_("... and {n} older one.", "... and {n} older ones.").format(n=more))]


def documents_of(work: Work, condition: Callable[[Any], sa.ColumnElement[bool]]) -> Documents:
    """The documents whose table meets a condition: one statement."""
    every = sa.union_all(*(_of(model, condition) for model in TYPES.values())).subquery("documents")
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
            *(r.id, r.type, r.label, r.number, r.date, r.state),
            *(money(minor, r.currency) for minor in (r.net, r.gross, r.due)),
        )
        for r in rows
    ]
    return Documents(documents, rows[0].total if rows else 0)


def _of(model: Any, condition: Callable[[Any], sa.ColumnElement[bool]]) -> sa.Select[Any]:
    table = model.__table__
    due = table.c.due if "due" in table.c else sa.null().cast(sa.BigInteger)
    return (
        sa.select(
            table.c.id, entity_table.c.type, entity_table.c.label, entity_table.c.currency,
            table.c.number, table.c.date, table.c.state, table.c.net, table.c.gross, due.label("due"),
        )
        .join(entity_table, entity_table.c.id == table.c.id)
        .where(condition(table), untrashed(table.c.id))
    )  # fmt: skip
