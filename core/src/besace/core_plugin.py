"""Plugin zero: what the core declares through the same hooks as every plugin."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from besace.hookspecs import hookimpl
from besace.texts import translator

if TYPE_CHECKING:
    from besace.database import Work
    from besace.model import Entity
    from besace.reading import Found
    from besace.records import Operation, Setting, Verification

_ = translator(__name__)


@hookimpl
def register_entity_types() -> Sequence[type[Entity]]:
    """Users."""
    from besace.users import User

    return [User]


@hookimpl
def register_operations() -> Sequence[Operation]:
    """What one does with users besides the verbs of every type."""
    from besace import users
    from besace.records import Operation

    return [
        Operation("disable", "user", users.disable, _("Disable"), _("Let a user act no more."), right="administer"),
        Operation("enable", "user", users.enable, _("Enable"), _("Let a disabled user act again."), right="administer"),
    ]


@hookimpl
def register_settings() -> Sequence[Setting]:
    """The currency, the language and the time zone of an install."""
    from besace.kinds import ChoiceKind, TextKind
    from besace.money import digits
    from besace.records import Setting
    from besace.texts import LANGUAGES, Text
    from besace.zones import DEFAULT, SETTING, clean_zone

    def currency(text: str) -> str:
        digits(text.upper())
        return text.upper()

    languages = {code: Text(code, "") for code in LANGUAGES}
    return [
        Setting(
            "currency", TextKind(clean=currency), _("Currency"), _("The currency of amounts given without one."), "EUR"
        ),
        Setting("language", ChoiceKind(languages), _("Language"), _("The language of those who choose none."), "en"),
        Setting(
            SETTING,
            TextKind(clean=clean_zone),
            _("Time zone"),
            _("The zone in which moments are typed and shown, and in which a new day begins: Europe/Paris."),
            DEFAULT,
        ),
    ]


@hookimpl
def register_verifications() -> Sequence[Verification]:
    """What holds of the rows of every type."""
    from besace.verification.declarations import VERIFICATIONS

    return VERIFICATIONS


@hookimpl
def check_delete(work: Work, entities: Sequence[Found]) -> None:
    """Refuse to delete the user who acts."""
    from besace import users

    users.check_delete(work, entities)
