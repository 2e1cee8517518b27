"""How many of what is linked to an action are in the market segment that it aims at."""

from __future__ import annotations

from typing import Any

import pytest

from besace import lists
from besace.reading import get
from besace_commercial_actions import operations
from besace_commercial_actions.models import CommercialAction


@pytest.fixture(autouse=True)
def segments(office: Any) -> None:
    """Two segments."""
    for key, label in (("rail", "Railways"), ("sea", "Shipping")):
        office.crm.write(lambda work, key=key, label=label: lists.add(work, "segment", key, label=label))


def test_linked_entities_in_the_segment_of_the_action_are_counted(office: Any) -> None:
    fair = office.fair(segment="rail")
    for market in ("rail", "rail", "sea", None):
        office.linked(fair, "company", market=market)
    found = office.progress(fair)
    assert found["segment"] == {"key": "rail", "label": "Railways"}
    assert (found["in_segment"], found["linked"]["company"]) == ({"company": 2}, 4)


def test_a_type_that_knows_no_segment_is_not_counted(office: Any) -> None:
    fair = office.fair(segment="rail")
    office.linked(fair, "deal")
    assert office.progress(fair)["in_segment"] == {}


def test_an_action_without_a_segment_has_none_in_it(office: Any) -> None:
    fair = office.fair()
    office.linked(fair, "company", market="rail")
    found = office.progress(fair)
    assert (found["segment"], found["in_segment"]) == (None, {})


def test_what_is_in_the_trash_is_in_no_segment(office: Any) -> None:
    fair = office.fair(segment="rail")
    gone = office.linked(fair, "company", market="rail")
    office.linked(fair, "company", market="sea")
    office.delete(gone)
    assert office.progress(fair)["in_segment"] == {"company": 0}


def test_every_type_with_an_item_of_the_list_is_counted_actions_too(office: Any) -> None:
    fair = office.fair(segment="rail")
    office.link(fair, office.fair(segment="rail"), office.fair(segment="sea"), office.fair())
    office.linked(fair, "company", market="rail")
    assert office.progress(fair)["in_segment"] == {"commercial_action": 1, "company": 1}


def test_each_of_several_actions_is_held_against_its_own_segment(office: Any) -> None:
    rail, sea, none = office.fair(segment="rail"), office.fair(segment="sea"), office.fair()
    company = office.create("company", "A", market="rail")
    for fair in (rail, sea, none):
        office.link(fair, company)
    found = [one["in_segment"] for one in office.compare(rail, sea, none)["actions"]]
    assert found == [{"company": 1}, {"company": 0}, {}]


def test_objectives_and_the_segment_are_counted_together(office: Any) -> None:
    fair = office.fair(segment="rail")
    office.objective(fair, counts="company", where="market = sea")
    office.linked(fair, "company", market="sea")
    office.linked(fair, "company", market="rail", currency="USD")
    found = office.progress(fair)
    assert (found["in_segment"], found["objectives"][0]["value"]) == ({"company": 1}, "1")


@pytest.mark.parametrize("rows", [1, 50])
def test_the_segment_costs_one_statement_a_type_and_its_list(office: Any, count_statements: Any, rows: int) -> None:
    fair = office.fair(segment="rail")
    for _row in range(rows):
        office.linked(fair, "company", market="rail")
    with office.crm.read() as work:
        action = get(work, CommercialAction, fair)
        with count_statements(work) as seen:
            found = operations.progress(work, action)
    assert found.in_segment == {"company": rows}
    assert seen.count == 2 + 1 + 1  # objectives, linked types; companies; the list of segments


def test_a_person_reads_it_under_the_objectives(crm: Any, office: Any, run: Any) -> None:
    fair = office.fair(segment="rail")
    for market in ("rail", "sea"):
        office.linked(fair, "company", market=market)
    for verb in ("show", "progress"):
        shown = run(crm, "commercial-action", verb, str(fair)).stdout
        assert "In the segment Railways\n  Companies  1 of 2\n" in shown
    office.edit("commercial_action", fair, segment=None)
    assert "In the segment" not in run(crm, "commercial-action", "progress", str(fair)).stdout
