"""Files for the tests of import and export, and what an install holds, apart from its own ids."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from besace import Besace
from besace.model import entity_table
from besace.relations import link_table
from besace.transfer.importing import ImportResult, import_file

GADGETS = """
type = "gadget"
[identity]
column = "id"
system = "shop"
[fields]
name = "name"
number = "number"
price = "price"
made_on = "made"
rank = "rank"
"""

HEADING = "id,name,number,price,made,rank"


def bring(crm: Besace, folder: Path, rows: str | bytes, mapping: str = GADGETS, **options: Any) -> ImportResult:
    """Import a text as a file; a heading is put before it unless it has one, with the column `id`."""
    (folder / "shop.toml").write_text(mapping, encoding="utf-8")
    if isinstance(rows, str):
        lines = rows.strip("\n").split("\n")
        rows = "\n".join([*([] if lines[0].startswith("id") else [HEADING]), *lines, ""]).encode()
    (folder / "shop.csv").write_bytes(rows)
    return import_file(crm, folder / "shop.csv", folder / "shop.toml", **options)


def stored(crm: Besace, type_key: str = "gadget") -> list[dict[str, Any]]:
    """The rows of a type in the order of their external ids, without what differs from install to install."""
    with crm.read() as work:
        info = work.crm.registry.type(type_key)
        source = info.source()
        columns = [source.of(f).label(k) for k, f in info.all_fields.items()]
        statement = sa.select(*columns).select_from(source.join)
        rows = [dict(row) for row in work.execute(statement).mappings()]
        names: dict[Any, str] = {
            row.id: f"{row.type}:{row.external_id or row.label}"
            for row in work.execute(
                sa.select(entity_table.c.id, entity_table.c.type, entity_table.c.external_id, entity_table.c.label)
            )
        }
    told = []
    for row in sorted(rows, key=lambda row: (row["external_system"] or "", row["external_id"] or "", row["id"])):
        for key in ("owner", "keeper", "friend", "gadget"):
            if row.get(key) is not None:
                row[key] = names[row[key]]
        told.append({k: v for k, v in row.items() if k not in ("id", "created_at", "modified_at", "version")})
    return told


def links(crm: Besace) -> list[tuple[str, str, str]]:
    """All links by external ids or labels."""
    subject, other = entity_table.alias(), entity_table.alias()
    with crm.read() as work:
        rows = work.execute(
            sa.select(
                sa.func.coalesce(subject.c.external_id, subject.c.label),
                link_table.c.type,
                sa.func.coalesce(other.c.external_id, other.c.label),
            ).select_from(
                link_table.join(subject, subject.c.id == link_table.c.subject_id).join(
                    other, other.c.id == link_table.c.object_id
                )
            )
        )
        return sorted(tuple(row) for row in rows)


def checksum(crm: Besace, *types: str) -> str:
    """One word for all that an install holds of some types, and its links."""
    held = [[stored(crm, key) for key in types], links(crm)]
    return hashlib.sha256(repr(held).encode()).hexdigest()
