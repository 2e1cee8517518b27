"""Files beside the database: those that rows refer to are there and unaltered, and no others stay."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from besace.dialects import bytewise
from besace.file_references import columns_of, names_in, remove_unused
from besace.files import PUT_BACK
from besace.model import entity_table
from besace.reading import mention
from besace.records import Finding
from besace.texts import translator
from besace.verification.rows import streamed

if TYPE_CHECKING:
    from besace.database import Work

_ = translator(__name__)


def spoilt(work: Work) -> Iterator[Finding]:
    """Files that rows refer to and that are missing or were altered; each is read to its end."""
    files = work.crm.files
    missing = _(
        "The file {sha256} is missing, and {n} row refers to it: {example}.",
        "The file {sha256} is missing, and {n} rows refer to it, for example {example}.",
    )
    altered = _(
        "The file {sha256} was altered, and {n} row refers to it: {example}.",
        "The file {sha256} was altered, and {n} rows refer to it, for example {example}.",
    )
    for row in _referring(work):
        if not files.is_whole(row.sha256):
            sentence = altered if files.has(row.sha256) else missing
            yield Finding(sentence.format(sha256=row.sha256, n=row.n, example=_example(work, row)), PUT_BACK)


def _referring(work: Work) -> Iterator[Any]:
    """Each file that rows refer to, with how many these are and an entity among them: one statement."""
    columns = columns_of(work.crm, work.connection())
    if not columns:
        return
    referring = sa.union_all(
        *(sa.select(c.label("sha256"), _entity_of(c).label("id")).where(c.is_not(None)) for c in columns)
    ).subquery("referring")
    counted = (
        sa.select(referring.c.sha256, sa.func.min(referring.c.id).label("id"), sa.func.count().label("n"))
        .group_by(referring.c.sha256)
        .subquery("counted")
    )
    entity = entity_table.c
    yield from streamed(
        work,
        sa.select(counted, entity.type, entity.label)
        .outerjoin(entity_table, entity.id == counted.c.id)
        .order_by(bytewise(counted.c.sha256)),
    )


def _entity_of(column: sa.Column[Any]) -> sa.ColumnElement[Any]:
    """The id of the entity to which a row belongs: its owner's if it is a part, else its own."""
    beside = column.table.c
    for key in ("owner_id", "id"):
        if key in beside:
            return beside[key]
    return sa.cast(sa.null(), sa.BigInteger())


def _example(work: Work, row: Any) -> Any:
    return row.id if row.type is None else mention(work.crm.registry.label_of_type(row.type), row.id, row.label)


def unused(work: Work) -> Iterator[Finding]:
    """Files that no row refers to any more, and drafts of processes that were killed."""
    files = work.crm.files
    connection = work.connection()
    with closing(names_in(connection, columns_of(work.crm, connection))) as used:
        next_used = next(used, None)
        for name in files.names():  # both are sorted: they are gone through side by side, and neither is held
            while next_used is not None and next_used < name:
                next_used = next(used, None)
            if name != next_used and files.is_old(name):
                yield Finding(_("No row refers to the file {sha256} any more.").format(sha256=name), about=name)
    for draft in files.drafts():
        yield Finding(_("{file} was never completed.").format(file=draft), about=draft)


def remove(work: Work, findings: Sequence[Finding]) -> int:
    """Remove what was found unused, unless a row refers to it meanwhile."""
    drafts = [f.about for f in findings if isinstance(f.about, Path)]
    for draft in drafts:
        draft.unlink(missing_ok=True)
    return len(drafts) + remove_unused(work, [f.about for f in findings if isinstance(f.about, str)])
