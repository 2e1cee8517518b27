"""Adding a file, and writing it out again."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BufferedReader
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from besace import entities, kinds
from besace.errors import NotFound, Refused
from besace.records import Content, Note
from besace.texts import translator
from besace.transfer.drafts import draft_of, new_file
from besace_attachments import limits
from besace_attachments.file_names import OPTION, clean_name
from besace_attachments.models import Attachment

if TYPE_CHECKING:
    from besace.database import Work

_ = translator(__name__)

STANDARD_OUTPUT = Path("-")
"""The path that stands for the standard output."""

_NAME = "--name"


@dataclass(frozen=True)
class Saved:
    """What was written out: the attachment, the file that it went to, and its size in bytes."""

    attachment: int
    file: str
    size: int


def add(
    work: Work,
    *,
    about: Annotated[int, kinds.EntityKind()],
    path: Path,
    name: str | None = None,
    description: str | None = None,
) -> Attachment:
    """Add a file to anything, under its own name or another one.

    The file is stored in this unit, and not before: while a unit writes, nobody removes what no row refers to yet.
    """
    most = str(work.setting(limits.MAX_SIZE))
    with _opened(path) as content:
        called = clean_name(name or path.name, option=_NAME)
        limits.check_type(called, work.setting(limits.TYPES), option=_NAME)
        limits.check_size(called, os.fstat(content.fileno()).st_size, most)
        limits.check_content(called, content.peek(limits.HEAD)[: limits.HEAD])
        stored = work.crm.files.store(content, most=limits.octets_of(most))
    made: Attachment = entities.create(
        work, Attachment, unlock=("sha256",), file=called, about=about, description=description, sha256=stored.sha256
    )
    return made


def save(work: Work, attachment: Attachment, *, path: Path, force: bool = False) -> Saved | Content:
    """Write a file out, into a folder under its own name, or to the standard output (`-`)."""
    if path == STANDARD_OUTPUT:
        return Content(work.crm.files.read(attachment.sha256))
    if os.path.isdir(path):  # `is_dir` trips over a name that is too long
        path /= clean_name(attachment.file, option=f"besace attachment edit {attachment.id} {OPTION}")
    to = new_file(path, force=force)
    with draft_of(to) as draft, draft.open("wb") as file:
        for piece in work.crm.files.read(attachment.sha256):
            file.write(piece)
    return Saved(attachment.id, str(to), attachment.size)


def lay_out_saved(work: Work, saved: Saved) -> Note:
    """Where the file went."""
    sentence = _("{file} is written: {size}.")
    return Note(sentence.format(file=saved.file, size=limits.Size(saved.size)))


@contextmanager
def _opened(path: Path) -> Iterator[BufferedReader]:
    """A file to be read; a link is followed, and what is no file is refused."""
    try:
        mode = path.stat().st_mode
        if stat.S_ISDIR(mode):
            raise Refused(
                _("{file} is a folder.").format(file=path), _("Add its files one by one, or put it into an archive.")
            )
        if not stat.S_ISREG(mode):
            raise Refused(_("{file} is no file whose content could be kept.").format(file=path))
        with path.open("rb") as content:
            yield content
    except FileNotFoundError:
        raise NotFound(_("There is no file {file}.").format(file=path)) from None
    except OSError as error:
        raise Refused(
            _("{file} cannot be read: {problem}.").format(file=path, problem=error.strerror or str(error))
        ) from None
