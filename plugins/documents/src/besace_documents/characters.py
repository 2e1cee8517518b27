"""The characters that a document may hold: those of XML, which knows no control characters."""

from __future__ import annotations

import re

_NOT_XML = re.compile("[^\\t\\n\\r\\x20-\\ud7ff\\ue000-\\ufffd\\U00010000-\\U0010ffff]")


def legible(text: str | None) -> str:
    """A text without what XML refuses and without white space round it; empty where nothing is left to read."""
    return _NOT_XML.sub("", text or "").strip()
