"""Reading: what is visible, finding an entity by what a person typed, lists by pages, counts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, TypeVar, overload

import sqlalchemy as sa
from sqlalchemy.orm import make_transient_to_detached
from sqlalchemy.orm.attributes import set_committed_value

from besace.dialects import among, bytewise, contains, folded
from besace.dialects import lock as lock_rows
from besace.errors import Ambiguous, InvalidValue, NotFound, UsageError
from besace.fields import Field
from besace.kinds import EntityKind, MoneyKind
from besace.model import Entity, Part, entity_table, trash
from besace.money import Money
from besace.texts import Text, fold, joined, translator

if TYPE_CHECKING:
    from besace.database import Work
    from besace.types import Source, TypeInfo

_ = translator(__name__)

E = TypeVar("E", bound=Entity)
P = TypeVar("P", bound=Part)

_CANDIDATES = 10


@dataclass(frozen=True)
class Found:
    """What is known of an entity without reading its type's table."""

    id: int
    type: str
    label: str
    currency: str
    trashed: bool

    def is_hidden(self, work: Work) -> bool:
        """Whether nobody sees it: it is in the trash, or of a disabled plugin (rules E4, E5)."""
        return self.trashed or self.type not in work.crm.registry.types


@dataclass(frozen=True)
class CountRow:
    """One group of a count: `by` is None where there are no groups; `sum` is per currency, or one number."""

    by: Any
    count: int
    sum: dict[str, Money] | Decimal | None = None


def mention(type_label: Text | str, entity_id: int, label: str) -> Text:
    """An entity in a sentence: `Opportunity 42 "CRM for SNCF"`."""
    return _('{type} {id} "{label}"').format(type=type_label, id=entity_id, label=label)


def mention_of(work: Work, entity: Any) -> Text:
    """A loaded entity, a reference, or what was found of one, in a sentence."""
    return mention(work.crm.registry.label_of_type(entity.type), entity.id, entity.label)


def info_of(work: Work, model: type[Entity] | str) -> TypeInfo:
    """What the install knows of a type, by its class or its key."""
    return work.crm.registry.type(model if isinstance(model, str) else model.__key__)


@overload
def visible(work: Work, model: type[E]) -> sa.Select[E]: ...
@overload
def visible(work: Work, model: str) -> sa.Select[Entity]: ...
def visible(work: Work, model: type[Entity] | str) -> sa.Select[Any]:
    """The one select from which every read of a type starts: of an enabled type, not in the trash."""
    info = info_of(work, model)
    return sa.select(info.model).where(untrashed(info.table.c.id))


def untrashed(entity_id: sa.ColumnElement[Any]) -> sa.ColumnElement[bool]:
    """Whether the entity of this id is not in the trash."""
    return ~sa.exists().where(trash.c.entity_id == entity_id).correlate_except(trash)


def rows_of(work: Work, info: TypeInfo, *columns: Any) -> sa.Select[Any]:
    """`visible` for single columns: the same rows, without loading entities."""
    return sa.select(*columns).select_from(info.source().join).where(untrashed(info.table.c.id))


@overload
def get(work: Work, model: type[E], entity_id: int) -> E: ...
@overload
def get(work: Work, model: str, entity_id: int) -> Any: ...
def get(work: Work, model: type[Entity] | str, entity_id: int) -> Any:
    """One visible entity; raises NotFound, saying whether it is in the trash or of another type."""
    info = info_of(work, model)
    if work.locking:
        lock(work, [entity_id])
    entity = work.scalars(visible(work, info.key).where(info.table.c.id == entity_id)).unique().one_or_none()
    if entity is None:
        raise not_there(work, entity_id, info)
    return entity


def unread(work: Work, model: type[Entity] | str, entity_id: int) -> Any:
    """An entity that is known to be there, of which no more is read until something of it is asked for."""
    info = info_of(work, model)
    known = work.identity_map.get((info.model, (entity_id,), None))
    if known is not None:
        return known
    entity = info.model()
    set_committed_value(entity, "id", entity_id)
    make_transient_to_detached(entity)
    work.add(entity)
    return entity


def check_there(work: Work, entity_id: int, types: tuple[str, ...]) -> Found:
    """What is known of a visible entity of one of these types; raises NotFound."""
    return _by_id(work, entity_id, types, trashed=False)


