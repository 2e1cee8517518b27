"""A list whose items stand under each other: a condition holds for all below, and nothing stands under itself."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Mapped

from besace import Entity, Item, ListItem, entities, fields, lists, reading, translator
from besace.errors import BesaceError, Refused

from .toys import plugin

_ = translator(__name__)


class Place(
    ListItem,
    list="place",
    label=_("Places"),
    parent="within",
    items=[
        Item("europe", _("Europe")),
        Item("france", _("France"), {"within": "europe"}),
        Item("paris", _("Paris"), {"within": "france"}),
        Item("asia", _("Asia")),
    ],
):
    """Where something is."""

    within: Mapped[Place | None] = fields.item("Within", list="place")


class Shop(Entity, type="shop"):
    """A shop."""

    name: Mapped[str] = fields.text("Name", names_row=True)
    place: Mapped[Place | None] = fields.item("Place", list="place")


@pytest.fixture
def crm(make_install):
    places = plugin(register_lists=lambda: [Place], register_entity_types=lambda: [Shop])
    crm = make_install(plugins={"places": places})
    rows = [{"name": key, "place": key} for key in ("europe", "france", "paris", "asia")]
    crm.write(lambda work: entities.create_many(work, "shop", [*rows, {"name": "nowhere"}]))
    return crm


@pytest.mark.parametrize(
    ("where", "found"),
    [
        ("place = europe", ["europe", "france", "paris"]),
        ("place = france", ["france", "paris"]),
        ("place = paris", ["paris"]),
        ("place != france", ["europe", "asia"]),
        ("not place = europe", ["asia", "nowhere"]),
        ("place in (paris, asia)", ["paris", "asia"]),
        ("place.within = europe", ["france", "paris"]),
        ("place.within is empty", ["europe", "asia", "nowhere"]),
    ],
)
def test_asking_for_an_item_finds_what_is_below_it(crm, where, found):
    with crm.read() as work:
        assert [s.name for s in reading.page(work, work.crm.registry.type("shop"), where=where)] == found


def test_a_later_item_is_found_below(crm):
    crm.write(lambda work: lists.add(work, "place", "lyon", label="Lyon", within="France"))
    crm.write(lambda work: entities.create(work, "shop", name="lyon", place="lyon"))
    with crm.read() as work:
        (row,) = reading.count(work, work.crm.registry.type("shop"), where="place = europe")
    assert row.count == 4


@pytest.mark.parametrize("above", ["europe", "france", "paris"])
def test_nothing_stands_under_itself(crm, above):
    with pytest.raises(Refused, match=r'"Europe" cannot stand under ".*": that is itself, or stands under it'):
        crm.write(lambda work: lists.edit(work, "place", "europe", within=above))
    with crm.read() as work:
        assert work.items("place")["europe"].above is None


def test_an_item_moves_with_all_below_it(crm):
    crm.write(lambda work: lists.edit(work, "place", "france", within="asia"))
    crm.write(lambda work: lists.edit(work, "place", "europe", within="paris"))
    with crm.read() as work:
        assert lists.at_and_below(work.items("place"), "asia") == ["europe", "france", "paris", "asia"]
        assert lists.at_and_below(work.items("place"), "europe") == ["europe"]


def test_an_unknown_parent_is_refused(crm):
    with pytest.raises(BesaceError, match='"Atlantis" is not in the list place'):
        crm.write(lambda work: lists.add(work, "place", "lyon", label="Lyon", within="Atlantis"))


def test_the_parent_of_a_tree_is_an_item_of_the_same_list():
    with pytest.raises(TypeError, match='must be an item of the list "other"'):

        class Other(ListItem, list="other", label=_("Others"), parent="of"):
            """Not a tree."""

            of: Mapped[Place | None] = fields.item("Of", list="place")


class Node:
    """As much of an item as a tree needs."""

    def __init__(self, above):
        self.above = above


@settings(deadline=None)
@given(st.lists(st.integers(-1, 11), min_size=1, max_size=12))
def test_below_is_whatever_leads_up_to_the_item_also_where_a_damaged_list_has_a_circle(parents):
    items = {str(n): Node(str(above) if above >= 0 else None) for n, above in enumerate(parents)}
    for top in items:
        expected = set()
        for key in items:
            seen, at = set(), key
            while at is not None and at not in seen and at != top:
                seen.add(at)
                at = items[at].above if at in items else None
            expected |= {key} if at == top else set()
        assert set(lists.at_and_below(items, top)) == expected
