"""What stands on a document, in a language: every text of its PDF, ready to be set."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from besace.texts import Text, in_language, translator
from besace_documents import units
from besace_documents.arithmetic import WHOLE, Tax, Vat, places_of
from besace_documents.content import Content, ContentAdjustment, ContentLine, Party, Preceding
from besace_documents.mentions import identity
from besace_documents.vat import CATEGORIES, exemptions

_ = translator(__name__)

HEADINGS: Mapping[str, Text] = {
    "quote": _("Quote"),
    "sales_order": _("Order"),
    "invoice": _("Invoice"),
    "credit_note": _("Credit note"),
}
DUE: Mapping[str, Text] = {"quote": _("Valid until"), "invoice": _("Due date")}
"""What the due date of a type is; the others have none."""

LAST_TOTAL: Mapping[str, Text] = {"invoice": _("To pay"), "credit_note": _("Credited")}
"""What the last amount of a type is, where that is more than its total."""


def sheet(content: Content, language: str) -> dict[str, Any]:
    """The texts of a document by their place in the template."""
    return _Sheet(content, language).texts()


class _Sheet:
    def __init__(self, content: Content, language: str) -> None:
        self.content, self.language = content, language
        self.heading = self.said(HEADINGS[content.type])

    def said(self, text: Text | str) -> str:
        return in_language(text, self.language)

    def texts(self) -> dict[str, Any]:
        content, said = self.content, self.said
        seller, is_quote = content.seller, content.type == "quote"
        about = " - ".join(filter(None, (seller.name, identity(seller, self.language))))
        return {
            "language": self.language,
            "title": " ".join(filter(None, (self.heading, content.number))),
            "heading": self.heading,
            "number": content.number,
            "draft": None if content.number else said(_("DRAFT")),
            "facts": list(self.facts()),
            "seller": self.party(seller, [seller.phone, seller.email]),
            "buyer": self.party(content.buyer, list(self.numbers(content.buyer)), label=_("Customer")),
            "delivery": self.delivery(),
            "subject": content.subject,
            "columns": [said(x) for x in (_("Description"), _("Quantity"), _("Unit price"), _("VAT"), _("Net"))],
            "lines": [self.line(line) for line in content.lines],
            "tax_columns": [said(x) for x in (_("VAT"), _("Taxable amount"), _("Tax"))],
            "taxes": [self.tax(tax) for tax in content.totals.taxes],
            "totals": list(self.totals()),
            "payment": list(self.payment()),
            "notes": content.notes,
            "accepted": said(_("Agreed (date, name and signature):")) if is_quote else None,
            "mentions": list(content.mentions),
            "footer": about,
            "page": said(_("Page")),
        }

    # Numbers, dates and amounts, as a reader of the language writes them.

    def day(self, day: datetime.date) -> str:
        from babel.dates import format_date

        return format_date(day, "long", locale=self.language)

    def amount(self, value: Decimal) -> str:
        from babel.numbers import format_currency

        return format_currency(value, self.content.currency, locale=self.language, currency_digits=True)

    def number(self, value: Decimal, *, at_most: int | None = None) -> str:
        """With the decimals of the currency, or more where there are, up to so many."""
        from babel.numbers import format_decimal

        places = places_of(self.content.currency)
        decimals = "0" * places + "#" * max(0, (at_most or places) - places)
        return format_decimal(value, f"#,##0.{decimals}" if decimals else "#,##0", locale=self.language)

    def percent(self, value: Decimal) -> str:
        from babel.numbers import format_percent

        return format_percent(value / WHOLE, locale=self.language, decimal_quantization=False)

    # Who, when and what for.

    def facts(self) -> Iterator[tuple[str, str]]:
        content = self.content
        yield self.said(_("Date")), self.day(content.date)
        if content.due_date and content.type in DUE:
            yield self.said(DUE[content.type]), self.day(content.due_date)
        if content.delivery_date:
            yield self.said(_("Delivered on")), self.day(content.delivery_date)
        for label, preceding in ((_("Order"), content.order), (_("Corrects"), content.corrects)):
            if preceding:
                yield self.said(label), self.preceding(preceding)
        if content.buyer_reference:
            yield self.said(_("Your reference")), content.buyer_reference

    def preceding(self, preceding: Preceding) -> str:
        return self.said(_("{number} of {date}").format(number=preceding.number, date=self.day(preceding.date)))

    def party(self, party: Party, more: list[str | None], *, label: Text | None = None) -> dict[str, Any]:
        city = " ".join(filter(None, (party.postal_code, party.city)))
        lines = [*(party.address or "").splitlines(), city, self.country(party.country), *more]
        shown = [line for line in lines if line and line.strip()]
        return {"label": label and self.said(label), "name": party.name, "lines": shown}

    def country(self, code: str | None) -> str | None:
        """Its name; nothing where everybody lives in it."""
        from babel import Locale

        content = self.content
        if {content.seller.country, content.buyer.country} == {code}:
            return None
        return code and Locale.parse(self.language).territories.get(code, code)

    def numbers(self, party: Party) -> Iterator[str]:
        siren = party.siret or party.siren
        if siren:
            yield f"{'SIRET' if party.siret else 'SIREN'} {siren}"
        if party.vat_number:
            yield f"{self.said(_('VAT'))} {party.vat_number}"

    def delivery(self) -> dict[str, Any] | None:
        content = self.content
        shown = [line for line in (content.delivery_address or "").splitlines() if line.strip()]
        return {"label": self.said(_("Delivery")), "name": None, "lines": shown} if shown else None

    # What is sold, and what it comes to.

    def line(self, line: ContentLine) -> dict[str, Any]:
        price = self.number(line.price, at_most=6)
        if line.base_quantity != 1:
            price = f"{price} / {units.quantity(line.base_quantity, line.unit, self.language)}"
        code = self.said(_("Ref. {code}").format(code=line.code)) if line.code else None
        adjusted = [
            self.said(_("{what}: {amount}").format(what=self.why(each), amount=self.signed(each)))
            for each in line.adjustments
        ]
        more = [code, *(line.description or "").splitlines(), *adjusted]
        return {
            "name": line.name,
            "more": [text for text in more if text and text.strip()],
            "quantity": units.quantity(line.quantity, line.unit, self.language),
            "price": price,
            "vat": self.rate(line.vat) or "-",
            "net": self.number(line.net),
        }

    def why(self, adjustment: ContentAdjustment) -> str:
        reason = adjustment.reason or self.said(_("Charge") if adjustment.is_charge else _("Discount"))
        return reason if adjustment.percent is None else f"{reason} ({self.percent(adjustment.percent)})"

    def signed(self, adjustment: ContentAdjustment) -> str:
        return self.number(adjustment.amount if adjustment.is_charge else -adjustment.amount)

    def rate(self, vat: Vat) -> str | None:
        return None if vat.category == "O" else self.percent(vat.rate or Decimal(0))

    def tax(self, tax: Tax) -> dict[str, Any]:
        category = CATEGORIES.get(tax.vat.category)
        reasons = [self.said(each.text or each.code or "") for each in exemptions(self.content, tax.vat)]
        label = self.said(category.label) if category else tax.vat.category
        is_plain = category is not None and category.rated
        return {
            "name": self.rate(tax.vat) if is_plain else label,
            "reason": "; ".join(reason for reason in reasons if reason != label) or None,
            "taxable": self.number(tax.taxable),
            "tax": self.number(tax.tax),
        }

    def totals(self) -> Iterator[dict[str, Any]]:
        content, totals = self.content, self.content.totals
        if content.adjustments:
            yield self.total(_("Sum of the lines"), totals.lines)
        for each in content.adjustments:
            amount = each.amount if each.is_charge else -each.amount
            yield {"label": self.why(each), "amount": self.amount(amount), "strong": False}
        yield self.total(_("Net total"), totals.net)
        yield self.total(_("VAT"), totals.vat)
        last = LAST_TOTAL.get(content.type)
        is_settled = bool(totals.prepaid or totals.rounding)
        if last is None or is_settled:
            yield self.total(_("Total"), totals.gross, strong=last is None)
        if last is not None:
            if totals.prepaid:
                yield self.total(_("Already paid"), -totals.prepaid)
            if totals.rounding:
                yield self.total(_("Rounding"), totals.rounding)
            yield self.total(last, totals.payable, strong=True)

    def total(self, label: Text, value: Decimal, *, strong: bool = False) -> dict[str, Any]:
        return {"label": self.said(label), "amount": self.amount(value), "strong": strong}

    def payment(self) -> Iterator[tuple[str, str]]:
        content = self.content
        if content.payment_terms:
            yield self.said(_("Terms of payment")), content.payment_terms
        if content.type != "invoice":
            return
        if content.due_date:
            yield self.said(DUE["invoice"]), self.day(content.due_date)
        if content.seller.iban:
            yield "IBAN", _grouped(content.seller.iban)
        if content.seller.bic:
            yield "BIC", content.seller.bic


def _grouped(iban: str) -> str:
    """An IBAN in groups of four, as it is printed."""
    whole = "".join(iban.split())
    return " ".join(whole[start : start + 4] for start in range(0, len(whole), 4))
