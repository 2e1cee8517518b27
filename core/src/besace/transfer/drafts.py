"""Files that appear under their names when they are complete."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from besace.errors import Refused
from besace.texts import translator

_ = translator(__name__)


def file_called(name: Path | str) -> Path:
    """The path of a file; raises Refused for what can only be a folder: "", "." and "/"."""
    path = Path(name)
    if not path.name:
        raise _unwritable(path, os.strerror(errno.EISDIR))
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
