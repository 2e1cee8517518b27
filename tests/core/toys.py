"""Two plugins of the tests: `toy` has a type with a field of every kind, `extra` joins in on it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy.orm import Mapped

from besace import (
    Besace,
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
    Work,
    entities,
    fields,
    hookimpl,
    kinds,
    parts,
    translator,
)
from besace.errors import Refused

_ = translator(__name__)

COLOURS = {"red": _("Red"), "blue": _("Blue")}


class Rank(
    ListItem,
    list="rank",
    label=_("Ranks"),
    items=[
        Item("low", _("Low"), {"outcome": "open", "weight": 10}),
        Item("high", _("High"), {"outcome": "won", "weight": 90, "share": "0.25"}),
        Item("gone", _("Gone"), {"outcome": "lost"}),
    ],
):
    """How good a gadget is."""

    outcome: Mapped[str] = fields.choice("Outcome", {k: _(k) for k in ("open", "won", "lost")}, default="open")
    weight: Mapped[int | None] = fields.integer("Weight", minimum=0, maximum=100)
    share: Mapped[Decimal | None] = fields.decimal("Share", places=2)
    final: Mapped[bool] = fields.boolean("Final")
    since: Mapped[date | None] = fields.date("Since")


class Gadget(Entity, type="gadget", label=_("Gadget"), plural=_("Gadgets"), status="rank"):
    """A thing with a field of every kind."""

    name: Mapped[str] = fields.text("Name", names_row=True)
    notes: Mapped[str | None] = fields.long_text("Notes")
    number: Mapped[int | None] = fields.integer("Number", minimum=-1000, maximum=1000)
    size: Mapped[Decimal | None] = fields.decimal("Size", places=3)
    price: Mapped[Money | None] = fields.money("Price", minimum=0)
    cost: Mapped[Money | None] = fields.money("Cost")
    made_on: Mapped[date | None] = fields.date("Made on")
    seen_at: Mapped[datetime | None] = fields.datetime("Seen at")
    shiny: Mapped[bool] = fields.boolean("Shiny")
    colour: Mapped[str | None] = fields.choice("Colour", COLOURS)
    rank: Mapped[Rank | None] = fields.item("Rank", list="rank")
    keeper: Mapped[Ref | None] = fields.entity("Keeper", types=("gadget", "user"))
    friend: Mapped[Ref | None] = fields.entity("Friend")
    mail: Mapped[str | None] = fields.email("Mail")
    phone: Mapped[str | None] = fields.phone("Phone")
    site: Mapped[str | None] = fields.url("Site")
    code: Mapped[str | None] = fields.text("Code", length=5, clean=str.upper)
    serial: Mapped[str | None] = fields.text("Serial", read_only=True)
    counted: Mapped[str | None] = fields.type_key("Counted type")
    rule: Mapped[list[Any] | None] = fields.condition("Rule")

    @classmethod
    def prepare(cls, old: Any, new: dict[str, Any], work: Any) -> dict[str, Any]:
        """A high gadget was made on some day; nothing may be called forbidden."""
        if new["name"] == "forbidden":
            raise Refused(_("A gadget cannot be called so."))
        if new["rank"] == "high" and new["made_on"] is None:
            return {**new, "made_on": work.today}
        return new


class Line(Part, of="gadget", key="line", copied=("what", "quantity", "amount", "rank", "who")):
    """A row of a gadget."""

    what: Mapped[str] = fields.text("What")
    quantity: Mapped[int | None] = fields.integer("Quantity", minimum=1)
    amount: Mapped[Money | None] = fields.money("Amount")
    day: Mapped[date | None] = fields.date("Day", default="today")
    rank: Mapped[Rank | None] = fields.item("Rank", list="rank")
    who: Mapped[Ref | None] = fields.entity("Who")
    done: Mapped[bool] = fields.boolean("Done")
    secret: Mapped[str | None] = fields.text("Secret", read_only=True)


def paint(work: Work, gadget: Gadget, *, colour: str) -> Gadget:
    """Give a gadget a colour."""
    entities.edit(work, gadget, colour=colour)
    return gadget


def engrave(work: Work, gadget: Gadget) -> Gadget:
    """Give a gadget its serial number, which no one sets by hand."""
    entities.edit(work, gadget, serial=f"S{gadget.id}", unlock=("serial",))
    parts.add(work, Line, gadget.id, what="engraving")
    return gadget


class Toy:
    """Gadgets, for the tests."""

    @hookimpl
    def register_entity_types(self) -> Any:
        return [Gadget]

    @hookimpl
    def register_part_types(self) -> Any:
        return [Line]

    @hookimpl
    def register_lists(self) -> Any:
        return [Rank]

    @hookimpl
    def register_relation_types(self) -> Any:
        attributes = {
            "role": fields.item("Role", list="rank"),
            "note": fields.text("Note", length=10),
            "since": fields.date("Since"),
            "fee": fields.money("Fee"),
            "witness": fields.entity("Witness", types=("gadget",)),
        }
        return [
            RelationType("knows", _("knows"), _("is known by"), attributes=attributes),
            RelationType("holds", _("holds"), _("is held by"), subjects=("gadget",), objects=("widget", "gadget")),
        ]

    @hookimpl
    def register_conditions(self) -> Any:
        return [
            Condition("won", "gadget", "rank.outcome = won", _("Won")),
            Condition("dear", "gadget", "price >= 100", _("Dear")),
            Condition("fine", "gadget", "won and not dear", _("Fine")),
            Condition("circle", "gadget", "circle or won", _("Circle")),
        ]

    @hookimpl
    def register_measures(self) -> Any:
        return [
            Measure("worth", "gadget", _("Worth"), "price"),
            Measure("final", "gadget", _("Final"), "price", where="won"),
            Measure("pieces", "gadget", _("Pieces"), lambda source: source["number"] * 2, money=False),
        ]

    @hookimpl
    def register_operations(self) -> Any:
        return [
            Operation("paint", "gadget", paint, _("Paint")),
            Operation("engrave", "gadget", engrave, _("Engrave")),
        ]

    @hookimpl
    def register_settings(self) -> Any:
        return [Setting("shelf", kinds.IntegerKind(), _("Shelf"), default=3)]


class Widget(Entity, type="widget"):
    """A thing of another plugin."""

    title: Mapped[str] = fields.text("Title", names_row=True)
    fee: Mapped[Money | None] = fields.money("Fee")
    gadget: Mapped[Ref | None] = fields.entity("Gadget", types=("gadget",))
    rank: Mapped[Rank | None] = fields.item("Rank", list="rank")


class Sticker(Part, of="gadget", key="sticker"):
    """A part that another plugin hangs on a gadget."""

    text: Mapped[str] = fields.text("Text")


class Extra:
    """Widgets, for the tests."""

    requires = ("toy",)

    @hookimpl
    def register_entity_types(self) -> Any:
        return [Widget]

    @hookimpl
    def register_part_types(self) -> Any:
        return [Sticker]

    @hookimpl
    def register_relation_types(self) -> Any:
        return [RelationType("twin", _("is the twin of"), _("is the twin of"), ("gadget",), ("gadget",))]

    @hookimpl
    def register_measures(self) -> Any:
        return [Measure("worth", "widget", _("Worth"), "fee")]


toy = Toy()
extra = Extra()

EVERY_VALUE: dict[str, Any] = {
    "name": "Été",
    "notes": "one\ntwo",
    "number": "7",
    "size": "1.250",
    "price": "1200.50",
    "cost": "-3",
    "made_on": "2026-01-31",
    "seen_at": "2026-01-31T09:30+02:00",
    "shiny": "yes",
    "colour": "red",
    "rank": "Low",
    "mail": "a@example.com",
    "phone": "+33 1 23 45 67 89",
    "site": "example.com/x",
    "code": "ab",
    "counted": "gadget",
    "rule": "won and price > 3",
}
"""A value for each field that needs no other entity, as a person types it."""


class Made:
    """A plugin made in a test."""


def plugin(**parts_of_it: Any) -> Any:
    """A plugin made of functions: `plugin(register_lists=lambda: [...])`; other names become attributes."""
    marked = {k: hookimpl(v) if k.startswith(("register_", "check_", "after_")) else v for k, v in parts_of_it.items()}
    made = Made()
    vars(made).update({"__doc__": "A plugin.", "__name__": "tests", **marked})
    return made


class _Undone(Exception):
    """Raised at the end of a unit, so that it is rolled back."""


@contextmanager
def undone(crm: Besace) -> Iterator[Work]:
    """A unit of work that leaves nothing behind."""
    with suppress(_Undone), crm.write() as work:
        yield work
        raise _Undone
