"""Electronic invoices before the official checks: whatever has no problem passes them (BR-...)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import HealthCheck, assume, event, given, settings
from hypothesis import strategies as st

from besace.errors import Refused
from besace_documents.arithmetic import Vat
from besace_documents.cii import cii
from besace_documents.content import Party, Preceding
from besace_documents.mentions import mentions
from besace_documents.problems import problems

DELIVERED = {"delivery_date": date(2026, 3, 13)}
SWISS = Party("Kunde AG", "Bahnhofstrasse 1", "8001", "Zürich", "CH", registration="CHE-107.787.577")
FRENCH = Party(
    "Client SAS", "1 place Bellecour", "69002", "Lyon", "FR", siren="552100554", vat_number="FR96552100554"
)  # fmt: skip
CASES: dict[str, dict[str, Any]] = {
    "S": {"vat": Vat("S", Decimal(20))},
    "Z": {"vat": Vat("Z", Decimal(0))},
    "E": {"vat": Vat("E", Decimal(0)), "exemption_reason": "VATEX-FR-FRANCHISE"},
    "AE": {"vat": Vat("AE", Decimal(0))},
    "K": {"vat": Vat("K", Decimal(0))},
    "G": {"vat": Vat("G", Decimal(0))},
    "O": {"vat": Vat("O")},
}
RAM = "{urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:100}"


@pytest.mark.parametrize("type", ["invoice", "credit_note"])
@pytest.mark.parametrize("category", CASES)
def test_every_VAT_category_passes_the_official_checks(document, line, adjustment, official, category, type):
    vat = CASES[category]["vat"]
    content = document(
        line(quantity="2.5", price="99.99", adjustments=[adjustment(percent=10)], **CASES[category]),
        line(quantity=1200, price="12.5", base_quantity=1000, unit="KGM", **CASES[category]),
        adjustments=[adjustment(amount=5, vat=vat), adjustment(is_charge=True, amount=3, vat=vat, reason="Port")],
        type=type,
        prepaid=10,
        rounding="0.02",
        buyer=SWISS if category == "G" else document().buyer,
        **DELIVERED,
    )
    content = replace(content, mentions=mentions(content, "fr"))
    assert problems(content) == []
    official.check(cii(content))


@pytest.mark.parametrize("type", ["invoice", "credit_note"])
def test_amounts_of_a_currency_with_three_decimals_are_written_with_two(document, line, adjustment, official, type):
    content = document(
        line(adjustments=[adjustment(amount="1.000"), adjustment(percent=10, base="10.500")]),
        adjustments=[adjustment(amount="5.000", vat=line().vat), adjustment(percent=2, base="9.000", vat=line().vat)],
        type=type,
        prepaid="10.000",
        rounding="0.020",
        currency="TND",
        buyer=SWISS,
        **DELIVERED,
    )
    assert problems(content) == []
    xml = cii(content)
    official.check(xml)
    assert b"<ram:TotalPrepaidAmount>10.00</ram:TotalPrepaidAmount>" in xml


@pytest.mark.parametrize("type", ["invoice", "credit_note"])
def test_a_french_invoice_between_traders_passes_the_checks_of_the_french_reform(document, official, type):
    corrected = Preceding("F-2026-0041", date(2026, 2, 1)) if type == "credit_note" else None
    content = document(type=type, buyer=FRENCH, operation="services", vat_on_debits=True, corrects=corrected)
    for language in ("en", "fr"):
        xml = cii(replace(content, mentions=mentions(content, language)))
        official.check(xml)
        assert official.french(xml) == []


@pytest.mark.parametrize(("prepaid", "kind"), [(0, "S1"), (60, "S1"), (120, "S2")])
def test_it_says_what_is_sold_and_whether_it_is_paid(document, official, prepaid, kind):
    content = document(buyer=FRENCH, operation="services", prepaid=prepaid)
    xml = cii(replace(content, mentions=mentions(content, "fr")))
    assert ElementTree.fromstring(xml).findtext(f".//{RAM}BusinessProcessSpecifiedDocumentContextParameter/*") == kind
    assert official.french(xml) == []


def test_the_official_checks_look_at_what_they_are_given(document, official):
    content = document(corrects=None)
    wrong = cii(replace(content, totals=replace(content.totals, payable=Decimal("1.00"))))
    assert any("BR-CO-16" in failure for failure in official.en16931(wrong))
    assert any("BR-FR-05" in failure for failure in official.french(wrong))


def test_its_totals_are_those_of_the_content(document, line, adjustment):
    lines = [line(quantity=3, price="19.99"), line(price=50, vat=Vat("S", Decimal("5.5")))]
    content = document(*lines, adjustments=[adjustment(amount=7, vat=lines[0].vat)], prepaid=20, rounding="-0.01")
    summed = ElementTree.fromstring(cii(content)).find(f".//{RAM}SpecifiedTradeSettlementHeaderMonetarySummation")
    names = "LineTotal ChargeTotal AllowanceTotal TaxBasisTotal TaxTotal Rounding GrandTotal TotalPrepaid DuePayable"
    t = content.totals
    assert [summed.findtext(f"{RAM}{name}Amount") for name in names.split()] == [
        str(x)
        for x in (t.lines, t.charges, t.allowances, t.net, t.vat, t.rounding, t.gross, t.prepaid, t.payable)
    ]  # fmt: skip


def test_each_reason_of_an_exemption_is_given_and_a_code_only_where_there_is_one(document, line):
    exempt = {"vat": Vat("E", Decimal(0))}
    codes = [line(exemption_reason=code, **exempt) for code in ("VATEX-FR-CGI261-4", "VATEX-EU-132")]
    one, two = (ElementTree.fromstring(cii(document(*lines))) for lines in (codes[:1], codes))
    assert one.findtext(f".//{RAM}ExemptionReasonCode") == "VATEX-FR-CGI261-4"
    assert two.find(f".//{RAM}ExemptionReasonCode") is None


@pytest.mark.parametrize(("number", "there"), [("DE136695976", "DE"), ("EL094259216", "GR"), ("BE 0428759497", "BE")])
def test_a_supply_to_an_address_goes_where_the_VAT_number_of_the_customer_is_from(document, line, number, there):
    buyer = replace(SWISS, vat_number=number)
    content = document(line(**CASES["K"]), buyer=buyer, delivery_address="Kai 1", **DELIVERED)
    ship_to = ElementTree.fromstring(cii(content)).find(f".//{RAM}ShipToTradeParty")
    assert ship_to.findtext(f".//{RAM}CountryID") == there


@pytest.mark.parametrize("given", [{"type": "quote"}, {"type": "sales_order"}, {"number": None}])
def test_what_is_no_issued_invoice_has_no_electronic_form(document, given):
    with pytest.raises(Refused, match="electronic form"):
        cii(document(**given))


def test_an_invoice_under_the_franchise_needs_no_VAT_number(document, line, official):
    content = document(line(**CASES["E"]), seller=replace(document().seller, vat_number=None))
    assert problems(content) == []
    official.check(cii(content))


def amounts(least: str, most: str, places: int = 2) -> st.SearchStrategy[Decimal]:
    return st.decimals(Decimal(least), Decimal(most), places=places)


TEXTS = st.text(max_size=40)
PLACES = {"EUR": 2, "JPY": 0, "TND": 2}
PARTIES = st.sampled_from(
    ["name", "address", "city", "country", "siren", "siret", "vat_number", "registration", "iban"]
)
ODD = st.sampled_from(["", " ", "\x00", "FR", "XX", "1A", "&<>\"'", "732829320", "73282932000074", "EL094259216", None])


@st.composite
def spoilt(draw: Any, content: Any) -> Any:
    """The content with a few fields changed for odd values, most of which are a problem."""
    for role in draw(st.lists(st.sampled_from(["seller", "buyer", "line", "document"]), max_size=2)):
        if role in ("seller", "buyer"):
            field, value = draw(PARTIES), draw(ODD)
            value = "" if field == "name" and value is None else value
            content = replace(content, **{role: replace(getattr(content, role), **{field: value})})
        elif role == "line":
            if not content.lines:
                continue
            first, *others = content.lines
            change = draw(st.sampled_from([
                {"name": draw(TEXTS)}, {"unit": draw(TEXTS)}, {"exemption_reason": draw(ODD)}, {"price": Decimal(-1)},
                {"vat": Vat(draw(st.sampled_from("SZEKOB")), draw(st.none() | amounts("-1", "101")))},
            ]))  # fmt: skip
            content = replace(content, lines=[replace(first, **change), *others])
        else:
            content = replace(content, **draw(st.sampled_from([
                {"due_date": None}, {"payment_terms": draw(TEXTS)}, {"lines": []},
                {"delivery_date": None}, {"currency": draw(st.sampled_from(["XXX", "FRF", "", "USD"]))},
                {"corrects": Preceding(draw(TEXTS), date(2026, 1, 1))},
                {"totals": replace(content.totals, rounding=draw(amounts("-1", "1", 3)))},
            ])))  # fmt: skip
    return content


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_what_has_no_problem_passes_the_official_checks(document, line, adjustment, official, data):
    draw = data.draw
    currency = draw(st.sampled_from(list(PLACES)))
    buyer, beyond = draw(st.sampled_from([(FRENCH, ["AE"]), (SWISS, ["G"]), (document().buyer, ["AE", "K"])]))
    several = st.lists(st.sampled_from(["S", "Z", "E", *beyond]), min_size=1, max_size=3)
    categories = draw(several | st.just(["O"]))
    rates = st.sampled_from([Decimal(rate) for rate in ("0.9", "2.1", "5.5", "10", "20.00", "100")])

    def vat(category: str) -> Vat:
        rate = {"S": draw(rates), "O": None}.get(category, Decimal(0))
        return Vat(category, rate)

    def adjustments(of: Any = None) -> Any:
        percentages = st.fixed_dictionaries({"percent": amounts("0", "100", 4)}, optional={"base": money("0", "999")})
        given = draw(percentages | st.fixed_dictionaries({"amount": money("0", "99")}))
        is_charge = draw(st.booleans())
        code = draw(st.none() | st.sampled_from(["FC", "ABK"] if is_charge else ["95", "100"]))
        return adjustment(is_charge=is_charge, vat=of, reason=draw(st.none() | TEXTS), reason_code=code, **given)

    def money(least: str, most: str) -> st.SearchStrategy[Decimal]:
        return amounts(least, most, PLACES[currency])

    def a_line(category: str) -> Any:
        reasons = st.sampled_from(["VATEX-FR-FRANCHISE", "VATEX-EU-79-C", "Exonéré"])
        return line(
            name=draw(st.text("aé<&\t \x07", min_size=1, max_size=9)) + "x",
            description=draw(st.none() | TEXTS),
            code=draw(st.none() | TEXTS),
            quantity=draw(amounts("-1", "999", 4)),
            price=draw(amounts("0", "9999", 6)),
            base_quantity=draw(st.sampled_from([1, 1, 100, "0.5"])),
            unit=draw(st.sampled_from(["C62", "HUR", "KGM", "XPX"])),
            vat=vat(category),
            exemption_reason=draw(reasons) if category == "E" else None,
            adjustments=[adjustments() for _each in range(draw(st.integers(0, 2)))],
        )

    lines = [a_line(category) for category in categories]
    content = document(
        *lines,
        type=draw(st.sampled_from(["invoice", "credit_note"])),
        adjustments=[adjustments(vat) for vat in draw(st.lists(st.sampled_from([x.vat for x in lines]), max_size=2))],
        prepaid=draw(money("0", "9")),
        rounding=draw(money("-1", "1")),
        currency=currency,
        buyer=buyer,
        corrects=draw(st.just(Preceding("F-2026-0041", date(2026, 1, 1))) | st.none()),
        operation=draw(st.sampled_from([None, "goods", "services", "mixed"])),
        vat_on_debits=draw(st.none() | st.booleans()),
        subject=draw(st.none() | TEXTS),
        notes=draw(st.none() | TEXTS),
        buyer_reference=draw(st.none() | TEXTS),
        order=draw(st.none() | st.builds(Preceding, TEXTS, st.dates(date(1, 1, 1)))),
        delivery_address=draw(st.none() | TEXTS),
        **DELIVERED,
    )  # fmt: skip
    content = draw(spoilt(content))
    content = replace(content, mentions=mentions(content, "fr"))
    found = problems(content)
    event("has problems" if found else "has none")
    assume(not found)
    xml = cii(content)
    official.check(xml)
    if content.seller.country == content.buyer.country == "FR" and content.operation:
        assert official.french(xml) == []
