"""How people see the figures of actions: bars, facts and tables."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Protocol

from besace.money import Money
from besace.records import Bar, Facts, Layout, Note, Table
from besace.records import Progress as Bars
from besace.texts import Text, joined, translator
from besace_commercial_actions.explain import Explanation
from besace_commercial_actions.figures import Pace
from besace_commercial_actions.patterns import Plan
from besace_commercial_actions.progress import Comparison, Cost, Number, ObjectiveProgress, Progress
from besace_commercial_actions.revenue import EXPECTED, FINAL, UNWEIGHTED, WEIGHTED, Revenue

if TYPE_CHECKING:
    from besace.database import Work

_ = translator(__name__)

LISTED = 50
"""How many rows of an explanation a person sees; JSON has them all."""

_PACE = {
    Pace.NOT_STARTED: _("not started yet"),
    Pace.BEHIND: _("behind"),
    Pace.ON_TRACK: _("on track"),
    Pace.AHEAD: _("ahead"),
    Pace.ENDED: _("ended"),
}


class _Outcome(Protocol):
    """What the facts of an action and of its revenue block have in common."""

    @property
    def expected_revenue(self) -> Money | None: ...
    @property
    def cost(self) -> Cost: ...
    @property
    def attainment_percent(self) -> int | None: ...
    @property
    def return_percent(self) -> int | None: ...


# ---- one action ------------------------------------------------------------------------------------


def lay_out_progress(work: Work, found: Progress) -> list[Layout]:
    """Objectives as bars, revenue by currency, attainment and return, and how to see what counts."""
    laid: list[Layout] = [Bars(bars(found), title=heading(found), empty=_("This action has no objectives yet."))]
    if found.revenue:
        laid.append(_revenue_table(work, found.revenue))
    laid.append(Facts(outcome_facts(found)))
    laid += segment_facts(work, found)
    laid += revenue_notes(found.revenue, partial=found.partial)
    laid += [Note(problem) for problem in found.problems]
    if found.objectives:
        hint = _("What counts, and what was left out: besace objective explain {id}")
        laid.append(Note(hint.format(id=found.objectives[0].id)))
    return laid


def segment_facts(work: Work, found: Progress) -> list[Layout]:
    """How many of the linked entities are in the segment of the action; nothing where none of them could be."""
    if found.segment is None or not found.in_segment:
        return []
    types = work.crm.registry.types
    rows = [
        (types[key].plural, _("{n} of {all}").format(n=count, all=found.linked[key]))
        for key, count in found.in_segment.items()
    ]
    return [Facts(rows, _("In the segment {segment}").format(segment=found.segment.label))]


def heading(found: Progress) -> Text:
    """The action and how much of its time has gone by."""
    return _("{action}: {n} % of the time has gone by").format(action=found.action.label, n=found.elapsed_percent)


def bars(found: Progress) -> list[Bar]:
    """A bar for each objective, with its id, for `objective explain`."""
    return [
        Bar(
            joined([o.id, o.name], " "),
            "?" if o.value is None else o.value,
            o.target,
            o.percent,
            _note(o),
        )
        for o in found.objectives
    ]


def _note(objective: ObjectiveProgress) -> Text | None:
    if objective.suspended is not None:
        return objective.suspended
    if objective.reached:
        return _("reached")
    return None if objective.pace is None else _PACE[objective.pace]


def _revenue_table(work: Work, rows: Sequence[Revenue]) -> Table:
    labels = {m.key: m.label for info in work.crm.registry.types.values() for m in info.measures.values()}
    further = [key for key in dict.fromkeys(k for row in rows for k in row.sums) if key in labels]
    further = [key for key in further if key not in (EXPECTED, FINAL, WEIGHTED)]
    headings = [_("Currency"), _("Deals"), _("Won"), _("Expected"), _("Final"), _("Weighted")]
    cells = [[row["currency"], row["deals"], row["won"], row[EXPECTED], row[FINAL], row[WEIGHTED]] for row in rows]
    return Table(
        [*headings, *(labels[key] for key in further)],
        [[*cell, *(row.sums.get(key) for key in further)] for cell, row in zip(cells, rows, strict=True)],
        title=_("Revenue"),
    )


def outcome_facts(found: _Outcome) -> list[tuple[Text | str, Any]]:
    """What was wanted and spent, attainment and return; "not available" is not 0 (rule C7)."""
    facts: list[tuple[Text | str, Any]] = [
        (_("Expected of the action"), found.expected_revenue),
        (_("Planned cost"), found.cost.planned),
        (_("Actual cost"), found.cost.actual),
    ]
    return [
        *((label, value) for label, value in facts if value is not None),
        (_("Attainment"), _percent(found.attainment_percent)),
        (_("Return on investment"), _percent(found.return_percent)),
    ]


def revenue_notes(rows: Sequence[Revenue], *, partial: bool) -> list[Layout]:
    """What the sums leave out."""
    notes: list[Layout] = []
    unweighted = sum(row.sums.get(UNWEIGHTED, 0) for row in rows)
    if unweighted:
        sentence = _(
            "{n} deal without a probability is left out of the weighted revenue.",
            "{n} deals without a probability are left out of the weighted revenue.",
        )
        notes.append(Note(sentence.format(n=unweighted)))
    if partial:
        notes.append(Note(_("Partial: revenue in another currency is in neither attainment nor return.")))
    return notes


def _percent(value: int | None) -> Text:
    return _("not available") if value is None else _("{n} %").format(n=value)


# ---- patterns --------------------------------------------------------------------------------------


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
                    indented(one.name, one.depth),
                    None if one.rate is None else _("{n} %").format(n=one.rate),
                    counted(work, one),
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


def indented(name: str, depth: int) -> str:
    """A name as deep in its tree as it stands."""
    return "  " * depth + name


def counted(work: Work, row: _Counted) -> Text | str:
    """What counts, in a few words: its type and its conditions."""
    if row.counts is None:
        return _("by hand")
    registry = work.crm.registry
    named = registry.types[row.counts].conditions.get(row.condition or "") if row.counts in registry.types else None
    asked = [row.condition if named is None else named.label, row.where]
    return joined([registry.label_of_type(row.counts), *(one for one in asked if one is not None)], ", ")


# ---- several actions -------------------------------------------------------------------------------


def lay_out_comparison(_work: Work, found: Comparison) -> list[Layout]:
    """One row for each action, and a total in which each deal stands once (rule C8)."""
    columns = [_("Action"), _("Reached"), _("Deals"), _("Won"), _("Expected"), _("Final"), _("Weighted")]
    columns += [_("Actual cost"), _("Attainment %"), _("Return %")]
    total = found.total
    together = [_("Total"), None, *_revenue_cells(total.revenue), one_or_all([c.actual for c in total.cost])]
    laid: list[Layout] = [
        Table(
            columns,
            [_row(one) for one in found.actions],
            title=_("Commercial actions"),
            total=[*together, total.attainment_percent, total.return_percent],
            empty=_("No commercial action yet."),
        )
    ]
    if sum(row.deals for one in found.actions for row in one.revenue) != sum(row.deals for row in total.revenue):
        laid.append(Note(_("Some deals are linked to several actions; the total counts each once.")))
    laid += revenue_notes(total.revenue, partial=total.partial or any(one.partial for one in found.actions))
    problems = dict.fromkeys(str(problem) for one in found.actions for problem in one.problems)
    return laid + [Note(problem) for problem in problems]


def _row(one: Progress) -> list[Any]:
    reached = sum(o.reached for o in one.objectives)
    return [
        one.action.label,
        _("{n} of {all}").format(n=reached, all=len(one.objectives)) if one.objectives else None,
        *_revenue_cells(one.revenue),
        one.cost.actual,
        _or_dash(one.attainment_percent),
        _or_dash(one.return_percent),
    ]


def _revenue_cells(rows: Sequence[Revenue]) -> list[Any]:
    counts = [sum(row.deals for row in rows), sum(row.won for row in rows)]
    return [*counts, *(one_or_all([row[key] for row in rows]) for key in (EXPECTED, FINAL, WEIGHTED))]


def _or_dash(value: int | None) -> int | str:
    return "-" if value is None else value


def one_or_all(values: Sequence[Number | None]) -> Any:
    """A value alone, so that its column stands at the right; those of several currencies together."""
    known = [value for value in values if value is not None]
    return known[0] if len(known) == 1 else known or None


# ---- one objective ---------------------------------------------------------------------------------


def lay_out_explanation(work: Work, found: Explanation) -> list[Layout]:
    """The rows that count, and what was left out with the reason."""
    if found.suspended is not None:
        return [Note(found.suspended)]
    type_label = work.crm.registry.label_of_type
    summed = any(row.amount is not None for row in found.rows)
    laid: list[Layout] = [
        Table(
            [_("Id"), _("Type"), _("Name"), _("Linked on"), *([_("Amount")] if summed else [])],
            [
                [row.id, type_label(row.type), row.label, row.since, *([row.amount] if summed else [])]
                for row in found.rows[:LISTED]
            ],
            title=_("What counts: {value}").format(value=found.value),
            empty=_("Nothing is counted."),
        )
    ]
    laid += _more(len(found.rows))
    if found.left_out:
        laid.append(
            Table(
                [_("Id"), _("Name"), _("Why")],
                [[row.id, row.label, row.reason] for row in found.left_out[:LISTED]],
                title=_("What was left out"),
            )
        )
        laid += _more(len(found.left_out))
    return laid


def _more(count: int) -> list[Layout]:
    if count <= LISTED:
        return []
    return [Note(_("... and {n} more: --json lists all.").format(n=count - LISTED))]
