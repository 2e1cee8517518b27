"""Patterns of objectives: a funnel makes the objectives of an action (rule C10)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from besace import bin, parts
from besace.errors import BesaceError, Refused
from besace.reading import get, parts_of
from besace_commercial_actions.models import PatternStep
from besace_commercial_actions.operations import apply_pattern


@pytest.fixture
def pattern(office: Any) -> int:
    """The first worked example of the rule: A with the steps C and D below it, and B."""
    made: int = office.create("pattern", "Funnel", average_deal=5000, won_name="Won", counts="deal", condition="won")
    a = step(office, made, "A", 20, counts="paper", condition="sent")
    step(office, made, "C", 33, parent=a, counts="company", where="sector = rail")
    step(office, made, "D", 10, parent=a)
    step(office, made, "B", 50, counts="company")
    return made


def step(office: Any, pattern: int, name: str, rate: int, **values: Any) -> int:
    made: int = office.crm.write(lambda work: parts.add(work, PatternStep, pattern, name=name, rate=rate, **values).id)
    return made


def steps(office: Any, pattern: int) -> dict[str, int]:
    with office.crm.read() as work:
        return {s.name: s.id for s in parts_of(work, PatternStep, [pattern])}


def apply(office: Any, pattern: int, action: int, **given: Any) -> Any:
    return office.run("pattern", "apply", pattern, action=action, **given)


def test_C10_a_pattern_makes_the_objectives_of_an_action(office: Any, pattern: int) -> None:
    fair = office.fair(expected_revenue=20_000)
    made = apply(office, pattern, fair)["objectives"]
    found = office.progress(fair)["objectives"]
    assert [(o["name"], o["target"]) for o in found] == [
        ("Won", "4"),
        ("A", "20"),
        ("C", "61"),
        ("D", "200"),
        ("B", "8"),
    ]
    assert [(o["counts"], o["condition"], o["where"]) for o in found] == [
        ("deal", "won", None),
        ("paper", "sent", None),
        ("company", None, "sector = rail"),
        (None, None, None),
        ("company", None, None),
    ]
    assert [(o["id"], o["target"]) for o in made] == [(o["id"], o["target"]) for o in found]


def test_C10_rounding_never_adds_one_too_many(office: Any) -> None:
    made = office.create("pattern", "Thin", average_deal=30, won_name="Won")
    step(office, made, "Calls", 3)
    fair = office.fair(expected_revenue=900)
    assert [o["target"] for o in apply(office, made, fair)["objectives"]] == ["30", "1000"]


def test_C10_a_pattern_without_steps_plans_what_is_won(office: Any) -> None:
    made = office.create("pattern", "Bare", average_deal=7, won_name="Won")
    fair = office.fair(expected_revenue=8)
    assert [(o["name"], o["target"]) for o in apply(office, made, fair)["objectives"]] == [("Won", "2")]


def test_C10_a_dry_run_shows_the_same_and_writes_nothing(office: Any, pattern: int) -> None:
    fair = office.fair(expected_revenue=20_000)
    shown = apply(office, pattern, fair, dry_run=True)
    assert office.progress(fair)["objectives"] == []
    made = apply(office, pattern, fair)
    assert [{**o, "id": None} for o in made["objectives"]] == shown["objectives"]


def test_C10_applying_twice_is_refused_unless_it_is_meant(office: Any, pattern: int) -> None:
    fair = office.fair(title="Fair", expected_revenue=20_000)
    apply(office, pattern, fair)
    with pytest.raises(Refused) as refused:
        apply(office, pattern, fair)
    assert str(refused.value) == (
        f'Commercial action {fair} "Fair" already has 5 of these objectives, such as {fair + 1} "Won". '
        "To add all of the pattern beside them: --again"
    )
    assert len(office.values(fair)) == 5
    apply(office, pattern, fair, again=True)
    assert len(office.values(fair)) == 10


def test_C9_C10_a_pattern_does_not_double_the_objectives_of_a_copied_action(office: Any, pattern: int) -> None:
    fair = office.fair(expected_revenue=20_000)
    apply(office, pattern, fair)
    copy = office.run("commercial_action", "copy", fair, start="2027-03-01")["id"]
    with pytest.raises(Refused, match="already has 5 of these objectives"):
        apply(office, pattern, copy)


@pytest.mark.parametrize("revenue", [None, 0])
def test_C10_an_action_without_an_expected_revenue_is_refused(office: Any, pattern: int, revenue: Any) -> None:
    fair = office.fair(title="Fair", expected_revenue=revenue)
    with pytest.raises(Refused, match="--expected-revenue AMOUNT") as refused:
        apply(office, pattern, fair)
    assert str(refused.value).startswith(f'Commercial action {fair} "Fair" has no expected revenue')


def test_C10_a_pattern_without_an_average_deal_is_refused(office: Any) -> None:
    made = office.create("pattern", "Bare", won_name="Won")
    with pytest.raises(Refused, match=f'"Bare" has no average deal. Give it one: besace pattern edit {made}'):
        apply(office, made, office.fair(expected_revenue=9))


def test_C10_an_average_deal_brings_something(office: Any, pattern: int) -> None:
    for average in (0, -5):
        with pytest.raises(Refused, match="An average deal brings more than 0"):
            office.edit("pattern", pattern, average_deal=average)


def test_C10_O7_an_action_in_another_currency_is_refused(office: Any, pattern: int) -> None:
    fair = office.fair(title="Fair", expected_revenue="900USD")
    with pytest.raises(Refused, match=r'"Fair" is in USD, and the average deal of .* is €5,000\.00'):
        apply(office, pattern, fair)


def test_C10_a_step_stands_below_a_step_of_its_own_pattern(office: Any, pattern: int) -> None:
    other = office.create("pattern", "Other", won_name="Won")
    foreign = step(office, other, "Z", 10)
    for parent in (foreign, 999, pattern):
        with pytest.raises(Refused, match=f'The pattern "Funnel" has no step {parent} to stand below'):
            step(office, pattern, "E", 10, parent=parent)


@pytest.mark.parametrize(("below", "sentence"), [("A", "cannot stand below itself"), ("C", "that one stands below it")])
def test_C10_steps_close_no_circle(office: Any, pattern: int, below: str, sentence: str) -> None:
    known = steps(office, pattern)
    with pytest.raises(Refused, match=f'"A" .*{sentence}'):
        office.run("pattern_step", "edit", known["A"], parent=known[below])


def test_C10_a_step_may_be_moved(office: Any, pattern: int) -> None:
    known = steps(office, pattern)
    office.run("pattern_step", "edit", known["C"], parent=known["B"])
    fair = office.fair(expected_revenue=20_000)
    assert [(o["name"], o["target"]) for o in apply(office, pattern, fair)["objectives"]][3:] == [
        ("B", "8"),
        ("C", "25"),
    ]


def test_C10_a_step_on_which_others_stand_is_not_removed(office: Any, pattern: int) -> None:
    known = steps(office, pattern)
    with pytest.raises(Refused, match=r'"A" cannot be removed: step \d+ "C" stands below it'):
        office.run("pattern_step", "remove", known["A"])
    for name in "CDA":
        office.run("pattern_step", "remove", known[name])
    assert list(steps(office, pattern)) == ["B"]


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"rate": 0}, "Success rate: 0 is below the minimum of 1"),
        ({"rate": 101}, "Success rate: 101 is above the maximum of 100"),
        ({"rate": "2.5"}, '"2.5" is not a whole number'),
        ({"counts": "ghost"}, 'There is no type "ghost"'),
        ({"condition": "won"}, "--condition says more about what is counted, and nothing is"),
        ({"counts": "deal", "condition": "sent"}, 'Deal has no condition "sent"'),
        ({"counts": "deal", "where": "sector = x"}, 'Deal has no field "sector"'),
    ],
)
def test_C10_a_step_that_means_nothing_is_refused(office: Any, pattern: int, values: Any, sentence: str) -> None:
    with pytest.raises(BesaceError, match=sentence):
        step(office, pattern, "E", **{"rate": 10, **values})
    kept = {k: v for k, v in values.items() if k != "rate"}
    if kept:
        with pytest.raises(BesaceError, match=sentence):
            office.create("pattern", "P", won_name="Won", **kept)


def test_C10_a_target_past_all_counting_is_refused(office: Any) -> None:
    made = office.create("pattern", "Deep", average_deal=1, won_name="Won")
    above = None
    for _depth in range(7):
        above = step(office, made, "Step", 1, parent=above)
    with pytest.raises(Refused, match='"Step" would need 1000000000000000: more than can be counted'):
        apply(office, made, office.fair(expected_revenue=10))


def test_C10_E5_a_pattern_on_a_disabled_type_keeps_its_steps_and_is_not_applied(enlarged: Any) -> None:
    made = enlarged.create("pattern", "P", average_deal=5, won_name="Won")
    one = step(enlarged, made, "Subscribers", 10, counts="subscription", condition="running")
    fair = enlarged.fair(expected_revenue=9)
    enlarged.crm.disable("later")
    assert enlarged.run("pattern_step", "edit", one, rate=20)["rate"] == 20
    with pytest.raises(Refused, match='"Subscribers" counts the type "subscription", whose plugin is disabled'):
        apply(enlarged, made, fair)
    enlarged.crm.enable(["later"])
    assert [o["target"] for o in apply(enlarged, made, fair)["objectives"]] == ["2", "10"]


def test_C10_a_pattern_shows_its_funnel(office: Any, pattern: int) -> None:
    shown = office.run("pattern", "show", pattern)["blocks"]["steps"]
    assert [(s["name"], s["rate"], s["depth"]) for s in shown] == [
        ("A", 20, 1),
        ("C", 33, 2),
        ("D", 10, 2),
        ("B", 50, 1),
    ]


def test_C10_applying_costs_the_same_however_many_steps(
    office: Any, pattern: int, count_statements: Callable[..., Any]
) -> None:
    counts = []
    for _round in range(2):
        fair = office.fair(expected_revenue=20_000)
        with office.crm.write() as work:
            funnel = get(work, "pattern", pattern)
            with count_statements(work) as seen:
                apply_pattern(work, funnel, action=fair)
        counts.append(seen.count)
        for _step in range(20):
            step(office, pattern, f"More {_step}", 50)
    assert counts[0] == counts[1]


def test_C10_purging_a_pattern_leaves_the_objectives(office: Any, pattern: int) -> None:
    fair = office.fair(expected_revenue=20_000)
    apply(office, pattern, fair)
    office.delete(pattern)
    office.crm.write(lambda work: bin.purge(work, pattern))
    assert len(office.values(fair)) == 5
    assert steps(office, pattern) == {}


def test_C10_on_the_command_line(crm: Any, run: Callable[..., Any]) -> None:
    run(crm, "pattern", "create", "--name", "Funnel", "--average-deal", "30", "--won-name", "Won")
    run(crm, "pattern-step", "add", "Funnel", "--name", "Calls", "--rate", "3")
    run(crm, "commercial-action", "create", "--title", "Fair", "--start-date", "2026-03-01", "--end-date",
        "2026-03-02", "--expected-revenue", "900")  # fmt: skip
    shown = run(crm, "pattern", "apply", "Funnel", "Fair", "--dry-run")
    assert shown.stdout.split("\n")[0] == "Fair: €900.00 by deals of €30.00"
    assert shown.stdout.endswith("Nothing was written.\n")
    made = run(crm, "pattern", "apply", "Funnel", "Fair", "--json").json
    assert [(o["name"], o["target"]) for o in made["objectives"]] == [("Won", "30"), ("Calls", "1000")]
    assert (made["pattern"]["label"], made["action"]["type"]) == ("Funnel", "commercial_action")
    assert run(crm, "pattern", "apply", "Funnel", "Fair").exit_code == 1
