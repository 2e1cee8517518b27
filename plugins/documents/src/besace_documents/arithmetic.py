"""The arithmetic of documents, as EN 16931 has it (rule B3): pure, exact, no database.

    line net        quantity x price / base quantity - allowances + charges, rounded once
    VAT             once per group of (category, rate): taxable x rate / 100, rounded
    all totals      by addition of what is already rounded

Numbers are decimals or fractions, never binary floats. Rounding is half up, away from zero, to two decimals or to
those of the currency where it has fewer.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction

from besace.money import digits, rounded

PLACES = 2
"""The decimals of an amount (BR-DEC), unless its currency has fewer."""

WHOLE = 100
"""Percent."""


@dataclass(frozen=True)
class Vat:
    """What makes a VAT group: a category, and its rate in percent (None where the category has none)."""

    category: str
    rate: Decimal | None = None

    @property
    def group(self) -> tuple[str, Decimal]:
        """What two rates of one group have in common: 20 and 20.00 are one, and none is as good as 0."""
        return self.category, (self.rate or Decimal(0)).normalize()


@dataclass(frozen=True)
class Adjustment:
    """An allowance, or a charge: an amount, or else a percentage of a base (of what it applies to, unless given)."""

    is_charge: bool = False
    amount: Decimal | None = None
    percent: Decimal | None = None
    base: Decimal | None = None

    def of(self, whole: Fraction) -> Fraction:
        """Its exact amount, where `whole` is what it applies to."""
        if self.amount is not None:
            return Fraction(self.amount)
        base = whole if self.base is None else Fraction(self.base)
        return base * Fraction(self.percent or 0) / WHOLE


@dataclass(frozen=True)
class Line:
    """What a line is reckoned from."""

    quantity: Decimal
    price: Decimal
    vat: Vat
    base_quantity: Decimal = Decimal(1)
    adjustments: Sequence[Adjustment] = ()

    @property
    def gross(self) -> Fraction:
        """Quantity x price, before allowances and charges."""
        return Fraction(self.quantity) * Fraction(self.price) / Fraction(self.base_quantity)


@dataclass(frozen=True)
class DocumentAdjustment(Adjustment):
    """An allowance or charge of a whole document, in one of its VAT groups."""

    vat: Vat = field(default=Vat("S"), kw_only=True)


@dataclass(frozen=True)
class Tax:
    """One VAT group: what is taxed in it, and the tax."""

    vat: Vat
    taxable: Decimal
    tax: Decimal


@dataclass(frozen=True)
class Totals:
    """The amounts of a document, each rounded; in the words of EN 16931 from BT-106 to BT-115."""

    line_nets: Sequence[Decimal]
    adjustment_amounts: Sequence[Decimal]
    taxes: Sequence[Tax]
    lines: Decimal
    allowances: Decimal
    charges: Decimal
    net: Decimal
    vat: Decimal
    gross: Decimal
    prepaid: Decimal
    rounding: Decimal
    payable: Decimal


def places_of(currency: str) -> int:
    """The decimals of the amounts of a document in a currency."""
    return min(PLACES, digits(currency))


def only_rounds(amount: Decimal) -> bool:
    """Whether an amount is small enough to round the one to be paid (BT-114): less than one whole unit."""
    return abs(amount) < 1


def line_net(line: Line, places: int = PLACES) -> Decimal:
    """The net amount of a line: rounded once, after its allowances and charges."""
    whole = line.gross
    return rounded(whole + sum(a.of(whole) * (1 if a.is_charge else -1) for a in line.adjustments), places)


def total(
    lines: Iterable[Line],
    adjustments: Iterable[DocumentAdjustment] = (),
    *,
    prepaid: Decimal = Decimal(0),
    rounding: Decimal = Decimal(0),
    places: int = PLACES,
) -> Totals:
    """All amounts of a document.

    A percentage of a document's adjustment is of its base, else of the net amounts of the lines in its VAT group.
    """
    lines, adjustments = list(lines), list(adjustments)
    nothing = rounded(0, places)
    nets = [line_net(line, places) for line in lines]
    of_lines: dict[tuple[str, Decimal], Decimal] = {}
    groups: dict[tuple[str, Decimal], tuple[Vat, Decimal]] = {}

    def add(vat: Vat, amount: Decimal) -> None:
        first, taxable = groups.get(vat.group, (vat, nothing))
        groups[vat.group] = (first, taxable + amount)

    for line, net in zip(lines, nets, strict=True):
        add(line.vat, net)
        of_lines[line.vat.group] = of_lines.get(line.vat.group, nothing) + net
    amounts = [rounded(a.of(Fraction(of_lines.get(a.vat.group, nothing))), places) for a in adjustments]
    for adjustment, amount in zip(adjustments, amounts, strict=True):
        add(adjustment.vat, amount if adjustment.is_charge else -amount)
    taxes = [
        Tax(vat, taxable, rounded(Fraction(taxable) * Fraction(vat.rate or 0) / WHOLE, places))
        for vat, taxable in groups.values()
    ]
    charges = sum((a for x, a in zip(adjustments, amounts, strict=True) if x.is_charge), nothing)
    allowances = sum((a for x, a in zip(adjustments, amounts, strict=True) if not x.is_charge), nothing)
    sum_of_lines = sum(nets, nothing)
    net = sum_of_lines - allowances + charges
    vat = sum((t.tax for t in taxes), nothing)
    gross = net + vat
    return Totals(
        nets, amounts, taxes, sum_of_lines, allowances, charges, net, vat, gross,
        prepaid, rounding, gross - prepaid + rounding,
    )  # fmt: skip
