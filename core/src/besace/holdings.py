"""What a plugin holds in an install, as it is stored beside the plugin: known when its code is not loaded.

The stored form is `{table: {field: {"kind": ..., "column": ...}}}`, with `relation:KEY` for the attributes of a
relation type and `setting:KEY` for a setting. A list that several plugins declare stands with each of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from besace.fields import Field
from besace.kinds import ConditionKind, EntityKind, ItemKind, TypeKind

if TYPE_CHECKING:
    from besace.types import Registry

Holdings: TypeAlias = "dict[str, dict[str, dict[str, Any]]]"

Sort = Literal["type", "part", "list", "table"]


def describe(registry: Registry, plugin: str) -> Holdings:
    """What a plugin holds, from its declarations."""
    held: Holdings = {table.name: {} for table in registry.tables_of(plugin)}
    held |= {
        key: _described(registry.lists[key].__fields__)
        for key, declarers in registry.list_declarers.items()
        if plugin in declarers
    }
    held |= {owner.table.name: _described(owner.fields) for owner in registry.rows if owner.plugin == plugin}
    held |= {
        f"relation:{r.key}": _described(r.attributes) for r in registry.relation_types.values() if r.plugin == plugin
    }
    held |= {
        f"setting:{s.key}": _described({"value": Field(s.kind, s.label, key="value")})
        for s in registry.settings.values()
        if s.plugin == plugin
    }
    return held


def _described(fields: Mapping[str, Field]) -> dict[str, dict[str, Any]]:
    return {key: {"kind": f.kind.name, "column": f.column, **_more(f, fields)} for key, f in fields.items()}


def _more(field: Field, beside: Mapping[str, Field]) -> dict[str, Any]:
    match field.kind:
        case ItemKind(list=key):
            return {"list": key}
        case EntityKind(types=types):
            return {"types": list(types)}
        case ConditionKind(about=about):
            types_beside = [key for key, f in beside.items() if isinstance(f.kind, TypeKind)]
            return {"about": about or (types_beside[0] if len(types_beside) == 1 else None)}
    return {}


def read(stored: Any) -> Holdings:
    """The holdings of a row of the table of plugins; version 0.1 stored the names alone."""
    return dict(stored) if isinstance(stored, dict) else {name: {} for name in stored}


@dataclass(frozen=True)
class Keys:
    """The names of what a plugin holds, by sort."""

    tables: list[str]
    relations: list[str]
    settings: list[str]

    @classmethod
    def of(cls, held: Iterable[str]) -> Keys:
        """The names in holdings."""
        keys = {"relation": [], "setting": [], "": []}  # type: dict[str, list[str]]
        for name in held:
            sort, _colon, key = name.rpartition(":")
            keys[sort].append(key)
        return cls(keys[""], keys["relation"], keys["setting"])


def sort_of(inspector: Any, table: str) -> Sort:
    """What a table of the database holds: the database itself tells, whoever made it."""
    columns = {column["name"] for column in inspector.get_columns(table)}
    if {"key", "labels", "position", "disabled"} <= columns:
        return "list"
    if table == "entity":
        return "table"
    references = {key["constrained_columns"][0] for key in entity_references(inspector, table)}
    if "owner_id" in references:
        return "part"
    return "type" if "id" in references else "table"


def entity_references(inspector: Any, table: str) -> list[Any]:
    """The foreign keys of a table that refer to entities."""
    return [key for key in inspector.get_foreign_keys(table) if key["referred_table"] == "entity"]
