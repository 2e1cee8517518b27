"""The life of documents: every step from every state, without a database and with one."""

from __future__ import annotations

from decimal import Decimal

import pytest

from besace.errors import Refused
from besace.money import Money
from besace.texts import Text
from besace_documents.states import LIVES, check_state, check_step, paid_since, standing

from .conftest import TODAY

# From each state, where each step leads; what is not here is refused.
LEADS = {
    "quote": {
        ("draft", "send"): "sent",
        ("sent", "accept"): "accepted",
        ("sent", "refuse"): "refused",
        ("sent", "expire"): "expired",
    },
    "sales_order": {("draft", "confirm"): "confirmed", ("confirmed", "cancel"): "cancelled"},
    "invoice": {("draft", "issue"): "issued"},
    "credit_note": {("draft", "issue"): "issued"},
}
WAYS = {
    "quote": {
        "draft": (),
        "sent": ("send",),
        "accepted": ("send", "accept"),
        "refused": ("send", "refuse"),
        "expired": ("send", "expire"),
    },
    "sales_order": {"draft": (), "confirmed": ("confirm",), "cancelled": ("confirm", "cancel")},
    "invoice": {"draft": (), "issued": ("issue",), "paid": ("issue", "pay")},
}
ENDS = {
    ("quote", "accepted"): "Make its order or its invoice: besace quote order ID, besace quote invoice ID",
    ("quote", "refused"): "Make a new quote",
    ("quote", "expired"): "Make a new quote",
    ("sales_order", "cancelled"): "Make a new order",
    ("invoice", "issued"): "An issued invoice is corrected by a credit note: besace invoice credit ID",
    ("invoice", "partly_paid"): "An issued invoice is corrected by a credit note: besace invoice credit ID",
    ("invoice", "paid"): "An issued invoice is corrected by a credit note: besace invoice credit ID",
    ("invoice", "cancelled"): "Its credit notes took it back whole: make a new invoice",
    ("credit_note", "issued"): "What an issued credit note took off is invoiced anew: make a new invoice",
}
"""What is said of a state that no step leaves."""

CELLS = [(kind, state, step) for kind in LEADS for state in LIVES[kind].states for step in LIVES[kind].steps]
PAIRS = [(kind, before, after) for kind in LEADS for before in LIVES[kind].states for after in LIVES[kind].states]
NAMED = Text("Document 1", "")


@pytest.mark.parametrize(("kind", "state", "step"), CELLS)
def test_a_step_begins_in_one_state_alone(kind, state, step):
    life = LIVES[kind]
    if (state, step) in LEADS[kind]:
        check_step(NAMED, state, life.steps[step], life)
        assert life.steps[step].after == LEADS[kind][state, step]
    else:
        with pytest.raises(Refused) as refused:
            check_step(NAMED, state, life.steps[step], life)
        possible = [name for before, name in LEADS[kind] if before == state]
        hint = f"What can be done with it: {', '.join(possible)}." if possible else ENDS[kind, state]
        assert str(refused.value).startswith(f'Document 1 is "{life.states[state]}"; only one that is')
        assert hint in str(refused.value)


@pytest.mark.parametrize(("kind", "before", "after"), PAIRS)
def test_a_state_follows_another_by_a_step_alone(kind, before, after):
    led_to = {to for (state, _step), to in LEADS[kind].items() if state == before}
    if after in led_to | {before}:
        check_state(NAMED, before, after, LIVES[kind])
    else:
        with pytest.raises(Refused):
            check_state(NAMED, before, after, LIVES[kind])


@pytest.mark.parametrize(("kind", "state"), [(kind, state) for kind in LEADS for state in LIVES[kind].states])
def test_a_document_begins_as_a_draft(kind, state):
    if state == "draft":
        check_state(NAMED, None, state, LIVES[kind])
    else:
        with pytest.raises(Refused, match="A document begins as a draft"):
            check_state(NAMED, None, state, LIVES[kind])


@pytest.mark.parametrize(("kind", "state", "step"), [c for c in CELLS if c[1] in WAYS.get(c[0], ())])
def test_every_step_from_every_state_in_an_install(desk, kind, state, step):
    document = desk.document(kind)
    for way in WAYS[kind][state]:
        desk.do(document, way)
    before = desk.get(document)
    if (state, step) in LEADS[kind]:
        desk.do(document, step)
        after = desk.get(document)
        assert (after["state"], after["version"]) == (LEADS[kind][state, step], before["version"] + 1)
        assert after[LIVES[kind].steps[step].kept_in] == TODAY
    else:
        with pytest.raises(Refused, match="only one that is"):
            desk.do(document, step)
        assert desk.get(document) == before


@pytest.mark.parametrize(
    ("payable", "paid", "credited", "prepaid", "state"),
    [
        (100, 0, 0, 0, "issued"),
        (100, 1, 0, 0, "partly_paid"),
        (100, 100, 0, 0, "paid"),
        (100, 130, 0, 0, "paid"),
        (100, 60, 40, 0, "paid"),
        (100, 0, 40, 0, "issued"),
        (100, 0, 100, 0, "cancelled"),
        (100, 100, 100, 0, "cancelled"),
        (0, 0, 0, 0, "paid"),
        (80, 0, 80, 20, "paid"),
        (80, 0, 100, 20, "cancelled"),
        (0, 0, 10, 100, "paid"),
    ],
)
def test_an_issued_invoice_stands_as_its_payments_and_credit_notes_say(payable, paid, credited, prepaid, state):
    assert standing(*(Money(Decimal(amount), "EUR") for amount in (payable, paid, credited, prepaid))) == state


def euros(amount):
    return Money(Decimal(amount), "EUR")


@pytest.mark.parametrize(
    ("moves", "since"),
    [
        ([], None),
        ([(1, 99, 0)], None),
        ([(2, 1, 0), (1, 99, 0)], 2),
        ([(1, 100, 0), (3, 10, 0)], 1),
        ([(1, 60, 0), (2, 0, 40), (3, 5, 0)], 2),
        ([(1, 0, 40), (2, 60, 0)], 2),
        ([(1, 100, 0), (2, 0, 20), (3, -20, 0)], 1),
        ([(1, 100, 0), (1, -20, 0)], None),
        ([(1, 100, 0), (2, 0, 100)], 1),
        ([(1, 100, 0), (2, 0, 100), (3, -100, 0)], None),
        ([(1, 0, 100)], None),
        ([(1, 50, 0), (2, 0, 100)], None),
    ],
)
def test_it_is_paid_since_the_day_that_left_nothing_due(moves, since):
    told = [(TODAY.replace(day=day), euros(paid), euros(credited)) for day, paid, credited in moves]
    assert paid_since(euros(100), euros(0), told) == (since and TODAY.replace(day=since))
