"""A problem: one thing that keeps a document from being issued, with the rule that says so and the way to mend it."""

from __future__ import annotations

from dataclasses import dataclass

from besace.texts import Text, translator

_ = translator(__name__)

CODE_OF_LAW = "CGI, ann. II, art. 242 nonies A"
"""The mentions that French law wants on an invoice."""


@dataclass(frozen=True)
class Problem:
    """What is wrong and what to do; `rule` is of EN 16931 (BR-...) or of French law.

    `line` counts from 1, None for the whole document; `field` is one of Content, ContentLine or Party (seller.name).
    """

    rule: str
    message: Text
    mend: Text
    line: int | None = None
    field: str | None = None

    def in_language(self, language: str) -> str:
        """All of it as one sentence after the other, the rule last."""
        said = _("{message} {mend} ({rule})").format(message=self.message, mend=self.mend, rule=self.rule)
        if self.line is not None:
            said = _("Line {n}: {said}").format(n=self.line, said=said)
        return said.in_language(language)

    def __str__(self) -> str:
        return self.in_language("en")
