"""Entities: the one door through which every entity is written.

    prepare(old, new, work)   the type's own rules: completes the values, or refuses
    checks                    required, bounds, lengths, references, items, one currency
    check_save hooks          other plugins' rules
    rows, version, change     by Core, for the whole batch
    after_save hooks          what follows, in the same unit

One row is a batch of one, so an import is as right as a click and a click as quick as an import.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, MutableMapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

import sqlalchemy as sa

from besace.changes import Entry, record
from besace.errors import BesaceError, InvalidValue, NotFound, Refused, StaleVersion
from besace.fields import Field
from besace.kinds import EntityKind, ItemKind
from besace.model import Entity, Ref, entity_table, trash
from besace.money import Money, digits
from besace.reading import found_entities, get, info_of, mention
from besace.texts import fold, translator
from besace.values import accept, accept_one, as_json, check_values, differences, loaded, stored

if TYPE_CHECKING:
    from besace.database import Work
    from besace.types import RowInfo, TypeInfo

_ = translator(__name__)

E = TypeVar("E", bound=Entity)

_EDITABLE_SYSTEM = ("owner", "currency", "external_system", "external_id")


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


def create(work: Work, model: type[E] | str, /, *, unlock: Sequence[str] = (), **values: Any) -> Any:
    """Create one entity; returns it. `unlock` names the read-only fields that the calling operation sets."""
    info = info_of(work, model)
    (new_id,) = create_many(work, info.key, [values], unlock=unlock)
    return get(work, info.key, new_id)


def create_many(
    work: Work,
    type_key: str,
    rows: Sequence[Mapping[str, Any]],
    *,
    unlock: Sequence[str] = (),
    refused: MutableMapping[int, BesaceError] | None = None,
) -> list[int]:
    """Create a batch of entities of one type; returns their ids in the order of the rows. All or none.

    Where `refused` is given, the rows that their values or own rules refuse are left out, and told there by
    their place, so that a few bad rows do not stop a batch.
    """
    if not rows:
        return []
    info = work.crm.registry.type(type_key)
    from besace.database import reserve_ids

    prepared = [new for place, row in enumerate(rows) if (new := _new_or_told(work, info, row, unlock, place, refused))]
    if not prepared:
        return []
    ids = reserve_ids(work, len(prepared))
    saves = [
        Save(info, row_id, None, {**new, "id": row_id}, {k: (None, v) for k, v in new.items() if v is not None})
        for row_id, new in zip(ids, prepared, strict=True)
    ]
    _check(work, info, saves)
    work.execute(sa.insert(entity_table), [_entity_row(work, s) for s in saves])
    work.execute(sa.insert(info.table), [{"id": s.id, **stored(info.fields, s.new)} for s in saves])
    record(work, [Entry("create", s.id, values=as_json(info.all_fields, s.changed)) for s in saves])
    work.crm.host.after_save(work, saves)
    return list(ids)


def edit(
    work: Work, entity: Entity, /, *, version: int | None = None, unlock: Sequence[str] = (), **values: Any
) -> Any:
    """Change fields of one entity; returns it as it is now.

    `version` is the one the writer has in hand: StaleVersion is raised when another is stored (rule E7).
    """
    edit_many(
        work, entity.type, {entity.id: values}, versions={} if version is None else {entity.id: version}, unlock=unlock
    )
    work.refresh(entity)
    return entity


def edit_many(
    work: Work,
    type_key: str,
    changes: Mapping[int, Mapping[str, Any]],
    *,
    versions: Mapping[int, int] | None = None,
    unlock: Sequence[str] = (),
    refused: MutableMapping[int, BesaceError] | None = None,
) -> list[int]:
    """Change a batch of entities of one type; returns the ids of those that changed. All or none.

    Where `refused` is given, those whose new values or own rules refuse them are left out, and told there.
    """
    if not changes:
        return []
    info = work.crm.registry.type(type_key)
    stored_now = read_values(work, info, list(changes), lock=True)
    saves: list[Save] = []
    for entity_id, given in changes.items():
        old, version = stored_now.get(entity_id), (versions or {}).get(entity_id)
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
        .where(entity_table.c.id.in_(ids))
        .values(version=entity_table.c.version + 1, modified_at=work.now)
    )
    forget(work, ids)


def read_values(work: Work, info: TypeInfo, ids: Sequence[int], *, lock: bool = False) -> dict[int, dict[str, Any]]:
    """The values of untrashed entities of a type by id: amounts as Money, items by key, references by id."""
    source = info.source()
    fields = info.all_fields
    columns = [source.of(f).label(f"{'e' if f.system else 't'}_{f.column}") for f in fields.values()]
    statement = (
        sa.select(*columns)
        .select_from(source.join)
        .where(source.id.in_(ids), ~sa.exists().where(trash.c.entity_id == source.id))
    )
    if lock:
        statement = statement.with_for_update(of=source.entity)
    result: dict[int, dict[str, Any]] = {}
    for row in work.execute(statement).mappings():
        currency = row["e_currency"]
        own = {f.column: row[f"{'e' if f.system else 't'}_{f.column}"] for f in fields.values()}
        result[row["e_id"]] = loaded(fields, own, currency)
    return result


def forget(work: Work, ids: Iterable[int]) -> None:
    """Let mapped rows in this unit be read anew: their rows were written."""
    # Without polymorphism each class has identities of its own.
    models = [Ref, *(info.model for info in work.crm.registry.types.values())] if len(work.identity_map) else []
    for entity_id in ids:
        for model in models:
            known = work.identity_map.get((model, (entity_id,), None))
            if known is not None:
                work.expire(known)


def not_there(work: Work, entity_id: int, info: TypeInfo | None = None) -> NotFound:
    """The error for an entity that does not exist, is of another type, or is in the trash."""
    row = work.execute(
        sa.select(Entity.type, Entity.label, trash.c.at)
        .outerjoin(trash, trash.c.entity_id == Entity.id)
        .where(Entity.id == entity_id)
    ).first()
    registry = work.crm.registry
    wanted = info.label if info else _("Entity")
    if row is None or row.type not in registry.types:
        return NotFound(_("There is no {type} {id}.").format(type=wanted, id=entity_id))
    found = registry.type(row.type)
    named = mention(found.label, entity_id, row.label)
    if row.at is not None:
        return NotFound(
            _("{entity} is in the trash.").format(entity=named),
            _("Take it out with: besace {type} restore {id}").format(type=found.key.replace("_", "-"), id=entity_id),
        )
    return NotFound(_("There is no {type} {id}: it is {entity}.").format(type=wanted, id=entity_id, entity=named))


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
        check_items(work, info.all_fields, {k: (None, v) for k, v in new.items()})
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
    check_items(work, info.all_fields, changed)
    return Save(info, entity_id, old, new, changed)


def _new_row(work: Work, info: TypeInfo, given: Mapping[str, Any], unlock: Sequence[str]) -> dict[str, Any]:
    refuse_read_only(info, given, unlock)
    defaults = {k: f.default for k, f in info.fields.items() if f.default is not None and given.get(k) is None}
    currency = _currency_of(work, info, given)
    with work.amounts_in(currency):
        values = accept(info.all_fields, {**defaults, **given, "currency": currency}, work)
        new = {k: values.get(k) for k in (*info.fields, *_EDITABLE_SYSTEM)}
        if new["owner"] is None:
            new["owner"] = work.user_id
        new = with_booleans(info, new)
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
        new = with_booleans(info, new)
        new = info.model.prepare(old, new, work)
    return _finished(info, new)


def _finished(info: TypeInfo, new: dict[str, Any]) -> dict[str, Any]:
    for f in info.money_fields:
        amount = new.get(f.key)
        if amount is not None and amount.currency != new["currency"]:
            raise Refused(
                _("{field}: {amount} is not in {currency}, the currency of all its amounts.").format(
                    field=f.label, amount=amount, currency=new["currency"]
                ),
                _("Give every amount in one currency, and name it with --currency."),
            )
    check_values(info.all_fields, new, [*info.fields, "owner", "external_system", "external_id"])
    new["label"] = info.model.label_of(new).strip()
    if not new["label"]:
        raise Refused(_("{type}: something must name it.").format(type=info.label))
    return new


def refuse_read_only(info: RowInfo, given: Mapping[str, Any], unlock: Sequence[str]) -> None:
    """Refuse fields that only operations set, but those that the calling operation unlocks."""
    for key in given:
        f = info.all_fields.get(key)
        if f is not None and f.read_only and key not in unlock:
            raise Refused(
                _("{field} of {type} cannot be set by hand.").format(field=f.label, type=info.label),
                _("See the operations of the type: besace {type} --help").format(type=info.key.replace("_", "-")),
            )


def with_booleans(info: RowInfo, values: dict[str, Any]) -> dict[str, Any]:
    """The values with `no` where a yes-or-no is empty."""
    empty = {k: False for k, f in info.fields.items() if f.kind.name == "boolean" and values.get(k) is None}
    return {**values, **empty}


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


# ---- checks ------------------------------------------------------------------------------------


def check_version(info: TypeInfo, old: Mapping[str, Any], version: int | None) -> None:
    """Refuse a writer who has an older version in hand (rule E7)."""
    if version is not None and version != old["version"]:
        raise StaleVersion(
            _("{entity} has changed since version {version}: it is at version {now}.").format(
                entity=mention(info.label, old["id"], old["label"]), version=version, now=old["version"]
            ),
            _("See what changed with: besace {type} history {id}").format(
                type=info.key.replace("_", "-"), id=old["id"]
            ),
        )


def _check(work: Work, info: TypeInfo, saves: Sequence[Save]) -> None:
    check_references(work, info.all_fields, [s.changed for s in saves])
    _check_currencies(work, info, saves)
    _check_external_ids(work, info, saves)
    work.crm.host.check_save(work, saves)


def check_references(work: Work, fields: Mapping[str, Field], changed: Sequence[Mapping[str, tuple[Any, Any]]]) -> None:
    """Refuse references to what does not exist, is in the trash, or is of a type that the field does not take."""
    references = {k: f.kind for k, f in fields.items() if isinstance(f.kind, EntityKind)}
    wanted = [(k, row[k][1]) for row in changed for k in references if k in row and row[k][1] is not None]
    if not wanted:
        return
    found = found_entities(work, {entity_id for _key, entity_id in wanted})
    for key, entity_id in wanted:
        target = found.get(entity_id)
        if target is None or target.trashed or target.type not in work.crm.registry.types:
            raise not_there(work, entity_id)
        allowed = references[key].types
        if allowed and target.type not in allowed:
            raise Refused(
                _("{field} cannot be {entity}.").format(
                    field=fields[key].label,
                    entity=mention(work.crm.registry.label_of_type(target.type), target.id, target.label),
                ),
                _("Expected one of these types: {types}.").format(types=", ".join(allowed)),
            )


def check_items(work: Work, fields: Mapping[str, Field], changed: Mapping[str, tuple[Any, Any]]) -> None:
    """Refuse an item that is not in its list, and one that was disabled (rows that have it already keep it)."""
    for key, (_before, after) in changed.items():
        f = fields.get(key)
        if f is None or after is None or not isinstance(f.kind, ItemKind):
            continue
        item = work.items(f.kind.list).get(after)
        if item is None:
            raise InvalidValue(
                _('{field}: "{name}" is not in the list {list}.').format(field=f.label, name=after, list=f.kind.list)
            )
        if item.disabled:
            raise Refused(
                _('{field}: "{name}" is disabled in the list {list}.').format(
                    field=f.label, name=item.label, list=f.kind.list
                ),
                _("See the others with: besace list show {list}").format(list=f.kind.list),
            )


def _check_external_ids(work: Work, info: TypeInfo, saves: Sequence[Save]) -> None:
    given: dict[tuple[str | None, str], tuple[int, str]] = {}

    def refuse(entity_id: int, label: str, external_id: str) -> None:
        raise Refused(
            _("{entity} already has the external id {external}.").format(
                entity=mention(info.label, entity_id, label), external=external_id
            )
        )

    for s in saves:
        key = s.new["external_system"], s.new["external_id"]
        if key[1] is None or not s.changed.keys() & {"external_id", "external_system"}:
            continue
        if key in given:
            refuse(*given[key], key[1])
        given[key] = s.id, s.new["label"]
    if not given:
        return
    entity = entity_table
    taken = work.execute(
        sa.select(entity.c.id, entity.c.label, entity.c.external_system, entity.c.external_id).where(
            entity.c.type == info.key, entity.c.external_id.in_({external_id for _system, external_id in given})
        )
    )
    for row in taken:
        same = given.get((row.external_system, row.external_id))
        if same is not None and same[0] != row.id:
            refuse(row.id, row.label, row.external_id)


def _check_currencies(work: Work, info: TypeInfo, saves: Sequence[Save]) -> None:
    """Refuse another currency while parts hold amounts, which are kept in that of their entity (rule O7)."""
    moved = {s.id: s for s in saves if s.old is not None and "currency" in s.changed}
    for part in info.parts.values() if moved else ():
        amounts = [part.table.c[f.column].is_not(None) for f in part.money_fields]
        if not amounts:
            continue
        owner = part.table.c.owner_id
        found = work.scalar(sa.select(owner).where(owner.in_(list(moved)), sa.or_(*amounts)).limit(1))
        if found is not None:
            save = moved[found]
            raise Refused(
                _("{entity} cannot change its currency: its {parts} hold amounts in {currency}.").format(
                    entity=mention(info.label, save.id, save.new["label"]), parts=part.plural,
                    currency=save.changed["currency"][0],
                ),
                _("Empty these amounts first."),
            )  # fmt: skip
