"""What leads from an entity to the activities around it: directly, or through what belongs to it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from besace.reading import untrashed
from besace.relations import link_table
from besace_activities.declarations import ABOUT, PARTICIPATES_IN
from besace_activities.models import Activity

if TYPE_CHECKING:
    from besace.database import Work
    from besace.model import Entity


@dataclass(frozen=True)
class Reach:
    """Entities of a type that belong to another: a relation links them to it, or a field of theirs refers to it.

    The type, the relation and the field go by their keys, for their plugins may be absent.
    """

    type: str
    relation: str | None = None
    field: str | None = None


REACHES: Mapping[str, tuple[Reach, ...]] = {
    "commercial_action": (Reach("opportunity", relation="fulfils_goal"),),
    "organisation": (Reach("contact", relation="works_for"), Reach("opportunity", field="target")),
    "contact": (Reach("opportunity", field="target"),),
}
"""By type: what is done for a deal shows under the actions that brought it and beside its target; what is done with
the people of an organisation shows beside it."""


def reached(work: Work, entity: Entity) -> sa.Subquery:
    """The ids of the activities around an entity, each once; through what, where nothing leads to it directly."""
    paths = sa.union_all(*_direct(work, entity), *_indirect(work, entity)).subquery("path")
    is_direct = sa.func.max(sa.case((paths.c.through_id.is_(None), 1), else_=0)) == 1
    through = sa.case((is_direct, sa.null()), else_=sa.func.min(paths.c.through_id))
    return sa.select(paths.c.activity_id, through.label("through_id")).group_by(paths.c.activity_id).subquery("reached")


def _direct(work: Work, entity: Entity) -> Iterator[sa.Select[Any]]:
    """Activities that are about the entity, in which it takes part, or that are linked to it as what belongs to it."""
    link = link_table.alias("direct_link")
    nothing = sa.cast(sa.null(), sa.BigInteger()).label("through_id")
    for relation, near, far in _ways(link):
        yield sa.select(far.label("activity_id"), nothing).where(link.c.type == relation, near == entity.id)
    known = work.crm.registry.relation_types
    relations = [reach.relation for reach in REACHES.get(entity.type, ()) if reach.relation in known]
    yield sa.select(link.c.subject_id.label("activity_id"), nothing).where(
        link.c.type.in_(relations), link.c.object_id == entity.id, link.c.subject_type == Activity.__key__
    )


def _indirect(work: Work, entity: Entity) -> Iterator[sa.Select[Any]]:
    """Activities that are about what belongs to the entity, or in which that takes part."""
    for place, reach in enumerate(REACHES.get(entity.type, ())):
        belonging = _belonging(work, entity, reach)
        if belonging is None:
            continue
        between = belonging.subquery(f"between_{place}")
        link = link_table.alias(f"link_{place}")
        for relation, near, far in _ways(link):
            yield (
                sa.select(far.label("activity_id"), between.c.id.label("through_id"))
                .select_from(between.join(link, near == between.c.id))
                .where(link.c.type == relation)
            )


def _ways(link: Any) -> list[tuple[str, Any, Any]]:
    """The relations of activities: with the end at which something else stands, and that of the activity."""
    return [(ABOUT, link.c.object_id, link.c.subject_id), (PARTICIPATES_IN, link.c.subject_id, link.c.object_id)]


def _belonging(work: Work, entity: Entity, reach: Reach) -> sa.Select[Any] | None:
    """The ids of what belongs to the entity; None where what declares it is not here."""
    registry = work.crm.registry
    info = registry.types.get(reach.type)
    if info is None:
        return None
    if reach.field is not None and reach.field in info.fields:
        source = info.source(aliased=True)
        return sa.select(source.id.label("id")).where(source[reach.field] == entity.id, untrashed(source.id))
    if reach.relation is None or reach.relation not in registry.relation_types:
        return None
    link = link_table.alias("belonging_link")
    return sa.select(link.c.subject_id.label("id")).where(
        link.c.type == reach.relation,
        link.c.object_id == entity.id,
        link.c.subject_type == reach.type,
        untrashed(link.c.subject_id),
    )
