"""The Factur-X: a PDF with the XML inside."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from io import BytesIO

import pytest
from facturx import get_facturx_xml_from_pdf
from pypdf import PdfReader

from besace.errors import Refused
from besace_documents.cii import cii
from besace_documents.factur_x import factur_x
from besace_documents.mentions import mentions


def test_it_holds_the_XML_of_the_invoice(document, official):
    content = document()
    content = replace(content, mentions=mentions(content, "fr"))
    name, xml = get_facturx_xml_from_pdf(factur_x(content, "fr"))
    assert name == "factur-x.xml"
    assert xml == cii(content)
    official.check(xml)


def test_it_says_what_it_is_to_a_machine(document):
    reader = PdfReader(BytesIO(factur_x(document(type="credit_note"), "fr")))
    xmp = reader.xmp_metadata.stream.get_data().decode()
    assert "<pdfaid:part>3</pdfaid:part>" in xmp
    assert "<fx:ConformanceLevel>EN 16931</fx:ConformanceLevel>" in xmp
    assert reader.metadata.title == "Avoir F-2026-0042"
    assert reader.root_object["/AF"]


def test_a_control_character_in_a_name_is_left_out(document):
    content = document(seller=replace(document().seller, name="Be\x00sa\x1bce"), subject="\x07")
    made = factur_x(content, "en")
    assert PdfReader(BytesIO(made)).metadata.author == "Besace"
    assert b"<ram:Name>Besace</ram:Name>" in get_facturx_xml_from_pdf(made)[1]


def test_it_is_the_page_that_the_PDF_is(document):
    text = PdfReader(BytesIO(factur_x(document(), "en"))).pages[0].extract_text()
    assert "To pay" in text


def test_a_quote_has_none(document):
    with pytest.raises(Refused, match="electronic form"):
        factur_x(document(type="quote", due_date=date(2026, 4, 1)), "en")


def test_it_says_nothing_on_the_terminal(document, caplog, capsys):
    factur_x(document(), "en")
    assert (caplog.text, *capsys.readouterr()) == ("", "", "")
