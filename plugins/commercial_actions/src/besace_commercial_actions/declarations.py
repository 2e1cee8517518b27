"""What the plugin declares beside its types and lists."""

from __future__ import annotations

from besace.records import ANY, Block, Operation, RelationType
from besace.texts import translator

_ = translator(__name__)

RELATION_TYPES = [
    RelationType(
        "fulfils_goal",
        _("fulfils the goal of"),
        _("has its goal fulfilled by"),
        objects=("commercial_action",),
        option="fulfils",
    )
]


def operations() -> list[Operation]:
    """The verbs of objectives, of actions and of patterns."""
    from besace.layouts import lay_out_removed
    from besace_commercial_actions import comparison_views, layouts, pattern_views
    from besace_commercial_actions import operations as verbs

    return [
        Operation(
            "add",
            "objective",
            verbs.add_objective,
            _("Add"),
            _("Give an action an objective: what to count or sum, or a number kept by hand."),
            scope="none",
            positional=("action",),
            options={
                "action": _("The commercial action."),
                "name": _("What is to be reached, in a few words."),
                "target": _("The number to reach; an amount such as 50000EUR where amounts are summed."),
                "count": _("Count the linked entities of this type; without it the objective is kept by hand."),
                "condition": _("Count only those that meet this named condition."),
                "where": _('Count only those that meet a condition: "phase.outcome = won".'),
                "sum": _("Add up this measure of theirs instead of counting them."),
                "counter": _("Count what this counter gives, instead of a type."),
            },
        ),
        Operation(
            "explain",
            "objective",
            verbs.explain_objective,
            _("Explain"),
            _("Show what counts for an objective, and what was left out and why."),
            writes=False,
            right="read",
            layout=layouts.lay_out_explanation,
        ),
        Operation(
            "adjust",
            "objective",
            verbs.adjust_objective,
            _("Adjust"),
            _("Move an objective that is kept by hand."),
            options={"by": _("By how much: 1 unless given; -1 takes one away.")},
        ),
        Operation(
            "copy",
            "commercial_action",
            verbs.copy,
            _("Copy"),
            _("Plan an action anew: its texts, costs to come and objectives, without links and results."),
            options={
                "start": _("The first day of the new action; it lasts as many days as the other."),
                "title": _("The title of the new action; the same unless given."),
            },
        ),
        Operation(
            "apply",
            "pattern",
            verbs.apply_pattern,
            _("Apply"),
            _("Give an action the objectives that its expected revenue asks for."),
            positional=("action",),
            options={
                "action": _("The commercial action."),
                "again": _("Add them also where the action has some of them already."),
                "dry_run": _("Show the objectives and write nothing."),
            },
            layout=pattern_views.lay_out_plan,
        ),
        Operation(
            "remove",
            "pattern_step",
            verbs.remove_step,
            _("Remove"),
            _("Remove a step on which no other stands."),
            layout=lay_out_removed,
        ),
        Operation(
            "progress",
            "commercial_action",
            verbs.progress,
            _("Progress"),
            _("Show where an action stands: objectives, revenue, return."),
            writes=False,
            right="read",
            layout=layouts.lay_out_progress,
        ),
        Operation(
            "compare",
            "commercial_action",
            verbs.compare,
            _("Compare"),
            _("Show the figures of several actions side by side; of all where none is named."),
            scope="many",
            writes=False,
            right="read",
            options={
                "by": _("Gather them by this: one row for all actions of an owner, a type, a segment or a year."),
                "where": _('Only the revenue of the linked deals that meet a condition: "close_date >= 2026-01-01".'),
            },
            layout=comparison_views.lay_out_comparison,
        ),
    ]


def blocks() -> list[Block]:
    """What stands beside the fields of an action and of a pattern, and of whatever fulfils the goal of an action."""
    from besace_commercial_actions import blocks as views
    from besace_commercial_actions import fulfilled, pattern_views

    on = "commercial_action"
    return [
        Block("progress", on, _("Objectives"), views.progress_of, views.lay_out_progress, 10),
        Block("revenue", on, _("Revenue"), views.revenue_of, views.lay_out_revenue, 20),
        Block("linked", on, _("Linked"), views.linked_of, views.lay_out_linked, 30),
        Block("actions", ANY, _("Fulfils the goal of"), fulfilled.actions_of, fulfilled.lay_out_actions, 50),
        Block("steps", "pattern", _("Steps"), pattern_views.steps_of, pattern_views.lay_out_steps, 10),
    ]
