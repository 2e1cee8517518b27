"""Sorting and pages: the pages put together are the sorted list, whatever the field."""

from __future__ import annotations

import unicodedata
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from besace import Money, entities, reading
from besace.errors import Ambiguous, NotFound, UsageError

from .toys import Gadget, undone

EMPTY_OR = {
    "name": st.sampled_from(["Été", "ete", "zoé", "A", "a", "É"]),
    "notes": st.none() | st.sampled_from(["b", "B", "ß", "é"]),
    "number": st.none() | st.integers(-2, 2),
    "size": st.none() | st.sampled_from(["0.5", "1", "10"]),
    "price": st.none() | st.sampled_from(["1", "2", "10"]),
    "made_on": st.none() | st.sampled_from(["2026-01-01", "2025-12-31"]),
    "seen_at": st.none() | st.sampled_from(["2026-01-01T10:00", "2026-01-01T09:00"]),
    "shiny": st.booleans(),
    "colour": st.none() | st.sampled_from(["red", "blue"]),
    "rank": st.none() | st.sampled_from(["low", "gone"]),
    "friend": st.none() | st.just(1),
    "mail": st.none() | st.sampled_from(["a@b.cc", "B@b.cc"]),
}
SORTABLE = [*Gadget.__fields__, "label", "owner", "currency", "created_at", "version", "id"]


def bare(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(c for c in decomposed if not unicodedata.combining(c))


def sort_key(gadget: Any, field: str) -> Any:
    value = getattr(gadget, f"{field}_id" if field in ("keeper", "friend", "owner") else field)
    if value is not None and field in ("keeper", "friend", "owner"):
        return "alice"
    if field == "rank" and value is not None:
        return value.key
    if isinstance(value, Money):
        return value.minor
    return bare(value) if isinstance(value, str) and field not in ("colour", "counted") else value


def sorted_ids(gadgets: list[Any], field: str, descending: bool) -> list[int]:
    """Ids in order: empty values last both ways, the id breaks ties."""
    rows = [(sort_key(g, field), g.id) for g in gadgets]
    full = sorted((row for row in rows if row[0] is not None), key=lambda row: row[1])
    full.sort(key=lambda row: row[0], reverse=descending)
    return [i for _key, i in full] + sorted(i for key, i in rows if key is None)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rows=st.lists(st.fixed_dictionaries(EMPTY_OR), min_size=1, max_size=9),
    field=st.sampled_from(SORTABLE),
    descending=st.booleans(),
    size=st.integers(1, 4),
)
def test_the_pages_put_together_are_the_whole_sorted_list(crm, rows, field, descending, size):
    with undone(crm) as work:
        entities.create_many(work, "gadget", rows)
        info, sort = work.crm.registry.type("gadget"), f"-{field}" if descending else field
        everything = reading.page(work, info, limit=None)
        seen: list[int] = []
        while page := reading.page(work, info, sort=sort, limit=size, after=seen[-1] if seen else None):
            seen += [g.id for g in page]
        assert seen == [g.id for g in reading.page(work, info, sort=sort, limit=None)]
        assert seen == sorted_ids(everything, field, descending)


@pytest.mark.parametrize("field", SORTABLE)
def test_every_field_sorts_both_ways_and_pages(crm, field):
    with crm.write() as work:
        entities.create_many(work, "gadget", [{"name": n, "rule": "won" if n == "b" else None} for n in "abc"])
    with crm.read() as work:
        info = work.crm.registry.type("gadget")
        for sort in (field, f"-{field}"):
            first = reading.page(work, info, sort=sort, limit=2)
            assert len(first + reading.page(work, info, sort=sort, after=first[-1].id)) == 3


def test_a_page_costs_the_same_wherever_it_stands(crm, count_statements):
    with crm.write() as work:
        ids = entities.create_many(work, "gadget", [{"name": f"n{i:03}", "friend": 1} for i in range(60)])
    with crm.read() as work:
        info = work.crm.registry.type("gadget")
        counts = []
        for after in (ids[1], ids[50]):
            with count_statements(work) as seen:
                page = reading.page(work, info, sort="name", limit=5, after=after)
                assert {g.friend.label for g in page} == {"alice"}
            counts.append(seen.count)
    assert counts == [2, 2]


def test_a_page_after_what_is_not_there_is_refused(crm, gadget):
    gadget()
    with crm.read() as work, pytest.raises(NotFound, match="There is no Gadget 99"):
        reading.page(work, work.crm.registry.type("gadget"), sort="name", after=99)


def test_sorting_by_an_unknown_field_names_what_is_near(crm):
    with crm.read() as work, pytest.raises(UsageError, match=r'Gadget has no field "nmae"\. Did you mean'):
        reading.page(work, work.crm.registry.type("gadget"), sort="-nmae")


# ---- finding what a person named -----------------------------------------------------------------------


@pytest.mark.parametrize("text", ["2", "gadget:été", "gadget:ETE", "GADGET-X", " gadget : Été "])
def test_an_entity_is_named_by_id_or_label_without_case_and_accents(crm, gadget, text):
    made = gadget("Été")
    with crm.read() as work:
        if text == "GADGET-X":
            with pytest.raises(UsageError, match='"GADGET-X" does not name an entity'):
                reading.resolve(work, text)
            return
        assert reading.resolve(work, text).id == made


def test_an_ambiguous_label_lists_the_candidates(crm, gadget):
    one, two = gadget("Bell"), gadget("bell")
    with crm.read() as work, pytest.raises(Ambiguous) as refused:
        reading.resolve(work, "gadget:BELL")
    assert f"gadget:Bell ({one}), gadget:bell ({two})" in str(refused.value)


@pytest.mark.parametrize(
    ("text", "error", "words"),
    [
        ("99", NotFound, "There is no entity 99."),
        (
            "gadget:Nobody",
            NotFound,
            'There is no Gadget called "Nobody". Search for it with: besace search Nobody',
        ),
        ("gadgte:Bell", UsageError, 'There is no type "gadgte". Did you mean gadget?'),
        ("Bell", UsageError, '"Bell" does not name an entity.'),
        ("9" * 30, UsageError, "does not name an entity"),
    ],
)
def test_what_names_no_entity_gives_a_sentence(crm, gadget, text, error, words):
    gadget("Bell")
    with crm.read() as work, pytest.raises(error) as refused:
        reading.resolve(work, text)
    assert words in str(refused.value)


def test_an_id_of_another_type_says_what_it_is(crm, gadget):
    made = gadget("Bell")
    with (
        crm.read() as work,
        pytest.raises(NotFound, match=rf'There is no User {made}: it is Gadget {made} "Bell"'),
    ):
        reading.get(work, "user", made)


def test_search_finds_all_words_in_labels_of_every_type(both):
    def fill(work):
        entities.create(work, "gadget", name="Grande cloche d'été")
        entities.create(work, "widget", title="Cloche")

    both.write(fill)
    with both.read() as work:
        assert [f.type for f in reading.search(work, "CLOCHE")] == ["widget", "gadget"]
        assert [f.type for f in reading.search(work, "ete cloche")] == ["gadget"]
        assert reading.search(work, "cloche nobody") == []
