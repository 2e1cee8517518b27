"""Every error that Besace raises on purpose: a sentence on what is wrong, a second on the way on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from besace.texts import Text, translator

_ = translator(__name__)


class BesaceError(Exception):
    """Raised when something is refused or impossible; shown to people without a traceback.

    `code` is stable and stands in JSON; `exit_code` is 1 for what a rule or the world refuses, 2 for wrong usage.
    """

    code: ClassVar[str] = "refused"
    exit_code: ClassVar[int] = 1

    def __init__(self, message: Text | str, hint: Text | str | None = None) -> None:
        super().__init__(message, hint)
        self.message = message
        self.hint = hint

    def in_language(self, language: str) -> str:
        """The whole sentence, hint included, for a reader of `language`."""
        parts = [self.message] if self.hint is None else [self.message, self.hint]
        return " ".join(p.in_language(language) if isinstance(p, Text) else p for p in parts)

    def __str__(self) -> str:
        return self.in_language("en")


class Refused(BesaceError):
    """Raised when a rule refuses what was asked."""


class InvalidValue(BesaceError):
    """Raised when a value does not have the form of its field."""

    code = "invalid_value"
    exit_code = 2


class UsageError(BesaceError):
    """Raised when a request names something that does not exist here: a field, a type, an option."""

    code = "usage"
    exit_code = 2


class ConditionError(BesaceError):
    """Raised when a condition cannot be read or does not fit its type.

    `position` is the offset in the text as typed, for the caret; None where the condition was not typed.
    """

    code = "condition"
    exit_code = 2

    def __init__(
        self, message: Text | str, hint: Text | str | None = None, *, source: str = "", position: int | None = None
    ) -> None:
        super().__init__(message, hint)
        self.source = source
        self.position = position

    def in_language(self, language: str) -> str:
        """The sentence, and under it the text as typed with a caret at the place."""
        sentence = super().in_language(language)
        if self.position is None or not self.source:
            return sentence
        return f"{sentence}\n  {self.source}\n  {' ' * self.position}^"


class NotFound(BesaceError):
    """Raised when there is no such entity, part, item or user."""

    code = "not_found"


class Ambiguous(BesaceError):
    """Raised when a label names several entities."""

    code = "ambiguous"


class StaleVersion(BesaceError):
    """Raised when an entity was changed since the version that the writer had in hand (rule E7)."""

    code = "stale_version"


class Superseded(StaleVersion):
    """Raised when another unit changed what this one had read and judged; the whole unit is run again."""


class PluginError(BesaceError):
    """Raised when a plugin is missing, broken, or may not be enabled or disabled."""

    code = "plugin"


class InstallError(BesaceError):
    """Raised when a folder is not an install, or its database is not ours or not of this version."""

    code = "install"


class DatabaseUnavailable(BesaceError):
    """Raised when the database is locked for too long, full, read-only or gone; nothing was stored, or it says so."""

    code = "database"


def near(word: str, known: Sequence[str]) -> Text | None:
    """`Did you mean ...?`, or the whole list where nothing is near and the list is short."""
    from difflib import get_close_matches

    close = get_close_matches(word, known, n=3, cutoff=0.6)
    if close:
        return _("Did you mean {names}?").format(names=", ".join(close))
    if 0 < len(known) <= 25:
        return _("There are: {names}.").format(names=", ".join(known))
    return None


def unknown(what: Text, word: str, known: Sequence[str], **values: Any) -> UsageError:
    """The error for a name that does not exist, with the names that are near."""
    return UsageError(what.format(name=word, **values), near(word, known))
