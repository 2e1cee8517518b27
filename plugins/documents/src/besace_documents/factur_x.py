"""A Factur-X: the PDF of an invoice with its XML inside, for a person and a machine."""

from __future__ import annotations

import logging

from besace_documents.characters import legible
from besace_documents.cii import cii
from besace_documents.content import Content
from besace_documents.pdf import pdf
from besace_documents.sheet import HEADINGS

LEVEL = "en16931"


def factur_x(content: Content, language: str, logo: bytes | None = None) -> bytes:
    """An issued invoice or credit note as PDF/A-3 with its XML inside, which is checked against the schema."""
    from facturx import generate_from_binary

    # Its news on each file is for the author of a program, and would stand on the terminal of ours.
    logging.getLogger("factur-x").setLevel(logging.ERROR)
    heading = HEADINGS[content.type].in_language(language)
    title = f"{heading} {legible(content.number)}"
    metadata = {
        "author": legible(content.seller.name),
        "title": title,
        "subject": title,
        "keywords": f"Factur-X, {heading}",
    }
    xml = cii(content)
    made: bytes = generate_from_binary(
        pdf(content, language, logo), xml, flavor="factur-x", level=LEVEL, pdf_metadata=metadata, lang=language
    )
    return made
