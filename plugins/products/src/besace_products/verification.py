"""What is verified of stored offers: that each comes to what its quantity, price and discount give."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import sqlalchemy as sa

from besace.model import entity_table
from besace.money import Money
from besace.records import Finding, Verification
from besace.texts import translator
from besace_products.amounts import net_of
from besace_products.models import Offer

if TYPE_CHECKING:
    from besace.database import Work

_ = translator(__name__)


def wrong_nets(work: Work) -> Iterator[Finding]:
    """Offers whose net amount is another than their values give: one statement."""
    offer, deal = Offer.__table__.c, entity_table.c
    statement = (
        sa.select(offer.id, offer.quantity, offer.unit_price, offer.discount, offer.net, deal.currency)
        .join_from(Offer.__table__, entity_table, deal.id == offer.owner_id)
        .order_by(offer.id)
    )
    for row in work.execute(statement.execution_options(yield_per=1000)):
        net = net_of(row.quantity, row.unit_price, row.discount, row.currency)
        stored = Money.of_minor(row.net, row.currency)
        if stored != net:
            yield Finding(
                _("Offer {id} comes to {net}, and {stored} is stored.").format(id=row.id, net=net, stored=stored),
                _("Reckon it anew: besace offer edit {id} --quantity {quantity}").format(
                    id=row.id, quantity=f"{row.quantity:f}"
                ),
            )


VERIFICATIONS = [Verification("nets", _("What offers come to"), wrong_nets)]
