"""Crediting a part of an invoice: some of its lines, so much of each, with their share of allowances and charges."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from besace.errors import InvalidValue, NotFound, Refused
from besace.money import Money, rounded
from besace.reading import mention_of, untrashed
from besace.relations import link_table
from besace.texts import translator
from besace.values import loaded
from besace_documents.arithmetic import Vat, places_of
from besace_documents.lines import DocumentLine
from besace_documents.models import CREDITS, Invoice

if TYPE_CHECKING:
    from besace.database import Work

_ = translator(__name__)

_SAME = ("code", "name", "unit", "unit_price", "base_quantity", "discount", "vat_category", "vat_rate")
"""What a line of a credit note has in common with the line of the invoice that it was made of."""


def check_issued(work: Work, invoice: Invoice) -> None:
    """Refuse to correct a draft by a credit note (rule B5)."""
    if invoice.issued_on is None:
        raise Refused(
            _("{invoice} is not issued: there is nothing to correct by a credit note.").format(
                invoice=mention_of(work, invoice)
            ),
            _("Change the draft itself."),
        )


def chosen_lines(texts: Sequence[str]) -> dict[int, Decimal | None]:
    """The lines that a person chose, each once, with how much of it: all of it where none is given."""
    chosen: dict[int, Decimal | None] = {}
    for line, quantity in map(_chosen, texts):
        if line in chosen:
            raise InvalidValue(_("Line {id} is chosen twice.").format(id=line), _("Give it once."))
        chosen[line] = quantity
    return chosen


def _chosen(text: str) -> tuple[int, Decimal | None]:
    """The line that a person chose, and how much of it: `42` or `42:1.5`."""
    name, colon, quantity = text.partition(":")
    try:
        line, number = int(name), Decimal(quantity) if colon else None
    except (ValueError, ArithmeticError):
        line, number = 0, None
    if line <= 0 or (number is not None and not number.is_finite()):
        raise InvalidValue(
            _('"{text}" is not a line.').format(text=text),
            _("Expected the id of a line, or with its quantity: 42 or 42:1.5."),
        )
    return line, number


@dataclass(frozen=True)
class Taken:
    """What one document takes of the lines of another: `whole` lines as they are, `lines` as they are taken."""

    whole: Sequence[Mapping[str, Any]]
    lines: Sequence[dict[str, Any]]

    @classmethod
    def of(
        cls, work: Work, source: Any, lines: Sequence[dict[str, Any]], chosen: Mapping[int, Decimal | None] | None
    ) -> Taken:
        """Take all lines of a document, or those that are chosen; raises for a line or quantity that it has not."""
        if chosen is None:
            return cls(lines, lines)
        known = {line["id"]: line for line in lines}
        for line_id, quantity in chosen.items():
            if line_id not in known:
                raise NotFound(
                    _("{document} has no line {id}.").format(document=mention_of(work, source), id=line_id),
                    _("See its lines with: besace document-line list {id}").format(id=source.id),
                )
            _check_quantity(known[line_id], quantity)
        wanted = {key: known[key]["quantity"] if quantity is None else quantity for key, quantity in chosen.items()}
        return cls(lines, [line | {"quantity": wanted[line["id"]]} for line in lines if line["id"] in wanted])

    @property
    def is_all(self) -> bool:
        """Whether it takes all of all lines."""
        return [(line["id"], line["quantity"]) for line in self.lines] == [
            (line["id"], line["quantity"]) for line in self.whole
        ]

    def adjustments(self, adjustments: Sequence[dict[str, Any]], currency: str) -> list[dict[str, Any]]:
        """The allowances and charges that go with what is taken, given those of the document.

        Those of a line go by how much of it is taken, those of the document by how much of the net amounts in their
        VAT group, whatever their signs; percentages of these follow by themselves.
        """
        if self.is_all:
            return list(adjustments)
        whole = {line["id"]: line for line in self.whole}
        of_lines = {line["id"]: _share(line["quantity"], whole[line["id"]]["quantity"]) for line in self.lines}
        taken = _by_group((line, _net(line) * of_lines[line["id"]]) for line in self.lines)  # their nets are the whole
        everything = _by_group((line, _net(line)) for line in self.whole)
        of_groups = {group: _share(amount, everything[group]) for group, amount in taken.items()}
        parts = [of_groups.get(_group(a)) if a["line"] is None else of_lines.get(a["line"]) for a in adjustments]
        return [_part_of(a, part, currency) for a, part in zip(adjustments, parts, strict=True) if part is not None]


def _check_quantity(line: Mapping[str, Any], quantity: Decimal | None) -> None:
    whole = line["quantity"]
    if quantity is not None and not (whole and 0 < _share(quantity, whole) <= 1):
        raise Refused(
            _("Line {id} is of {whole}: {quantity} of it cannot be credited.").format(
                id=line["id"], whole=_plain(whole), quantity=quantity
            )
        )


def _share(part: Decimal | Fraction, whole: Decimal | Fraction) -> Fraction:
    """How much of something a part is; all of what is nothing."""
    return Fraction(part) / Fraction(whole) if whole else Fraction(1)


def _net(line: Mapping[str, Any]) -> Fraction:
    return Fraction(0) if line["net"] is None else abs(Fraction(line["net"].amount))


def _group(row: Mapping[str, Any]) -> tuple[str, Decimal]:
    return Vat(row["vat_category"], row["vat_rate"]).group


def _by_group(amounts: Iterable[tuple[Mapping[str, Any], Fraction]]) -> dict[tuple[str, Decimal], Fraction]:
    sums: dict[tuple[str, Decimal], Fraction] = defaultdict(Fraction)
    for line, amount in amounts:
        sums[_group(line)] += amount
    return sums


def _part_of(adjustment: dict[str, Any], part: Fraction, currency: str) -> dict[str, Any]:
    """So much of an allowance or charge."""

    def scaled(amount: Money | None) -> Money | None:
        if amount is None:
            return None
        return Money(rounded(Fraction(amount.amount) * part, places_of(currency)), currency)

    return adjustment | {key: scaled(adjustment[key]) for key in ("amount", "base")}


def refuse_credited(work: Work, invoice: Any, taken: Taken) -> None:
    """Refuse to credit more of a line than is left of it after the credit notes that are made already (rule B1)."""
    before, invoiced, wanted = map(_quantities, (_credited(work, invoice), taken.whole, taken.lines))
    for line in taken.lines:
        same = _identity(line)
        if abs(before[same] + wanted[same]) > abs(invoiced[same]) and before[same]:
            raise Refused(
                _('{invoice}, line {id} "{name}": {quantity} of {whole} are credited already.').format(
                    invoice=mention_of(work, invoice), id=line["id"], name=line["name"],
                    quantity=_plain(before[same]), whole=_plain(invoiced[same]),
                ),
                _("Take what is left of it: --line {id}:QUANTITY; or credit it once more with --again.").format(
                    id=line["id"]
                ),
            )  # fmt: skip


def _credited(work: Work, invoice: Any) -> list[dict[str, Any]]:
    """The lines of all credit notes that are made of an invoice, drafts too."""
    table: Any = DocumentLine.__table__
    links = link_table.c
    statement = (
        sa.select(table)
        .join(link_table, links.subject_id == table.c.owner_id)
        .where(links.object_id == invoice.id, links.type == CREDITS, untrashed(links.subject_id))
    )
    return [loaded(DocumentLine.__fields__, row, invoice.currency) for row in work.execute(statement).mappings()]


def _identity(line: Mapping[str, Any]) -> tuple[Any, ...]:
    return tuple(line[key] for key in _SAME)


def _quantities(lines: Iterable[Mapping[str, Any]]) -> dict[tuple[Any, ...], Decimal]:
    sums: dict[tuple[Any, ...], Decimal] = defaultdict(Decimal)
    for line in lines:
        sums[_identity(line)] += line["quantity"]
    return sums


def _plain(number: Decimal) -> str:
    return format(number.normalize(), "f")
