"""Which organisation is the install's own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from besace.errors import Refused
from besace.kinds import EntityKind
from besace.texts import translator

if TYPE_CHECKING:
    from besace.database import Work

_ = translator(__name__)

SETTING = "own_organisation"


@dataclass(frozen=True)
class OwnOrganisationKind(EntityKind):
    """A reference to one of our own organisations: another is refused when it is given."""

    types: tuple[str, ...] = ("organisation",)

    def accept(self, value: Any, work: Work) -> Any:
        """The id of an organisation that is ours."""
        from besace.reading import get, mention_of
        from besace_persons.models import Organisation

        organisation = get(work, Organisation, super().accept(value, work))
        if not organisation.ours:
            raise Refused(
                _("{organisation} is not one of ours.").format(organisation=mention_of(work, organisation)),
                _("Say first that it is: besace organisation edit {id} --ours yes").format(id=organisation.id),
            )
        return organisation.id


def own_organisation(work: Work) -> int | None:
    """The id of the install's own organisation; None where none is set, or the one set is in the trash."""
    from besace.reading import found_entities

    own = work.setting(SETTING)
    found = found_entities(work, [own]).get(own) if own is not None else None
    return None if found is None or found.trashed else found.id
