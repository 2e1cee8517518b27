"""Targets: a number, or an amount where an objective sums amounts."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from besace.errors import Refused
from besace.kinds import DecimalKind
from besace.money import Money
from besace.texts import translator

if TYPE_CHECKING:
    from besace.database import Work

_ = translator(__name__)


@dataclass(frozen=True)
class TargetKind(DecimalKind):
    """A number that may be typed with a currency: `20`, `50000` or `50000EUR`."""

    def read(self, text: str, work: Work) -> Any:
        """The number, or the amount where a currency was typed."""
        return Money.parse(text, "") if text.strip()[-3:].isalpha() else super().read(text, work)

    def accept(self, value: Any, work: Work) -> Any:
        """A number, an amount, or a text read as if typed."""
        return value if isinstance(value, Money) else super().accept(value, work)

    def json(self, value: Any) -> str:
        """The number without needless zeros."""
        return str(plain(value))


def plain(number: Decimal | int) -> Decimal:
    """A number without the zeros behind its last decimal: 20.0000 is 20, and so is 2E+1."""
    number = Decimal(number)
    whole = number.to_integral_value()
    return whole.quantize(Decimal(1)) if number == whole else number.normalize()


def number_of(target: Decimal | Money | None, *, is_amount: bool, currency: str) -> Decimal | None:
    """The number of a target as given; refuses an amount in another currency, or where no amount belongs."""
    if target is None:
        return None
    if isinstance(target, Money):
        if not is_amount:
            raise Refused(
                _("{amount} is an amount, and this objective does not sum amounts.").format(amount=target),
                _("Give a number, or say with --sum which measure is added up."),
            )
        if target.currency != currency:
            raise Refused(
                _("{amount} is not in {currency}, the currency of the action.").format(
                    amount=target, currency=currency
                ),
                _("Give the target in {currency}.").format(currency=currency),
            )
        target = target.amount
    if target <= 0:
        raise Refused(_("A target is greater than 0, not {target}.").format(target=plain(target)))
    if is_amount:
        Money(target, currency).minor  # noqa: B018 - refuses what the currency cannot hold
    return target
