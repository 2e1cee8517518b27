"""Speed, by counts: a batch costs the same statements whatever its size."""

from __future__ import annotations

from itertools import pairwise

from besace import entities, parts, reading, relations
from besace.relations import Link

from .toys import Line, undone


def counted(crm, count_statements, act, *, prepare=lambda work, size: None, sizes=(1, 10, 1000)):
    """How many statements `act(work, size, prepared)` costs for each size."""
    counts = []
    for size in sizes:
        with undone(crm) as work:
            prepared = prepare(work, size)
            _ = work.currency, work.items("rank"), work.change_id  # read or made once in a unit
            with count_statements(work) as seen:
                act(work, size, prepared)
            counts.append(seen.count)
    return counts


def rows(size):
    return [{"name": f"n{i}", "price": "3", "rank": "low", "friend": 1} for i in range(size)]


def gadgets(work, size):
    return entities.create_many(work, "gadget", rows(size))


def test_creating_many_costs_the_same_as_creating_one(crm, count_statements):
    counts = counted(crm, count_statements, lambda work, size, _p: gadgets(work, size))
    assert counts == [counts[0]] * 3
    assert counts[0] <= 6


def test_creating_many_with_external_ids_costs_the_same(crm, count_statements):
    def act(work, size, _prepared):
        entities.create_many(work, "gadget", [{"name": "x", "external_id": f"{i}"} for i in range(size)])

    counts = counted(crm, count_statements, act)
    assert counts == [counts[0]] * 3


def test_editing_many_costs_the_same_as_editing_one(crm, count_statements):
    def act(work, _size, ids):
        entities.edit_many(work, "gadget", {i: {"number": i % 7 + 1, "name": f"m{i}"} for i in ids})

    counts = counted(crm, count_statements, act, prepare=gadgets)
    assert counts == [counts[0]] * 3


def test_linking_many_costs_the_same_as_linking_one(crm, count_statements):
    def act(work, _size, ids):
        relations.link_many(work, [Link(i, "knows", 1) for i in ids[1:]])

    def act_apart(work, _size, ids):
        relations.link_many(work, [Link(a, "knows", b) for a, b in pairwise(ids)])

    for linking in (act, act_apart):
        counts = counted(crm, count_statements, linking, prepare=lambda work, size: gadgets(work, size + 1))
        assert counts == [counts[0]] * 3


def test_adding_many_parts_costs_the_same_as_adding_one(crm, count_statements):
    def act(work, _size, ids):
        parts.add_many(work, Line, [(i, {"what": "x", "amount": "3", "who": 1}) for i in ids])

    counts = counted(crm, count_statements, act, prepare=gadgets)
    assert counts == [counts[0]] * 3


def test_reading_a_page_with_references_costs_one_statement(crm, count_statements):
    def act(work, size, _ids):
        page = reading.page(work, work.crm.registry.type("gadget"), limit=None)
        assert len([(g.friend.label, g.rank.outcome, g.price) for g in page]) == size

    assert counted(crm, count_statements, act, prepare=gadgets) == [1, 1, 1]
