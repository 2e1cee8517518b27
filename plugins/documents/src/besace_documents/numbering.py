"""Numbers: gapless, unique and in the order of time, in series by issuer, type and year (rule B4).

The last number of a series is a part of the issuer, locked until the unit ends: a failed issue burns none.
"""

from __future__ import annotations

import re
from datetime import date
from string import Formatter
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from besace import parts
from besace.errors import InvalidValue, Refused
from besace.texts import translator
from besace_documents.models import DocumentSeries

if TYPE_CHECKING:
    from besace.database import Work

_ = translator(__name__)


def next_number(work: Work, issuer_id: int, type_key: str, on: date) -> str:
    """Take the next number of a series; raises Refused for a day before the last number that was given."""
    _lock(work, issuer_id)
    series = _series(work, issuer_id, type_key)
    last = max((s.last_date for s in series.values()), default=None)
    if last is not None and on < last:
        raise Refused(
            _("The last number of this series is of {last}; none can be given for {day}, before it.").format(
                last=last, day=on
            ),
            _("Issue it on {last} or later: --on {last}").format(last=last),
        )
    known = series.get(on.year)
    number = 1 if known is None else known.last_number + 1
    if known is None:
        given = {"document_type": type_key, "year": on.year, "last_number": number, "last_date": on}
        parts.add_many(work, DocumentSeries, [(issuer_id, given)], touching=False)
    else:
        parts.edit(work, known, last_number=number, last_date=on, touching=False)
    return str(work.setting("invoice_number_format")).format(year=on.year, counter=number)


def clean_format(text: str) -> str:
    """A format of numbers; raises InvalidValue for one that would not tell two numbers apart."""
    try:
        names = {name for _text, name, _spec, _conversion in Formatter().parse(text) if name is not None}
        shown = text.format(year=2026, counter=1)
    except (ValueError, KeyError, IndexError, AttributeError):
        names, shown = set(), ""
    if names != {"year", "counter"} or not re.fullmatch(r"\S{1,40}", shown):
        raise InvalidValue(
            _('"{text}" is not a format of numbers.').format(text=text),
            _("Expected for example {example}, with the year and the counter.").format(
                example="F-{year}-{counter:04}"
            ),
        )
    return text


def _lock(work: Work, issuer_id: int) -> None:
    """Let no other unit take a number of this issuer until this one ends."""
    from besace.model import entity_table

    work.execute(sa.select(entity_table.c.id).where(entity_table.c.id == issuer_id).with_for_update())


def _series(work: Work, issuer_id: int, type_key: str) -> dict[int, DocumentSeries]:
    table: Any = DocumentSeries.__table__
    rows = work.scalars(
        sa.select(DocumentSeries)
        .where(table.c.owner_id == issuer_id, table.c.document_type == type_key)
        .execution_options(populate_existing=True)
    )
    return {row.year: row for row in rows}
