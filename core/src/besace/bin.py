"""The trash: deleting hides and can be undone, purging is a second and final step (rule E4)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from besace.changes import Entry, record
from besace.dialects import among
from besace.enabling import owners_of_tables
from besace.entities import forget
from besace.errors import Refused
from besace.kinds import EntityKind
from besace.model import Entity, entity_table, trash
from besace.reading import Found, found_entities, lock, mention_of, not_there
from besace.relations import link_table
from besace.texts import Text, translator

if TYPE_CHECKING:
    from besace.database import Work

_ = translator(__name__)


def delete(work: Work, ids: Sequence[int]) -> None:
    """Move entities to the trash: hidden everywhere, counted nowhere, restorable with their relations."""
    lock(work, ids)
    found = found_entities(work, ids)
    for entity_id in ids:
        entity = found.get(entity_id)
        if entity is None or entity.is_hidden(work):
            raise not_there(work, entity_id)
        _refuse_set(work, entity, _('{entity} cannot be deleted: the setting "{key}" names it.'))
    work.crm.host.check_delete(work, [found[i] for i in dict.fromkeys(ids)])
    rows = [{"entity_id": i, "at": work.now, "change_id": work.change_id} for i in dict.fromkeys(ids)]
    work.execute(sa.insert(trash), rows)
    record(work, [Entry("delete", i) for i in dict.fromkeys(ids)])
    forget(work, ids)


def restore(work: Work, ids: Sequence[int]) -> None:
    """Take entities out of the trash; their relations and parts are there again."""
    _require_trashed(work, ids)
    work.execute(sa.delete(trash).where(among(work, trash.c.entity_id, ids)))
    record(work, [Entry("restore", i) for i in dict.fromkeys(ids)])


def purge(work: Work, entity_id: int) -> None:
    """Remove a trashed entity with its parts and relations for good; its history stays.

    Refused while anything refers to it, be it the hidden row of a disabled plugin (rule E5).
    """
    _require_trashed(work, [entity_id])
    registry = work.crm.registry
    found = found_entities(work, [entity_id])[entity_id]
    info = registry.type(found.type)
    _refuse_set(work, found, _('{entity} cannot be purged: the setting "{key}" names it.'))
    _refuse_referred(work, entity_id, mention_of(work, found), set(info.parts))
    links = work.execute(
        sa.delete(link_table)
        .where(sa.or_(link_table.c.subject_id == entity_id, link_table.c.object_id == entity_id))
        .returning(link_table.c.subject_id, link_table.c.type, link_table.c.object_id)
    ).all()
    record(work, [Entry("unlink", row.subject_id, row.object_id, about=row.type) for row in links])
    for part in info.parts.values():
        work.execute(sa.delete(part.table).where(part.table.c.owner_id == entity_id))
    entity = entity_table
    work.execute(sa.delete(trash).where(trash.c.entity_id == entity_id))
    work.execute(sa.delete(info.table).where(info.table.c.id == entity_id))
    work.execute(sa.delete(entity).where(entity.c.id == entity_id))
    record(work, [Entry("purge", entity_id, values={"label": [found.label, None]})])


def _require_trashed(work: Work, ids: Sequence[int]) -> None:
    registry = work.crm.registry
    lock(work, ids)
    found = found_entities(work, ids)
    for entity_id in ids:
        entity = found.get(entity_id)
        if entity is None or entity.type not in registry.types:
            raise not_there(work, entity_id)
        if not entity.trashed:
            raise Refused(
                _("{entity} is not in the trash.").format(entity=mention_of(work, entity)),
                _("Move it there first: besace {type} delete {id}").format(
                    type=entity.type.replace("_", "-"), id=entity_id
                ),
            )


def _refuse_set(work: Work, found: Found, sentence: Text) -> None:
    """Refuse while a setting of the install is the entity."""
    for declared in work.crm.registry.settings.values():
        if isinstance(declared.kind, EntityKind) and work.setting(declared.key) == found.id:
            raise Refused(
                sentence.format(entity=mention_of(work, found), key=declared.key),
                _('Set another first, or none: besace config set {key} ""').format(key=declared.key),
            )


def _refuse_referred(work: Work, entity_id: int, named: Text, own_parts: set[str]) -> None:
    """Refuse while another row's column, or a hidden relation, refers to the entity: by plugin, with how many."""
    owners = owners_of_tables(work)
    held = _in_columns(work, entity_id, own_parts, owners) + _in_hidden_links(work, entity_id, owners)
    if not held:
        return
    way_on = _("Leave it in the trash, or change or purge what refers to it first.")
    if len(held) == 1:
        ((plugin, count),) = held.items()
        raise Refused(
            _(
                '{entity} cannot be purged: {n} row of the plugin "{plugin}" refers to it.',
                '{entity} cannot be purged: {n} rows of the plugin "{plugin}" refer to it.',
            ).format(entity=named, n=count, plugin=plugin),
            way_on,
        )
    plugins = ", ".join(f"{plugin} ({count})" for plugin, count in sorted(held.items()))
    raise Refused(
        _("{entity} cannot be purged: {n} rows refer to it: {plugins}.").format(
            entity=named, n=held.total(), plugins=plugins
        ),
        way_on,
    )


def _in_columns(work: Work, entity_id: int, own_parts: set[str], owners: Mapping[str, str]) -> Counter[str]:
    """How many rows of each plugin refer to the entity with a column.

    The database is asked which columns refer to entities: the tables of disabled plugins are not in the registry.
    """
    inspector: Any = sa.inspect(work.connection())
    own_tables = {"entity", work.crm.registry.type(found_type(work, entity_id)).table.name}
    held: Counter[str] = Counter()
    for table_name in inspector.get_table_names():
        for key in inspector.get_foreign_keys(table_name):
            column = key["constrained_columns"][0]
            if key["referred_table"] != "entity" or table_name in ("trash", "link"):
                continue
            table = sa.table(table_name, sa.column(column), sa.column("id"), sa.column("owner_id"))
            counting = sa.select(sa.func.count()).where(table.c[column] == entity_id)
            if table_name in own_tables:  # what goes with the entity does not hold it
                counting = counting.where(table.c.id != entity_id)
            if table_name in own_parts:
                counting = counting.where(table.c.owner_id != entity_id)
            held[owners.get(table_name, "core")] += work.execute(counting).scalar_one()
    return +held  # without those that have none


def _in_hidden_links(work: Work, entity_id: int, owners: Mapping[str, str]) -> Counter[str]:
    """How many relations that nobody sees the entity is in, by the plugin that hides them by being disabled."""
    link, registry = link_table.c, work.crm.registry
    types_here, relations_here = list(registry.types), list(registry.relation_types)
    rows = work.execute(
        sa.select(link.subject_type, link.object_type, link.type)
        .where(sa.or_(link.subject_id == entity_id, link.object_id == entity_id))
        .where(
            sa.or_(
                link.subject_type.not_in(types_here),
                link.object_type.not_in(types_here),
                link.type.not_in(relations_here),
            )
        )
    ).all()
    held: Counter[str] = Counter()
    for subject, other, relation in rows:
        types = {key for key in (subject, other) if key not in registry.types}
        relations = {f"relation:{key}" for key in (relation,) if key not in registry.relation_types}
        missing = min(types | relations)
        held[owners.get(missing, missing)] += 1
    return held


def found_type(work: Work, entity_id: int) -> str:
    """The type key of an entity."""
    return str(work.scalar(sa.select(Entity.type).where(Entity.id == entity_id)))
