"""Archives for the tests: written, looked into, spoilt, and the checksums of all that an install holds."""

from __future__ import annotations

import hashlib
import json
import zipfile
from pathlib import Path
from typing import Any

from besace import Besace
from besace.transfer import archive
from besace.transfer.manifest import Manifest


def written(crm: Besace, path: Path, **options: Any) -> Manifest:
    """Write an archive of an install."""
    with crm.read() as work:
        return archive.write(work, path, **options)


def checksums(crm: Besace) -> dict[str, tuple[int, str]]:
    """The number and the checksum of the rows of each table, of disabled plugins too."""
    path = crm.folder / "checksums.zip"
    told = {table.name: (table.rows, table.sha256) for table in written(crm, path).tables}
    path.unlink()
    return told


def lines(path: Path, table: str) -> list[Any]:
    """The rows of a table in an archive."""
    with zipfile.ZipFile(path) as file:
        return [json.loads(line) for line in file.read(f"tables/{table}.jsonl").splitlines()]


def rewritten(path: Path, to: Path, **members: bytes | None) -> Path:
    """An archive with other members (`manifest=b"..."`, `entity=None` takes it out), sealed as if it were whole."""
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(to, "w") as new:
        for name in old.namelist():
            content = members.get(Path(name).stem, old.read(name))
            if content is not None:
                new.writestr(name, content)
        new.comment = b"0" * 64
    content = to.read_bytes()[:-64]
    to.write_bytes(content + hashlib.sha256(content).hexdigest().encode())
    return to
