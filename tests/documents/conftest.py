from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from sqlalchemy.orm import Mapped

from besace import Besace, Entity, bin, entities, fields, hookimpl, operations, parts, reading, relations, settings
from besace.texts import translator
from besace_documents.conversions import create_document
from besace_documents.lines import DocumentAdjustment, DocumentLine
from besace_documents.models import TYPES

_ = translator(__name__)

TODAY = date(2026, 3, 14)
ADDRESS = {"address": "1 rue A", "postal_code": "69001", "city": "Lyon"}


class Deal(Entity, type="opportunity", label=_("Deal"), plural=_("Deals")):
    """What documents are raised for, by the key of a type that another plugin declares."""

    name: Mapped[str] = fields.text("Name", names_row=True)


class Deals:
    """Deals, so that the tests need no plugin but persons."""

    __name__ = "tests"

    @hookimpl
    def register_entity_types(self) -> list[type[Entity]]:
        return [Deal]


DEALS = Deals()


def step(work: Any, document: int, verb: str, **given: Any) -> Any:
    """Take a step of a document as a door does, in a unit of work; the document after it."""
    info = work.crm.registry.type(reading.found_entities(work, [document])[document].type)
    loaded = reading.get(work, info.key, document)
    return operations.run(work, info.operations[verb], info.fields, [loaded], given)


class Desk:
    """An install with one organisation of ours and one customer; every call is a unit of its own."""

    def __init__(self, crm: Besace) -> None:
        self.crm = crm
        self.us = self.ours("Us")
        self.customer = self.theirs("SNCF")
        self.set("own_organisation", self.us)

    def create(self, type_key: str, **values: Any) -> int:
        made: int = self.crm.write(lambda work: entities.create(work, type_key, **values).id)
        return made

    def ours(self, name: str) -> int:
        """One of our organisations, with what the law wants to know of it."""
        return self.create(
            "organisation", name=name, ours=True, vat_number="FR44732829320", siren="732829320", **ADDRESS
        )

    def theirs(self, name: str) -> int:
        """A customer, with what the law wants to know of it."""
        return self.create("organisation", name=name, siren="552049447", **ADDRESS)

    def document(self, type_key: str, *lines: dict[str, Any], **values: Any) -> int:
        """A draft for the customer with these lines: one of 1,000 at 20 % unless given."""
        rows = list(lines or ({"name": "Work", "unit_price": "1000"},))
        given = {"customer": self.customer, **values}
        made: int = self.crm.write(lambda work: create_document(work, TYPES[type_key], given, rows).id)
        return made

    def empty(self, type_key: str, **values: Any) -> int:
        """A draft for the customer that has no line."""
        return self.create(type_key, **{"customer": self.customer, **values})

    def quote(self, *lines: dict[str, Any], **values: Any) -> int:
        return self.document("quote", *lines, **values)

    def invoice(self, *lines: dict[str, Any], **values: Any) -> int:
        return self.document("invoice", *lines, **values)

    def line(self, document: int, **values: Any) -> int:
        """A line more."""
        given = {"name": "Work", "unit_price": "1000", **values}
        added: int = self.crm.write(lambda work: parts.add(work, DocumentLine, document, **given).id)
        return added

    def adjustment(self, document: int, **values: Any) -> int:
        """An allowance or charge more."""
        given = {"reason": "Rebate", **values}
        added: int = self.crm.write(lambda work: parts.add(work, DocumentAdjustment, document, **given).id)
        return added

    def parts(self, model: Any, document: int) -> list[Any]:
        with self.crm.read() as work:
            return reading.parts_of(work, model, [document])

    def issued(self, on: str | None = None, **values: Any) -> Any:
        """The number of a new invoice that is issued at once."""
        invoice = self.invoice(**values)
        self.do(invoice, "issue", **({} if on is None else {"on": on}))
        return self.get(invoice)["number"]

    def do(self, document: int, verb: str, **given: Any) -> int:
        """Take a step; the id of what it gives, which is another document where one is made of it."""
        done: int = self.crm.write(lambda work: step(work, document, verb, **given).id)
        return done

    def edit(self, entity_id: int, *, unlock: tuple[str, ...] = (), **values: Any) -> None:
        def unit(work: Any) -> None:
            entity = reading.get(work, reading.found_entities(work, [entity_id])[entity_id].type, entity_id)
            entities.edit(work, entity, unlock=unlock, **values)

        self.crm.write(unit)

    def get(self, entity_id: int) -> dict[str, Any]:
        """What is stored of an entity: amounts as Money, references by id."""
        with self.crm.read() as work:
            found = reading.found_entities(work, [entity_id])[entity_id]
            info = work.crm.registry.type(found.type)
            return entities.read_values(work, info, [entity_id])[entity_id]

    def moves(self, document: int) -> tuple[str, dict[str, date]]:
        """The state of a document, and the days of the steps that it took."""
        values = self.get(document)
        days = {k: v for k, v in values.items() if k.endswith("_on") and v is not None}
        return values["state"], days

    def found(self, type_key: str, where: str) -> list[int]:
        with self.crm.read() as work:
            return [e.id for e in reading.page(work, work.crm.registry.type(type_key), where=where)]

    def link(self, document: int, deal: int) -> None:
        self.crm.write(lambda work: relations.link(work, document, "raised_for", deal))

    def delete(self, *ids: int) -> None:
        self.crm.write(lambda work: bin.delete(work, ids))

    def set(self, key: str, value: Any) -> None:
        self.crm.write(lambda work: settings.change(work, key, value))


@pytest.fixture
def desk(make_install: Callable[..., Besace]) -> Desk:
    return Desk(make_install("persons", "documents", plugins={"deals": DEALS}))
