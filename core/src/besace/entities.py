"""Entities: the one door through which every entity is written.

    prepare(old, new, work)   the type's own rules: completes the values, or refuses
    checks                    required, bounds, lengths, references, items, one currency
    check_save hooks          other plugins' rules
    rows, version, change     by Core, for the whole batch
    after_save hooks          what follows, in the same unit

One row is a batch of one, so an import is as right as a click and a click as quick as an import.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, MutableMapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, Any, TypeVar

import sqlalchemy as sa

from besace import part_rows
from besace.changes import Entry, record
from besace.checks import (
    check_amounts,
    check_currencies,
    check_external_ids,
    check_files,
    check_items,
    check_references,
    check_version,
    refuse_read_only,
)  # fmt: skip
from besace.dialects import among, reserve_ids
from besace.errors import BesaceError, Refused, Superseded
from besace.model import SYSTEM_FIELDS, Entity, Ref, entity_table, trash
from besace.money import Money, digits
from besace.reading import Found, get, info_of, lock, mention, not_there
from besace.relations import Link, link_new
from besace.texts import Text, fold, translator
from besace.values import (
    accept,
    accept_one,
    as_json,
    check_values,
    defaults,
    differences,
    loaded,
    stored,
    with_booleans,
)  # fmt: skip

if TYPE_CHECKING:
    from besace.database import Work
    from besace.fields import Field
    from besace.types import TypeInfo

_ = translator(__name__)

E = TypeVar("E", bound=Entity)

_EDITABLE_SYSTEM = [key for key, f in SYSTEM_FIELDS.items() if not f.read_only]


@dataclass(frozen=True)
class Save:
    """One row on its way into the database, as the hooks see it.

    `old` is None for a new entity; `new` holds all values; `changed` is `{field: (before, after)}`.
    """

    info: TypeInfo
    id: int
    old: Mapping[str, Any] | None
    new: Mapping[str, Any]
    changed: Mapping[str, tuple[Any, Any]] = field(default_factory=dict)


def create(
    work: Work,
    model: type[E] | str,
    /,
    *,
    unlock: Sequence[str] = (),
    parts: Mapping[str, Sequence[Mapping[str, Any]]] | None = None,
    links: Sequence[tuple[str, int]] = (),
    **values: Any,
) -> Any:
    """Create one entity; returns it. `unlock` names the read-only fields that the calling operation sets.

    `parts` are its parts, as values by the key of their sort: they cost a statement a sort, however many. `links` are
    its first relations, each as a type and the id of its object: they cost one.
    """
    info = info_of(work, model)
    (new_id,) = create_many(
        work, info.key, [values], unlock=unlock, parts=None if parts is None else [parts], links=[links]
    )
    return get(work, info.key, new_id)


def create_many(
    work: Work,
    type_key: str,
    rows: Sequence[Mapping[str, Any]],
    *,
    unlock: Sequence[str] = (),
    parts: Sequence[Mapping[str, Sequence[Mapping[str, Any]]]] | None = None,
    links: Sequence[Sequence[tuple[str, int]]] = (),
    hidden: Collection[int] = (),
    refused: MutableMapping[int, BesaceError] | None = None,
) -> list[int]:
    """Create a batch of entities of one type; returns their ids in the order of the rows. All or none.

    `parts` holds the parts of each row, as values by the key of their sort (`part_rows.Beside` names one before), and
    `links` its first relations, each as a type and the id of its object; both go with rows that are all good. What is
    copied from another entity may refer to what is `hidden`, in the trash or of a disabled plugin (rules E4, E5).
    Where `refused` is given, the rows that their values or own rules refuse are left out, and told there by
    their place, so that a few bad rows do not stop a batch.
    """
    if not rows:
        return []
    info = work.crm.registry.type(type_key)
    prepared = [new for place, row in enumerate(rows) if (new := _new_or_told(work, info, row, unlock, place, refused))]
    if not prepared:
        return []
    assert refused is None or not (parts or links)
    reserved = iter(reserve_ids(work, len(prepared) + sum(len(new) for own in parts or () for new in own.values())))
    ids = list(islice(reserved, len(prepared)))
    saves = [
        Save(info, row_id, None, {**new, "id": row_id}, {k: (None, v) for k, v in new.items() if v is not None})
        for row_id, new in zip(ids, prepared, strict=True)
    ]
    with_parts = [
        (s.id, part)
        for s, own in zip(saves, parts or [{}] * len(saves), strict=True)
        for part in part_rows.prepared(work, own, {**s.new, "type": info.key}, reserved, unlock)
    ]
    made = [Link(s.id, kind, other) for s, own in zip(saves, links, strict=False) for kind, other in own]
    found = _check(
        work,
        info,
        saves,
        [(part.info.fields, [part.changed]) for _owner, part in with_parts],
        also=[link.object_id for link in made],
        hidden=hidden,
    )
    found |= {s.id: Found(s.id, info.key, s.new["label"], s.new["currency"], False) for s in saves if made}
    work.execute(sa.insert(entity_table), [_entity_row(work, s) for s in saves])
    work.execute(sa.insert(info.table), [{"id": s.id, **stored(info.fields, s.new)} for s in saves])
    entries = [*part_rows.insert(work, with_parts), *link_new(work, made, found, hidden)]
    record(work, [*(Entry("create", s.id, values=as_json(info.all_fields, s.changed)) for s in saves), *entries])
    work.crm.host.after_save(work, saves)
    return ids


def edit(
    work: Work, entity: Entity, /, *, version: int | None = None, unlock: Sequence[str] = (), **values: Any
) -> Any:
    """Change fields of one entity; returns it as it is now.

    `version` is the one the writer has in hand: StaleVersion is raised when another is stored (rule E7).
    """
    type_key, entity_id, read = entity.type, entity.id, entity.version
    versions = {} if version is None else {entity_id: version}
    edit_many(work, type_key, {entity_id: values}, versions=versions, read={entity_id: read}, unlock=unlock)
    work.refresh(entity)
    return entity


def edit_many(
    work: Work,
    type_key: str,
    changes: Mapping[int, Mapping[str, Any]],
    *,
    versions: Mapping[int, int] | None = None,
    read: Mapping[int, int] | None = None,
    unlock: Sequence[str] = (),
    refused: MutableMapping[int, BesaceError] | None = None,
) -> list[int]:
    """Change a batch of entities of one type; returns the ids of those that changed. All or none.

    `versions` are those that the writers have in hand (rule E7), `read` those that this unit itself had read:
    where another unit wrote since, Superseded is raised, and the unit is run again.
    Where `refused` is given, those whose new values or own rules refuse them are left out, and told there.
    """
    if not changes:
        return []
    info = work.crm.registry.type(type_key)
    lock(work, changes)
    stored_now = read_values(work, info, list(changes))
    saves: list[Save] = []
    for entity_id, given in changes.items():
        old, version = stored_now.get(entity_id), (versions or {}).get(entity_id)
        if old is not None and read and read.get(entity_id, old["version"]) != old["version"]:
            raise Superseded(*_changed_meanwhile(info, old))
        try:
            save = _edited(work, info, entity_id, old, given, version, unlock)
        except BesaceError as error:
            if refused is None:
                raise
            refused[entity_id] = error
            continue
        if save.changed:
            saves.append(save)
    if not saves:
        return []
    _check(work, info, saves)
    _update(work, info, saves)
    record(work, [Entry("edit", s.id, values=as_json(info.all_fields, s.changed)) for s in saves])
    forget(work, [s.id for s in saves])
    work.crm.host.after_save(work, saves)
    return [s.id for s in saves]


def touch(work: Work, ids: Sequence[int]) -> None:
    """Raise the version of entities whose parts were written."""
    work.execute(
        sa.update(entity_table)
        .where(among(work, entity_table.c.id, ids))
        .values(version=entity_table.c.version + 1, modified_at=work.now)
    )
    forget(work, ids)


def read_values(work: Work, info: TypeInfo, ids: Sequence[int]) -> dict[int, dict[str, Any]]:
    """The values of untrashed entities of a type by id: amounts as Money, items by key, references by id."""
    source = info.source()
    statement, load = values_of(info)
    statement = statement.where(among(work, source.id, ids), ~sa.exists().where(trash.c.entity_id == source.id))
    return {row["e_id"]: load(row) for row in work.execute(statement).mappings()}


def values_of(info: TypeInfo) -> tuple[sa.Select[Any], Callable[[Any], dict[str, Any]]]:
    """The select of all rows of a type, in the trash or not, and what makes a row's values of its mapping.

    Id and label are `e_id` and `e_label` of the row.
    """
    source, fields = info.source(), info.all_fields
    names = {f.column: f"{'e' if f.system else 't'}_{f.column}" for f in fields.values()}
    columns = [source.of(f).label(names[f.column]) for f in fields.values()]

    def load(row: Any) -> dict[str, Any]:
        return loaded(fields, {column: row[name] for column, name in names.items()}, row["e_currency"])

    return sa.select(*columns).select_from(source.join), load


def forget(work: Work, ids: Iterable[int]) -> None:
    """Let mapped rows in this unit be read anew: their rows were written."""
    # Without polymorphism each class has identities of its own.
    models = [Ref, *(info.model for info in work.crm.registry.types.values())] if len(work.identity_map) else []
    for entity_id in ids:
        for model in models:
            known = work.identity_map.get((model, (entity_id,), None))
            if known is not None:
                work.expire(known)


def _check(
    work: Work,
    info: TypeInfo,
    saves: Sequence[Save],
    with_parts: Sequence[tuple[Mapping[str, Field], Sequence[Mapping[str, tuple[Any, Any]]]]] = (),
    also: Sequence[int] = (),
    hidden: Collection[int] = (),
) -> dict[int, Found]:
    found = check_references(work, (info.all_fields, [s.changed for s in saves]), *with_parts, also=also, hidden=hidden)
    check_currencies(work, info, saves)
    check_external_ids(work, info, saves)
    work.crm.host.check_save(work, saves)
    return found


def _changed_meanwhile(info: TypeInfo, old: Mapping[str, Any]) -> tuple[Text, Text]:
    named = mention(info.label, old["id"], old["label"])
    return _("{entity} was changed by another at this moment.").format(entity=named), _("Do it again.")


# ---- rows --------------------------------------------------------------------------------------


def _new_or_told(
    work: Work,
    info: TypeInfo,
    given: Mapping[str, Any],
    unlock: Sequence[str],
    place: int,
    refused: MutableMapping[int, BesaceError] | None,
) -> dict[str, Any] | None:
    try:
        new = _new_row(work, info, given, unlock)
        _check_row(work, info, {k: (None, v) for k, v in new.items()})
    except BesaceError as error:
        if refused is None:
            raise
        refused[place] = error
        return None
    return new


def _edited(
    work: Work,
    info: TypeInfo,
    entity_id: int,
    old: Mapping[str, Any] | None,
    given: Mapping[str, Any],
    version: int | None,
    unlock: Sequence[str],
) -> Save:
    if old is None:
        raise not_there(work, entity_id, info)
    check_version(info, old, version)
    new = _edited_row(work, info, old, given, unlock)
    changed = differences(old, new)
    _check_row(work, info, changed)
    return Save(info, entity_id, old, new, changed)


def _check_row(work: Work, info: TypeInfo, changed: Mapping[str, tuple[Any, Any]]) -> None:
    check_items(work, info.all_fields, changed)
    check_files(work, info.all_fields, changed)


def _new_row(work: Work, info: TypeInfo, given: Mapping[str, Any], unlock: Sequence[str]) -> dict[str, Any]:
    refuse_read_only(info, given, unlock)
    currency = _currency_of(work, info, given)
    with work.amounts_in(currency):
        values = accept(info.all_fields, {**defaults(info.fields, given), **given, "currency": currency}, work)
        new = {k: values.get(k) for k in (*info.fields, *_EDITABLE_SYSTEM)}
        if new["owner"] is None:
            new["owner"] = work.user_id
        new = with_booleans(info.fields, new)
        new = info.model.prepare(None, new, work)
    return _finished(info, new)


def _edited_row(
    work: Work, info: TypeInfo, old: Mapping[str, Any], given: Mapping[str, Any], unlock: Sequence[str]
) -> dict[str, Any]:
    refuse_read_only(info, given, unlock)
    currency = _known_currency(given.get("currency")) or str(old["currency"])
    with work.amounts_in(currency):
        new = {**old, **accept(info.all_fields, given, work)}
        new["currency"] = currency
        new = with_booleans(info.fields, new)
        new = info.model.prepare(old, new, work)
    return _finished(info, new)


def _finished(info: TypeInfo, new: dict[str, Any]) -> dict[str, Any]:
    way_on = _("Give every amount in one currency, and name it with --currency.")
    check_amounts(info, new, new["currency"], way_on)
    check_values(info.all_fields, new, [*info.fields, "owner", "external_system", "external_id"])
    new["label"] = info.model.label_of(new).strip()
    if not new["label"]:
        raise Refused(_("{type}: something must name it.").format(type=info.label))
    return new


def _currency_of(work: Work, info: TypeInfo, given: Mapping[str, Any]) -> str:
    """The currency of a new entity: the one given, else that of its first amount that names one, else the install's."""
    named = _known_currency(given.get("currency"))
    if named:
        return named
    for f in info.money_fields:
        value = given.get(f.key)
        if isinstance(value, str) and value.strip()[-3:].isalpha():
            value = accept_one(f, value, work)
        if isinstance(value, Money):
            return value.currency
    return work.currency


