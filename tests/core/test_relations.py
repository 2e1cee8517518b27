from __future__ import annotations

from itertools import pairwise

import pytest

from besace import entities, reading, relations
from besace.errors import BesaceError, NotFound, Refused, UsageError
from besace.relations import Link, link_many

from .toys import extra


@pytest.fixture
def pair(crm, gadget):
    return gadget("Bell"), gadget("Drum")


def ends(crm, entity):
    with crm.read() as work:
        return [(r.relation, r.forward, r.label, dict(r.attributes)) for r in relations.related(work, entity)]


def test_a_link_is_seen_from_both_ends_with_its_predicate(crm, pair):
    crm.write(lambda work: relations.link(work, pair[0], "knows", pair[1], role="low"))
    assert ends(crm, pair[0]) == [("knows", True, "Drum", {"role": "low"})]
    assert ends(crm, pair[1]) == [("knows", False, "Bell", {"role": "low"})]
    with crm.read() as work:
        assert [str(relations.related(work, end)[0].predicate) for end in pair] == ["knows", "is known by"]


def test_E2_a_relation_exists_once(crm, pair):
    for _ in range(2):
        crm.write(lambda work: relations.link(work, pair[0], "knows", pair[1]))
    assert ends(crm, pair[0]) == [("knows", True, "Drum", {})]


def test_E2_linking_again_updates_only_the_given_attributes(crm, pair):
    crm.write(lambda work: relations.link(work, *_knows(pair), role="low", note="x"))
    assert crm.write(lambda work: relations.link(work, *_knows(pair), role="high"))
    assert not crm.write(lambda work: relations.link(work, *_knows(pair)))
    assert ends(crm, pair[0]) == [("knows", True, "Drum", {"role": "high", "note": "x"})]
    assert crm.write(lambda work: relations.link(work, *_knows(pair), note=""))
    assert ends(crm, pair[0]) == [("knows", True, "Drum", {"role": "high"})]


def _knows(pair):
    return pair[0], "knows", pair[1]


def test_E2_the_same_link_twice_in_a_batch_is_one(crm, pair):
    links = [Link(pair[0], "knows", pair[1], {"note": "a"}), Link(pair[0], "knows", pair[1], {"role": "low"})]
    assert len(crm.write(lambda work: link_many(work, links))) == 1
    assert ends(crm, pair[0]) == [("knows", True, "Drum", {"role": "low", "note": "a"})]


def test_E2_both_directions_are_two_relations(crm, pair):
    crm.write(lambda work: relations.link(work, pair[0], "knows", pair[1]))
    crm.write(lambda work: relations.link(work, pair[1], "knows", pair[0]))
    assert len(ends(crm, pair[0])) == 2


@pytest.mark.parametrize("many", [False, True])
@pytest.mark.parametrize(
    ("subject", "object_", "words"),
    [
        (
            "widget",
            "gadget",
            r'Widget \d+ "widget" cannot be the subject of "holds". Expected one of these types: gadget',
        ),
        (
            "gadget",
            "user",
            r'User \d+ "user" cannot be the object of "holds". Expected one of these types: widget, gadget',
        ),
    ],
)
def test_E3_the_types_of_a_relation_hold_on_every_path(both, subject, object_, words, many):
    def act(work):
        made = {t: entities.create(work, t, **{_name(t): t}).id for t in (subject, object_)}
        wanted = Link(made[subject], "holds", made[object_])
        return link_many(work, [wanted]) if many else relations.link(work, wanted.subject_id, "holds", wanted.object_id)

    with pytest.raises(Refused, match=words):
        both.write(act)


def _name(type_key):
    return "title" if type_key == "widget" else "name"


def test_E3_nothing_is_linked_to_itself(crm, gadget):
    made = gadget("Bell")
    with pytest.raises(Refused, match=rf'Gadget {made} "Bell" cannot be linked to itself'):
        crm.write(lambda work: relations.link(work, made, "knows", made))


