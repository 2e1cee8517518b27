"""The XML of invoices and credit notes: UN/CEFACT Cross Industry Invoice, as EN 16931 narrows it (Factur-X EN 16931).

Each element is named as in the schema, with its business term (BT) where the name does not say it. What has nothing
to say leaves no element: `_node` gives None for it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from fractions import Fraction
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from besace.errors import Refused
from besace.texts import in_language, translator
from besace_documents.arithmetic import Tax, Vat, places_of, rounded
from besace_documents.characters import legible
from besace_documents.content import Content, ContentAdjustment, ContentLine, Party, Preceding
from besace_documents.mentions import identity, subject_of
from besace_documents.vat import FRANCE, exemptions

_ = translator(__name__)

PROFILE = "urn:cen.eu:en16931:2017"
TYPES = {"invoice": "380", "credit_note": "381"}
NAMESPACES = {
    "xmlns:rsm": "urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100",
    "xmlns:ram": "urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:100",
    "xmlns:udt": "urn:un:unece:uncefact:data:standard:UnqualifiedDataType:100",
    "xmlns:qdt": "urn:un:unece:uncefact:data:standard:QualifiedDataType:100",
}
SIREN, SIRET, FRENCH_DIRECTORY, EMAIL = "0002", "0009", "0225", "EM"
ALLOWANCE, CHARGE = "95", "ZZZ"
"""The codes of a reason that nobody gave: a discount (UNCL 5189), something agreed upon (UNCL 7161)."""

SEPA_TRANSFER, TRANSFER = "58", "30"
ON_DEBITS = "5"
"""VAT is due at the date of the invoice (UNCL 2475)."""

PROCESSES = {"goods": "B", "services": "S", "mixed": "M"}
"""The first letter of the French kinds of invoice (BT-23); 1 is to be paid, 2 was paid."""

Child = Element | str | None


def cii(content: Content) -> bytes:
    """The XML of an issued invoice or credit note; refuses what is not one."""
    if content.type not in TYPES:
        raise Refused(_("Only invoices and credit notes have an electronic form."))
    if not legible(content.number):
        raise Refused(
            _("A document without a number has no electronic form."), _("It gets its number when it is issued.")
        )
    root = _node(
        "rsm:CrossIndustryInvoice",
        _node(
            "rsm:ExchangedDocumentContext",
            _node("ram:BusinessProcessSpecifiedDocumentContextParameter", _node("ram:ID", _process(content))),
            _node("ram:GuidelineSpecifiedDocumentContextParameter", _node("ram:ID", PROFILE)),
        ),
        _node(
            "rsm:ExchangedDocument",
            _node("ram:ID", content.number),
            _node("ram:TypeCode", TYPES[content.type]),
            _date("ram:IssueDateTime", content.date),
            *_notes(content),
        ),
        _node(
            "rsm:SupplyChainTradeTransaction",
            *(_line(content, number, line) for number, line in enumerate(content.lines, 1)),
            _agreement(content),
            _delivery(content),
            _settlement(content),
        ),
    )
    assert root is not None
    for name, uri in NAMESPACES.items():
        root.set(name, uri)
    ElementTree.indent(root)
    text: str = ElementTree.tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{text}\n'.encode()


def _node(tag: str, *children: Child, **attributes: str | None) -> Element | None:
    """An element, or None where it would be empty."""
    element = Element(tag, {name: value for name, value in attributes.items() if value is not None})
    for child in children:
        if isinstance(child, str):
            element.text = legible(child) or None
        elif child is not None:
            element.append(child)
    return element if len(element) or element.text else None


def _compact(number: str | None) -> str | None:
    """A number of a party as machines write it."""
    return None if number is None else re.sub(r"[\s.]", "", number)


def _number(value: Decimal) -> str:
    return format(value, "f")


def _percent(value: Decimal | None) -> str:
    return format((value or Decimal(0)).normalize(), "f")


def _date(tag: str, day: date | None, form: str = "udt") -> Element | None:
    if day is None:
        return None
    return _node(tag, _node(f"{form}:DateTimeString", day.isoformat().replace("-", ""), format="102"))


def _language(content: Content) -> str:
    """That of the issuer's law, in which the reasons of an exemption are given."""
    return "fr" if content.seller.country == FRANCE else "en"


def _process(content: Content) -> str | None:
    letter = PROCESSES.get(content.operation or "")
    paid = content.totals.prepaid > 0 and content.totals.payable == 0
    return letter and f"{letter}{2 if paid else 1}"


def _notes(content: Content) -> Iterator[Element | None]:
    for sentence in (content.subject, content.notes):
        yield _node("ram:IncludedNote", _node("ram:Content", sentence))
    for sentence in dict.fromkeys(content.mentions):
        subject = subject_of(sentence)
        yield _node("ram:IncludedNote", _node("ram:Content", sentence), _node("ram:SubjectCode", subject))


