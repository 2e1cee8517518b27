import pytest


@pytest.fixture
def besace(desk, run):
    """Run a command on an install with one draft of each type: quote 4 and invoice 6, each with a line."""
    assert (desk.quote(subject="Q-101"), desk.invoice(subject="Roll-out")) == (4, 6)
    return lambda *words: run(desk.crm, *words)


def test_create_needs_a_customer_alone(besace):
    made = besace("quote", "create", "--customer", "organisation:SNCF", "--json").json
    assert (made["state"], made["date"], made["issuer"]["label"]) == ("draft", "2026-03-14", "Us")


def test_a_quote_is_sent_and_gets_its_number(besace):
    sent = besace("quote", "send", "quote:Q-101", "--on", "2026-03-12", "--json").json
    assert (sent["number"], sent["state"], sent["sent_on"], sent["gross"]) == (
        "D-2026-0001",
        "sent",
        "2026-03-12",
        {"amount": "1200.00", "currency": "EUR"},
    )
    assert besace("quote", "count", "--where", "sent", "--json").json[0]["count"] == 1


def test_an_invoice_is_issued_and_found_by_its_number(besace):
    issued = besace("invoice", "issue", "6", "--json").json
    assert (issued["number"], issued["state"], issued["issued_on"]) == (
        "F-2026-0001",
        "issued",
        "2026-03-14",
    )
    assert besace("invoice", "pay", "invoice:F-2026-0001", "--json").json["state"] == "paid"


def test_a_document_is_linked_to_its_deal_and_shown_there(besace):
    deal = str(besace("opportunity", "create", "--name", "CRM", "--json").json["id"])
    assert besace("link", "quote:Q-101", "raised_for", deal).exit_code == 0
    assert "Q-101" in besace("opportunity", "show", deal).stdout
    shown = besace("opportunity", "show", deal, "--json").json["blocks"]["documents"]
    assert [d["label"] for d in shown["documents"]] == ["Q-101"]


def test_a_state_reads_as_a_person_says_it(besace):
    besace("quote", "send", "4")
    assert "Sent" in besace("quote", "show", "4").stdout


def test_percentages_and_prices_are_shown_as_their_reader_writes_numbers(besace):
    given = ("--unit-price", "1200.5", "--base-quantity", "2.5", "--discount", "3.33", "--vat-rate", "5.5")
    besace("document-line", "add", "4", "--name", "Ore", *given)
    for language, shown in (
        ("fr", ("1\u202f200,5 pour 2,5", "3,33 %", "5,5 %")),
        ("en", ("1,200.5 for 2.5", "3.33 %")),
    ):
        laid = besace("--language", language, "quote", "show", "4").stdout
        assert [text for text in shown if text not in laid] == []


def test_a_price_for_many_units_is_shown_in_plain_numerals(besace):
    besace("document-line", "add", "4", "--name", "Screws", "--unit-price", "12000", "--base-quantity", "100")
    assert "12,000 for 100" in besace("quote", "show", "4").stdout


@pytest.mark.parametrize(
    ("words", "exit_code", "names"),
    [
        (("quote", "accept", "Q-101"), 1, "send"),
        (("quote", "send", "Q-101", "--on", "31/02/2026"), 2, "31/02/2026"),
        (("quote", "send", "999"), 1, "999"),
        (("quote", "create", "--customer", "SNCF", "--prepaid", "1EUR", "--rounding", "1USD"), 1, "EUR"),
        (("quote", "create", "--customer", "SNCF", "--net", "5"), 2, "--net"),
        (("quote", "create", "--customer", "SNCF", "--state", "sent"), 2, "--state"),
        (("quote", "create", "--customer", "SNCF", "--issuer", "SNCF"), 1, "not one of ours"),
        (("invoice", "pay", "6"), 1, "issue"),
        (("invoice", "create", "--customer", "SNCF", "--number", "F-1"), 2, "--number"),
        (("config", "set", "invoice_number_format", "F-{counter}"), 2, "F-{counter}"),
        (("document-series", "add", "Us"), 2, "add"),
    ],
)
def test_bad_input_gets_a_sentence_and_stores_nothing(besace, words, exit_code, names):
    def stored():
        return [besace(key, "list", "--json").stdout for key in ("quote", "invoice")]

    before = stored()
    ran = besace(*words)
    assert (ran.exit_code, ran.stdout) == (exit_code, "")
    assert names in ran.stderr
    assert stored() == before


@pytest.mark.parametrize("words", [("edit", "6", "--notes", "1"), ("delete", "6"), ("issue", "6")])
def test_B5_what_was_issued_stays_as_it_is(besace, words):
    before = besace("invoice", "issue", "6", "--json").json
    ran = besace("invoice", *words)
    assert (ran.exit_code, ran.stdout) == (1, "")
    assert 'Invoice 6 "F-2026-0001"' in ran.stderr
    after = besace("invoice", "show", "6", "--json").json
    assert {key: after[key] for key in before} == before
