"""What the plugin declares beside its types and lists."""

from __future__ import annotations

from besace.records import Block, Condition, Operation
from besace.texts import translator

_ = translator(__name__)

CONDITIONS = [
    Condition("active", "product", "active = yes", _("Active")),
    Condition("products", "product", "kind = product", _("Products")),
    Condition("services", "product", "kind = service", _("Services")),
]


def operations() -> list[Operation]:
    """The verb that deals get."""
    from besace_products.operations import expect_offers

    return [
        Operation(
            "expect_offers",
            "opportunity",
            expect_offers,
            _("Expect the offers"),
            _("Set the expected revenue to the sum of the offers."),
        )
    ]


def blocks() -> list[Block]:
    """The offers of a deal, and the deals that offer a product."""
    from besace_products import blocks as views

    return [
        Block("offers", "opportunity", _("Products and services"), views.offers_of, views.lay_out_offers, 35),
        Block("deals", "product", _("Offered in"), views.deals_of, views.lay_out_deals, 30),
    ]
