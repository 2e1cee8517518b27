"""What one sees of patterns: the funnel of one, and the objectives that it makes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from besace.kinds import ConditionKind
from besace.records import Layout, Note, Table
from besace.texts import Text, joined, translator
from besace_commercial_actions import patterns
from besace_commercial_actions.patterns import Plan

if TYPE_CHECKING:
    from besace.database import Work
    from besace_commercial_actions.models import Pattern

_ = translator(__name__)


@dataclass(frozen=True)
class Step:
    """A step in the view of its pattern, `depth` steps below what is won."""

    id: int
    name: str
    rate: int
    counts: str | None
    condition: str | None
    where: str | None
    parent: int | None
    depth: int


class _Counted(Protocol):
    """What says which linked entities count."""

    @property
    def counts(self) -> str | None: ...
    @property
    def condition(self) -> str | None: ...
    @property
    def where(self) -> str | None: ...


def lay_out_plan(work: Work, plan: Plan) -> list[Layout]:
    """The objectives that a pattern makes, from what is won downwards; without ids nothing was written."""
    made = any(one.id is not None for one in plan.objectives)
    columns = [*([_("Id")] if made else []), _("Objective"), _("Success rate"), _("Counts"), _("Target")]
    laid: list[Layout] = [
        Table(
            columns,
            [
                [
                    *([one.id] if made else []),
                    _indented(one.name, one.depth),
                    None if one.rate is None else _("{n} %").format(n=one.rate),
                    _counted(work, one),
                    one.target,
                ]
                for one in plan.objectives
            ],
            title=_("{action}: {expected} by deals of {average}").format(
                action=plan.action.label, expected=plan.expected_revenue, average=plan.average_deal
            ),
        )
    ]
    return laid if made else [*laid, Note(_("Nothing was written."))]


def _indented(name: str, depth: int) -> str:
    """A name as deep in its tree as it stands."""
    return "  " * depth + name


def _counted(work: Work, row: _Counted) -> Text | str:
    """What counts, in a few words: its type and its conditions."""
    if row.counts is None:
        return _("by hand")
    registry = work.crm.registry
    named = registry.types[row.counts].conditions.get(row.condition or "") if row.counts in registry.types else None
    asked = [row.condition if named is None else named.label, row.where]
    return joined([registry.label_of_type(row.counts), *(one for one in asked if one is not None)], ", ")


def steps_of(work: Work, pattern: Pattern) -> Sequence[Step]:
    """The steps of a pattern, each behind the one that it leads to: one statement."""
    return [
        Step(
            step.id,
            step.name,
            step.rate,
            step.counts,
            step.condition,
            None if step.where is None else ConditionKind().json(step.where),
            step.parent,
            depth,
        )
        for depth, step in patterns.steps_of(work, pattern)
    ]


def lay_out_steps(work: Work, steps: Sequence[Step]) -> list[Layout]:
    """The funnel, from what is won downwards."""
    return [
        Table(
            [_("Id"), _("Name"), _("Success rate"), _("Counts")],
            [
                [
                    step.id,
                    _indented(step.name, step.depth - 1),
                    _("{n} %").format(n=step.rate),
                    _counted(work, step),
                ]
                for step in steps
            ],
            title=_("Steps"),
            empty=_("No step yet: besace pattern-step add PATTERN --name NAME --rate PERCENT"),
        )
    ]
