"""What stands beside the fields: the offers of a deal, the deals that offer a product."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import reduce
from operator import add
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from besace.dialects import among
from besace.lists import ListItem
from besace.model import Ref
from besace.money import Money
from besace.reading import untrashed, visible
from besace.records import Note, Table
from besace.texts import Text, translator
from besace_products.lists import ProductUnit
from besace_products.models import Offer, Product

if TYPE_CHECKING:
    from besace.database import Work
    from besace.model import Entity

_ = translator(__name__)

_LATEST = 20


@dataclass(frozen=True)
class Offered:
    """One offer of a deal."""

    id: int
    product: Ref
    description: str | None
    quantity: Decimal
    unit: ListItem | None
    unit_price: Decimal
    discount: Decimal
    net: Money


@dataclass(frozen=True)
class Offers:
    """What a deal offers, and what it comes to in all."""

    offers: Sequence[Offered]
    net: Money | None


@dataclass(frozen=True)
class OfferedIn:
    """A deal that offers a product, and how it stands."""

    id: int
    label: str
    status: Any
    quantity: Decimal
    net: Money


@dataclass(frozen=True)
class Deals:
    """The newest offers of a product, and how many there are in all."""

    deals: Sequence[OfferedIn]
    count: int


def offers_of(work: Work, deal: Entity) -> Offers:
    """The offers of a deal in the order in which they were added, with the units of the products: one statement."""
    offer, product = Offer.__table__, Product.__table__.alias("offered")
    rows = work.execute(
        sa.select(Offer, ProductUnit)
        .join(product, product.c.id == offer.c.product_id)
        .outerjoin(ProductUnit, ProductUnit.key == product.c.unit_key)
        .where(offer.c.owner_id == deal.id)
        .order_by(offer.c.id)
    )
    offers = [
        Offered(o.id, o.product, o.description, o.quantity, unit, o.unit_price, o.discount, o.net) for o, unit in rows
    ]
    return Offers(offers, reduce(add, (o.net for o in offers)) if offers else None)


def lay_out_offers(_work: Work, data: Offers) -> Table:
    """The offers as a table with their sum, and a column for units and discounts where there are any."""
    columns: list[tuple[Text, Sequence[Any]]] = [
        (_("Id"), [o.id for o in data.offers]),
        (
            _("Product"),
            [f"{o.product.label}: {o.description}" if o.description else o.product.label for o in data.offers],
        ),
        (_("Quantity"), [o.quantity for o in data.offers]),
        (_("Unit"), [o.unit for o in data.offers]),
        (_("Unit price"), [o.unit_price for o in data.offers]),
        (_("Discount %"), [o.discount or None for o in data.offers]),
        (_("Net"), [o.net for o in data.offers]),
    ]
    kept = [(heading, values) for heading, values in columns if any(value is not None for value in values)]
    return Table(
        [heading for heading, _values in kept],
        list(zip(*(values for _heading, values in kept), strict=True)),
        title=_("Products and services"),
        total=[None, _("Total"), *[None] * (len(kept) - 3), data.net],
        empty=_("Nothing is offered yet: besace offer add OPPORTUNITY --product PRODUCT"),
    )


def deals_of(work: Work, product: Entity) -> Deals:
    """The newest offers of a product with their deals: a statement for each, and the list of what tells their status.

    There are none where deals are those of a plugin that is not enabled.
    """
    (deal,) = Offer.__of__
    info = work.crm.registry.types.get(deal)
    if info is None:
        return Deals([], 0)
    offer = Offer.__table__
    rows = work.execute(
        sa.select(Offer, sa.func.count().over().label("total"))
        .where(offer.c.product_id == product.id, untrashed(offer.c.owner_id))
        .order_by(offer.c.owner_id.desc(), offer.c.id.desc())
        .limit(_LATEST)
    ).all()
    ids = {o.owner_id for o, _total in rows}
    loaded = work.scalars(visible(work, info.key).where(among(work, info.table.c.id, ids))).unique().all()
    status = info.model.__status__
    statuses: dict[int, Any] = {deal.id: getattr(deal, status) if status else None for deal in loaded}
    deals = [OfferedIn(o.owner_id, o.owner.label, statuses.get(o.owner_id), o.quantity, o.net) for o, _total in rows]
    return Deals(deals, rows[0].total if rows else 0)


def lay_out_deals(work: Work, data: Deals) -> list[Table | Note]:
    """The deals that offer a product as a table, and how many more there are; nothing where deals are not known."""
    if not work.crm.registry.types.keys() & Offer.__of__:
        return []
    table = Table(
        [_("Id"), _("Name"), _("Status"), _("Quantity"), _("Net")],
        [[d.id, d.label, d.status, d.quantity, d.net] for d in data.deals],
        title=_("Offered in"),
        empty=_("No deal offers it yet."),
    )
    more = data.count - len(data.deals)
    if not more:
        return [table]
    return [table, Note(_("... and {n} older one.", "... and {n} older ones.").format(n=more))]
