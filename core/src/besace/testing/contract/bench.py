"""The bench on which a plugin is checked: an install with it, the command line, and examples of its values."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from besace import Besace, Money, entities, parts, reading
from besace.errors import BesaceError, Refused
from besace.testing.building import build, example_of, values_of
from besace.types import PartInfo

if TYPE_CHECKING:
    from besace.database import Work
    from besace.fields import Field
    from besace.testing.fixtures import Ran

Examples = Mapping[str, Mapping[str, Any] | Callable[..., Mapping[str, Any]]]
"""Values that rules ask for and no declaration tells, or functions that give them.

"type" or "part": what a row needs. "type.field": what a field needs beside it, `(work) -> values`. "type operation":
the options with which it succeeds, `(work, entity) -> options`, which may first bring the entity where it begins.
"""


@dataclass(frozen=True)
class Subject:
    """The plugin that is checked: its name, its module, the folder of its package, and the text of its README."""

    name: str
    module: Any
    needs: tuple[str, ...] = ()
    beside: Mapping[str, Any] = field(default_factory=dict)
    is_installed: bool = True
    package: Path | None = None
    readme: str | None = None
    examples: Examples = field(default_factory=dict)


@dataclass(frozen=True)
class Kept:
    """Rows, by the key of their type or part, that several checks of one install look at and none changes."""

    filled: dict[str, list[int]] = field(default_factory=dict)
    fullest: dict[str, list[tuple[list[Field], int]]] = field(default_factory=dict)


@dataclass(frozen=True)
class Bench:
    """What one check works with: a check takes a bench, and yields a sentence for each problem that it finds.

    `key` names the type, part or operation that it looks at, where it looks at one. `another` makes a second install
    like the first. `kept` are rows of this install that its checks hand on.
    """

    subject: Subject
    crm: Besace
    another: Callable[[], Besace]
    run: Callable[..., Ran]
    key: str = ""
    kept: Kept = field(default_factory=Kept)

    @property
    def info(self) -> Any:
        """What the install knows of the type or part."""
        key = self.key.partition(" ")[0]
        return self.crm.registry.parts.get(key) or self.crm.registry.type(key)

    @property
    def is_part(self) -> bool:
        """Whether it is a part."""
        return isinstance(self.info, PartInfo)

    @property
    def open_fields(self) -> list[Field]:
        """The fields that may be set by hand."""
        return [f for f in self.info.fields.values() if not f.read_only]

    def command(self, *words: Any) -> Ran:
        """Run a command of the type or part."""
        return self.run(self.crm, self.info.key.replace("_", "-"), *map(str, words))

    # ---- rows ------------------------------------------------------------------------------------

    def build(self, work: Work, **given: Any) -> Any:
        """One row, with what its type's own example gives."""
        return build(work, self.info.key, **{**self.example(self.info.key, work), **given})

    def values_with(self, work: Work, one: Field) -> dict[str, Any]:
        """An example of a field, and what has to stand beside it."""
        beside = self.example(f"{self.info.key}.{one.key}", work)
        return beside if one.key in beside else {one.key: example_of(work, self.info, one), **beside}

    def values(self, work: Work) -> dict[str, Any]:
        """Examples for the fields that a row must have."""
        return values_of(work, self.info, self.example(self.info.key, work))

    def example(self, key: str, *arguments: Any) -> dict[str, Any]:
        """What the author of the plugin gave as an example for this."""
        given = self.subject.examples.get(key, {})
        return dict(given(*arguments) if callable(given) else given)

    def fill(self, work: Work) -> list[Any]:
        """A row with what it must have, and one for each other field that can be set."""
        return [self.build(work), *(row for _field, row in self._built(work).values())]

    def filled(self, work: Work) -> list[Any]:
        """The rows of `fill`, for a check that only looks at them: the first one of an install makes them."""
        if self.info.key in self.kept.filled:
            return [self.read(work, row_id) for row_id in self.kept.filled[self.info.key]]
        rows = self.fill(work)
        self.kept.filled[self.info.key] = [row.id for row in rows]
        return rows

    def fullest(self, work: Work) -> list[tuple[list[Field], int]]:
        """Rows, by id, with as many fields set as rules allow, each with these fields; a field is in one if it can be.

        They too are for a check that only looks at them.
        """
        if self.info.key not in self.kept.fullest:
            at_once = self._built_with(work, self.open_fields)
            groups = [(self.open_fields, at_once)] if at_once is not None else self._grouped(work)
            self.kept.fullest[self.info.key] = [(fields, row.id) for fields, row in groups]
        return self.kept.fullest[self.info.key]

    def build_fullest(self, work: Work) -> Any:
        """One such row, made anew."""
        fields = next((fields for fields, _row in self.fullest(work)), [])
        return self.build(work, **self.values_together(work, fields))

    def _grouped(self, work: Work) -> list[tuple[list[Field], Any]]:
        """Where rules forbid some fields beside others: each field joins the first row that can have it too."""
        groups: list[tuple[list[Field], Any]] = []
        for one, row in self._built(work).values():
            for place, (fields, _row) in enumerate(groups):
                together = self._built_with(work, [*fields, one])
                if together is not None:
                    groups[place] = [*fields, one], together
                    break
            else:
                groups.append(([one], row))
        return groups

    def values_together(self, work: Work, fields: Sequence[Field]) -> dict[str, Any]:
        """Examples of several fields at once, made anew: what differs from row to row does; {} where they disagree."""
        together: dict[str, Any] = {}
        for values in (self.values_with(work, one) for one in fields):
            if any(together.get(key, value) != value for key, value in values.items()):
                return {}
            together |= values
        return together

    def _built(self, work: Work) -> dict[str, tuple[Field, Any]]:
        """By the key of each field that can be set, the field and a row; a check of its own tells of the others."""
        built = {one.key: (one, self._built_with(work, [one])) for one in self.open_fields}
        return {key: (one, row) for key, (one, row) in built.items() if row is not None}

    def _built_with(self, work: Work, fields: Sequence[Field]) -> Any:
        """A row with these fields set; None where that cannot be."""
        try:
            values = self.values_together(work, fields)
            return self.build(work, **values) if values else None
        except (BesaceError, ValueError):
            return None

    def read(self, work: Work, row_id: int) -> Any:
        """A row as it is stored now."""
        key = self.info.key
        return reading.get_part(work, key, row_id) if self.is_part else reading.get(work, key, row_id)

    def edit(self, work: Work, row: Any, **values: Any) -> Any:
        """Change a row through its door."""
        door: Any = parts.edit if self.is_part else entities.edit
        return door(work, row, **values)

    # ---- what is stored, what is refused -----------------------------------------------------------

    def stored(self) -> dict[str, list[str]]:
        """Every row of every table that holds data, also of those of disabled plugins."""
        return stored(self.crm)

    def refusal(self, act: Callable[[Work], Any]) -> str | None:
        """What is wrong with how something was refused: None where it was, with sentences in both languages."""
        return next((told for _name, told in self.not_refused([("", act)])), None)

    def not_refused(self, acts: Iterable[tuple[str, Callable[[Work], Any]]]) -> Iterator[tuple[str, str]]:
        """The acts, by name, that are not refused as they should be, and what is wrong with each.

        Those that are share a unit of which nothing is kept: one for each would cost more than what it is about.
        """
        waiting, trial = list(acts)[::-1], Refused("This was a trial.")
        while waiting:
            told, name = None, ""
            try:
                with self.crm.write() as work:
                    while waiting:
                        name, act = waiting.pop()
                        told = _told_of(act, work)
                        if told is not None:
                            break
                        work.expunge_all()  # the next act looks at what is stored
                    raise trial  # so that nothing is kept
            except BesaceError as error:
                if error is not trial:  # the database itself refused, and the unit cannot go on
                    told = _ill_said(error)
            except Exception as error:  # whatever the plugin raises: that it is no sentence is what is told
                told = f"ends in {type(error).__name__}: {error}"[:200]
            if told is not None:
                yield name, told


