"""The blocks of notes and of files, beside everything."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from besace.layouts import shortened
from besace.model import Entity, entity_table
from besace.reading import rows_of
from besace.records import Layout, Table
from besace.records import Note as Sentence
from besace.texts import Text, translator
from besace.zones import moment_in
from besace_attachments.limits import Size

if TYPE_CHECKING:
    from besace.database import Work

_ = translator(__name__)

SHOWN = 20
"""How many a block has; the others are counted."""


@dataclass(frozen=True)
class NoteShown:
    """One note in a block."""

    id: int
    label: str
    subject: str | None
    text: str
    created_at: datetime
    owner: str | None


@dataclass(frozen=True)
class FileShown:
    """One file in a block; its size in bytes."""

    id: int
    label: str
    media_type: str
    size: int
    created_at: datetime
    owner: str | None
    description: str | None


@dataclass(frozen=True)
class Notes:
    """The newest notes about an entity, and how many there are in all."""

    notes: Sequence[NoteShown]
    count: int


@dataclass(frozen=True)
class Files:
    """The newest files about an entity, and how many there are in all."""

    files: Sequence[FileShown]
    count: int


def notes(work: Work, entity: Entity) -> Notes:
    """The notes about an entity: one statement."""
    rows, count = _about(work, "note", entity.id, ("subject", "text"))
    return Notes([NoteShown(r.id, r.label, r.subject, r.text, r.created_at, r.owner) for r in rows], count)


def files(work: Work, entity: Entity) -> Files:
    """The files about an entity: one statement."""
    rows, count = _about(work, "attachment", entity.id, ("media_type", "size", "description"))
    shown = [FileShown(r.id, r.label, r.media_type, r.size, r.created_at, r.owner, r.description) for r in rows]
    return Files(shown, count)


def _about(work: Work, type_key: str, entity_id: int, columns: tuple[str, ...]) -> tuple[Sequence[Any], int]:
    """The newest visible rows of a type about an entity, and how many there are."""
    info = work.crm.registry.type(type_key)
    own, entity = info.table.c, entity_table.c
    who = entity_table.alias("who")
    owner = sa.select(who.c.label).where(who.c.id == entity.owner_id).scalar_subquery()
    statement = (
        rows_of(
            work, info, own.id, entity.label, entity.created_at, owner.label("owner"), *(own[c] for c in columns),
            sa.func.count().over().label("total"),
        )
        .where(own.about_id == entity_id)
        .order_by(entity.created_at.desc(), own.id.desc())
        .limit(SHOWN)
    )  # fmt: skip
    rows = work.execute(statement).all()
    return rows, rows[0].total if rows else 0


def lay_out_notes(work: Work, data: Notes) -> list[Layout]:
    """The notes as a table; nothing where there is none."""
    rows = [
        [n.id, moment_in(work.zone, n.created_at).date(), n.owner, n.subject, shortened(n.text)] for n in data.notes
    ]
    headings = [_("Id"), _("Created"), _("Owner"), _("Subject"), _("Text")]
    return _laid_out(_("Notes"), headings, rows, data.count)


def lay_out_files(work: Work, data: Files) -> list[Layout]:
    """The files as a table; nothing where there is none."""
    rows = [
        [f.id, moment_in(work.zone, f.created_at).date(), f.owner, f.label, Size(f.size), shortened(f.description)]
        for f in data.files
    ]
    headings = [_("Id"), _("Created"), _("Owner"), _("File"), _("Size"), _("Description")]
    return _laid_out(_("Files"), headings, rows, data.count)


def _laid_out(title: Text, headings: list[Text], rows: list[list[Any]], count: int) -> list[Layout]:
    if not rows:
        return []
    more = count - len(rows)
    note = _("... and {n} older one.", "... and {n} older ones.").format(n=more)
    return [Table(headings, rows, title), *([Sentence(note)] if more else [])]
