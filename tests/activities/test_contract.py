"""The plugin meets what every plugin has to meet; here is what its rules ask for."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from besace import operations
from besace.testing import check_plugin


def an_hour(work: Any) -> dict[str, Any]:
    """An end, with the start that it needs."""
    return {"start": work.now, "end": work.now + timedelta(hours=1)}


def already_done(work: Any, activity: Any) -> dict[str, Any]:
    """An activity that was done, for what begins there."""
    info = work.crm.registry.type(activity.type)
    operations.run(work, info.operations["done"], info.fields, [activity], {})
    return {}


test_contract = check_plugin(
    "activities",
    examples={
        "activity.end": an_hour,
        "activity.all_day": an_hour,
        "activity.done_on": {"state": "done"},
        "activity.result": {"state": "done"},
        "activity reopen": already_done,
    },
)
