"""The README of a plugin: its tables name what the plugin declares, all of it and nothing else."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import zip_longest
from typing import Any

from besace.operations import parameters_of
from besace.testing.contract.bench import Bench, differing
from besace.types import PartInfo

Row = dict[str, str]

HEADINGS = {
    "Types": "type | fields",
    "Lists": "list | shipped items | own columns",
    "Relations": "relation | subject | object | reads | and back | attributes",
    "Operations": "operation | on | options | right",
    "Conditions": "condition | on | holds for",
    "Measures": "measure | on | sums",
    "Blocks": "block | on | shows",
    "Counters": "counter | counts",
    "Settings": "setting | default | is",
    "Commands": "command | does",
    "Verifications": "verification | finds",
}
"""What stands above the table of each section; keys of what is declared stand in backquotes."""


def tables_of(page: str) -> dict[str, list[Row]]:
    """The tables of a page by section, each row by heading."""
    found: dict[str, list[Row]] = {}
    section, headings = "", None
    for line in page.splitlines():
        if line.startswith("## "):
            section, headings = line[3:].strip(), None
        elif not line.startswith("|"):
            headings = None
        elif headings is None:
            headings = _cells(line)
        elif not set(line) <= set("|-: "):
            found.setdefault(section, []).append(dict(zip_longest(headings, _cells(line), fillvalue="")))
    return found


def _cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip().removeprefix("|").removesuffix("|").split("|")]


def _key(cell: str) -> str:
    """What a cell names: its first word in backquotes, else all of it."""
    return next(iter(_quoted(cell)), cell)


def _quoted(cell: str) -> list[str]:
    return re.findall(r"`([^`]+)`", cell)


def matches_the_code(bench: Bench) -> Iterator[str]:
    """The tables of its README name its types and fields, lists, relations, and all else that it declares."""
    if bench.subject.readme is None:
        yield "there is no README: name it in pyproject.toml (readme = ...), or with check_plugin(..., readme=PATH)"
        return
    told = tables_of(bench.subject.readme)
    for section, columns in HEADINGS.items():
        needed = set(columns.split(" | ")[: _NAMED.get(section, 0)])
        lacking = needed.difference(*told.get(section, [])[:1]) if section in told else set()
        if lacking:
            yield f'section "{section}": its table has no column {" and no ".join(sorted(lacking))}'
            yield _hint(section)
            continue
        problems = list(_section_differs(bench, section, told))
        yield from problems
        if problems:
            yield _hint(section)


_NAMED = {"Types": 2, "Lists": 2, "Relations": 5, "Operations": 4}
"""How many columns are looked up by their headings, in these sections; in the others, by their place."""


def _hint(section: str) -> str:
    return f'the table under "## {section}" has the columns {HEADINGS[section]}; keys stand in backquotes'


def _section_differs(bench: Bench, section: str, told: Mapping[str, list[Row]]) -> Iterator[str]:
    if section in _ENTRIES:
        read, declared = _ENTRIES[section]
        yield from _entries_differ(section, read(told), declared(bench))
        return
    records = getattr(bench.crm.registry, section.lower())
    names = sorted(key for key, record in records.items() if record.plugin == bench.subject.name)
    rows = told.get(section, [])
    is_on_type = HEADINGS[section].split(" | ")[1] == "on"
    found: Any = _on_types(rows) if is_on_type else [_key(next(iter(row.values()))) for row in rows]
    yield from differing({f'section "{section}"': (sorted(found), names)})


def _entries_differ(section: str, found: Mapping[Any, Any], wanted: Mapping[Any, Any]) -> Iterator[str]:
    for key in sorted(found.keys() | wanted.keys()):
        name = " ".join(key) if isinstance(key, tuple) else key
        yield from differing({f'section "{section}", {name}': (found.get(key), wanted.get(key))})


def _on_types(rows: list[Row]) -> Iterator[tuple[str, str]]:
    """(type, key) of each row whose first cell names a declaration and whose second says on what."""
    for row in rows:
        first, on = list(row.values())[:2]
        yield from ((key.strip(), _key(first)) for key in on.split(","))


def _told_types(told: Mapping[str, list[Row]]) -> dict[str, Any]:
    rows = [(_quoted(row["type"]), _quoted(row["fields"])) for row in told.get("Types", [])]
    return {(named or [""])[0]: _row(fields, named[1:]) for named, fields in rows}


def _types(bench: Bench) -> dict[str, Any]:
    own = [row for row in bench.crm.registry.rows if row.plugin == bench.subject.name]
    return {row.key: _row(row.fields, row.of if isinstance(row, PartInfo) else ()) for row in own}


def _row(fields: Iterable[str], of: Iterable[str]) -> str:
    return " of ".join(", ".join(named) for named in (fields, of) if named)


def _told_lists(told: Mapping[str, list[Row]]) -> dict[str, Any]:
    return {
        _key(row["list"]): (_quoted(row["shipped items"]), sorted(_quoted(row.get("own columns", ""))))
        for row in told.get("Lists", [])
    }


def _lists(bench: Bench) -> dict[str, Any]:
    known = bench.crm.registry
    own = [key for key, owner in known.list_owners.items() if owner == bench.subject.name]
    return {k: ([item.key for item in known.lists[k].__items__], sorted(known.lists[k].__fields__)) for k in own}


def _told_relations(told: Mapping[str, list[Row]]) -> dict[str, Any]:
    found = {}
    for row in told.get("Relations", []):
        ends = [tuple(end.strip() for end in row[side].split(",")) for side in ("subject", "object")]
        attributes = _quoted(row.get("attributes", ""))[:1]
        found[_key(row["relation"])] = (*ends, row["reads"], row["and back"], attributes)
    return found


def _relations(bench: Bench) -> dict[str, Any]:
    own = {k: r for k, r in bench.crm.registry.relation_types.items() if r.plugin == bench.subject.name}
    return {
        key: (
            *((end,) if isinstance(end, str) else tuple(end) for end in (r.subjects, r.objects)),
            str(r.label),
            str(r.reverse),
            list(r.attributes)[:1],
        )
        for key, r in own.items()
    }


def _told_operations(told: Mapping[str, list[Row]]) -> dict[Any, Any]:
    rows = told.get("Operations", [])
    return {(row["on"], _key(row["operation"])): (_quoted(row["options"]), row["right"]) for row in rows}


def _operations(bench: Bench) -> dict[Any, Any]:
    known = bench.crm.registry
    found = {}
    for (on, key), operation in known.operations.items():
        if operation.plugin == bench.subject.name:
            info: Any = known.types.get(on) or known.parts[on]
            found[on, key] = ([p.name for p in parameters_of(operation, info.fields)], operation.right)
    return found


_ENTRIES: dict[str, tuple[Callable[[Mapping[str, list[Row]]], Mapping[Any, Any]], Callable[[Bench], Any]]] = {
    "Types": (_told_types, _types),
    "Lists": (_told_lists, _lists),
    "Relations": (_told_relations, _relations),
    "Operations": (_told_operations, _operations),
}
"""Sections whose rows say more than a key: what the README tells, and what is declared."""
