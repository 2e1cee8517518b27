"""Documents whose rows were damaged past the program: what nobody can have written through it is told as such."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from besace.errors import BesaceError, InvalidValue
from besace.money import Money
from besace.texts import Text, translator
from besace_documents.arithmetic import Totals

_ = translator(__name__)


class Damaged(BesaceError):
    """Raised when a document cannot be read or reckoned with, since its rows were changed past the program."""

    code = "damaged"
    message: Text

    def __init__(self, message: Text) -> None:
        super().__init__(
            message,
            _(
                "Somebody changed it past the program: look at all documents with besace verify, and compare with a "
                "backup."
            ),
        )


def check_lines(document: Text, lines: Sequence[Mapping[str, Any]]) -> None:
    """Raise Damaged for a line that has no amount: its price is for no quantity."""
    for line in lines:
        if line["base_quantity"] <= 0:
            raise Damaged(
                _("{line}: its base quantity is {quantity}, and has to be above 0.").format(
                    line=_named(document, line), quantity=format(line["base_quantity"].normalize(), "f")
                )
            )


def check_rows(document: Text, lines: Sequence[Mapping[str, Any]], adjustments: Sequence[Mapping[str, Any]]) -> None:
    """Raise Damaged for rows of a document that do not go together."""
    check_lines(document, lines)
    known = {None, *(line["id"] for line in lines)}
    for row in adjustments:
        if row["line"] not in known:
            raise Damaged(
                _('{document}: its allowance or charge {id} "{reason}" is about line {line}, which it has not.').format(
                    document=document, id=row["id"], reason=row["reason"], line=row["line"]
                )
            )


def check_amounts(document: Text, currency: str, lines: Sequence[Mapping[str, Any]], totals: Totals) -> None:
    """Raise Damaged for a line or a document whose amount the program would have refused to keep."""
    of_lines = [(_named(document, line), net) for line, net in zip(lines, totals.line_nets, strict=True)]
    of_all = (totals.allowances, totals.charges, totals.gross, totals.payable)
    for named, amount in [*of_lines, *((document, amount) for amount in of_all)]:
        try:
            Money(amount, currency).minor  # noqa: B018 - refuses what is too large
        except InvalidValue:
            raise Damaged(
                _("{document}: it comes to {amount}, and that is too much.").format(
                    document=named, amount=format(amount, "f")
                )
            ) from None


def _named(document: Text, line: Mapping[str, Any]) -> Text:
    return _('{document}, line {id} "{name}"').format(document=document, id=line["id"], name=line["name"])
