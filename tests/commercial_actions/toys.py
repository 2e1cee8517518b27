"""Plugins of the tests: deals and companies, papers of a deal, and a type that comes later."""

from __future__ import annotations

from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped

from besace import (
    Condition,
    Counter,
    Entity,
    Item,
    ListItem,
    Measure,
    Money,
    Ref,
    RelationType,
    fields,
    hookimpl,
    translator,
)
from besace.reading import untrashed
from besace.relations import link_table

_ = translator(__name__)


class Stage(
    ListItem,
    list="stage",
    label=_("Stages"),
    items=[
        Item("talks", _("In talks"), {"outcome": "open"}),
        Item("signed", _("Signed"), {"outcome": "won"}),
        Item("missed", _("Missed"), {"outcome": "lost"}),
    ],
):
    """How a deal stands."""

    outcome: Mapped[str] = fields.choice("Outcome", {k: _(k) for k in ("open", "won", "lost")})


class Deal(Entity, type="deal", label=_("Deal"), plural=_("Deals"), status="stage"):
    """Something that one tries to sell."""

    name: Mapped[str] = fields.text("Name", names_row=True)
    stage: Mapped[Stage] = fields.item("Stage", list="stage", default="talks")
    closed_on: Mapped[date | None] = fields.date("Closed on")
    expected_revenue: Mapped[Money | None] = fields.money("Expected revenue")
    final_revenue: Mapped[Money | None] = fields.money("Final revenue")
    probability: Mapped[int | None] = fields.integer("Probability")
    company: Mapped[Ref | None] = fields.entity("Company", types=("company",))


class Company(Entity, type="company", label=_("Company"), plural=_("Companies")):
    """To whom one sells."""

    name: Mapped[str] = fields.text("Name", names_row=True)
    sector: Mapped[str | None] = fields.text("Sector")
    market: Mapped[ListItem | None] = fields.item("Market", list="segment")


class Paper(Entity, type="paper", label=_("Paper"), plural=_("Papers")):
    """Something written for a deal."""

    name: Mapped[str] = fields.text("Name", names_row=True)
    sent: Mapped[bool] = fields.boolean("Sent")


def weighted(source: Any) -> Any:
    """Expected revenue x probability; empty without a probability."""
    return source["expected_revenue"] * source["probability"] / 100


def companies_behind(work: Any, action_ids: Any) -> Any:
    """The companies of the linked deals: a counter says itself what it makes of a deal in the trash."""
    goal, deal = link_table.alias(), Deal.__table__.alias()
    return (
        sa.select(goal.c.object_id, deal.c.company_id)
        .join_from(goal, deal, deal.c.id == goal.c.subject_id)
        .where(goal.c.type == "fulfils_goal", goal.c.object_id.in_(action_ids), untrashed(deal.c.id))
    )


class Plugin:
    """A plugin made of functions: `Plugin(register_lists=lambda: [...])`."""

    __name__ = "tests"

    def __init__(self, **hooks: Any) -> None:
        self.__dict__.update({name: hookimpl(hook) for name, hook in hooks.items()})


toys = Plugin(
    register_entity_types=lambda: [Deal, Company, Paper],
    register_lists=lambda: [Stage],
    register_relation_types=lambda: [
        RelationType("written_for", _("is written for"), _("has as a paper"), carries_goal=True),
        RelationType("knows", _("knows"), _("is known by")),
    ],
    register_conditions=lambda: [
        Condition("won", "deal", "stage.outcome = won", _("Won")),
        Condition("lost", "deal", "stage.outcome = lost", _("Lost")),
        Condition("sent", "paper", "sent = yes", _("Sent")),
    ],
    register_measures=lambda: [
        Measure("expected", "deal", _("Expected revenue"), "expected_revenue", where="not lost"),
        Measure("final", "deal", _("Final revenue"), "final_revenue", where="won"),
        Measure("weighted", "deal", _("Weighted revenue"), weighted, missing="unweighted"),
        Measure("chances", "deal", _("Chances"), "probability", money=False),
    ],
    register_counters=lambda: [
        Counter("companies_behind", _("Companies behind the deals"), "company", companies_behind)
    ],
)


class Subscription(Entity, type="subscription", label=_("Subscription"), plural=_("Subscriptions")):
    """A type that comes later, of a plugin that knows nothing of actions."""

    title: Mapped[str] = fields.text("Title", names_row=True)
    fee: Mapped[Money | None] = fields.money("Fee")
    running: Mapped[bool] = fields.boolean("Running")


later = Plugin(
    register_entity_types=lambda: [Subscription],
    register_conditions=lambda: [Condition("running", "subscription", "running = yes", _("Running"))],
    register_measures=lambda: [
        Measure("final", "subscription", _("Fee"), "fee", where="running"),
        Measure("yearly", "subscription", _("Yearly fee"), lambda source: source["fee"] * 12),
    ],
)
