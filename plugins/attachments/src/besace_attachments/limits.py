"""Limits: which files are taken, and how large they may be. Pure rules; an install's settings tell the values."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

from besace.errors import InvalidValue, Refused
from besace.texts import translator
from besace_attachments.file_names import OPTION, extension_of

_ = translator(__name__)

MAX_SIZE = "attachment_max_size"
TYPES = "attachment_types"
"""The keys of the settings."""

USUAL_SIZE = "25 MB"
USUAL_TYPES = (
    "csv, doc, docx, eml, gif, heic, ics, jpeg, jpg, json, m4a, md, mp3, mp4, msg, odg, odp, ods, odt, pdf, png, ppt, "
    "pptx, rtf, tif, tiff, txt, vcf, wav, webp, xls, xlsx, xml, zip"
)

PROGRAMS = frozenset({
    "apk", "app", "appimage", "bat", "bin", "cmd", "com", "cpl", "deb", "dll", "dmg", "elf", "exe", "hta", "htm",
    "html", "jar", "js", "jse", "lnk", "msc", "msi", "msp", "pif", "ps1", "py", "reg", "rpm", "scr", "sh", "so", "svg",
    "vb", "vbe", "vbs", "ws", "wsf", "wsh", "xhtml",
})  # fmt: skip
"""What a machine or a browser runs: no setting allows it."""

_MAGIC = (b"\x7fELF", b"#!", b"\xca\xfe\xba\xbe", b"\xce\xfa\xed\xfe", b"\xcf\xfa\xed\xfe", b"\xfe\xed\xfa")
HEAD = 64
"""How many bytes of a content tell whether it is a program."""

_SIZE = re.compile(r"([0-9]{1,9}(?:[.,][0-9]{1,3})?)\s*([kmg]?)[bo]?", re.IGNORECASE)
_UNITS = {"": ("B", 1), "k": ("kB", 1_000), "m": ("MB", 1_000_000), "g": ("GB", 1_000_000_000)}


def clean_size(text: str) -> str:
    """A size in its proper form, `25 MB`; raises InvalidValue."""
    found = _SIZE.fullmatch(text.strip())
    if found is None or octets_of(text) < 1:
        raise InvalidValue(
            _('"{text}" is not a size.').format(text=text), _("Expected for example {size}.").format(size=USUAL_SIZE)
        )
    number, unit = found.groups()
    return f"{number.replace(',', '.')} {_UNITS[unit.lower()][0]}"


def octets_of(size: str) -> int:
    """The bytes of a size, `25 MB`."""
    found = _SIZE.fullmatch(size.strip())
    assert found is not None, size
    number, unit = found.groups()
    return int(Decimal(number.replace(",", ".")) * _UNITS[unit.lower()][1])


@dataclass(frozen=True)
class Size:
    """A size in bytes as a person reads it, rounded up."""

    octets: int

    def in_language(self, language: str) -> str:
        """`25 MB` or `25 Mo`."""
        from babel.numbers import format_decimal

        if self.octets < 1_000:
            return _("{n} byte", "{n} bytes").format(n=self.octets).in_language(language)
        if self.octets < 1_000_000:
            return _("{n} kB").format(n=-(-self.octets // 1_000)).in_language(language)
        tenths = Decimal(-(-self.octets // 100_000)) / 10
        return _("{n} MB").format(n=format_decimal(tenths, locale=language)).in_language(language)


def clean_types(text: str) -> str:
    """A list of extensions in its proper form, `csv, pdf`; raises InvalidValue for one that no file may have."""
    extensions = sorted({one.strip().lower().removeprefix(".") for one in text.split(",")} - {""})
    for one in extensions:
        if not re.fullmatch(r"[^\W_]{1,20}", one):
            raise InvalidValue(
                _('"{name}" is not the extension of a file.').format(name=one), _("Expected for example: pdf, docx")
            )
        if one in PROGRAMS:
            raise InvalidValue(
                _('"{name}" cannot be allowed: such a file is a program.').format(name=one),
                _("Leave it out of the list."),
            )
    if not extensions:
        raise InvalidValue(_("There is no extension in this list."), _("Expected for example: pdf, docx"))
    return ", ".join(extensions)


def check_type(name: str, allowed: str, *, option: str = OPTION) -> None:
    """Refuse a file whose name has an extension that is not among the allowed ones; `option` gives another name."""
    extension = extension_of(name)
    if extension in PROGRAMS:
        raise _program(name)
    if not extension:
        raise Refused(
            _('The name "{name}" does not tell what sort of file it is.').format(name=name),
            _("Give it one with an extension: {option} NAME.EXTENSION. Allowed are: {types}.").format(
                option=option, types=allowed
            ),
        )
    if extension not in allowed.split(", "):
        raise Refused(
            _('"{name}" is not taken: files of the type "{type}" are not allowed here.').format(
                name=name, type=extension
            ),
            _("Allowed are: {types}. An administrator may change that: besace config set {setting} ...").format(
                types=allowed, setting=TYPES
            ),
        )


def check_size(name: str, size: int, most: str) -> None:
    """Refuse a file that is empty or larger than the limit."""
    if size == 0:
        raise Refused(_('"{name}" is empty.').format(name=name), _("Look whether it was saved, and add it again."))
    if size > octets_of(most):
        raise Refused(
            _('"{name}" is too large: it has {size}, and at most {most} are taken.').format(
                name=name, size=Size(size), most=Size(octets_of(most))
            ),
            _("An administrator may change that: besace config set {setting} ...").format(setting=MAX_SIZE),
        )


def check_content(name: str, head: bytes) -> None:
    """Refuse a program, whatever its name; `head` has its first bytes."""
    is_windows = head.startswith(b"MZ") and b"\0" in head  # a text may begin with these letters
    if is_windows or head.startswith(_MAGIC):
        raise _program(name)


def _program(name: str) -> Refused:
    return Refused(
        _('"{name}" is a program, and programs are not taken.').format(name=name),
        _("Whoever opened it would run it. Put it into an archive, or keep it elsewhere and note where."),
    )
