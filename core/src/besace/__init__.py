"""Besace: an extensible CRM/ERP kernel. The public names, loaded on first use."""

from __future__ import annotations

from typing import TYPE_CHECKING

from besace.public import loader

if TYPE_CHECKING:
    from besace import entities, evolving, fields, kinds, lists, parts, relations
    from besace.app import Besace
    from besace.database import Work
    from besace.entities import Save
    from besace.errors import BesaceError
    from besace.hookspecs import hookimpl
    from besace.lists import Item, ListItem
    from besace.model import Entity, Part, Ref
    from besace.money import Money
    from besace.reading import visible
    from besace.records import (
        ANY,
        Bar,
        Block,
        Command,
        Condition,
        Content,
        Counter,
        Facts,
        Finding,
        Measure,
        Note,
        Operation,
        Progress,
        RelationType,
        Seed,
        Setting,
        Table,
        Verification,
    )  # fmt: skip
    from besace.texts import Text, translator

_HOME = {
    "entities": "besace.entities", "evolving": "besace.evolving", "fields": "besace.fields",
    "kinds": "besace.kinds", "lists": "besace.lists", "parts": "besace.parts", "relations": "besace.relations",
    "Besace": "besace.app:Besace", "Work": "besace.database:Work", "Save": "besace.entities:Save",
    "BesaceError": "besace.errors:BesaceError", "hookimpl": "besace.hookspecs:hookimpl",
    "Item": "besace.lists:Item", "ListItem": "besace.lists:ListItem",
    "Entity": "besace.model:Entity", "Part": "besace.model:Part", "Ref": "besace.model:Ref",
    "Money": "besace.money:Money", "visible": "besace.reading:visible",
    "Text": "besace.texts:Text", "translator": "besace.texts:translator",
} | {
    name: f"besace.records:{name}"
    for name in (
        "ANY", "Bar", "Block", "Command", "Condition", "Content", "Counter", "Facts", "Finding", "Measure", "Note",
        "Operation", "Progress", "RelationType", "Seed", "Setting", "Table", "Verification",
    )
}  # fmt: skip

__all__ = [
    "ANY", "Bar", "Besace", "BesaceError", "Block", "Command", "Condition", "Content", "Counter", "Entity", "Facts",
    "Finding", "Item", "ListItem", "Measure", "Money", "Note", "Operation", "Part", "Progress", "Ref",
    "RelationType", "Save", "Seed", "Setting", "Table", "Text", "Verification", "Work", "entities", "evolving",
    "fields", "hookimpl", "kinds", "lists", "parts", "relations", "translator", "visible",
]  # fmt: skip


_RENAMED: dict[str, tuple[str, str]] = {}
"""Old names that still work: `{"Old": ("New", "0.3")}`, the version in which the old one goes."""

__getattr__ = loader(__name__, _HOME, _RENAMED)
