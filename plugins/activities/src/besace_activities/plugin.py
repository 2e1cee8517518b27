"""Activities: meetings, calls, e-mails and tasks, around the deals and people that they are about; the agenda."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from besace.hookspecs import hookimpl

if TYPE_CHECKING:
    from besace.lists import ListItem
    from besace.model import Entity
    from besace.records import Block, Command, Condition, Operation, RelationType, Verification

requires = ()
core = ("0.1",)


@hookimpl
def register_entity_types() -> Sequence[type[Entity]]:
    """The activity."""
    from besace_activities.models import Activity

    return [Activity]


@hookimpl
def register_lists() -> Sequence[type[ListItem]]:
    """The kinds of activities."""
    from besace_activities.lists import ActivityKind

    return [ActivityKind]


@hookimpl
def register_relation_types() -> Sequence[RelationType]:
    """What an activity is about, and who takes part."""
    from besace_activities.declarations import RELATION_TYPES

    return RELATION_TYPES


@hookimpl
def register_conditions() -> Sequence[Condition]:
    """How far activities are, and what was done."""
    from besace_activities.declarations import CONDITIONS

    return CONDITIONS


@hookimpl
def register_operations() -> Sequence[Operation]:
    """Have done it, cancel it, plan it again."""
    from besace_activities.declarations import operations

    return operations()


@hookimpl
def register_blocks() -> Sequence[Block]:
    """Activities beside what they are about and who takes part."""
    from besace_activities.declarations import blocks

    return blocks()


@hookimpl
def register_commands() -> Sequence[Command]:
    """`besace agenda`."""
    from besace_activities.declarations import COMMANDS

    return COMMANDS


@hookimpl
def register_verifications() -> Sequence[Verification]:
    """The days of activities."""
    from besace_activities.verification import VERIFICATIONS

    return VERIFICATIONS
