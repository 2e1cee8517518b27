"""The files of an install: one for each content, whole or not there, whatever is stored and whatever breaks."""

from __future__ import annotations

import errno
import hashlib
import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from besace.errors import NotFound, Refused
from besace.files import CHUNK, Files, is_sha256


@pytest.fixture
def files(tmp_path: Path) -> Files:
    return Files(tmp_path / "files")


def put(files: Files, content: bytes) -> str:
    return files.store(BytesIO(content)).sha256


def got(files: Files, name: str) -> bytes:
    return b"".join(files.read(name))


def on_disk(files: Files) -> list[str]:
    return sorted(str(p.relative_to(files.folder)) for p in files.folder.rglob("*") if p.is_file())


def test_a_file_is_kept_under_the_checksum_of_its_content(files):
    stored = files.store(BytesIO(b"hello"))
    name = hashlib.sha256(b"hello").hexdigest()
    assert (stored.sha256, stored.size) == (name, 5)
    assert on_disk(files) == [f"{name[:2]}/{name[2:]}"]
    assert (files.has(name), files.is_whole(name), files.size_of(name), got(files, name)) == (True, True, 5, b"hello")


@given(contents=st.lists(st.binary(max_size=200), max_size=6))
def test_every_content_comes_back_and_is_kept_once(tmp_path_factory, contents):
    files = Files(tmp_path_factory.mktemp("any") / "files")
    names = [put(files, content) for content in contents]
    assert [got(files, name) for name in names] == contents
    assert list(files.names()) == sorted(set(names))
    assert len(on_disk(files)) == len(set(contents))


def test_a_file_that_is_longer_than_what_is_in_memory_at_once_comes_back(files):
    content = os.urandom(1000) * (3 * CHUNK // 1000)
    assert [len(piece) for piece in files.read(put(files, content))] == [CHUNK, CHUNK, len(content) - 2 * CHUNK]


def test_the_same_content_again_writes_nothing_and_counts_as_new(files):
    name = put(files, b"hello")
    (path,) = [p for p in files.folder.rglob("*") if p.is_file()]
    os.utime(path, (0, 0))
    number = path.stat().st_ino
    assert files.is_old(name)
    assert put(files, b"hello") == name
    assert (path.stat().st_ino, files.is_old(name)) == (number, False)


def test_an_altered_file_is_told_when_it_is_read_and_put_right_when_it_is_stored_again(files):
    name = put(files, b"hello")
    (path,) = [p for p in files.folder.rglob("*") if p.is_file()]
    path.write_bytes(b"jello")
    assert not files.is_whole(name)
    with pytest.raises(Refused, match=f"The file {name} was altered: it is not what was stored. Take it from a backup"):
        got(files, name)
    put(files, b"hello")
    assert got(files, name) == b"hello"


def test_a_file_that_the_disk_does_not_give_back_is_not_whole_and_is_told(files):
    name = put(files, b"hello")
    (path,) = [p for p in files.folder.rglob("*") if p.is_file()]
    path.unlink()
    path.symlink_to("/proc/self/mem")  # reading it is an error of input and output
    assert (files.has(name), files.is_whole(name)) == (True, False)
    with pytest.raises(Refused, match="The content cannot be read: Input/output error"):
        got(files, name)
    put(files, b"hello")
    assert got(files, name) == b"hello"


def test_a_missing_file_is_told(files):
    with pytest.raises(NotFound, match=r"The file 0{64} is missing"):
        got(files, "0" * 64)
    with pytest.raises(NotFound, match="is missing"):
        files.size_of("0" * 64)


@pytest.mark.parametrize("name", ["", "..", "../besace.toml", "0" * 63, "0" * 65, "G" * 64, "A" * 64, "0" * 64 + "\n"])
def test_nothing_but_a_checksum_is_a_name(files, name):
    put(files, b"hello")
    assert not is_sha256(name)
    assert not files.has(name)
    with pytest.raises(NotFound):
        got(files, name)


def test_what_is_larger_than_the_limit_is_refused_and_leaves_nothing(files):
    assert files.store(BytesIO(b"12345"), most=5).size == 5
    with pytest.raises(Refused, match="This file is larger than 5 bytes"):
        files.store(BytesIO(b"123456"), most=5)
    assert len(on_disk(files)) == 1


def test_a_content_that_cannot_be_read_to_its_end_leaves_nothing(files):
    class Broken(BytesIO):
        def read(self, size: Any = -1) -> bytes:
            raise OSError(errno.EIO, os.strerror(errno.EIO))

    with pytest.raises(Refused, match="The content cannot be read: Input/output error"):
        files.store(Broken(b"x"))
    assert on_disk(files) == []


def test_a_folder_that_takes_no_files_gives_a_sentence(tmp_path):
    (tmp_path / "files").write_text("in the way")
    with pytest.raises(Refused, match="cannot be written"):
        put(Files(tmp_path / "files"), b"hello")


def test_what_others_put_into_the_folder_is_no_file_of_ours(files):
    name = put(files, b"hello")
    (files.folder / "ab").mkdir()
    for other in ("README", "ab/notes.txt", f"{name[:2]}/{'z' * 62}"):
        (files.folder / other).write_text("mine")
    assert list(files.names()) == [name]
    assert list(files.drafts()) == []


def test_many_who_store_the_same_at_once_get_the_same_and_keep_one(files):
    with ThreadPoolExecutor(8) as pool:
        names = set(pool.map(lambda n: put(files, b"%d" % (n % 4) * 100_000), range(64)))
    assert len(names) == len(on_disk(files)) == 4
    assert all(files.is_whole(name) for name in names)


def test_a_killed_process_leaves_a_draft_and_no_file(files):
    code = (
        "import io, os, signal, sys; from pathlib import Path; from besace.files import Files\n"
        "class Dying(io.BytesIO):\n"
        "    def read(self, size=-1):\n"
        "        piece = super().read(10)\n"
        "        return piece or os.kill(os.getpid(), signal.SIGKILL)\n"
        "Files(Path(sys.argv[1])).store(Dying(b'x' * 100))"
    )
    done = subprocess.run([sys.executable, "-c", code, str(files.folder)], check=False)
    assert done.returncode == -signal.SIGKILL
    assert list(files.names()) == []
    (draft,) = on_disk(files)
    assert list(files.drafts()) == []  # another process may be writing it
    os.utime(files.folder / draft, (0, 0))
    assert list(files.drafts()) == [files.folder / draft]
