"""The blocks: activities beside an entity, and beside an activity its participants and its subjects."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from besace.layouts import shortened
from besace.reading import Found
from besace.records import Note, Table
from besace.texts import Text, translator
from besace_activities import queries
from besace_activities.hours import shown_times
from besace_activities.life import STATES
from besace_activities.queries import Around, Line, Reached

if TYPE_CHECKING:
    from besace.database import Work
    from besace.model import Entity
    from besace_activities.models import Activity

_ = translator(__name__)

_MOST = 50
"""How many participants, and how many subjects, are shown."""

OVERDUE = _("Overdue")


@dataclass(frozen=True)
class Linked:
    """What is linked to an activity; `more`: there is more of it than is shown."""

    entities: Sequence[Found]
    more: bool


def activities_of(work: Work, entity: Entity) -> Around:
    """The activities around an entity."""
    return queries.around(work, entity)


def lay_out_activities(work: Work, data: Around) -> list[Table | Note]:
    """What is planned as a table, also where nothing is, for that is worth knowing; what was done as another."""
    nothing = _("Nothing is planned: besace activity create --title TEXT --kind KIND --about ENTITY")
    to_come = _table(work, data.to_come, _("State"), state_of)
    laid: list[Table | Note] = [replace(to_come, title=_("Activities to come"), empty=nothing)]
    more = data.to_come_count - len(data.to_come)
    if more:
        laid.append(Note(_("... and {n} later one.", "... and {n} later ones.").format(n=more)))
    if data.done:
        done = _table(work, data.done, _("Result"), lambda a: shortened(a.result))
        laid.append(replace(done, title=_("Activities done")))
    more = data.done_count - len(data.done)
    if more:
        laid.append(Note(_("... and {n} older one.", "... and {n} older ones.").format(n=more)))
    return laid


def state_of(activity: Line) -> Text:
    """The state of an activity as a person reads it: what is planned may be overdue."""
    return OVERDUE if activity.overdue else STATES[activity.state]


def participants_of(work: Work, activity: Activity) -> Linked:
    """Who takes part in an activity: one statement."""
    return _shown(queries.participants_of(work, [activity.id], most=_MOST + 1).get(activity.id, []))


def lay_out_participants(work: Work, data: Linked) -> list[Table | Note]:
    """The participants as a table."""
    empty = _("No participant yet: besace link contact:NAME participates_in ACTIVITY")
    return _listed(work, data, _("Participants"), empty)


def subjects_of(work: Work, activity: Activity) -> Linked:
    """What an activity is about: one statement."""
    return _shown(queries.subjects_of(work, [activity.id], most=_MOST + 1).get(activity.id, []))


def lay_out_subjects(work: Work, data: Linked) -> list[Table | Note]:
    """The subjects as a table."""
    return _listed(work, data, _("It is about"), _("Nothing yet: besace link ACTIVITY about ENTITY"))


def _table(work: Work, activities: Sequence[Reached], last: Text, told: Callable[[Reached], Any]) -> Table:
    """A table of activities with one column of its own, and what is between where something is."""
    headings: list[Text | str] = [_("Id"), _("When"), _("Kind"), _("Title"), last]
    rows = [[a.id, shown_times(a.times, work.zone), a.kind, shortened(a.label), told(a)] for a in activities]
    if any(a.through for a in activities):
        headings.append(_("Through"))
        rows = [[*row, a.through] for row, a in zip(rows, activities, strict=True)]
    return Table(headings, rows)


def _shown(found: Sequence[Found]) -> Linked:
    return Linked(found[:_MOST], more=len(found) > _MOST)


def _listed(work: Work, data: Linked, title: Text, empty: Text) -> list[Table | Note]:
    label = work.crm.registry.label_of_type
    rows = [[e.id, label(e.type), shortened(e.label)] for e in data.entities]
    table = Table([_("Id"), _("Type"), _("Name")], rows, title, empty=empty)
    return [table, Note(_("There are more: besace related ACTIVITY"))] if data.more else [table]