def _line(content: Content, number: int, line: ContentLine) -> Element | None:
    based = None
    if line.base_quantity != 1:
        based = _node("ram:BasisQuantity", _number(line.base_quantity), unitCode=line.unit)
    gross = Fraction(line.quantity) * Fraction(line.price) / Fraction(line.base_quantity)
    whole = rounded(gross, places_of(content.currency))
    return _node(
        "ram:IncludedSupplyChainTradeLineItem",
        _node("ram:AssociatedDocumentLineDocument", _node("ram:LineID", str(number))),
        _node(
            "ram:SpecifiedTradeProduct",
            _node("ram:SellerAssignedID", line.code),
            _node("ram:Name", line.name),
            _node("ram:Description", line.description),
        ),
        _node(
            "ram:SpecifiedLineTradeAgreement",
            _node("ram:NetPriceProductTradePrice", _node("ram:ChargeAmount", _number(line.price)), based),
        ),
        _node(
            "ram:SpecifiedLineTradeDelivery",
            _node("ram:BilledQuantity", _number(line.quantity), unitCode=line.unit),
        ),
        _node(
            "ram:SpecifiedLineTradeSettlement",
            _taxed("ram:ApplicableTradeTax", line.vat),
            *(_adjustment(adjustment, whole) for adjustment in line.adjustments),
            _node("ram:SpecifiedTradeSettlementLineMonetarySummation", _node("ram:LineTotalAmount", _number(line.net))),
        ),
    )


def _taxed(tag: str, vat: Vat) -> Element | None:
    return _node(tag, _node("ram:TypeCode", "VAT"), _node("ram:CategoryCode", vat.category), _rate(vat))


def _rate(vat: Vat) -> Element | None:
    """The rate; what is not subject to VAT has none (BR-O-05), all else has one, be it 0."""
    return None if vat.category == "O" else _node("ram:RateApplicablePercent", _percent(vat.rate))


def _adjustment(adjustment: ContentAdjustment, whole: Decimal) -> Element | None:
    code = adjustment.reason_code
    if not code and not legible(adjustment.reason):
        code = CHARGE if adjustment.is_charge else ALLOWANCE
    percent = base = None
    if adjustment.percent is not None:
        percent, base = _percent(adjustment.percent), _number(whole if adjustment.base is None else adjustment.base)
    return _node(
        "ram:SpecifiedTradeAllowanceCharge",
        _node("ram:ChargeIndicator", _node("udt:Indicator", "true" if adjustment.is_charge else "false")),
        _node("ram:CalculationPercent", percent),
        _node("ram:BasisAmount", base),
        _node("ram:ActualAmount", _number(adjustment.amount)),
        _node("ram:ReasonCode", code),
        _node("ram:Reason", adjustment.reason),
        None if adjustment.vat is None else _taxed("ram:CategoryTradeTax", adjustment.vat),
    )


def _agreement(content: Content) -> Element | None:
    # What is not subject to VAT names no VAT number (BR-O-02).
    taxable = all(tax.vat.category != "O" for tax in content.totals.taxes)
    return _node(
        "ram:ApplicableHeaderTradeAgreement",
        _node("ram:BuyerReference", content.buyer_reference),
        _party("ram:SellerTradeParty", content.seller, taxable, identity(content.seller, _language(content))),
        _party("ram:BuyerTradeParty", content.buyer, taxable),
        _reference("ram:SellerOrderReferencedDocument", content.order),
    )


def _party(tag: str, party: Party, taxable: bool, description: str | None = None) -> Element | None:
    siret, vat_number = _compact(party.siret), _compact(party.vat_number)
    siren = _compact(party.siren) or (siret and siret[:9])
    is_seller = description is not None
    contact = _node(
        "ram:DefinedTradeContact",
        _node("ram:TelephoneUniversalCommunication", _node("ram:CompleteNumber", party.phone)),
        _node("ram:EmailURIUniversalCommunication", _node("ram:URIID", party.email)),
    )
    tax_number = _node("ram:ID", vat_number if taxable else None, schemeID="VA")
    if tax_number is None and is_seller:  # BT-32: who has no VAT number is known to the tax office by its SIREN
        tax_number = _node("ram:ID", siren or party.registration, schemeID="FC")
    return _node(
        tag,
        _node("ram:GlobalID", siret, schemeID=SIRET),
        _node("ram:Name", party.name),
        _node("ram:Description", description),
        _node(
            "ram:SpecifiedLegalOrganization",
            _node("ram:ID", siren, schemeID=SIREN) if siren else _node("ram:ID", party.registration),
        ),
        contact if is_seller else None,
        _address(party.address, party.country, party.postal_code, party.city),
        _electronic_address(party, siren),
        _node("ram:SpecifiedTaxRegistration", tax_number),
    )


def _electronic_address(party: Party, siren: str | None) -> Element | None:
    if siren is not None:
        address = _node("ram:URIID", siren, schemeID=FRENCH_DIRECTORY)
    else:
        address = _node("ram:URIID", party.email, schemeID=EMAIL)
    return _node("ram:URIUniversalCommunication", address)


