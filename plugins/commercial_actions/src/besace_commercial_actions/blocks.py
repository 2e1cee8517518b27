"""What stands beside the fields of an action: its objectives, its revenue, what is linked to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from besace.money import Money
from besace.records import Facts, Layout, Note, Progress, Table
from besace.texts import translator
from besace_commercial_actions import layouts, queries
from besace_commercial_actions import progress as figures_of
from besace_commercial_actions.progress import Cost
from besace_commercial_actions.queries import Deal
from besace_commercial_actions.revenue import Revenue, brings_revenue

if TYPE_CHECKING:
    from besace.database import Work
    from besace_commercial_actions.models import CommercialAction

_ = translator(__name__)

LISTED = 50
"""How many deals the block names; its totals cover all."""


@dataclass(frozen=True)
class RevenueBlock:
    """The deals of an action, `more` of them unnamed, and the totals of all (rule C7)."""

    deals: Sequence[Deal]
    more: int
    revenue: Sequence[Revenue]
    expected_revenue: Money | None
    cost: Cost
    attainment_percent: int | None
    return_percent: int | None
    partial: bool
    returns: Mapping[str, int | None]


def progress_of(work: Work, action: CommercialAction) -> figures_of.Progress:
    """The figures of the action."""
    return figures_of.progress_of(work, action)


def lay_out_progress(work: Work, found: figures_of.Progress) -> list[Layout]:
    """A bar for each objective, with its pace or why it cannot be counted, and who is in the segment aimed at."""
    return [
        Progress(
            layouts.bars(found),
            title=layouts.heading(found),
            empty=_("No objective yet: besace objective add ACTION --name NAME --target N"),
        ),
        *layouts.segment_facts(work, found),
    ]


def revenue_of(work: Work, action: CommercialAction) -> RevenueBlock:
    """The first linked deals and the totals of all: one statement beside the figures, one for each status."""
    found = figures_of.progress_of(work, action)
    types = work.crm.registry.types
    infos = [types[key] for key in found.linked if brings_revenue(types[key])]
    deals = queries.deals_of(work, action.id, infos, LISTED)
    return RevenueBlock(
        deals=deals,
        more=sum(found.linked[info.key] for info in infos) - len(deals),
        revenue=found.revenue,
        expected_revenue=found.expected_revenue,
        cost=found.cost,
        attainment_percent=found.attainment_percent,
        return_percent=found.return_percent,
        returns=found.returns,
        partial=found.partial,
    )


def lay_out_revenue(work: Work, block: RevenueBlock) -> list[Layout]:
    """The deals with a total, then attainment and return."""
    type_label = work.crm.registry.label_of_type
    several = len({deal.type for deal in block.deals}) > 1
    table = Table(
        [_("Id"), *([_("Type")] if several else []), _("Name"), _("Status"), _("Expected"), _("Final")],
        [
            [d.id, *([type_label(d.type)] if several else []), d.label, d.status, d.expected, d.final]
            for d in block.deals
        ],
        title=_("Revenue"),
        total=[
            None,
            *([None] if several else []),
            _("Total"),
            None,
            layouts.one_or_all([row["expected"] for row in block.revenue]),
            layouts.one_or_all([row["final"] for row in block.revenue]),
        ],
        empty=_("Nothing that brings revenue is linked yet: besace link ENTITY fulfils_goal ACTION"),
    )
    laid: list[Layout] = [table]
    if block.more:
        laid.append(
            Note(
                _("{n} more is linked; the totals cover all.", "{n} more are linked; the totals cover all.").format(
                    n=block.more
                )
            )
        )
    laid.append(Facts([*layouts.further_sums(work, block.revenue), *layouts.outcome_facts(work, block)]))
    return laid + layouts.revenue_notes(block.revenue, partial=block.partial)


def linked_of(work: Work, action: CommercialAction) -> Mapping[str, int]:
    """How many entities of each type are linked to the action."""
    return figures_of.progress_of(work, action).linked


def lay_out_linked(work: Work, linked: Mapping[str, int]) -> list[Layout]:
    """The numbers by type."""
    types = work.crm.registry.types
    if not linked:
        return [
            Note(_("Nothing is linked to this action yet: besace link ENTITY fulfils_goal ACTION")),
        ]
    return [Facts([(types[key].plural, count) for key, count in linked.items()], _("Linked to this action"))]
