"""The stable JSON of everything that commands and routes print."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields as dataclass_fields
from dataclasses import is_dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from besace.crud import Counts, History, Page, Shown
from besace.kinds import DateTimeKind, EntityKind, ItemKind
from besace.lists import ListItem, TypedLabel
from besace.model import SYSTEM_FIELDS, Entity, Part, Ref
from besace.money import Money
from besace.reading import CountRow, Found
from besace.texts import Text

if TYPE_CHECKING:
    from besace.database import Work
    from besace.fields import Field

_BEHIND = ("owner", "currency", "created_at", "modified_at", "external_system", "external_id")


def as_json(work: Work, value: Any) -> Any:
    """A value as JSON: keys are field names, dates ISO, moments UTC, money an object, decimals strings."""
    match value:
        case None | bool() | int() | str():
            return value
        case Text() | TypedLabel():
            return value.in_language(work.language)
        case Shown():
            return {**as_json(work, value.entity), "blocks": as_json(work, value.blocks)}
        case Page() | Counts():
            return as_json(work, value.rows)
        case History():
            return as_json(work, value.lines)
        case Entity():
            return _entity(work, value)
        case Part():
            return _part(work, value)
        case Ref() | Found():
            return {"id": value.id, "type": value.type, "label": value.label}
        case ListItem():
            return {"key": value.key, "label": value.in_language(work.language)}
        case CountRow():
            return _count_row(work, value)
        case Money():
            return value.json
        case Decimal():
            return str(value)
        case datetime():
            return DateTimeKind().json(value)
        case date():
            return value.isoformat()
        case Mapping():
            return {str(k): as_json(work, v) for k, v in value.items()}
        case Sequence() | set() | frozenset():
            return [as_json(work, v) for v in value]
    if is_dataclass(value):
        return {f.name: as_json(work, getattr(value, f.name)) for f in dataclass_fields(value)}
    raise TypeError(f"{type(value).__name__} has no JSON form")


def item_json(work: Work, item: ListItem) -> dict[str, Any]:
    """An item of a list with its order, its flag and the list's own columns."""
    own = {key: _field(work, item, f) for key, f in item.__fields__.items()}
    label = item.in_language(work.language)
    return {"key": item.key, "label": label, "order": item.position, "disabled": item.disabled, **own}


def _entity(work: Work, entity: Entity) -> dict[str, Any]:
    named = {"id": entity.id, "type": entity.type, "label": entity.label, "version": entity.version}
    own = {key: _field(work, entity, f) for key, f in entity.__fields__.items()}
    behind = {key: _field(work, entity, SYSTEM_FIELDS[key]) for key in _BEHIND}
    return {**named, **own, **behind}


def _part(work: Work, part: Part) -> dict[str, Any]:
    own = {key: _field(work, part, f) for key, f in part.__fields__.items()}
    return {"id": part.id, "type": part.__key__, "of": as_json(work, part.owner), **own}


def _field(work: Work, row: Any, field: Field) -> Any:
    value = getattr(row, field.key)
    if value is None:
        return None
    if isinstance(field.kind, EntityKind | ItemKind):
        return as_json(work, value)
    return field.kind.json(value)


def _count_row(work: Work, row: CountRow) -> dict[str, Any]:
    total: Any = row.sum
    if isinstance(total, dict):
        total = {currency: money.json["amount"] for currency, money in total.items()}
    return {"by": as_json(work, row.by), "count": row.count, "sum": as_json(work, total)}
