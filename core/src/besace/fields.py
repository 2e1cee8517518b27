"""Fields: what a column declares beyond SQL.

    title: Mapped[str] = fields.text("Title", names_row=True)

Whether a field is required stands in its annotation: `Mapped[str]` is, `Mapped[str | None]` is not.
Labels and help texts are written in English and translated by the catalogue of the package that declares them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, cast

from sqlalchemy.orm import Mapped

from besace import kinds
from besace.texts import Text, as_text

__all__ = [
    "Field", "boolean", "choice", "condition", "date", "datetime", "decimal", "email", "entity", "file",
    "integer", "item", "long_text", "money", "phone", "text", "type_key", "url",
]  # fmt: skip


@dataclass(frozen=True)
class Field:
    """One field of a type, part, list or relation.

    `names_row`: its value is (part of) the label of the row. `read_only`: set by operations alone, never by a
    form, an import or `edit`. `completed`: `prepare` gives a new row its value, so a required one need not be
    given. `length`: most characters. `minimum`, `maximum`: bounds, included. `example`: a value for tests, where
    kind, bounds and length do not tell which are good; in a text, `{n}` stands for a number that differs from row to
    row (see `besace.testing.build`). `system`: a column of `entity` that every type has.
    """

    kind: kinds.Kind
    label: Text | str
    help: Text | str | None = None
    required: bool = False
    names_row: bool = False
    read_only: bool = False
    completed: bool = False
    minimum: Any = None
    maximum: Any = None
    length: int | None = None
    default: Any = None
    example: Any = None
    key: str = ""
    system: bool = False

    @cached_property
    def column(self) -> str:
        """The name of the column (and of the mapped attribute that holds the raw value of a reference or item)."""
        match self.kind:
            case kinds.EntityKind():
                return f"{self.key}_id"
            case kinds.ItemKind():
                return f"{self.key}_key"
            case _:
                return self.key

    @property
    def must_be_given(self) -> bool:
        """Whether a new row needs a value for it from whoever makes it: nothing else completes it."""
        is_completed = self.completed or self.default is not None or isinstance(self.kind, kinds.BooleanKind)
        return self.required and not is_completed

    def bound(self, key: str, module: str, *, required: bool) -> Field:
        """The field under the name that its class gives it."""
        label = as_text(self.label, module)
        assert label is not None
        return replace(self, key=key, label=label, help=as_text(self.help, module), required=required)


def _describe(kind: kinds.Kind, label: Text | str, **options: Any) -> Mapped[Any]:
    # The class body sees a Mapped value; `map_fields` turns the description into columns.
    return cast(Mapped[Any], Field(kind, label, **options))


def text(
    label: Text | str, *, help: Text | str | None = None, names_row: bool = False, read_only: bool = False,
    completed: bool = False, length: int = 200, default: str | None = None,
    clean: Callable[[str], str] | None = None, example: str | None = None,
) -> Mapped[Any]:  # fmt: skip
    """A line of text. `clean` returns its proper form or raises InvalidValue; `example` is a text that it takes."""
    return _describe(
        kinds.TextKind(clean=clean), label, help=help, names_row=names_row, read_only=read_only, completed=completed,
        length=length, default=default, example=example,
    )  # fmt: skip


def long_text(
    label: Text | str, *, help: Text | str | None = None, read_only: bool = False, length: int = 100_000,
    example: str | None = None,
) -> Mapped[Any]:  # fmt: skip
    """A text of several lines."""
    return _describe(kinds.TextKind(long=True), label, help=help, read_only=read_only, length=length, example=example)


def email(label: Text | str, *, help: Text | str | None = None) -> Mapped[Any]:
    """An e-mail address."""
    return _describe(kinds.EmailKind(), label, help=help, length=254)


def phone(label: Text | str, *, help: Text | str | None = None) -> Mapped[Any]:
    """A telephone number."""
    return _describe(kinds.PhoneKind(), label, help=help)


def url(label: Text | str, *, help: Text | str | None = None) -> Mapped[Any]:
    """A web address."""
    return _describe(kinds.UrlKind(), label, help=help, length=2000)


def integer(
    label: Text | str, *, help: Text | str | None = None, minimum: int | None = None, maximum: int | None = None,
    read_only: bool = False, completed: bool = False, default: int | None = None, example: int | None = None,
) -> Mapped[Any]:  # fmt: skip
    """A whole number."""
    return _describe(
        kinds.IntegerKind(), label, help=help, minimum=minimum, maximum=maximum, read_only=read_only,
        completed=completed, default=default, example=example,
    )  # fmt: skip


def decimal(
    label: Text | str, *, places: int = 4, help: Text | str | None = None, minimum: Any = None, maximum: Any = None,
    read_only: bool = False, completed: bool = False, default: Any = None, example: Any = None,
) -> Mapped[Any]:  # fmt: skip
    """An exact number with at most `places` decimals."""
    return _describe(
        kinds.DecimalKind(places), label, help=help, minimum=minimum, maximum=maximum, read_only=read_only,
        completed=completed, default=default, example=example,
    )  # fmt: skip


def money(
    label: Text | str, *, help: Text | str | None = None, minimum: Any = None, maximum: Any = None,
    read_only: bool = False, completed: bool = False, example: Any = None,
) -> Mapped[Any]:  # fmt: skip
    """An amount in the entity's currency."""
    return _describe(
        kinds.MoneyKind(), label, help=help, minimum=minimum, maximum=maximum, read_only=read_only,
        completed=completed, example=example,
    )  # fmt: skip


