"""Names of files: how a file is called, its extension, and its media type. Pure rules."""

from __future__ import annotations

import mimetypes
import unicodedata
from functools import cache

from besace.errors import InvalidValue
from besace.texts import translator

_ = translator(__name__)

LONGEST = 200
"""Bytes of a name in UTF-8: every file system takes it, and a draft of it beside it."""

OPTION = "--file"
"""How a name is given, unless another way is said: by the field that keeps it."""

UNKNOWN = "application/octet-stream"
"""The media type of what has no other."""

_STEERING = ("Cc", "Cf", "Zl", "Zp")
"""Categories of characters that are not seen; one of them lets `exe.txt` be read for `txt.exe`."""

_OFFICE = "application/vnd.openxmlformats-officedocument."
_MEDIA_TYPES = {
    ".7z": "application/x-7z-compressed",
    ".docx": _OFFICE + "wordprocessingml.document",
    ".eml": "message/rfc822",
    ".gz": "application/gzip",
    ".heic": "image/heic",
    ".ics": "text/calendar",
    ".m4a": "audio/mp4",
    ".md": "text/markdown",
    ".msg": "application/vnd.ms-outlook",
    ".odg": "application/vnd.oasis.opendocument.graphics",
    ".odp": "application/vnd.oasis.opendocument.presentation",
    ".ods": "application/vnd.oasis.opendocument.spreadsheet",
    ".odt": "application/vnd.oasis.opendocument.text",
    ".pptx": _OFFICE + "presentationml.presentation",
    ".rtf": "application/rtf",
    ".vcf": "text/vcard",
    ".webp": "image/webp",
    ".xlsx": _OFFICE + "spreadsheetml.sheet",
    ".xml": "application/xml",
    ".zip": "application/zip",
}
"""What the standard library does not know in every version."""


def clean_name(text: str, *, option: str = OPTION) -> str:
    """The name of a file in its proper form; raises InvalidValue for what is none, or names another folder.

    `option` is how whoever reads the error gives another name.
    """
    name = unicodedata.normalize("NFC", text)  # an é from a Mac is two characters
    if "/" in name or "\\" in name:
        raise InvalidValue(
            _('"{name}" is no name of a file: it names a folder too.').format(name=name),
            _("Give its last part alone: {option} NAME").format(option=option),
        )
    if any(unicodedata.category(c) in _STEERING for c in name):
        raise InvalidValue(
            _("The name of this file has characters that cannot be seen."),
            _("Give it another name: {option} NAME").format(option=option),
        )
    if not name.strip(". "):
        raise InvalidValue(
            _('"{name}" is no name of a file.').format(name=name), _("Give it one: {option} NAME").format(option=option)
        )
    size = len(name.encode())
    if size > LONGEST:
        raise InvalidValue(
            _("The name of this file is too long: it has {size} bytes, and at most {most} are kept.").format(
                size=size, most=LONGEST
            ),
            _("Give it a shorter one: {option} NAME").format(option=option),
        )
    return name


def extension_of(name: str) -> str:
    """What stands behind the last dot of a name, in small letters; "" where nothing does."""
    stem, _dot, extension = name.rpartition(".")
    return extension.strip().lower() if stem.strip(". ") else ""


def media_type_of(name: str) -> str:
    """The media type that goes with the extension of a name, the same on every machine."""
    return _known().guess_type(f"x.{extension_of(name)}")[0] or UNKNOWN


@cache
def _known() -> mimetypes.MimeTypes:
    known = mimetypes.MimeTypes()  # not the module's own functions: these read what the machine says
    known.encodings_map = {}  # a file that is packed is kept packed: .gz is a type of its own
    for extension, media_type in _MEDIA_TYPES.items():
        known.add_type(media_type, extension)
    return known
