"""The README of a plugin: its tables name what the plugin declares, all of it and nothing else."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from besace.operations import parameters_of
from besace.testing.contract.bench import Bench, differing
from besace.types import PartInfo

Row = dict[str, str]


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
            found.setdefault(section, []).append(dict(zip(headings, _cells(line), strict=True)))
    return found


def _cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip().removeprefix("|").removesuffix("|").split("|")]


def _quoted(cell: str) -> list[str]:
    return re.findall(r"`([^`]+)`", cell)


def matches_the_code(bench: Bench) -> Iterator[str]:
    """The tables of its README name its types and fields, lists, relations, and all else that it declares."""
    if bench.subject.readme is None:
        yield "there is no README: name it in pyproject.toml (readme = ...), or with check_plugin(..., readme=PATH)"
        return
    told = tables_of(bench.subject.readme)
    for section, (found, wanted) in {
        "Types": (_told_types(told), _types(bench)),
        "Lists": (_told_lists(told), _lists(bench)),
        "Relations": (_told_relations(told), _relations(bench)),
        "Operations": (_told_operations(told), _operations(bench)),
    }.items():
        yield from _entries_differ(section, found, wanted)
    for section in ("Conditions", "Measures", "Blocks"):
        declared = getattr(bench.crm.registry, section.lower())
        names = sorted(key for key, record in declared.items() if record.plugin == bench.subject.name)
        yield from differing({f'section "{section}"': (sorted(_on_types(told.get(section, []))), names)})
    for section in ("Counters", "Settings", "Commands", "Verifications"):
        declared = getattr(bench.crm.registry, section.lower())
        names = sorted(key for key, record in declared.items() if record.plugin == bench.subject.name)
        first = sorted(_quoted(next(iter(row.values())))[0] for row in told.get(section, []))
        yield from differing({f'section "{section}"': (first, names)})


def _entries_differ(section: str, found: Mapping[Any, Any], wanted: Mapping[Any, Any]) -> Iterator[str]:
    for key in sorted(found.keys() | wanted.keys()):
        name = " ".join(key) if isinstance(key, tuple) else key
        yield from differing({f'section "{section}", {name}': (found.get(key), wanted.get(key))})


def _on_types(rows: list[Row]) -> Iterator[tuple[str, str]]:
    """(type, key) of each row whose first cell names a declaration and whose second says on what."""
    for row in rows:
        first, on = list(row.values())[:2]
        yield from ((key.strip(), _quoted(first)[0]) for key in on.split(","))


def _told_types(told: Mapping[str, list[Row]]) -> dict[str, Any]:
    rows = [(_quoted(row["type"]), _quoted(row["fields"])) for row in told.get("Types", [])]
    return {named[0]: _row(fields, named[1:]) for named, fields in rows}


def _types(bench: Bench) -> dict[str, Any]:
    own = [row for row in bench.crm.registry.rows if row.plugin == bench.subject.name]
    return {row.key: _row(row.fields, [row.of] if isinstance(row, PartInfo) else []) for row in own}


def _row(fields: Iterable[str], of: Iterable[str]) -> str:
    return " of ".join([", ".join(fields), *of])


def _told_lists(told: Mapping[str, list[Row]]) -> dict[str, Any]:
    return {
        _quoted(row["list"])[0]: (_quoted(row["shipped items"]), sorted(_quoted(row.get("own columns", ""))))
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
        found[_quoted(row["relation"])[0]] = (*ends, row["reads"], row["and back"], attributes)
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
    return {(row["on"], _quoted(row["operation"])[0]): (_quoted(row["options"]), row["right"]) for row in rows}


def _operations(bench: Bench) -> dict[Any, Any]:
    known = bench.crm.registry
    found = {}
    for (on, key), operation in known.operations.items():
        if operation.plugin == bench.subject.name:
            info: Any = known.types.get(on) or known.parts[on]
            found[on, key] = ([p.name for p in parameters_of(operation, info.fields)], operation.right)
    return found
