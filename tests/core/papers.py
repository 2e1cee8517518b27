"""A plugin of the tests whose rows refer to files: a paper is scanned, and so are its pages."""

from __future__ import annotations

import os
import time
from io import BytesIO
from typing import Any

from sqlalchemy.orm import Mapped

from besace import Besace, Entity, Part, entities, fields, hookimpl, parts, translator

_ = translator(__name__)


class Paper(Entity, type="paper", label=_("Paper"), plural=_("Papers")):
    """Something on paper."""

    title: Mapped[str] = fields.text("Title", names_row=True)
    scan: Mapped[str | None] = fields.file("Scan")


class Page(Part, of="paper", key="page"):
    """A page of it."""

    picture: Mapped[str] = fields.file("Picture")


class Papers:
    """Papers, for the tests."""

    __name__ = "tests"

    @hookimpl
    def register_entity_types(self) -> Any:
        return [Paper]

    @hookimpl
    def register_part_types(self) -> Any:
        return [Page]


papers = Papers()


def scanned(crm: Besace, content: bytes | None, *pages: bytes) -> int:
    """A paper with its scan and its pages; its id."""

    def unit(work: Any) -> int:
        given = {} if content is None else {"scan": stored(crm, content)}
        paper: int = entities.create(work, "paper", title="Letter", unlock=("scan",), **given).id
        for page in pages:
            parts.add(work, Page, paper, unlock=("picture",), picture=stored(crm, page))
        return paper

    return crm.write(unit)


def stored(crm: Besace, content: bytes) -> str:
    """Keep a content; its name."""
    return crm.files.store(BytesIO(content)).sha256


def kept(crm: Besace) -> dict[str, bytes]:
    """All files that are kept, by name."""
    return {name: b"".join(crm.files.read(name)) for name in crm.files.names()}


def age(crm: Besace) -> None:
    """Let all that is in the folder of the files have been written long ago."""
    for path in crm.files.folder.rglob("*"):
        if path.is_file():
            os.utime(path, (time.time() - 90_000,) * 2)
