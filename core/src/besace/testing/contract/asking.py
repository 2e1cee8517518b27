"""Asking: every field can be asked for, sorted and grouped by, and what is numbers can be added up."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from besace import kinds, reading
from besace.errors import BesaceError
from besace.fields import Field
from besace.testing.contract.bench import Bench, word


def is_listed_by_every_field(bench: Bench) -> Iterator[str]:
    """A condition on any field finds the row that meets it; it and its opposite divide all rows."""
    with bench.crm.write() as work:
        rows = bench.filled(work)
        (total,) = reading.count(work, bench.info)
        for field in bench.info.all_fields.values():
            value = next((v for r in rows if (v := getattr(r, field.column, None)) is not None), None)
            for where in questions(field, value):
                yield from _divided(work, bench, where, total.count)
            if value is not None and not isinstance(field.kind, kinds.ConditionKind):
                yield from _found(work, bench, rows, field)


def questions(field: Field, value: Any) -> list[str]:
    """What can be asked of a field, with a value where one is known."""
    asked = [f"{field.key} is empty", f"{field.key} is not empty"]
    kind = field.kind
    if value is None or isinstance(kind, kinds.ConditionKind):
        return asked
    typed = f'"{word(_plain(value))}"'
    signs = ["=", "!="]
    if kind.ordered or kind.textual:
        signs += ["<", "<=", ">", ">="]
    if kind.textual or isinstance(kind, kinds.EntityKind | kinds.ItemKind):
        signs.append("~")
    asked += [f"{field.key} {sign} {typed}" for sign in signs]
    return [*asked, f"{field.key} in ({typed}, {typed})"]


def _plain(value: Any) -> Any:
    return value.split('"')[0].split("\n")[0] if isinstance(value, str) else value


def _divided(work: Any, bench: Bench, where: str, total: int) -> Iterator[str]:
    (meeting,) = reading.count(work, bench.info, where=where)
    (others,) = reading.count(work, bench.info, where=f"not ({where})")
    if meeting.count + others.count != total:
        yield f"{where}: of {total} rows {meeting.count} meet it and {others.count} do not"


def _found(work: Any, bench: Bench, rows: list[Any], field: Field) -> Iterator[str]:
    row = next(r for r in rows if getattr(r, field.column, None) is not None)
    typed = _plain(getattr(row, field.key) if isinstance(field.kind, kinds.MoneyKind) else getattr(row, field.column))
    where = f'{field.key} = "{word(typed)}"'
    if row.id not in [r.id for r in reading.page(work, bench.info, where=where, limit=None)]:
        yield f"{where} does not find {row.label}"


def is_sorted_by_every_field(bench: Bench) -> Iterator[str]:
    """Sorted by any field, up and down, empty values stand last; pages hold every row once, in the same order."""
    with bench.crm.write() as work:
        bench.filled(work)
        for key, field in bench.info.all_fields.items():
            up, down = (reading.page(work, bench.info, sort=sort, limit=None) for sort in (key, f"-{key}"))
            yield from pages_differ(work, bench.info, f"-{key}", [row.id for row in down])
            for rows in (up, down):
                empty = [getattr(row, field.column) is None for row in rows]
                if empty != sorted(empty):
                    yield f"sorted by {key}, empty values stand among the others"


def pages_differ(work: Any, info: Any, sort: str, whole: list[int]) -> Iterator[str]:
    """A sentence where the pages of a type, put together, are not its whole list."""
    length = max(2, len(whole) // 3)
    paged: list[int] = []
    for _page in range(0, len(whole), length):
        after = paged[-1] if paged else None
        paged += [row.id for row in reading.page(work, info, sort=sort, limit=length, after=after)]
    if paged != whole or len(set(whole)) != len(whole):
        yield f"sorted by {sort}, the pages hold {paged} and the whole list {whole}"


def is_counted_and_summed(bench: Bench) -> Iterator[str]:
    """Groups by any field hold every row once; numbers, amounts and measures can be added up."""
    info = bench.info
    summed = [k for k, f in info.fields.items() if f.kind.name in ("integer", "decimal", "money")]
    with bench.crm.write() as work:
        bench.filled(work)
        rows = reading.page(work, info, limit=None)
        for key, field in info.all_fields.items():
            if isinstance(field.kind, kinds.ConditionKind | kinds.MoneyKind):
                continue  # amounts of two currencies would stand together
            groups = reading.count(work, info, by=key)
            if sum(group.count for group in groups) != len(rows):
                yield f"the groups by {key} hold {sum(g.count for g in groups)} of {len(rows)} rows"
        for key in [*summed, *info.measures]:
            try:
                (total,) = reading.count(work, info, sum=key)
            except BesaceError as error:
                yield f"{key} cannot be summed: {error}"
                continue
            if total.sum is None:
                yield f"the sum of {key} is not told"
            if key in summed:
                yield from _added(key, [v for row in rows if (v := getattr(row, key)) is not None], total.sum)


def _added(key: str, values: list[Any], found: Any) -> Iterator[str]:
    if isinstance(found, dict):
        amounts = {m.currency: sum(v.amount for v in values if v.currency == m.currency) for m in found.values()}
        if {c: m.amount for c, m in found.items()} != amounts:
            yield f"the sum of {key} is {found} and should be {amounts}"
    elif found != sum(values):
        yield f"the sum of {key} is {found} and should be {sum(values)}"


def answers_its_named_conditions(bench: Bench) -> Iterator[str]:
    """Each named condition of the type can be asked, and divides all rows."""
    with bench.crm.write() as work:
        bench.filled(work)
        (total,) = reading.count(work, bench.info)
        for key in bench.info.conditions:
            try:
                yield from _divided(work, bench, key, total.count)
            except BesaceError as error:
                yield f"the condition {key} cannot be asked: {error}"
