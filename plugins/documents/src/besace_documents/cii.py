"""The XML of invoices and credit notes: UN/CEFACT Cross Industry Invoice, as EN 16931 narrows it (Factur-X EN 16931).

Each element is named as in the schema, with its business term (BT) where the name does not say it. What has nothing
to say leaves no element.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from besace.errors import Refused
from besace.money import rounded
from besace.texts import in_language, translator
from besace_documents.arithmetic import Tax, Vat, places_of
from besace_documents.characters import legible
from besace_documents.cii_parties import address, party
from besace_documents.content import Content, ContentAdjustment, ContentLine, Preceding
from besace_documents.mentions import identity, subject_of
from besace_documents.nodes import amount, compact, dated, node, shortest, written
from besace_documents.party_rules import GREECE
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
ALLOWANCE, CHARGE = "95", "ZZZ"
"""The codes of a reason that nobody gave: a discount (UNCL 5189), something agreed upon (UNCL 7161)."""

SEPA_TRANSFER, TRANSFER = "58", "30"
ON_DEBITS = "5"
"""VAT is due at the date of the invoice (UNCL 2475)."""

PROCESSES = {"goods": "B", "services": "S", "mixed": "M"}
"""The first letter of the French kinds of invoice (BT-23); 1 is to be paid, 2 was paid."""


def cii(content: Content) -> bytes:
    """The XML of an issued invoice or credit note; refuses what is not one."""
    if content.type not in TYPES:
        raise Refused(_("Only invoices and credit notes have an electronic form."))
    if not legible(content.number):
        raise Refused(
            _("A document without a number has no electronic form."), _("It gets its number when it is issued.")
        )
    root = node(
        "rsm:CrossIndustryInvoice",
        node(
            "rsm:ExchangedDocumentContext",
            node("ram:BusinessProcessSpecifiedDocumentContextParameter", node("ram:ID", _process(content))),
            node("ram:GuidelineSpecifiedDocumentContextParameter", node("ram:ID", PROFILE)),
        ),
        node(
            "rsm:ExchangedDocument",
            node("ram:ID", content.number),
            node("ram:TypeCode", TYPES[content.type]),
            dated("ram:IssueDateTime", content.date),
            *_notes(content),
        ),
        node(
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


def _language(content: Content) -> str:
    """That of the issuer's law, in which the reasons of an exemption are given."""
    return "fr" if content.seller.country == FRANCE else "en"


def _process(content: Content) -> str | None:
    letter = PROCESSES.get(content.operation or "")
    totals = content.totals
    paid = 0 < totals.prepaid == totals.gross and not totals.payable and content.due_date is not None
    return letter and f"{letter}{2 if paid else 1}"


def _notes(content: Content) -> Iterator[Element | None]:
    for sentence in (content.subject, content.notes):
        yield node("ram:IncludedNote", node("ram:Content", sentence))
    for sentence in dict.fromkeys(content.mentions):
        subject = subject_of(sentence)
        yield node("ram:IncludedNote", node("ram:Content", sentence), node("ram:SubjectCode", subject))


def _line(content: Content, number: int, line: ContentLine) -> Element | None:
    based = None
    if line.base_quantity != 1:
        based = node("ram:BasisQuantity", written(line.base_quantity), unitCode=line.unit)
    gross = Fraction(line.quantity) * Fraction(line.price) / Fraction(line.base_quantity)
    whole = rounded(gross, places_of(content.currency))
    return node(
        "ram:IncludedSupplyChainTradeLineItem",
        node("ram:AssociatedDocumentLineDocument", node("ram:LineID", str(number))),
        node(
            "ram:SpecifiedTradeProduct",
            node("ram:SellerAssignedID", line.code),
            node("ram:Name", line.name),
            node("ram:Description", line.description),
        ),
        node(
            "ram:SpecifiedLineTradeAgreement",
            node("ram:NetPriceProductTradePrice", node("ram:ChargeAmount", written(line.price)), based),
        ),
        node(
            "ram:SpecifiedLineTradeDelivery",
            node("ram:BilledQuantity", written(line.quantity), unitCode=line.unit),
        ),
        node(
            "ram:SpecifiedLineTradeSettlement",
            _taxed("ram:ApplicableTradeTax", line.vat),
            *(_adjustment(adjustment, whole) for adjustment in line.adjustments),
            node("ram:SpecifiedTradeSettlementLineMonetarySummation", node("ram:LineTotalAmount", amount(line.net))),
        ),
    )


def _taxed(tag: str, vat: Vat) -> Element | None:
    return node(tag, node("ram:TypeCode", "VAT"), node("ram:CategoryCode", vat.category), _rate(vat))


def _rate(vat: Vat) -> Element | None:
    """The rate; what is not subject to VAT has none (BR-O-05), all else has one, be it 0."""
    return None if vat.category == "O" else node("ram:RateApplicablePercent", shortest(vat.rate))


def _adjustment(adjustment: ContentAdjustment, whole: Decimal) -> Element | None:
    code = adjustment.reason_code
    if not code and not legible(adjustment.reason):
        code = CHARGE if adjustment.is_charge else ALLOWANCE
    percent = base = None
    if adjustment.percent is not None:
        percent, base = shortest(adjustment.percent), amount(whole if adjustment.base is None else adjustment.base)
    return node(
        "ram:SpecifiedTradeAllowanceCharge",
        node("ram:ChargeIndicator", node("udt:Indicator", "true" if adjustment.is_charge else "false")),
        node("ram:CalculationPercent", percent),
        node("ram:BasisAmount", base),
        node("ram:ActualAmount", amount(adjustment.amount)),
        node("ram:ReasonCode", code),
        node("ram:Reason", adjustment.reason),
        None if adjustment.vat is None else _taxed("ram:CategoryTradeTax", adjustment.vat),
    )