def test_E3_any_accepts_a_type_that_is_enabled_later(crm, gadget, reopen):
    made = gadget("Bell")
    crm = reopen(crm, **crm.extra, extra=extra)
    crm.enable(["extra"])

    def act(work):
        wheel = entities.create(work, "widget", title="Wheel")
        assert relations.link(work, made, "knows", wheel)
        assert relations.link(work, wheel, "knows", 1)
        assert relations.link(work, made, "holds", wheel)  # named before its plugin was there

    crm.write(act)
    assert [row[2] for row in ends(crm, made)] == ["Wheel", "Wheel"]


def test_E3_a_batch_with_one_wrong_link_makes_none(both, changes):
    def act(work):
        ids = entities.create_many(work, "gadget", [{"name": "a"}, {"name": "b"}])
        return link_many(work, [Link(ids[0], "holds", ids[1]), Link(ids[0], "holds", 1)])

    before = changes(both)
    with pytest.raises(Refused):
        both.write(act)
    assert changes(both) == before


@pytest.mark.parametrize(
    ("attributes", "error", "words"),
    [
        ({"rol": "low"}, UsageError, 'There is no field "rol" here. Did you mean role?'),
        ({"role": "lwo"}, UsageError, "Did you mean low?"),
        ({"note": "x" * 11}, Refused, "at most 10 are kept"),
        ({"since": "soon"}, BesaceError, 'Since: "soon" is not a date'),
        ({"witness": 99}, NotFound, "There is no entity 99"),
        ({"witness": 1}, Refused, 'Witness cannot be User 1 "alice"'),
    ],
)
def test_attributes_are_checked_like_fields(crm, pair, attributes, error, words):
    with pytest.raises(error) as refused:
        crm.write(lambda work: relations.link(work, *_knows(pair), **attributes))
    assert words in str(refused.value)
    assert ends(crm, pair[0]) == []


def test_attributes_are_kept_in_their_stable_form(crm, pair):
    crm.write(lambda work: relations.link(work, *_knows(pair), fee="3", since="today", role="LOW"))
    kept = {"fee": {"amount": "3.00", "currency": "EUR"}, "since": "2026-03-14", "role": "low"}
    assert ends(crm, pair[0]) == [("knows", True, "Drum", kept)]


@pytest.mark.parametrize("act", [relations.link, relations.unlink])
def test_what_is_not_there_cannot_be_linked(crm, gadget, act):
    made = gadget()
    with pytest.raises(NotFound, match=r"There is no entity 99"):
        crm.write(lambda work: act(work, made, "knows", 99))
    with pytest.raises(UsageError, match=r'There is no relation "knwos". Did you mean knows?'):
        crm.write(lambda work: act(work, made, "knwos", 1))


def test_unlinking_says_whether_there_was_a_link(crm, pair):
    crm.write(lambda work: relations.link(work, *_knows(pair)))
    assert crm.write(lambda work: relations.unlink(work, *_knows(pair)))
    assert not crm.write(lambda work: relations.unlink(work, *_knows(pair)))
    assert ends(crm, pair[0]) == []


def test_related_narrows_by_relation_and_type_in_one_statement(both, count_statements):
    def act(work):
        bell, drum = entities.create_many(work, "gadget", [{"name": "Bell"}, {"name": "Drum"}])
        link_many(work, [Link(bell, "knows", drum), Link(bell, "holds", drum), Link(bell, "knows", 1)])
        return bell

    bell = both.write(act)
    with both.read() as work:
        with count_statements(work) as seen:
            everything = relations.related(work, bell)
        assert (len(everything), seen.count) == (3, 1)
        assert [r.label for r in relations.related(work, bell, relation="knows")] == ["alice", "Drum"]
        assert [r.relation for r in relations.related(work, bell, type="gadget")] == ["holds", "knows"]


def test_many_links_are_made_or_updated_at_once(crm):
    ids = crm.write(lambda work: entities.create_many(work, "gadget", [{"name": "x"}] * 120))
    links = [Link(a, "knows", b, {"note": "n"}) for a, b in pairwise(ids)]
    assert len(crm.write(lambda work: link_many(work, links))) == 119
    assert crm.write(lambda work: link_many(work, links)) == []
    with crm.read() as work:
        assert len(relations.related(work, ids[5])) == 2
        assert reading.get(work, "gadget", ids[5]).version == 1
