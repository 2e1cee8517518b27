"""Opportunities: deals with their pipeline, from the first talk to won, lost or cancelled."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from besace.hookspecs import hookimpl
from besace.texts import translator

if TYPE_CHECKING:
    from besace.database import Work
    from besace.entities import Save
    from besace.lists import ListItem
    from besace.model import Entity, Part
    from besace.records import Block, Condition, Counter, Measure, Operation, RelationType, Setting, Verification

_ = translator(__name__)

requires = ("persons",)
core = ("0.1",)


@hookimpl
def register_entity_types() -> Sequence[type[Entity]]:
    """The opportunity."""
    from besace_opportunities.models import Opportunity

    return [Opportunity]


@hookimpl
def register_part_types() -> Sequence[type[Part]]:
    """The phase changes of an opportunity."""
    from besace_opportunities.models import PhaseChange

    return [PhaseChange]


@hookimpl
def register_lists() -> Sequence[type[ListItem]]:
    """Phases, loss reasons, origins and the roles of contacts."""
    from besace_opportunities.lists import ContactRole, LossReason, Origin, SalesPhase

    return [SalesPhase, LossReason, Origin, ContactRole]


@hookimpl
def register_relation_types() -> Sequence[RelationType]:
    """Who takes part in a deal, and which deal takes up another."""
    from besace_opportunities.declarations import RELATION_TYPES

    return RELATION_TYPES


@hookimpl
def register_conditions() -> Sequence[Condition]:
    """How deals stand, by the outcome of their phase."""
    from besace_opportunities.declarations import CONDITIONS

    return CONDITIONS


@hookimpl
def register_measures() -> Sequence[Measure]:
    """What deals may bring, what they brought, and what is to be reckoned with."""
    from besace_opportunities.declarations import measures

    return measures()


@hookimpl
def register_counters() -> Sequence[Counter]:
    """Who introduced the deals of an action."""
    from besace_opportunities.declarations import counters

    return counters()


@hookimpl
def register_operations() -> Sequence[Operation]:
    """What one does with a deal."""
    from besace_opportunities.declarations import operations

    return operations()


@hookimpl
def register_blocks() -> Sequence[Block]:
    """The forecast, the contacts and the phases of a deal; the deals of a target."""
    from besace_opportunities.declarations import blocks

    return blocks()


@hookimpl
def register_settings() -> Sequence[Setting]:
    """What an install makes of lost and of won deals."""
    from besace_opportunities.declarations import SETTINGS

    return SETTINGS


@hookimpl
def register_verifications() -> Sequence[Verification]:
    """What deals keep of their end."""
    from besace_opportunities.verification import VERIFICATIONS

    return VERIFICATIONS


@hookimpl
def after_save(work: Work, saves: Sequence[Save]) -> None:
    """Keep the phase history, and make the targets of won deals customers."""
    if saves[0].info.key == "opportunity":
        from besace_opportunities import customers, history

        history.keep(work, saves)
        customers.make(work, saves)
