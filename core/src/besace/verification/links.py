"""Links: the types that were copied into them, and whether their relation takes what they link (rule E3)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from besace.changes import Entry, record
from besace.enabling import owners_of_tables
from besace.model import entity_table
from besace.records import ANY, Finding
from besace.relations import link_table
from besace.texts import translator
from besace.verification.rows import streamed

if TYPE_CHECKING:
    from besace.database import Work

_ = translator(__name__)

_KEY = (link_table.c.subject_id, link_table.c.type, link_table.c.object_id)


def unfit(work: Work) -> Iterator[Finding]:
    """Links of relations that no plugin knows, between types that theirs does not take, or of a thing to itself."""
    registry, owners, link = work.crm.registry, owners_of_tables(work), link_table.c
    of_itself = sa.case((link.subject_id == link.object_id, 1), else_=0)
    kinds = (link.type, link.subject_type, link.object_type)
    statement = sa.select(*kinds, sa.func.count().label("n"), sa.func.sum(of_itself).label("own")).group_by(*kinds)
    for row in work.execute(statement.order_by(*kinds)):
        relation = registry.relation_types.get(row.type)
        values = {"n": row.n, "relation": row.type, "subject": row.subject_type, "object": row.object_type}
        if relation is None and f"relation:{row.type}" not in owners:
            yield Finding(
                _(
                    '{n} link is of the relation "{relation}", which no plugin here ever knew.',
                    '{n} links are of the relation "{relation}", which no plugin here ever knew.',
                ).format(**values),
                _("Install and enable the plugin that declares it."),
            )
        elif relation is not None and not (
            _takes(relation.subjects, row.subject_type) and _takes(relation.objects, row.object_type)
        ):
            yield Finding(
                _(
                    '{n} link "{relation}" goes from {subject} to {object}, which this relation does not take.',
                    '{n} links "{relation}" go from {subject} to {object}, which this relation does not take.',
                ).format(**values),
                _("Remove it: besace unlink SUBJECT {relation} OBJECT").format(relation=row.type),
            )
        if row.own:
            yield Finding(
                _(
                    '{n} link "{relation}" of type {subject} goes from an entity to itself.',
                    '{n} links "{relation}" of type {subject} go from an entity to itself.',
                ).format(**{**values, "n": int(row.own)}),
                _("Remove it: besace unlink SUBJECT {relation} OBJECT").format(relation=row.type),
            )


def _takes(allowed: Any, type_key: str) -> bool:
    return allowed == ANY or type_key in allowed


def stale_types(work: Work) -> Iterator[Finding]:
    """Links in which other types are copied than their entities have: counts would leave them out."""
    for row in streamed(work, _stale()):
        yield Finding(
            _(
                'The link {subject_id} {relation} {object_id} says that it goes from {said_subject} to {said_object}; '
                "it goes from {subject} to {object}."
            ).format(
                subject_id=row.subject_id, relation=row.type, object_id=row.object_id, said_subject=row.subject_type,
                said_object=row.object_type, subject=row.is_subject, object=row.is_object,
            ),
            about=(row.subject_id, row.type, row.object_id),
        )  # fmt: skip


def renew_types(work: Work, findings: Sequence[Finding]) -> int:
    """Copy the types of the entities into these links anew."""
    wanted = sa.tuple_(*_KEY).in_([finding.about for finding in findings])
    rows = work.execute(_stale().where(wanted)).all()
    link, entries = link_table.c, []
    for row in rows:
        key = sa.and_(
            link.subject_id == row.subject_id, link.type == row.type, link.object_id == row.object_id
        )  # fmt: skip
        now = {"subject_type": row.is_subject, "object_type": row.is_object}
        work.execute(sa.update(link_table).where(key).values(now))
        changed = {k: [getattr(row, k), v] for k, v in now.items() if getattr(row, k) != v}
        entries.append(Entry("relink", row.subject_id, row.object_id, row.type, changed))
    record(work, entries)
    return len(rows)


def _stale() -> sa.Select[Any]:
    subject, object_, link = entity_table.alias("subject"), entity_table.alias("object"), link_table.c
    return (
        sa.select(
            *_KEY, link.subject_type, link.object_type,
            subject.c.type.label("is_subject"), object_.c.type.label("is_object"),
        )
        .join_from(link_table, subject, subject.c.id == link.subject_id)
        .join(object_, object_.c.id == link.object_id)
        .where(sa.or_(link.subject_type != subject.c.type, link.object_type != object_.c.type))
    )  # fmt: skip
