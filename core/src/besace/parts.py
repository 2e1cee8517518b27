"""Parts: the one door through which the rows that belong to an entity are written.

A part is saved under the version and in the history of its entity.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

import sqlalchemy as sa

from besace.changes import Entry, record
from besace.checks import check_files, check_items, check_references, check_version, refuse_read_only
from besace.dialects import reserve_ids
from besace.entities import read_values, touch
from besace.errors import NotFound
from besace.model import Entity, Part
from besace.part_rows import NewPart, check_row, entry_of, insert, new_values
from besace.reading import found_entities, get_part, lock, not_there
from besace.texts import translator
from besace.values import accept, defaults, differences, loaded, stored, with_booleans

if TYPE_CHECKING:
    from besace.database import Work
    from besace.types import PartInfo, TypeInfo

_ = translator(__name__)

P = TypeVar("P", bound=Part)


def add(work: Work, model: type[P], owner_id: int, *, unlock: Sequence[str] = (), **values: Any) -> P:
    """Add one part to an entity; returns it."""
    (part_id,) = add_many(work, model, [(owner_id, values)], unlock=unlock)
    part: P = get_part(work, model.__key__, part_id)
    return part


def add_many(
    work: Work,
    model: type[Part],
    rows: Sequence[tuple[int, Mapping[str, Any]]],
    *,
    unlock: Sequence[str] = (),
    touching: bool = True,
) -> list[int]:
    """Add parts, each given as (id of its entity, values); returns their ids in order. All or none.

    `touching=False` leaves the versions of the entities alone: for parts that are written with their entity.
    """
    if not rows:
        return []
    info = work.crm.registry.part(model.__key__)
    owners = _owners(work, info, [owner for owner, _values in rows])
    prepared = [new_values(work, info, owners[owner], values, unlock) for owner, values in rows]
    _check(work, info, [{k: (None, v) for k, v in new.items()} for new in prepared])
    ids = _insert(work, info, [(owner, new) for (owner, _v), new in zip(rows, prepared, strict=True)])
    if touching:
        touch(work, sorted(owners))
    info.model.written(work, sorted(owners))
    return ids


def copy(work: Work, source: Entity, target: Entity) -> None:
    """Give a new entity the parts of another of its type, as far as their classes say what is `copied`.

    A copy is judged like an edit of what it was copied from: what stays is not looked at again, be it of a
    disabled plugin meanwhile. Both histories say what was copied.
    """
    info = work.crm.registry.type(source.type)
    record(work, [Entry("copy", target.id, source.id)])
    lock(work, [target.id])
    owner = {**read_values(work, info, [target.id])[target.id], "type": info.key}
    for part in info.parts.values():
        if part.model.__copied__:
            _copy(work, part, source, owner)


def _copy(work: Work, info: PartInfo, source: Entity, owner: Mapping[str, Any]) -> None:
    table = info.table
    rows = work.execute(sa.select(table).where(table.c.owner_id == source.id).order_by(table.c.id)).mappings().all()
    copies = []
    with work.amounts_in(owner["currency"]):
        for row in rows:
            old = {**loaded(info.fields, row, source.currency), "id": row["id"]}
            taken = {k: old[k] for k in info.model.__copied__}
            fresh = accept(info.fields, defaults(info.fields, taken), work)
            new = with_booleans(info.fields, {**dict.fromkeys(info.fields), **fresh, **taken})
            new = dict(info.model.prepare(old, new, owner, work))
            check_row(info, new, owner)
            _check(work, info, [differences(old, new)])
            copies.append((owner["id"], new))
    _insert(work, info, copies)


def edit(
    work: Work,
    part: P,
    /,
    *,
    version: int | None = None,
    unlock: Sequence[str] = (),
    touching: bool = True,
    **values: Any,
) -> P:
    """Change fields of a part; `version` is that of its entity as the writer knows it (rule E7).

    `touching=False` leaves the version of the entity alone: for what the program keeps, and nobody edits.
    """
    info = work.crm.registry.part(part.__key__)
    owner = _owners(work, info, [part.owner_id])[part.owner_id]
    check_version(work.crm.registry.type(part.owner.type), owner, version)
    old = _values(work, info, part.id, owner["currency"])
    refuse_read_only(info, values, unlock)
    with work.amounts_in(owner["currency"]):
        new = with_booleans(info.fields, {**old, **accept(info.fields, values, work)})
        new = info.model.prepare(old, new, owner, work)
    check_row(info, new, owner)
    changed = differences(old, new)
    if changed:
        _check(work, info, [changed])
        work.execute(sa.update(info.table).where(info.table.c.id == part.id).values(stored(info.fields, new)))
        record(work, [entry_of(info, "edit", part.owner_id, part.id, changed)])
        if touching:
            touch(work, [owner["id"]])
        work.expire(part)  # what follows may read it, and write it
        info.model.written(work, [owner["id"]])
        work.refresh(part)
    return part


def remove(work: Work, part: Part) -> None:
    """Remove a part; its values stay in the history of its entity."""
    info = work.crm.registry.part(part.__key__)
    owner = _owners(work, info, [part.owner_id])[part.owner_id]
    old = _values(work, info, part.id, owner["currency"])
    info.model.check_removal(old, owner, work)
    work.execute(sa.delete(info.table).where(info.table.c.id == part.id))
    gone = {k: (v, None) for k, v in old.items() if v is not None}
    record(work, [entry_of(info, "remove", part.owner_id, part.id, gone)])
    touch(work, [part.owner_id])
    work.expunge(part)
    info.model.written(work, [part.owner_id])


def _insert(work: Work, info: PartInfo, rows: Sequence[tuple[int, Mapping[str, Any]]]) -> list[int]:
    """Write new parts, given as (id of the entity, values), and their entries; returns their ids."""
    if not rows:
        return []
    ids = reserve_ids(work, len(rows))
    new = [(owner, NewPart(info, part_id, values)) for part_id, (owner, values) in zip(ids, rows, strict=True)]
    record(work, insert(work, new))
    return list(ids)


def _owners(work: Work, info: PartInfo, ids: Sequence[int]) -> dict[int, dict[str, Any]]:
    """The values of the entities, locked; raises NotFound for one that is not there."""
    lock(work, ids)
    owners: dict[int, dict[str, Any]] = {}
    for owner_type in _types_of(work, info, ids):
        rows = read_values(work, owner_type, sorted(set(ids)))
        owners |= {owner: {**values, "type": owner_type.key} for owner, values in rows.items()}
    for owner_id in ids:
        if owner_id not in owners:
            raise not_there(work, owner_id, work.crm.registry.type(info.of[0]) if len(info.of) == 1 else None)
    return owners


def _types_of(work: Work, info: PartInfo, ids: Iterable[int]) -> list[TypeInfo]:
    """The types among which the entities of some parts are."""
    types = work.crm.registry.types
    if len(info.of) == 1:
        return [work.crm.registry.type(info.of[0])]
    found = {entity.type for entity in found_entities(work, ids).values()}
    return [types[key] for key in info.of if key in found and key in types]


def _values(work: Work, info: PartInfo, part_id: int, currency: str) -> dict[str, Any]:
    row: Any = work.execute(sa.select(info.table).where(info.table.c.id == part_id)).mappings().first()
    if row is None:
        raise NotFound(_("There is no {type} {id}.").format(type=info.label, id=part_id))
    return {**loaded(info.fields, row, currency), "id": part_id}


def _check(work: Work, info: PartInfo, changed: Sequence[Mapping[str, tuple[Any, Any]]]) -> None:
    check_references(work, (info.fields, changed))
    for row in changed:
        check_items(work, info.fields, row)
        check_files(work, info.fields, row)
