"""Moving: what is exported comes back by import, into the same install and into another one."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from besace import entities, kinds, lists, reading
from besace.testing.contract.bench import Bench, differing
from besace.transfer.exporting import export_type
from besace.transfer.importing import import_file


def comes_back_by_import(bench: Bench) -> Iterator[str]:
    """An export that is imported again changes nothing; into another install it brings every row and value.

    What only an operation makes is not brought: each of its rows is refused with a sentence.
    """
    with bench.crm.write() as work:
        bench.fill(work)
    with tempfile.TemporaryDirectory() as folder:
        types = [*_referred_to(bench), bench.info.key]
        for key in types:
            export_type(bench.crm, key, Path(folder) / f"{key}.csv")
        same = _imported(bench.crm, folder, bench.info.key)
        rows = _values(bench.crm, bench)
        yield from differing({"importing it again": (same, {"unchanged": len(rows)})})
        other = bench.another()
        _add_items(bench.crm, other)
        for key in types[:-1]:
            _imported(other, folder, key)
        brought = _imported(other, folder, bench.info.key)
    if bench.info.given_by_operations:
        yield from differing({"what came of what only an operation makes": (_values(other, bench), [])})
        yield from differing({"how many were refused": (brought.get("failed"), len(rows))})
        return
    left = {told: n for told, n in brought.items() if told not in ("created", "updated", "unchanged")}
    yield from differing({
        "what did not come into another install": (left, {}),
        "what came": (_values(other, bench), rows),
    })  # fmt: skip


def _imported(crm: Any, folder: str, key: str) -> dict[str, Any]:
    """What an import did, without what it did not do."""
    result = import_file(crm, Path(folder) / f"{key}.csv", Path(folder) / f"{key}.toml")
    told = {k: getattr(result, k) for k in ("created", "updated", "unchanged", "failed")}
    return {k: n for k, n in told.items() if n} | {str(p.sentence): p.row for p in result.errors}


def _referred_to(bench: Bench) -> list[str]:
    """The other types to which a row refers, those first to which these refer."""
    found: dict[str, None] = {}

    def visit(key: str, path: tuple[str, ...]) -> None:
        for field in bench.crm.registry.type(key).fields.values():
            for other in field.kind.types if isinstance(field.kind, kinds.EntityKind) else ():
                if other in bench.crm.registry.types and other not in (*path, key):
                    visit(other, (*path, key))
                    found[other] = None

    visit(bench.info.key, ())
    return [key for key in found if key not in ("user", bench.info.key)]


def _add_items(crm: Any, to: Any) -> None:
    """The items that were added here: an import does not make any."""
    with crm.read() as work:
        here = {key: {k: str(i.label) for k, i in work.items(key).items()} for key in crm.registry.lists}
    with to.write() as work:
        for key, items in here.items():
            for item, label in items.items():
                if item not in work.items(key):
                    lists.add(work, key, item, label=label)


def _values(crm: Any, bench: Bench) -> list[dict[str, Any]]:
    """The rows of the type as another install can have them: references by label, without what only operations set."""
    info = crm.registry.type(bench.info.key)
    references = [f.key for f in bench.open_fields if isinstance(f.kind, kinds.EntityKind)]
    with crm.read() as work:
        ids = [row.id for row in reading.page(work, info, limit=None)]
        rows = list(entities.read_values(work, info, ids).values())
        named = reading.found_entities(work, {row[key] for row in rows for key in references} - {None})
    for row in rows:
        row.update({key: row[key] and named[row[key]].label for key in references})
    plain = [{f.key: row[f.key] for f in bench.open_fields} for row in rows]
    return sorted(plain, key=repr)
