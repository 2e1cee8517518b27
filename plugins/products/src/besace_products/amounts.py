"""The net amount of what is offered: pure arithmetic, exact to the last unit of the currency."""

from __future__ import annotations

import math
from decimal import Decimal
from fractions import Fraction

from besace.money import Money, digits


def net_of(quantity: Decimal, unit_price: Decimal, discount: Decimal, currency: str) -> Money:
    """Quantity x price, less a discount in percent, in whole units of the currency: half up, away from zero.

    In fractions, since decimals round to the precision of their context. Raises InvalidValue where it is too large.
    """
    exact = Fraction(quantity) * Fraction(unit_price) * (100 - Fraction(discount)) / 100 * 10 ** digits(currency)
    minor = math.floor(abs(exact) + Fraction(1, 2))
    net = Money.of_minor(minor if exact >= 0 else -minor, currency)
    net.minor  # noqa: B018 - refuses what cannot be kept
    return net
