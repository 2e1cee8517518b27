"""Texts: sentences of ours, put into the reader's language when they are shown."""

from __future__ import annotations

import gettext
import sys
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

LANGUAGES = ("en", "fr")
"""The languages of which the shipped catalogues are complete; the first is that of the source."""


@dataclass(frozen=True, slots=True)
class Text:
    """A message with its values, resolved in the reader's language when it is shown.

    `domain` is the package whose `locale` folder holds the catalogue. A text with a `plural` chooses its
    form by the value named `n`. Values may be texts themselves.
    """

    source: str
    domain: str = "besace"
    plural: str | None = None
    values: Mapping[str, Any] = field(default_factory=dict, hash=False)

    def format(self, **values: Any) -> Text:
        """The same message with these values filled in (when shown)."""
        return replace(self, values={**self.values, **values})

    def in_language(self, language: str) -> str:
        """The message for a reader of `language`; one without a translation stays as it was written."""
        catalogue = _catalogue(self.domain, language)
        if self.plural is None:
            message = catalogue.gettext(self.source) if self.source else ""
        else:
            message = catalogue.ngettext(self.source, self.plural, self.values.get("n", 0))
        if not self.values:
            return message
        return message.format_map({key: in_language(value, language) for key, value in self.values.items()})

    def __str__(self) -> str:
        return self.in_language("en")


def in_language(value: Any, language: str) -> str:
    """Show a value in a sentence: texts and amounts in the reader's language, the rest as it is."""
    if isinstance(value, Text):
        return value.in_language(language)
    shown = getattr(value, "in_language", None)
    return str(shown(language)) if shown is not None else str(value)


def translator(module: str) -> Callable[..., Text]:
    """The `_` of a module: `_ = translator(__name__)`, then `_("A text")` or `_("{n} row", "{n} rows")`."""
    domain = module.partition(".")[0]

    def mark(source: str, plural: str | None = None) -> Text:
        return Text(source, domain, plural)

    return mark


def as_text(value: Text | str | None, module: str) -> Text | None:
    """A label that a declaration gives as a plain string, as a text of its module's catalogue."""
    return translator(module)(value) if isinstance(value, str) else value


def joined(parts: list[Any], separator: str = ", ") -> Text:
    """Several values as one text."""
    names = [f"v{i}" for i in range(len(parts))]
    template = separator.join("{" + name + "}" for name in names)
    return Text(template, "", None, dict(zip(names, parts, strict=True)))


_CONTROL = {code: "\N{REPLACEMENT CHARACTER}" for code in (*range(32), *range(127, 160)) if chr(code) not in "\t\n"}


def printable(text: str) -> str:
    """The text without the characters that would steer a terminal: what is stored may come from anyone."""
    return text.translate(_CONTROL)


def fold(text: str) -> str:
    """The key under which texts are sorted, looked up and compared: without case, without accents."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(c for c in decomposed if not unicodedata.combining(c)).casefold()


@lru_cache(maxsize=64)
def _catalogue(domain: str, language: str) -> gettext.NullTranslations:
    if not domain or language == LANGUAGES[0]:
        return gettext.NullTranslations()
    module = sys.modules.get(domain)
    origin = getattr(module, "__file__", None)
    if origin is None:
        return gettext.NullTranslations()
    folder = Path(origin).parent / "locale"
    return gettext.translation("messages", str(folder), [language], fallback=True)