def get_part(work: Work, key: str, part_id: int) -> Any:
    """One part of a visible entity; raises NotFound."""
    info = work.crm.registry.part(key)
    if work.locking:
        owner_id = work.scalar(sa.select(info.table.c.owner_id).where(info.table.c.id == part_id))
        lock(work, [] if owner_id is None else [owner_id])
    part = work.scalars(
        sa.select(info.model).where(info.table.c.id == part_id, untrashed(info.table.c.owner_id))
    ).one_or_none()
    if part is None:
        raise NotFound(_("There is no {type} {id}.").format(type=info.label, id=part_id))
    return part


def lock(work: Work, ids: Iterable[int]) -> None:
    """Let no other unit write these entities until this one ends: for what is judged or reckoned from their values."""
    lock_rows(work, entity_table, entity_table.c.id, ids)


def parts_of(work: Work, model: type[P], owner_ids: Sequence[int]) -> list[P]:
    """The parts of some entities, in the order in which they were added."""
    table: Any = model.__table__
    return list(work.scalars(sa.select(model).where(among(work, table.c.owner_id, owner_ids)).order_by(table.c.id)))


def found_entities(work: Work, ids: Iterable[int]) -> dict[int, Found]:
    """What is known of entities by id, whatever their type, trashed ones too."""
    statement = (
        sa.select(
            Entity.id, Entity.type, Entity.label, Entity.currency, trash.c.entity_id.is_not(None).label("trashed")
        )
        .outerjoin(trash, trash.c.entity_id == Entity.id)
        .where(among(work, Entity.id, sorted(set(ids))))
    )
    return {row.id: Found(*row) for row in work.execute(statement)}


def not_there(work: Work, entity_id: int, info: TypeInfo | None = None) -> NotFound:
    """The error for an entity that does not exist, is of another type, or is in the trash."""
    row = work.execute(
        sa.select(Entity.type, Entity.label, trash.c.at)
        .outerjoin(trash, trash.c.entity_id == Entity.id)
        .where(Entity.id == entity_id)
    ).first()
    registry = work.crm.registry
    if row is None or row.type not in registry.types:
        if info is None:
            return NotFound(_("There is no entity {id}.").format(id=entity_id))
        return NotFound(_("There is no {type} {id}.").format(type=info.label, id=entity_id))
    found = registry.type(row.type)
    named = mention(found.label, entity_id, row.label)
    if row.at is not None:
        return NotFound(
            _("{entity} is in the trash.").format(entity=named),
            _("Take it out with: besace {type} restore {id}").format(type=found.key.replace("_", "-"), id=entity_id),
        )
    wanted = info.label if info else _("Entity")
    return NotFound(_("There is no {type} {id}: it is {entity}.").format(type=wanted, id=entity_id, entity=named))


def resolve(work: Work, text: str, *, types: tuple[str, ...] | None = None, trashed: bool = False) -> Found:
    """The entity that a person named: by its id, by `type:label`, or by its label where the types are known.

    Raises NotFound, Ambiguous (with the candidates), or UsageError for an unknown type or form.
    """
    text = text.strip()
    if text.isascii() and text.isdigit() and len(text) < 19:
        return _by_id(work, int(text), types, trashed)
    prefix, colon, label = text.partition(":")
    key = prefix.strip().replace("-", "_")
    registry = work.crm.registry
    if colon and (key in registry.types or not types):
        registry.type(key)
        if types and key not in types:
            raise UsageError(
                _("{name} is not one of the types expected here.").format(name=registry.type(key).label),
                _("Expected one of these types: {types}.").format(types=", ".join(types)),
            )
        return _by_label(work, label.strip(), (key,), trashed)
    if types:
        return _by_label(work, text, tuple(t for t in types if t in registry.types), trashed)
    raise UsageError(
        _('"{text}" does not name an entity.').format(text=text),
        _("Name it by its id, for example 42, or as TYPE:LABEL, for example user:alice."),
    )


def _labels_of(work: Work, types: Sequence[str]) -> Text:
    return joined([work.crm.registry.label_of_type(key) for key in types], " / ")


