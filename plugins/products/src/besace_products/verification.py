"""What is verified of stored offers: that each comes to what its quantity, price and discount give."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from besace.changes import Entry, record
from besace.dialects import among
from besace.entities import touch
from besace.model import entity_table
from besace.money import Money
from besace.reading import lock
from besace.records import Finding, Verification
from besace.texts import translator
from besace.values import as_json
from besace_products.amounts import net_of
from besace_products.models import Offer

if TYPE_CHECKING:
    from besace.database import Work

_ = translator(__name__)


def wrong_nets(work: Work) -> Iterator[Finding]:
    """Offers whose net amount is another than their values give: one statement."""
    for row in work.execute(_offers().execution_options(yield_per=1000)):
        stored, net = _nets(row)
        if stored != net:
            yield Finding(
                _("Offer {id} comes to {net}, and {stored} is stored.").format(id=row.id, net=net, stored=stored),
                about=(row.id, row.owner_id),
            )


def mend_nets(work: Work, findings: Sequence[Finding]) -> int:
    """Let offers say what they come to, be their deals in the trash or those of a disabled plugin."""
    lock(work, {owner for _offer, owner in (finding.about for finding in findings)})
    table: Any = Offer.__table__
    rows = work.execute(_offers().where(among(work, table.c.id, {f.about[0] for f in findings}))).all()
    wrong = [(row, *nets) for row in rows if len(set(nets := _nets(row))) > 1]
    for row, stored, net in wrong:
        work.execute(sa.update(table).where(table.c.id == row.id).values(net=net.minor))
        changed = as_json(Offer.__fields__, {"net": (stored, net)})
        record(work, [Entry("edit", row.owner_id, about=f"{Offer.__key__}:{row.id}", values=changed)])
    touch(work, [row.owner_id for row, _stored, _net in wrong])
    return len(wrong)


def _offers() -> sa.Select[Any]:
    offer, deal = Offer.__table__.c, entity_table.c
    return (
        sa.select(offer.id, offer.owner_id, offer.quantity, offer.unit_price, offer.discount, offer.net, deal.currency)
        .join_from(Offer.__table__, entity_table, deal.id == offer.owner_id)
        .order_by(offer.id)
    )


def _nets(row: Any) -> tuple[Money, Money]:
    """What an offer is stored to come to, and what it comes to."""
    stored = Money.of_minor(row.net, row.currency)
    return stored, net_of(row.quantity, row.unit_price, row.discount, row.currency)


VERIFICATIONS = [Verification("nets", _("What offers come to"), wrong_nets, mend_nets)]