def date(
    label: Text | str, *, help: Text | str | None = None, read_only: bool = False, completed: bool = False,
    default: str | None = None, example: Any = None,
) -> Mapped[Any]:  # fmt: skip
    """A day; the default may be "today"."""
    return _describe(
        kinds.DateKind(), label, help=help, read_only=read_only, completed=completed, default=default, example=example
    )


def datetime(
    label: Text | str, *, help: Text | str | None = None, read_only: bool = False, example: Any = None
) -> Mapped[Any]:
    """A moment: typed and shown in the time zone of the install, kept in UTC."""
    return _describe(kinds.DateTimeKind(), label, help=help, read_only=read_only, example=example)


def boolean(
    label: Text | str, *, help: Text | str | None = None, default: bool = False, read_only: bool = False
) -> Mapped[Any]:
    """Yes or no; never empty."""
    return _describe(kinds.BooleanKind(), label, help=help, default=default, read_only=read_only)


def choice(
    label: Text | str, choices: Mapping[str, Text], *, help: Text | str | None = None, default: str | None = None,
    read_only: bool = False, completed: bool = False,
) -> Mapped[Any]:  # fmt: skip
    """One of a few keys that the code knows: `{key: label}`."""
    return _describe(
        kinds.ChoiceKind(choices), label, help=help, default=default, read_only=read_only, completed=completed
    )


def item(
    label: Text | str, *, list: str, help: Text | str | None = None, default: str | None = None,
    read_only: bool = False, completed: bool = False, example: str | None = None,
) -> Mapped[Any]:  # fmt: skip
    """An item of an editable list."""
    return _describe(
        kinds.ItemKind(list), label, help=help, default=default, read_only=read_only, completed=completed,
        example=example,
    )  # fmt: skip


def entity(
    label: Text | str, *, types: tuple[str, ...] = (), help: Text | str | None = None, read_only: bool = False
) -> Mapped[Any]:
    """A reference to an entity of these types, named by their keys (also of absent plugins); none means any."""
    return _describe(kinds.EntityKind(types), label, help=help, read_only=read_only)


def file(label: Text | str, *, help: Text | str | None = None, read_only: bool = True) -> Mapped[Any]:
    """A file that is kept beside the database, by the SHA-256 of its content, which an operation stores (`files`)."""
    return _describe(kinds.FileKind(), label, help=help, read_only=read_only)


def type_key(label: Text | str, *, help: Text | str | None = None) -> Mapped[Any]:
    """The key of an entity type."""
    return _describe(kinds.TypeKind(), label, help=help)


def condition(
    label: Text | str, *, about: str = "", help: Text | str | None = None, example: str | None = None
) -> Mapped[Any]:
    """A condition on another type, whose key stands in the field `about` (else in the row's only type key)."""
    return _describe(kinds.ConditionKind(about), label, help=help, example=example)
