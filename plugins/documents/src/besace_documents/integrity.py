"""What is verified of what documents say: their seals, and the amounts that follow from their rows (rules B3, B5)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, Any, TypeVar

import sqlalchemy as sa

from besace import entities
from besace.dialects import among
from besace.discovery import said
from besace.errors import BesaceError
from besace.model import entity_table
from besace.money import Money
from besace.reading import get, lock, mention, untrashed
from besace.records import Finding
from besace.texts import translator
from besace_documents.content import FIRST
from besace_documents.damaged import Damaged, check_amounts, check_rows
from besace_documents.lines import amounts, keep_totals, rows_of_many, totals_of
from besace_documents.models import TYPES, DocumentSeal, DocumentSeries, Invoice, reckoned
from besace_documents.payments import came_in, moves_of, reckon
from besace_documents.sealing import Sealed, contents
from besace_documents.states import DRAFT
from besace_documents.verification import NUMBERED

if TYPE_CHECKING:
    from besace.database import Work

_ = translator(__name__)

Read = TypeVar("Read")

_BATCH = 500
"""So many documents are read at a time."""

_PAST_THE_PROGRAM = _("Somebody changed it past the program: compare with a backup, and with the paper that was sent.")


def broken_seals(work: Work) -> Iterator[Finding]:
    """Issued documents that do not say any more what was sealed, or do not follow the one before in their series."""
    for model in TYPES.values():
        rows = iter(_sealed(work, model))
        last: dict[tuple[int, int], str] = {}
        while batch := list(islice(rows, _BATCH)):
            whole = _each(model, batch, partial(_said, work, model))
            for row in batch:
                series = row.issuer_id, row.year
                yield from _check_seal(model, row, whole.get(row.id), last.get(series))
                last[series] = row.sha256
        if model in NUMBERED:
            yield from _lost_seals(work, model, last)


def _lost_seals(work: Work, model: Any, last: Mapping[tuple[int, int], str]) -> Iterator[Finding]:
    """Series whose last seal is not that of a document any more."""
    table: Any = DocumentSeries.__table__
    rows = work.execute(
        sa.select(table.c.owner_id, table.c.year, table.c.last_seal)
        .where(table.c.document_type == model.__key__, table.c.last_seal.is_not(None))
        .order_by(table.c.owner_id, table.c.year)
    )
    for row in rows:
        if last.get((row.owner_id, row.year)) != row.last_seal:
            yield Finding(
                _("{type}: the seal of the last document of {year} of organisation {issuer} is lost.").format(
                    type=model.__label__, year=row.year, issuer=row.owner_id
                ),
                _PAST_THE_PROGRAM,
            )


def _sealed(work: Work, model: Any) -> Sequence[Any]:
    """The sealed documents of a type in the order of their seals: by issuer, year, and number as it was given."""
    table, seal = model.__table__, DocumentSeal.__table__
    issued_on = table.c[model.life().issued_on]
    year = sa.extract("year", issued_on)
    statement = (
        sa.select(
            table.c.id, entity_table.c.label, table.c.issuer_id, sa.cast(year, sa.Integer).label("year"), seal.c.sha256
        )
        .join_from(table, entity_table, entity_table.c.id == table.c.id)
        .join(seal, seal.c.owner_id == table.c.id)
        .where(untrashed(table.c.id))
        .order_by(table.c.issuer_id, year, seal.c.id)
    )
    return work.execute(statement).all()


def _said(work: Work, model: Any, rows: Sequence[Any]) -> dict[int, Sealed]:
    return contents(work, model.__key__, [row.id for row in rows])


def _check_seal(model: Any, row: Any, whole: Sealed | Damaged | None, before: str | None) -> Iterator[Finding]:
    named = mention(model.__label__, row.id, row.label)
    if isinstance(whole, Damaged):
        yield Finding(whole.message, _PAST_THE_PROGRAM)
    elif whole is None or whole.content.sealed(whole.before or FIRST) != whole.sha256:
        yield Finding(
            _("{document} does not say any more what was sealed when it was issued.").format(document=named),
            _PAST_THE_PROGRAM,
        )
    elif whole.before != before and model in NUMBERED:  # a quote or an order may be in the trash, or purged
        yield Finding(
            _("{document} does not follow the seal before it in its series.").format(document=named), _PAST_THE_PROGRAM
        )


def wrong_totals(work: Work) -> Iterator[Finding]:
    """Documents whose totals do not follow from their lines: drafts, and what was sealed."""
    for model in TYPES.values():
        table, seal = model.__table__, DocumentSeal.__table__
        is_sealed = sa.exists().where(seal.c.owner_id == table.c.id)
        statement = (
            sa.select(
                table.c.id, entity_table.c.label, entity_table.c.currency, table.c.state,
                *(table.c[key] for key in ("net", "vat", "gross", "prepaid", "rounding")),
            )
            .join_from(table, entity_table, entity_table.c.id == table.c.id)
            .where(untrashed(table.c.id), sa.or_(table.c.state == DRAFT, is_sealed))
            .order_by(table.c.id)
        )  # fmt: skip
        rows = iter(work.execute(statement).all())
        while batch := list(islice(rows, _BATCH)):
            right = _each(model, batch, partial(_add_up, work, model))
            for row in batch:
                is_right = right[row.id]
                if isinstance(is_right, Damaged):
                    yield Finding(is_right.message, _PAST_THE_PROGRAM)
                elif not is_right:
                    yield Finding(
                        _("{document}: its totals do not follow from its lines.").format(
                            document=mention(model.__label__, row.id, row.label)
                        ),
                        None if row.state == DRAFT else _PAST_THE_PROGRAM,
                        about=row.id,
                    )


def _add_up(work: Work, model: Any, rows: Sequence[Any]) -> dict[int, bool]:
    """Whether the totals of each document follow from its lines; raises Damaged for one that has none."""
    lines, adjustments = rows_of_many(work, {row.id: row.currency for row in rows})
    return {row.id: _adds_up(model, row, lines[row.id], adjustments[row.id]) for row in rows}


def _adds_up(model: Any, row: Any, lines: Sequence[Any], adjustments: Sequence[Any]) -> bool:
    def money(minor: int | None) -> Money | None:
        return None if minor is None else Money.of_minor(minor, row.currency)

    named = mention(model.__label__, row.id, row.label)
    check_rows(named, lines, adjustments)
    values = {"currency": row.currency, "prepaid": money(row.prepaid), "rounding": money(row.rounding)}
    totals = totals_of(values, lines, adjustments)
    check_amounts(named, row.currency, lines, totals)
    found = {key: money(getattr(row, key)) for key in ("net", "vat", "gross")}
    return found == amounts(totals, row.currency, has_lines=bool(lines or adjustments))


def _each(
    model: Any, rows: Sequence[Any], read: Callable[[Sequence[Any]], dict[int, Read]]
) -> dict[int, Read | Damaged]:
    """What is read of each document, all at once; where some are damaged, these are looked for, half by half."""
    try:
        return {**read(rows)}
    except (BesaceError, ValueError) as error:
        middle = len(rows) // 2
        if middle:
            return _each(model, rows[:middle], read) | _each(model, rows[middle:], read)
        (row,) = rows
        problem: Any = error.message if isinstance(error, BesaceError) else f"{said(error)}."
        unread = _("{document} cannot be read: {problem}").format(
            document=mention(model.__label__, row.id, row.label), problem=problem
        )
        return {row.id: error if isinstance(error, Damaged) else Damaged(unread)}


def mend_totals(work: Work, findings: Sequence[Finding]) -> int:
    """Let drafts come to what their lines come to; what is issued is left to a person."""
    drafts: list[int] = []
    for model in TYPES.values():
        table = model.__table__
        wanted = [finding.about for finding in findings]
        drafts += work.scalars(
            sa.select(table.c.id).where(among(work, table.c.id, wanted), table.c.state == DRAFT)
        ).all()
    lock(work, drafts)
    keep_totals(work, drafts)
    return len(drafts)


def wrong_dues(work: Work) -> Iterator[Finding]:
    """Invoices that do not say of their payments and credit notes what these come to."""
    invoice: Any = Invoice.__table__
    rows = iter(
        work.execute(
            sa.select(invoice.c.id, entity_table.c.label)
            .join_from(invoice, entity_table, entity_table.c.id == invoice.c.id)
            .where(invoice.c.paid.is_not(None), untrashed(invoice.c.id))
            .order_by(invoice.c.id)
        ).all()
    )
    while batch := list(islice(rows, _BATCH)):
        told = _each(Invoice, batch, partial(_tell_dues, work))
        for row in batch:
            is_right = told[row.id]
            if isinstance(is_right, Damaged):
                yield Finding(is_right.message, _PAST_THE_PROGRAM)
            elif not is_right:
                yield Finding(
                    _("{document} does not say what its payments and credit notes come to.").format(
                        document=mention(Invoice.__label__, row.id, row.label)
                    ),
                    about=row.id,
                )


def _tell_dues(work: Work, rows: Sequence[Any]) -> dict[int, bool]:
    """Whether each invoice says what its payments and credit notes come to."""
    ids = [row.id for row in rows]
    stored = entities.read_values(work, work.crm.registry.type(Invoice.__key__), ids)
    moves = moves_of(work, {key: values["currency"] for key, values in stored.items()})
    return {key: reckoned({**values, **came_in(values, moves[key])}) == values for key, values in stored.items()}


def mend_dues(work: Work, findings: Sequence[Finding]) -> int:
    """Let invoices say what their payments and credit notes come to."""
    wanted = [finding.about for finding in findings if finding.about is not None]
    lock(work, wanted)
    for invoice in wanted:
        reckon(work, get(work, Invoice, invoice))
    return len(wanted)