def _told_of(act: Callable[[Work], Any], work: Work) -> str | None:
    try:
        act(work)
    except BesaceError as error:
        return _ill_said(error)
    return "is accepted"


def _ill_said(error: BesaceError) -> str | None:
    """What is wrong with the sentence of a refusal in either language; None where it is one."""
    said = [error.in_language(language) for language in ("en", "fr")]
    bad = next((s for s in said if len(s) <= 10 or "{" in s), None)
    return None if bad is None else f"is refused with {bad!r}: say in a sentence what is wrong"


def stored(crm: Besace) -> dict[str, list[str]]:
    """Every row of every table of an install, but those that say which plugins are enabled."""
    kept = ("install", "plugin", "sqlite_sequence")
    with crm.reader.connect() as connection:
        names = [name for name in sa.inspect(connection).get_table_names() if name not in kept]
        return {
            n: sorted(map(repr, connection.execute(sa.select(sa.text("*")).select_from(sa.table(n))))) for n in names
        }


def word(value: Any) -> str:
    """A value as a person types it."""
    match value:
        case bool():
            return "yes" if value else "no"
        case Money():
            return f"{value.amount}{value.currency}"
        case datetime() | date():
            return value.isoformat()
        case Decimal():
            return format(value, "f")
        case _:
            return str(getattr(value, "id", value))


def options(values: Mapping[str, Any]) -> list[str]:
    """Values as options of a command: `--start-date=2026-03-14`; one of many values stands several times."""
    pairs = [(k, v) for k, value in values.items() for v in (value if isinstance(value, list) else [value])]
    return [f"--{key.replace('_', '-')}={word(value)}" for key, value in pairs]


def differing(told: Mapping[str, tuple[Any, Any]]) -> Iterator[str]:
    """A sentence for each thing that is not what it should be: `{what: (is, should be)}`."""
    for what, (found, wanted) in told.items():
        if found != wanted:
            yield f"{what} is {found!r} and should be {wanted!r}"
