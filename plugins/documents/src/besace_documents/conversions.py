"""Making one document of another: quote -> order -> invoice -> credit note (rule B1).

Lines, addresses, allowances and the currency are copied, and the new document names the one that it was made of.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from besace import entities, parts, relations
from besace.errors import InvalidValue, NotFound, Refused
from besace.reading import found_entities, lock, mention_of, untrashed
from besace.relations import Link, link_table
from besace.texts import joined, translator
from besace.values import accept
from besace_documents.lines import DocumentAdjustment, DocumentLine, amounts, complete, rows_of, totals_of
from besace_documents.models import CreditNote, Invoice, Quote, SalesOrder

if TYPE_CHECKING:
    from besace.database import Work

_ = translator(__name__)

CONVERTED, CREDITS, RAISED_FOR = "converted_from", "credits", "raised_for"
LINE = DocumentLine.__key__

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
    if invoice.issued_on is None:
        raise Refused(
            _("{invoice} is not issued: there is nothing to correct by a credit note.").format(
                invoice=mention_of(work, invoice)
            ),
            _("Change the draft itself."),
        )
    chosen = None if line is None else dict(_chosen(text) for text in line)
    made: CreditNote = _convert(work, invoice, CreditNote, CREDITS, again, chosen)
    return made


def _chosen(text: str) -> tuple[int, Decimal | None]:
    """The line that a person chose, and how much of it: `42` or `42:1.5`."""
    name, colon, quantity = text.partition(":")
    try:
        return int(name), Decimal(quantity) if colon else None
    except (ValueError, ArithmeticError):
        raise InvalidValue(
            _('"{text}" is not a line.').format(text=text),
            _("Expected the id of a line, or with its quantity: 42 or 42:1.5."),
        ) from None


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
    lines, adjustments = rows_of(work, source.id, source.currency)
    links = _links(work, source.id)
    made_already = [link.subject_id for link in links if link.type == relation and link.object_id == source.id]
    if chosen is None and made_already and not again:
        _refuse_again(work, source, model, made_already)
    if chosen is not None:
        lines = _only(work, source, lines, chosen)
        adjustments = [a for a in adjustments if a["line"] in chosen]
    values = {key: _value(source, key) for key in _COPIED if chosen is None or key != "rounding"}
    made = create_document(work, model, values, lines, adjustments)
    deals = [link.object_id for link in links if link.type == RAISED_FOR]
    relations.link_many(
        work, [Link(made.id, relation, source.id), *(Link(made.id, RAISED_FOR, deal) for deal in deals)]
    )
    return made


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


def _links(work: Work, source: int) -> Sequence[Any]:
    """The links that tell what was made of a document already, and for which deals it is: one statement."""
    links = link_table.c
    known = list(work.crm.registry.types)
    mine = sa.and_(links.subject_id == source, links.type == RAISED_FOR, links.object_type.in_(known))
    theirs = sa.and_(links.object_id == source, links.type.in_([CONVERTED, CREDITS]))
    statement = sa.select(links.subject_id, links.type, links.object_id).where(
        sa.or_(sa.and_(mine, untrashed(links.object_id)), sa.and_(theirs, untrashed(links.subject_id)))
    )
    return work.execute(statement.order_by(links.subject_id, links.object_id)).all()


def _refuse_again(work: Work, source: Any, model: Any, made: Sequence[int]) -> None:
    found = found_entities(work, made)
    same = [found[document] for document in made if found[document].type == model.__key__]
    if same:
        raise Refused(
            _("{document} was made of {source} already.").format(
                document=mention_of(work, same[0]), source=mention_of(work, source)
            ),
            _("Use that one, or make another with --again."),
        )


def _only(
    work: Work, source: Any, lines: Sequence[dict[str, Any]], chosen: Mapping[int, Decimal | None]
) -> list[dict[str, Any]]:
    """The chosen lines, each with the chosen quantity."""
    known = {line["id"]: line for line in lines}
    for line_id, quantity in chosen.items():
        if line_id not in known:
            raise NotFound(
                _("{document} has no line {id}.").format(document=mention_of(work, source), id=line_id),
                _("See its lines with: besace document-line list {id}").format(id=source.id),
            )
        whole = known[line_id]["quantity"]
        if quantity is not None and not (0 < quantity / whole <= 1):
            raise Refused(
                _("Line {id} is of {whole}: {quantity} of it cannot be credited.").format(
                    id=line_id, whole=whole, quantity=quantity
                )
            )
    return [line | {"quantity": chosen[line["id"]] or line["quantity"]} for line in lines if line["id"] in chosen]


def create_document(
    work: Work,
    model: Any,
    values: Mapping[str, Any],
    lines: Sequence[Mapping[str, Any]],
    adjustments: Sequence[Mapping[str, Any]] = (),
) -> Any:
    """Create a document with its lines, its totals reckoned: as many statements as with a single line.

    Adjustments name their line by the `id` that is among its values: that of the line they are copied from.
    """
    given = {key: value for key, value in values.items() if value is not None}
    currency = given.get("currency") or work.currency
    with work.amounts_in(currency):
        stated: dict[str, Any] = {key: given[key] for key in ("prepaid", "rounding") if key in given}
        given |= accept(model.__fields__, stated, work)
    rows = complete(work, lines, currency)
    totals = totals_of({**given, "currency": currency}, rows, adjustments)
    made = entities.create(
        work,
        model,
        parts={LINE: [_given(row) | {"net": net} for row, net in zip(rows, totals.line_nets, strict=True)]},
        unlock=("net", "vat", "gross"),
        **given,
        **amounts(totals, currency, has_lines=bool(rows or adjustments)),
    )
    if adjustments:
        _copy_adjustments(work, made, rows, adjustments)
    return made


def _given(row: Mapping[str, Any]) -> dict[str, Any]:
    return {key: row[key] for key in DocumentLine.__fields__ if key != "net" and row[key] is not None}


def _copy_adjustments(
    work: Work, made: Any, copied: Sequence[Mapping[str, Any]], adjustments: Sequence[Mapping[str, Any]]
) -> None:
    """Give a new document the adjustments of another: those of a line go to the copy of that line."""
    table: Any = DocumentLine.__table__
    ids = work.scalars(sa.select(table.c.id).where(table.c.owner_id == made.id).order_by(table.c.id))
    copy_of = {line["id"]: new for line, new in zip(copied, ids, strict=True)}
    rows = [
        {k: a[k] for k in DocumentAdjustment.__fields__} | {"line": copy_of[a["line"]] if a["line"] else None}
        for a in adjustments
    ]
    parts.add_many(work, DocumentAdjustment, [(made.id, row) for row in rows], touching=False)
