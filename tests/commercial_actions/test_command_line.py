from __future__ import annotations

from typing import Any

import pytest

FAIR = ["--title", "Fair", "--start-date", "2026-03-05", "--end-date", "2026-03-24"]


@pytest.fixture
def besace(office: Any, run: Any) -> Any:
    """Run a command on an install with one action, which is number 2."""
    assert office.fair(actual_cost=100, expected_revenue=1000) == 2
    return lambda *words, **options: run(office.crm, *words, **options)


def test_objectives_are_added_listed_adjusted_and_removed(besace: Any) -> None:
    added = besace("objective", "add", "Fair", "--name", "Flyers", "--target", "200", "--json").json
    assert (added["type"], added["target"], added["value"], added["of"]["label"]) == (
        "objective",
        "200",
        0,
        "Fair",
    )
    objective = str(added["id"])
    assert besace("objective", "adjust", objective, "--by", "12", "--json").json["value"] == 12
    assert besace("objective", "adjust", objective, "--by", "-1", "--json").json["value"] == 11
    assert besace("objective", "edit", objective, "--target", "100", "--json").json["target"] == "100"
    assert [row["id"] for row in besace("objective", "list", "2", "--json").json] == [added["id"]]
    assert besace("objective", "remove", objective).exit_code == 0
    assert besace("objective", "list", "2", "--json").json == []


def test_C7_progress_prints_one_document(besace: Any, office: Any) -> None:
    besace("objective", "add", "2", "--name", "Met", "--target", "2", "--count", "company", "--where", "name ~ a")
    besace("objective", "add", "2", "--name", "Sold", "--target", "500EUR", "--count", "deal", "--sum", "final")
    company = office.create("company", "A")
    assert besace("link", "company:A", "fulfils_goal", "commercial_action:Fair").exit_code == 0
    office.linked(2, "deal", "Rails", stage="signed", expected_revenue=400, final_revenue=300)
    found = besace("commercial-action", "progress", "Fair", "--json").json
    met, sold = found["objectives"]
    assert (met["counts"], met["where"], met["value"], met["target"]) == ("company", "name ~ a", "1", "2")
    assert (met["percent"], met["pace"], met["reached"], met["suspended"]) == (50, "on_track", False, None)
    assert (sold["sum"], sold["value"]) == ("final", {"amount": "300.00", "currency": "EUR"})
    assert (sold["percent"], sold["pace"]) == (60, "ahead")
    assert (found["attainment_percent"], found["return_percent"], found["partial"]) == (30, 200, False)
    assert company in [row["id"] for row in besace("objective", "explain", str(met["id"]), "--json").json["rows"]]


def test_C8_compare_prints_actions_and_total(besace: Any, office: Any) -> None:
    office.link(office.fair(title="Other"), office.linked(2, "deal", stage="signed", final_revenue=300))
    found = besace("commercial-action", "compare", "--json").json
    assert [one["action"]["label"] for one in found["actions"]] == ["Fair", "Other"]
    assert [row["deals"] for row in found["total"]["revenue"]] == [1]
    assert besace("commercial-action", "compare", "Other", "--json").json["actions"][0]["action"]["label"] == "Other"
    narrowed = besace("commercial-action", "compare", "--where", "name = nobody", "--json").json
    assert narrowed["total"]["revenue"] == []


def test_people_see_bars_revenue_and_how_to_go_on(besace: Any, office: Any) -> None:
    objective = office.objective(2, "Deals won", 2, counts="deal", condition="won")
    office.linked(2, "deal", "Rails", stage="signed", final_revenue=300)
    shown = besace("commercial-action", "progress", "Fair").stdout
    for words in (
        "50 % of the time has gone by",
        "Deals won",
        "50 %",
        "1 / 2",
        "on track",
        "€300.00",
        "200 %",
    ):
        assert words in shown
    assert f"besace objective explain {objective}" in shown


