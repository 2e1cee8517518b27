"""Products and services, and what deals offer of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from besace.hookspecs import hookimpl

if TYPE_CHECKING:
    from besace.database import Work
    from besace.entities import Save
    from besace.lists import ListItem
    from besace.model import Entity, Part
    from besace.records import Block, Condition, Operation, Verification

requires = ()
core = ("0.1",)


@hookimpl
def register_entity_types() -> Sequence[type[Entity]]:
    """The product or service."""
    from besace_products.models import Product

    return [Product]


@hookimpl
def register_part_types() -> Sequence[type[Part]]:
    """What a deal offers."""
    from besace_products.models import Offer

    return [Offer]


@hookimpl
def register_lists() -> Sequence[type[ListItem]]:
    """The categories of products, and their units."""
    from besace_products.lists import ProductCategory, ProductUnit

    return [ProductCategory, ProductUnit]


@hookimpl
def register_conditions() -> Sequence[Condition]:
    """What can be offered, and what sort it is of."""
    from besace_products.declarations import CONDITIONS

    return CONDITIONS


@hookimpl
def register_operations() -> Sequence[Operation]:
    """What one does with the offers of a deal."""
    from besace_products.declarations import operations

    return operations()


@hookimpl
def register_blocks() -> Sequence[Block]:
    """The offers of a deal, and the deals that offer a product."""
    from besace_products.declarations import blocks

    return blocks()


@hookimpl
def register_verifications() -> Sequence[Verification]:
    """What offers come to."""
    from besace_products.verification import VERIFICATIONS

    return VERIFICATIONS


@hookimpl
def check_save(work: Work, saves: Sequence[Save]) -> None:
    """A code belongs to one product."""
    if saves[0].info.key == "product":
        from besace_products.checks import check_codes

        check_codes(work, saves)
