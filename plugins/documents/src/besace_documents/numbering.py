"""Numbers: gapless, unique and in the order of time, in series by issuer, type and year (rule B4).

The last number of a series is a part of the issuer, locked until the unit ends. `following` looks which
number comes next, and `take` takes it once the document has it: an issue that is refused in between burns
none, even in a unit that goes on.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from string import Formatter
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from besace import parts
from besace.errors import InvalidValue, Refused
from besace.reading import lock, mention
from besace.texts import translator
from besace_documents.characters import ALLOWED_IN_NUMBERS, NUMBER
from besace_documents.models import DOCUMENTS, DocumentSeries
from besace_documents.states import day_of

if TYPE_CHECKING:
    from besace.database import Work

_ = translator(__name__)

_DIGITS = r"(0[1-9])?"
"""What may stand behind the colon of a format: to how many digits a number is filled up with zeros."""

_MANY = 999_999
"""For so many numbers a year a format has to leave room."""

FORMATS = {key: f"{key}_number_format" for key in DOCUMENTS}
"""The settings that say how the numbers of each type are written."""


@dataclass(frozen=True)
class Number:
    """The next number of a series: of which issuer, type and day, and how it is written."""

    issuer_id: int
    type_key: str
    on: date
    counter: int
    text: str
    last_seal: str | None = None


def following(work: Work, issuer_id: int, type_key: str, on: date) -> Number:
    """The number that comes next; raises Refused for a day before the last one of the series, or a day to come."""
    day_of(on, work.today)  # a slip of the year would close the series to every day before it
    lock(work, [issuer_id])
    series = _latest(work, issuer_id, type_key, on.year)
    if series is not None and on < series.last_date:
        raise Refused(
            _("{number}, the last of its series, was given for {last}: none can be given for {day}, before it.").format(
                number=_text(work, type_key, series.year, series.last_number), last=series.last_date, day=on
            ),
            _("Issue it on {last} or later: --on {last}").format(last=series.last_date),
        )
    current = series if series is not None and series.year == on.year else None
    counter = 1 if current is None else current.last_number + 1
    text = _text(work, type_key, on.year, counter)
    _refuse_used(work, issuer_id, type_key, text)
    return Number(issuer_id, type_key, on, counter, text, None if current is None else current.last_seal)


def take(work: Work, number: Number, seal: str) -> None:
    """Let a number be the last one of its series: a document has it, and this seal."""
    series = _latest(work, number.issuer_id, number.type_key, number.on.year)
    last: dict[str, Any] = {"last_number": number.counter, "last_date": number.on, "last_seal": seal}
    if series is None or series.year != number.on.year:
        named = {"document_type": number.type_key, "year": number.on.year}
        parts.add_many(work, DocumentSeries, [(number.issuer_id, {**named, **last})], touching=False)
    else:
        parts.edit(work, series, **last, touching=False)


def _text(work: Work, type_key: str, year: int, counter: int) -> str:
    return str(work.setting(FORMATS[type_key])).format(year=year, counter=counter)


def clean_format(text: str) -> str:
    """A format of numbers; raises InvalidValue for one that would not tell two apart, or writes what none may hold."""
    try:
        holes = [hole for hole in Formatter().parse(text) if hole[1] is not None]
    except ValueError:
        holes = []
    is_plain = all(not hole[3] and re.fullmatch(_DIGITS, hole[2] or "") for hole in holes)
    names = sorted(str(hole[1]) for hole in holes)
    if names != ["counter", "year"] or not is_plain or re.search(r"\s", text):
        raise InvalidValue(
            _('"{text}" is not a format of numbers.').format(text=text),
            _("Expected the year and the counter once each, and no space: {example}.").format(
                example="F-{year}-{counter:04}"
            ),
        )
    written = text.format(year=2026, counter=_MANY)
    if not NUMBER.fullmatch(written):
        raise InvalidValue(
            _('"{text}" would write the number "{number}", which cannot go through a platform (BR-FR-02).').format(
                text=text, number=written
            ),
            ALLOWED_IN_NUMBERS,
        )
    return text


def counter_of(work: Work, type_key: str, number: str, year: int) -> int | None:
    """The counter in a number of a year; None where it is not written in the format of today."""
    pattern = "".join(
        re.escape(text) + ("" if hole is None else str(year) if hole == "year" else r"(\d+)")
        for text, hole, _width, _conversion in Formatter().parse(str(work.setting(FORMATS[type_key])))
    )
    found = re.fullmatch(pattern, number)
    return int(found[1]) if found else None


def _latest(work: Work, issuer_id: int, type_key: str, year: int) -> DocumentSeries | None:
    """The latest series from a year on: of that year, or of one after it."""
    table: Any = DocumentSeries.__table__
    statement = (
        sa.select(DocumentSeries)
        .where(table.c.owner_id == issuer_id, table.c.document_type == type_key, table.c.year >= year)
        .order_by(table.c.year.desc())
        .limit(1)
        .execution_options(populate_existing=True)
    )
    return work.scalars(statement).one_or_none()


def _refuse_used(work: Work, issuer_id: int, type_key: str, text: str) -> None:
    """Refuse a number that a document already has: its format was another one then."""
    info = work.crm.registry.type(type_key)
    source = info.source()
    used = work.execute(
        sa.select(source.id, source.entity.c.label)
        .select_from(source.join)
        .where(source["issuer"] == issuer_id, source["number"] == text)
    ).first()
    if used is not None:
        raise Refused(
            _("The number {number} is already that of {document}.").format(
                number=text, document=mention(info.label, used.id, used.label)
            ),
            _("Choose another format: besace config set {setting} FORMAT").format(setting=FORMATS[type_key]),
        )
