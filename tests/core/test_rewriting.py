"""Rewriting a condition asks the same under other names, whatever the condition."""

from __future__ import annotations

import re
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from besace.language import OPERATORS, Both, Compare, Empty, Named, Not, OneOf, Tree, parse, read, source_of, to_json
from besace.rewriting import rewrite

PATHS = ["rank", "friend.rank", "rank.outcome", "number", "rankless"]
VALUES = ["low", "high", "Low one", "3"]
paths, values = st.sampled_from(PATHS), st.sampled_from(VALUES)
leaves = st.one_of(
    st.builds(Named, paths),
    st.builds(Empty, paths),
    st.builds(Compare, paths, st.sampled_from(OPERATORS), values),
    st.builds(OneOf, paths, st.lists(values, min_size=1, max_size=3, unique=True).map(tuple)),
)
trees = st.recursive(
    leaves,
    lambda inner: (
        inner.map(Not)
        | st.builds(Both, st.sampled_from(["and", "or"]), st.lists(inner, min_size=2, max_size=3).map(tuple))
    ),
    max_leaves=8,
)


def renamed(path: str) -> list[str]:
    return [".".join("grade" if part == "rank" else part for part in path.split("."))]


def doubled(path: str) -> list[str]:
    return [path, f"{path}.more"] if path == "number" else [path]


def holds(tree: Tree, row: dict[str, Any]) -> bool:
    """Whether a condition holds for a row of texts by path; a comparison with an empty value is false."""
    match tree:
        case Not(inner):
            return not holds(inner, row)
        case Both(op, parts):
            return (all if op == "and" else any)(holds(part, row) for part in parts)
        case Named(path):
            return row.get(path) == "low"
        case Empty(path):
            return row.get(path) is None
        case OneOf(path, found):
            return row.get(path) in found
        case Compare(path, op, value):
            there = row.get(path)
            compared = {"=": there == value, "!=": there != value, "~": value in (there or "")}
            return there is not None and compared.get(op, (there < value) == (op in ("<", "<=")))


@given(trees)
def test_rewriting_a_tree_is_rewriting_the_paths_of_its_text(tree: Tree) -> None:
    text = re.sub(r"\brank\b", "grade", source_of(tree))
    assert source_of(rewrite(tree, renamed)) == text
    assert parse(text) == to_json(rewrite(tree, renamed))


@given(trees)
def test_renaming_there_and_back_changes_nothing(tree: Tree) -> None:
    back = rewrite(rewrite(tree, renamed), lambda path: [re.sub(r"\bgrade\b", "rank", path)])
    assert back == tree == rewrite(tree, lambda path: [path])


@given(trees, st.dictionaries(paths, values))
def test_a_renamed_condition_holds_for_the_same_rows(tree: Tree, row: dict[str, str]) -> None:
    there = {renamed(path)[0]: value for path, value in row.items()}
    assert holds(rewrite(tree, renamed), there) == holds(tree, row)


@given(trees, st.dictionaries(paths, values), st.booleans())
def test_a_path_that_leads_two_ways_asks_both(tree: Tree, row: dict[str, str], moved: bool) -> None:
    there = {("number.more" if moved and path == "number" else path): value for path, value in row.items()}
    assert holds(rewrite(tree, doubled), there) == holds(tree, row)


@given(trees)
def test_a_renamed_item_is_renamed_behind_its_paths_alone(tree: Tree) -> None:
    def value(path: str, typed: str) -> str:
        return "poor" if typed == "low" and path.endswith("rank") else typed

    there = rewrite(tree, lambda path: [path], value)
    assert "rank = low" not in source_of(there)
    back = rewrite(there, lambda path: [path], lambda _path, typed: "low" if typed == "poor" else typed)
    assert back == tree
    assert read(source_of(there)) == there
