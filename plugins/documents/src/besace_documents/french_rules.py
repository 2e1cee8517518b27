"""The rules about invoices between traders in France, which go through the platforms of its reform (BR-FR-...)."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from besace.money import in_units
from besace.texts import translator
from besace_documents.characters import ALLOWED_IN_NUMBERS, NUMBER, legible
from besace_documents.content import Content
from besace_documents.line_rules import too_fine
from besace_documents.problem import CODE_OF_LAW, Problem
from besace_documents.vat import CATEGORIES, FRANCE, vats

_ = translator(__name__)

EURO = "EUR"
RATES = frozenset(
    map(Decimal, ("20", "10", "5.5", "2.1", "13", "8.5", "9.2", "9.6", "1.75", "1.05", "0.9", "19.6", "7", "20.6"))
)
"""The rates of VAT in France, with those of its islands and those of before, which a correction may need."""

QUANTITY, PRICE = 4, 6
"""Decimals."""


def french_problems(content: Content) -> Iterator[Problem]:
    """What the platforms would refuse; nothing where it does not go through one."""
    seller, buyer = content.seller, content.buyer
    if not (seller.country == FRANCE == buyer.country and buyer.is_business):
        return
    if not (buyer.siren or buyer.siret):
        message = _("{name} has no SIREN.").format(name=buyer.name)
        yield Problem(CODE_OF_LAW, message, _("Give its SIREN or its SIRET."), field="buyer.siren")
    if content.currency != EURO:
        message = _("An invoice between traders in France is in {currency}.").format(currency=content.currency)
        yield Problem("BR-FR-CO-12", message, _("Invoice in EUR, since its VAT is owed in EUR."), field="currency")
    if content.type == "credit_note" and (content.corrects is None or not legible(content.corrects.number)):
        message = _("The credit note does not say which invoice it corrects.")
        yield Problem("BR-FR-CO-05", message, _("Name the invoice."), field="corrects")
    yield from _numbers(content)
    yield from _rates(content)
    for number, line in enumerate(content.lines, 1):
        for value, places, rule, field in (
            (line.quantity, QUANTITY, "BR-FR-DEC-02", "quantity"),
            (line.base_quantity, QUANTITY, "BR-FR-DEC-02", "base_quantity"),
            (line.price, PRICE, "BR-FR-DEC-03", "price"),
        ):
            if in_units(value, places) is None:
                yield too_fine(rule, value, places, field, line=number)


def _numbers(content: Content) -> Iterator[Problem]:
    corrected = content.corrects and content.corrects.number
    for field, number in (("number", content.number), ("corrects", corrected)):
        if number and not NUMBER.fullmatch(legible(number)):
            yield Problem(
                "BR-FR-02",
                _('The number "{number}" cannot go through a platform.').format(number=number),
                ALLOWED_IN_NUMBERS,
                field=field,
            )


def _rates(content: Content) -> Iterator[Problem]:
    rates = {vat.rate for vat in vats(content) if vat.rate and CATEGORIES.get(vat.category, CATEGORIES["Z"]).rated}
    for rate in sorted(rates - RATES):
        message = _("{rate} % is no rate of VAT in France.").format(rate=format(rate.normalize(), "f"))
        yield Problem("BR-FR-16", message, _("Choose one, for example 20, 10, 5.5 or 2.1."), field="vat")