def _known_currency(given: Any) -> str | None:
    """The code of a currency as it is stored; None for an empty one, InvalidValue for an unknown one."""
    code = str(given or "").strip().upper()
    return code if code and digits(code) is not None else None


def _entity_row(work: Work, save: Save) -> dict[str, Any]:
    new = save.new
    return {
        "id": save.id,
        "type": save.info.key,
        "label": new["label"],
        "label_key": fold(new["label"]),
        "currency": new["currency"],
        "owner_id": new["owner"],
        "created_at": work.now,
        "modified_at": work.now,
        "version": 1,
        "external_system": new.get("external_system"),
        "external_id": new.get("external_id"),
    }


def _update(work: Work, info: TypeInfo, saves: Sequence[Save]) -> None:
    if not work.writing:  # the statements below pass by the guard of the session
        from besace.database import only_reads

        raise only_reads()
    entity = entity_table
    rows = []
    for s in saves:
        new = s.new
        rows.append(
            {
                "b_id": s.id,
                "label": new["label"],
                "label_key": fold(new["label"]),
                "currency": new["currency"],
                "owner_id": new["owner"],
                "external_system": new["external_system"],
                "external_id": new["external_id"],
                "modified_at": work.now,
            }
        )
    columns: dict[str, Any] = {name: sa.bindparam(name) for name in rows[0] if name != "b_id"}
    work.connection().execute(
        sa.update(entity).where(entity.c.id == sa.bindparam("b_id")).values(**columns, version=entity.c.version + 1),
        rows,
    )
    keys = {k for s in saves for k in s.changed if k in info.fields}
    if keys:
        fields = {k: info.fields[k] for k in info.fields if k in keys}
        table = info.table
        values = [{"b_id": s.id, **{f"v_{c}": v for c, v in stored(fields, s.new).items()}} for s in saves]
        names: dict[str, Any] = {f.column: sa.bindparam(f"v_{f.column}") for f in fields.values()}
        work.connection().execute(sa.update(table).where(table.c.id == sa.bindparam("b_id")).values(names), values)
