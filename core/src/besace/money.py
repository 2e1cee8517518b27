"""Money: an exact amount of one currency, kept as whole minor units."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache

from besace.errors import InvalidValue
from besace.texts import translator

_ = translator(__name__)

_AMOUNT = re.compile(r"\s*([+-]?\d+(?:\.\d+)?)\s*([A-Za-z]{3})?\s*")


@dataclass(frozen=True, slots=True)
class Money:
    """An amount of a currency. Amounts of two currencies are never added (rule O7)."""

    amount: Decimal
    currency: str

    @classmethod
    def of_minor(cls, minor: int, currency: str) -> Money:
        """The amount of so many minor units (cents of a euro, yens)."""
        return cls(Decimal(minor).scaleb(-digits(currency)), currency)

    @classmethod
    def parse(cls, text: str, currency: str) -> Money:
        """Read `12000`, `12000.50` or `12000EUR`; an amount without a currency is of `currency`.

        Raises InvalidValue when the text is no amount or has more decimals than its currency.
        """
        match = _AMOUNT.fullmatch(text)
        if match is None:
            raise InvalidValue(
                _('"{text}" is not an amount.').format(text=text),
                _("Expected for example 12000, 12000.50 or 12000EUR."),
            )
        money = cls(Decimal(match[1]), (match[2] or currency).upper())
        money.minor  # noqa: B018 - refuses an unknown currency or too many decimals
        return money

    @property
    def minor(self) -> int:
        """The amount in minor units; raises InvalidValue where it is not a whole number of them."""
        scaled = in_units(self.amount, digits(self.currency))
        if scaled is None:
            raise InvalidValue(
                _("{amount} {currency} has more decimals than the currency.").format(
                    amount=self.amount, currency=self.currency
                ),
                _("Expected at most {n} decimal.", "Expected at most {n} decimals.").format(n=digits(self.currency)),
            )
        if abs(scaled) >= 2**62:
            raise InvalidValue(_("{amount} is too large an amount.").format(amount=self.amount))
        return scaled

    @property
    def json(self) -> dict[str, str]:
        """The stable form in JSON: `{"amount": "1200.00", "currency": "EUR"}`."""
        return {"amount": str(Money.of_minor(self.minor, self.currency).amount), "currency": self.currency}

    def __add__(self, other: Money) -> Money:
        if other.currency != self.currency:
            raise ValueError(f"{self} and {other} are of two currencies")
        return Money(self.amount + other.amount, self.currency)

    def in_language(self, language: str) -> str:
        """The amount as a reader of `language` writes it."""
        from babel.numbers import format_currency

        shown = format_currency(self.amount, self.currency, locale=language, currency_digits=True)
        return shown.replace("\N{NARROW NO-BREAK SPACE}", "\N{NO-BREAK SPACE}")

    def __str__(self) -> str:
        return f"{Money.of_minor(self.minor, self.currency).amount} {self.currency}"


@lru_cache
def digits(currency: str) -> int:
    """How many decimals a currency has (ISO 4217: EUR 2, JPY 0); raises InvalidValue for an unknown one."""
    from babel.core import get_global

    if currency not in get_global("all_currencies"):
        raise InvalidValue(
            _('"{currency}" is not a currency.').format(currency=currency),
            _("Expected an ISO 4217 code such as EUR or USD."),
        )
    fractions = get_global("currency_fractions")
    return int(fractions.get(currency, fractions["DEFAULT"])[0])


def rounded(value: Fraction | Decimal | int, places: int) -> Decimal:
    """A number to so many decimals, half up, away from zero: 7.425 to two is 7.43, and -7.425 is -7.43."""
    scaled = Fraction(value) * 10**places
    units, rest = divmod(abs(scaled.numerator), scaled.denominator)
    if rest * 2 >= scaled.denominator:
        units += 1
    return Decimal(-units if scaled < 0 else units).scaleb(-places)


def in_units(value: Decimal, places: int) -> int | None:
    """How many units of so many decimals a number is; None where it is not a whole number of them.

    By its numerals, since arithmetic with decimals rounds to the precision of its context. Of a number beyond all
    bounds only so much is kept that it stays beyond them.
    """
    sign, numerals, exponent = value.as_tuple()
    assert isinstance(exponent, int)
    written = "".join(map(str, numerals))
    significant = written.rstrip("0")
    shift = exponent + len(written) - len(significant) + places
    if not significant:
        return 0
    if shift < 0:
        return None
    number: int = int(significant[:40]) * 10 ** min(shift, 40)
    return -number if sign else number
