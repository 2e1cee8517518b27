"""The plugin meets what every plugin has to meet; here is what its rules ask for."""

from __future__ import annotations

from typing import Any

from besace.testing import build, check_plugin

from .conftest import DEALS


def offered(work: Any) -> dict[str, Any]:
    """A product with a price, for an offer."""
    return {"product": build(work, "product", unit_price="10").id}


def with_offer(work: Any, deal: Any) -> dict[str, Any]:
    """An offer of the deal, so that there is something to expect."""
    build(work, "offer", of=deal, **offered(work))
    return {}


test_contract = check_plugin(
    "products",
    beside={"deals": DEALS},
    examples={"offer": offered, "offer.product": offered, "opportunity expect_offers": with_offer},
)
