from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from besace.errors import ConditionError
from besace.language import (
    Both,
    Compare,
    Empty,
    Named,
    Not,
    OneOf,
    from_json,
    parse,
    read,
    source_of,
    to_json,
)


@pytest.mark.parametrize(
    ("source", "tree"),
    [
        ("won", ["is", "won"]),
        (" won \n", ["is", "won"]),
        ("price >= 1000EUR", [">=", "price", "1000EUR"]),
        ("price>=1000EUR", [">=", "price", "1000EUR"]),
        ('name ~ "a \\"b\\" and c"', ["~", "name", 'a "b" and c']),
        ("a.b.c != x", ["!=", "a.b.c", "x"]),
        ("loss-reason = price", ["=", "loss_reason", "price"]),
        ("rank in (low, high)", ["in", "rank", "low", "high"]),
        ("rank not in (low)", ["not", ["in", "rank", "low"]]),
        ("made_on is empty", ["empty", "made_on"]),
        ("made_on IS NOT Empty", ["not", ["empty", "made_on"]]),
        ("a or b and not c", ["or", ["is", "a"], ["and", ["is", "b"], ["not", ["is", "c"]]]]),
        ("(a or b) and c", ["and", ["or", ["is", "a"], ["is", "b"]], ["is", "c"]]),
        ("not not a", ["not", ["not", ["is", "a"]]]),
        ("a and b and c", ["and", ["is", "a"], ["is", "b"], ["is", "c"]]),
        ('name = "and"', ["=", "name", "and"]),
        ('name = ""', ["=", "name", ""]),
        ("name = Müller-Öl", ["=", "name", "Müller-Öl"]),
    ],
)
def test_a_condition_is_read_as_a_tree(source, tree):
    assert parse(source) == tree


@pytest.mark.parametrize(
    ("source", "place", "words"),
    [
        ("", 0, "The condition is empty."),
        ("   ", 0, "The condition is empty."),
        ("price >=", 8, "Expected a value here"),
        ("price >= and won", 9, "Expected a value here"),
        ("price >= 3 won", 11, ""),
        ("(won", 4, "Expected ) here"),
        ("won)", 3, ""),
        ("won and", 7, "Expected a field"),
        ("rank in low", 8, "Expected ( here"),
        ("rank in (low", 12, "Expected ) here"),
        ("rank in ()", 9, "Expected a value here"),
        ("rank is full", 8, "Expected: is empty"),
        ('name ~ "fair', 7, "no closing quotation mark"),
        ("= 3", 0, "Expected a field"),
        ("price => 3", 7, "Expected a value here"),
        ("price not 3", 6, ""),
    ],
)
def test_an_error_points_at_its_place(source, place, words):
    with pytest.raises(ConditionError) as refused:
        read(source)
    assert refused.value.position == place
    assert words in str(refused.value)
    assert refused.value.exit_code == 2
    if source:
        assert str(refused.value).endswith(f"\n  {source}\n  {' ' * place}^")


def test_what_is_nested_too_deeply_is_refused_with_a_sentence():
    for source in ("(" * 2000 + "a" + ")" * 2000, "not " * 5000 + "a"):
        with pytest.raises(ConditionError):
            read(source)


PATHS = st.from_regex(r"[a-z]{1,5}(\.[a-z]{1,5}){0,2}", fullmatch=True).filter(
    lambda p: p not in {"and", "or", "not", "in", "is", "empty"}
)
VALUES = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=12)
LEAVES = st.one_of(
    st.builds(Named, PATHS),
    st.builds(Compare, PATHS, st.sampled_from(["=", "!=", "<", "<=", ">", ">=", "~"]), VALUES),
    st.builds(OneOf, PATHS, st.lists(VALUES, min_size=1, max_size=3).map(tuple)),
    st.builds(Empty, PATHS),
)


def _joined(inner):
    parts = st.lists(inner, min_size=2, max_size=3).map(tuple)
    return st.one_of(st.builds(Not, inner), st.builds(Both, st.sampled_from(["and", "or"]), parts))


TREES = st.recursive(LEAVES, _joined, max_leaves=8)


@given(TREES)
def test_what_is_shown_is_read_back_as_the_same_tree(tree):
    assert read(source_of(tree)) == tree


@given(TREES)
def test_what_is_stored_is_the_same_tree(tree):
    assert from_json(to_json(tree)) == tree
    assert parse(source_of(to_json(tree))) == to_json(tree)


@given(st.text(alphabet='ab=<>!~(),." \\\n\tandornotis', max_size=30))
def test_any_text_is_read_or_refused(source):
    try:
        tree = read(source)
    except ConditionError as error:
        place = error.position
    else:
        place = 0
        assert read(source_of(tree)) == tree
    assert place is not None
    assert 0 <= place <= len(source)


@pytest.mark.parametrize(
    "stored", [[], ["?"], ["=", "a"], ["=", "a", 3], ["and", ["is", "a"]], ["in", "a"], [["is", "a"]]]
)
def test_a_damaged_stored_condition_is_refused_with_a_sentence(stored):
    with pytest.raises(ConditionError, match="A stored condition is damaged"):
        from_json(stored)