def _by_id(work: Work, entity_id: int, types: tuple[str, ...] | None, trashed: bool) -> Found:
    registry = work.crm.registry
    found = found_entities(work, [entity_id]).get(entity_id)
    single = registry.types.get(types[0]) if types and len(types) == 1 else None
    if (
        found is None
        or found.type not in registry.types
        or found.trashed != trashed
        or (single and found.type != single.key)
    ):
        if found is not None and trashed and not found.trashed and found.type in registry.types:
            raise NotFound(_("{entity} is not in the trash.").format(entity=mention_of(work, found)))
        raise not_there(work, entity_id, single)
    if types and found.type not in types:
        raise NotFound(
            _("There is no {type} {id}: it is {entity}.").format(
                type=_labels_of(work, types), id=entity_id, entity=mention_of(work, found)
            )
        )
    return found


def _by_label(work: Work, label: str, types: tuple[str, ...], trashed: bool) -> Found:
    in_trash = sa.exists().where(trash.c.entity_id == Entity.id)
    statement = (
        sa.select(Entity.id, Entity.type, Entity.label, Entity.currency)
        .where(Entity.type.in_(types), Entity.label_key == fold(label), in_trash if trashed else ~in_trash)
        .order_by(Entity.id)
        .limit(_CANDIDATES + 1)
    )
    rows = work.execute(statement).all()
    names = _labels_of(work, types)
    if not rows:
        raise NotFound(
            _('There is no {type} called "{label}".').format(type=names, label=label),
            _("Search for it with: besace search {label}").format(label=label),
        )
    if len(rows) > 1:
        listed = ", ".join(f"{r.type}:{r.label} ({r.id})" for r in rows[:_CANDIDATES])
        more = ", ..." if len(rows) > _CANDIDATES else ""
        raise Ambiguous(
            _('Several are called "{label}": {candidates}.').format(label=label, candidates=listed + more),
            _("Name the one you mean by its id."),
        )
    return Found(*rows[0], trashed)


# ---- lists by pages -------------------------------------------------------------------------------


def page(
    work: Work,
    info: TypeInfo,
    *,
    where: str | None = None,
    sort: str | None = None,
    limit: int | None = 50,
    after: int | None = None,
    trash_only: bool = False,
) -> list[Any]:
    """A page of the entities of a type that meet a condition, sorted by a field (`-field`: downwards).

    Texts are sorted without case and accents, empty values last, the id breaks ties; `after` is the id of the
    last row of the page before, so a page costs the same wherever it stands.
    """
    from besace.conditions import compile_condition

    source = info.source()
    statement: sa.Select[Any] = sa.select(info.model)
    is_there = untrashed(source.id)
    statement = statement.where(sa.not_(is_there) if trash_only else is_there)
    if where:
        statement = statement.where(compile_condition(work, where, source))
    key, descending = _sort_key(info, source, sort)
    if after is not None:
        statement = statement.where(_beyond(work, info, source, key, descending, after))
    order = [] if key is None else [key.is_(None), key.desc() if descending else key.asc()]
    id_order = source.id.desc() if key is None and descending else source.id.asc()
    return list(work.scalars(statement.order_by(*order, id_order).limit(limit)).unique())


def _sort_key(info: TypeInfo, source: Source, sort: str | None) -> tuple[sa.ColumnElement[Any] | None, bool]:
    if sort is None:
        return None, False
    descending = sort.startswith("-")
    field = info.field(sort.lstrip("-").replace("-", "_"))
    if field.key == "id":
        return None, descending
    if field.key == "label":
        return source.entity.c.label_key, descending
    column = source.of(field)
    if isinstance(field.kind, EntityKind):
        other = entity_table.alias()
        return sa.select(other.c.label_key).where(other.c.id == column).scalar_subquery(), descending
    if field.kind.textual:
        return folded(column), descending
    return _sorted_alike(column), descending


