"""The condition language: a text such as `won and expected_revenue >= 1000EUR` as a tree.

    condition  = any of:  a or b   a and b   not a   (a)
                 path = value   != < <= > >=   path ~ text   path in (a, b)   path is [not] empty
                 name          a named condition, or a field that is yes or no
    path       = field, or field.field through a reference or a list item
    value      = a bare word, number, amount, date or today; text with spaces in "double quotes" or 'single' ones

Pure: it knows neither types nor the database (`conditions` does).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from besace.errors import ConditionError
from besace.texts import Text, translator

_ = translator(__name__)

OPERATORS = ("=", "!=", "<", "<=", ">", ">=", "~")

_WORD = r"""(?!')[^\s()=<>!~,"]+"""
_TOKEN = re.compile(
    r"""\s*(?:(?P<text>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'(?=[\s(),]|$))"""
    rf"|(?P<op>!=|<=|>=|[=<>~(),])|(?P<word>{_WORD})|(?P<bad>\S))"
)
_KEYWORDS = {"and", "or", "not", "in", "is", "empty"}
_DEEPEST = 50


@dataclass(frozen=True)
class Named:
    """A named condition, or a field that is yes or no."""

    path: str
    at: int | None = field(default=None, compare=False)


@dataclass(frozen=True)
class Compare:
    """A field against one value."""

    path: str
    op: str
    value: str
    at: int | None = field(default=None, compare=False)
    value_at: int | None = field(default=None, compare=False)


@dataclass(frozen=True)
class OneOf:
    """A field against several values."""

    path: str
    values: tuple[str, ...]
    at: int | None = field(default=None, compare=False)
    value_at: int | None = field(default=None, compare=False)


@dataclass(frozen=True)
class Empty:
    """A field without a value."""

    path: str
    at: int | None = field(default=None, compare=False)


@dataclass(frozen=True)
class Not:
    """The opposite of a condition."""

    inner: Tree


@dataclass(frozen=True)
class Both:
    """Several conditions joined by `and` or `or`."""

    op: str
    parts: tuple[Tree, ...]


Tree = Named | Compare | OneOf | Empty | Not | Both


def parse(source: str) -> list[Any]:
    """The condition as it is stored: nested lists of keys and values. Raises ConditionError."""
    return to_json(read(source))


def read(source: str) -> Tree:
    """The condition as a tree that remembers its places in `source`; raises ConditionError at the wrong one."""
    return _Reader(source).whole()


def to_json(tree: Tree) -> list[Any]:
    """The stored form of a tree."""
    match tree:
        case Named(path):
            return ["is", path]
        case Compare(path, op, value):
            return [op, path, value]
        case OneOf(path, values):
            return ["in", path, *values]
        case Empty(path):
            return ["empty", path]
        case Not(inner):
            return ["not", to_json(inner)]
        case Both(op, parts):
            return [op, *(to_json(p) for p in parts)]


def from_json(stored: list[Any]) -> Tree:
    """The tree of a stored condition; raises ConditionError when it has not the stored form."""
    match stored:
        case ["is", str(path)]:
            return Named(path)
        case ["in", str(path), *values] if values and all(isinstance(v, str) for v in values):
            return OneOf(path, tuple(values))
        case ["empty", str(path)]:
            return Empty(path)
        case ["not", list(inner)]:
            return Not(from_json(inner))
        case [("and" | "or") as op, *parts] if len(parts) > 1 and all(isinstance(p, list) for p in parts):
            return Both(op, tuple(from_json(p) for p in parts))
        case [str(op), str(path), str(value)] if op in OPERATORS:
            return Compare(path, op, value)
    raise ConditionError(_("A stored condition is damaged: {stored}.").format(stored=repr(stored)))


def source_of(stored: list[Any] | Tree) -> str:
    """A condition as it would be typed."""
    tree = from_json(stored) if isinstance(stored, list) else stored
    match tree:
        case Named(path):
            return path
        case Compare(path, op, value):
            return f"{path} {op} {_quote(value)}"
        case OneOf(path, values):
            return f"{path} in ({', '.join(_quote(v) for v in values)})"
        case Empty(path):
            return f"{path} is empty"
        case Not(Empty(path)):
            return f"{path} is not empty"
        case Not(inner):
            return f"not {_enclosed(inner)}"
        case Both(op, parts):
            return f" {op} ".join(_enclosed(p) for p in parts)


def _enclosed(tree: Tree) -> str:
    return f"({source_of(tree)})" if isinstance(tree, Both) else source_of(tree)


def _quote(value: str) -> str:
    if re.fullmatch(_WORD, value) and value.lower() not in _KEYWORDS:
        return value
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'


@dataclass(frozen=True)
class _Token:
    kind: str
    value: str
    at: int

    def is_word(self, *words: str) -> bool:
        return self.kind == "word" and self.value.lower() in words

    def is_op(self, *ops: str) -> bool:
        return self.kind == "op" and self.value in ops


class _Reader:
    def __init__(self, source: str) -> None:
        self.source = source
        self.tokens = list(self._tokens())
        self.next = 0
        self.depth = 0

    def _tokens(self) -> Iterator[_Token]:
        for match in _TOKEN.finditer(self.source):
            kind = match.lastgroup or ""
            at = match.start(kind)
            if kind == "bad":
                message = (
                    _("The text that begins here has no closing quotation mark.")
                    if match[kind] in "\"'"
                    else _("Unexpected {found}.")
                )
                raise self.error(message.format(found=match[kind]), at)
            value = match[kind]
            yield _Token(kind, re.sub(r"\\(.)", r"\1", value[1:-1]) if kind == "text" else value, at)
        yield _Token("end", "", len(self.source.rstrip()))

    def error(self, message: Text, at: int) -> ConditionError:
        hint = _('A condition reads for example: expected_revenue >= 1000EUR and name ~ "fair".')
        return ConditionError(message, hint, source=self.source, position=at)

    @property
    def token(self) -> _Token:
        return self.tokens[self.next]

    def take(self) -> _Token:
        token = self.token
        self.next += 1
        return token

    def whole(self) -> Tree:
        if self.token.kind == "end":
            raise self.error(_("The condition is empty."), 0)
        tree = self.either()
        if self.token.kind != "end":
            raise self.error(
                _("Expected and, or, or the end, not {found}.").format(found=self.token.value), self.token.at
            )
        return tree

    def either(self) -> Tree:
        return self.chain("or", lambda: self.chain("and", self.single))

    def chain(self, op: str, inner: Any) -> Tree:
        parts = [inner()]
        while self.token.is_word(op):
            self.take()
            parts.append(inner())
        return parts[0] if len(parts) == 1 else Both(op, tuple(parts))

    def single(self) -> Tree:
        self.depth += 1
        if self.depth > _DEEPEST:
            raise self.error(_("The condition is nested too deeply."), self.token.at)
        try:
            if self.token.is_word("not"):
                self.take()
                return Not(self.single())
            if self.token.is_op("("):
                self.take()
                tree = self.either()
                self.expect(")")
                return tree
            return self.comparison()
        finally:
            self.depth -= 1

    def expect(self, op: str) -> None:
        if not self.token.is_op(op):
            raise self.error(_("Expected {expected} here.").format(expected=op), self.token.at)
        self.take()

    def comparison(self) -> Tree:
        name = self.take()
        if name.kind != "word" or name.value.lower() in _KEYWORDS:
            raise self.error(_("Expected a field or the name of a condition here."), name.at)
        path = name.value.replace("-", "_")
        token = self.token
        if token.is_op(*OPERATORS):
            self.take()
            value = self.value()
            return Compare(path, token.value, value.value, name.at, value.at)
        if token.is_word("in"):
            self.take()
            return self.one_of(path, name.at)
        if token.is_word("not") and self.tokens[self.next + 1].is_word("in"):
            self.next += 2
            return Not(self.one_of(path, name.at))
        if token.is_word("is"):
            self.take()
            return self.emptiness(path, name.at)
        return Named(path, name.at)

    def value(self) -> _Token:
        token = self.take()
        if token.kind not in ("word", "text") or token.is_word(*_KEYWORDS):
            raise self.error(_("Expected a value here."), token.at)
        return token

    def one_of(self, path: str, at: int) -> OneOf:
        self.expect("(")
        first = self.value()
        values = [first.value]
        while self.token.is_op(","):
            self.take()
            values.append(self.value().value)
        self.expect(")")
        return OneOf(path, tuple(values), at, first.at)

    def emptiness(self, path: str, at: int) -> Tree:
        negated = self.token.is_word("not")
        if negated:
            self.take()
        if not self.token.is_word("empty"):
            raise self.error(_("Expected: is empty, or: is not empty."), self.token.at)
        self.take()
        return Not(Empty(path, at)) if negated else Empty(path, at)
