"""What the plugin declares about activities, beside their type and kinds."""

from __future__ import annotations

from besace.records import Block, Command, Condition, Operation, RelationType
from besace.texts import translator

_ = translator(__name__)

ABOUT = "about"
PARTICIPATES_IN = "participates_in"

RELATION_TYPES = [
    RelationType(
        ABOUT, _("is about"), _("is the subject of"), subjects=("activity",), carries_goal=True, option="about"
    ),
    RelationType(
        PARTICIPATES_IN,
        _("takes part in"),
        _("has the participant"),
        ("contact", "user"),
        ("activity",),
        reverse_option="participant",
    ),
]

CONDITIONS = [
    Condition("planned", "activity", "state = planned", _("Planned")),
    Condition("done", "activity", "state = done", _("Done")),
    Condition("cancelled", "activity", "state = cancelled", _("Cancelled")),
    Condition(
        "overdue",
        "activity",
        "state = planned and (due_date < today or due_date is empty and start < today and "
        "(end is empty or end < today or not all_day and end = todayT00:00))",
        _("Overdue"),
    ),
    Condition("meetings_held", "activity", "kind = meeting and state = done", _("Meetings held")),
    Condition("calls_made", "activity", "kind = phone_call and state = done", _("Phone calls made")),
    Condition("emails_sent", "activity", "kind = email and state = done", _("E-mails sent")),
    Condition("tasks_done", "activity", "kind = task and state = done", _("Tasks done")),
]
"""Overdue is what is planned and whose last day has gone by: the due date, else the end, else the start."""

SHOWN_ON = ("opportunity", "organisation", "contact", "commercial_action")
"""The types beside which activities are shown; where a plugin is absent, so are its types."""

COMMANDS = [
    Command(
        "agenda",
        "besace_activities.command:agenda",
        _("Show what is to come and what was, day by day."),
    )
]


def operations() -> list[Operation]:
    """The verbs of activities."""
    from besace_activities import operations as verbs

    result = _("What came of it.")
    on = _("The day on which it was done; that of its start, else today, unless given.")
    return [
        Operation(
            "done", "activity", verbs.done, _("Done"), _("Note that an activity was done, and what came of it."),
            options={"result": result, "on": on},
        ),
        Operation(
            "cancel", "activity", verbs.cancel, _("Cancel"), _("Cancel an activity that does not take place."),
            options={"result": _("Why, in a few words.")},
        ),
        Operation(
            "reopen", "activity", verbs.reopen, _("Plan again"),
            _("Plan an activity again that was done or cancelled by mistake."),
        ),
    ]  # fmt: skip


def blocks() -> list[Block]:
    """The activities beside what they are about and who takes part, and these beside the activity."""
    from besace_activities import blocks as views

    return [
        Block("participants", "activity", _("Participants"), views.participants_of, views.lay_out_participants, 10),
        Block("subjects", "activity", _("Subjects"), views.subjects_of, views.lay_out_subjects, 20),
        *(
            Block("activities", on, _("Activities"), views.activities_of, views.lay_out_activities, 35)
            for on in SHOWN_ON
        ),
    ]
