"""How people see the figures of actions: bars, facts and tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol

from besace.money import Money
from besace.records import Bar, Facts, Layout, Note, Table
from besace.records import Progress as Bars
from besace.texts import Text, joined, translator
from besace_commercial_actions.explain import Explanation
from besace_commercial_actions.figures import Pace
from besace_commercial_actions.progress import Cost, Number, ObjectiveProgress, Progress
from besace_commercial_actions.revenue import EXPECTED, FINAL, UNWEIGHTED, WEIGHTED, WON, Revenue

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
    def returns(self) -> Mapping[str, int | None]: ...
    @property
    def revenue(self) -> Sequence[Revenue]: ...


# ---- one action ------------------------------------------------------------------------------------


def lay_out_progress(work: Work, found: Progress) -> list[Layout]:
    """Objectives as bars, revenue by currency, attainment and return, and how to see what counts."""
    laid: list[Layout] = [Bars(bars(found), title=heading(found), empty=_("This action has no objectives yet."))]
    if found.revenue:
        laid.append(_revenue_table(work, found.revenue))
    laid.append(Facts(outcome_facts(work, found)))
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
    further = _further(work, rows)
    headings = [_("Currency"), _("Deals"), _("Won"), _("Expected"), _("Final"), _("Weighted")]
    cells = [[row["currency"], row["deals"], row["won"], row[EXPECTED], row[FINAL], row[WEIGHTED]] for row in rows]
    return Table(
        [*headings, *further.values()],
        [[*cell, *(row.sums.get(key) for key in further)] for cell, row in zip(cells, rows, strict=True)],
        title=_("Revenue"),
    )


def outcome_facts(work: Work, found: _Outcome) -> list[tuple[Text | str, Any]]:
    """What was wanted and spent, attainment and returns; "not available" is not 0 (rule C7).

    Of the returns on what is not simply won, those are told of which there is something.
    """
    told = {
        key for row in found.revenue for key, value in row.sums.items() if isinstance(value, Money) and value.amount
    }
    labels = _measures(work)
    facts: list[tuple[Text | str, Any]] = [
        (_("Expected of the action"), found.expected_revenue),
        (_("Planned cost"), found.cost.planned),
        (_("Actual cost"), found.cost.actual),
    ]
    return [
        *((label, value) for label, value in facts if value is not None),
        (_("Attainment"), _percent(found.attainment_percent)),
        (_("Return on investment"), _percent(found.returns[WON])),
        *(
            (_("Return on investment: {measure}").format(measure=labels[key]), _percent(value))
            for key, value in found.returns.items()
            if key in told and key in labels
        ),
    ]


def further_sums(work: Work, rows: Sequence[Revenue]) -> list[tuple[Text | str, Any]]:
    """What the deals come to by measures beyond expected, final and weighted."""
    return [(label, one_or_all([row.sums.get(key) for row in rows])) for key, label in _further(work, rows).items()]


def _further(work: Work, rows: Sequence[Revenue]) -> dict[str, Text]:
    labels = _measures(work)
    found = dict.fromkeys(key for row in rows for key in row.sums if key in labels)
    return {key: labels[key] for key in found if key not in (EXPECTED, FINAL, WEIGHTED)}


def _measures(work: Work) -> dict[str, Text]:
    return {measure.key: measure.label for measure in work.crm.registry.measures.values()}


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