def _agreement(content: Content) -> Element | None:
    # What is not subject to VAT names no VAT number (BR-O-02).
    taxable = all(tax.vat.category != "O" for tax in content.totals.taxes)
    return node(
        "ram:ApplicableHeaderTradeAgreement",
        node("ram:BuyerReference", content.buyer_reference),
        party("ram:SellerTradeParty", content.seller, taxable, identity(content.seller, _language(content))),
        party("ram:BuyerTradeParty", content.buyer, taxable),
        _reference("ram:SellerOrderReferencedDocument", content.order),
    )


def _reference(tag: str, preceding: Preceding | None, *, with_date: bool = False) -> Element | None:
    if preceding is None or not legible(preceding.number):
        return None
    return node(
        tag,
        node("ram:IssuerAssignedID", preceding.number),
        dated("ram:FormattedIssueDateTime", preceding.date, "qdt") if with_date else None,
    )


def _delivery(content: Content) -> Element:
    is_supply = any(tax.vat.category == "K" for tax in content.totals.taxes)
    there = None
    if content.delivery_address or is_supply:
        there = node("ram:ShipToTradeParty", address(content.delivery_address, _arrival(content, is_supply=is_supply)))
    event = dated("ram:OccurrenceDateTime", content.delivery_date)
    delivery = Element("ram:ApplicableHeaderTradeDelivery")  # the schema wants it, be it empty
    delivery.extend(child for child in (there, node("ram:ActualDeliverySupplyChainEvent", event)) if child is not None)
    return delivery


def _arrival(content: Content, *, is_supply: bool) -> str | None:
    """The country of the delivery (BT-80), which an address does not say: the customer's, as far as is known.

    An intra-Community supply to a given address goes where the customer has its VAT number from.
    """
    number = compact(content.buyer.vat_number)
    if not (number and is_supply and legible(content.delivery_address)):
        return content.buyer.country
    return "GR" if number.startswith(GREECE) else number[:2]


def _settlement(content: Content) -> Element | None:
    bases: dict[tuple[str, Decimal], Decimal] = {}
    for line in content.lines:
        bases[line.vat.group] = bases.get(line.vat.group, Decimal(0)) + line.net
    return node(
        "ram:ApplicableHeaderTradeSettlement",
        node("ram:InvoiceCurrencyCode", content.currency),
        _payment_means(content),
        *(_tax(content, tax) for tax in content.totals.taxes),
        *(
            _adjustment(adjustment, bases.get(adjustment.vat.group, Decimal(0)) if adjustment.vat else Decimal(0))
            for adjustment in content.adjustments
        ),
        _payment_terms(content),
        _totals(content),
        _reference("ram:InvoiceReferencedDocument", content.corrects, with_date=True),
    )


def _payment_means(content: Content) -> Element | None:
    """Where to pay to: a credit note asks for no payment."""
    seller = content.seller
    if content.type != "invoice" or not seller.iban:
        return None
    return node(
        "ram:SpecifiedTradeSettlementPaymentMeans",
        node("ram:TypeCode", SEPA_TRANSFER if content.currency == "EUR" else TRANSFER),
        node("ram:PayeePartyCreditorFinancialAccount", node("ram:IBANID", compact(seller.iban))),
        node("ram:PayeeSpecifiedCreditorFinancialInstitution", node("ram:BICID", compact(seller.bic))),
    )


def _tax(content: Content, tax: Tax) -> Element | None:
    reasons = exemptions(content, tax.vat)
    codes = list(dict.fromkeys(reason.code for reason in reasons))
    texts = [in_language(reason.text, _language(content)) for reason in reasons if reason.text]
    return node(
        "ram:ApplicableTradeTax",
        node("ram:CalculatedAmount", amount(tax.tax)),
        node("ram:TypeCode", "VAT"),
        node("ram:ExemptionReason", "; ".join(texts)),
        node("ram:BasisAmount", amount(tax.taxable)),
        node("ram:CategoryCode", tax.vat.category),
        node("ram:ExemptionReasonCode", codes[0] if len(codes) == 1 else None),
        node("ram:DueDateTypeCode", ON_DEBITS if content.vat_on_debits else None),
        _rate(tax.vat),
    )


def _payment_terms(content: Content) -> Element | None:
    """When to pay: what says nothing about it is due at its date (BR-CO-25)."""
    due = content.due_date if content.due_date or legible(content.payment_terms) else content.date
    return node(
        "ram:SpecifiedTradePaymentTerms",
        node("ram:Description", content.payment_terms),
        dated("ram:DueDateDateTime", due),
    )


def _totals(content: Content) -> Element | None:
    totals = content.totals
    return node(
        "ram:SpecifiedTradeSettlementHeaderMonetarySummation",
        node("ram:LineTotalAmount", amount(totals.lines)),
        node("ram:ChargeTotalAmount", amount(totals.charges)),
        node("ram:AllowanceTotalAmount", amount(totals.allowances)),
        node("ram:TaxBasisTotalAmount", amount(totals.net)),
        node("ram:TaxTotalAmount", amount(totals.vat), currencyID=content.currency),
        node("ram:RoundingAmount", amount(totals.rounding) if totals.rounding else None),
        node("ram:GrandTotalAmount", amount(totals.gross)),
        node("ram:TotalPrepaidAmount", amount(totals.prepaid) if totals.prepaid else None),
        node("ram:DuePayableAmount", amount(totals.payable)),
    )
