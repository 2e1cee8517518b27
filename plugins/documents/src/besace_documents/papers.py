"""The blocks of one document: its lines and totals, its payments, and the documents that it hangs together with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from besace.model import Entity
from besace.money import Money
from besace.reading import mention_of, parts_of
from besace.records import Table
from besace.relations import link_table
from besace.texts import translator
from besace_documents.blocks import Documents, documents_of, lay_out
from besace_documents.damaged import check_amounts, check_rows
from besace_documents.lines import DocumentAdjustment, adjustment_amounts, rows_of, totals_of
from besace_documents.models import CONVERTED, CREDITS, Payment

if TYPE_CHECKING:
    from besace.database import Work

_ = translator(__name__)


@dataclass(frozen=True)
class LineRow:
    """One line of a document."""

    id: int
    code: str | None
    name: str
    quantity: Decimal
    unit: str
    unit_price: Decimal
    base_quantity: Decimal
    discount: Decimal | None
    vat_category: str
    vat_rate: Decimal | None
    net: Money


@dataclass(frozen=True)
class AdjustmentRow:
    """One allowance or charge, its amount above 0 in both cases, of a line or of the whole document."""

    id: int
    line: int | None
    kind: str
    reason: str
    percent: Decimal | None
    amount: Money


@dataclass(frozen=True)
class TaxRow:
    """One VAT group of a document."""

    category: str
    rate: Decimal | None
    taxable: Money
    tax: Money


@dataclass(frozen=True)
class Lines:
    """The lines of a document, what is taken off or added, and the VAT by group."""

    lines: Sequence[LineRow]
    adjustments: Sequence[AdjustmentRow]
    vat: Sequence[TaxRow]


@dataclass(frozen=True)
class PaymentRow:
    """One payment of an invoice."""

    id: int
    on: date
    amount: Money
    method: str | None
    note: str | None


def lines(work: Work, document: Any) -> Lines:
    """The lines of a document: two statements; raises Damaged where they cannot be reckoned with."""
    currency, named = document.currency, mention_of(work, document)
    rows, adjustments = rows_of(work, document.id, currency)
    check_rows(named, rows, adjustments)
    values = {"currency": currency, "prepaid": document.prepaid, "rounding": document.rounding}
    totals = totals_of(values, rows, adjustments)
    check_amounts(named, currency, rows, totals)
    shown = [key for key in LineRow.__dataclass_fields__ if key != "net"]
    exact = adjustment_amounts(rows, adjustments, totals, currency)
    return Lines(
        [
            LineRow(**{key: row[key] for key in shown}, net=Money(net, currency))
            for row, net in zip(rows, totals.line_nets, strict=True)
        ],
        [
            AdjustmentRow(a["id"], a["line"], a["kind"], a["reason"], a["percent"], Money(amount, currency))
            for a, amount in zip(adjustments, exact, strict=True)
        ],
        [
            TaxRow(tax.vat.category, tax.vat.rate, Money(tax.taxable, currency), Money(tax.tax, currency))
            for tax in totals.taxes
        ],
    )


def lay_out_lines(_work: Work, data: Lines) -> list[Table]:
    """Lines, allowances and charges, and the VAT, each as a table."""
    laid = [
        Table(
            [_("Id"), _("Name"), _("Quantity"), _("Unit"), _("Unit price"), _("Discount"), _("VAT"), _("Net")],
            [
                [
                    *(r.id, r.name, r.quantity, r.unit, _price(r), _percent(r.discount)),
                    _rate(r.vat_category, r.vat_rate),
                    r.net,
                ]
                for r in data.lines
            ],
            _("Lines"),
            empty=_("No line yet."),
        )
    ]
    if data.adjustments:
        kind: Any = DocumentAdjustment.__fields__["kind"].kind
        rows = [[a.id, a.line, kind.choices[a.kind], a.reason, _percent(a.percent), a.amount] for a in data.adjustments]
        headings = [_("Id"), _("Line"), _("Kind"), _("Reason"), _("Percent"), _("Amount")]
        laid.append(Table(headings, rows, _("Allowances and charges")))
    if data.lines:
        taxes = [[_rate(t.category, t.rate), t.taxable, t.tax] for t in data.vat]
        laid.append(Table([_("VAT"), _("Net"), _("VAT")], taxes, _("VAT")))
    return laid


def payments(work: Work, invoice: Entity) -> list[PaymentRow]:
    """The payments of an invoice: one statement."""
    rows = parts_of(work, Payment, [invoice.id])
    return [PaymentRow(p.id, p.on, p.amount, None if p.method is None else p.method.key, p.note) for p in rows]


def lay_out_payments(work: Work, data: Sequence[PaymentRow]) -> list[Table]:
    """The payments as a table."""
    methods = work.items("payment_method")
    rows = [[p.id, p.on, p.amount, methods[p.method].label if p.method in methods else p.method, p.note] for p in data]
    headings = [_("Id"), _("On"), _("Amount"), _("Method"), _("Note")]
    return [Table(headings, rows, _("Payments"), empty=_("No payment yet."))] if data else []


def chain(work: Work, document: Entity) -> Documents:
    """What a document was made of, what was made of it, and what corrects it: one statement."""
    links = link_table.c
    kinds = links.type.in_([CONVERTED, CREDITS])
    near = sa.union_all(
        sa.select(links.object_id).where(links.subject_id == document.id, kinds),
        sa.select(links.subject_id).where(links.object_id == document.id, kinds),
    )
    return documents_of(work, lambda table: table.c.id.in_(near))


def lay_out_chain(work: Work, data: Documents) -> list[Any]:
    """The documents as a table; nothing where there are none."""
    return lay_out(work, data) if data.documents else []


@dataclass(frozen=True)
class _Number:
    """A number in a sentence, as its reader writes it, without loose zeros."""

    value: Decimal

    def in_language(self, language: str) -> str:
        from babel.numbers import format_decimal

        shown: str = format_decimal(self.value.normalize(), locale=language, decimal_quantization=False)
        return shown


def _price(row: LineRow) -> Any:
    if row.base_quantity == 1:
        return row.unit_price.normalize()
    return _("{price} for {quantity}").format(price=_Number(row.unit_price), quantity=_Number(row.base_quantity))


def _percent(value: Decimal | None) -> Any:
    return None if value is None else _("{n} %").format(n=_Number(value))


def _rate(category: str, rate: Decimal | None) -> Any:
    return _percent(rate) if category == "S" and rate is not None else category
