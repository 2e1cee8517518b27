"""Building: a valid entity or part of any type, made from what its plugin declares, for tests.

    deal = build(work, "opportunity", expected_revenue="500EUR")

The fields that a row must have get an example each: the one that the field declares, else one that its kind, bounds
and length tell. What they refer to is built too.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from besace import Besace, entities, kinds, lists, parts
from besace.errors import BesaceError
from besace.types import PartInfo
from besace.values import accept_one

if TYPE_CHECKING:
    from besace.database import Work
    from besace.fields import Field
    from besace.types import RowInfo


def build(where: Besace | Work, key: str, /, **given: Any) -> Any:
    """One entity of the type `key`, or one part, which belongs to the entity `of` or to one that is built for it.

    `where` is a unit of work that writes, or an install, in a unit of its own. What is given is taken as it is.
    Raises ValueError for a field of which no example can be told: give it, or let the field declare an `example`.
    """
    if isinstance(where, Besace):
        return where.write(lambda work: build(work, key, **given))
    registry = where.crm.registry
    if key not in registry.parts:
        type_info = registry.type(key)
        unlock = type_info.given_by_operations
        return entities.create(where, key, unlock=unlock, **values_of(where, type_info, given))
    info, of = registry.part(key), given.pop("of", None)
    owner = build(where, info.of[0]).id if of is None else getattr(of, "id", of)
    return parts.add(where, info.model, owner, unlock=info.given_by_operations, **values_of(where, info, given))


def values_of(work: Work, info: RowInfo, given: Mapping[str, Any]) -> dict[str, Any]:
    """The given values, and an example for each field that a new row must have besides."""
    needed = [f for f in info.fields.values() if f.must_be_given]
    naming = [f for f in info.fields.values() if f.names_row and not f.read_only]
    if naming and not isinstance(info, PartInfo) and not any(f in needed for f in naming):
        needed.append(naming[0])  # something must name an entity
    return {f.key: example_of(work, info, f) for f in needed if f.key not in given} | dict(given)


def example_of(work: Work, info: RowInfo, field: Field | str) -> Any:
    """A value that a field of a type or part takes; raises ValueError where none can be told."""
    known = info.field(field) if isinstance(field, str) else field
    number = (work.scalar(sa.select(sa.func.max(info.table.c.id))) or 0) + 1
    value = _declared(known, number) if known.example is not None else _of_kind(work, known, number)
    try:
        if value is None or accept_one(known, value, work) is None:
            raise ValueError(_untold(info, known, "its kind does not tell a value"))
    except BesaceError as error:
        raise ValueError(_untold(info, known, str(error))) from error
    return value


def _declared(field: Field, number: int) -> Any:
    return field.example.replace("{n}", str(number)) if isinstance(field.example, str) else field.example


def _untold(info: RowInfo, field: Field, problem: str) -> str:
    return f"{info.key}.{field.key} has no example: {problem} Let the field declare one: example=..."


def _of_kind(work: Work, field: Field, number: int) -> Any:
    """A value of the kind of a field, within its bounds; of a kind derived from ours, as of ours."""
    kind: Any = field.kind
    for known, make in _BY_KIND.items():
        if isinstance(kind, known):
            return make(work, field, number)
    return None


def _text(_work: Work, field: Field, number: int) -> str:
    words = str(field.label)
    room = (field.length or 200) - len(str(number)) - 1
    return f"{words[:room]} {number}" if room > 0 else str(number)[: field.length]


def _number(_work: Work, field: Field, _number: int) -> Any:
    least = 1 if field.minimum is None else max(1, field.minimum)
    return least if field.maximum is None else min(least, field.maximum)


def _item(work: Work, field: Field, _number: int) -> str:
    list_key = field.kind.list  # type: ignore[attr-defined]
    usable = [key for key, item in work.items(list_key).items() if not item.disabled]
    return usable[0] if usable else lists.add(work, list_key, "example", label="Example").key


def _reference(work: Work, field: Field, _number: int) -> int | None:
    """An entity of the first type that the field takes and the install knows; of any type, the acting user."""
    types = field.kind.types  # type: ignore[attr-defined]
    if not types or types[0] == "user":
        return work.user_id
    known = [t for t in types if t in work.crm.registry.types]
    return int(build(work, known[0]).id) if known else None


def _file(work: Work, _field: Field, number: int) -> str:
    return work.crm.files.store(BytesIO(f"Example {number}\n".encode())).sha256


def _path(work: Work, _field: Field, number: int) -> Path:
    path = work.crm.folder / f"example {number}.txt"
    path.write_text(f"Example {number}\n", encoding="utf-8")
    return path


_BY_KIND: dict[type[kinds.Kind], Callable[[Work, Field, int], Any]] = {
    kinds.EmailKind: lambda _work, _field, number: f"name{number}@example.com",
    kinds.PhoneKind: lambda _work, _field, _number: "+33 1 23 45 67 89",
    kinds.UrlKind: lambda _work, _field, number: f"https://example.com/{number}",
    kinds.TextKind: _text,
    kinds.IntegerKind: _number,
    kinds.DecimalKind: _number,
    kinds.MoneyKind: _number,
    kinds.DateKind: lambda work, _field, _number: work.today,
    kinds.DateTimeKind: lambda work, _field, _number: work.now,
    kinds.BooleanKind: lambda _work, _field, _number: True,
    kinds.ChoiceKind: lambda _work, field, _number: next(iter(field.kind.choices)),  # type: ignore[attr-defined]
    kinds.ItemKind: _item,
    kinds.EntityKind: _reference,
    kinds.FileKind: _file,
    kinds.PathKind: _path,
    kinds.TypeKind: lambda _work, _field, _number: "user",
}
"""How an example is made, by kind; the narrower kinds first."""