def _address(
    street: str | None, country: str | None, postal_code: str | None = None, city: str | None = None
) -> Element | None:
    first, second, *others = [*filter(None, map(legible, (street or "").splitlines())), "", ""]
    return _node(
        "ram:PostalTradeAddress",
        _node("ram:PostcodeCode", postal_code),
        _node("ram:LineOne", first),
        _node("ram:LineTwo", second),
        _node("ram:LineThree", ", ".join(filter(None, others))),
        _node("ram:CityName", city),
        _node("ram:CountryID", country),
    )


def _reference(tag: str, preceding: Preceding | None, *, dated: bool = False) -> Element | None:
    if preceding is None or not legible(preceding.number):
        return None
    return _node(
        tag,
        _node("ram:IssuerAssignedID", preceding.number),
        _date("ram:FormattedIssueDateTime", preceding.date, "qdt") if dated else None,
    )


def _delivery(content: Content) -> Element:
    is_supply = any(tax.vat.category == "K" for tax in content.totals.taxes)
    there = None
    if content.delivery_address or content.delivery_country or is_supply:
        there = _node(
            "ram:ShipToTradeParty",
            _address(content.delivery_address, content.delivery_country or content.buyer.country),
        )
    event = _date("ram:OccurrenceDateTime", content.delivery_date)
    delivery = Element("ram:ApplicableHeaderTradeDelivery")  # the schema wants it, be it empty
    delivery.extend(child for child in (there, _node("ram:ActualDeliverySupplyChainEvent", event)) if child is not None)
    return delivery


def _settlement(content: Content) -> Element | None:
    bases: dict[tuple[str, Decimal], Decimal] = {}
    for line in content.lines:
        bases[line.vat.group] = bases.get(line.vat.group, Decimal(0)) + line.net
    return _node(
        "ram:ApplicableHeaderTradeSettlement",
        _node("ram:InvoiceCurrencyCode", content.currency),
        _payment_means(content),
        *(_tax(content, tax) for tax in content.totals.taxes),
        *(
            _adjustment(adjustment, bases.get(adjustment.vat.group, Decimal(0)) if adjustment.vat else Decimal(0))
            for adjustment in content.adjustments
        ),
        _payment_terms(content),
        _totals(content),
        _reference("ram:InvoiceReferencedDocument", content.corrects, dated=True),
    )


def _payment_means(content: Content) -> Element | None:
    """Where to pay to: a credit note asks for no payment."""
    seller = content.seller
    if content.type != "invoice" or not seller.iban:
        return None
    return _node(
        "ram:SpecifiedTradeSettlementPaymentMeans",
        _node("ram:TypeCode", SEPA_TRANSFER if content.currency == "EUR" else TRANSFER),
        _node("ram:PayeePartyCreditorFinancialAccount", _node("ram:IBANID", _compact(seller.iban))),
        _node("ram:PayeeSpecifiedCreditorFinancialInstitution", _node("ram:BICID", _compact(seller.bic))),
    )


def _tax(content: Content, tax: Tax) -> Element | None:
    reasons = exemptions(content, tax.vat)
    codes = list(dict.fromkeys(reason.code for reason in reasons))
    texts = [in_language(reason.text, _language(content)) for reason in reasons if reason.text]
    return _node(
        "ram:ApplicableTradeTax",
        _node("ram:CalculatedAmount", _number(tax.tax)),
        _node("ram:TypeCode", "VAT"),
        _node("ram:ExemptionReason", "; ".join(texts)),
        _node("ram:BasisAmount", _number(tax.taxable)),
        _node("ram:CategoryCode", tax.vat.category),
        _node("ram:ExemptionReasonCode", codes[0] if len(codes) == 1 else None),
        _node("ram:DueDateTypeCode", ON_DEBITS if content.vat_on_debits else None),
        _rate(tax.vat),
    )


def _payment_terms(content: Content) -> Element | None:
    """When to pay: what says nothing about it is due at its date (BR-CO-25)."""
    due = content.due_date if content.due_date or legible(content.payment_terms) else content.date
    return _node(
        "ram:SpecifiedTradePaymentTerms",
        _node("ram:Description", content.payment_terms),
        _date("ram:DueDateDateTime", due),
    )


def _totals(content: Content) -> Element | None:
    totals = content.totals
    return _node(
        "ram:SpecifiedTradeSettlementHeaderMonetarySummation",
        _node("ram:LineTotalAmount", _number(totals.lines)),
        _node("ram:ChargeTotalAmount", _number(totals.charges)),
        _node("ram:AllowanceTotalAmount", _number(totals.allowances)),
        _node("ram:TaxBasisTotalAmount", _number(totals.net)),
        _node("ram:TaxTotalAmount", _number(totals.vat), currencyID=content.currency),
        _node("ram:RoundingAmount", _number(totals.rounding) if totals.rounding else None),
        _node("ram:GrandTotalAmount", _number(totals.gross)),
        _node("ram:TotalPrepaidAmount", _number(totals.prepaid) if totals.prepaid else None),
        _node("ram:DuePayableAmount", _number(totals.payable)),
    )
