"""Making one document of another: quote -> order -> invoice -> credit note (rule B1).

Lines, addresses, allowances and the currency are copied, and the new document names the one that it was made of.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from besace import entities
from besace.errors import Refused, Superseded
from besace.model import entity_table
from besace.part_rows import Beside
from besace.reading import found_entities, lock, mention_of, unread, untrashed
from besace.relations import link_table
from besace.texts import joined, translator
from besace.values import accept, loaded
from besace_documents.checks import known_to_be_ours
from besace_documents.crediting import Taken, check_issued, chosen_lines, refuse_credited
from besace_documents.damaged import check_rows
from besace_documents.lines import (
    DocumentAdjustment,
    DocumentLine,
    adjustments_of,
    amounts,
    complete,
    totals_of,
)
from besace_documents.models import CONVERTED, CREDITS, RAISED_FOR, CreditNote, Invoice, Quote, SalesOrder

if TYPE_CHECKING:
    from besace.database import Work

_ = translator(__name__)

LINE, ADJUSTMENT = DocumentLine.__key__, DocumentAdjustment.__key__

_COPIED = (
    "subject", "customer", "issuer", "currency", "buyer_reference", "billing_address", "delivery_address",
    "delivery_date", "payment_terms", "notes", "rounding",
)  # fmt: skip
"""What a document takes over from the one that it is made of."""

_READY = {"quote": ("sent", "accepted"), "sales_order": ("confirmed",)}
"""In which states a document can go on as another one; an invoice is credited once it is issued."""


def order(work: Work, quote: Quote, *, again: bool = False) -> SalesOrder:
    """Make the sales order of a quote."""
    made: SalesOrder = _convert(work, quote, SalesOrder, CONVERTED, again)
    return made


def invoice_quote(work: Work, quote: Quote, *, again: bool = False) -> Invoice:
    """Make the invoice of a quote."""
    made: Invoice = _convert(work, quote, Invoice, CONVERTED, again)
    return made


def invoice_order(work: Work, order: SalesOrder, *, again: bool = False) -> Invoice:
    """Make the invoice of a sales order."""
    made: Invoice = _convert(work, order, Invoice, CONVERTED, again)
    return made


def credit(work: Work, invoice: Invoice, *, line: list[str] | None = None, again: bool = False) -> CreditNote:
    """Make the credit note of an issued invoice: over all of it, or over some lines, each as ID or ID:QUANTITY."""
    check_issued(work, invoice)
    chosen = None if line is None else chosen_lines(line)
    made: CreditNote = _convert(work, invoice, CreditNote, CREDITS, again, chosen)
    return made


def _convert(
    work: Work,
    source: Any,
    model: Any,
    relation: str,
    again: bool,
    chosen: Mapping[int, Decimal | None] | None = None,
) -> Any:
    lock(work, [source.id])
    _check_ready(work, source)
    lines, beside = _read(work, source, model, relation)
    taken = Taken.of(work, source, lines, chosen)
    if beside.made is not None and not again:
        if chosen is None:
            _refuse_again(work, source, beside.made)
        refuse_credited(work, source, taken)
    adjustments = adjustments_of(work, source.id, source.currency) if beside.has_adjustments else []
    check_rows(mention_of(work, source), lines, adjustments)
    values = {key: _value(source, key) for key in _COPIED if taken.is_all or key != "rounding"}
    deals = _deals(work, source.id, beside)
    known_to_be_ours(work, source.issuer_id if beside.is_ours else None)
    links = [(relation, source.id), *((RAISED_FOR, deal) for deal in deals)]
    adjustments = taken.adjustments(adjustments, source.currency)
    copied = {*deals, *(line["product"] for line in taken.lines if line["product"] is not None)}
    return create_document(work, model, values, taken.lines, adjustments, links, is_copied=True, hidden=copied)


def _value(source: Any, key: str) -> Any:
    return getattr(source, f"{key}_id" if key in ("customer", "issuer") else key)


def _check_ready(work: Work, source: Any) -> None:
    ready = _READY.get(source.type)
    if ready is None or source.state in ready:
        return
    life = source.life()
    raise Refused(
        _('{document} is "{state}": it does not go on as another one.').format(
            document=mention_of(work, source), state=life.states[source.state]
        ),
        _("It must be: {states}.").format(states=joined([life.states[state] for state in ready])),
    )


@dataclass(frozen=True)
class _Beside:
    """What is known of a document besides its lines: what was made of it already, and what else is to be read."""

    made: int | None = None
    has_adjustments: bool = False
    first_deal: int | None = None
    last_deal: int | None = None
    is_ours: bool = False
    version: int | None = None


def _read(work: Work, source: Any, model: Any, relation: str) -> tuple[list[dict[str, Any]], _Beside]:
    """The lines of a document, and what is beside them: one statement."""
    links, table = link_table.c, DocumentLine.__table__
    organisation = work.crm.registry.type("organisation").table
    made = sa.select(sa.func.min(links.subject_id)).where(
        links.object_id == source.id, links.type == relation, links.subject_type == model.__key__,
        untrashed(links.subject_id),
    )  # fmt: skip
    adjustment: Any = DocumentAdjustment.__table__
    statement = (
        sa.select(
            *table.c,
            made.scalar_subquery().label("b_made"),
            sa.exists().where(adjustment.c.owner_id == source.id).label("b_has_adjustments"),
            _deals_of(source.id, sa.func.min).scalar_subquery().label("b_first_deal"),
            _deals_of(source.id, sa.func.max).scalar_subquery().label("b_last_deal"),
            sa.exists().where(organisation.c.id == source.issuer_id, organisation.c.ours).label("b_is_ours"),
            entity_table.c.version.label("b_version"),
        )
        .select_from(entity_table.outerjoin(table, table.c.owner_id == entity_table.c.id))
        .where(entity_table.c.id == source.id)
        .order_by(table.c.id)
    )
    rows = work.execute(statement).mappings().all()
    first = rows[0]
    beside = _Beside(*(first[f"b_{field}"] for field in _Beside.__dataclass_fields__))
    if beside.version != source.version:  # between its reading and its lock
        raise Superseded(
            _("{document} was changed by another at this moment.").format(document=mention_of(work, source)),
            _("Do it again."),
        )
    lines = [row for row in rows if row["id"] is not None]
    return [{**loaded(DocumentLine.__fields__, row, source.currency), "id": row["id"]} for row in lines], beside


def deals_of(work: Work, document: int) -> list[int]:
    """The deals that a document is raised for, that are there."""
    links = link_table.c
    there = untrashed(links.object_id), links.object_type.in_(list(work.crm.registry.types))
    return list(work.scalars(_deals_of(document).where(*there).order_by(links.object_id)))


def _deals(work: Work, document: int, beside: _Beside) -> list[int]:
    """The deals that a document is raised for, hidden ones too: no statement where there is none, or one."""
    if beside.first_deal != beside.last_deal:
        return list(work.scalars(_deals_of(document).order_by(link_table.c.object_id)))
    return [] if beside.first_deal is None else [beside.first_deal]


def _deals_of(document: int, of: Callable[[Any], Any] = lambda deal: deal) -> sa.Select[Any]:
    """The select of the deals that a document is raised for, hidden ones too, or of a number `of` their ids."""
    links = link_table.c
    return sa.select(of(links.object_id)).where(links.subject_id == document, links.type == RAISED_FOR)


def _refuse_again(work: Work, source: Any, made: int) -> None:
    raise Refused(
        _("{document} was made of {source} already.").format(
            document=mention_of(work, found_entities(work, [made])[made]), source=mention_of(work, source)
        ),
        _("Use that one, or make another with --again."),
    )


def create_document(
    work: Work,
    model: Any,
    values: Mapping[str, Any],
    lines: Sequence[Mapping[str, Any]],
    adjustments: Sequence[Mapping[str, Any]] = (),
    links: Sequence[tuple[str, int]] = (),
    *,
    is_copied: bool = False,
    hidden: Collection[int] = (),
) -> Any:
    """Create a document with its lines and first relations, its totals reckoned: as many statements as with one line.

    Adjustments name their line by the `id` that is among its values: that of the line they are copied from.
    `is_copied`: the lines are those of another document, and stay what they are whatever became of their products.
    `hidden`: what it may refer to though it is in the trash, or of a disabled plugin.
    """
    given = {key: value for key, value in values.items() if value is not None}
    currency = given.get("currency") or work.currency
    with work.amounts_in(currency):
        stated: dict[str, Any] = {key: given[key] for key in ("prepaid", "rounding") if key in given}
        given |= accept(model.__fields__, stated, work)
    rows = complete(work, lines, currency, is_copied=is_copied)
    totals = totals_of({**given, "currency": currency}, rows, adjustments)
    parts = {
        LINE: [_given(row) | {"net": net} for row, net in zip(rows, totals.line_nets, strict=True)],
        ADJUSTMENT: _adjustments(rows, adjustments),
    }
    (made,) = entities.create_many(
        work,
        model.__key__,
        [given | amounts(totals, currency, has_lines=bool(rows or adjustments))],
        parts=[parts],
        links=[links],
        hidden=hidden,
        unlock=("net", "vat", "gross"),
    )
    return unread(work, model, made)


def _given(row: Mapping[str, Any]) -> dict[str, Any]:
    return {key: row[key] for key in DocumentLine.__fields__ if key != "net" and row[key] is not None}


def _adjustments(copied: Sequence[Mapping[str, Any]], adjustments: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The adjustments of another document for a new one: those of a line are about the copy of that line."""
    copies = {line.get("id"): Beside(LINE, place) for place, line in enumerate(copied)}
    return [
        {key: a[key] for key in DocumentAdjustment.__fields__ if key != "line"}
        | ({} if a["line"] is None else {"line": copies[a["line"]]})
        for a in adjustments
    ]
