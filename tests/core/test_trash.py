from __future__ import annotations

import pytest
import sqlalchemy as sa

from besace import bin as trash
from besace import entities, parts, reading, relations
from besace.errors import NotFound, Refused

from .toys import Gadget, Line


@pytest.fixture
def trashed(crm, gadget):
    """A gadget in the trash that knows another and has a line; gives both ids."""
    gone, there = gadget("Gone", price="5"), gadget("There")

    def act(work):
        parts.add(work, Line, gone, what="x")
        relations.link(work, gone, "knows", there, role="low")
        trash.delete(work, [gone])

    crm.write(act)
    return gone, there


def test_E4_what_is_in_the_trash_is_hidden_everywhere(crm, trashed):
    gone, there = trashed
    with crm.read() as work:
        info = work.crm.registry.type("gadget")
        assert [g.id for g in reading.page(work, info)] == [there]
        assert [g.id for g in work.scalars(reading.visible(work, Gadget))] == [there]
        assert reading.search(work, "gone") == []
        assert relations.related(work, there) == []
        assert entities.read_values(work, info, [gone]) == {}
        with pytest.raises(NotFound, match=r'There is no Gadget called "Gone"'):
            reading.resolve(work, "gadget:Gone")


def test_E4_what_is_in_the_trash_is_counted_nowhere(crm, trashed):
    with crm.read() as work:
        info = work.crm.registry.type("gadget")
        assert [(r.count, r.sum) for r in reading.count(work, info, sum="price")] == [(1, {})]
        assert [r.count for r in reading.count(work, info, by="name")] == [1]


USES = {
    "get": lambda work, gone, there: reading.get(work, "gadget", gone),
    "edit": lambda work, gone, there: entities.edit_many(work, "gadget", {gone: {"number": 1}}),
    "add a part": lambda work, gone, there: parts.add(work, Line, gone, what="y"),
    "link": lambda work, gone, there: relations.link(work, there, "knows", gone),
    "unlink": lambda work, gone, there: relations.unlink(work, gone, "knows", there),
    "refer to": lambda work, gone, there: entities.create(work, "gadget", name="x", keeper=gone),
    "delete": lambda work, gone, there: trash.delete(work, [gone]),
    "name": lambda work, gone, there: reading.resolve(work, str(gone)),
}


@pytest.mark.parametrize("act", USES.values(), ids=USES)
def test_E4_what_is_in_the_trash_cannot_be_used_and_the_error_names_the_way_on(crm, trashed, act):
    with pytest.raises(
        NotFound,
        match=rf'Gadget {trashed[0]} "Gone" is in the trash. Take it out with: besace gadget restore',
    ):
        crm.write(lambda work: act(work, *trashed))


def test_E4_a_part_of_what_is_in_the_trash_is_hidden(crm, trashed):
    with crm.read() as work:
        line = work.scalar(sa.text("SELECT id FROM line"))
        with pytest.raises(NotFound, match=r"There is no Line"):
            reading.get_part(work, "line", line)


def test_E4_the_trash_can_be_listed(crm, trashed):
    with crm.read() as work:
        info = work.crm.registry.type("gadget")
        assert [g.id for g in reading.page(work, info, trash_only=True)] == [trashed[0]]
        assert reading.resolve(work, "gadget:Gone", trashed=True).id == trashed[0]


def test_E4_restoring_brings_relations_and_parts_back(crm, trashed):
    gone, there = trashed
    crm.write(lambda work: trash.restore(work, [gone]))
    with crm.read() as work:
        assert [(r.id, r.attributes) for r in relations.related(work, there)] == [(gone, {"role": "low"})]
        assert [line.what for line in reading.parts_of(work, Line, [gone])] == ["x"]
        assert reading.get(work, "gadget", gone).version == 2


def test_E4_only_what_is_in_the_trash_is_restored_or_purged(crm, trashed):
    for act in (lambda work: trash.restore(work, [trashed[1]]), lambda work: trash.purge(work, trashed[1])):
        with pytest.raises(Refused, match=r'"There" is not in the trash. Move it there first: besace gadget delete'):
            crm.write(act)


def test_E4_purging_removes_everything_but_the_history(crm, trashed):
    gone, _there = trashed
    crm.write(lambda work: trash.purge(work, gone))
    with crm.read() as work:
        counts = [work.scalar(sa.text(f"SELECT count(*) FROM {t}")) for t in ("gadget", "line", "link", "trash")]
        assert counts == [1, 0, 0, 0]
        with pytest.raises(NotFound, match=rf"There is no entity {gone}"):
            reading.resolve(work, str(gone), trashed=True)


@pytest.mark.parametrize("where", ["a field", "a part", "an owner"])
def test_E4_purging_is_refused_while_something_refers_to_it(crm, gadget, where):
    user = crm.write(lambda work: entities.create(work, "user", name="bob").id)

    def refer(work):
        other = entities.create(work, "gadget", name="Other", owner=user if where == "an owner" else None)
        if where == "a field":
            entities.edit(work, other, keeper=user)
        if where == "a part":
            parts.add(work, Line, other.id, what="x", who=user)
        trash.delete(work, [user])

    crm.write(refer)
    plugin = "core" if where == "an owner" else "toy"
    with pytest.raises(Refused, match=rf'cannot be purged: 1 row of the plugin "{plugin}" refers to it'):
        crm.write(lambda work: trash.purge(work, user))


def test_E5_all_plugins_whose_rows_refer_to_it_are_told_with_how_many(crm, gadget):
    user = crm.write(lambda work: entities.create(work, "user", name="bob").id)

    def refer(work):
        entities.create_many(work, "gadget", [{"name": n, "keeper": user, "owner": user} for n in ("Bell", "Drum")])
        parts.add(work, Line, entities.create(work, "gadget", name="Horn").id, what="x", who=user)
        trash.delete(work, [user])

    crm.write(refer)
    with pytest.raises(Refused, match=r'"bob" cannot be purged: 5 rows refer to it: core \(2\), toy \(3\)\. Leave it'):
        crm.write(lambda work: trash.purge(work, user))


def test_E4_what_goes_with_the_entity_does_not_hold_it(crm, gadget):
    made = gadget()

    def act(work):
        entities.edit(work, reading.get(work, "gadget", made), friend=made)
        parts.add(work, Line, made, what="x", who=made)
        trash.delete(work, [made])
        trash.purge(work, made)

    crm.write(act)
    with crm.read() as work:
        assert work.scalar(sa.text("SELECT count(*) FROM gadget")) == 0


def test_E4_a_trashed_link_end_and_its_other_are_both_needed(crm, gadget):
    one, two = gadget("One"), gadget("Two")
    crm.write(lambda work: relations.link(work, one, "knows", two))
    crm.write(lambda work: trash.delete(work, [one, two]))
    crm.write(lambda work: trash.restore(work, [one]))
    with crm.read() as work:
        assert relations.related(work, one) == []
    crm.write(lambda work: trash.restore(work, [two]))
    with crm.read() as work:
        assert len(relations.related(work, one)) == 1
