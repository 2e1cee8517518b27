from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from besace import Money
from besace.errors import InvalidValue
from besace.money import digits, in_units

MINOR = st.integers(min_value=-(2**62) + 1, max_value=2**62 - 1)


@pytest.mark.parametrize(("currency", "expected"), [("JPY", 0), ("EUR", 2), ("BHD", 3)])
def test_a_currency_has_its_own_digits(currency, expected):
    assert digits(currency) == expected


@given(MINOR, st.sampled_from(["EUR", "JPY", "BHD", "USD"]))
def test_what_is_written_is_read_back(minor, currency):
    money = Money.of_minor(minor, currency)
    assert money.minor == minor
    assert Money.parse(str(money), "EUR") == money
    assert Money.parse(money.json["amount"], currency) == money


@given(st.decimals(min_value=-(10**14), max_value=10**14, places=6), st.sampled_from(["EUR", "JPY", "BHD"]))
def test_an_amount_is_kept_exactly_or_refused(amount, currency):
    exact = amount == round(amount, digits(currency))
    try:
        assert Money.of_minor(Money(amount, currency).minor, currency).amount == amount
    except InvalidValue:
        assert not exact


@given(st.decimals(allow_nan=False, allow_infinity=False), st.integers(0, 6))
def test_a_number_of_units_is_exact_whatever_the_exponent(value, places):
    units = in_units(value, places)
    if units is not None and abs(units) < 10**38:
        assert Decimal(units) == value * Decimal(10) ** places or len(str(units)) > 27
    if -15 <= value.as_tuple().exponent <= 0 and abs(value) < 10**10:
        whole = (value * 10**places) % 1 == 0
        assert (units is not None) == whole


def test_more_numerals_than_the_context_keeps_are_not_rounded():
    assert in_units(Decimal("1." + "0" * 50 + "1"), 2) is None
    assert in_units(Decimal("1." + "0" * 5000), 2) == 100
    assert in_units(Decimal("0e999999999"), 2) == 0


@pytest.mark.parametrize("text", ["", "EUR", "12,5", "1e5", "1 000", "12 EU", "12EURO", "--1", "0x10", "12EUR EUR"])
def test_what_is_no_amount_is_refused(text):
    with pytest.raises(InvalidValue, match="is not an amount"):
        Money.parse(text, "EUR")


@pytest.mark.parametrize(("text", "currency"), [("0.5JPY", "JPY"), ("0.001", "EUR"), ("0.0001BHD", "BHD")])
def test_more_decimals_than_the_currency_are_refused(text, currency):
    with pytest.raises(InvalidValue, match=f"{currency} has more decimals than the currency"):
        Money.parse(text, currency)


@pytest.mark.parametrize(
    ("text", "shown"),
    [("12000", "12000.00 EUR"), ("12000eur", "12000.00 EUR"), (" +3.5 USD ", "3.50 USD"), ("7JPY", "7 JPY")],
)
def test_an_amount_is_read_as_people_type_it(text, shown):
    assert str(Money.parse(text, "EUR")) == shown


def test_two_currencies_are_never_added():
    with pytest.raises(ValueError, match="two currencies"):
        Money(Decimal(1), "EUR") + Money(Decimal(1), "USD")


@given(st.lists(MINOR, max_size=8))
def test_sums_are_sums_of_minor_units(amounts):
    total = sum((Money.of_minor(a, "EUR") for a in amounts), Money(Decimal(0), "EUR"))
    assert total.amount == Decimal(sum(amounts)).scaleb(-2)
