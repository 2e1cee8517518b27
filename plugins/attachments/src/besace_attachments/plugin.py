"""Notes and files on any entity: what people write down and keep about anything."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from besace.hookspecs import hookimpl

if TYPE_CHECKING:
    from besace.model import Entity
    from besace.records import Block, Operation, Setting

requires = ()
core = ("0.1",)


@hookimpl
def register_entity_types() -> Sequence[type[Entity]]:
    """Notes and attachments."""
    from besace_attachments.models import Attachment, Note

    return [Note, Attachment]


@hookimpl
def register_operations() -> Sequence[Operation]:
    """Adding a file, and writing it out again."""
    from besace_attachments.declarations import operations

    return operations()


@hookimpl
def register_blocks() -> Sequence[Block]:
    """Notes and files beside everything."""
    from besace_attachments.declarations import blocks

    return blocks()


@hookimpl
def register_settings() -> Sequence[Setting]:
    """Which files are taken, and how large they may be."""
    from besace_attachments.declarations import settings

    return settings()
