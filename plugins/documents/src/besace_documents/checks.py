"""What documents refuse: issuers that are not ours, issued invoices in the trash, links across customers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from besace.errors import Refused
from besace.model import entity_table
from besace.reading import Found, mention
from besace.texts import Text, translator
from besace_documents.models import CreditNote, Invoice
from besace_persons.own import SETTING

if TYPE_CHECKING:
    from besace.database import Work
    from besace.entities import Save
    from besace.relations import Link

_ = translator(__name__)


def check_issuers(work: Work, saves: Sequence[Save]) -> None:
    """Refuse an issuer that is not one of our organisations (rule B1): one statement for a batch."""
    looked_at = [s for s in saves if "issuer" in s.changed or s.changed.get("issued_on")]
    issuers = {s.new["issuer"] for s in looked_at} - {None, work.setting(SETTING)}  # that one stays ours
    if not issuers:
        return
    organisation = work.crm.registry.type("organisation").table
    statement = (
        sa.select(organisation.c.id, entity_table.c.label)
        .join(entity_table, entity_table.c.id == organisation.c.id)
        .where(organisation.c.id.in_(issuers), sa.not_(organisation.c.ours))
        .limit(1)
    )
    row = work.execute(statement).first()
    if row is not None:
        label = work.crm.registry.type("organisation").label
        raise Refused(
            _("{organisation} cannot issue documents: it is not one of ours.").format(
                organisation=mention(label, row.id, row.label)
            ),
            _("Choose one of ours, or say that it is: besace organisation edit {id} --ours yes").format(id=row.id),
        )


def keep_issued(work: Work, entities: Sequence[Found]) -> None:
    """Refuse to trash an invoice or a credit note that was issued: its series would have a gap (rules B4, B5)."""
    for model in (Invoice, CreditNote):
        wanted = {e.id: e for e in entities if e.type == model.__key__}
        table: Any = model.__table__
        statement = sa.select(table.c.id).where(table.c.id.in_(wanted), table.c.issued_on.is_not(None)).limit(1)
        issued = work.scalar(statement) if wanted else None
        if issued is not None:
            raise Refused(
                _("{document} was issued and cannot be deleted.").format(
                    document=mention(model.__label__, issued, wanted[issued].label)
                ),
                _("An issued invoice is corrected by a credit note, never changed."),
            )


def check_credits(work: Work, links: Sequence[Link]) -> None:
    """Refuse to let an issued credit note correct another invoice, and a draft one of another customer (rule B5)."""
    wanted = [link for link in links if link.type == "credits"]
    if not wanted:
        return
    found = _parties(work, [i for link in wanted for i in (link.subject_id, link.object_id)])
    for link in wanted:
        note, invoice = found[link.subject_id], found[link.object_id]
        _refuse_issued_note(note)
        if note.parties != invoice.parties:
            raise Refused(
                _("{note} and {invoice} differ in their customer, issuer or currency.").format(
                    note=note.named, invoice=invoice.named
                ),
                _("Make the credit note from the invoice: besace invoice credit {id}").format(id=link.object_id),
            )


def keep_credits(work: Work, links: Sequence[Link]) -> None:
    """Refuse to take from an issued credit note the invoice that it corrects (rule B5)."""
    notes = [link.subject_id for link in links if link.type == "credits"]
    if notes:
        for note in _parties(work, notes).values():
            _refuse_issued_note(note)


@dataclass(frozen=True)
class _Parties:
    named: Text
    issued_on: date | None
    parties: tuple[Any, ...]


def _parties(work: Work, ids: Sequence[int]) -> dict[int, _Parties]:
    """Of invoices and credit notes: how to name them, when they were issued, and between whom they are."""
    found = {}
    for model in (Invoice, CreditNote):
        table: Any = model.__table__
        rows = work.execute(
            sa.select(
                table.c.id, entity_table.c.label, table.c.issued_on,
                table.c.customer_id, table.c.issuer_id, entity_table.c.currency,
            )
            .join(entity_table, entity_table.c.id == table.c.id)
            .where(table.c.id.in_(ids))
        )  # fmt: skip
        for key, label, issued_on, *parties in rows:
            found[key] = _Parties(mention(model.__label__, key, label), issued_on, tuple(parties))
    return found


def _refuse_issued_note(note: _Parties) -> None:
    if note.issued_on is not None:
        raise Refused(
            _("{note} was issued on {day}: what it corrects cannot change any more.").format(
                note=note.named, day=note.issued_on
            )
        )
