"""The characters that a document may hold: those of XML, and fewer in its number."""

from __future__ import annotations

import re

from besace.texts import translator

_ = translator(__name__)

_NOT_XML = re.compile("[^\\t\\n\\r\\x20-\\ud7ff\\ue000-\\ufffd\\U00010000-\\U0010ffff]")

"""XML knows no control characters."""

NUMBER = re.compile(r"[A-Za-z0-9+\-_/]{1,35}")
"""What a number may be written with, so that a platform takes it (BR-FR-02)."""

ALLOWED_IN_NUMBERS = _("It has at most 35 characters: letters without accents, digits, +, -, _ and /.")


def legible(text: str | None) -> str:
    """A text without what XML refuses and without white space round it; empty where nothing is left to read."""
    return _NOT_XML.sub("", text or "").strip()
