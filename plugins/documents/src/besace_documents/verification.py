"""What is verified of the numbers of invoices and credit notes: no gap, no duplicate, in order of days (rule B4)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from itertools import groupby
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from besace.model import entity_table
from besace.reading import mention
from besace.records import Finding
from besace.texts import Text, translator
from besace_documents.models import CreditNote, DocumentSeries, Invoice
from besace_documents.numbering import counter_of
from besace_documents.states import DRAFT

if TYPE_CHECKING:
    from besace.database import Work

_ = translator(__name__)

NUMBERED = (Invoice, CreditNote)
"""The types whose numbers the law wants to be gapless."""

_GAPS = 10
"""So many gaps of a series are named, and the rest is left to whoever looks for them."""

_NEVER_ANEW = _(
    "Look for it in a backup and in the history; a number is never given anew, and a gap has to be explained."
)


@dataclass
class _Numbers:
    """The numbers of one series, as they are read: in the order of their counters."""

    count: int = 0
    unread: int = 0
    last: int = 0
    last_date: date | None = None
    missing: int = 0
    gaps: list[str] = field(default_factory=list)

    def gap(self, counter: int) -> None:
        """Note what is missing before a counter."""
        self.missing += counter - self.last - 1
        if len(self.gaps) < _GAPS:
            first, last = self.last + 1, counter - 1
            self.gaps.append(str(first) if first == last else f"{first}-{last}")


def broken_series(work: Work) -> Iterator[Finding]:
    """Gaps, duplicates and days out of order in the numbers of a type, and series that say otherwise."""
    for model in NUMBERED:
        yield from _broken(work, model)


def _broken(work: Work, model: Any) -> Iterator[Finding]:
    yield from _halves(work, model)
    said = _said(work, model)
    for (issuer, year), rows in groupby(_issued(work, model), key=lambda row: (row.issuer_id, int(row.year))):
        numbers = _Numbers()
        for row in rows:
            yield from _next(work, model, numbers, row)
        yield from _told(model, numbers, issuer, year, said.pop((issuer, year), None))
    for (issuer, year), (last_number, _last) in said.items():
        yield Finding(
            _("{type}: the series {year} of organisation {issuer} is at {number}, and it is empty.").format(
                type=model.__label__, year=year, issuer=issuer, number=last_number
            ),
            _NEVER_ANEW,
        )


def _issued(work: Work, model: Any) -> Iterator[Any]:
    """The issued documents by series and counter: with one format, the longer number is the later one."""
    table = model.__table__
    year = sa.extract("year", table.c.issued_on).label("year")
    statement = (
        sa.select(table.c.id, entity_table.c.label, table.c.issuer_id, year, table.c.number, table.c.issued_on)
        .join_from(table, entity_table, entity_table.c.id == table.c.id)
        .where(table.c.issued_on.is_not(None), table.c.number.is_not(None), table.c.issuer_id.is_not(None))
        .order_by(table.c.issuer_id, year, sa.func.length(table.c.number), table.c.number)
    )
    yield from work.execute(statement.execution_options(yield_per=1000))


def _said(work: Work, model: Any) -> dict[tuple[int, int], tuple[int, date]]:
    """Where each series says that it is, by issuer and year."""
    table: Any = DocumentSeries.__table__
    rows = work.execute(
        sa.select(table.c.owner_id, table.c.year, table.c.last_number, table.c.last_date)
        .where(table.c.document_type == model.__key__)
        .order_by(table.c.owner_id, table.c.year)
    )
    return {(row.owner_id, row.year): (row.last_number, row.last_date) for row in rows}


def _next(work: Work, model: Any, numbers: _Numbers, row: Any) -> Iterator[Finding]:
    numbers.count += 1
    counter = counter_of(work, model.__key__, row.number, row.issued_on.year)
    if counter is None:
        numbers.unread += 1  # written in another format
        numbers.last_date = max(numbers.last_date or row.issued_on, row.issued_on)
        return
    named = mention(model.__label__, row.id, row.label)
    if counter <= numbers.last:
        yield Finding(_("{document} has a counter that another one has.").format(document=named), _NEVER_ANEW)
    elif counter > numbers.last + 1:
        numbers.gap(counter)
    if not numbers.unread and numbers.last_date is not None and row.issued_on < numbers.last_date:
        yield Finding(
            _("{document} was issued on {day}, and the number before it on {before}.").format(
                document=named, day=row.issued_on, before=numbers.last_date
            ),
            _NEVER_ANEW,
        )
    numbers.last = max(counter, numbers.last)
    numbers.last_date = max(numbers.last_date or row.issued_on, row.issued_on)


def _told(model: Any, numbers: _Numbers, issuer: int, year: int, said: tuple[int, date] | None) -> Iterator[Finding]:
    series = {"type": model.__label__, "year": year, "issuer": issuer}
    if numbers.missing > numbers.unread:
        yield Finding(
            _("{type}: the series {year} of organisation {issuer} has a gap: the counter {gaps} is missing.").format(
                **series, gaps=", ".join(numbers.gaps)
            ),
            _NEVER_ANEW,
        )
    last = max(numbers.last, numbers.count)
    if said is None or said != (last, numbers.last_date):
        stands: Text | str = "-" if said is None else _at(*said)
        assert numbers.last_date is not None
        yield Finding(
            _(
                "{type}: the series {year} of organisation {issuer} stands at {said}, and its documents at {number}."
            ).format(**series, said=stands, number=_at(last, numbers.last_date)),
            _("Issue nothing in it until it is known why, and restore its row from a backup."),
        )


def _at(number: int, day: date) -> Text:
    return _("{number}, of {day}").format(number=number, day=day)


def _halves(work: Work, model: Any) -> Iterator[Finding]:
    """Documents with a number and no day of issue, or the reverse, or a draft that has them."""
    table = model.__table__
    has_number, has_day = table.c.number.is_not(None), table.c.issued_on.is_not(None)
    is_issued, has_issuer = table.c.state != DRAFT, table.c.issuer_id.is_not(None)
    statement = (
        sa.select(table.c.id, entity_table.c.label)
        .join_from(table, entity_table, entity_table.c.id == table.c.id)
        .where(
            sa.or_(has_number != has_day, has_number != is_issued, sa.and_(has_number, sa.not_(has_issuer)))
        )
        .order_by(table.c.id)
    )  # fmt: skip
    for row in work.execute(statement.execution_options(yield_per=1000)):
        yield Finding(
            _("{document} has not all of what an issued one has, or has it as a draft.").format(
                document=mention(model.__label__, row.id, row.label)
            ),
            _("Its issuer, number, day of issue and state belong together: compare with a backup."),
        )
