"""Files: kept in a folder of the install, each under the SHA-256 of its content, written once and never changed.

A file is complete, and on the disk, before the row that refers to it is stored. Writing one is no effect that a unit of
work would have to take back: run again, it finds the same content there; rolled back or killed, it leaves a file that
no row refers to, which `verify --fix` removes. What removes one waits for all units that write
(`file_references.remove_unused`), so nothing that is being referred to goes.
"""

from __future__ import annotations

import errno
import hashlib
import os
import re
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from besace.errors import NotFound, Refused
from besace.texts import translator

_ = translator(__name__)

FILES = "files"
"""The folder of the files, in that of an install."""

CHUNK = 1 << 20
"""Bytes of a file that are in memory at once."""

PUT_BACK = _("Take it from a backup, or add the same file anew: its content is put back.")
"""The way on where a file is missing or altered."""

GRACE = 3600
"""Seconds that a file is left alone before it counts as one that no row refers to: its unit may not have ended."""


@dataclass(frozen=True)
class Stored:
    """A file that is kept: the SHA-256 of its content, and its size in bytes."""

    sha256: str
    size: int


class Files:
    """The files of an install. No name that a person gave is ever part of a path."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def store(self, content: IO[bytes], *, most: int | None = None) -> Stored:
        """Keep a content, once however often it comes; what is kept under its name and was altered is put right.

        Raises Refused, and keeps nothing, for more than `most` bytes, and where the disk takes no more.
        """
        with self._draft() as draft:
            stored = _copied(content, draft, most)
            path = self._path(stored.sha256)
            if self.is_whole(stored.sha256):
                os.utime(path)  # it counts as new: whoever stores it now is about to refer to it
            else:
                path.parent.mkdir(exist_ok=True)
                draft.replace(path)
                _keep(path.parent)
                _keep(self.folder)  # also where another made the folder, and did not come so far yet
        return stored

    def has(self, sha256: str) -> bool:
        """Whether there is a file of that name."""
        return is_sha256(sha256) and self._path(sha256).is_file()

    def size_of(self, sha256: str) -> int:
        """The size of a file in bytes; raises NotFound."""
        self._require(sha256)
        return self._path(sha256).stat().st_size

    def first_bytes(self, sha256: str, count: int) -> bytes:
        """How a file begins; raises NotFound."""
        self._require(sha256)
        with _opened(self._path(sha256)) as file:
            return file.read(count)

    def is_whole(self, sha256: str) -> bool:
        """Whether the file is there and has the content that its name tells; it is read to its end."""
        if not self.has(sha256):
            return False
        try:
            with self._path(sha256).open("rb") as file:
                return hashlib.file_digest(file, "sha256").hexdigest() == sha256
        except OSError:
            return False  # what the disk does not give back is not whole

    def read(self, sha256: str) -> Iterator[bytes]:
        """The content in pieces; raises NotFound, and Refused at its end where it is not what was stored."""
        self._require(sha256)
        digest = hashlib.sha256()
        with _opened(self._path(sha256)) as file:
            while piece := _piece(file):
                digest.update(piece)
                yield piece
        if digest.hexdigest() != sha256:
            raise Refused(
                _("The file {sha256} was altered: it is not what was stored.").format(sha256=sha256), PUT_BACK
            )

    def names(self) -> Iterator[str]:
        """The names of all files, sorted."""
        for folder in sorted(_entries(self.folder)):
            if re.fullmatch("[0-9a-f]{2}", folder):
                yield from (n for rest in sorted(_entries(self.folder / folder)) if is_sha256(n := folder + rest))

    def drafts(self) -> Iterator[Path]:
        """What killed processes left: drafts that nobody writes to any more."""
        for path in sorted(self.folder.glob(".*.part")):
            if _is_old(path):
                yield path

    def is_old(self, sha256: str) -> bool:
        """Whether a file was stored long ago, so that its row would be there by now."""
        return _is_old(self._path(sha256))

    def remove(self, sha256: str) -> None:
        """Remove a file, which need not be there: for `file_references`, which knows that no row refers to it."""
        with suppress(FileNotFoundError):  # another removed it
            self._path(sha256).unlink()

    def _path(self, sha256: str) -> Path:
        assert is_sha256(sha256), sha256
        return self.folder / sha256[:2] / sha256[2:]

    def _require(self, sha256: str) -> None:
        if not self.has(sha256):
            raise NotFound(_("The file {sha256} is missing.").format(sha256=sha256), PUT_BACK)

    @contextmanager
    def _draft(self) -> Iterator[Path]:
        draft = self.folder / f".{uuid.uuid4().hex}.part"
        try:
            _make(self.folder)
            yield draft
        except OSError as error:
            raise Refused(
                _("{file} cannot be written: {problem}.").format(file=self.folder, problem=error.strerror or str(error))
            ) from None
        finally:
            with suppress(OSError):  # it has its name now, or it never could be made
                draft.unlink()


def is_sha256(text: str) -> bool:
    """Whether a text is a SHA-256 in hexadecimal digits, as files are named."""
    return re.fullmatch("[0-9a-f]{64}", text) is not None


def _copied(content: IO[bytes], draft: Path, most: int | None) -> Stored:
    digest, size = hashlib.sha256(), 0
    with draft.open("xb") as file:
        while piece := _piece(content):
            digest.update(piece)
            size += len(piece)
            if most is not None and size > most:
                raise Refused(_("This file is larger than {most} bytes.").format(most=most))
            file.write(piece)
        file.flush()
        os.fsync(file.fileno())
    return Stored(digest.hexdigest(), size)


def _piece(content: IO[bytes]) -> bytes:
    with _wording_problems():
        return content.read(CHUNK)


def _opened(path: Path) -> IO[bytes]:
    with _wording_problems():
        return path.open("rb")


@contextmanager
def _wording_problems() -> Iterator[None]:
    """Say what the disk says of a content that is to be read."""
    try:
        yield
    except OSError as error:
        problem = error.strerror or str(error)
        raise Refused(_("The content cannot be read: {problem}.").format(problem=problem)) from None


def _make(folder: Path) -> None:
    if not folder.is_dir():
        folder.mkdir(exist_ok=True)
        _keep(folder.parent)


def _keep(folder: Path) -> None:
    """Let the names in a folder be on the disk."""
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.ENOTSUP):  # a file system that knows no such order keeps them so
            raise
    finally:
        os.close(opened)


def _entries(folder: Path) -> list[str]:
    try:
        return os.listdir(folder)
    except (FileNotFoundError, NotADirectoryError):
        return []


def _is_old(path: Path) -> bool:
    """By the clock of the machine: $BESACE_TODAY does not date what is on a disk."""
    try:
        return time.time() - path.stat().st_mtime > GRACE
    except FileNotFoundError:
        return False
