"""What comes in for an invoice, what is due of it, and what of it is paid without VAT."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from besace.errors import BesaceError, Refused
from besace.money import Money
from besace.verification import runs
from besace_documents.lines import DocumentLine
from besace_documents.models import Payment, share


@pytest.fixture
def invoice(desk):
    invoice = desk.invoice()
    desk.do(invoice, "issue")
    return invoice


def stands(desk, invoice):
    values = desk.get(invoice)
    return values["state"], *(str(values[key].amount) for key in ("paid", "due", "paid_net"))


def test_an_issued_invoice_is_due_as_a_whole(desk, invoice):
    assert stands(desk, invoice) == ("issued", "0.00", "1200.00", "0.00")


def test_it_is_paid_in_parts_until_nothing_is_due(desk, invoice, monkeypatch):
    desk.do(invoice, "pay", amount="200", method="card")
    assert stands(desk, invoice) == ("partly_paid", "200.00", "1000.00", "166.67")
    monkeypatch.setenv("BESACE_TODAY", "2026-04-01")
    assert desk.get(invoice)["paid_on"] is None
    desk.do(invoice, "pay", on="2026-04-01")
    assert stands(desk, invoice) == ("paid", "1200.00", "0.00", "1000.00")
    assert str(desk.get(invoice)["paid_on"]) == "2026-04-01"
    assert [(str(p.amount), p.method_key) for p in desk.parts(Payment, invoice)] == [
        ("200.00 EUR", "card"),
        ("1000.00 EUR", None),
    ]


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"amount": "1200.01"}, "1,200.00 is due, and .*1,200.01 would be more. .*--force"),
        ({"amount": "0"}, "is not what one pays"),
        ({"amount": "0", "force": True}, "is not what one pays"),
        ({"amount": "-5"}, "is not what one pays"),
        ({"amount": "5USD"}, "is not in EUR"),
        ({"on": "2026-03-13"}, "2026-03-13 is before 2026-03-14, the day of issue"),
        ({"method": "gold"}, "not in the list"),
    ],
)
def test_a_wrong_payment_gets_a_sentence_and_changes_nothing(desk, invoice, given, sentence):
    before = desk.get(invoice)
    with pytest.raises(BesaceError, match=sentence):
        desk.do(invoice, "pay", **given)
    assert (desk.get(invoice), desk.parts(Payment, invoice)) == (before, [])


def test_more_than_is_due_needs_force(desk, invoice):
    desk.do(invoice, "pay", amount="1300", force=True)
    assert stands(desk, invoice) == ("paid", "1300.00", "-100.00", "1000.00")
    for options in ({"amount": "1"}, {}):
        with pytest.raises(Refused, match=r"nothing is due any more.*--force"):
            desk.do(invoice, "pay", **options)


@pytest.mark.parametrize("amount", ["-50", "0"])
def test_force_is_for_more_and_never_for_less_than_nothing(desk, invoice, amount):
    with pytest.raises(Refused, match="is not what one pays"):
        desk.do(invoice, "pay", amount=amount, force=True)


def test_a_credit_note_over_some_of_what_was_prepaid_does_not_cancel_the_invoice(desk):
    invoice = desk.invoice({"name": "Work", "unit_price": "900"}, {"name": "Travel", "unit_price": "100"}, prepaid=1200)
    desk.do(invoice, "issue")
    (_work, travel) = desk.parts(DocumentLine, invoice)
    desk.do(desk.do(invoice, "credit", line=[str(travel.id)]), "issue")
    assert stands(desk, invoice)[:3] == ("paid", "0.00", "-120.00")
    desk.do(invoice, "pay", amount="-120", force=True)
    assert stands(desk, invoice)[2] == "0.00"


def test_a_draft_is_not_paid(desk):
    with pytest.raises(Refused, match=r"is a draft: nothing is due yet. Issue it first"):
        desk.do(desk.invoice(), "pay")


def test_a_payment_noted_by_mistake_is_taken_back(desk, invoice):
    desk.do(invoice, "pay")
    (payment,) = desk.parts(Payment, invoice)
    info = desk.crm.registry.part("payment")
    desk.crm.write(lambda work: info.operations["cancel"].run(work, work.get(Payment, payment.id)))
    assert stands(desk, invoice) == ("issued", "0.00", "1200.00", "0.00")
    assert desk.get(invoice)["paid_on"] is None


@pytest.mark.parametrize("is_credited_first", [True, False])
def test_it_is_paid_since_a_payment_or_a_credit_note_left_nothing_due(desk, is_credited_first, monkeypatch):
    monkeypatch.setenv("BESACE_TODAY", "2026-04-02")
    invoice = desk.invoice({"name": "Work", "unit_price": "900"}, {"name": "Travel", "unit_price": "100"})
    desk.do(invoice, "issue", on="2026-03-14")
    (_work, travel) = desk.parts(DocumentLine, invoice)
    note = desk.do(invoice, "credit", line=[str(travel.id)])
    if is_credited_first:
        desk.do(note, "issue", on="2026-04-01")
        desk.do(invoice, "pay", on="2026-04-02")
    else:
        desk.do(invoice, "pay", amount="1080", on="2026-04-01")
        desk.do(note, "issue", on="2026-04-02")
    assert (*stands(desk, invoice)[:3], str(desk.get(invoice)["paid_on"])) == ("paid", "1080.00", "0.00", "2026-04-02")


def test_what_comes_in_and_goes_back_afterwards_does_not_move_that_day(desk, monkeypatch):
    monkeypatch.setenv("BESACE_TODAY", "2026-04-03")
    invoice = desk.invoice({"name": "Work", "unit_price": "900"}, {"name": "Travel", "unit_price": "100"})
    desk.do(invoice, "issue", on="2026-03-14")
    desk.do(invoice, "pay", amount="1080", on="2026-04-01")
    note = desk.do(invoice, "credit", line=[str(desk.parts(DocumentLine, invoice)[1].id)])
    desk.do(note, "issue", on="2026-04-02")
    desk.do(invoice, "pay", amount="5", force=True, on="2026-04-03")
    assert str(desk.get(invoice)["paid_on"]) == "2026-04-02"
    by_mistake = desk.parts(Payment, invoice)[1]
    info = desk.crm.registry.part("payment")
    desk.crm.write(lambda work: info.operations["cancel"].run(work, work.get(Payment, by_mistake.id)))
    assert str(desk.get(invoice)["paid_on"]) == "2026-04-02"


def test_what_was_prepaid_counts_as_paid_without_vat(desk):
    invoice = desk.invoice(prepaid="600")
    desk.do(invoice, "issue")
    assert stands(desk, invoice) == ("issued", "0.00", "600.00", "500.00")


def test_verify_finds_an_invoice_that_does_not_know_its_payments_and_mends_it(desk, invoice, damage):
    desk.do(invoice, "pay", amount="200")
    damage(desk.crm, "UPDATE payment SET amount = 30000")
    (dues,) = [v for v in runs.run(desk.crm, fix=True) if v.key == "dues"]
    assert (dues.found, dues.mended) == (0, 1)
    assert stands(desk, invoice) == ("partly_paid", "300.00", "900.00", "250.00")


@pytest.mark.parametrize("row", ["state = 'issued', due = gross", "paid = 0, paid_on = NULL", "paid_net = 1"])
def test_verify_finds_an_invoice_that_does_not_stand_where_its_payments_say(desk, invoice, damage, row):
    desk.do(invoice, "pay")
    before = desk.get(invoice)
    damage(desk.crm, f"UPDATE invoice SET {row}")
    (dues,) = [v for v in runs.run(desk.crm) if v.key == "dues"]
    assert len(dues.findings) == 1
    runs.run(desk.crm, fix=True)
    after = desk.get(invoice)
    assert {k: v for k, v in after.items() if before[k] != v}.keys() <= {"version", "modified_at"}


@given(st.integers(0, 10**12), st.integers(0, 10**12), st.integers(1, 10**12))
def test_a_share_is_exact_and_rounded_half_up(amount: int, part: int, rest: int) -> None:
    whole = part + rest
    found = share(*(Money.of_minor(minor, "EUR") for minor in (amount, part, whole)))
    exact = Decimal(amount) * part / whole
    assert abs(Decimal(found.minor) - exact) <= Decimal("0.5000001")
