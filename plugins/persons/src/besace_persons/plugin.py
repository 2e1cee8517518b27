"""Organisations and contacts: to whom one sells, through whom, and which of them are one's own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from besace.hookspecs import hookimpl
from besace.texts import translator

if TYPE_CHECKING:
    from besace.lists import ListItem
    from besace.model import Entity
    from besace.records import Condition, RelationType, Setting

_ = translator(__name__)

requires = ()
core = ("0.1",)


@hookimpl
def register_entity_types() -> Sequence[type[Entity]]:
    """Organisations and contacts."""
    from besace_persons.models import Contact, Organisation

    return [Organisation, Contact]


@hookimpl
def register_lists() -> Sequence[type[ListItem]]:
    """The sectors and the market segments of organisations."""
    from besace_persons.models import Sector, Segment

    return [Sector, Segment]


@hookimpl
def register_relation_types() -> Sequence[RelationType]:
    """Who works where, who leads whom, who buys from whom, who belongs to whom."""
    from besace_persons.relations import RELATION_TYPES

    return RELATION_TYPES


@hookimpl
def register_conditions() -> Sequence[Condition]:
    """Which organisations are one's own."""
    from besace.records import Condition

    return [Condition("ours", "organisation", "ours = yes", _("Ours"))]


@hookimpl
def register_settings() -> Sequence[Setting]:
    """Which organisation is the install's own."""
    from besace.records import Setting
    from besace_persons.own import SETTING, OwnOrganisationKind

    return [
        Setting(
            SETTING,
            OwnOrganisationKind(),
            _("Own organisation"),
            _("The organisation of ours that this install works for."),
        )
    ]
