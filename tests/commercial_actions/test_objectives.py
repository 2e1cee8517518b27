from __future__ import annotations

from typing import Any

import pytest

from besace.errors import BesaceError, Refused, UsageError


def test_C2_an_objective_counts_the_linked_entities_of_a_type(office: Any) -> None:
    fair = office.fair()
    office.objective(fair, counts="company")
    office.linked(fair, "company", "A")
    office.create("company", "not linked")
    assert office.values(fair) == ["1"]


def test_C2_an_objective_may_ask_for_a_named_condition(office: Any) -> None:
    fair = office.fair()
    office.objective(fair, counts="deal", condition="won")
    office.linked(fair, "deal", stage="signed")
    office.linked(fair, "deal", stage="talks")
    assert office.values(fair) == ["1"]


def test_C2_an_objective_may_ask_for_a_condition_on_fields(office: Any) -> None:
    fair = office.fair()
    office.objective(fair, counts="company", where='sector ~ "rail" and name != Z')
    for name, sector in (("A", "Railways"), ("Z", "Railways"), ("B", "Ships")):
        office.linked(fair, "company", name, sector=sector)
    assert office.progress(fair)["objectives"][0]["where"] == "sector ~ rail and name != Z"
    assert office.values(fair) == ["1"]


def test_C2_a_named_condition_and_one_on_fields_both_hold(office: Any) -> None:
    fair = office.fair()
    office.objective(fair, counts="deal", condition="won", where="probability > 50")
    for stage, probability in (("signed", 60), ("signed", 40), ("talks", 60)):
        office.linked(fair, "deal", stage=stage, probability=probability)
    assert office.values(fair) == ["1"]


def test_C2_without_a_type_an_objective_is_kept_by_hand(office: Any) -> None:
    objective = office.objective(office.fair(), target=3)
    assert office.run("objective", "adjust", objective)["value"] == 1
    assert office.run("objective", "adjust", objective, by=4)["value"] == 5
    assert office.run("objective", "adjust", objective, by="-5")["value"] == 0


def test_C2_an_objective_kept_by_hand_never_falls_below_0(office: Any) -> None:
    fair = office.fair()
    objective = office.objective(fair, "Flyers", value=1)
    with pytest.raises(Refused, match='"Flyers" stands at 1 and cannot go below 0'):
        office.run("objective", "adjust", objective, by=-2)
    with pytest.raises(Refused, match="below the minimum of 0"):
        office.run("objective", "edit", objective, value="-1")
    assert office.values(fair) == ["1"]


def test_C2_what_is_counted_is_not_set_by_hand(office: Any) -> None:
    fair = office.fair()
    objective = office.objective(fair, "Met", counts="company")
    with pytest.raises(Refused, match='"Met" is counted and cannot be adjusted'):
        office.run("objective", "adjust", objective)
    with pytest.raises(Refused, match="is counted and cannot be set by hand"):
        office.run("objective", "edit", objective, value=3)
    with pytest.raises(Refused, match="is counted and cannot be set by hand"):
        office.objective(fair, counts="company", value=3)


def test_C2_an_objective_may_take_a_counter_of_a_plugin(office: Any) -> None:
    fair, company = office.fair(), office.create("company", "A")
    office.objective(fair, counter="companies_behind")
    for _ in range(2):
        office.linked(fair, "deal", company=company)
    office.linked(fair, "deal")
    assert office.values(fair) == ["1"]


@pytest.mark.parametrize("target", [0, -1, "0.00001", "many", "", "20%", None])
def test_C2_a_target_is_a_number_above_0(office: Any, target: Any) -> None:
    fair = office.fair()
    with pytest.raises(BesaceError):
        office.objective(fair, target=target)
    assert office.progress(fair)["objectives"] == []


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"counts": "deal", "counter": "companies_behind"}, "not both"),
        ({"condition": "won"}, "--condition says more about what is counted"),
        ({"where": "won"}, "--where says more"),
        ({"sum": "final"}, "--sum says more"),
        ({"counter": "companies_behind", "sum": "final"}, "--sum says more"),
    ],
)
def test_C2_an_objective_counts_in_one_way(office: Any, given: Any, sentence: str) -> None:
    fair = office.fair()
    with pytest.raises(Refused, match=sentence):
        office.objective(fair, **given)


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"counts": "compani"}, 'no type "compani". Did you mean company'),
        ({"counts": "deal", "condition": "wonn"}, 'no condition "wonn". Did you mean won'),
        ({"counts": "deal", "where": "wonn"}, 'no condition "wonn". Did you mean won'),
        ({"counts": "deal", "where": "stag = x"}, 'no field "stag". Did you mean stage'),
        ({"counts": "deal", "where": "name ="}, "Expected a value"),
        ({"counts": "company", "condition": "won"}, 'Company has no condition "won"'),
        ({"counts": "deal", "sum": "finall"}, 'no measure "finall". Did you mean final'),
        ({"counts": "company", "sum": "final"}, 'Company has no measure "final"'),
        ({"counter": "companies_behin"}, 'no counter "companies_behin". Did you mean companies_behind'),
    ],
)
def test_C2_unknown_names_are_refused_with_those_that_are_near(office: Any, given: Any, sentence: str) -> None:
    fair = office.fair()
    with pytest.raises(BesaceError) as refused:
        office.objective(fair, **given)
    assert sentence in str(refused.value)
    assert refused.value.exit_code == 2
    assert office.progress(fair)["objectives"] == []


