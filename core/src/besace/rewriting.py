"""Rewriting conditions: the same question under other names. Pure, as `language` is."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from besace.language import Both, Compare, Empty, Named, Not, OneOf, Tree

Paths = Callable[[str], Sequence[str]]
"""The paths that stand for a path now: one as a rule; several where it leads to types of which one had a rename."""

Values = Callable[[str, str], str]
"""What a value, compared with a path, is called now."""


def rewrite(tree: Tree, paths: Paths, values: Values = lambda _path, value: value) -> Tree:
    """A condition with other paths and values; one that names none of them is equal to what it was."""
    match tree:
        case Not(inner):
            return Not(rewrite(inner, paths, values))
        case Both(op, parts):
            return Both(op, tuple(rewrite(part, paths, values) for part in parts))
        case Named(path):
            return _any("or", [Named(p) for p in paths(path)])
        case Empty(path):
            return _any("and", [Empty(p) for p in paths(path)])
        case Compare(path, "~", value):  # a text to look for, and no key
            return _any("or", [Compare(p, "~", value) for p in paths(path)])
        case Compare(path, op, value):
            return _any("or", [Compare(p, op, values(path, value)) for p in paths(path)])
        case OneOf(path, found):
            now = tuple(dict.fromkeys(values(path, value) for value in found))
            return _any("or", [OneOf(p, now) for p in paths(path)])


def _any(op: str, trees: Sequence[Tree]) -> Tree:
    return trees[0] if len(trees) == 1 else Both(op, tuple(trees))
