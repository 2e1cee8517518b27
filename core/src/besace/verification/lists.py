"""Items of editable lists that rows and links have, and their list does not."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from besace.kinds import ItemKind
from besace.records import Finding
from besace.relations import link_table
from besace.texts import Text, translator
from besace.verification.rows import together

if TYPE_CHECKING:
    from besace.database import Work
    from besace.fields import Field

_ = translator(__name__)


def missing_items(work: Work) -> Iterator[Finding]:
    """Items in use that are not in their list, counted for each field and item."""
    registry = work.crm.registry
    fields: dict[str, tuple[Text, Field]] = {}
    selects = []
    for owner in registry.rows:
        for field in owner.fields.values():
            if isinstance(field.kind, ItemKind) and field.kind.list in registry.lists:
                place = f"{owner.key}.{field.key}"
                fields[place] = owner.plural, field
                selects.append(_missing(work, place, field.kind.list, owner.table, owner.table.c[field.column]))
    for relation in registry.relation_types.values():
        for field in relation.attributes.values():
            if isinstance(field.kind, ItemKind) and field.kind.list in registry.lists:
                place = f"{relation.key}.{field.key}"
                fields[place] = relation.label, field
                of_relation = (
                    sa.select(link_table.c.attributes[field.key].as_string().label("item"))
                    .where(link_table.c.type == relation.key)
                    .subquery()
                )
                selects.append(_missing(work, place, field.kind.list, of_relation, of_relation.c.item))
    for row in together(work, selects):
        owner_label, field = fields[row.place]
        assert isinstance(field.kind, ItemKind)
        yield Finding(
            _(
                '{type}: {n} row has "{item}" as its {field}, which the list {list} does not have.',
                '{type}: {n} rows have "{item}" as their {field}, which the list {list} does not have.',
            ).format(type=owner_label, n=row.n, item=row.item, field=field.label, list=field.kind.list),
            _("Add it: besace list add {list} {item} --label TEXT").format(list=field.kind.list, item=row.item),
        )


def _missing(
    work: Work, place: str, list_key: str, table: sa.FromClause, column: sa.ColumnElement[Any]
) -> sa.Select[Any]:
    items = work.crm.registry.list_type(list_key).__table__
    return (
        sa.select(sa.literal(place).label("place"), column.label("item"), sa.func.count().label("n"))
        .select_from(table)
        .where(column.is_not(None), ~sa.exists().where(items.c.key == column).correlate_except(items))
        .group_by(column)
    )
