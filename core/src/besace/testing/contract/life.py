"""The life of a row: made, changed, refused to a writer with an old version, trashed, restored, purged."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa

from besace import bin, changes, entities, parts, reading
from besace.errors import BesaceError, StaleVersion
from besace.kinds import EntityKind
from besace.model import entity_table
from besace.testing.contract.bench import Bench, differing, options
from besace.values import accept_one


def is_made_with_what_it_must_have(bench: Bench) -> Iterator[str]:
    """What is required suffices, and without any of it nothing is made."""
    with bench.crm.write() as work:
        made = bench.build(work)
        if not bench.is_part:
            yield from differing({"its version": (made.version, 1), "having a label": (bool(made.label), True)})
        values = bench.values(work)
        owner = made.owner_id if bench.is_part else None
    before, unlock = bench.stored(), bench.info.given_by_operations
    for key in [f.key for f in bench.info.fields.values() if f.must_be_given]:
        lacking = {k: v for k, v in values.items() if k != key}

        def make(work: Any, lacking: Any = lacking) -> None:
            if owner is None:
                entities.create(work, bench.info.key, unlock=unlock, **lacking)
            else:
                parts.add(work, bench.info.model, owner, unlock=unlock, **lacking)

        told = bench.refusal(make)
        if told is not None:
            yield f"a row without {key} {told}"
    if bench.stored() != before:
        yield "what was refused left something behind"


def keeps_every_field(bench: Bench) -> Iterator[str]:
    """Each field is set, in a new row and in an old one, and emptied where it may be; the history tells."""
    for field in bench.open_fields:
        if isinstance(field.kind, EntityKind) and not bench.crm.registry.types_named(field.kind.types):
            continue  # it refers to types of plugins that are not there
        try:
            with bench.crm.write() as work:
                values = bench.values_with(work, field)
                made = bench.build(work, **values)
                yield from _stands(work, bench, made, field, values[field.key])
            with bench.crm.write() as work:
                yield from _edited(work, bench, field)
            with bench.crm.write() as work:
                yield from _emptied(work, bench, bench.read(work, made.id), field)
        except (BesaceError, ValueError) as error:
            name = f"{bench.info.key}.{field.key}"
            yield (
                f"{field.key} cannot be set: {error} "
                f'Say what it takes: check_plugin(..., examples={{"{name}": {{...}}}})'
            )


def _stands(work: Any, bench: Bench, row: Any, field: Any, value: Any) -> Iterator[str]:
    with work.amounts_in(row.currency):
        wanted = accept_one(field, value, work)
    found = getattr(row, field.column)
    yield from differing({field.key: (found, wanted)})


def _edited(work: Any, bench: Bench, field: Any) -> Iterator[str]:
    values = bench.values_with(work, field)
    row = bench.build(work, **_taken(values, "of"))
    before = getattr(row, field.column)
    bench.edit(work, row, **values)
    yield from _stands(work, bench, row, field, values[field.key])
    if getattr(row, field.column) != before:
        lines = changes.history(work, row.owner_id if bench.is_part else row.id)
        if field.key not in [line.field for line in lines]:
            yield f"the history does not tell that {field.key} was edited"


def _taken(values: dict[str, Any], key: str) -> dict[str, Any]:
    """What stands under a key, taken out of the values: a part's entity is chosen when it is made and never edited."""
    return {key: values.pop(key)} if key in values else {}


def _emptied(work: Any, bench: Bench, row: Any, field: Any) -> Iterator[str]:
    try:
        bench.edit(work, row, **{field.key: None})
    except BesaceError as error:
        if len(error.in_language("fr")) < 10:
            yield f"{field.key} is not emptied, and no sentence says why"
        return
    if field.must_be_given and getattr(row, field.column) is None:
        yield f"{field.key} is required and was emptied"


def refuses_what_only_operations_set(bench: Bench) -> Iterator[str]:
    """A read-only field is not set by hand."""
    with bench.crm.write() as work:
        made = bench.build(work).id
    for key in [f.key for f in bench.info.fields.values() if f.read_only]:

        def edit(work: Any, key: str = key) -> None:
            bench.edit(work, bench.read(work, made), **{key: "1"})

        told = bench.refusal(edit)
        if told is not None:
            yield f"{key} = 1 {told}"


def is_not_overwritten(bench: Bench) -> Iterator[str]:
    """Whoever holds an older version in hand is told, and nobody's change is lost (rule E7)."""
    with bench.crm.write() as work:
        row = bench.build(work)
        field = next((f for f in bench.open_fields if f.key in bench.values(work)), None)
        if field is None:
            return
        owner = row.owner_id if bench.is_part else row.id
        version = int(work.scalar(sa.select(entity_table.c.version).where(entity_table.c.id == owner)))
        entities.touch(work, [owner])
        try:
            bench.edit(work, row, version=version, **{field.key: bench.values(work)[field.key]})
            yield "a writer with an older version was not refused"
        except StaleVersion:
            pass  # as it should be


