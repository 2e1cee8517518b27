"""The PDF of a document: PDF/A-3, set by typst from a template of ours.

The template gets its texts as JSON and never as code, and the fonts are those inside typst, so that a document looks
the same wherever it is made. Its only time is the date of the document: the same typst makes it the same to the byte
again.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from functools import lru_cache
from importlib import resources
from typing import TYPE_CHECKING, Any, Literal

from besace.errors import Refused
from besace.texts import translator
from besace_documents.characters import legible
from besace_documents.content import Content
from besace_documents.sheet import sheet

if TYPE_CHECKING:
    from typst import Fonts

_ = translator(__name__)

STANDARD = "a-3b"
"""PDF/A-3, which may hold other files, as a Factur-X does. It allows no character that has no picture."""

LONG_WORD = re.compile(r"\S{25,}")
"""A word that may be wider than its column, and is broken wherever its line ends."""


def pdf(content: Content, language: str, logo: bytes | None = None) -> bytes:
    """A document as PDF, in a language; the logo is a PNG, a JPEG or an SVG."""
    return typeset(sheet(content, language), content.date, logo)[0]


def pictures(content: Content, language: str, logo: bytes | None = None) -> list[bytes]:
    """The pages of a document as PNG."""
    return typeset(sheet(content, language), content.date, logo, "png")


def typeset(
    texts: Mapping[str, Any], day: date, logo: bytes | None = None, form: Literal["pdf", "png"] = "pdf"
) -> list[bytes]:
    """The files that the texts of a document are set into: one PDF of that day, or a PNG for each page."""
    import typst

    given = {**_settable(texts), "logo": None if logo is None else "logo"}
    # Several files go as a dictionary, which the types of typst do not say.
    files: Any = {"main.typ": _template(), **({} if logo is None else {"logo": logo})}
    try:
        made = typst.compile(
            files,
            format=form,
            sys_inputs={"document": json.dumps(given)},
            timestamp=datetime.combine(day, time(), UTC),
            **_setting(),
        )
    except RuntimeError:  # a TypstError, or what is neither a picture nor a text
        if logo is not None and not _is_picture(logo):
            raise Refused(
                _("The logo is not a picture that can be printed."), _("Expected a PNG, a JPEG or an SVG.")
            ) from None
        raise
    return made if isinstance(made, list) else [made]


@lru_cache(maxsize=1)
def _template() -> bytes:
    return resources.files(__package__).joinpath("templates", "document.typ").read_bytes()


@lru_cache(maxsize=1)
def _fonts() -> Fonts:
    from typst import Fonts

    return Fonts(include_system_fonts=False)


def _setting() -> dict[str, Any]:
    return {"font_paths": _fonts(), "ignore_system_fonts": True, "pdf_standards": [STANDARD]}


def _is_picture(logo: bytes) -> bool:
    import typst

    try:
        typst.compile({"main.typ": b'#image("logo")', "logo": logo}, **_setting())
    except RuntimeError:
        return False
    return True


@lru_cache(maxsize=8192)
def _is_drawn(character: str) -> bool:
    """Whether a font has a picture of a character."""
    import typst

    font = b'#set text(font: ("Libertinus Serif", "DejaVu Sans Mono"))\n#sys.inputs.it'
    try:
        typst.compile(font, sys_inputs={"it": character}, **_setting())
    except typst.TypstError:
        return False
    return True


def _settable(value: Any) -> Any:
    """All texts without characters that no font has, and with places where long words may be broken."""
    match value:
        case str():
            drawn = (x if x.isascii() or _is_drawn(x) else "\N{REPLACEMENT CHARACTER}" for x in legible(value))
            # The narrow space of French numbers is so narrow in print that it looks like none.
            wide = "".join(drawn).replace("\N{NARROW NO-BREAK SPACE}", "\N{NO-BREAK SPACE}")
            return LONG_WORD.sub(lambda word: re.sub(".{5}", "\\g<0>\N{ZERO WIDTH SPACE}", word[0]), wide)
        case dict():
            return {key: _settable(each) for key, each in value.items()}
        case list() | tuple():
            return [_settable(each) for each in value]
        case _:
            return value
