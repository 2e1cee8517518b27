"""Keys: how a file names an entity, so that another install knows it again, ambiguous labels included.

`organisation:erp:4711` is the organisation with the external id "4711" of the system "erp". An entity without
an external id is named by its id in its own install: `organisation:besace-INSTALL:42`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa

from besace import schema
from besace.errors import InvalidValue
from besace.texts import translator

if TYPE_CHECKING:
    from besace.database import Work

_ = translator(__name__)


@dataclass(frozen=True)
class Key:
    """The type of an entity, and its external id in a system."""

    type: str
    system: str
    id: str

    @classmethod
    def read(cls, text: str) -> Key:
        """A key as it stands in a file; raises InvalidValue for another form."""
        type_key, first, rest = text.partition(":")
        system, second, external_id = rest.partition(":")
        if not (first and second and type_key and external_id):
            raise InvalidValue(
                _('"{text}" is not the key of an entity.').format(text=text), _("Expected TYPE:SYSTEM:ID.")
            )
        return cls(type_key, _unquoted(system), external_id)

    def __str__(self) -> str:
        return f"{self.type}:{_quoted(self.system)}:{self.id}"


def own_system(work: Work) -> str:
    """The name under which this install stands in the files that it exports."""
    statement = sa.select(schema.meta.c.value).where(schema.meta.c.key == "id")
    return f"besace-{work.execute(statement).scalar_one()}"


def _quoted(system: str) -> str:
    return system.replace("%", "%25").replace(":", "%3A")


def _unquoted(system: str) -> str:
    return system.replace("%3A", ":").replace("%25", "%")
