"""Reckoning a document that is given as plain values, in the shape of neutral JSON: no database, no install.

    {"currency": "EUR", "lines": [{"quantity", "net_price", "vat_category", "vat_rate", "price_base_quantity",
     "allowances": [{"amount" | "percent", "base"}], "charges": [...]}],
     "document_allowances": [{"amount" | "percent", "base", "vat_category", "vat_rate"}], "document_charges": [...],
     "prepaid", "rounding"}

Numbers are texts, or whole numbers: a number with decimals that is no text was a binary float on its way.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from besace.errors import InvalidValue, Refused
from besace.money import digits
from besace.texts import Text, translator
from besace_documents.arithmetic import Adjustment, DocumentAdjustment, Line, Totals, Vat, places_of, total
from besace_documents.vat import LABELS, TAXED

_ = translator(__name__)

_STATED = ("prepaid", "rounding")
"""What a document states and nothing tells: at its top, or among what is `expected` of it."""

_MOST_DIGITS = 15
"""How many digits an amount has before its decimals at most, less one."""


def computed(document: Any) -> dict[str, Any]:
    """The totals of a document; raises InvalidValue or Refused, naming the line, the field and the rule."""
    document = _object(document, _("The document"))
    currency = str(document.get("currency") or "EUR").upper()
    digits(currency)
    lines = [_line(line, n) for n, line in enumerate(_list(document, "lines"), start=1)]
    if not lines:
        raise Refused(_("The document has no line (BR-16)."))
    adjustments = [
        _document_adjustment(one, f"{key}[{n}]", is_charge=key == "document_charges")
        for key in ("document_allowances", "document_charges")
        for n, one in enumerate(_list(document, key), start=1)
    ]
    expected = _object(document.get("expected") or {}, Text("expected", ""))
    stated = {
        key: _number({key: document.get(key, expected.get(key))}, key, _("The document"), Decimal(0)) for key in _STATED
    }
    totals = total(lines, adjustments, places=places_of(currency), **stated)
    _refuse_too_large(totals)
    return {"lines": [{"net": str(net)} for net in totals.line_nets], **as_expected(totals)}


def _refuse_too_large(totals: Totals) -> None:
    """Beyond what a document can keep, an amount would not be written exactly."""
    for amount in (*totals.line_nets, totals.allowances, totals.charges, totals.gross, totals.payable):
        if amount.adjusted() > _MOST_DIGITS:
            raise Refused(_("{amount} is too large an amount.").format(amount=format(amount, "f")))


def as_expected(totals: Totals) -> dict[str, Any]:
    """Totals under the names of neutral JSON, each a text with its decimals."""
    breakdown = [
        {
            "category": tax.vat.category,
            **({} if tax.vat.rate is None else {"rate": str(tax.vat.rate)}),
            "taxable": str(tax.taxable),
            "tax": str(tax.tax),
        }
        for tax in totals.taxes
    ]
    return {
        "sum_line_net": str(totals.lines),
        "allowance_total": str(totals.allowances),
        "charge_total": str(totals.charges),
        "tax_exclusive": str(totals.net),
        "tax_total": str(totals.vat),
        "tax_inclusive": str(totals.gross),
        "prepaid": str(totals.prepaid),
        "rounding": str(totals.rounding),
        "payable": str(totals.payable),
        "vat_breakdown": breakdown,
    }


def _line(given: Any, n: int) -> Line:
    where = _("Line {n}").format(n=n)
    line = _object(given, where)
    price = _number(line, "net_price", where)
    if price < 0:
        raise Refused(
            _("{where}: the net_price is below 0 (BR-27).").format(where=where), _("Reverse the quantity instead.")
        )
    base = _number(line, "price_base_quantity", where, Decimal(1))
    if base <= 0:
        raise Refused(_("{where}: the price_base_quantity is not above 0.").format(where=where))
    adjustments = [
        _adjustment(one, _("Line {n}, {field}").format(n=n, field=f"{key}[{m}]"), is_charge=key == "charges")
        for key in ("allowances", "charges")
        for m, one in enumerate(_list(line, key), start=1)
    ]
    return Line(_number(line, "quantity", where), price, _vat(line, where), base, adjustments)


def _adjustment(given: Any, where: Text, *, is_charge: bool) -> Adjustment:
    row = _object(given, where)
    return Adjustment(is_charge, *_parts_of_adjustment(row, where))


def _document_adjustment(given: Any, field: str, *, is_charge: bool) -> DocumentAdjustment:
    where = Text(field, "")
    row = _object(given, where)
    return DocumentAdjustment(is_charge, *_parts_of_adjustment(row, where), vat=_vat(row, where))


def _parts_of_adjustment(row: Mapping[str, Any], where: Text) -> tuple[Decimal | None, Decimal | None, Decimal | None]:
    if row.get("amount") is None and row.get("percent") is None:
        raise Refused(_("{where}: neither an amount nor a percent is given.").format(where=where))
    percent = None if row.get("percent") is None else _number(row, "percent", where)
    if percent is not None and not 0 <= percent <= 100:
        raise Refused(_("{where}: the percent {percent} is not from 0 to 100.").format(where=where, percent=percent))
    amount, base = (None if row.get(key) is None else _number(row, key, where) for key in ("amount", "base"))
    for key, value in (("amount", amount), ("base", base)):
        if value is not None and value < 0:
            raise Refused(
                _("{where}: the {field} is below 0.").format(where=where, field=key),
                _("Turn an allowance into a charge, or back."),
            )
    return amount, percent, base


def _vat(row: Mapping[str, Any], where: Text) -> Vat:
    category = row.get("vat_category")
    if not isinstance(category, str) or category not in LABELS:
        raise InvalidValue(
            _('{where}: "{category}" is not a VAT category (BR-CO-04).').format(where=where, category=category),
            _("Expected one of {categories}.").format(categories=", ".join(LABELS)),
        )
    rate = None if row.get("vat_rate") is None else _number(row, "vat_rate", where)
    if rate is not None and not 0 <= rate <= 100:
        raise Refused(_("{where}: the vat_rate {rate} is not from 0 to 100.").format(where=where, rate=rate))
    if bool(rate) != (category in TAXED):
        raise Refused(
            _("{where}: the VAT category {category} does not go with a vat_rate of {rate} %.").format(
                where=where, category=category, rate=rate or 0
            )
        )
    return Vat(category, rate)


def _number(row: Mapping[str, Any], key: str, where: Text, default: Decimal | None = None) -> Decimal:
    given = row.get(key)
    if given is None:
        if default is None:
            raise Refused(_("{where}: {field} is missing.").format(where=where, field=key))
        return default
    is_exact = isinstance(given, str) or (isinstance(given, int) and not isinstance(given, bool))
    try:
        number = Decimal(given) if is_exact else Decimal("NaN")
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite() or abs(number.adjusted()) > 30:
        raise InvalidValue(
            _("{where}: {field} is {value}, and no exact number.").format(where=where, field=key, value=repr(given)),
            _('Expected a text, for example "12.50".'),
        )
    return number


def _object(given: Any, where: Text) -> Mapping[str, Any]:
    if not isinstance(given, Mapping):
        raise InvalidValue(_("{where} is not an object with names and values.").format(where=where))
    return given


def _list(row: Mapping[str, Any], key: str) -> Sequence[Any]:
    given = row.get(key) or []
    if not isinstance(given, list):
        raise InvalidValue(_("{field} is not a list.").format(field=key))
    return given