def goes_through_the_trash(bench: Bench) -> Iterator[str]:
    """Trashed it is hidden and counted nowhere, restored it is as it was, purged it is gone with its parts."""
    crm, key = bench.crm, bench.info.key
    with crm.write() as work:
        made = bench.build_fullest(work).id
        of_it = [p.table for p in bench.info.parts.values()]
        before = _row(work, bench, made)
        trashed_before = {row.id for row in reading.page(work, bench.info, limit=None, trash_only=True)}
    with crm.write() as work:
        bin.delete(work, [made])
    with crm.read() as work:
        listed = [row.id for row in reading.page(work, bench.info, limit=None)]
        trashed = [row.id for row in reading.page(work, bench.info, limit=None, trash_only=True)]
        (count,) = reading.count(work, bench.info)
        yield from differing({
            "being listed from the trash": (made in listed, False),
            "what came into the trash": (set(trashed) - trashed_before, {made}),
            "the count": (count.count, len(listed)),
        })  # fmt: skip
    told = bench.refusal(lambda work: bench.read(work, made))
    if told is not None:
        yield f"a trashed row {told}"
    with crm.write() as work:
        bin.restore(work, [made])
        yield from differing({"the restored row": (_row(work, bench, made), before)})
    with crm.write() as work:
        told_of = {line.action for line in changes.history(work, made)}
        yield from differing({"what the history lacks": ({"create", "delete", "restore"} - told_of, set())})
        bin.delete(work, [made])
        bin.purge(work, made)
        tables = {t.name: t.c.owner_id for t in of_it} | {bench.info.table.name: bench.info.table.c.id}
        for name, column in tables.items():
            if work.scalar(sa.select(sa.func.count()).select_from(column.table).where(column == made)):
                yield f"the purged {key} left a row in the table {name}"


def _row(work: Any, bench: Bench, row_id: int) -> Any:
    values = entities.read_values(work, bench.info, [row_id])[row_id]
    return {k: v for k, v in values.items() if k not in ("version", "modified_at")}


def belongs_to_its_entity(bench: Bench) -> Iterator[str]:
    """A part is added under the version of its entity, listed with it, and removed if people may."""
    crm, info = bench.crm, bench.info
    with crm.write() as work:
        part = bench.build(work)
        owner = part.owner
        parts_of_it = [p.id for p in reading.parts_of(work, info.model, [owner.id])]
    listed = bench.command("list", owner.id, "--json")
    yield from differing({
        "being a part of its entity": (part.id in parts_of_it, True),
        "what is listed": ([row["id"] for row in listed.json], parts_of_it),
    })  # fmt: skip
    if not info.model.__editable__:
        if bench.command("remove", part.id).exit_code == 0:
            yield "it was removed by hand, and only code writes it"
        return
    removed = bench.command("remove", part.id, "--json")
    yield from differing({"removing it": ((removed.exit_code, removed.stderr), (0, ""))})
    with crm.write() as work:
        told_of = [line.about for line in changes.history(work, owner.id)]
        left = [p.id for p in reading.parts_of(work, info.model, [owner.id])]
        yield from differing({"the parts left": (left, [p for p in parts_of_it if p != part.id])})
    if info.key not in {about.partition(":")[0] for about in told_of if about}:
        yield "the history of its entity does not tell of it"


def is_shown(bench: Bench) -> Iterator[str]:
    """A row with all of its fields is shown to people of both languages, and as JSON."""
    with bench.crm.write() as work:
        made = [row_id for _fields, row_id in bench.fullest(work)]
    for ref in map(str, made):
        for words in (["--language", "en", "show", ref], ["--language", "fr", "show", ref], ["show", ref, "--json"]):
            done = bench.run(bench.crm, *words)
            if (done.exit_code, done.stderr) != (0, ""):
                yield f"{' '.join(words)}: {done.stderr.strip()}"


def is_written_by_commands(bench: Bench) -> Iterator[str]:
    """The commands create (of a part: add) and edit take the words of each field; what an operation makes is edited."""
    if bench.is_part and not bench.info.model.__editable__:
        return
    make = "add" if bench.is_part else "create"
    with bench.crm.write() as work:
        groups = [fields for fields, _row_id in bench.fullest(work)]
    for fields in groups:
        with bench.crm.write() as work:
            new, changed = (bench.values_together(work, fields) for _time in range(2))
            chosen, row = _taken(new, "of"), bench.build(work, **_taken(changed, "of"))
            of = [chosen.get("of", row.owner_id)] if bench.is_part else []
            if not bench.is_part:
                changed = bench.values_together(work, fields)  # told anew, so that what has to differ does
            new = {**bench.values(work), **new}
        for verb, given in (([make, *of], new), (["edit", row.id], changed)):
            if verb[0] in bench.info.operations or (verb[0] == make and bench.info.given_by_operations):
                continue  # one of the plugin's own, which has a check of its own
            words = options(given)
            done = bench.command(*verb, *words, "--json")
            if (done.exit_code, done.stderr) != (0, ""):
                yield f"{' '.join(map(str, verb))} {' '.join(words)}: {done.stderr.strip()}"
