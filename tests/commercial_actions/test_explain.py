from __future__ import annotations

from typing import Any

from besace import relations


def reasons(found: Any) -> dict[str, str]:
    return {row["label"]: row["reason"] for row in found["left_out"]}


def test_C6_the_rows_behind_a_number_are_listed(office: Any) -> None:
    fair = office.fair()
    objective = office.objective(fair, counts="company")
    company = office.linked(fair, "company", "A")
    assert office.explain(objective) == {
        "value": "1",
        "rows": [{"id": company, "type": "company", "label": "A", "since": "2026-03-14", "amount": None}],
        "left_out": [],
        "suspended": None,
    }


def test_C6_what_is_in_the_trash_is_left_out(office: Any) -> None:
    fair = office.fair()
    objective = office.objective(fair, counts="company")
    office.delete(office.linked(fair, "company", "A"))
    assert reasons(office.explain(objective)) == {"A": "It is in the trash."}


def test_C6_what_does_not_meet_the_condition_is_left_out(office: Any) -> None:
    fair = office.fair()
    objective = office.objective(fair, counts="deal", condition="won", where="probability > 5")
    office.linked(fair, "deal", "A", stage="talks")
    found = office.explain(objective)
    assert reasons(found) == {"A": "It does not meet the condition: Won, probability > 5."}
    assert (found["value"], found["rows"]) == ("0", [])


def test_C6_what_is_of_another_currency_is_left_out_of_a_sum(office: Any) -> None:
    fair = office.fair()
    objective = office.objective(fair, target=5, counts="deal", sum="final")
    office.linked(fair, "deal", "A", stage="signed", final_revenue="7EUR")
    office.linked(fair, "deal", "B", stage="signed", final_revenue="7USD")
    found = office.explain(objective)
    assert found["value"] == {"amount": "7.00", "currency": "EUR"}
    assert [row["amount"] for row in found["rows"]] == [{"amount": "7.00", "currency": "EUR"}]
    assert reasons(found) == {"B": "Its amounts are in USD, and those of the action in EUR."}


def test_C6_what_has_nothing_to_add_is_left_out_of_a_sum(office: Any) -> None:
    fair = office.fair()
    objective = office.objective(fair, target=5, counts="deal", sum="final")
    office.linked(fair, "deal", "A", stage="talks", final_revenue=7)
    office.linked(fair, "deal", "B", stage="signed")
    assert reasons(office.explain(objective)) == {
        "A": 'It does not count for "Final revenue".',
        "B": 'It has no "Final revenue".',
    }


def test_C6_what_is_linked_only_through_a_deal_is_left_out(office: Any) -> None:
    fair = office.fair()
    objective = office.objective(fair, counts="paper")
    deal = office.linked(fair, "deal", "Rails")
    paper, known = office.create("paper", "Offer"), office.create("paper", "Leaflet")
    office.crm.write(lambda work: relations.link(work, paper, "written_for", deal))
    office.crm.write(lambda work: relations.link(work, known, "knows", deal))
    assert reasons(office.explain(objective)) == {"Offer": f'It is linked only through Deal {deal} "Rails".'}
    office.link(fair, paper)
    assert office.explain(objective)["left_out"] == []
    assert office.values(fair) == ["1"]


def test_C6_a_deal_in_the_trash_carries_nothing(office: Any) -> None:
    fair = office.fair()
    objective = office.objective(fair, counts="paper")
    deal, paper = office.linked(fair, "deal"), office.create("paper", "Offer")
    office.crm.write(lambda work: relations.link(work, paper, "written_for", deal))
    office.delete(deal)
    assert office.explain(objective)["left_out"] == []


def test_C6_the_rows_of_a_counter_are_listed(office: Any) -> None:
    fair, company = office.fair(), office.create("company", "A")
    objective = office.objective(fair, counter="companies_behind")
    office.linked(fair, "deal", company=company)
    office.delete(office.linked(fair, "company", "B"))
    found = office.explain(objective)
    assert [(row["id"], row["since"]) for row in found["rows"]] == [(company, None)]
    assert (found["value"], reasons(found)) == ("1", {"B": "It is in the trash."})


def test_C6_an_objective_kept_by_hand_has_no_rows(office: Any) -> None:
    objective = office.objective(office.fair(), value=7)
    assert office.explain(objective) == {"value": "7", "rows": [], "left_out": [], "suspended": None}


def test_C6_the_rows_and_the_value_of_progress_agree(office: Any) -> None:
    fair = office.fair()
    objective = office.objective(fair, target=5, counts="deal", sum="expected", where="probability > 5")
    for probability in (3, 6, 9):
        office.linked(fair, "deal", expected_revenue=probability, probability=probability)
    assert office.explain(objective)["value"] == office.values(fair)[0] == {"amount": "15.00", "currency": "EUR"}


def test_C3_what_a_counter_gives_does_not_count_from_the_trash(office: Any) -> None:
    fair, company = office.fair(), office.create("company", "A")
    objective = office.objective(fair, counter="companies_behind")
    office.linked(fair, "deal", company=company)
    office.delete(company)
    assert office.values(fair) == ["0"]
    assert office.explain(objective)["rows"] == []
