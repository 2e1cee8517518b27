import pytest


@pytest.fixture
def besace(desk, run):
    """Run a command on an install with one deal, which is number 3."""
    assert desk.deal(expected_revenue="12000") == 3
    return lambda *words: run(desk.crm, *words)


def test_create_needs_a_name_and_a_target_alone(besace):
    made = besace("opportunity", "create", "--name", "Maintenance", "--target", "SNCF", "--json").json
    assert (made["phase"]["key"], made["start_date"], made["target"]["label"]) == (
        "prospecting",
        "2026-03-14",
        "SNCF",
    )


def test_win_reads_an_amount_in_the_currency_of_the_deal(besace):
    made = besace("opportunity", "win", "3", "--final-revenue", "900", "--on", "2026-03-10", "--json").json
    assert made["final_revenue"] == {"amount": "900.00", "currency": "EUR"}
    assert (made["phase"]["key"], made["close_date"]) == ("won", "2026-03-10")


def test_a_lost_deal_is_not_moved_but_followed_up(besace):
    assert besace("opportunity", "lose", "CRM for SNCF", "--reason", "price").exit_code == 0
    refused = besace("opportunity", "move", "3", "--phase", "negotiation", "--json")
    assert refused.exit_code == 1
    assert refused.json["error"]["code"] == "opportunity_closed"
    assert refused.json["error"]["hint"] == "Follow it up: besace opportunity follow-up 3"
    new = besace("opportunity", "follow-up", "3", "--json").json
    assert new["phase"]["key"] == "prospecting"
    (before,) = [r for r in besace("related", str(new["id"]), "--json").json if r["relation"] == "follows_up"]
    assert before["id"] == 3


def test_correct_wants_a_reason_and_shows_it(besace):
    besace("opportunity", "cancel", "3")
    assert besace("opportunity", "correct", "3", "--phase", "proposal").exit_code == 2
    besace("opportunity", "correct", "3", "--phase", "proposal", "--reason", "Wrong button")
    assert "Wrong button" in besace("opportunity", "show", "3").stdout
    blocks = besace("opportunity", "show", "3", "--json").json["blocks"]
    assert [step["reason"] for step in blocks["phases"]] == [None, None, "Wrong button"]
    assert blocks["forecast"] == {"probability": 50, "weighted": {"amount": "6000.00", "currency": "EUR"}}


def test_a_phase_is_known_by_its_label_in_any_language(besace):
    moved = besace("opportunity", "move", "3", "--phase", "Négociation", "--json").json
    assert moved["phase"]["key"] == "negotiation"


def test_a_refusal_speaks_french(besace):
    besace("opportunity", "lose", "3")
    refused = besace("--language", "fr", "opportunity", "move", "3", "--phase", "negotiation")
    assert "a été perdue le 2026-03-14 et ne peut pas revenir à « Négociation »" in refused.stderr


def test_count_groups_by_outcome_and_sums_a_measure(besace):
    rows = besace("opportunity", "count", "--by", "phase.outcome", "--sum", "weighted", "--json").json
    assert rows == [{"by": "open", "count": 1, "sum": {"EUR": "1200.00"}}]


@pytest.mark.parametrize(
    ("words", "exit_code", "names"),
    [
        (("opportunity", "win", "999"), 1, "999"),
        (("opportunity", "move", "3", "--phase", "negotiating"), 2, "negotiation"),
        (("opportunity", "lose", "3", "--on", "31/02/2026"), 2, "31/02/2026"),
        (("opportunity", "win", "3", "--final-revenue", "5USD"), 1, "EUR"),
        (("opportunity", "correct", "3", "--phase", "won", "--reason", "x"), 1, "is open"),
        (("opportunity", "create", "--name", "X", "--target", "999"), 1, "999"),
        (("list", "edit", "sales_phase", "prospecting", "--set", "outcome=won"), 1, "in use"),
        (("config", "set", "own_organisation", "SNCF"), 1, "not one of ours"),
        (("organisation", "create", "--name", "X", "--siren", "123"), 2, "SIREN"),
    ],
)
def test_bad_input_gets_a_sentence_and_stores_nothing(besace, words, exit_code, names):
    before = besace("opportunity", "list", "--json").stdout
    ran = besace(*words)
    assert (ran.exit_code, ran.stdout) == (exit_code, "")
    assert ran.stderr.startswith("Error: ") or "Error: " in ran.stderr
    assert names in ran.stderr
    assert besace("opportunity", "list", "--json").stdout == before
