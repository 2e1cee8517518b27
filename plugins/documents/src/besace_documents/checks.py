"""What documents refuse: issuers that are not ours, issued documents in the trash, credit notes without an invoice."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from besace.errors import Refused
from besace.model import entity_table
from besace.reading import Found, lock, mention
from besace.texts import translator
from besace_documents.models import CREDITS, CreditNote, Invoice
from besace_documents.states import LIVES
from besace_persons.own import SETTING

if TYPE_CHECKING:
    from besace.database import Work
    from besace.entities import Save
    from besace.relations import Link

_ = translator(__name__)


_KNOWN = "documents.ours"


def known_to_be_ours(work: Work, issuer: int | None) -> None:
    """Spare the rest of a unit the question whether an issuer is one of ours: it was just read."""
    if issuer is not None:
        work.info.setdefault(_KNOWN, set()).add(issuer)


def check_issuers(work: Work, saves: Sequence[Save]) -> None:
    """Refuse an issuer that is not one of our organisations (rule B1): one statement for a batch."""
    issued_on = LIVES[saves[0].info.key].issued_on
    looked_at = [s for s in saves if "issuer" in s.changed or s.changed.get(issued_on)]
    issuers = {s.new["issuer"] for s in looked_at} - {None} - work.info.get(_KNOWN, set())
    issuers -= {work.setting(SETTING)} if issuers else set()  # that one stays ours
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


def keep_credits(work: Work, links: Sequence[Link]) -> None:
    """Refuse to let an issued credit note correct another invoice, or none (rule B5)."""
    notes = [link.subject_id for link in links if link.type == CREDITS]
    lock(work, notes)  # so that none is issued meanwhile
    table: Any = CreditNote.__table__
    issued = (
        work.execute(
            sa.select(table.c.id, entity_table.c.label, table.c.issued_on)
            .join(entity_table, entity_table.c.id == table.c.id)
            .where(table.c.id.in_(notes), table.c.issued_on.is_not(None))
            .limit(1)
        ).first()
        if notes
        else None
    )
    if issued is not None:
        raise Refused(
            _("{note} was issued on {day}: what it corrects cannot change any more.").format(
                note=mention(CreditNote.__label__, issued.id, issued.label), day=issued.issued_on
            )
        )
