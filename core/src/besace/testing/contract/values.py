"""Wrong values: in any field, from code or typed, they get a sentence and store nothing."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

from besace import entities, kinds, parts
from besace.fields import Field
from besace.testing.contract.bench import Bench, options

FOR_ALL: list[Any] = [object(), 1.5, b"x", ["x"], "nul \x00", "half \ud800"]
"""Values that no field takes, from code that has them of a wrong type or from bytes that are no text."""

BY_KIND: dict[type[kinds.Kind], list[Any]] = {
    kinds.EmailKind: ["nobody", "a b@example.com", 5],
    kinds.PhoneKind: ["call me", 5],
    kinds.UrlKind: ["not an address", "http://[", 5],
    kinds.TextKind: [5],
    kinds.IntegerKind: ["many", "1.5", "9" * 40, True],
    kinds.DecimalKind: ["many", "NaN", "1e400", True],
    kinds.MoneyKind: ["dear", "NaN", "12XYZ", "0.001", "9" * 40, True],
    kinds.DateKind: ["31/02/2026", "2026-02-30", "0000-01-01", 5],
    kinds.DateTimeKind: ["never", "2026-13-01T00:00", 5],
    kinds.BooleanKind: ["perhaps", 5],
    kinds.ChoiceKind: ["no_such", 5],
    kinds.ItemKind: ["no_such", 5],
    kinds.EntityKind: ["999999", "Nobody", "planet:Mars", "9" * 40, 999999],
    kinds.FileKind: ["no checksum", "0" * 64, 5],
    kinds.TypeKind: ["no_such", 5],
    kinds.ConditionKind: ["name = ", "((", "no_such = 1", 5],
}
"""And those that a kind does not take; the narrower kinds first."""

LINED = "two\nlines"


def wrong_values(field: Field) -> list[Any]:
    """Values that a field cannot take, as code or a person may give them."""
    kind = field.kind
    wrong = FOR_ALL + next((values for known, values in BY_KIND.items() if isinstance(kind, known)), [])
    if isinstance(kind, kinds.ConditionKind):
        wrong = [w for w in wrong if w != ["x"]]  # a list is the tree of a condition
    if isinstance(kind, kinds.TextKind) and field.length is not None:
        wrong = [*wrong, "x" * (field.length + 1)]
    if isinstance(kind, kinds.TextKind) and not kind.long:
        wrong = [*wrong, LINED]
    if field.minimum is not None:
        wrong = [*wrong, str(int(field.minimum) - 1)]
    if field.maximum is not None:
        wrong = [*wrong, str(int(field.maximum) + 1)]
    return wrong


def refuses_wrong_values(bench: Bench) -> Iterator[str]:
    """A wrong value in any field gets a sentence in both languages, from create and from edit, and stores nothing."""
    with bench.crm.write() as work:
        row, good = bench.build(work), bench.values(work)
        row_id, owner = row.id, row.owner_id if bench.is_part else None

    def create(work: Any, field: Field, value: Any, unlock: Any) -> None:
        given = {**good, field.key: value}
        if owner is None:
            entities.create(work, bench.info.key, unlock=unlock, **given)
        else:
            parts.add(work, bench.info.model, owner, unlock=unlock, **given)

    def edit(work: Any, field: Field, value: Any, unlock: Any) -> None:
        bench.edit(work, bench.read(work, row_id), unlock=unlock, **{field.key: value})

    own, before = bench.info.given_by_operations, bench.stored()
    acts = [
        (
            f"{act.__name__} with {field.key} = {value!r:.40}",
            partial(act, field=field, value=value, unlock=(*own, field.key) if field.read_only else own),
        )
        for field in bench.info.fields.values()
        for value in wrong_values(field)
        for act in (create, edit)
    ]
    yield from (f"{name} {told}" for name, told in bench.not_refused(acts))
    if bench.stored() != before:
        yield "what was refused left something behind"


def refuses_wrong_words(bench: Bench) -> Iterator[str]:
    """A wrong word for any field, typed on the command line, gets a sentence and no traceback."""
    if bench.is_part and not bench.info.model.__editable__:
        return
    with bench.crm.write() as work:
        row_id = bench.build(work).id
    before = bench.stored()
    for field in bench.open_fields:
        words = [w for w in wrong_values(field) if isinstance(w, str) and len(w) < 99 and w.isprintable()]
        for typed in words[:1]:
            done = bench.command("edit", row_id, *options({field.key: typed}))
            if done.exit_code not in (1, 2) or done.stdout or "Error: " not in done.stderr:
                yield f"edit --{field.key} {typed!r} ends with {done.exit_code} and says {done.stderr!r}"
    if bench.stored() != before:
        yield "what was refused left something behind"
