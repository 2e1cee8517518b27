"""A commercial action, what one does over months to sell more; its objectives, and patterns that make them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any, cast

import sqlalchemy as sa
from sqlalchemy.orm import Mapped

from besace import fields
from besace.errors import Refused
from besace.fields import Field
from besace.model import Entity, Part
from besace.money import Money
from besace.texts import translator
from besace_commercial_actions import objectives
from besace_commercial_actions.lists import SEGMENT, ActionType, Segment
from besace_commercial_actions.steps import STEP, check_parent
from besace_commercial_actions.targets import TargetKind

if TYPE_CHECKING:
    from besace.database import Work

_ = translator(__name__)


class CommercialAction(Entity, type="commercial_action", label=_("Commercial action"), plural=_("Commercial actions")):
    """What one does over months to sell more: a trade fair, a campaign, a salesperson's year."""

    __table_args__ = (sa.CheckConstraint("end_date >= start_date", name="ends_after_start"),)

    title: Mapped[str] = fields.text("Title", names_row=True, help="What names the action.")
    goal: Mapped[str | None] = fields.long_text("Goal", help="What it is to achieve, in words.")
    action_type: Mapped[ActionType | None] = fields.item("Type", list="action_type", help="What sort of action it is.")
    segment: Mapped[Segment | None] = fields.item(
        "Segment", list=SEGMENT, help="The part of the market that it aims at."
    )
    start_date: Mapped[date] = fields.date("Start date", help="Its first day.")
    end_date: Mapped[date] = fields.date("End date", help="Its last day; the first one again is allowed.")
    expected_revenue: Mapped[Money | None] = fields.money("Expected revenue", minimum=0, help="What it is to bring in.")
    planned_cost: Mapped[Money | None] = fields.money("Planned cost", minimum=0, help="What it may cost.")
    actual_cost: Mapped[Money | None] = fields.money("Actual cost", minimum=0, help="What it did cost.")
    description: Mapped[str | None] = fields.long_text("Description", help="What there is to know about it.")

    if TYPE_CHECKING:
        action_type_key: Mapped[str | None]
        segment_key: Mapped[str | None]

    @classmethod
    def prepare(cls, old: Mapping[str, Any] | None, new: dict[str, Any], work: Work) -> dict[str, Any]:
        """Rule C1: it does not end before it starts."""
        start, end = new["start_date"], new["end_date"]
        if start is not None and end is not None and end < start:
            raise Refused(
                _("A commercial action cannot end on {end}, before it starts on {start}.").format(start=start, end=end),
                _("Give an --end-date that is not before the --start-date."),
            )
        return new


class Objective(
    Part,
    of="commercial_action",
    key="objective",
    label=_("Objective"),
    plural=_("Objectives"),
    # Not the value: a copy of one that is kept by hand starts at 0 (rule C9).
    copied=("name", "target", "counts", "condition", "where", "sum", "counter", "is_amount"),
):
    """A number to reach, and what is counted for it."""

    __table_args__ = (
        sa.CheckConstraint("target > 0", name="target_above_zero"),
        sa.CheckConstraint("value >= 0", name="value_from_zero"),
        sa.CheckConstraint("counts IS NULL OR counter IS NULL", name="one_way_to_count"),
    )

    name: Mapped[str] = fields.text("Name", names_row=True, help="What is to be reached, in a few words.")
    target: Mapped[Decimal] = cast(
        Mapped[Any],
        Field(
            TargetKind(),
            _("Target"),
            _("The number to reach; an amount where the objective sums amounts."),
        ),
    )
    value: Mapped[int | None] = fields.integer(
        "Value", minimum=0, help="Where an objective stands that is kept by hand."
    )
    counts: Mapped[str | None] = fields.type_key(
        "Counted type", help="The type of the linked entities that count; none: kept by hand."
    )
    condition: Mapped[str | None] = fields.text(
        "Condition", length=60, help="The named condition that they have to meet."
    )
    where: Mapped[list[Any] | None] = fields.condition("Where", help="A condition that they have to meet.")
    sum: Mapped[str | None] = fields.text(
        "Summed measure", length=60, help="The measure that is added up, instead of counting."
    )
    counter: Mapped[str | None] = fields.text(
        "Counter", length=60, help="The counter that says what counts, instead of a type."
    )
    is_amount: Mapped[bool] = fields.boolean(
        "In money", read_only=True, help="Whether its target is an amount in the currency of the action."
    )

    @classmethod
    def prepare(
        cls, old: Mapping[str, Any] | None, new: dict[str, Any], owner: Mapping[str, Any], work: Work
    ) -> dict[str, Any]:
        """Rules C2 and C4: what it may count or sum, and the form of its target."""
        return objectives.settle(old, new, owner["currency"], work)


class Pattern(Entity, type="pattern", label=_("Objective pattern"), plural=_("Objective patterns")):
    """A funnel with success rates, which makes the objectives of an action from its expected revenue."""

    __table_args__ = (sa.CheckConstraint("average_deal > 0", name="average_above_zero"),)

    name: Mapped[str] = fields.text("Name", names_row=True, help="What names the pattern.")
    average_deal: Mapped[Money | None] = fields.money("Average deal", help="What a won deal brings on average.")
    won_name: Mapped[str] = fields.text("Name of what is won", help="The name of the objective for the won deals.")
    counts: Mapped[str | None] = fields.type_key(
        "Counted type", help="The type of the linked entities that are won deals; none: kept by hand."
    )
    condition: Mapped[str | None] = fields.text(
        "Condition", length=60, help="The named condition that they have to meet."
    )
    where: Mapped[list[Any] | None] = fields.condition("Where", help="A condition that they have to meet.")

    @classmethod
    def prepare(cls, old: Mapping[str, Any] | None, new: dict[str, Any], work: Work) -> dict[str, Any]:
        """Rule C10: an average deal brings something; what is won can be counted."""
        average = new["average_deal"]
        if average is not None and average.amount <= 0:
            raise Refused(_("An average deal brings more than 0, not {average}.").format(average=average))
        return objectives.settle_counted(old, new, work)


class PatternStep(Part, of="pattern", key=STEP, label=_("Step of a pattern"), plural=_("Steps of a pattern")):
    """A step of a funnel: so many of a hundred that take it go on to the step above, or are won."""

    __table_args__ = (
        sa.CheckConstraint("rate BETWEEN 1 AND 100", name="rate_in_percent"),
        sa.ForeignKeyConstraint(["parent"], ["pattern_step.id"]),
    )

    name: Mapped[str] = fields.text("Name", names_row=True, help="What is done or reached in this step.")
    rate: Mapped[int] = fields.integer(
        "Success rate", minimum=1, maximum=100, help="How many of a hundred go on to the step above, in whole percent."
    )
    counts: Mapped[str | None] = fields.type_key(
        "Counted type", help="The type of the linked entities that count; none: kept by hand."
    )
    condition: Mapped[str | None] = fields.text(
        "Condition", length=60, help="The named condition that they have to meet."
    )
    where: Mapped[list[Any] | None] = fields.condition("Where", help="A condition that they have to meet.")
    parent: Mapped[int | None] = fields.integer(
        "Step above", help="The id of the step that it leads to; none: it leads to what is won."
    )

    @classmethod
    def prepare(
        cls, old: Mapping[str, Any] | None, new: dict[str, Any], owner: Mapping[str, Any], work: Work
    ) -> dict[str, Any]:
        """Rule C10: it counts what can be counted, and stands below a step of the same pattern."""
        check_parent(work, old, new, owner)
        return objectives.settle_counted(old, new, work)
