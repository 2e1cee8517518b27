"""A product or service of the catalogue, and what a deal offers of it."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped

from besace import fields
from besace.errors import Refused
from besace.model import Entity, Part, Ref
from besace.money import Money
from besace.texts import translator
from besace_products import offers
from besace_products.lists import ProductCategory, ProductUnit

if TYPE_CHECKING:
    from besace.database import Work

_ = translator(__name__)

KINDS = {"product": _("Product"), "service": _("Service")}


class Product(Entity, type="product", label=_("Product"), plural=_("Products")):
    """A product or a service that one sells."""

    __table_args__ = (
        sa.UniqueConstraint("code"),
        sa.CheckConstraint("vat_rate BETWEEN 0 AND 10000", name="vat_rate_in_percent"),
        sa.CheckConstraint("discount BETWEEN 0 AND 10000", name="discount_in_percent"),
    )

    code: Mapped[str | None] = fields.text(
        "Code", length=40, clean=str.upper, example="P-{n}", help="Its own code, in capitals; no other product has it."
    )
    name: Mapped[str] = fields.text("Name", names_row=True, help="What it is called.")
    kind: Mapped[str] = fields.choice("Kind", KINDS, default="product", help="Whether it is a product or a service.")
    category: Mapped[ProductCategory | None] = fields.item(
        "Category", list="product_category", help="What sort of product or service it is."
    )
    unit: Mapped[ProductUnit | None] = fields.item("Unit", list="product_unit", help="In what it is counted.")
    unit_price: Mapped[Decimal | None] = fields.decimal(
        "Unit price", places=6, minimum=0, help="The price of one unit without VAT, in its currency."
    )
    vat_rate: Mapped[Decimal | None] = fields.decimal(
        "VAT rate", places=2, minimum=0, maximum=100, help="The usual rate of its VAT, in percent."
    )
    discount: Mapped[Decimal | None] = fields.decimal(
        "Discount", places=2, minimum=0, maximum=100, help="The discount that offers of it begin with, in percent."
    )
    active: Mapped[bool] = fields.boolean("Active", default=True, help="Whether it can be offered.")
    description: Mapped[str | None] = fields.long_text("Description", help="What there is to know about it.")

    @classmethod
    def prepare(cls, old: Mapping[str, Any] | None, new: dict[str, Any], work: Work) -> dict[str, Any]:
        """A price is kept in the currency of its product (rule O7): it does not become one of another by itself."""
        if old is None or new["currency"] == old["currency"]:
            return new
        if new["unit_price"] is not None and new["unit_price"] == old["unit_price"]:
            raise Refused(
                _("The unit price is in {currency}, and would be in {other}.").format(
                    currency=old["currency"], other=new["currency"]
                ),
                _(
                    "Give the price in {other} with --unit-price; where it is the same number, clear it before: "
                    "besace product edit {id} --clear unit_price"
                ).format(other=new["currency"], id=old["id"]),
            )
        return new


class Offer(
    Part,
    of="opportunity",
    key="offer",
    label=_("Offer"),
    plural=_("Offers"),
    copied=("product", "description", "quantity", "unit_price", "discount"),
):
    """So much of a product or service, at a price, that a deal is about."""

    __table_args__ = (
        sa.CheckConstraint("quantity > 0", name="quantity_above_zero"),
        sa.CheckConstraint("unit_price >= 0", name="unit_price_from_zero"),
        sa.CheckConstraint("discount BETWEEN 0 AND 10000", name="discount_in_percent"),
    )

    product: Mapped[Ref] = fields.entity("Product", types=("product",), help="What is offered.")
    description: Mapped[str | None] = fields.text("Description", length=1000, help="What of it, in a few words.")
    quantity: Mapped[Decimal] = fields.decimal(
        "Quantity", minimum=Decimal("0.0001"), completed=True, help="How many units; 1 unless given."
    )
    unit_price: Mapped[Decimal] = fields.decimal(
        "Unit price", places=6, minimum=0, completed=True,
        help="The price of one unit without VAT, in the currency of the deal; the product's unless given.",
    )  # fmt: skip
    discount: Mapped[Decimal] = fields.decimal(
        "Discount", places=2, minimum=0, maximum=100, completed=True,
        help="In percent; the product's unless given.",
    )  # fmt: skip
    net: Mapped[Money] = fields.money(
        "Net",
        read_only=True,
        completed=True,
        help="Quantity x unit price less the discount, to the smallest unit of its currency.",
    )

    if TYPE_CHECKING:
        product_id: Mapped[int]

    @classmethod
    def prepare(
        cls, old: Mapping[str, Any] | None, new: dict[str, Any], owner: Mapping[str, Any], work: Work
    ) -> dict[str, Any]:
        """What its product gives it, and what it comes to."""
        return offers.settle(old, new, owner, work)
