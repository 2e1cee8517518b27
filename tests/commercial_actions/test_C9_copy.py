"""Copying an action copies the plan and nothing that came of it (rule C9)."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa

from besace import lists
from besace.errors import BesaceError, Refused
from besace_commercial_actions.models import Objective

from .test_progress import money

PLAN = {
    "title": "Rail fair",
    "goal": "Meet operators",
    "action_type": "trade_fair",
    "description": "Hall 4",
    "expected_revenue": "900USD",
    "planned_cost": 70,
}
RESULT = {"actual_cost": 80, "external_system": "old", "external_id": "7"}


def copy(office: Any, action: int, start: str = "2027-03-04", **given: Any) -> Any:
    return office.run("commercial_action", "copy", action, start=start, **given)


def test_C9_the_plan_is_copied_to_as_many_days(office: Any) -> None:
    fair = office.fair(**PLAN, **RESULT)
    made = copy(office, fair)
    assert (made["start_date"], made["end_date"]) == ("2027-03-04", "2027-03-23")
    assert (made["title"], made["goal"], made["description"]) == ("Rail fair", "Meet operators", "Hall 4")
    assert (made["expected_revenue"], made["planned_cost"]) == (money("900.00", "USD"), money("70.00", "USD"))
    assert (made["currency"], made["action_type"]["key"]) == ("USD", "trade_fair")


def test_C9_what_came_of_it_is_not(office: Any) -> None:
    fair = office.fair(**PLAN, **RESULT)
    office.linked(fair, "company")
    made = copy(office, fair, title="Rail fair 2027")
    assert (made["title"], made["actual_cost"], made["external_id"], made["external_system"]) == (
        "Rail fair 2027",
        None,
        None,
        None,
    )
    assert office.progress(made["id"])["linked"] == {}


def test_C9_objectives_are_copied_with_their_conditions_and_begin_at_nothing(office: Any) -> None:
    fair = office.fair()
    office.objective(fair, "Met", 5, counts="company", where='sector = "rail"')
    office.objective(fair, "Won", 6, counts="deal", condition="won")
    office.objective(fair, "Sold", "7EUR", counts="deal", sum="final")
    office.objective(fair, "Behind", 8, counter="companies_behind")
    office.linked(fair, "company", sector="rail")
    made = copy(office, fair)["id"]
    old, new = (office.progress(action)["objectives"] for action in (fair, made))
    kept = ("name", "target", "counts", "condition", "where", "sum", "counter", "suspended")
    assert [[o[key] for key in kept] for o in new] == [[o[key] for key in kept] for o in old]
    assert [o["value"] for o in new] == ["0", "0", money("0.00"), "0"]


def test_C9_an_objective_kept_by_hand_starts_at_0(office: Any) -> None:
    fair = office.fair()
    hands = office.objective(fair, "Hands shaken")
    office.run("objective", "adjust", hands, by=4)
    assert office.values(copy(office, fair)["id"]) == ["0"]
    assert office.values(fair) == ["4"]


def test_C9_E5_an_objective_on_a_disabled_type_is_copied_as_it_is(enlarged: Any) -> None:
    fair = enlarged.fair()
    enlarged.objective(fair, "Running", counts="subscription", condition="running", where="fee > 3")
    enlarged.objective(fair, "Fees", "100EUR", counts="subscription", sum="final")
    enlarged.crm.disable("later")
    made = copy(enlarged, fair)["id"]
    found = enlarged.progress(made)["objectives"]
    assert [o["suspended"] for o in found] == ['The type "subscription" is not there: its plugin is disabled.'] * 2
    enlarged.crm.enable(["later"])
    found = enlarged.progress(made)["objectives"]
    assert [(o["where"], o["value"], o["target"]) for o in found] == [
        ("fee > 3", "0", "10"),
        (None, money("0.00"), money("100.00")),
    ]


@pytest.mark.parametrize("tree", [["=", "gone", "x"], ["damaged"]])
def test_C9_a_broken_objective_is_copied_as_it_is(office: Any, tree: Any) -> None:
    fair = office.fair()
    broken = office.objective(fair, "Odd", counts="company", where="sector is empty")
    table: Any = Objective.__table__
    with office.crm.writer.begin() as connection:
        connection.execute(sa.update(table).where(table.c.id == broken).values(where=tree))
    made = copy(office, fair)["id"]
    (old,), (new,) = (office.progress(action)["objectives"] for action in (fair, made))
    assert (old["where"], old["suspended"]) == (new["where"], new["suspended"])
    assert "cannot be counted" in new["suspended"]


def test_C9_the_copy_is_owned_by_who_makes_it(office: Any) -> None:
    other = office.create("user", "bob")
    fair = office.fair(owner=other)
    assert copy(office, fair)["owner"]["label"] == "alice"


def test_C9_an_item_that_was_disabled_since_is_left_out(office: Any) -> None:
    fair = office.fair(**PLAN)
    office.crm.write(lambda work: lists.edit(work, "action_type", "trade_fair", disabled=True))
    assert copy(office, fair)["action_type"] is None


def test_C9_a_start_too_late_for_the_calendar_is_refused(office: Any) -> None:
    fair = office.fair()
    with pytest.raises(Refused, match="starts on 9999-12-31 would end after the last day"):
        copy(office, fair, start="9999-12-31")
    with pytest.raises(BesaceError, match='"soon" is not a date'):
        copy(office, fair, start="soon")


def test_C9_the_histories_name_each_other(office: Any) -> None:
    fair = office.fair(title="Fair")
    made = copy(office, fair, title="Fair again")["id"]
    told = [[(h["action"], h["other"]) for h in office.run("commercial_action", "history", i)] for i in (fair, made)]
    assert told[0][-1] == ("copy", "Fair again")
    assert ("copy", "Fair") in told[1]
