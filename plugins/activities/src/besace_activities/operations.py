"""What one does with an activity: have done it, cancel it, plan it again."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from besace import entities
from besace.errors import Refused
from besace.reading import mention_of
from besace.texts import translator
from besace_activities.life import STATES, State
from besace_activities.models import Activity

if TYPE_CHECKING:
    from besace.database import Work

_ = translator(__name__)

_CHANGE = _("Change what it says with: besace activity edit {id}")
_WAYS_ON = {
    State.PLANNED: _("Note that it was done with: besace activity done {id}"),
    State.DONE: _CHANGE,
    State.CANCELLED: _CHANGE,
}


def done(work: Work, activity: Activity, *, result: str | None = None, on: date | None = None) -> Activity:
    """Note that an activity was done, and what came of it."""
    return _move(work, activity, State.DONE, {"result": result, "done_on": on})


def cancel(work: Work, activity: Activity, *, result: str | None = None) -> Activity:
    """Cancel an activity that does not take place."""
    return _move(work, activity, State.CANCELLED, {"result": result})


def reopen(work: Work, activity: Activity) -> Activity:
    """Plan an activity again that was done or cancelled by mistake; its result is emptied, and stays in the history."""
    return _move(work, activity, State.PLANNED, {})


def _move(work: Work, activity: Activity, state: State, values: dict[str, Any]) -> Activity:
    """Bring an activity into a state; it is refused where it is in it already, for nothing would be stored."""
    if activity.state == state:
        raise Refused(
            _('{activity} is "{state}" already.').format(activity=mention_of(work, activity), state=STATES[state]),
            _WAYS_ON[state].format(id=activity.id),
        )
    given = {key: value for key, value in values.items() if value is not None}
    moved: Activity = entities.edit(work, activity, state=state.value, **given)
    return moved
