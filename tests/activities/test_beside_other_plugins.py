"""Beside deals, people and commercial actions: the bag (rule O8), and what objectives count (C3, C6)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from besace import Besace, entities, relations
from besace.crud import show
from besace.reading import get
from besace.relations import Link

from .conftest import Desk


@pytest.fixture
def sncf(office: Desk) -> int:
    return office.create("organisation", name="SNCF")


@pytest.fixture
def deal(office: Desk, sncf: int) -> int:
    return office.create("opportunity", name="Rails", target=sncf)


@pytest.fixture
def ann(office: Desk, sncf: int) -> int:
    person = office.create("contact", first_name="Ann", last_name="Lee")
    office.link(person, "works_for", sncf)
    return person


@pytest.fixture
def fair(office: Desk) -> int:
    return office.create("commercial_action", title="Fair", start_date="2026-03-01", end_date="2026-03-31")


def test_O8_the_bag_of_a_deal_holds_what_was_done_and_what_is_to_come(office: Desk, deal: int) -> None:
    held, old = office.meeting("Held", state="done", done_on="2026-03-02"), office.task("Old", "2026-03-01")
    next_, gone = office.meeting("Next"), office.task("Gone", state="cancelled")
    for activity in (next_, held, old, gone):
        office.link(activity, "about", deal)
    block = office.block("opportunity", deal)
    assert [(line["label"], line["overdue"]) for line in block["to_come"]] == [("Old", True), ("Next", False)]
    assert [line["label"] for line in block["done"]] == ["Held"]
    assert (block["to_come_count"], block["done_count"]) == (2, 1)


def test_the_way_on_where_nothing_is_planned_can_be_gone(office: Desk, deal: int, run: Any) -> None:
    shown = run(office.crm, "show", str(deal)).stdout
    told = next(line for line in shown.splitlines() if "Nothing is planned: besace" in line).partition("besace ")[2]
    for word, meant in {"TEXT": "Call", "KIND": "phone_call", "ENTITY": str(deal)}.items():
        told = told.replace(f" {word}", f" {meant}")
    assert run(office.crm, *told.split()).exit_code == 0
    assert office.around("opportunity", deal) == {"Call": None}


def test_O8_a_contact_shows_what_is_about_it_and_what_it_takes_part_in(office: Desk, ann: int) -> None:
    about, visit = office.task("Write to Ann"), office.meeting("Visit")
    office.link(about, "about", ann)
    office.link(ann, "participates_in", about, visit)
    assert office.around("contact", ann) == {"Visit": None, "Write to Ann": None}


def test_O8_an_organisation_shows_what_its_people_take_part_in_and_says_through_whom(
    office: Desk, sncf: int, ann: int
) -> None:
    visit, letter, offer = office.meeting("Visit"), office.task("Letter"), office.task("Offer")
    office.link(ann, "participates_in", visit, offer)
    office.link(letter, "about", ann)
    office.link(offer, "about", sncf)
    assert office.around("organisation", sncf) == {"Visit": "Ann Lee", "Letter": "Ann Lee", "Offer": None}
    office.delete(ann)
    assert office.around("organisation", sncf) == {"Offer": None}


def test_O8_a_target_shows_what_is_done_for_its_deals(office: Desk, deal: int, sncf: int, ann: int) -> None:
    visit, call = office.meeting("Visit"), office.task("Call")
    office.link(visit, "about", deal)
    office.link(call, "about", office.create("opportunity", name="Advice", target=ann))
    assert office.around("organisation", sncf) == {"Visit": "Rails"}
    assert office.around("contact", ann) == {"Call": "Advice"}
    office.delete(deal)
    assert office.around("organisation", sncf) == {}


def test_an_action_shows_what_is_done_for_the_deals_that_fulfil_its_goal(
    office: Desk, deal: int, sncf: int, fair: int
) -> None:
    visit, stand, call = office.meeting("Visit"), office.task("Build the stand"), office.task("Call")
    other = office.task("For another deal")
    office.link(visit, "about", deal)
    office.link(stand, "about", fair)
    office.link(call, "fulfils_goal", fair)
    office.link(other, "about", office.create("opportunity", name="Other", target=sncf))
    office.link(deal, "fulfils_goal", fair)
    assert office.around("commercial_action", fair) == {"Visit": "Rails", "Build the stand": None, "Call": None}
    office.delete(deal)
    assert office.around("commercial_action", fair) == {"Build the stand": None, "Call": None}


def test_an_activity_of_two_deals_shows_once(office: Desk, deal: int, sncf: int, fair: int) -> None:
    second = office.create("opportunity", name="Wagons", target=sncf)
    visit = office.meeting("Visit")
    office.link(visit, "about", deal, second)
    for one in (deal, second):
        office.link(one, "fulfils_goal", fair)
    assert office.around("commercial_action", fair) == {"Visit": "Rails"}
    assert office.block("commercial_action", fair)["to_come_count"] == 1


def test_a_deal_is_reached_through_no_relation_of_a_disabled_plugin(office: Desk, deal: int, fair: int) -> None:
    office.link(office.meeting("Visit"), "about", deal)
    office.link(deal, "fulfils_goal", fair)
    office.crm.disable("opportunities")
    assert office.around("commercial_action", fair) == {}
    office.crm.enable(["opportunities"])
    assert office.around("commercial_action", fair) == {"Visit": "Rails"}


def test_C3_objectives_count_the_linked_activities_by_what_was_done(office: Desk, fair: int) -> None:
    meetings = office.objective(fair, counts="activity", condition="meetings_held")
    calls = office.objective(fair, counts="activity", condition="calls_made")
    visit, call = office.meeting("Visit"), office.activity("Call", state="done")
    for activity in (visit, call):
        office.link(activity, "fulfils_goal", fair)
    assert values(office, fair) == {meetings: "0", calls: "1"}
    office.do(visit, "done")
    assert values(office, fair) == {meetings: "1", calls: "1"}
    office.delete(call)
    assert values(office, fair) == {meetings: "1", calls: "0"}
    office.do(visit, "reopen")
    assert values(office, fair) == {meetings: "0", calls: "0"}


def values(office: Desk, action: int) -> dict[int, str]:
    found = office.run("commercial_action", "progress", action)
    return {one["id"]: one["value"] for one in found["objectives"]}


def test_C6_a_meeting_about_a_deal_is_linked_only_through_it(office: Desk, deal: int, fair: int) -> None:
    objective = office.objective(fair, counts="activity", condition="meetings_held")
    visit = office.meeting("Visit", state="done")
    office.link(visit, "about", deal)
    office.link(deal, "fulfils_goal", fair)
    told = office.run("objective", "explain", objective)
    assert (told["value"], [(row["label"], row["reason"]) for row in told["left_out"]]) == (
        "0",
        [("Visit", f'It is linked only through Opportunity {deal} "Rails".')],
    )
    office.link(visit, "fulfils_goal", fair)
    told = office.run("objective", "explain", objective)
    assert (told["value"], told["left_out"]) == ("1", [])


def test_C6_a_meeting_that_is_still_planned_says_why_it_does_not_count(office: Desk, fair: int) -> None:
    objective = office.objective(fair, counts="activity", condition="meetings_held")
    office.link(office.meeting("Visit"), "fulfils_goal", fair)
    (left_out,) = office.run("objective", "explain", objective)["left_out"]
    assert left_out["reason"] == "It does not meet the condition: Meetings held."


def test_only_the_next_and_the_latest_are_shown_and_all_are_counted(office: Desk, deal: int) -> None:
    planned = [{"title": f"Call {n:02}", "kind": "phone_call", "due_date": f"2026-04-{n:02}"} for n in range(1, 26)]
    made = [
        {**row, "title": f"Made {n:02}", "state": "done", "done_on": f"2026-02-{n:02}"}
        for n, row in enumerate(planned, 1)
    ]
    fill(office, deal, [*planned, *made])
    block = office.block("opportunity", deal)
    assert [line["label"] for line in block["to_come"]] == [f"Call {n:02}" for n in range(1, 21)]
    assert [line["label"] for line in block["done"]] == [f"Made {n:02}" for n in range(25, 5, -1)]
    assert (block["to_come_count"], block["done_count"]) == (25, 25)


def fill(office: Desk, subject: int, rows: list[dict[str, Any]]) -> None:
    def unit(work: Any) -> None:
        made = entities.create_many(work, "activity", rows)
        relations.link_many(work, [Link(one, "about", subject) for one in made])

    office.crm.write(unit)


@pytest.mark.parametrize("type_key", ["opportunity", "organisation", "contact", "commercial_action"])
def test_a_block_costs_the_same_whatever_hangs_on_it(
    office: Desk, deal: int, sncf: int, ann: int, fair: int, count_statements: Any, type_key: str
) -> None:
    entity = {"opportunity": deal, "organisation": sncf, "contact": ann, "commercial_action": fair}[type_key]
    costs = []
    for _round in range(2):
        with office.crm.read() as work:
            loaded = get(work, type_key, entity)
            query = work.crm.registry.type(type_key).blocks["activities"].query
            with count_statements(work) as seen:
                query(work, loaded)
            costs.append(seen.count)
        fill(office, entity, [{"title": f"Call {n}", "kind": "phone_call"} for n in range(100)])
    assert costs == [2, 2]  # the activities, and the kinds


def test_it_does_no_harm_where_the_types_of_others_are_absent(make_install: Callable[..., Besace]) -> None:
    desk = Desk(make_install("persons", "activities"))
    assert {key for key, info in desk.crm.registry.types.items() if "activities" in info.blocks} == {
        "organisation",
        "contact",
    }
    with desk.crm.write() as work:
        made = entities.create(work, "organisation", name="SNCF")
        assert show(work, made).blocks["activities"].to_come == []