def test_C2_an_edit_obeys_the_same_rules(office: Any) -> None:
    fair = office.fair()
    objective = office.objective(fair, counts="deal", condition="won")
    with pytest.raises(UsageError, match='Company has no condition "won"'):
        office.run("objective", "edit", objective, counts="company")
    office.run("objective", "edit", objective, counts="company", clear=["condition"])
    office.linked(fair, "company")
    assert office.values(fair) == ["1"]


def test_C3_a_link_raises_every_objective_that_counts_its_type_and_no_other(office: Any) -> None:
    fair = office.fair()
    for type in ("company", "company", "deal"):
        office.objective(fair, counts=type)
    office.linked(fair, "company")
    assert office.values(fair) == ["1", "1", "0"]


def test_C3_the_condition_holds_now(office: Any) -> None:
    fair = office.fair()
    office.objective(fair, counts="deal", condition="won")
    deal = office.linked(fair, "deal", stage="signed")
    office.edit("deal", deal, stage="missed")
    assert office.values(fair) == ["0"]


def test_C3_the_trash_does_not_count(office: Any) -> None:
    fair = office.fair()
    office.objective(fair, counts="company")
    company = office.linked(fair, "company")
    office.delete(company)
    assert office.values(fair) == ["0"]
    office.restore(company)
    assert office.values(fair) == ["1"]


def test_C3_other_relations_and_other_actions_do_not_count(office: Any) -> None:
    from besace import relations

    fair, other = office.fair(), office.fair(title="Other")
    office.objective(fair, counts="company")
    company = office.linked(other, "company")
    office.crm.write(lambda work: relations.link(work, company, "knows", fair))
    assert office.values(fair) == ["0"]


def test_C4_an_objective_may_sum_a_measure(office: Any) -> None:
    fair = office.fair()
    office.objective(fair, target="50000EUR", counts="deal", sum="final")
    office.linked(fair, "deal", stage="signed", final_revenue="30000.50")
    office.linked(fair, "deal", stage="talks", final_revenue="7")
    (objective,) = office.progress(fair)["objectives"]
    assert objective["value"] == {"amount": "30000.50", "currency": "EUR"}
    assert (objective["target"], objective["percent"]) == ({"amount": "50000.00", "currency": "EUR"}, 60)


def test_C4_a_sum_may_be_narrowed(office: Any) -> None:
    fair = office.fair()
    office.objective(fair, target=1, counts="deal", sum="expected", where="name = A")
    office.linked(fair, "deal", "A", expected_revenue=10)
    office.linked(fair, "deal", "B", expected_revenue=100)
    assert office.values(fair) == [{"amount": "10.00", "currency": "EUR"}]


def test_C4_what_is_in_another_currency_is_left_out(office: Any) -> None:
    fair = office.fair()
    office.objective(fair, target=100, counts="deal", sum="final")
    office.linked(fair, "deal", stage="signed", final_revenue="40EUR")
    office.linked(fair, "deal", stage="signed", final_revenue="60USD")
    assert office.values(fair) == [{"amount": "40.00", "currency": "EUR"}]


def test_C4_a_sum_of_plain_numbers_is_a_number_of_all_currencies(office: Any) -> None:
    fair = office.fair()
    office.objective(fair, target=100, counts="deal", sum="chances")
    office.linked(fair, "deal", probability=40)
    office.linked(fair, "deal", probability=30, expected_revenue="1USD")
    assert office.values(fair) == ["70"]


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"target": "500USD", "counts": "deal", "sum": "final"}, "not in EUR, the currency of the action"),
        ({"target": "500EUR", "counts": "deal"}, "this objective does not sum amounts"),
        ({"target": "500EUR"}, "this objective does not sum amounts"),
        ({"target": "500EUR", "counts": "deal", "sum": "chances"}, "does not sum amounts"),
        ({"target": "5.001", "counts": "deal", "sum": "final"}, "more decimals than the currency"),
    ],
)
def test_C4_a_target_has_the_form_of_what_is_summed(office: Any, given: Any, sentence: str) -> None:
    fair = office.fair()
    with pytest.raises(BesaceError, match=sentence):
        office.objective(fair, **given)


def test_C4_objective_add_takes_the_same_as_the_command_line(office: Any) -> None:
    fair = office.fair(currency="USD")
    given = {"name": "Sold", "target": "500 usd", "count": "deal", "condition": "won", "sum": "final"}
    made = office.run("objective", "add", action=fair, **given)
    assert (made["counts"], made["condition"], made["sum"], made["target"]) == ("deal", "won", "final", "500")
    assert office.progress(fair)["objectives"][0]["target"] == {"amount": "500.00", "currency": "USD"}
