"""Documents as files: a PDF, a Factur-X, or XML; made after the unit that reads what they say."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from besace.errors import Refused, UsageError
from besace.reading import mention_of, resolve
from besace.texts import LANGUAGES, Text, translator
from besace.transfer.drafts import draft_of, new_file
from besace_documents.content import Content
from besace_documents.mentions import INVOICES, mentions
from besace_documents.models import DOCUMENTS
from besace_documents.sealing import contents

if TYPE_CHECKING:
    from besace.database import Work

_ = translator(__name__)

LOGO = "document_logo"
"""The setting that names the file of the logo, in the folder of the install."""

SUFFIXES = {"pdf": ".pdf", "factur-x": ".pdf", "xml": ".xml"}


@dataclass(frozen=True)
class Sheet:
    """A document that is to be printed: what it says, in which form and language."""

    id: int
    label: Text
    content: Content
    form: str
    language: str

    @property
    def name(self) -> str:
        """What its file is called: its number, or its type and id, without what would lead out of a folder."""
        number = self.content.number or f"{self.content.type}-{self.id}"
        return "".join(c if c.isalnum() or c in "-_." else "_" for c in number) + SUFFIXES[self.form]

    def bytes(self, logo: bytes | None) -> bytes:
        """The file."""
        if self.form == "xml":
            from besace_documents.cii import cii

            return cii(self.content)
        if self.form == "factur-x":
            from besace_documents.factur_x import factur_x

            return factur_x(self.content, self.language, logo)
        from besace_documents.pdf import pdf

        return pdf(self.content, self.language, logo)


@dataclass(frozen=True)
class Printed:
    """A file that was written."""

    id: int
    label: Text
    path: Path
    size: int

    @property
    def json(self) -> dict[str, Any]:
        """It as plain values."""
        return {"id": self.id, "file": str(self.path), "size": self.size}


def sheets(work: Work, refs: Sequence[str], form: str | None, language: str) -> list[Sheet]:
    """The documents that a person named, ready to be printed; raises Refused where one has no such form."""
    found = [resolve(work, ref, types=DOCUMENTS) for ref in refs]
    said = {
        key: contents(work, key, [one.id for one in found if one.type == key])
        for key in DOCUMENTS
        if any(one.type == key for one in found)
    }
    made = []
    for one in found:
        sealed = said[one.type][one.id]
        is_electronic = one.type in INVOICES and sealed.sha256 is not None
        if form in ("factur-x", "xml") and one.type not in INVOICES:
            raise Refused(
                _("{document} has no XML: only invoices and credit notes exist as Factur-X.").format(
                    document=mention_of(work, one)
                ),
                _("Print it with --format pdf."),
            )
        if form in ("factur-x", "xml") and not is_electronic:
            raise Refused(
                _("{document} has no XML: only issued invoices and credit notes have.").format(
                    document=mention_of(work, one)
                ),
                _("Issue it first, or print it with --format pdf."),
            )
        content = _in_language(sealed.content, language, is_draft=sealed.sha256 is None)
        chosen = form or ("factur-x" if is_electronic else "pdf")
        made.append(Sheet(one.id, mention_of(work, one), content, chosen, language))
    return made


def _in_language(content: Content, language: str, *, is_draft: bool) -> Content:
    """A document with its legal mentions in the language of its reader, where they are those that we know."""
    is_known = any(list(content.mentions) == mentions(content, known) for known in LANGUAGES)
    return replace(content, mentions=mentions(content, language)) if is_draft or is_known else content


def logo_of(work: Work, given: Path | None) -> bytes | None:
    """The picture to stand on documents: the one given, else the one of the settings."""
    named = work.setting(LOGO)
    path = given or (None if named is None else work.crm.folder / named)
    if path is None:
        return None
    try:
        return path.read_bytes()
    except OSError as error:
        raise Refused(
            _("The logo {file} cannot be read: {problem}.").format(file=path, problem=error.strerror or str(error)),
            _("Name another one: besace config set {setting} FILE").format(setting=LOGO),
        ) from None


def write(made: Sequence[Sheet], to: str, logo: bytes | None, *, force: bool) -> list[Printed]:
    """Write documents into a folder under their own names, or one of them to a file."""
    made = list({sheet.id: sheet for sheet in made}.values())
    is_folder = os.path.isdir(to)
    if len(made) > 1 and not is_folder:
        raise UsageError(_("{file} is no folder, and there are several documents.").format(file=to))
    targets = [new_file(Path(to, sheet.name) if is_folder else to, force=force) for sheet in made]
    _refuse_same(made, targets)
    printed = []
    for sheet, target in zip(made, targets, strict=True):
        file = sheet.bytes(logo)
        with draft_of(target) as draft:
            draft.write_bytes(file)
        printed.append(Printed(sheet.id, sheet.label, target, len(file)))
    return printed


def _refuse_same(made: Sequence[Sheet], targets: Sequence[Path]) -> None:
    """Two issuers may give the same number: neither document is written over the other."""
    first: dict[Path, Sheet] = {}
    for sheet, target in zip(made, targets, strict=True):
        if first.setdefault(target, sheet) is not sheet:
            raise Refused(
                _("{one} and {other} would both be {file}.").format(
                    one=first[target].label, other=sheet.label, file=target
                ),
                _("Print them one by one, each with its own --to FILE."),
            )


def write_out(made: Sequence[Sheet], logo: bytes | None, *, as_json: bool) -> None:
    """Write one document to the standard output."""
    if as_json or len(made) != 1:
        raise UsageError(
            _("The standard output takes one document, and nothing else."), _("Write to a folder with --to DIR.")
        )
    sys.stdout.buffer.write(made[0].bytes(logo))
    sys.stdout.flush()
