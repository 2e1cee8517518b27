"""Documents and the deals that they are raised for (rule B6): what a deal gives to a quote, and gets from documents."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import sqlalchemy as sa

from besace import entities, kinds
from besace.errors import Refused
from besace.model import entity_table
from besace.reading import found_entities, mention_of, parts_of
from besace.relations import link_table
from besace.texts import translator
from besace_documents.conversions import create_document, deals_of
from besace_documents.models import RAISED_FOR, CreditNote, Invoice, Quote

if TYPE_CHECKING:
    from besace.database import Work
    from besace.types import Source

_ = translator(__name__)

DEAL, OFFER = "opportunity", "offer"


def quote(work: Work, deal: Any, *, issuer: Annotated[int | None, kinds.EntityKind(("organisation",))] = None) -> Quote:
    """Make a quote for a deal: its target is the customer, its products are the lines, in its currency (rule B6)."""
    values: dict[str, Any] = {"customer": deal.target_id, "subject": deal.label, "currency": deal.currency}
    links = [(RAISED_FOR, deal.id)]
    made: Quote = create_document(work, Quote, values | {"issuer": issuer}, _offered(work, deal), links=links)
    return made


def _offered(work: Work, deal: Any) -> list[dict[str, Any]]:
    """The lines that the products of a deal make; none where no plugin keeps any."""
    info = work.crm.registry.parts.get(OFFER)
    offers = [] if info is None else parts_of(work, info.model, [deal.id])
    taken = ("description", "quantity", "unit_price", "discount")
    return [{"product": offer.product_id, **{key: getattr(offer, key) for key in taken}} for offer in offers]


def check_expecting(work: Work, quote: Quote) -> None:
    """Refuse to let a quote say what its deals may bring where it has none, or one in another currency (rule O7)."""
    known = DEAL in work.crm.registry.types
    deals = found_entities(work, deals_of(work, quote.id)).values() if known else ()
    for deal in deals:
        if deal.currency != quote.currency:
            raise Refused(
                _("{quote} is in {ours}, and {deal} is in {theirs}: its expected revenue cannot be that.").format(
                    quote=mention_of(work, quote),
                    ours=quote.currency,
                    deal=mention_of(work, deal),
                    theirs=deal.currency,
                ),
                _("Accept it without --update-revenue."),
            )
    if not deals:
        raise Refused(
            _("{quote} is for no deal: there is no expected revenue to be set.").format(quote=mention_of(work, quote)),
            _("Accept it without --update-revenue."),
        )


def expect(work: Work, accepted: Quote) -> None:
    """Let the net amount of an accepted quote be what its deals may bring, where it is in their currency (rule O7)."""
    net = accepted.net
    if net is None or DEAL not in work.crm.registry.types:
        return
    info = work.crm.registry.type(DEAL)
    deals = entities.read_values(work, info, deals_of(work, accepted.id))
    same = [deal for deal, values in deals.items() if values["currency"] == net.currency]
    entities.edit_many(work, DEAL, {deal: {"expected_revenue": net} for deal in same})


def invoiced(source: Source) -> sa.ColumnElement[Any]:
    """What issued invoices for a deal come to without VAT, less their credit notes, in its currency (rule B6)."""
    return _sum(source, Invoice, "net") - _sum(source, CreditNote, "net")


def paid(source: Source) -> sa.ColumnElement[Any]:
    """What came in for a deal, without VAT, in its currency."""
    return _sum(source, Invoice, "paid_net")


def _sum(source: Source, model: Any, field: str) -> sa.ColumnElement[Any]:
    table, link, entity = model.__table__.alias(), link_table.alias(), entity_table.alias()
    return (
        sa.select(sa.func.coalesce(sa.func.sum(table.c[field]), 0))
        .select_from(link.join(table, table.c.id == link.c.subject_id).join(entity, entity.c.id == table.c.id))
        .where(
            link.c.object_id == source.id,
            link.c.type == RAISED_FOR,
            table.c.issued_on.is_not(None),
            entity.c.currency == source.entity.c.currency,
        )
        .correlate(source.table, source.entity)
        .scalar_subquery()
    )
