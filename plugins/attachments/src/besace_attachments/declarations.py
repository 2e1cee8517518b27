"""What the plugin declares about notes and attachments, beside their types."""

from __future__ import annotations

from besace.kinds import TextKind
from besace.records import ANY, Block, Operation, Setting
from besace.texts import translator
from besace_attachments import limits

_ = translator(__name__)


def settings() -> list[Setting]:
    """How large a file may be, and of which types."""
    return [
        Setting(
            limits.MAX_SIZE, TextKind(clean=limits.clean_size), _("Largest file"),
            _("How large a file may be that is attached to something."), limits.USUAL_SIZE,
        ),
        Setting(
            limits.TYPES, TextKind(clean=limits.clean_types), _("Types of files"),
            _("The extensions of the files that may be attached, separated by commas."), limits.USUAL_TYPES,
        ),
    ]  # fmt: skip


def operations() -> list[Operation]:
    """Adding a file, and writing it out."""
    from besace_attachments import operations as verbs

    return [
        Operation(
            "add", "attachment", verbs.add, _("Add"), _("Add a file to anything; its content is kept."), "none",
            right="create", positional=("about", "path"),
            options={
                "about": _("What the file is about."), "path": _("The file."),
                "name": _("How it is called here; as it is called there unless given."),
            },
        ),
        Operation(
            "save", "attachment", verbs.save, _("Save"), _("Write a file out, as it was added."), writes=False,
            right="read", positional=("path",), layout=verbs.lay_out_saved,
            options={
                "path": _("Where to: a file, a folder, or - for the standard output."),
                "force": _("Write over a file that is there already."),
            },
        ),
    ]  # fmt: skip


def blocks() -> list[Block]:
    """Notes and files beside everything."""
    from besace_attachments import blocks as views

    return [
        Block("notes", ANY, _("Notes"), views.notes, views.lay_out_notes, 60),
        Block("files", ANY, _("Files"), views.files, views.lay_out_files, 61),
    ]
