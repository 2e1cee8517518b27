"""Exporting a type: a CSV file, and beside it the mapping by which `import` brings the same rows back.

A reference stands in two columns: the label for people, and the key (see `transfer.keys`) by which it is
found, or made where it is not there yet, so that the files of several types can be imported in any order.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from besace.errors import Refused
from besace.fields import Field
from besace.kinds import EntityKind, MoneyKind
from besace.model import entity_table
from besace.reading import rows_of
from besace.texts import translator
from besace.transfer.drafts import draft_of, file_called
from besace.transfer.keys import Key, own_system
from besace.types import TypeInfo
from besace.values import loaded

if TYPE_CHECKING:
    from besace.app import Besace
    from besace.database import Work

_ = translator(__name__)

PAGE = 1000
"""Rows of one statement."""

_IDENTITY = ("external_system", "external_id")
_MARK = "# Written by besace export:"


@dataclass(frozen=True)
class ExportResult:
    """What an export wrote: so many rows, the file and the mapping beside it."""

    rows: int
    file: str
    mapping: str


@dataclass(frozen=True)
class _Named:
    """What a file says of an entity that is referred to."""

    label: str
    key: str


def export_type(
    crm: Besace,
    type_key: str,
    file: Path | str,
    *,
    where: str | None = None,
    user: str | None = None,
    language: str | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> ExportResult:
    """Write the entities of a type (that meet a condition) to a CSV file, and its mapping beside it.

    They hold one snapshot, streamed by pages, and appear when they are complete. Raises BesaceError for an
    unknown type or condition, and for a file that cannot be written.
    """
    path = file_called(file)
    mapping_path = path.with_suffix(".toml")
    with crm.read(user=user, language=language, door="export") as work:
        info = work.crm.registry.type(type_key)
        export = _Export(work, info, where)
        _refuse_foreign(mapping_path)
        with draft_of(path) as draft, draft.open("w", encoding="utf-8", newline="") as lines:
            writer = csv.writer(lines)
            writer.writerow(export.columns)
            done = 0
            for rows in export.pages():
                writer.writerows(rows)
                done += len(rows)
                if progress is not None:
                    progress(done, export.length)
        with draft_of(mapping_path) as draft:
            draft.write_text(export.mapping(), encoding="utf-8")
    return ExportResult(done, str(path), str(mapping_path))


class _Export:
    def __init__(self, work: Work, info: TypeInfo, where: str | None) -> None:
        from besace.conditions import compile_condition

        self.work = work
        self.info = info
        self.own_system = own_system(work)
        self.source = info.source()
        self.condition = compile_condition(work, where, self.source) if where else sa.true()
        count = rows_of(work, info, sa.func.count()).where(self.condition)
        self.length = int(work.execute(count).scalar_one())
        fields = [f for k, f in info.all_fields.items() if k not in _IDENTITY]
        self.written = [f for f in fields if not f.read_only]
        self.shown = [f for f in fields if f.read_only]

    @property
    def columns(self) -> list[str]:
        """The heading: identity, what can be imported, then what is only shown."""
        names = list(_IDENTITY)
        for f in (*self.written, *self.shown):
            names += [f.key, key_column(f)] if _has_key(f) else [f.key]
        return names

    def pages(self) -> Iterator[list[list[str]]]:
        """The rows, page by page in the order of their ids."""
        fields = self.info.all_fields
        columns = [self.source.of(f).label(k) for k, f in fields.items()]
        last = 0
        while True:
            statement = (
                rows_of(self.work, self.info, *columns)
                .where(self.condition, self.source.id > last)
                .order_by(self.source.id)
                .limit(PAGE)
            )
            found = [self._values(row) for row in self.work.execute(statement).mappings()]
            if not found:
                return
            last = found[-1]["id"]
            named = self._named(found)
            yield [self._cells(values, named) for values in found]

    def _values(self, row: Any) -> dict[str, Any]:
        raw = {f.column: row[k] for k, f in self.info.all_fields.items()}
        return loaded(self.info.all_fields, raw, row["currency"])

    def _named(self, rows: Sequence[Mapping[str, Any]]) -> dict[int, _Named]:
        """The entities that a page refers to: one statement."""
        references = [f.key for f in (*self.written, *self.shown) if isinstance(f.kind, EntityKind)]
        ids = {row[key] for row in rows for key in references} - {None}
        e = entity_table.c
        statement = sa.select(e.id, e.type, e.label, e.external_system, e.external_id).where(e.id.in_(ids))
        return {
            row.id: _Named(row.label, str(self._key(row.type, row.id, row.external_system, row.external_id)))
            for row in self.work.execute(statement)
        }

    def _key(self, type_key: str, entity_id: int, system: str | None, external_id: str | None) -> Key:
        if system and external_id:
            return Key(type_key, system, external_id)
        return Key(type_key, self.own_system, str(entity_id))

    def _cells(self, values: Mapping[str, Any], named: Mapping[int, _Named]) -> list[str]:
        key = self._key(self.info.key, values["id"], values["external_system"], values["external_id"])
        cells = [key.system, key.id]
        for f in (*self.written, *self.shown):
            value = values[f.key]
            if isinstance(f.kind, EntityKind):
                known = named.get(value)
                cells.append(known.label if known else "")
                if _has_key(f):
                    cells.append(known.key if known else "")
            else:
                cells.append(_text(f, value))
        return cells

    def mapping(self) -> str:
        """The mapping that reads the file."""
        lines = [
            f"{_MARK} the mapping that brings these rows back.",
            f"type = {_toml(self.info.key)}",
            'delimiter = ","',
            'empty_cells = "clear"',
            "",
            "[identity]",
            'column = "external_id"',
            'system_column = "external_system"',
            "",
            "[fields]",
        ]
        lines += [_entry(f) for f in self.written]
        return "\n".join(lines) + "\n"


def key_column(f: Field) -> str:
    """The column beside a reference by which it is found."""
    return f"{f.key}_key"


def _has_key(f: Field) -> bool:
    """Users are found by their names, which are unique; everything else by its key."""
    return isinstance(f.kind, EntityKind) and f.kind.types != ("user",)


def _entry(f: Field) -> str:
    name = _toml(f.key)
    if not isinstance(f.kind, EntityKind):
        return f"{f.key} = {name}"
    if not _has_key(f):
        return f'{f.key} = {{ column = {name}, look_up = {{ type = "user", create = true }} }}'
    look_up = f'{{ by = "key", create = true, name_column = {name} }}'
    return f"{f.key} = {{ column = {_toml(key_column(f))}, look_up = {look_up} }}"


def _toml(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _text(f: Field, value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(f.kind, MoneyKind):
        return str(value.json["amount"])
    return str(f.kind.json(value))


def _refuse_foreign(path: Path) -> None:
    """A mapping that someone wrote is not written over."""
    try:
        ours = not path.exists() or path.read_text(encoding="utf-8").startswith(_MARK)
    except (OSError, UnicodeDecodeError):
        ours = False
    if not ours:
        raise Refused(
            _("{file} is there already, and was not written by an export.").format(file=path),
            _("Choose another name for the CSV file: its mapping is written beside it."),
        )
