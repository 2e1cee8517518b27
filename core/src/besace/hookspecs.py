"""Every place where a plugin can join in.

Hooks are of three families. `register_*` give declarations, and are asked once when an install is opened.
`check_*` refuse, by raising a `BesaceError`: they see a whole batch before its rows are written. `after_*` react in
the same unit of work, once per batch, after its rows are written.

A plugin is a module with functions of these names under `@hookimpl`; it takes only the parameters that it uses.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import pluggy

if TYPE_CHECKING:
    from besace.database import Work
    from besace.entities import Save
    from besace.lists import ListItem
    from besace.model import Entity, Part
    from besace.reading import Found
    from besace.records import (
        Block,
        Command,
        Condition,
        Counter,
        Measure,
        Operation,
        RelationType,
        Seed,
        Setting,
        Verification,
    )  # fmt: skip
    from besace.relations import Link

hookspec = pluggy.HookspecMarker("besace")
hookimpl = pluggy.HookimplMarker("besace")


@hookspec
def register_entity_types() -> Sequence[type[Entity]]:
    """Give the entity types of the plugin: classes derived from `Entity`."""
    raise NotImplementedError


@hookspec
def register_part_types() -> Sequence[type[Part]]:
    """Give the part types of the plugin: classes derived from `Part`, of its own types or of another plugin's."""
    raise NotImplementedError


@hookspec
def register_lists() -> Sequence[type[ListItem]]:
    """Give the editable lists of the plugin: classes derived from `ListItem`.

    A plain list (no shipped items) that another plugin declares with the same columns is made once.
    """
    raise NotImplementedError


@hookspec
def register_relation_types() -> Sequence[RelationType]:
    """Give the relation types of the plugin; they may name types of absent plugins."""
    raise NotImplementedError


@hookspec
def register_conditions() -> Sequence[Condition]:
    """Give named conditions, on any type: they serve lists, counts, objectives and other conditions."""
    raise NotImplementedError


@hookspec
def register_measures() -> Sequence[Measure]:
    """Give named amounts, on any type: they serve counts, objectives and the revenue of an action."""
    raise NotImplementedError


@hookspec
def register_counters() -> Sequence[Counter]:
    """Give counters: sets of rows that an objective may count instead of the linked entities of a type."""
    raise NotImplementedError


@hookspec
def register_operations() -> Sequence[Operation]:
    """Give operations, on any type: verbs of the command line, of pages and of routes."""
    raise NotImplementedError


@hookspec
def register_blocks() -> Sequence[Block]:
    """Give blocks for the view of an entity, of any type or of all."""
    raise NotImplementedError


@hookspec
def register_settings() -> Sequence[Setting]:
    """Give settings of the install, shown and set by `besace config`."""
    raise NotImplementedError


@hookspec
def register_commands() -> Sequence[Command]:
    """Give commands that belong to no entity, such as `demo`."""
    raise NotImplementedError


@hookspec
def register_seeds() -> Sequence[Seed]:
    """Give what is to be done when the plugin is enabled, after its tables and lists are made."""
    raise NotImplementedError


@hookspec
def register_verifications() -> Sequence[Verification]:
    """Give checks of stored rows for `besace verify`: what is derived, and what the rules of the plugin promise.

    Each `Verification` finds what is wrong; where that is derived data, it can also mend it for `verify --fix`.
    """
    raise NotImplementedError


@hookspec
def check_save(work: Work, saves: Sequence[Save]) -> None:
    """Refuse a batch of created or edited entities of one type, by raising; the rows are not yet written.

    Each `Save` holds the type, the id, the old values (None for a new entity), the new ones and what changes.
    """


@hookspec
def after_save(work: Work, saves: Sequence[Save]) -> None:
    """React to a batch of created or edited entities of one type: their rows are written, not yet committed."""


@hookspec
def check_link(work: Work, links: Sequence[Link]) -> None:
    """Refuse a batch of relations, by raising; their types were already checked."""


@hookspec
def check_unlink(work: Work, links: Sequence[Link]) -> None:
    """Refuse to remove a batch of relations, by raising; each `Link` holds the attributes that it has."""


@hookspec
def after_link(work: Work, links: Sequence[Link]) -> None:
    """React to the relations of a batch that are new or whose attributes changed."""


@hookspec
def check_delete(work: Work, entities: Sequence[Found]) -> None:
    """Refuse to move a batch of entities of any types to the trash, by raising; nothing can be purged from elsewhere.

    Each `Found` holds the id, the type, the label and the currency.
    """
