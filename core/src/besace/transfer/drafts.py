"""Files that appear under their names when they are complete."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from besace.errors import Refused, UsageError
from besace.texts import translator

_ = translator(__name__)


def require_folder(name: Path | str) -> None:
    """A path that ends in a slash names a folder: raises UsageError where there is none."""
    if str(name).endswith(os.sep) and not os.path.isdir(name):
        raise UsageError(
            _("There is no folder {file}.").format(file=name), _("Make it first, or name a file without that slash.")
        )


def file_called(name: Path | str) -> Path:
    """The path of a file; raises BesaceError for what can only be a folder: "", ".", and what ends in a slash."""
    require_folder(name)
    path = Path(name)
    if not path.name or str(name).endswith(os.sep):
        raise _unwritable(path, os.strerror(errno.EISDIR))
    return path


def new_file(name: Path | str, *, force: bool = False) -> Path:
    """The path of a file that is to be written; raises Refused for one that is there already, unless `force`."""
    path = file_called(name)
    if not force and os.path.lexists(path):
        raise Refused(
            _("{file} is there already.").format(file=path), _("Choose another name, or write over it with --force.")
        )
    return path


@contextmanager
def draft_of(path: Path, *, mode: int = 0o666) -> Iterator[Path]:
    """A file beside `path` to write to; it takes that name, and is on the disk, when the block ends without an error.

    Raises Refused with the system's reason when it cannot be written.
    """
    draft = file_called(path).with_name(f".{path.name}.{os.getpid()}.part")
    try:
        draft.touch(mode)
        yield draft
        with draft.open("rb+") as written:
            os.fsync(written.fileno())
        draft.replace(path)
    except OSError as error:
        raise _unwritable(path, error.strerror or str(error)) from None
    finally:
        with suppress(OSError):  # it is gone, or it never could be made
            draft.unlink()


def _unwritable(path: Path, problem: str) -> Refused:
    return Refused(_("{file} cannot be written: {problem}.").format(file=path, problem=problem))
