"""The declarations that plugins give: small frozen records, one per thing that can be declared."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from besace.texts import Text

if TYPE_CHECKING:
    import sqlalchemy as sa

    from besace.kinds import Kind
    from besace.types import Source

ANY = "any"
"""Stands for every entity type, also those that come later."""


@dataclass(frozen=True)
class RelationType:
    """A typed, directed relation between entities, with a predicate each way.

    `subjects` and `objects` are keys of types, of absent plugins too, or ANY (rule E3). `attributes` are fields
    by key. `carries_goal`: what is linked by it to a deal may count as linked "only through the deal".
    `option` names an option of the `create` of every type that may be the subject, which links what is made at once
    (`option="fulfils"`: `--fulfils REF`, as often as wanted); `reverse_option` is one for those that may be the object.
    """

    key: str
    label: Text
    reverse: Text
    subjects: tuple[str, ...] | Literal["any"] = ANY  # type: ignore[assignment]
    objects: tuple[str, ...] | Literal["any"] = ANY  # type: ignore[assignment]
    attributes: Mapping[str, Any] = field(default_factory=dict, hash=False)
    carries_goal: bool = False
    option: str = ""
    reverse_option: str = ""
    plugin: str = ""

    def __post_init__(self) -> None:
        for name in (self.option, self.reverse_option):
            if name and not re.fullmatch(r"[a-z][a-z0-9_]*", name):
                raise TypeError(f'"{name}" of the relation "{self.key}" cannot be an option: a-z, 0-9 and _ only')


@dataclass(frozen=True)
class Condition:
    """A named question about the entities of a type, asked in the condition language.

    `Condition("won", on="opportunity", where="phase.outcome = won", label=_("Won"))`
    """

    key: str
    on: str
    where: str
    label: Text
    plugin: str = ""


@dataclass(frozen=True)
class Measure:
    """A named amount or number of the entities of a type.

    `value` is a field of the type, or a function of its `Source` that gives an SQL expression: minor units for
    an amount (`money=True`), else a whole number. `where` narrows it to the rows that meet a condition; the
    rows without a value are left out of sums, and counted under `missing` where that key is given.
    `is_return`: it is something that came of its rows, on which a return can be told beside that on what was won.
    """

    key: str
    on: str
    label: Text
    value: str | Callable[[Source], sa.ColumnElement[Any]]
    where: str | None = None
    money: bool = True
    missing: str | None = None
    is_return: bool = False
    plugin: str = ""


@dataclass(frozen=True)
class Counter:
    """Another way to count for an objective: any set of rows, given by a SELECT of (action id, entity id).

    `select(work, action_ids)` returns that SELECT; `counts` is the type of the counted entities.
    """

    key: str
    label: Text
    counts: str
    select: Callable[[Any, Sequence[int]], sa.Select[Any]]
    plugin: str = ""


@dataclass(frozen=True)
class Parameter:
    """One parameter of an operation: an option on the command line, a field of its form.

    `raw`: the operation gets what was typed, as `create` does, whose fields read their values themselves.
    """

    name: str
    kind: Kind
    required: bool = False
    default: Any = None
    help: Text | None = None
    positional: bool = False
    multiple: bool = False
    raw: bool = False


@dataclass(frozen=True)
class Operation:
    """A verb of a type: a function `(work, entity, *, keyword arguments) -> result`.

    `on` is the key of an entity or part type, or None for the verbs of every type. `scope` says what it is given
    besides the work: "one" entity, "many" entities (perhaps none), or "none". The typed keyword-only parameters
    are its options; `options` gives their help texts, `positional` the names of those given without a name.
    `layout(work, result)` says how a person sees a result that is not an entity. `right` names the permission.
    """

    key: str
    on: str
    run: Callable[..., Any]
    label: Text
    help: Text | None = None
    scope: Literal["one", "many", "none"] = "one"
    writes: bool = True
    right: str = "write"
    options: Mapping[str, Text] = field(default_factory=dict, hash=False)
    positional: tuple[str, ...] = ()
    parameters: tuple[Parameter, ...] | None = None
    layout: Callable[..., Any] | None = None
    plugin: str = ""


@dataclass(frozen=True)
class Block:
    """A part of the view of one entity: `query(work, entity)` returns data, `layout(work, data)` lays it out.

    `on` is the key of a type, or ANY. The data (frozen dataclasses, lists and plain values) is the JSON.
    """

    key: str
    on: str
    label: Text
    query: Callable[..., Any]
    layout: Callable[..., Any]
    order: int = 50
    plugin: str = ""


@dataclass(frozen=True)
class Setting:
    """A setting of the install, stored in its database, shown and set by `config`; a number has bounds, if wanted."""

    key: str
    kind: Kind
    label: Text
    help: Text | None = None
    default: Any = None
    plugin: str = ""
    minimum: Any = None
    maximum: Any = None


@dataclass(frozen=True)
class Command:
    """A command that belongs to no entity: `target` is "module:attribute" of a click command.

    `needs_install=False`: it is offered outside an install, and where its plugin is not enabled.
    """

    name: str
    target: str
    help: Text
    needs_install: bool = True
    plugin: str = ""


@dataclass(frozen=True)
class Seed:
    """Something to do once, when the plugin is enabled: `run(work)`; it must be safe to run again."""

    key: str
    run: Callable[[Any], None]
    plugin: str = ""


@dataclass(frozen=True)
class Finding:
    """What a verification found wrong: a sentence, and a second one on the way on.

    `about` is whatever the verification's `mend` needs to find the thing again: an id, a tuple of keys.
    """

    message: Text
    hint: Text | None = None
    about: Any = None


@dataclass(frozen=True)
class Verification:
    """A check of stored rows, run by `besace verify`: what is derived must be right, what is promised must hold.

    `find(work)` gives a `Finding` for each thing that is wrong, in a unit that reads. It asks in a fixed number of
    statements and keeps no more than it needs: there may be millions of rows, and as many findings.
    `mend(work, findings)` is for derived data alone: it sets some of these findings right, in a unit that writes,
    and returns how many. They may have changed since they were found. A broken promise is mended by a person.
    """

    key: str
    label: Text
    find: Callable[[Any], Iterable[Finding]]
    mend: Callable[[Any, Sequence[Finding]], int] | None = None
    plugin: str = ""


@dataclass(frozen=True)
class Content:
    """A result that is the content of a file: the command line writes it to its standard output as it is."""

    pieces: Iterable[bytes]


# ---- what blocks and operations lay out --------------------------------------------------------


@dataclass(frozen=True)
class Facts:
    """Names with their values, one below the other."""

    rows: Sequence[tuple[Text | str, Any]]
    title: Text | str | None = None


@dataclass(frozen=True)
class Table:
    """Rows under headings; `total` is a last row set apart. Amounts and numbers stand at the right."""

    columns: Sequence[Text | str]
    rows: Sequence[Sequence[Any]]
    title: Text | str | None = None
    total: Sequence[Any] | None = None
    empty: Text | str | None = None


@dataclass(frozen=True)
class Bar:
    """One bar: how far a value is on its way to a target, in whole percent (None: cannot be said)."""

    label: Text | str
    value: Any
    target: Any
    percent: int | None
    note: Text | str | None = None


@dataclass(frozen=True)
class Progress:
    """Several bars."""

    bars: Sequence[Bar]
    title: Text | str | None = None
    empty: Text | str | None = None


@dataclass(frozen=True)
class Note:
    """A sentence under the others."""

    text: Text | str


Layout = Facts | Table | Progress | Note
