"""What one does with the offers of a deal."""

from __future__ import annotations

from functools import reduce
from operator import add
from typing import TYPE_CHECKING

from besace import entities
from besace.errors import Refused
from besace.reading import lock, mention_of, parts_of
from besace.texts import translator
from besace_products.models import Offer

if TYPE_CHECKING:
    from besace.database import Work
    from besace.model import Entity

_ = translator(__name__)


def expect_offers(work: Work, deal: Entity) -> Entity:
    """Expect of a deal what its offers come to."""
    lock(work, [deal.id])
    offers = parts_of(work, Offer, [deal.id])
    if not offers:
        raise Refused(
            _("{deal} offers nothing yet.").format(deal=mention_of(work, deal)),
            _("Add what it offers with: besace offer add {id} --product REF").format(id=deal.id),
        )
    expected: Entity = entities.edit(work, deal, expected_revenue=reduce(add, (offer.net for offer in offers)))
    return expected