def _sorted_alike(column: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
    """A column in an order that every engine has: keys by their bytes, documents by their text."""
    if isinstance(column.type, sa.JSON):
        column = sa.cast(column, sa.Text())
    return bytewise(column) if isinstance(column.type, sa.String) else column


def _beyond(
    work: Work, info: TypeInfo, source: Source, key: sa.ColumnElement[Any] | None, descending: bool, after: int
) -> sa.ColumnElement[bool]:
    if key is None:
        return source.id < after if descending else source.id > after
    if isinstance(key.type, sa.Boolean):
        key = sa.cast(key, sa.Integer)
    row = work.execute(sa.select(key.label("k")).select_from(source.join).where(source.id == after)).first()
    if row is None:
        raise NotFound(_("There is no {type} {id}.").format(type=info.label, id=after))
    if row.k is None:
        return sa.and_(key.is_(None), source.id > after)
    further = key < row.k if descending else key > row.k
    return sa.or_(further, sa.and_(key == row.k, source.id > after), key.is_(None))


def search(work: Work, words: str, *, limit: int = 50) -> list[Found]:
    """The visible entities of any type whose label contains all the words, without case or accents."""
    statement = (
        sa.select(Entity.id, Entity.type, Entity.label, Entity.currency, sa.false())
        .where(Entity.type.in_(list(work.crm.registry.types)), untrashed(entity_table.c.id))
        .order_by(Entity.label_key, Entity.id)
        .limit(limit)
    )
    for word in fold(words).split():
        statement = statement.where(contains(entity_table.c.label_key, word))
    return [Found(*row) for row in work.execute(statement)]


# ---- counts --------------------------------------------------------------------------------------


def count(
    work: Work, info: TypeInfo, *, where: str | None = None, by: str | None = None, sum: str | None = None
) -> list[CountRow]:
    """Count the entities of a type, in groups by a field or path, with the sum of a field or measure: one statement."""
    from besace.conditions import compile_condition, path_value

    source = info.source()
    columns: list[sa.ColumnElement[Any]] = []
    by_field: Field | None = None
    if by:
        value, by_field = path_value(info, source, by.replace("-", "_"))
        if isinstance(by_field.kind, MoneyKind):
            raise InvalidValue(_("Amounts cannot make groups: those of two currencies would stand together."))
        columns.append(value.label("by"))
    amount, is_money = _summed(work, info, source, sum) if sum else (None, False)
    if is_money:
        columns.append(source.entity.c.currency.label("currency"))
    counted = sa.func.count().label("n")
    total = (sa.func.sum(amount) if amount is not None else sa.null()).label("total")
    statement = rows_of(work, info, *columns, counted, total)
    if where:
        statement = statement.where(compile_condition(work, where, source))
    if columns:
        order = [columns[0].is_(None), *(_sorted_alike(c) for c in columns)]
        statement = statement.group_by(*columns).order_by(*order)
    return _count_rows(work, work.execute(statement).mappings().all(), by_field, is_money, sum is not None)


def _summed(work: Work, info: TypeInfo, source: Source, name: str) -> tuple[sa.ColumnElement[Any], bool]:
    from besace.conditions import measure_value

    key = name.replace("-", "_")
    if key in info.measures and key not in info.fields:
        measure = info.measures[key]
        return measure_value(work, measure, source), measure.money
    field = info.field(key)
    if not isinstance(field.kind, MoneyKind) and field.kind.name not in ("integer", "decimal"):
        sums = [k for k, f in info.fields.items() if f.kind.name in ("integer", "decimal", "money")]
        raise UsageError(
            _("{field} is no number and cannot be summed.").format(field=field.label),
            _("There are: {names}.").format(names=", ".join([*sums, *info.measures])),
        )
    return source.of(field), isinstance(field.kind, MoneyKind)


def _count_rows(work: Work, rows: Sequence[Any], by: Field | None, is_money: bool, summed: bool) -> list[CountRow]:
    groups: dict[Any, CountRow] = {}
    for row in rows:
        raw = row["by"] if by else None
        total: dict[str, Money] | Decimal | None = None
        if is_money:
            total = (
                {} if row["total"] is None else {row["currency"]: Money.of_minor(int(row["total"]), row["currency"])}
            )
        elif summed:
            total = Decimal(row["total"] or 0)
        known = groups.get(raw)
        if known is not None and isinstance(known.sum, dict) and isinstance(total, dict):
            total = {**known.sum, **total}
        groups[raw] = CountRow(raw, (known.count if known else 0) + row["n"], total)
    if not groups and by is None:
        return [CountRow(None, 0, {} if is_money else Decimal(0) if summed else None)]
    if by is not None and isinstance(by.kind, EntityKind):
        names = found_entities(work, [g for g in groups if g is not None])
        return [CountRow(names.get(k, k), row.count, row.sum) for k, row in groups.items()]
    return list(groups.values())
