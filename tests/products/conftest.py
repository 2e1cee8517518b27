from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy.orm import Mapped

from besace import Besace, Entity, Money, bin, crud, entities, fields, hookimpl, operations, parts, reading
from besace.texts import translator

_ = translator(__name__)


class Deal(Entity, type="opportunity", label=_("Deal"), plural=_("Deals"), status="stage"):
    """What offers are part of, by the key of a type that another plugin declares."""

    name: Mapped[str] = fields.text("Name", names_row=True)
    stage: Mapped[str] = fields.choice("Stage", {"talking": _("Talking"), "signed": _("Signed")}, default="talking")
    expected_revenue: Mapped[Money | None] = fields.money("Expected revenue")


class Deals:
    """Deals, so that the tests need no other plugin."""

    __name__ = "tests"

    @hookimpl
    def register_entity_types(self) -> list[type[Entity]]:
        return [Deal]


DEALS = Deals()


class Desk:
    """An install with a product and a deal; every call is a unit of its own."""

    def __init__(self, crm: Besace) -> None:
        self.crm = crm
        self.licence = self.create("product", name="Licence", unit_price="1200.5", discount="10")
        self.deal = self.create("opportunity", name="Rail")

    def create(self, type_key: str, **values: Any) -> int:
        made: int = self.crm.write(lambda work: entities.create(work, type_key, **values).id)
        return made

    def edit(self, type_key: str, entity_id: int, **values: Any) -> None:
        self.crm.write(lambda work: entities.edit(work, reading.get(work, type_key, entity_id), **values).id)

    def offer(self, **values: Any) -> int:
        """The id of a new offer of the licence in the deal."""
        of = values.pop("of", self.deal)
        given = {"product": self.licence, **values}
        made: int = self.crm.write(lambda work: parts.add(work, _model(work), of, **given).id)
        return made

    def change(self, offer: int, **values: Any) -> None:
        self.crm.write(lambda work: parts.edit(work, reading.get_part(work, "offer", offer), **values).id)

    def values(self, offer: int) -> list[str]:
        """Quantity, unit price, discount and net of an offer, as text."""
        with self.crm.read() as work:
            o = reading.get_part(work, "offer", offer)
            return [
                f"{o.quantity.normalize():f}",
                f"{o.unit_price.normalize():f}",
                f"{o.discount.normalize():f}",
                str(o.net),
            ]

    def do(self, type_key: str, entity_id: int, verb: str) -> Any:
        def unit(work: Any) -> Any:
            info = work.crm.registry.type(type_key)
            operations.run(work, info.operations[verb], info.fields, [reading.get(work, type_key, entity_id)], {})
            return entities.read_values(work, info, [entity_id])[entity_id]

        return self.crm.write(unit)

    def block(self, type_key: str, entity_id: int, key: str) -> Any:
        with self.crm.read() as work:
            return crud.show(work, reading.get(work, type_key, entity_id)).blocks[key]

    def found(self, where: str) -> list[str]:
        with self.crm.read() as work:
            return [p.label for p in reading.page(work, work.crm.registry.type("product"), where=where)]

    def delete(self, *ids: int) -> None:
        self.crm.write(lambda work: bin.delete(work, ids))


def _model(work: Any) -> Any:
    return work.crm.registry.part("offer").model


@pytest.fixture
def desk(make_install: Callable[..., Besace]) -> Desk:
    return Desk(make_install("products", plugins={"deals": DEALS}))
