"""Users: who acts. A user is an entity like any other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped

from besace import entities, fields
from besace.dialects import one_at_a_time
from besace.errors import InvalidValue, Refused
from besace.model import Entity
from besace.texts import LANGUAGES, Text, fold, translator

if TYPE_CHECKING:
    from besace.database import Work
    from besace.reading import Found

_ = translator(__name__)


def _login(text: str) -> str:
    if any(c.isspace() or c == ":" for c in text):
        raise InvalidValue(
            _('"{text}" cannot be the name of a user.').format(text=text), _("Leave out spaces and colons.")
        )
    return text


class User(Entity, type="user", label=_("User"), plural=_("Users")):
    """Someone who works with this install."""

    name: Mapped[str] = fields.text(
        "Name", names_row=True, length=80, clean=_login, example="user{n}", help="The name to act under: --as NAME."
    )
    full_name: Mapped[str | None] = fields.text("Full name")
    email: Mapped[str | None] = fields.email("E-mail")
    language: Mapped[str | None] = fields.choice(
        "Language", {code: Text(name, "") for code, name in zip(LANGUAGES, ("English", "français"), strict=True)}
    )
    administrator: Mapped[bool] = fields.boolean("Administrator")
    disabled: Mapped[bool] = fields.boolean("Disabled", read_only=True)

    @classmethod
    def prepare(cls, old: Mapping[str, Any] | None, new: dict[str, Any], work: Any) -> dict[str, Any]:
        """A name belongs to one user, in the trash or not."""
        if new["name"] is not None and (old is None or fold(old["name"]) != fold(new["name"])):
            one_at_a_time(work)
            taken = work.scalar(
                sa.select(Entity.id).where(Entity.type == "user", Entity.label_key == fold(new["name"])).limit(1)
            )
            if taken is not None:
                raise Refused(
                    _('There is already a user "{name}".').format(name=new["name"]), _("Choose another name.")
                )
        return new


def disable(work: Work, user: User) -> User:
    """Let a user act no more; what was done stays under that name."""
    if user.id == work.user_id:
        raise Refused(_("You cannot disable the user under whose name you act."))
    entities.edit(work, user, disabled=True, unlock=("disabled",))
    return user


def check_delete(work: Work, entities: Sequence[Found]) -> None:
    """Refuse to delete the user who acts: the last one would lock everybody out."""
    if any(entity.id == work.user_id for entity in entities):
        raise Refused(_("You cannot delete the user under whose name you act."))


def enable(work: Work, user: User) -> User:
    """Let a disabled user act again."""
    entities.edit(work, user, disabled=False, unlock=("disabled",))
    return user
