"""Commercial actions: what one does over months to sell more, its objectives, and what it brings in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from besace.hookspecs import hookimpl

if TYPE_CHECKING:
    from besace.database import Work
    from besace.entities import Save
    from besace.lists import ListItem
    from besace.model import Entity, Part
    from besace.records import Block, Operation, RelationType, Verification

requires = ()
core = ("0.1",)


@hookimpl
def register_entity_types() -> Sequence[type[Entity]]:
    """The commercial action, and patterns that make its objectives."""
    from besace_commercial_actions.models import CommercialAction, Pattern

    return [CommercialAction, Pattern]


@hookimpl
def register_part_types() -> Sequence[type[Part]]:
    """The objectives of an action, and the steps of a pattern."""
    from besace_commercial_actions.models import Objective, PatternStep

    return [Objective, PatternStep]


@hookimpl
def register_lists() -> Sequence[type[ListItem]]:
    """The types of actions, and the segments of the market."""
    from besace_commercial_actions.lists import ActionType, Segment

    return [ActionType, Segment]


@hookimpl
def register_relation_types() -> Sequence[RelationType]:
    """What fulfils the goal of an action."""
    from besace_commercial_actions.declarations import RELATION_TYPES

    return RELATION_TYPES


@hookimpl
def register_operations() -> Sequence[Operation]:
    """What one does with objectives, and what one asks of actions."""
    from besace_commercial_actions.declarations import operations

    return operations()


@hookimpl
def register_blocks() -> Sequence[Block]:
    """How far an action is, what it brings in, and what is linked to it; the funnel of a pattern."""
    from besace_commercial_actions.declarations import blocks

    return blocks()


@hookimpl
def register_verifications() -> Sequence[Verification]:
    """Objectives that can still be counted."""
    from besace_commercial_actions.verification import VERIFICATIONS

    return VERIFICATIONS


@hookimpl
def check_save(work: Work, saves: Sequence[Save]) -> None:
    """An action whose objectives have amounts as targets keeps its currency."""
    if saves[0].info.key == "commercial_action":
        from besace_commercial_actions.queries import check_currencies

        check_currencies(work, saves)
