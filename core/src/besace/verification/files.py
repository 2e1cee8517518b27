"""Files beside the database: those that rows refer to are there and unaltered, and no others stay."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from besace.file_references import columns_of, names_in, remove_unused
from besace.files import PUT_BACK
from besace.records import Finding
from besace.texts import translator

if TYPE_CHECKING:
    from besace.database import Work

_ = translator(__name__)


def spoilt(work: Work) -> Iterator[Finding]:
    """Files that rows refer to and that are missing or were altered; each is read to its end."""
    files = work.crm.files
    for name in _used(work):
        if not files.has(name):
            yield Finding(_("The file {sha256} is missing, and rows refer to it.").format(sha256=name), PUT_BACK)
        elif not files.is_whole(name):
            yield Finding(_("The file {sha256} was altered: it is not what was stored.").format(sha256=name), PUT_BACK)


def unused(work: Work) -> Iterator[Finding]:
    """Files that no row refers to any more, and drafts of processes that were killed."""
    files = work.crm.files
    with closing(_used(work)) as used:
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


def _used(work: Work) -> Generator[str]:
    connection = work.connection()
    return names_in(connection, columns_of(work.crm, connection))
