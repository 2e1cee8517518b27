"""Checks: what rows of every type must meet, whichever door writes them: entities, parts or relations."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from besace.dialects import among
from besace.errors import InvalidValue, Refused, StaleVersion
from besace.fields import Field
from besace.kinds import EntityKind, FileKind, ItemKind
from besace.model import entity_table
from besace.reading import Found, found_entities, mention, mention_of, not_there
from besace.texts import Text, translator

if TYPE_CHECKING:
    from besace.database import Work
    from besace.entities import Save
    from besace.types import RowInfo, TypeInfo

_ = translator(__name__)


def refuse_read_only(info: RowInfo, given: Mapping[str, Any], unlock: Sequence[str]) -> None:
    """Refuse fields that only operations set, but those that the calling operation unlocks."""
    for key in given:
        f = info.all_fields.get(key)
        if f is not None and f.read_only and key not in unlock:
            raise Refused(
                _("{field} of {type} cannot be set by hand.").format(field=f.label, type=info.label),
                _("See the operations of the type: besace {type} --help").format(type=info.key.replace("_", "-")),
            )


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


def check_amounts(info: RowInfo, values: Mapping[str, Any], currency: str, hint: Text | None = None) -> None:
    """Refuse an amount in another currency than its entity's (rule O7)."""
    for f in info.money_fields:
        amount = values.get(f.key)
        if amount is not None and amount.currency != currency:
            raise Refused(
                _("{field}: {amount} is not in {currency}, the currency of all its amounts.").format(
                    field=f.label, amount=amount, currency=currency
                ),
                hint,
            )


def check_references(
    work: Work,
    *batches: tuple[Mapping[str, Field], Sequence[Mapping[str, tuple[Any, Any]]]],
    also: Sequence[int] = (),
    hidden: Collection[int] = (),
) -> dict[int, Found]:
    """Refuse references to what does not exist, is hidden, or is of a type that the field does not take.

    Each batch is given as the fields of its rows and what changes in each of them: one statement for all. Returns
    what is known of all that they refer to, and of the entities that are `also` asked for. Those in `hidden` may be in
    the trash, or of a disabled plugin.
    """
    wanted = [
        (f, row[key][1])
        for fields, changed in batches
        for key, f in fields.items()
        if isinstance(f.kind, EntityKind)
        for row in changed
        if key in row and row[key][1] is not None
    ]
    if not wanted and not also:
        return {}
    found = found_entities(work, {*also, *(entity_id for _field, entity_id in wanted)})
    for field, entity_id in wanted:
        target = found.get(entity_id)
        if target is None or (target.is_hidden(work) and entity_id not in hidden):
            raise not_there(work, entity_id)
        allowed = field.kind.types  # type: ignore[attr-defined] # they are all of EntityKind
        if allowed and target.type not in allowed:
            raise Refused(
                _("{field} cannot be {entity}.").format(
                    field=field.label,
                    entity=mention_of(work, target),
                ),
                _("Expected one of these types: {types}.").format(types=", ".join(allowed)),
            )
    return found


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


def check_files(work: Work, fields: Mapping[str, Field], changed: Mapping[str, tuple[Any, Any]]) -> None:
    """Refuse a row that refers to a file which is not kept: it is stored first, then referred to."""
    for key, (_before, after) in changed.items():
        f = fields.get(key)
        if f is not None and after is not None and isinstance(f.kind, FileKind) and not work.crm.files.has(after):
            raise Refused(
                _("{field}: no file is kept under {sha256}.").format(field=f.label, sha256=after),
                _("Store it first: it is named by the SHA-256 of its content."),
            )


def check_external_ids(work: Work, info: TypeInfo, saves: Sequence[Save]) -> None:
    """Refuse an external id that another entity of the type has, in the trash or not."""
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
            entity.c.type == info.key,
            among(work, entity.c.external_id, {external_id for _system, external_id in given}),
        )
    )
    for row in taken:
        same = given.get((row.external_system, row.external_id))
        if same is not None and same[0] != row.id:
            refuse(row.id, row.label, row.external_id)


def check_currencies(work: Work, info: TypeInfo, saves: Sequence[Save]) -> None:
    """Refuse another currency while parts hold amounts, which are kept in that of their entity (rule O7)."""
    moved = {s.id: s for s in saves if s.old is not None and "currency" in s.changed}
    for part in info.parts.values() if moved else ():
        amounts = [part.table.c[f.column].is_not(None) for f in part.money_fields]
        if not amounts:
            continue
        owner = part.table.c.owner_id
        found = work.scalar(sa.select(owner).where(among(work, owner, moved), sa.or_(*amounts)).limit(1))
        if found is not None:
            save = moved[found]
            before, after = save.changed["currency"]
            can_be_emptied = part.model.__editable__ and not any(f.read_only for f in part.money_fields)
            raise Refused(
                _("{entity} cannot change its currency: its {parts} hold amounts in {currency}.").format(
                    entity=mention(info.label, save.id, save.new["label"]), parts=part.plural, currency=before
                ),
                _("Empty these amounts first.")
                if can_be_emptied
                else _("They stay as they are: make a new one in {currency}.").format(currency=after),
            )
