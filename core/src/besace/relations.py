"""Relations: typed, directed links between two entities, and the one door through which they are written."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from besace.changes import Entry, record
from besace.checks import check_items, check_references
from besace.column_types import UtcDateTime
from besace.dialects import among, bytewise, insert
from besace.errors import Refused
from besace.model import Base, Entity, Id
from besace.reading import Found, found_entities, mention_of, not_there, untrashed
from besace.records import ANY, RelationType
from besace.texts import Text, translator
from besace.values import accept, check_values

if TYPE_CHECKING:
    from besace.database import Work

_ = translator(__name__)

link_table = sa.Table(
    "link",
    Base.metadata,
    sa.Column("subject_id", Id, sa.ForeignKey("entity.id"), primary_key=True, autoincrement=False),
    sa.Column("type", sa.String(60), primary_key=True),
    sa.Column("object_id", Id, sa.ForeignKey("entity.id"), primary_key=True, autoincrement=False),
    sa.Column("subject_type", sa.String(60), nullable=False),
    sa.Column("object_type", sa.String(60), nullable=False),
    sa.Column("attributes", sa.JSON(none_as_null=True), nullable=True),
    sa.Column("created_at", UtcDateTime(), nullable=False),
    sa.Column("change_id", Id, sa.ForeignKey("change.id"), nullable=False),
    sa.Index("ix_link_object", "object_id", "type", "subject_type", "subject_id"),
    sqlite_with_rowid=False,
)
"""One row per relation (rule E2). The types are copied in, so that counting by type reads one index."""


@dataclass(frozen=True)
class Link:
    """A relation to be made: its two entities by id, its type, its attributes."""

    subject_id: int
    type: str
    object_id: int
    attributes: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Related:
    """One relation of an entity, seen from it: `forward` when it is the subject."""

    relation: str
    predicate: Text
    forward: bool
    id: int
    type: str
    label: str
    attributes: Mapping[str, Any]
    since: datetime


def link(work: Work, subject: Entity | int, type: str, object: Entity | int, **attributes: Any) -> bool:
    """Link two entities; returns whether anything changed. Linking again is no error (rule E2)."""
    return bool(link_many(work, [Link(_id(subject), type, _id(object), attributes)]))


def link_many(work: Work, links: Sequence[Link]) -> list[Link]:
    """Make or update relations; returns those that are new or changed. All or none.

    Raises Refused for a type that the relation does not take, an entity with itself, or a wrong attribute.
    """
    if not links:
        return []
    types = {link.type: work.crm.registry.relation_type(link.type) for link in links}
    rows, given = _judged(work, types, links, _ends(work, links))
    changed = _write(work, types, rows, given)
    work.crm.host.after_link(work, changed)
    return changed


def link_new(
    work: Work, links: Sequence[Link], found: Mapping[int, Found], hidden: Collection[int] = ()
) -> list[Entry]:
    """Make the first relations of entities that this unit has just created; returns their entries.

    `found` holds both ends of each, and `hidden` those that may be in the trash, or of a disabled plugin. None of the
    relations can be there already, so that one statement writes them all.
    """
    if not links:
        return []
    types = {link.type: work.crm.registry.relation_type(link.type) for link in links}
    _check_there(work, links, found, hidden)
    rows, given = _judged(work, types, links, found)
    made = _insert(work, types, rows, given, list(rows))
    work.crm.host.after_link(work, [Link(*key, given[key]) for key in made])
    return _entries(given, made)


def _judged(
    work: Work, types: Mapping[str, RelationType], links: Sequence[Link], found: Mapping[int, Found]
) -> tuple[dict[tuple[int, str, int], dict[str, Any]], dict[tuple[int, str, int], dict[str, Any]]]:
    """The rows of relations that may be made, and the attributes that were given for each."""
    rows: dict[tuple[int, str, int], dict[str, Any]] = {}
    given: dict[tuple[int, str, int], dict[str, Any]] = {}
    for wanted in links:
        relation = types[wanted.type]
        subject, object_ = found[wanted.subject_id], found[wanted.object_id]
        _check_ends(work, relation, subject, object_)
        key = (wanted.subject_id, wanted.type, wanted.object_id)
        given[key] = {**given.get(key, {}), **_attributes(work, relation, wanted.attributes)}
        rows[key] = {
            "subject_id": subject.id, "type": relation.key, "object_id": object_.id,
            "subject_type": subject.type, "object_type": object_.type,
        }  # fmt: skip
    work.crm.host.check_link(work, [Link(*key, given[key]) for key in rows])
    return rows, given


def unlink(work: Work, subject: Entity | int, type: str, object: Entity | int) -> bool:
    """Remove a relation; returns whether there was one."""
    work.crm.registry.relation_type(type)
    subject_id, object_id = _id(subject), _id(object)
    _ends(work, [Link(subject_id, type, object_id)])
    statement = (
        sa.delete(link_table)
        .where(link_table.c.subject_id == subject_id, link_table.c.type == type, link_table.c.object_id == object_id)
        .returning(link_table.c.attributes)
    )
    gone = work.execute(statement).first()
    if gone is None:
        return False
    work.crm.host.check_unlink(work, [Link(subject_id, type, object_id, gone.attributes or {})])
    values = {k: [v, None] for k, v in (gone.attributes or {}).items()}
    record(work, [Entry("unlink", subject_id, object_id, about=type, values=values)])
    return True


def related(
    work: Work, entity_id: int, *, relation: str | None = None, type: str | None = None, limit: int | None = None
) -> list[Related]:
    """The relations of an entity both ways, with enabled types, untrashed, by predicate and label: one statement."""
    registry = work.crm.registry
    known_types, known_relations = list(registry.types), [relation] if relation else list(registry.relation_types)
    link_, other = link_table.c, Entity.__table__.alias("other")

    def side(mine: Any, theirs: Any, their_type: Any, forward: bool) -> sa.Select[Any]:
        return (
            sa.select(
                link_.type.label("relation"), sa.literal(forward).label("forward"), other.c.id, other.c.type,
                other.c.label, other.c.label_key, link_.attributes, link_.created_at,
            )
            .join_from(link_table, other, other.c.id == theirs)
            .where(mine == entity_id, link_.type.in_(known_relations), untrashed(theirs))
            .where(their_type.in_([type] if type else known_types))
        )  # fmt: skip

    both = sa.union_all(
        side(link_.subject_id, link_.object_id, link_.object_type, True),
        side(link_.object_id, link_.subject_id, link_.subject_type, False),
    ).subquery()
    rows = work.execute(
        sa.select(both)
        .order_by(bytewise(both.c.relation), both.c.forward.desc(), bytewise(both.c.label_key), both.c.id)
        .limit(limit)
    )
    result = []
    for row in rows:
        kind = registry.relation_types[row.relation]
        predicate = kind.label if row.forward else kind.reverse
        result.append(
            Related(
                row.relation, predicate, bool(row.forward), row.id, row.type, row.label, row.attributes or {},
                row.created_at,
            )
        )  # fmt: skip
    return result


def _id(entity: Entity | int) -> int:
    return entity if isinstance(entity, int) else entity.id


def _ends(work: Work, links: Sequence[Link]) -> dict[int, Found]:
    """Both ends of the links, which must exist, be of enabled types and out of the trash."""
    found = found_entities(work, {i for wanted in links for i in (wanted.subject_id, wanted.object_id)})
    _check_there(work, links, found)
    return found


def _check_there(work: Work, links: Sequence[Link], found: Mapping[int, Found], hidden: Collection[int] = ()) -> None:
    for wanted in links:
        for end in (wanted.subject_id, wanted.object_id):
            entity = found.get(end)
            if entity is None or (entity.is_hidden(work) and end not in hidden):
                raise not_there(work, end)


def _check_ends(work: Work, relation: RelationType, subject: Found, object_: Found) -> None:
    """Rule E3: the types that a relation takes, on every path; nothing is linked to itself."""
    if subject.id == object_.id:
        raise Refused(_("{entity} cannot be linked to itself.").format(entity=mention_of(work, subject)))
    for end, allowed, problem in (
        (subject, relation.subjects, _('{entity} cannot be the subject of "{relation}".')),
        (object_, relation.objects, _('{entity} cannot be the object of "{relation}".')),
    ):
        if allowed != ANY and end.type not in allowed:
            raise Refused(
                problem.format(entity=mention_of(work, end), relation=relation.label),
                _("Expected one of these types: {types}.").format(types=", ".join(allowed)),
            )


def _attributes(work: Work, relation: RelationType, given: Mapping[str, Any]) -> dict[str, Any]:
    fields = relation.attributes
    values = accept(fields, given, work)
    check_values(fields, values, [k for k in values if values[k] is not None])
    changed = {k: (None, v) for k, v in values.items()}
    check_references(work, (fields, [changed]))
    check_items(work, fields, changed)
    return {k: None if v is None else fields[k].kind.json(v) for k, v in values.items()}


def _write(
    work: Work,
    types: Mapping[str, RelationType],
    rows: Mapping[tuple[int, str, int], dict[str, Any]],
    given: Mapping[tuple[int, str, int], dict[str, Any]],
) -> list[Link]:
    work.require_writing()
    before = _stored(work, rows)
    made = _insert(work, types, rows, given, [key for key in rows if key not in before])
    if len(before) + len(made) < len(rows):
        before = {key: old for key, old in _stored(work, rows).items() if key not in made}  # another made them now
    entries = _entries(given, made)
    updated = _update_attributes(work, before, given, entries)
    record(work, entries)
    return [Link(*key, given[key]) for key in (*made, *updated)]


def _entries(
    given: Mapping[tuple[int, str, int], Mapping[str, Any]], made: Sequence[tuple[int, str, int]]
) -> list[Entry]:
    return [
        Entry("link", key[0], key[2], key[1], {k: [None, v] for k, v in given[key].items() if v is not None})
        for key in made
    ]


def _insert(
    work: Work,
    types: Mapping[str, RelationType],
    rows: Mapping[tuple[int, str, int], dict[str, Any]],
    given: Mapping[tuple[int, str, int], dict[str, Any]],
    new: Sequence[tuple[int, str, int]],
) -> list[tuple[int, str, int]]:
    """Insert those that are new; returns those that no other unit made in the same moment."""
    if not new:
        return []
    for key in new:
        check_values(types[key[1]].attributes, given[key])
    shared = {"created_at": work.now, "change_id": work.change_id}
    # In one order, so that two units which make the same links never wait for each other.
    inserted = work.execute(
        insert(work, link_table)
        .on_conflict_do_nothing()
        .returning(link_table.c.subject_id, link_table.c.type, link_table.c.object_id),
        [
            {**rows[key], **shared, "attributes": {k: v for k, v in given[key].items() if v is not None} or None}
            for key in sorted(new)
        ],
    )
    made = {tuple(row) for row in inserted}
    return [key for key in new if key in made]


def _stored(work: Work, rows: Mapping[tuple[int, str, int], Any]) -> dict[tuple[int, str, int], dict[str, Any]]:
    """The attributes of those of the relations that exist."""
    table = link_table.c
    objects: dict[tuple[str, int], list[int]] = {}
    for subject, kind, object_ in rows:
        objects.setdefault((kind, object_), []).append(subject)
    if len(objects) > 50:
        wanted = sa.and_(
            table.type.in_({k for _s, k, _o in rows}), among(work, table.subject_id, {s for s, _k, _o in rows})
        )
    else:
        wanted = sa.or_(
            *(
                sa.and_(table.object_id == object_, table.type == kind, among(work, table.subject_id, subjects))
                for (kind, object_), subjects in objects.items()
            )
        )
    statement = sa.select(table.subject_id, table.type, table.object_id, table.attributes).where(wanted)
    statement = statement.with_for_update()  # what is merged below is what they hold until this unit ends
    found = {(r.subject_id, r.type, r.object_id): r.attributes or {} for r in work.execute(statement)}
    return {key: value for key, value in found.items() if key in rows}


def _update_attributes(
    work: Work,
    before: Mapping[tuple[int, str, int], dict[str, Any]],
    given: Mapping[tuple[int, str, int], dict[str, Any]],
    entries: list[Entry],
) -> list[tuple[int, str, int]]:
    rows: list[dict[str, Any]] = []
    for key, old in before.items():
        new = {k: v for k, v in {**old, **given[key]}.items() if v is not None}
        if new == old:
            continue
        changed = {k: [old.get(k), new.get(k)] for k in {**old, **new} if old.get(k) != new.get(k)}
        entries.append(Entry("relink", key[0], key[2], key[1], changed))
        rows.append({"s": key[0], "t": key[1], "o": key[2], "attributes": new or None})
    if rows:
        table = link_table.c
        statement = sa.update(link_table).where(
            table.subject_id == sa.bindparam("s"), table.type == sa.bindparam("t"), table.object_id == sa.bindparam("o")
        )
        work.connection().execute(statement.values(attributes=sa.bindparam("attributes")), rows)
    return [(row["s"], row["t"], row["o"]) for row in rows]
