"""Notes and attachments: each is about one thing, whatever its type."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from sqlalchemy.orm import Mapped

from besace import fields
from besace.errors import Refused
from besace.model import Entity, Ref
from besace.reading import mention
from besace.texts import translator
from besace_attachments import limits
from besace_attachments.file_names import clean_name, media_type_of

if TYPE_CHECKING:
    from besace.database import Work

_ = translator(__name__)

_WORDS = 60
"""Characters of a text that name a note without a subject."""


class Note(Entity, type="note", label=_("Note"), plural=_("Notes")):
    """A note about anything."""

    subject: Mapped[str | None] = fields.text(
        "Subject", names_row=True, help="What it says, in a few words; its first words unless given."
    )
    text: Mapped[str] = fields.long_text("Text", help="What is noted.")
    about: Mapped[Ref] = fields.entity("About", help="What it is about: anything.")

    @classmethod
    def prepare(cls, old: Mapping[str, Any] | None, new: dict[str, Any], work: Work) -> dict[str, Any]:
        """It is about something else than itself."""
        _refuse_itself(cls, old, new)
        return new

    @classmethod
    def label_of(cls, values: Mapping[str, Any]) -> str:
        """Its subject, else the first words of its text."""
        if values.get("subject"):
            return str(values["subject"])
        line = str(values["text"]).strip().splitlines()[0].strip()
        return line if len(line) <= _WORDS else line[: _WORDS - 1].rstrip() + "…"


class Attachment(Entity, type="attachment", label=_("Attachment"), plural=_("Attachments")):
    """A file about anything."""

    file: Mapped[str] = fields.text(
        "File", names_row=True, clean=clean_name, example="example {n}.txt", help="How the file is called."
    )
    about: Mapped[Ref] = fields.entity("About", help="What it is about: anything.")
    description: Mapped[str | None] = fields.long_text("Description", help="What is in it.")
    media_type: Mapped[str] = fields.text(
        "Media type", read_only=True, completed=True, length=100, help="What sort of file it is, by its name."
    )
    size: Mapped[int] = fields.integer("Size", read_only=True, completed=True, help="Its size in bytes.")
    sha256: Mapped[str] = fields.file("SHA-256", help="The checksum of its content, under which that is kept.")

    @classmethod
    def prepare(cls, old: Mapping[str, Any] | None, new: dict[str, Any], work: Work) -> dict[str, Any]:
        """It has a file, of an allowed type and size, which tell its media type and its size."""
        if new["sha256"] is None:
            raise Refused(_("An attachment is made with its file."), _("Add it with: besace attachment add REF FILE"))
        _refuse_itself(cls, old, new)
        if new["file"] is not None and (old is None or old["file"] != new["file"]):
            limits.check_type(new["file"], work.setting(limits.TYPES))
            new["media_type"] = media_type_of(new["file"]) if _is_old(old, new, "media_type") else new["media_type"]
        if old is None or old["sha256"] != new["sha256"]:
            new["size"] = work.crm.files.size_of(new["sha256"])
            limits.check_size(str(new["file"]), new["size"], work.setting(limits.MAX_SIZE))
            limits.check_content(str(new["file"]), work.crm.files.first_bytes(new["sha256"], limits.HEAD))
        return new


def _is_old(old: Mapping[str, Any] | None, new: Mapping[str, Any], key: str) -> bool:
    """Whether no new value is given for a field."""
    return bool(new[key] == (None if old is None else old[key]))


def _refuse_itself(model: type[Entity], old: Mapping[str, Any] | None, new: Mapping[str, Any]) -> None:
    if old is not None and new["about"] == old["id"]:
        raise Refused(
            _("{entity} cannot be about itself.").format(entity=mention(model.__label__, old["id"], old["label"])),
            _("Name something else with --about REF."),
        )
