"""Builders make a valid row of any type from what it declares."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy.orm import Mapped

from besace import Besace, Entity, ListItem, Money, Part, Ref, fields, hookimpl, translator
from besace.errors import InvalidValue, Refused
from besace.testing import build, example_of

_ = translator(__name__)


def even(text: str) -> str:
    """A clean function that no declaration tells of."""
    if not text.isdigit() or int(text) % 2:
        raise InvalidValue(_('"{text}" is not even.').format(text=text))
    return text


class Shelf(ListItem, list="shelf", label=_("Shelves")):
    """A list that is shipped empty."""


class Maker(Entity, type="maker"):
    """Who makes things."""

    name: Mapped[str] = fields.text("Name", names_row=True, length=8)


class Thing(Entity, type="thing"):
    """Something with required fields of every sort."""

    code: Mapped[str] = fields.text("Code", names_row=True, clean=even, example="{n}0")
    maker: Mapped[Ref] = fields.entity("Maker", types=("absent", "maker"))
    shelf: Mapped[Shelf] = fields.item("Shelf", list="shelf")
    height: Mapped[int] = fields.integer("Height", minimum=3, maximum=9)
    depth: Mapped[Decimal] = fields.decimal("Depth", maximum=0)
    price: Mapped[Money] = fields.money("Price", minimum=5)
    made_on: Mapped[date] = fields.date("Made on")
    sold_on: Mapped[date] = fields.date("Sold on", example="2026-04-01")
    odd: Mapped[str | None] = fields.text("Odd", clean=even)


class Nameless(Entity, type="nameless"):
    """Something that nothing required names."""

    title: Mapped[str | None] = fields.text("Title", names_row=True)


class Screw(Part, of="thing", key="screw"):
    """A part of a thing."""

    size: Mapped[int] = fields.integer("Size", minimum=2)


class Things:
    """Things, for the tests."""

    @hookimpl
    def register_entity_types(self) -> Any:
        return [Maker, Thing, Nameless]

    @hookimpl
    def register_part_types(self) -> Any:
        return [Screw]

    @hookimpl
    def register_lists(self) -> Any:
        return [Shelf]


things = Things()


@pytest.fixture
def crm(make_install: Callable[..., Besace]) -> Besace:
    return make_install(plugins={"things": things})


def test_required_fields_get_values_within_their_bounds(work: Any) -> None:
    thing = build(work, "thing")
    assert (thing.height, thing.depth, thing.price) == (3, 0, Money(Decimal(5), "EUR"))
    assert (thing.made_on, thing.odd) == (work.today, None)
    assert thing.sold_on == date(2026, 4, 1)


def test_what_is_referred_to_is_built_and_an_empty_list_gets_an_item(work: Any) -> None:
    thing = build(work, "thing")
    assert (thing.maker.type, thing.maker.label) == ("maker", "Name 1")
    assert thing.shelf.key == build(work, "thing").shelf.key


def test_rows_are_told_apart_by_their_examples(work: Any) -> None:
    labels = [build(work, "thing").label for _time in range(3)]
    assert len(set(labels)) == 3
    assert all(label.endswith("0") for label in labels)


def test_a_text_fits_its_length(work: Any) -> None:
    assert max(len(build(work, "maker").name) for _time in range(12)) <= 8


def test_what_is_given_is_taken_even_where_it_is_refused(work: Any) -> None:
    assert build(work, "thing", height=7, code="4").label == "4"
    with pytest.raises(Refused, match="Height"):
        build(work, "thing", height=10)


def test_something_names_an_entity_that_requires_nothing(work: Any) -> None:
    assert build(work, "nameless").label == "Title 1"


def test_a_part_is_built_for_an_entity_or_with_one(work: Any) -> None:
    thing = build(work, "thing")
    assert build(work, "screw", of=thing, size=4).owner_id == thing.id
    assert build(work, "screw", of=thing.id).size == 2
    assert build(work, "screw").owner.type == "thing"


def test_an_install_builds_in_a_unit_of_its_own(crm: Besace) -> None:
    assert build(crm, "thing", height=4).height == 4
    assert build(crm, "thing").maker.label == "Name 3"


def test_a_field_whose_example_cannot_be_told_says_what_to_do(work: Any) -> None:
    with pytest.raises(ValueError, match=r'thing\.odd has no example: Odd: "Odd 1" is not even\..*example=\.\.\.'):
        example_of(work, work.crm.registry.type("thing"), "odd")
