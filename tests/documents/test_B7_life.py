from datetime import date

import pytest

from besace import entities
from besace.errors import Refused

from .conftest import TODAY

DAY = date(2026, 3, 20)


@pytest.fixture
def later(monkeypatch):
    """Let DAY be there."""
    return lambda: monkeypatch.setenv("BESACE_TODAY", str(DAY))


def test_B7_a_quote_knows_when_it_was_sent_and_answered(desk, later):
    quote = desk.quote()
    desk.do(quote, "send")
    later()
    desk.do(quote, "accept", on="2026-03-20")
    assert desk.moves(quote) == ("accepted", {"sent_on": TODAY, "accepted_on": DAY})


@pytest.mark.parametrize(("verb", "state"), [("refuse", "refused"), ("expire", "expired")])
def test_B7_a_quote_knows_when_nothing_came_of_it(desk, verb, state, later):
    quote = desk.quote()
    desk.do(quote, "send")
    later()
    desk.do(quote, verb, on="2026-03-20")
    assert desk.moves(quote) == (state, {"sent_on": TODAY, f"{state}_on": DAY})


def test_B7_an_invoice_knows_when_it_was_issued_and_paid(desk, later):
    invoice = desk.invoice()
    desk.do(invoice, "issue")
    later()
    desk.do(invoice, "pay", on="2026-03-20")
    assert desk.moves(invoice) == ("paid", {"issued_on": TODAY, "paid_on": DAY})


def test_B7_quotes_sent_are_those_ever_sent_whatever_came_after(desk):
    quotes = {verb: desk.quote() for verb in ("none", "send", "accept", "refuse", "expire")}
    for verb, quote in quotes.items():
        if verb != "none":
            desk.do(quote, "send")
        if verb in ("accept", "refuse", "expire"):
            desk.do(quote, verb)
    assert desk.found("quote", "sent") == [quotes[v] for v in ("send", "accept", "refuse", "expire")]
    assert desk.found("quote", "draft") == [quotes["none"]]
    answered = [desk.found("quote", c) for c in ("accepted", "refused", "expired")]
    assert answered == [[quotes["accept"]], [quotes["refuse"]], [quotes["expire"]]]


def test_B7_invoices_issued_are_those_ever_issued(desk):
    draft, issued, paid = desk.invoice(), desk.invoice(), desk.invoice()
    for invoice in (issued, paid):
        desk.do(invoice, "issue")
    desk.do(paid, "pay")
    assert desk.found("invoice", "issued") == [issued, paid]
    assert desk.found("invoice", "paid") == [paid]
    assert desk.found("invoice", "draft") == [draft]


def test_B7_an_invoice_is_overdue_from_the_day_after_it_is_due_until_it_is_paid(desk, monkeypatch):
    late, paid, draft = (desk.invoice(due_date="2026-03-31") for _n in range(3))
    for invoice in (late, paid):
        desk.do(invoice, "issue")
    desk.do(paid, "pay")
    monkeypatch.setenv("BESACE_TODAY", "2026-03-31")
    assert desk.found("invoice", "overdue") == []
    monkeypatch.setenv("BESACE_TODAY", "2026-04-01")
    assert desk.found("invoice", "overdue") == [late]
    assert desk.get(draft)["state"] == "draft"


def test_B7_a_step_out_of_turn_is_refused_and_changes_nothing(desk):
    quote = desk.quote(subject="Q-1")
    before = desk.get(quote)
    with pytest.raises(Refused, match=r'Quote \d+ "Q-1" is "Draft".*What can be done with it: send'):
        desk.do(quote, "accept")
    assert desk.get(quote) == before


def test_B7_a_quote_is_not_answered_before_it_was_sent(desk):
    quote = desk.quote()
    desk.do(quote, "send")
    with pytest.raises(Refused, match="2026-03-13 is before 2026-03-14"):
        desk.do(quote, "accept", on="2026-03-13")


@pytest.mark.parametrize(
    ("kind", "before", "verb"),
    [
        ("quote", "send", "accept"),
        ("quote", "send", "refuse"),
        ("quote", "send", "expire"),
        ("sales_order", "confirm", "cancel"),
        ("invoice", "issue", "pay"),
    ],
)
def test_B7_no_step_and_no_payment_is_of_a_day_to_come(desk, kind, before, verb):
    document = desk.document(kind, due_date="2026-05-01")
    desk.do(document, before)
    stands = desk.get(document)
    with pytest.raises(Refused) as refused:
        desk.do(document, verb, on="2036-03-01")
    assert str(refused.value) == (
        "2036-03-01 is a day to come: nothing happened on it yet. Give today, or a day before it: --on DATE"
    )
    assert desk.get(document) == stands


@pytest.mark.parametrize("field", ["state", "sent_on"])
def test_B7_nobody_sets_a_state_by_hand(desk, field):
    given = {"state": "sent", "sent_on": "today"}[field]
    with pytest.raises(Refused, match="cannot be set by hand"):
        desk.edit(desk.quote(), **{field: given})
    with pytest.raises(Refused, match="cannot be set by hand"):
        desk.quote(**{field: given})


def test_B7_not_even_code_skips_a_step(desk):
    quote = desk.quote()
    with pytest.raises(Refused, match='only one that is "Sent" can become "Accepted"'):
        desk.edit(quote, state="accepted", unlock=("state",))
    born_sent = {"customer": desk.customer, "state": "sent", "unlock": ("state",)}
    with pytest.raises(Refused, match="A document begins as a draft"):
        desk.crm.write(lambda work: entities.create(work, "quote", **born_sent))


def test_an_invoice_of_the_last_day_of_the_calendar_is_due_on_it(desk, monkeypatch):
    monkeypatch.setenv("BESACE_TODAY", "9999-12-31")
    invoice = desk.invoice()
    desk.do(invoice, "issue", on="9999-12-31")
    assert str(desk.get(invoice)["due_date"]) == "9999-12-31"
