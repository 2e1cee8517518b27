"""The net amount of an offer: exact, half up, in the digits of the currency."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Context, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from besace import Money
from besace.errors import InvalidValue
from besace_products.amounts import net_of

quantities = st.integers(1, 10**9).map(lambda n: Decimal(n).scaleb(-4))
prices = st.integers(0, 10**12).map(lambda n: Decimal(n).scaleb(-6))
discounts = st.integers(0, 10_000).map(lambda n: Decimal(n).scaleb(-2))


@pytest.mark.parametrize(
    ("quantity", "price", "discount", "net"),
    [
        ("3", "1200.5", "0", "3601.50 EUR"),
        ("12.5", "950", "10", "10687.50 EUR"),
        ("1", "0.005", "0", "0.01 EUR"),
        ("1", "0.004999", "0", "0.00 EUR"),
        ("3", "0.333333", "0", "1.00 EUR"),
        ("1", "2.675", "0", "2.68 EUR"),
        ("1", "100", "33.33", "66.67 EUR"),
        ("7", "9.99", "100", "0.00 EUR"),
        ("1", "0.5", "0", "1 JPY"),
        ("1", "0.0005", "0", "0.001 TND"),
    ],
)
def test_B2_B3_net_is_quantity_times_price_less_the_discount(quantity, price, discount, net):
    found = net_of(Decimal(quantity), Decimal(price), Decimal(discount), net[-3:])
    assert str(found) == net


@given(quantities, prices, discounts, st.sampled_from(["EUR", "JPY", "TND"]))
def test_B3_it_is_what_decimals_of_unlimited_precision_give(quantity, price, discount, currency):
    wide = Context(prec=100, rounding=ROUND_HALF_UP)
    exact = wide.divide(wide.multiply(wide.multiply(quantity, price), 100 - discount), Decimal(100))
    step = Money.of_minor(1, currency).amount
    assert net_of(quantity, price, discount, currency).amount == exact.quantize(step, context=wide)


@given(quantities, prices, discounts, discounts)
def test_more_discount_is_never_dearer(quantity, price, one, other):
    less, more = sorted((one, other))
    assert net_of(quantity, price, more, "EUR").amount <= net_of(quantity, price, less, "EUR").amount


def test_what_is_too_large_for_an_amount_is_refused():
    with pytest.raises(InvalidValue, match="too large an amount"):
        net_of(Decimal(10**14), Decimal(10**12), Decimal(0), "EUR")
