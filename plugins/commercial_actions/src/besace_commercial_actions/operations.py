"""What one does with objectives, and what one asks of actions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Annotated, Any

from besace import entities, kinds, parts
from besace.changes import Entry, record
from besace.errors import Refused
from besace.reading import get, lock
from besace.texts import translator
from besace_commercial_actions import comparison, patterns, queries
from besace_commercial_actions import progress as figures_of
from besace_commercial_actions.comparison import Comparison
from besace_commercial_actions.explain import Explanation, explain
from besace_commercial_actions.groupings import GROUPINGS
from besace_commercial_actions.links import ACTION, Scope
from besace_commercial_actions.models import CommercialAction, Objective, Pattern, PatternStep
from besace_commercial_actions.patterns import Plan
from besace_commercial_actions.progress import Progress
from besace_commercial_actions.steps import check_removal

if TYPE_CHECKING:
    from besace.database import Work

_ = translator(__name__)

_PLAN = ("goal", "expected_revenue", "planned_cost", "currency", "description")
_PLAN_ITEMS = ("action_type", "segment")
"""What a copy takes over as it is, and the items, unless an administrator has disabled them since (rule C9)."""

_OBJECTIVE = ("name", "target", "counts", "condition", "where")
"""What an objective takes from the plan of a pattern."""


def add_objective(
    work: Work,
    *,
    action: Annotated[int, kinds.EntityKind((ACTION,))],
    name: str,
    target: str,
    count: Annotated[str | None, kinds.TypeKind()] = None,
    condition: str | None = None,
    where: str | None = None,
    sum: str | None = None,
    counter: str | None = None,
) -> Objective:
    """Give an action an objective (rule C2)."""
    given: dict[str, Any] = {
        "name": name,
        "target": target,
        "counts": count,
        "condition": condition,
        "where": where,
        "sum": sum,
        "counter": counter,
    }
    return parts.add(work, Objective, action, **given)


def explain_objective(work: Work, objective: Objective) -> Explanation:
    """The rows behind an objective and what was left out (rule C6)."""
    return explain(work, objective)


def adjust_objective(work: Work, objective: Objective, *, by: int = 1) -> Objective:
    """Move an objective that is kept by hand, never below 0 (rule C2)."""
    if objective.counts is not None or objective.counter is not None:
        raise Refused(
            _('"{name}" is counted and cannot be adjusted by hand.').format(name=objective.name),
            _("See what counts: besace objective explain {id}").format(id=objective.id),
        )
    lock(work, [objective.owner_id])
    work.refresh(objective)  # two who adjust it at once both count
    value = (objective.value or 0) + by
    if value < 0:
        raise Refused(
            _('"{name}" stands at {value} and cannot go below 0.').format(
                name=objective.name, value=objective.value or 0
            )
        )
    return parts.edit(work, objective, value=value)


def copy(work: Work, action: CommercialAction, *, start: date, title: str | None = None) -> CommercialAction:
    """Plan an action anew from an earlier one: its texts, amounts to come and objectives, on later days (rule C9).

    Links, what was counted by hand, the actual cost and external ids stay with the earlier one; whoever copies it
    owns the copy, as whoever follows up an opportunity owns the new one.
    """
    items = {key: getattr(action, key) for key in _PLAN_ITEMS}
    new: CommercialAction = entities.create(
        work,
        CommercialAction,
        title=title or action.title,
        start_date=start,
        end_date=_last_day(action, start),
        **{key: getattr(action, key) for key in _PLAN},
        **{key: item.key for key, item in items.items() if item is not None and not item.disabled},
    )
    parts.copy(work, action, new)
    return new


def _last_day(action: CommercialAction, start: date) -> date:
    """The last day of as many days as the action has."""
    try:
        return start + (action.end_date - action.start_date)
    except OverflowError:
        raise Refused(
            _("An action that starts on {start} would end after the last day that can be kept.").format(start=start),
            _("Give an earlier --start."),
        ) from None


def apply_pattern(
    work: Work,
    pattern: Pattern,
    *,
    action: Annotated[int, kinds.EntityKind((ACTION,))],
    again: bool = False,
    dry_run: bool = False,
) -> Plan:
    """Give an action the objectives that a pattern makes of its expected revenue (rule C10)."""
    lock(work, [action])  # two who apply it at once are told as one who applies it twice
    planned_for = get(work, CommercialAction, action)
    plan = patterns.plan(work, pattern, planned_for)
    if not again:
        patterns.check_new(work, planned_for, plan)
    if dry_run:
        return plan
    rows = [(action, {key: getattr(one, key) for key in _OBJECTIVE}) for one in plan.objectives]
    made = parts.add_many(work, Objective, rows)
    record(work, [Entry("copy", action, pattern.id)])
    return replace(plan, objectives=[replace(one, id=i) for i, one in zip(made, plan.objectives, strict=True)])


def remove_step(work: Work, step: PatternStep) -> PatternStep:
    """Remove a step on which no other stands."""
    lock(work, [step.owner_id])
    check_removal(work, step.id, step.name)
    parts.remove(work, step)
    return step


def progress(work: Work, action: CommercialAction) -> Progress:
    """Where an action stands (rules C3 to C7)."""
    return figures_of.progress_of(work, action)


def compare(
    work: Work,
    actions: Sequence[CommercialAction],
    *,
    by: Annotated[str | None, kinds.ChoiceKind({key: grouping.label for key, grouping in GROUPINGS.items()})] = None,
    where: str | None = None,
) -> Comparison:
    """Several actions side by side, or all; in groups where it is said by what (rule C8)."""
    if not actions:
        return comparison.compare(work, *queries.all_actions(work), by=by, where=where)
    named = list({action.id: action for action in actions}.values())
    return comparison.compare(work, named, Scope([action.id for action in named]), by=by, where=where)
