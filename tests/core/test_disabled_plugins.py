"""Rule E5: a disabled plugin's types, links and parts are hidden; its rows stay and come back untouched."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from besace import bin as trash
from besace import entities, parts, reading, relations
from besace.errors import BesaceError, NotFound, Refused, UsageError

from .toys import Sticker


@pytest.fixture
def story(both):
    """A gadget (2) with a sticker, twinned with another, that holds a widget which refers to it."""

    def act(work):
        bell, drum = entities.create_many(work, "gadget", [{"name": "Bell"}, {"name": "Drum"}])
        wheel = entities.create(work, "widget", title="Wheel", gadget=bell, fee="3")
        parts.add(work, Sticker, bell, text="fragile")
        relations.link(work, bell, "holds", wheel)
        relations.link(work, bell, "twin", drum)
        entities.edit(work, reading.get(work, "gadget", drum), friend=wheel)
        return bell, drum, wheel.id

    ids = both.write(act)
    both.disable("extra")
    return both, *ids


def rows(crm):
    tables = ("entity", "widget", "sticker", "link", "entry", "rank")
    with crm.read() as work:
        return {t: list(map(tuple, work.execute(sa.text(f"SELECT * FROM {t} ORDER BY 1, 2")))) for t in tables}


def test_E5_the_types_links_and_parts_of_a_disabled_plugin_disappear(story):
    crm, bell, _drum, wheel = story
    with crm.read() as work:
        assert set(work.crm.registry.types) == {"user", "gadget"}
        assert relations.related(work, bell) == []
        assert reading.search(work, "wheel") == []
        with pytest.raises(UsageError, match=r'There is no type "widget"'):
            reading.resolve(work, "widget:Wheel")
        with pytest.raises(NotFound, match=rf"There is no entity {wheel}"):
            reading.resolve(work, str(wheel))
        with pytest.raises(UsageError, match=r'There is no part "sticker"'):
            reading.get_part(work, "sticker", 5)


def test_E5_a_reference_to_a_hidden_entity_still_shows_its_label(story):
    crm, _bell, drum, _wheel = story
    with crm.read() as work:
        gadget = reading.get(work, "gadget", drum)
        assert (gadget.friend.type, gadget.friend.label) == ("widget", "Wheel")


def test_E5_a_hidden_entity_cannot_be_used(story):
    crm, bell, drum, wheel = story
    for act in (
        lambda work: relations.link(work, bell, "knows", wheel),
        lambda work: relations.unlink(work, bell, "holds", wheel),
        lambda work: relations.unlink(work, bell, "twin", drum),
        lambda work: entities.create(work, "gadget", name="x", friend=wheel),
        lambda work: trash.delete(work, [wheel]),
        lambda work: trash.restore(work, [wheel]),
    ):
        with pytest.raises(BesaceError, match=r"There is no"):
            crm.write(act)


def test_E5_enabling_again_brings_every_row_back_untouched(both):
    def act(work):
        bell = entities.create(work, "gadget", name="Bell")
        wheel = entities.create(work, "widget", title="Wheel", gadget=bell, fee="3")
        parts.add(work, Sticker, bell.id, text="fragile")
        relations.link(work, bell, "holds", wheel)
        return bell.id

    bell = both.write(act)
    before = rows(both)
    assert both.disable("extra")
    assert not both.disable("extra")
    assert both.enable(["extra"]) == ["extra"]
    assert rows(both) == before
    with both.read() as work:
        assert [r.label for r in relations.related(work, bell)] == ["Wheel"]
        assert [p.text for p in reading.parts_of(work, Sticker, [bell])] == ["fragile"]


@pytest.mark.parametrize("left", ["reference", "part", "link", "relation type"])
def test_E5_purging_what_a_hidden_row_refers_to_is_refused_naming_plugin_and_count(both, left):
    def act(work):
        bell, drum = entities.create_many(work, "gadget", [{"name": "Bell"}, {"name": "Drum"}])
        if left == "reference":
            entities.create_many(work, "widget", [{"title": "a", "gadget": bell}, {"title": "b", "gadget": bell}])
        if left == "part":
            parts.add_many(work, Sticker, [(bell, {"text": "a"}), (bell, {"text": "b"})])
        if left == "link":
            for name in "ab":
                relations.link(work, bell, "holds", entities.create(work, "widget", title=name))
        if left == "relation type":
            relations.link(work, bell, "twin", drum)
            relations.link(work, drum, "twin", bell)
        trash.delete(work, [bell])
        return bell

    bell = both.write(act)
    both.disable("extra")
    with pytest.raises(
        Refused, match=f'Gadget {bell} "Bell" cannot be purged: 2 rows of the plugin "extra" refer to it'
    ):
        both.write(lambda work: trash.purge(work, bell))
    both.enable(["extra"])


def test_E5_a_condition_reaches_no_hidden_type(story):
    crm, *_ids = story
    with crm.read() as work:
        info = work.crm.registry.type("gadget")
        with pytest.raises(BesaceError, match=r'has a field "fee"'):
            reading.page(work, info, where="friend.fee > 1")
        assert [g.label for g in reading.page(work, info, where="friend is not empty")] == ["Drum"]


def test_E5_a_plugin_that_another_needs_is_not_disabled(both):
    with pytest.raises(BesaceError, match=r'"toy" cannot be disabled: the plugin "extra" needs it'):
        both.disable("toy")
    both.disable("extra")
    assert both.disable("toy")
    with pytest.raises(BesaceError, match=r'Plugin "extra" needs the plugin "toy", which is not enabled'):
        both.enable(["extra"])


def test_E5_the_core_cannot_be_disabled_nor_what_is_not_there(crm):
    with pytest.raises(BesaceError, match=r"The core cannot be disabled"):
        crm.disable("core")
    with pytest.raises(BesaceError, match=r'There is no plugin "tyo" on this machine. Did you mean toy'):
        crm.disable("tyo")
