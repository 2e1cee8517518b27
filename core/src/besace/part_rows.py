"""Rows of parts: judged and written, together with their entity or alone. `parts` and `entities` are the doors."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from besace.changes import Entry
from besace.checks import check_amounts, check_files, check_items, refuse_read_only
from besace.values import accept, as_json, check_values, defaults, stored, with_booleans

if TYPE_CHECKING:
    from besace.database import Work
    from besace.types import PartInfo


@dataclass(frozen=True)
class Beside:
    """Stands, among the values of a part that is created with its entity, for the id of another: the one at a place
    among those of its sort (`key`), which are given before it.
    """

    key: str
    place: int


@dataclass(frozen=True)
class NewPart:
    """A part on its way into the database together with its entity: its prepared values, and its id."""

    info: PartInfo
    id: int
    values: Mapping[str, Any]

    @property
    def changed(self) -> dict[str, tuple[Any, Any]]:
        """What its entry in the history tells."""
        return {k: (None, v) for k, v in self.values.items() if v is not None}


def prepared(
    work: Work,
    given: Mapping[str, Sequence[Mapping[str, Any]]],
    owner: Mapping[str, Any],
    ids: Iterator[int],
    unlock: Sequence[str],
) -> list[NewPart]:
    """The parts of a new entity, given by their keys, as they will stand; `owner` holds its values.

    They are judged but for what they refer to; `insert` writes them.
    """
    made: list[NewPart] = []
    ids_of: dict[str, list[int]] = {key: [] for key in given}
    owner = {**owner, "parts": ids_of}
    for key, rows in given.items():
        info = work.crm.registry.part(key)
        for row in rows:
            values = {k: ids_of[v.key][v.place] if isinstance(v, Beside) else v for k, v in row.items()}
            new = NewPart(info, next(ids), new_values(work, info, owner, values, unlock))
            ids_of[key].append(new.id)
            check_items(work, info.fields, new.changed)
            check_files(work, info.fields, new.changed)
            made.append(new)
    return made


def insert(work: Work, rows: Sequence[tuple[int, NewPart]]) -> list[Entry]:
    """Write new parts, given with the ids of their entities; returns their entries."""
    by_key: dict[str, list[dict[str, Any]]] = {}
    for owner, new in rows:
        values = {"id": new.id, "owner_id": owner, **stored(new.info.fields, new.values)}
        by_key.setdefault(new.info.key, []).append(values)
    for key, batch in by_key.items():
        work.execute(sa.insert(work.crm.registry.part(key).table), batch)
    return [entry_of(new.info, "add", owner, new.id, new.changed) for owner, new in rows]


def new_values(
    work: Work, info: PartInfo, owner: Mapping[str, Any], given: Mapping[str, Any], unlock: Sequence[str]
) -> dict[str, Any]:
    """The values of a new part, as its class completes and judges them."""
    refuse_read_only(info, given, unlock)
    with work.amounts_in(owner["currency"]):
        values = accept(info.fields, {**defaults(info.fields, given), **given}, work)
        new = with_booleans(info.fields, {k: values.get(k) for k in info.fields})
        new = dict(info.model.prepare(None, new, owner, work))
    check_row(info, new, owner)
    return new


def check_row(info: PartInfo, new: Mapping[str, Any], owner: Mapping[str, Any]) -> None:
    """Refuse values that the declarations of their fields exclude, and amounts of another currency."""
    check_amounts(info, new, owner["currency"])
    check_values(info.fields, new)


def entry_of(info: PartInfo, action: str, owner_id: int, part_id: int, changed: Mapping[str, tuple[Any, Any]]) -> Entry:
    """What the history of an entity tells of one of its parts."""
    return Entry(action, owner_id, about=f"{info.key}:{part_id}", values=as_json(info.fields, changed))
