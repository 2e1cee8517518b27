"""What every type of any plugin has to meet where actions are beside it: objectives count it and add it up."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from besace import parts, reading, relations
from besace.errors import BesaceError
from besace.testing import Bench, build
from besace_commercial_actions.links import ACTION
from besace_commercial_actions.models import CommercialAction, Objective
from besace_commercial_actions.progress import Progress, progress_of

_GOAL = "fulfils_goal"


def is_counted_by_objectives(bench: Bench) -> Iterator[str]:
    """Linked to an action it raises the objectives that count its type, its conditions, and its measures."""
    with bench.crm.write() as work:
        action = build(work, ACTION)
        others = [row for row in bench.fill(work) if row.id != action.id]
        asked = _objectives(work, bench, action)
        for row in others:
            relations.link(work, row, _GOAL, action)
        linked = " or ".join(f"id = {row.id}" for row in others)
        yield from _told(work, action, {name: _expected(work, bench, linked, name) for name in asked})
        for row in others:
            relations.unlink(work, row, _GOAL, action)
        yield from _told(work, action, dict.fromkeys(asked, 0))


def _objectives(work: Any, bench: Bench, action: CommercialAction) -> list[str]:
    """An objective for the type, one for each of its conditions, one for each of its measures: their names."""
    counts = bench.info.key
    wanted: dict[str, dict[str, Any]] = {"": {}}
    wanted |= {f"condition {key}": {"condition": key} for key in bench.info.conditions}
    wanted |= {f"measure {key}": {"sum": key} for key in bench.info.measures}
    for name, how in wanted.items():
        parts.add(work, Objective, action.id, name=name or counts, target=1, counts=counts, **how)
    return list(wanted)


def _expected(work: Any, bench: Bench, linked: str, name: str) -> Any:
    """What an objective should be worth: what a count of the linked rows gives."""
    sort, _space, key = name.partition(" ")
    where = f"({linked}) and {key}" if sort == "condition" else linked
    (row,) = reading.count(work, bench.info, where=where, sum=key if sort == "measure" else None)
    if sort != "measure":
        return row.count
    return next((m.amount for m in row.sum.values()), 0) if isinstance(row.sum, dict) else row.sum


def _told(work: Any, action: CommercialAction, wanted: dict[str, Any]) -> Iterator[str]:
    try:
        progress: Progress = progress_of(work, action)
    except BesaceError as error:
        yield f"the progress of an action cannot be told: {error}"
        return
    for (name, value), objective in zip(wanted.items(), progress.objectives, strict=True):
        found = getattr(objective.value, "amount", objective.value)
        if objective.suspended is not None:
            yield f"an objective on {name or 'it'} cannot be told: {objective.suspended}"
        elif Decimal(str(found)) != Decimal(str(value)):
            yield f"an objective on {name or 'it'} stands at {found} and should be at {value}"
