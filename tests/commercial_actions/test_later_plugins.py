from __future__ import annotations

from typing import Any

import pytest

from besace import Besace, Condition, Counter, Measure
from besace.errors import UsageError

from .conftest import Office
from .test_progress import money
from .toys import Plugin, toys


def test_E3_a_type_that_comes_later_fulfils_goals_at_once(enlarged: Office) -> None:
    fair = enlarged.fair(actual_cost=10)
    enlarged.objective(fair, counts="subscription", condition="running")
    enlarged.objective(fair, target=100, counts="subscription", sum="final")
    enlarged.linked(fair, "subscription", "A", fee=30, running="yes")
    enlarged.linked(fair, "subscription", "B", fee=70, running="no")
    found = enlarged.progress(fair)
    assert [o["value"] for o in found["objectives"]] == ["1", money("30.00")]
    (row,) = found["revenue"]
    assert (row["deals"], row["won"], row["final"], row["yearly"]) == (2, 1, money("30.00"), money("1200.00"))
    assert found["return_percent"] == 200


def test_E3_types_that_know_nothing_of_each_other_bring_revenue_together(enlarged: Office) -> None:
    fair = enlarged.fair()
    enlarged.linked(fair, "subscription", "A", fee=30, running="yes")
    enlarged.linked(fair, "deal", "B", stage="signed", final_revenue=5)
    (row,) = enlarged.progress(fair)["revenue"]
    assert (row["deals"], row["won"], row["final"]) == (2, 2, money("35.00"))
    deals = enlarged.show(fair)["blocks"]["revenue"]["deals"]
    assert [(d["label"], d["status"] and d["status"]["label"]) for d in deals] == [
        ("A", None),
        ("B", "Signed"),
    ]
    assert enlarged.compare()["total"]["revenue"] == [row]


def test_E3_a_condition_narrows_the_types_that_it_fits(enlarged: Office) -> None:
    fair = enlarged.fair()
    enlarged.linked(fair, "subscription", "A", fee=30, running="yes")
    enlarged.linked(fair, "deal", "B", stage="signed", final_revenue=5)
    (row,) = enlarged.compare(where="closed_on is not empty")["total"]["revenue"]
    assert (row["deals"], row["final"]) == (1, money("30.00"))


def test_E3_any_includes_users_and_other_actions(office: Office) -> None:
    fair, other = office.fair(), office.fair(title="Breakfast")
    office.objective(fair, counts="commercial_action")
    office.objective(fair, counts="user")
    office.link(fair, other, 1)
    assert office.values(fair) == ["1", "1"]


def test_E3_nothing_but_an_action_has_goals(office: Office) -> None:
    from besace import relations
    from besace.errors import Refused

    fair, company = office.fair(), office.create("company", "A")
    with pytest.raises(Refused, match='cannot be the object of "fulfils the goal of"'):
        office.crm.write(lambda work: relations.link(work, fair, "fulfils_goal", company))
    with pytest.raises(Refused, match="cannot be linked to itself"):
        office.link(fair, fair)


def test_E5_an_objective_on_a_disabled_type_has_no_value_and_says_why(enlarged: Office, open_with: Any) -> None:
    fair = enlarged.fair()
    enlarged.objective(fair, counts="subscription")
    money_goal = enlarged.objective(fair, target="100EUR", counts="subscription", sum="final")
    enlarged.objective(fair, counts="company")
    enlarged.linked(fair, "subscription", "A", fee=30, running="yes")
    enlarged.linked(fair, "company")
    before = enlarged.progress(fair)
    enlarged.crm.disable("later")

    found = enlarged.progress(fair)
    reason = 'The type "subscription" is not there: its plugin is disabled.'
    assert [(o["value"], o["percent"], o["pace"], o["suspended"]) for o in found["objectives"]] == [
        (None, None, None, reason),
        (None, None, None, reason),
        ("1", 10, "behind", None),
    ]
    assert (found["objectives"][1]["target"], found["revenue"]) == (money("100.00"), [])
    assert enlarged.explain(money_goal) == {"value": None, "rows": [], "left_out": [], "suspended": reason}
    assert enlarged.show(fair)["blocks"]["linked"] == {"company": 1}

    enlarged.crm.enable(["later"])
    assert enlarged.progress(fair) == before


def test_E5_a_suspended_objective_can_be_renamed_but_not_pointed_elsewhere(enlarged: Office) -> None:
    fair = enlarged.fair()
    objective = enlarged.objective(fair, counts="subscription", where="fee > 3")
    enlarged.crm.disable("later")
    enlarged.run("objective", "edit", objective, name="Subscribers", target=12)
    with pytest.raises(UsageError, match='no type "subscription"'):
        enlarged.run("objective", "edit", objective, where="fee > 4")
    (found,) = enlarged.progress(fair)["objectives"]
    assert (found["name"], found["target"], found["where"]) == ("Subscribers", "12", "fee > 3")


extra = Plugin(
    register_conditions=lambda: [Condition("big", "company", 'name ~ "big"', "Big")],
    register_measures=lambda: [Measure("chances_twice", "deal", "Twice", lambda s: s["probability"] * 2, money=False)],
    register_counters=lambda: [Counter("behind_again", "Again", "company", toys.register_counters()[0].select)],
)


def test_E5_objectives_on_what_a_disabled_plugin_declared_say_so(crm: Besace, open_with: Any) -> None:
    office = open_with(extra=extra)
    office.crm.enable(["extra"])
    fair = office.fair()
    office.objective(fair, counts="company", condition="big")
    office.objective(fair, counts="deal", sum="chances_twice")
    office.objective(fair, counter="behind_again")
    office.objective(fair, counts="company")
    office.linked(fair, "company", "Big one")
    office.crm.disable("extra")
    found = office.progress(fair)["objectives"]
    assert [o["value"] for o in found] == [None, None, None, "1"]
    assert [o["suspended"] for o in found] == [
        'It cannot be counted: Company has no condition "big".',
        'The measure "chances_twice" is not there: its plugin is disabled.',
        'The counter "behind_again" is not there: its plugin is disabled.',
        None,
    ]


def test_a_plugin_whose_measure_fails_hides_nothing_else(office: Office, open_with: Any) -> None:
    failing = Plugin(
        register_measures=lambda: [Measure("odd", "deal", "Odd", lambda source: source["nothing"])],
        register_counters=lambda: [Counter("odd", "Odd", "deal", lambda work, ids: 1 / 0)],
    )
    odd = open_with(failing=failing)
    odd.crm.enable(["failing"])
    fair = odd.fair()
    counter = odd.objective(fair, counter="odd")
    odd.objective(fair, counts="deal")
    odd.linked(fair, "deal", stage="signed", final_revenue=3)
    found = odd.progress(fair)
    assert [o["value"] for o in found["objectives"]] == [None, "1"]
    assert found["revenue"][0]["final"] == money("3.00")
    assert found["problems"] == ['The measure "odd" cannot be read: Deal has no field "nothing".']
    assert odd.explain(counter)["suspended"] == "It cannot be counted: division by zero"
    assert odd.show(fair)["blocks"]["revenue"]["deals"][0]["final"] == money("3.00")


def test_nothing_of_another_plugin_of_ours_is_needed(office: Office) -> None:
    assert office.crm.host.running == ["commercial_actions", "toys"]
