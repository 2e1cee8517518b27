"""Rules E1 and E8: every write is one change, with who, when, by which door, from what to what."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from besace import bin as trash
from besace import entities, lists, parts, reading, relations, settings
from besace.changes import history
from besace.errors import Refused

from .toys import EVERY_VALUE, Line

# ---- the walk over all doors: what is done, and the entries that stand for it ------------------------------

# In the unit: 2 is a gadget "Bell" with a line (3), linked to 4; 5 is in the trash.
DOORS = {
    "create": (
        lambda work: entities.create(work, "gadget", name="New", price="3"),
        [("create", 6, None, None, {"name": [None, "New"], "label": [None, "New"]})],
    ),
    "create_many": (
        lambda work: entities.create_many(work, "gadget", [{"name": "x"}, {"name": "y"}]),
        [("create", 6, None, None, {"name": [None, "x"]}), ("create", 7, None, None, {"name": [None, "y"]})],
    ),
    "edit": (
        lambda work: entities.edit(work, reading.get(work, "gadget", 2), number="7", price="4"),
        [
            (
                "edit",
                2,
                None,
                None,
                {"number": [None, 7], "price": [None, {"amount": "4.00", "currency": "EUR"}]},
            )
        ],
    ),
    "edit the label": (
        lambda work: entities.edit(work, reading.get(work, "gadget", 2), name="Gong"),
        [("edit", 2, None, None, {"name": ["Bell", "Gong"], "label": ["Bell", "Gong"]})],
    ),
    "edit_many": (
        lambda work: entities.edit_many(work, "gadget", {2: {"shiny": "yes"}, 4: {"owner": None}}),
        [("edit", 2, None, None, {"shiny": [False, True]}), ("edit", 4, None, None, {"owner": [1, None]})],
    ),
    "add a part": (
        lambda work: parts.add(work, Line, 2, what="x", amount="5"),
        [("add", 2, None, "line:6", {"what": [None, "x"], "day": [None, "2026-03-14"]})],
    ),
    "edit a part": (
        lambda work: parts.edit(work, reading.get_part(work, "line", 3), what="z"),
        [("edit", 2, None, "line:3", {"what": ["old", "z"]})],
    ),
    "remove a part": (
        lambda work: parts.remove(work, reading.get_part(work, "line", 3)),
        [("remove", 2, None, "line:3", {"what": ["old", None]})],
    ),
    "link": (
        lambda work: relations.link(work, 4, "knows", 2, role="low"),
        [("link", 4, 2, "knows", {"role": [None, "low"]})],
    ),
    "link again": (
        lambda work: relations.link(work, 2, "knows", 4, role="high"),
        [("relink", 2, 4, "knows", {"role": ["low", "high"]})],
    ),
    "unlink": (
        lambda work: relations.unlink(work, 2, "knows", 4),
        [("unlink", 2, 4, "knows", {"role": ["low", None]})],
    ),
    "delete": (
        lambda work: trash.delete(work, [2, 4]),
        [("delete", 2, None, None, {}), ("delete", 4, None, None, {})],
    ),
    "restore": (lambda work: trash.restore(work, [5]), [("restore", 5, None, None, {})]),
    "purge": (
        lambda work: trash.purge(work, 5),
        [("purge", 5, None, None, {"label": ["Gone", None]})],
    ),
    "add an item": (
        lambda work: lists.add(work, "rank", "best", label="Best", weight="99"),
        [("create", None, None, "list:rank:best", {"weight": [None, 99], "outcome": [None, "open"]})],
    ),
    "edit an item": (
        lambda work: lists.edit(work, "rank", "low", label="Poor", label_language="en", disabled=True, order=5),
        [
            (
                "edit",
                None,
                None,
                "list:rank:low",
                {"labels": [None, {"en": "Poor"}], "disabled": [False, True], "order": [10, 5]},
            )
        ],
    ),
    "change a setting": (
        lambda work: settings.change(work, "shelf", "4"),
        [("set", None, None, "setting:shelf", {"shelf": [3, 4]})],
    ),
}

NOTHING = {
    "edit with the same values": lambda work: entities.edit(
        work, reading.get(work, "gadget", 2), name="Bell", price=None
    ),
    "edit nobody": lambda work: entities.edit_many(work, "gadget", {}),
    "create nothing": lambda work: entities.create_many(work, "gadget", []),
    "edit a part with the same": lambda work: parts.edit(work, reading.get_part(work, "line", 3), what="old"),
    "add no part": lambda work: parts.add_many(work, Line, []),
    "link again with none": lambda work: relations.link(work, 2, "knows", 4),
    "link again with the same": lambda work: relations.link(work, 2, "knows", 4, role="low"),
    "unlink what is not linked": lambda work: relations.unlink(work, 4, "knows", 2),
    "edit an item with the same": lambda work: lists.edit(work, "rank", "low", disabled=False, weight="10"),
    "set the same": lambda work: settings.change(work, "shelf", "3"),
    "read": lambda work: reading.page(work, work.crm.registry.type("gadget")),
}


@pytest.fixture
def story(crm):
    """What the walk starts from."""

    def begin(work):
        entities.create(work, "gadget", name="Bell")
        parts.add(work, Line, 2, what="old")
        entities.create(work, "gadget", name="Drum")
        relations.link(work, 2, "knows", 4, role="low")
        entities.create(work, "gadget", name="Gone")
        trash.delete(work, [5])

    crm.write(begin)
    return crm


@pytest.mark.parametrize("door", DOORS)
def test_E8_a_unit_that_changed_something_is_one_change(story, changes, entries, door):
    act, expected = DOORS[door]
    before = len(changes(story))
    story.write(act, door="test", reason="because")
    (made,) = changes(story)[before:]
    assert (made.user_id, made.door, made.reason) == (1, "test", "because")
    assert made.at.astimezone(UTC).date().isoformat() == "2026-03-14"
    with story.read() as work:
        found = entries(work)
    assert [row[:4] for row in found] == [row[:4] for row in expected]
    for (*_rest, values), (*_same, wanted) in zip(found, expected, strict=True):
        assert wanted.items() <= (values or {}).items()


@pytest.mark.parametrize("act", NOTHING.values(), ids=NOTHING)
def test_E8_a_unit_that_changed_nothing_is_none(story, changes, act):
    before = changes(story)
    story.write(act)
    assert changes(story) == before
    with story.read() as work:
        assert reading.get(work, "gadget", 2).version == 2  # one creation, one part


class Broken(Exception):
    """Raised in the middle of a unit."""


@pytest.mark.parametrize("door", DOORS)
def test_E8_a_unit_that_was_rolled_back_is_none(story, changes, door):
    def act(work):
        DOORS[door][0](work)
        raise Broken

    before = changes(story)
    with pytest.raises(Broken):
        story.write(act)
    assert changes(story) == before


def test_E8_all_that_a_unit_does_stands_under_one_change(story, changes):
    def act(work):
        for door in ("edit", "add a part", "link", "add an item", "change a setting", "delete", "create"):
            if door != "create":
                DOORS[door][0](work)

    before = len(changes(story))
    story.write(act)
    assert len(changes(story)) == before + 1


def test_E8_every_writing_operation_is_one_change(both, changes):
    """Every operation that the registry knows, those of every type and part too."""
    from besace.crud import operations_of, part_operations_of

    given = {
        "gadget.create": {"name": "x"}, "gadget.edit": {"number": "3"}, "gadget.paint": {"colour": "red"},
        "widget.create": {"title": "x"}, "widget.edit": {"fee": "3"}, "user.create": {"name": "bob"},
        "user.edit": {"full_name": "Al"}, "line.add": {"of": 2, "what": "x"}, "line.edit": {"what": "y"},
        "sticker.add": {"of": 2, "text": "x"}, "sticker.edit": {"text": "y"},
    }  # fmt: skip
    registry = both.registry
    all_of = {key: operations_of(info) for key, info in registry.types.items()}
    all_of |= {key: part_operations_of(info) for key, info in registry.parts.items()}
    writing = [(on, o) for on, operations in all_of.items() for o in operations.values() if o.writes]
    assert {f"{on}.{o.key}" for on, o in writing} >= {
        "gadget.create",
        "gadget.engrave",
        "line.remove",
        "user.disable",
    }
    for on, operation in writing:
        subject = both.write(lambda work, on=on, o=operation: _subject(work, on, o.key))
        before = len(changes(both))

        def act(work, on=on, operation=operation, subject=subject):
            target = [_loaded(work, on, operation.key, subject)] if operation.scope == "one" else []
            operation.run(work, *target, **given.get(f"{on}.{operation.key}", {}))

        both.write(act)
        assert len(changes(both)) == before + 1, f"{on}.{operation.key}"


def _subject(work, on, key):
    """Something for an operation to work on."""
    owner = entities.create(work, "gadget", name=f"for {on} {key}").id
    if on in work.crm.registry.parts:
        values = {"line": {"what": "a"}, "sticker": {"text": "a"}}[on]
        return parts.add(work, work.crm.registry.part(on).model, owner, **values).id
    made = {"gadget": {"name": "a"}, "widget": {"title": "a"}, "user": {"name": f"u{key}"}}[on]
    subject = entities.create(work, on, **made).id
    if key in ("restore", "purge"):
        trash.delete(work, [subject])
    if key == "enable":
        entities.edit(work, reading.get(work, "user", subject), disabled=True, unlock=("disabled",))
    return subject


def _loaded(work, on, key, subject):
    if on in work.crm.registry.parts:
        return reading.get_part(work, on, subject)
    if key in ("restore", "purge"):
        return reading.resolve(work, str(subject), trashed=True)
    return reading.get(work, on, subject)


# ---- what the history of an entity says ----------------------------------------------------------------


def test_E1_the_history_says_who_when_what_from_which_value_to_which(crm, gadget):
    crm.write(lambda work: entities.create(work, "user", name="bob"))
    made = gadget(number="1")
    crm.write(
        lambda work: entities.edit(work, reading.get(work, "gadget", made), number="2", rank="low"),
        user="bob", door="page", reason="a count",
    )  # fmt: skip
    with crm.read() as work:
        lines = [line for line in history(work, made) if line.action == "edit"]
    assert [(x.field, x.before, x.after) for x in lines] == [("number", 1, 2), ("rank", None, "low")]
    assert {(x.who, x.door, x.reason) for x in lines} == {("bob", "page", "a count")}
    assert all(isinstance(x.at, datetime) and x.at.tzinfo for x in lines)


def test_E1_every_kind_of_value_stands_in_the_history(crm, gadget):
    made = gadget(**EVERY_VALUE, keeper="user:alice")
    with crm.read() as work:
        values = {line.field: line.after for line in history(work, made)}
    assert values["price"] == {"amount": "1200.50", "currency": "EUR"}
    assert values["size"] == "1.250"
    assert values["seen_at"] == "2026-01-31T07:30:00Z"
    assert (values["rank"], values["keeper"], values["made_on"]) == ("low", 1, "2026-01-31")
    assert values["rule"] == "won and price > 3"
    assert EVERY_VALUE.keys() <= values.keys()


def test_E1_a_link_is_in_the_history_of_both_ends(crm, gadget):
    one, two = gadget(), gadget()
    crm.write(lambda work: relations.link(work, one, "knows", two, note="x"))
    with crm.read() as work:
        for end in (one, two):
            last = history(work, end)[-1]
            assert (last.action, last.about, last.field, last.after) == ("link", "knows", "note", "x")


def test_E1_the_history_of_what_was_purged_stays(crm, gadget):
    made = gadget("Bell")
    crm.write(lambda work: trash.delete(work, [made]))
    crm.write(lambda work: trash.purge(work, made))
    with crm.read() as work:
        assert [line.action for line in history(work, made)][-2:] == ["delete", "purge"]
    assert gadget("Next") > made  # an id is never given again


def test_E1_a_disabled_user_is_still_named(crm, gadget):
    crm.write(lambda work: entities.create(work, "user", name="bob"))
    made = crm.write(lambda work: entities.create(work, "gadget", name="x").id, user="bob")
    from besace.users import User, disable

    crm.write(lambda work: disable(work, reading.get(work, User, reading.resolve(work, "user:bob").id)))
    with crm.read() as work:
        assert history(work, made)[0].who == "bob"
    with pytest.raises(Refused, match='The user "bob" is disabled'):
        crm.write(lambda work: None, user="bob")


def test_E1_values_that_a_rule_completes_are_in_the_history(crm, gadget):
    made = gadget()
    crm.write(lambda work: entities.edit(work, reading.get(work, "gadget", made), rank="high"))
    with crm.read() as work:
        edited = {line.field: line.after for line in history(work, made) if line.action == "edit"}
    assert edited == {"rank": "high", "made_on": "2026-03-14"}
