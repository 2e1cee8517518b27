"""What keeps a document from being issued, each with its rule and its place."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from besace.texts import LANGUAGES
from besace_documents.arithmetic import Vat
from besace_documents.content import ContentLine, Party, Preceding
from besace_documents.problems import problems
from besace_persons.numbers import bic, iban


def vat(category: str, rate: Any = 0) -> Vat:
    return Vat(category, None if rate is None else Decimal(rate))


def found(content: Any) -> list[tuple[str, int | None, str | None]]:
    return [(problem.rule, problem.line, problem.field) for problem in problems(content)]


def test_a_complete_invoice_has_none(document):
    assert problems(document()) == []


LINES = {
    "a rate of nothing": ({"vat": vat("S")}, "BR-S-05", "vat"),
    "a rate below what exists": ({"vat": vat("S", "0.4")}, "BR-CO-17", "vat"),
    "a rate above all": ({"vat": vat("S", 101)}, "BR-CO-17", "vat"),
    "a rate where there is none": ({"vat": vat("AE", 20)}, "BR-AE-05", "vat"),
    "a rate of an intra-Community supply": ({"vat": vat("K", 20)}, "BR-IC-05", "vat"),
    "a category that is none": ({"vat": vat("X", 20)}, "BR-CL-18", "vat"),
    "no reason of an exemption": ({"vat": vat("E")}, "BR-E-10", "exemption_reason"),
    "a reason of a taxed line": ({"exemption_reason": "VATEX-EU-G"}, "BR-S-10", "exemption_reason"),
    "the reason of another category": (
        {"vat": vat("AE"), "exemption_reason": "VATEX-EU-G"}, "BR-AE-10", "exemption_reason",
    ),
    "a negative price": ({"price": -1, "quantity": -1}, "BR-27", "price"),
    "a price for nothing": ({"base_quantity": -1, "quantity": -1}, "BT-149", "base_quantity"),
    "no name": ({"name": " \x00"}, "BR-25", "name"),
    "no unit": ({"unit": "hours"}, "BR-CL-23", "unit"),
}  # fmt: skip


@pytest.mark.parametrize("case", LINES)
def test_a_wrong_line_is_named(document, line, case):
    given, rule, field = LINES[case]
    delivered = {"delivery_date": date(2026, 3, 1)}
    rules = found(document(line(), line(**given), **delivered))
    # That nothing gives a reason is about the whole group.
    assert (rule, None if rule == "BR-E-10" else 2, field) in rules


ADJUSTMENTS = {
    "a percentage above 100": ({"percent": 101}, "BT-138"),
    "a negative amount": ({"amount": -1}, "BT-136"),
    "an amount that is too fine": ({"amount": 1, "base": "0.001", "percent": 5}, "BR-DEC-01"),
    "the code of no reason": ({"amount": 1, "reason_code": "nope"}, "BR-CL-19"),
    "the code of no charge": ({"amount": 1, "is_charge": True, "reason_code": "95"}, "BR-CL-20"),
}


@pytest.mark.parametrize("case", ADJUSTMENTS)
def test_a_wrong_allowance_is_named_on_a_line_and_on_the_document(document, line, adjustment, case):
    given, rule = ADJUSTMENTS[case]
    assert (rule, 1, "adjustments") in found(document(line(adjustments=[adjustment(**given)])))
    of_document = adjustment(vat=vat("S", 20), **given)
    assert (rule, None, "adjustments") in found(document(adjustments=[of_document]))


def test_an_allowance_of_the_document_needs_a_VAT_category_of_its_own(document, line, adjustment):
    content = document()
    assert ("BR-32", None, "adjustments") in found(replace(content, adjustments=[adjustment(amount=1)]))
    assert ("BR-S-06", None, "adjustments") in found(replace(content, adjustments=[adjustment(vat=vat("S"))]))


PARTIES = {
    "BR-06": ("seller", {"name": ""}, "seller.name"),
    "BR-07": ("buyer", {"name": " "}, "buyer.name"),
    "BR-09": ("seller", {"country": None}, "seller.country"),
    "BR-11": ("buyer", {"country": None}, "buyer.country"),
    "BR-CL-14": ("buyer", {"country": "XX"}, "buyer.country"),
    "CGI, ann. II, art. 242 nonies A": ("buyer", {"address": None, "city": ""}, "buyer.address"),
    "C. com., art. R. 123-237": ("seller", {"siren": None, "siret": None}, "seller.siren"),
    "BR-FR-10": ("seller", {"siren": "123456789"}, "seller.siren"),
    "BR-FR-09": ("seller", {"siret": "55210055400013"}, "seller.siret"),
    "BR-CO-09": ("buyer", {"vat_number": "DE1"}, "buyer.vat_number"),
    "BR-50": ("seller", {"iban": "FR7630006000011234567890188"}, "seller.iban"),
    "BT-86": ("seller", {"bic": "X"}, "seller.bic"),
    "BR-S-02": ("seller", {"vat_number": None}, "seller.vat_number"),
}


@pytest.mark.parametrize("rule", PARTIES)
def test_a_wrong_party_is_named(document, rule):
    role, given, field = PARTIES[rule]
    content = document()
    assert (rule, None, field) in found(replace(content, **{role: replace(getattr(content, role), **given)}))


@pytest.mark.parametrize("category", ["AE", "K"])
def test_reverse_charge_and_intra_community_supply_need_both_VAT_numbers(document, line, category):
    content = document(line(vat=vat(category)), delivery_date=date(2026, 3, 1))
    assert problems(content) == []
    nobody = [replace(party, vat_number=None) for party in (content.seller, content.buyer)]
    name = {"K": "IC"}.get(category, category)
    rules = found(replace(content, seller=nobody[0], buyer=nobody[1]))
    assert (f"BR-{name}-02", None, "seller.vat_number") in rules
    assert (f"BR-{name}-02", None, "buyer.vat_number") in rules


def test_an_intra_community_supply_goes_to_another_country_on_a_day(document, line):
    rules = found(document(line(vat=vat("K")), buyer=FRENCH))
    assert ("BR-IC-11", None, "delivery_date") in rules
    assert ("CGI, art. 262 ter I", None, "buyer.vat_number") in rules


FRENCH = Party("Client", "1 rue X", country="FR", siren="552100554", vat_number="FR96552100554")
CITED = Preceding("F-2026-0041", date(2026, 2, 1))
IN_FRANCE: dict[str, tuple[dict[str, Any], str]] = {
    "a customer without a SIREN": ({"buyer": replace(FRENCH, siren=None)}, "CGI, ann. II, art. 242 nonies A"),
    "another currency": ({"currency": "USD"}, "BR-FR-CO-12"),
    "a credit note of nothing": ({"type": "credit_note"}, "BR-FR-CO-05"),
    "a number with a space": ({"number": "F 1"}, "BR-FR-02"),
    "a corrected number with an accent": ({"type": "credit_note", "corrects": replace(CITED, number="É1")}, "BR-FR-02"),
}


@pytest.mark.parametrize("case", IN_FRANCE)
def test_what_a_platform_of_the_reform_would_refuse_is_named(document, case):
    given, rule = IN_FRANCE[case]
    assert [each for each, _line, _field in found(document(**{"buyer": FRENCH, **given}))] == [rule]
    abroad = {key: value for key, value in given.items() if key != "buyer"}
    assert found(document(**abroad)) == []


@pytest.mark.parametrize(("given", "rule", "field"), [
    ({"vat": vat("S", 21)}, "BR-FR-16", "vat"),
    ({"quantity": "1.00001"}, "BR-FR-DEC-02", "quantity"),
    ({"price": "1.0000001"}, "BR-FR-DEC-03", "price"),
])  # fmt: skip
def test_a_line_that_a_platform_would_refuse_is_named(document, line, given, rule, field):
    assert [(each, where) for each, _line, where in found(document(line(**given), buyer=FRENCH))] == [(rule, field)]
    assert found(document(line(**given))) == []


def test_numbers_are_shown_as_people_write_them(document, line):
    price, quantity = problems(document(line(price="-1.500000", base_quantity="-2.0000")))
    assert str(price).startswith("Line 1: The unit price -1.5 is negative.")
    assert str(quantity).startswith("Line 1: The price is for a quantity of -2.")


def delivered(document, line, category, country, **given):
    """A document about goods that go from France to a customer in a country."""
    buyer = Party("Client", "1 rue X", country=country, siren="552100554", vat_number="DE136695976")
    return document(line(vat=vat(category)), buyer=buyer, delivery_date=date(2026, 3, 1), **given)


WRONG_WAYS = {
    "K": ("CGI, art. 262 ter I", ["FR", "MC", "CH", "GB", "RE"], ["DE", "GR", "XI"]),
    "G": ("CGI, art. 262 I", ["FR", "MC", "DE", "GR", "XI"], ["CH", "GB", "RE", "US"]),
}
"""Where goods of a VAT category must not go from France, and where they may."""


@pytest.mark.parametrize("category", WRONG_WAYS)
def test_what_has_no_VAT_for_where_it_goes_goes_there(document, line, category):
    rule, wrong, right = WRONG_WAYS[category]
    for country in wrong:
        assert found(delivered(document, line, category, country)) == [(rule, None, "buyer.country")]
    for country in right:
        assert found(delivered(document, line, category, country)) == []


def test_the_refusal_of_an_export_says_where_its_customer_is_and_the_way_on(document, line):
    (problem,) = problems(delivered(document, line, "G", "DE"))
    assert str(problem) == (
        "An export (VAT G) leaves the European Union, and Client is in DE. Choose another VAT category or, if it is "
        "delivered elsewhere, give the delivery address. (CGI, art. 262 I)"
    )


@pytest.mark.parametrize("category", WRONG_WAYS)
def test_what_is_delivered_to_an_address_may_go_anywhere(document, line, category):
    for country in ("FR", "DE", "CH"):
        assert found(delivered(document, line, category, country, delivery_address="Muelle 1, Las Palmas")) == []
    rule, wrong, _right = WRONG_WAYS[category]
    assert found(delivered(document, line, category, wrong[0], delivery_address=" ")) == [(rule, None, "buyer.country")]


@pytest.mark.parametrize("category", WRONG_WAYS)
def test_what_was_invoiced_in_the_wrong_category_can_be_credited(document, line, category):
    for country in ("FR", "DE", "CH"):
        assert found(delivered(document, line, category, country, type="credit_note", corrects=CITED)) == []


def test_an_export_from_outside_the_union_is_no_matter_of_its_law(document, line):
    swiss = Party("Nous", "1 rue X", country="CH", vat_number="CHE107787577IVA")
    assert found(delivered(document, line, "G", "DE", seller=swiss)) == []


def test_what_is_not_subject_to_VAT_stands_alone_and_needs_a_registration(document, line):
    assert ("BR-O-11", None, "vat") in found(document(line(), line(vat=vat("O", None))))
    belgian = Party("Nous", "1 rue X", country="BE", vat_number="BE0428759497")
    assert ("BR-CO-26", None, "seller.registration") in found(document(line(vat=vat("O", None)), seller=belgian))
    nameless = replace(belgian, vat_number=None)
    assert ("BR-CO-26", None, "seller.vat_number") in found(document(line(vat=vat("O", None)), seller=nameless))


DOCUMENTS: dict[str, tuple[dict[str, Any], str]] = {
    "no line": ({"lines": []}, "BR-16"),
    "a currency out of use": ({"currency": "FRF"}, "BR-CL-04"),
    "no date to pay by": ({"due_date": None}, "BR-CO-25"),
    "a due date before its date": ({"due_date": date(2026, 3, 13)}, "C. com., art. L. 441-9"),
}


@pytest.mark.parametrize("case", DOCUMENTS)
def test_a_wrong_document_is_named(document, case):
    given, rule = DOCUMENTS[case]
    assert rule in [each for each, _line, _field in found(replace(document(), **given))]


@pytest.mark.parametrize(("prepaid", "rounding", "rule"), [
    ("120.01", 0, "BT-113"), (-1, 0, "BT-113"), ("0.001", 0, "BR-DEC-16"), (0, "0.001", "BR-DEC-17"),
    (0, -1, "BT-114"), (0, 500, "BT-114"), (120, "-0.01", "BT-115"),
])  # fmt: skip
def test_what_is_paid_and_the_rounding_are_amounts_of_the_document(document, prepaid, rounding, rule):
    assert [each for each, _line, _field in found(document(prepaid=prepaid, rounding=rounding))] == [rule]


def test_an_invoice_that_owes_to_the_customer_is_a_credit_note(document, line):
    assert found(document(line(quantity=-1))) == [("CGI, art. 289", None, "lines")]


def test_amounts_that_do_not_follow_from_the_lines_are_found(document):
    content = document()
    assert found(replace(content, totals=replace(content.totals, net=Decimal(1)))) == [("BR-CO-10", None, "totals")]
    lines: list[ContentLine] = [replace(content.lines[0], net=Decimal("99.99"))]
    assert found(replace(content, lines=lines)) == [("BR-CO-10", None, "totals")]


def test_a_quote_is_held_to_its_lines_alone(document, line):
    nobody = Party("")
    assert problems(document(type="quote", seller=nobody, buyer=nobody, due_date=None)) == []
    assert found(document(line(unit="?"), type="quote")) == [("BR-CL-23", 1, "unit")]


def test_it_says_where_what_and_how_to_mend_it_in_both_languages(document, line):
    (problem,) = problems(document(line(), line(unit="heures")))
    assert str(problem).startswith('Line 2: "heures" is not a unit. Use a code')
    assert str(problem).endswith("(BR-CL-23)")
    assert problem.in_language("fr").startswith("Ligne 2 : « heures » n'est pas une unité. Utilisez un code")
    assert {problem.mend.in_language(language) for language in LANGUAGES} != {problem.mend.source}


def test_numbers_of_accounts_are_given_back_as_machines_write_them():
    assert iban("fr76 3000 6000 0112 3456 7890 189") == "FR7630006000011234567890189"
    assert bic("AGRI FR PP") == "AGRIFRPP"
