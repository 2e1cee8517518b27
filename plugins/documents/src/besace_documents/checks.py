"""What documents refuse: issuers that are not ours, and issued invoices in the trash."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import sqlalchemy as sa

from besace.errors import Refused
from besace.model import entity_table
from besace.reading import Found, mention
from besace.texts import translator
from besace_documents.models import Invoice

if TYPE_CHECKING:
    from besace.database import Work
    from besace.entities import Save

_ = translator(__name__)


def check_issuers(work: Work, saves: Sequence[Save]) -> None:
    """Refuse an issuer that is not one of our organisations (rule B1): one statement for a batch."""
    looked_at = [s for s in saves if "issuer" in s.changed or s.changed.get("issued_on")]
    issuers = {s.new["issuer"] for s in looked_at} - {None}
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
    """Refuse to trash an invoice that was issued: its series would have a gap (rules B4, B5)."""
    wanted = {e.id: e for e in entities if e.type == "invoice"}
    if not wanted:
        return
    table = Invoice.__table__
    issued = work.scalar(sa.select(table.c.id).where(table.c.id.in_(wanted), table.c.issued_on.is_not(None)).limit(1))
    if issued is not None:
        raise Refused(
            _("{invoice} was issued and cannot be deleted.").format(
                invoice=mention(Invoice.__label__, issued, wanted[issued].label)
            ),
            _("An issued invoice is corrected by a credit note, never changed."),
        )
