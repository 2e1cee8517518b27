"""The net amount of what is offered: pure arithmetic, exact to the last unit of the currency."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

from besace.money import Money, digits, rounded


def net_of(quantity: Decimal, unit_price: Decimal, discount: Decimal, currency: str) -> Money:
    """Quantity x price, less a discount in percent, in whole units of the currency: half up, away from zero.

    In fractions, since decimals round to the precision of their context. Raises InvalidValue where it is too large.
    """
    exact = Fraction(quantity) * Fraction(unit_price) * (100 - Fraction(discount)) / 100
    net = Money(rounded(exact, digits(currency)), currency)
    net.minor  # noqa: B018 - refuses what cannot be kept
    return net
