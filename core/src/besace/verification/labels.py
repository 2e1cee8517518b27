"""Labels: derived from the fields of an entity when it is written; and from them the keys they are sorted by."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from besace.changes import Entry, record
from besace.entities import values_of
from besace.errors import BesaceError
from besace.model import entity_table
from besace.reading import mention
from besace.records import Finding
from besace.texts import fold, translator
from besace.verification.rows import streamed

if TYPE_CHECKING:
    from besace.database import Work
    from besace.types import TypeInfo

_ = translator(__name__)


def stale(work: Work) -> Iterator[Finding]:
    """Entities whose label is not that of their fields, or whose key is not that of their label."""
    entity, types = entity_table.c, work.crm.registry.types
    keys = sa.select(entity.id, entity.type, entity.label, entity.label_key)
    for row in streamed(work, keys):
        if fold(row.label) != row.label_key:
            named = mention(work.crm.registry.label_of_type(row.type), row.id, row.label)
            yield Finding(
                _('{entity} is sorted and looked up as "{key}".').format(entity=named, key=row.label_key),
                about=(row.id, row.type),
            )
    for info in types.values():
        yield from _stale_of(work, info)


def _stale_of(work: Work, info: TypeInfo) -> Iterator[Finding]:
    statement, load = values_of(info)
    for row in streamed(work, statement):
        named = mention(info.label, row.e_id, row.e_label)
        try:
            label = info.model.label_of(load(row._mapping)).strip()
        except BesaceError as error:
            yield Finding(_("{entity} cannot be read: {problem}").format(entity=named, problem=error.message))
            continue
        if label and label != row.e_label:
            yield Finding(
                _('{entity} should be called "{label}", by its fields.').format(entity=named, label=label),
                about=(row.e_id, info.key),
            )


def renew(work: Work, findings: Sequence[Finding]) -> int:
    """Derive the labels of these entities, and their keys, anew."""
    wanted: dict[str, list[int]] = {}
    for finding in findings:
        if finding.about is not None:
            entity_id, type_key = finding.about
            wanted.setdefault(type_key, []).append(entity_id)
    return sum(_renew(work, key, ids) for key, ids in wanted.items())


def _renew(work: Work, type_key: str, ids: Sequence[int]) -> int:
    entity, info = entity_table, work.crm.registry.types.get(type_key)
    stored = work.execute(
        sa.select(entity.c.id, entity.c.label, entity.c.label_key).where(entity.c.id.in_(ids)).with_for_update()
    ).all()
    derived = {} if info is None else _derived(work, info, ids)
    updates: list[dict[str, Any]] = []
    entries: list[Entry] = []
    for row in stored:
        label = derived.get(row.id) or row.label
        now = {"label": label, "label_key": fold(label)}
        changed = {k: [getattr(row, k), v] for k, v in now.items() if getattr(row, k) != v}
        if changed:
            updates.append({"b_id": row.id, **now})
            entries.append(Entry("edit", row.id, values=changed))
    if updates:
        columns: dict[str, Any] = {name: sa.bindparam(name) for name in ("label", "label_key")}
        work.connection().execute(
            sa.update(entity)
            .where(entity.c.id == sa.bindparam("b_id"))
            .values(**columns, modified_at=work.now, version=entity.c.version + 1),
            updates,
        )
    record(work, entries)
    return len(updates)


def _derived(work: Work, info: TypeInfo, ids: Sequence[int]) -> dict[int, str]:
    """The labels by the fields, of those of the entities whose values can be read."""
    statement, load = values_of(info)
    labels = {}
    for row in work.execute(statement.where(info.source().id.in_(ids))):
        with suppress(BesaceError):  # told as a finding of its own; its key is that of the label it has
            labels[row.e_id] = info.model.label_of(load(row._mapping)).strip()
    return labels
