"""A plugin of the tests: the type `sample` has a field of every kind, and a part, a list and relations."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy.orm import Mapped

from besace import (
    Condition,
    Entity,
    Item,
    ListItem,
    Measure,
    Money,
    Operation,
    Part,
    Ref,
    RelationType,
    Setting,
    fields,
    hookimpl,
    kinds,
    translator,
)

_ = translator(__name__)


class Grade(ListItem, list="grade", label=_("Grades"), items=[Item("low", _("Low")), Item("high", _("High"))]):
    """How good a sample is."""

    points: Mapped[int | None] = fields.integer("Points", minimum=0)


class Sample(Entity, type="sample", label=_("Sample"), plural=_("Samples")):
    """Something of everything."""

    name: Mapped[str] = fields.text("Name", names_row=True, length=100)
    notes: Mapped[str | None] = fields.long_text("Notes")
    number: Mapped[int | None] = fields.integer("Number", minimum=-1000, maximum=1000)
    size: Mapped[Decimal | None] = fields.decimal("Size", places=3)
    price: Mapped[Money | None] = fields.money("Price", minimum=0)
    cost: Mapped[Money | None] = fields.money("Cost")
    made_on: Mapped[date | None] = fields.date("Made on")
    seen_at: Mapped[datetime | None] = fields.datetime("Seen at")
    shiny: Mapped[bool] = fields.boolean("Shiny")
    colour: Mapped[str | None] = fields.choice("Colour", {"red": _("Red"), "blue": _("Blue")})
    grade: Mapped[Grade | None] = fields.item("Grade", list="grade")
    friend: Mapped[Ref | None] = fields.entity("Friend", types=("sample",))
    mail: Mapped[str | None] = fields.email("Mail")
    phone: Mapped[str | None] = fields.phone("Phone")
    site: Mapped[str | None] = fields.url("Site")
    serial: Mapped[str | None] = fields.text("Serial", read_only=True)


class Slice(Part, of="sample", key="slice", label=_("Slice"), plural=_("Slices")):
    """A piece of a sample."""

    what: Mapped[str] = fields.text("What")
    fee: Mapped[Money | None] = fields.money("Fee", minimum=0)


def measure(work: Any, sample: Any) -> Any:
    """Say nothing but how big a sample is."""
    return {"size": sample.size, "of": sample.name}


class Samples:
    """Samples, for the tests."""

    @hookimpl
    def register_entity_types(self) -> Any:
        return [Sample]

    @hookimpl
    def register_part_types(self) -> Any:
        return [Slice]

    @hookimpl
    def register_lists(self) -> Any:
        return [Grade]

    @hookimpl
    def register_relation_types(self) -> Any:
        role = {"role": fields.item("Role", list="grade"), "note": fields.text("Note", length=10)}
        return [
            RelationType("likes", _("likes"), _("is liked by"), attributes=role),
            RelationType("cut_from", _("is cut from"), _("gave"), subjects=("sample",), objects=("sample",)),
        ]

    @hookimpl
    def register_conditions(self) -> Any:
        return [Condition("dear", "sample", "price >= 100", _("Dear"))]

    @hookimpl
    def register_measures(self) -> Any:
        return [Measure("worth", "sample", _("Worth"), "price")]

    @hookimpl
    def register_operations(self) -> Any:
        return [Operation("measure", "sample", measure, _("Measure"), writes=False)]

    @hookimpl
    def register_settings(self) -> Any:
        return [Setting("most", kinds.IntegerKind(), _("Most"), _("So many at most."), default=10)]


samples = Samples()
"""The plugin, to be given to `make_install(plugins={"samples": samples})`."""
