from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from besace import Besace, bin, entities, operations, reading, settings
from besace.verification.runs import run as verify


class Desk:
    """An install with notes and files on its one user; every call is a unit of its own."""

    def __init__(self, crm: Besace, folder: Path) -> None:
        self.crm = crm
        self.folder = folder
        self.subject = crm.write(lambda work: work.user_id)

    def file(self, name: str = "offer.pdf", content: bytes = b"An offer.") -> Path:
        path = self.folder / name
        path.write_bytes(content)
        return path

    def add(self, path: Path | str, **given: Any) -> int:
        """Add a file as a door does; the id of the attachment."""

        def unit(work: Any) -> int:
            info = work.crm.registry.type("attachment")
            values = {"about": self.subject, "path": path, **given}
            made: int = operations.run(work, info.operations["add"], info.fields, [], values).id
            return made

        return self.crm.write(unit)

    def save(self, attachment: int, path: Path, **given: Any) -> Any:
        with self.crm.read() as work:
            info = work.crm.registry.type("attachment")
            row = reading.get(work, "attachment", attachment)
            return operations.run(work, info.operations["save"], info.fields, [row], {"path": path, **given})

    def note(self, text: str, **values: Any) -> int:
        made: int = self.crm.write(
            lambda work: entities.create(work, "note", **{"text": text, "about": self.subject, **values}).id
        )
        return made

    def get(self, type_key: str, entity_id: int) -> dict[str, Any]:
        with self.crm.read() as work:
            return entities.read_values(work, work.crm.registry.type(type_key), [entity_id])[entity_id]

    def edit(self, type_key: str, entity_id: int, **values: Any) -> None:
        self.crm.write(lambda work: entities.edit(work, reading.get(work, type_key, entity_id), **values).id)

    def delete(self, *ids: int) -> None:
        self.crm.write(lambda work: bin.delete(work, ids))

    def purge(self, entity_id: int) -> None:
        self.delete(entity_id)
        self.crm.write(lambda work: bin.purge(work, entity_id))

    def set(self, key: str, value: Any) -> None:
        self.crm.write(lambda work: settings.change(work, key, value))

    def content(self, attachment: int) -> bytes:
        return b"".join(self.crm.files.read(self.get("attachment", attachment)["sha256"]))

    def kept(self) -> list[str]:
        """The names of the files that are kept."""
        return list(self.crm.files.names())

    def wrong(self, **options: Any) -> list[str]:
        """What `besace verify` finds wrong."""
        return [str(f.message) for verdict in verify(self.crm, **options) for f in verdict.findings]


@pytest.fixture
def desk(make_install: Callable[..., Besace], tmp_path: Path) -> Desk:
    return Desk(make_install("attachments"), tmp_path)
