"""The PDF of a document: what stands on it, whatever is written in it."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from datetime import date
from decimal import Decimal
from io import BytesIO

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pypdf import PdfReader

from besace.errors import Refused
from besace_documents.arithmetic import Vat
from besace_documents.content import Party, Preceding
from besace_documents.mentions import mentions
from besace_documents.pdf import pdf, pictures
from besace_documents.sheet import sheet

LOGO = b'<svg xmlns="http://www.w3.org/2000/svg" width="40" height="20"><rect width="40" height="20" fill="red"/></svg>'


def pages(made: bytes) -> list[str]:
    """The text of each page, with one space wherever there is some."""
    return [" ".join(page.extract_text().split()) for page in PdfReader(BytesIO(made)).pages]


def test_a_french_invoice_says_what_the_law_wants(document, line):
    content = document(
        line("Conseil", quantity="2.5", price=850, unit="DAY", code="C-1", description="Deux animateurs"),
        line(vat=Vat("E", Decimal(0)), exemption_reason="VATEX-FR-FRANCHISE"),
        delivery_address="8 quai du Port\n69007 Lyon",
        order=Preceding("C-7", date(2026, 2, 1)),
        payment_terms="Trente jours",
        prepaid=50,
    )
    (text,) = pages(pdf(replace(content, mentions=mentions(content, "fr")), "fr"))
    for words in (
        "Facture F-2026-0042", "14 mars 2026", "13 avril 2026", "C-7 du 1 février 2026", "Besace Conseil",
        "SARL au capital de 10 000 €", "RCS Lyon 732 829 320", "SIRET 73282932000074", "TVA FR44732829320",
        "Muller Maschinenbau GmbH", "10115 Berlin", "Allemagne", "TVA DE136695976", "8 quai du Port",
        "2,5 jours", "850,00", "2 125,00", "Réf. C-1", "Deux animateurs", "TVA non applicable, art. 293 B du CGI",
        "Total HT", "2 225,00 €", "Déjà payé", "Net à payer", "2 600,00 €", "Trente jours", "FR76 3000 6000",
        "trois fois le taux d'intérêt légal", "40 €", "Pas d'escompte", "Page 1/1",
    ):  # fmt: skip
        assert words in text


@pytest.mark.parametrize(
    ("type", "language", "heading"),
    [("quote", "en", "Quote"), ("sales_order", "fr", "Commande"), ("credit_note", "fr", "Avoir")],
)
def test_each_type_has_its_heading(document, type, language, heading):
    assert f"{heading} F-2026-0042" in pages(pdf(document(type=type), language))[0]


def test_a_credit_note_asks_for_no_payment(document):
    texts = sheet(document(type="credit_note", corrects=Preceding("F-2026-0041", date(2026, 2, 1))), "en")
    assert texts["payment"] == []
    assert ["Corrects", "F-2026-0041 of February 1, 2026"] in [list(fact) for fact in texts["facts"]]


def test_what_has_no_number_is_marked_as_a_draft(document):
    assert "DRAFT" in pages(pdf(document(number=None), "en"))[0]
    assert "DRAFT" not in pages(pdf(document(), "en"))[0]


def test_a_long_document_repeats_its_heading_and_counts_its_pages(document, line):
    content = document(*(line(f"Article {number}") for number in range(1, 101)))
    texts = pages(pdf(content, "en"))
    assert len(texts) > 2
    for number, text in enumerate(texts, 1):
        assert f"Page {number}/{len(texts)}" in text
        assert "Unit price" in text or "To pay" in text
    assert all(any(f"Article {number} " in text for text in texts) for number in range(1, 101))


def test_nothing_is_cut_off_however_long_it_is(document, line):
    long = "\n".join(f"row {number}" for number in range(200))
    content = document(line(description=f"{long} end-of-description"), payment_terms=f"{long} end-of-terms")
    content = replace(content, notes=f"{long} end-of-notes", mentions=[*long.splitlines(), "end-of-mentions"])
    text = " ".join(pages(pdf(replace(content, buyer=replace(content.buyer, address=f"{long} end-of-address")), "en")))
    for part in ("address", "description", "terms", "notes", "mentions"):
        assert f"end-of-{part}" in text


def test_a_discount_shows_its_reason_its_percentage_and_its_amount(document, line, adjustment):
    content = document(line(price=200, adjustments=[adjustment(percent="12.5", reason="Loyalty")]))
    assert "Loyalty (12.5%): -25.00" in pages(pdf(content, "en"))[0]


def test_a_price_for_a_base_quantity_says_so(document, line):
    content = document(line(quantity=1500, price="12.4567", base_quantity=100, unit="KGM"))
    assert "12.4567 / 100 kg" in pages(pdf(content, "en"))[0]


def test_it_is_the_same_to_the_byte_whenever_it_is_made(document):
    assert pdf(document(), "fr") == pdf(document(), "fr")


def test_it_is_a_PDF_A_3(document):
    xmp = PdfReader(BytesIO(pdf(document(), "fr"))).xmp_metadata
    assert xmp is not None
    assert b"<pdfaid:part>3</pdfaid:part>" in xmp.stream.get_data()


def test_it_needs_no_more_than_names(document, line):
    content = document(line(""), seller=Party(""), buyer=Party(""), number=None, due_date=None)
    assert pages(pdf(content, "fr"))


@pytest.mark.parametrize("words", ['# *a* _b_ $x^2$ @ref <l> #panic("no")', "שלום", "مرحبا", "a\\b // c", "中文", "😀"])
def test_what_is_code_to_typst_or_unknown_to_its_fonts_is_text(document, line, words):
    (text,) = pages(pdf(document(line(f"before {words} after"), subject=words, notes=words), "en"))
    assert "before" in text
    assert "after" in text
    if words.isascii():
        assert words.replace(" ", "") in text.replace(" ", "")


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(max_size=60))
def test_any_text_can_be_printed(document, line, text):
    buyer = Party(text, address=text, city=text, country="JP")
    content = document(line(text, description=text, code=text), buyer=buyer, subject=text, notes=text, number=text)
    assert pdf(content, "fr").startswith(b"%PDF")


def test_a_long_word_stays_in_its_column(document, line):
    texts = pages(pdf(document(line("W" * 300)), "en"))
    assert sum(text.replace(" ", "").count("W") for text in texts) >= 300


def test_a_logo_is_printed(document):
    with_logo, without = (pictures(document(), "en", logo)[0] for logo in (LOGO, None))
    assert with_logo.startswith(b"\x89PNG")
    assert with_logo != without
    assert pdf(document(), "en", LOGO) != pdf(document(), "en")


def test_what_is_no_picture_is_refused_as_a_logo(document):
    with pytest.raises(Refused, match="not a picture"):
        pdf(document(), "en", b"rubbish")


def test_nothing_heavy_is_imported_before_something_is_printed():
    modules = "besace_documents.pdf, besace_documents.factur_x, besace_documents.cii, besace_documents.problems"
    heavy = {"typst", "facturx", "lxml", "pypdf", "requests", "babel", "stdnum", "sqlalchemy"}
    code = f"import {modules}, sys; print(*sorted({heavy} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "\n"
