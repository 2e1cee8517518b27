"""What a product gives an offer of it, and what an offer comes to."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from besace.errors import Refused
from besace.reading import get, mention, mention_of
from besace.texts import translator
from besace_products.amounts import net_of

if TYPE_CHECKING:
    from besace.database import Work
    from besace_products.models import Product

_ = translator(__name__)


def settle(old: Mapping[str, Any] | None, new: dict[str, Any], owner: Mapping[str, Any], work: Work) -> dict[str, Any]:
    """Complete an offer from its product, and reckon its net amount; a product that cannot be offered is refused.

    The product is asked only for what is not there, or where it is another one: an offer that stands, or that is
    copied as it stands, keeps its price whatever became of the product. Where it is another one, a price and a
    discount that are as they were with the one before are taken from it.
    """
    if new["product"] is None:
        return new  # a required field, and refused as such
    is_other = old is None or old["product"] != new["product"]
    if old is not None and is_other:
        new = new | {key: None for key in ("unit_price", "discount") if new[key] == old[key]}
    if is_other or new["unit_price"] is None or new["discount"] is None:
        product = get(work, "product", new["product"])
        if is_other:
            _check_active(work, product)
        new = new | {
            "unit_price": _price(work, product, owner) if new["unit_price"] is None else new["unit_price"],
            "discount": (product.discount or Decimal(0)) if new["discount"] is None else new["discount"],
        }
    quantity = Decimal(1) if new["quantity"] is None else new["quantity"]
    return new | {
        "quantity": quantity,
        "net": net_of(quantity, new["unit_price"], new["discount"], owner["currency"]),
    }


def _check_active(work: Work, product: Product) -> None:
    if not product.active:
        raise Refused(
            _("{product} is not active: it cannot be offered any more.").format(product=mention_of(work, product)),
            _("Choose another one, or offer it again with: besace product edit {id} --active yes").format(
                id=product.id
            ),
        )


def _price(work: Work, product: Product, owner: Mapping[str, Any]) -> Decimal:
    """The price of a product, where it has one in the currency of the deal (rule O7)."""
    named = mention_of(work, product)
    if product.unit_price is None:
        raise Refused(_("{product} has no unit price.").format(product=named), _("Give it with --unit-price."))
    if product.currency != owner["currency"]:
        deal = mention(work.crm.registry.label_of_type("opportunity"), owner["id"], owner["label"])
        raise Refused(
            _("{product} has its price in {currency}, and {deal} is in {other}.").format(
                product=named, currency=product.currency, deal=deal, other=owner["currency"]
            ),
            _("Give the price in {other} with --unit-price.").format(other=owner["currency"]),
        )
    return product.unit_price
