"""How people see actions side by side, or in groups."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from besace.money import Money
from besace.records import Layout, Note, Table
from besace.texts import Text, translator
from besace_commercial_actions.comparison import Comparison, Group, Total
from besace_commercial_actions.groupings import GROUPINGS
from besace_commercial_actions.layouts import one_or_all, revenue_notes
from besace_commercial_actions.progress import Progress
from besace_commercial_actions.revenue import EXPECTED, FINAL, WEIGHTED, Revenue

if TYPE_CHECKING:
    from besace.database import Work

_ = translator(__name__)


def lay_out_comparison(work: Work, found: Comparison) -> list[Layout]:
    """One row for each action or group, and a total in which each deal stands once (rule C8)."""
    total = found.total
    columns = [_("Reached"), _("Deals"), _("Won"), _("Expected"), _("Final"), _("Weighted")]
    columns += [_("Actual cost"), _("Attainment %"), _("Return %")]
    heads, rows, together = _groups(work, found) if found.by is not None else _actions(found)
    laid: list[Layout] = [
        Table(
            [*heads, *columns],
            rows,
            title=_("Commercial actions"),
            total=[_("Total"), *together, None, *_figures(total, [c.actual for c in total.cost])],
            empty=_("No commercial action yet."),
        )
    ]
    stood: Sequence[Progress | Group] = found.groups if found.by is not None else found.actions
    if sum(row.deals for one in stood for row in one.revenue) != sum(row.deals for row in total.revenue):
        laid.append(Note(_("Some deals are linked to several actions; the total counts each once.")))
    laid += revenue_notes(total.revenue, partial=total.partial or any(one.partial for one in found.actions))
    problems = dict.fromkeys(str(problem) for one in found.actions for problem in one.problems)
    return laid + [Note(problem) for problem in problems]


_Rows = tuple[list[Text], list[list[Any]], list[Any]]
"""The first headings, the rows, and what stands under these headings in the total, behind its name."""


def _actions(found: Comparison) -> _Rows:
    rows = [
        [
            one.action.label,
            _of(sum(o.reached for o in one.objectives), len(one.objectives)),
            *_figures(one, [one.cost.actual]),
        ]
        for one in found.actions
    ]
    return [_("Action")], rows, []


def _groups(work: Work, found: Comparison) -> _Rows:
    grouping = GROUPINGS[str(found.by)]
    rows = [
        [
            grouping.name(work, one.by),
            one.actions,
            _of(one.reached, one.objectives),
            *_figures(one, [cost.actual for cost in one.cost]),
        ]
        for one in found.groups
    ]
    return [grouping.label, _("Actions")], rows, [len(found.actions)]


def _of(reached: int, every: int) -> Text | None:
    return _("{n} of {all}").format(n=reached, all=every) if every else None


def _figures(one: Progress | Group | Total, paid: Sequence[Money | None]) -> list[Any]:
    percentages = [_or_dash(one.attainment_percent), _or_dash(one.return_percent)]
    return [*_revenue_cells(one.revenue), one_or_all(paid), *percentages]


def _revenue_cells(rows: Sequence[Revenue]) -> list[Any]:
    counts = [sum(row.deals for row in rows), sum(row.won for row in rows)]
    return [*counts, *(one_or_all([row[key] for row in rows]) for key in (EXPECTED, FINAL, WEIGHTED))]


def _or_dash(value: int | None) -> int | str:
    return "-" if value is None else value
