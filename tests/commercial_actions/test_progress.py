from __future__ import annotations

from typing import Any

import pytest


def money(amount: str, currency: str = "EUR") -> dict[str, str]:
    return {"amount": amount, "currency": currency}


def test_C5_progress_says_how_far_and_at_which_pace(office: Any) -> None:
    fair = office.fair()
    for target in (20, 8, 10, 3):
        office.objective(fair, target=target, value=5)
    found = office.progress(fair)
    assert found["elapsed_percent"] == 50
    assert [(o["percent"], o["pace"], o["reached"]) for o in found["objectives"]] == [
        (25, "behind", False),
        (62, "ahead", False),
        (50, "on_track", False),
        (166, "ahead", True),
    ]


def test_C5_an_action_that_has_ended_or_not_begun_says_so(office: Any) -> None:
    for dates, pace in (
        (("2026-03-15", "2026-04-01"), "not_started"),
        (("2026-03-01", "2026-03-13"), "ended"),
    ):
        fair = office.fair(start_date=dates[0], end_date=dates[1])
        office.objective(fair)
        assert [o["pace"] for o in office.progress(fair)["objectives"]] == [pace]


def test_the_json_of_progress_has_the_keys_that_scripts_rely_on(office: Any) -> None:
    fair = office.fair()
    office.objective(fair, counts="company", where="name = A")
    office.linked(fair, "deal")
    found = office.progress(fair)
    assert found["action"] == {"id": fair, "type": "commercial_action", "label": "Fair"}
    assert list(found["objectives"][0]) == (
        [
            "id",
            "name",
            "counts",
            "condition",
            "where",
            "counter",
            "sum",
            "value",
            "target",
            "percent",
            "reached",
            "pace",
            "suspended",
        ]
    )
    assert list(found["revenue"][0])[:7] == [
        "currency",
        "deals",
        "won",
        "expected",
        "final",
        "weighted",
        "unweighted",
    ]
    assert list(found["cost"]) == ["planned", "actual", "currency"]


def test_C7_every_linked_deal_counts_and_each_measure_says_what_it_sums(office: Any) -> None:
    fair = office.fair()
    office.linked(fair, "deal", stage="signed", expected_revenue=100, final_revenue=90, probability=100)
    office.linked(fair, "deal", stage="missed", expected_revenue=1000, probability=0)
    office.linked(fair, "deal", expected_revenue=10, probability=50)
    office.linked(fair, "deal", expected_revenue=1)
    (row,) = office.progress(fair)["revenue"]
    assert (row["deals"], row["won"], row["unweighted"], row["chances"]) == (4, 1, 1, "150")
    assert [row[k] for k in ("expected", "final", "weighted")] == [
        money("111.00"),
        money("90.00"),
        money("105.00"),
    ]


def test_C7_what_is_in_the_trash_brings_no_revenue(office: Any) -> None:
    fair = office.fair()
    deal = office.linked(fair, "deal", expected_revenue=100)
    office.delete(deal)
    assert office.progress(fair)["revenue"] == []


def test_C7_linked_entities_without_measures_are_no_deals(office: Any) -> None:
    fair = office.fair()
    office.linked(fair, "company")
    found = office.progress(fair)
    assert (found["revenue"], found["linked"]) == ([], {"company": 1})


def test_C7_totals_are_per_currency(office: Any) -> None:
    fair = office.fair(expected_revenue=1000, actual_cost=100)
    office.linked(fair, "deal", stage="signed", final_revenue="400EUR")
    office.linked(fair, "deal", stage="signed", final_revenue="70USD")
    found = office.progress(fair)
    assert [row["final"] for row in found["revenue"]] == [money("400.00"), money("70.00", "USD")]
    assert (found["attainment_percent"], found["return_percent"], found["partial"]) == (40, 300, True)


def test_C7_a_second_won_deal_leaves_the_cost_unchanged(office: Any) -> None:
    fair = office.fair(actual_cost=1000)
    for returned in (0, 100, 200):
        office.linked(fair, "deal", stage="signed", final_revenue=1000)
        found = office.progress(fair)
        assert (found["cost"]["actual"], found["return_percent"]) == (money("1000.00"), returned)


@pytest.mark.parametrize("cost", [None, 0])
def test_C7_without_a_cost_the_return_is_not_available(office: Any, cost: Any) -> None:
    fair = office.fair(actual_cost=cost)
    office.linked(fair, "deal", stage="signed", final_revenue=1000)
    assert office.progress(fair)["return_percent"] is None


def test_C7_a_cost_that_brought_nothing_is_a_loss(office: Any) -> None:
    found = office.progress(office.fair(actual_cost=1000, expected_revenue=500))
    assert (found["return_percent"], found["attainment_percent"], found["partial"]) == (-100, 0, False)


def test_C7_without_an_expected_revenue_there_is_no_attainment(office: Any) -> None:
    assert office.progress(office.fair())["attainment_percent"] is None


def test_C7_the_block_names_the_deals_with_their_status(office: Any) -> None:
    fair = office.fair(actual_cost=50)
    office.linked(fair, "deal", "Rails", stage="signed", expected_revenue=100, final_revenue=100)
    office.linked(fair, "deal", "Ships", stage="missed", expected_revenue=70)
    block = office.show(fair)["blocks"]["revenue"]
    assert [(d["label"], d["status"]["label"], d["expected"], d["final"]) for d in block["deals"]] == [
        ("Rails", "Signed", money("100.00"), money("100.00")),
        ("Ships", "Missed", None, None),
    ]
    assert (block["more"], block["return_percent"], block["revenue"][0]["deals"]) == (0, 100, 2)


def test_C7_the_block_names_fifty_deals_and_its_totals_cover_all(office: Any) -> None:
    from besace import entities, relations
    from besace.relations import Link

    fair = office.fair()

    def many(work: Any) -> None:
        ids = entities.create_many(work, "deal", [{"name": f"D{n}", "expected_revenue": 1} for n in range(60)])
        relations.link_many(work, [Link(i, "fulfils_goal", fair) for i in ids])

    office.crm.write(many)
    block = office.show(fair)["blocks"]["revenue"]
    assert (len(block["deals"]), block["more"]) == (50, 10)
    assert block["revenue"][0]["expected"] == money("60.00")


def test_progress_is_read_anew_in_a_unit_that_writes(office: Any) -> None:
    from besace import relations
    from besace.reading import get
    from besace_commercial_actions.progress import progress_of

    fair, company = office.fair(), office.create("company", "A")
    office.objective(fair, counts="company")

    def unit(work: Any) -> list[Any]:
        action = get(work, "commercial_action", fair)
        before = progress_of(work, action).objectives[0].value
        relations.link(work, company, "fulfils_goal", fair)
        return [before, progress_of(work, action).objectives[0].value]

    assert office.crm.write(unit) == [0, 1]


def test_what_is_linked_is_told_by_type_without_the_trash(office: Any) -> None:
    fair = office.fair()
    for type in ("company", "company", "deal"):
        gone = office.linked(fair, type)
    office.delete(gone)
    assert office.progress(fair)["linked"] == office.show(fair)["blocks"]["linked"] == {"company": 2}