def test_people_see_why_something_has_no_figure(besace: Any, office: Any) -> None:
    office.edit("commercial_action", 2, actual_cost=None)
    office.linked(2, "deal", "Rails", stage="signed", final_revenue="300USD")
    shown = besace("commercial-action", "show", "Fair").stdout
    assert "not available" in shown
    assert "Partial: revenue in another currency" in shown
    assert "Signed" in shown


def test_C6_people_see_what_counts_and_what_was_left_out(besace: Any, office: Any) -> None:
    objective = office.objective(2, counts="deal", condition="won")
    office.linked(2, "deal", "Rails", stage="signed")
    office.linked(2, "deal", "Ships")
    shown = besace("objective", "explain", str(objective)).stdout
    assert "What counts: 1" in shown
    assert "It does not meet the condition: Won." in shown


def test_C8_people_see_one_row_for_each_action_and_a_total(besace: Any, office: Any) -> None:
    office.link(office.fair(title="Other"), office.linked(2, "deal", stage="signed", final_revenue=300))
    shown = besace("commercial-action", "compare").stdout
    assert shown.count("€300.00") == 3
    assert "the total counts each once" in shown


def test_french_people_read_french(besace: Any, office: Any) -> None:
    office.objective(2, counts="company")
    office.linked(2, "company", "A")
    shown = besace("--language", "fr", "commercial-action", "progress", "Fair").stdout
    assert "50 % du temps est écoulé" in shown
    assert "Retour sur investissement" in shown
    assert "A remplit un but de Fair" in besace("--language", "fr", "link", "company:A", "fulfils_goal", "2").stdout


@pytest.mark.parametrize(
    ("words", "code", "sentence"),
    [
        (["objective", "add", "2", "--name", "X", "--target", "3", "--count", "compani"], 2, "company"),
        (
            [
                "objective",
                "add",
                "2",
                "--name",
                "X",
                "--target",
                "3",
                "--count",
                "deal",
                "--condition",
                "wonn",
            ],
            2,
            "Did you mean won",
        ),
        (
            [
                "objective",
                "add",
                "2",
                "--name",
                "X",
                "--target",
                "3",
                "--count",
                "deal",
                "--where",
                "stage =",
            ],
            2,
            "Expected a value",
        ),
        (
            ["objective", "add", "2", "--name", "X", "--target", "3EUR", "--count", "deal"],
            1,
            "does not sum amounts",
        ),
        (
            ["objective", "add", "2", "--name", "X", "--target", "3USD", "--count", "deal", "--sum", "final"],
            1,
            "not in EUR",
        ),
        (["objective", "add", "2", "--name", "X", "--target", "many"], 2, "is not a"),
        (["objective", "add", "2", "--name", "X", "--target", "0"], 1, "greater than 0"),
        (["objective", "add", "2", "--name", "X"], 2, "--target"),
        (["objective", "add", "99", "--name", "X", "--target", "3"], 1, "There is no"),
        (["objective", "explain", "99"], 1, "There is no Objective 99"),
        (["objective", "explain", "Met"], 2, "not the id of a part"),
        (["commercial-action", "create", *FAIR[:-1], "2026-03-01"], 1, "before it starts"),
        (["commercial-action", "create", *FAIR, "--action-type", "fair"], 2, "trade_fair"),
        (["commercial-action", "progress", "Fairy"], 1, 'called "Fairy"'),
        (["commercial-action", "compare", "--where", "colour = red"], 2, "colour"),
        (["link", "commercial_action:Fair", "fulfils_goal", "commercial_action:Fair"], 1, "linked to itself"),
    ],
)
def test_bad_input_gets_a_sentence_and_stores_nothing(
    besace: Any, office: Any, words: list[str], code: int, sentence: str
) -> None:
    before = office.progress(2)
    ran = besace(*words)
    assert (ran.exit_code, ran.stdout) == (code, "")
    assert sentence in ran.stderr
    assert "Traceback" not in ran.stderr
    assert office.progress(2) == before
    assert len(office.compare()["actions"]) == 1
