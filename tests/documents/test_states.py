"""The life of documents: every step from every state, without a database and with one."""

from __future__ import annotations

import pytest

from besace.errors import Refused
from besace.texts import Text
from besace_documents.states import (
    INVOICE_STATES,
    INVOICE_STEPS,
    QUOTE_STATES,
    QUOTE_STEPS,
    check_state,
    check_step,
)

from .conftest import TODAY

# From each state, where each step leads; what is not here is refused.
LEADS = {
    "quote": {
        ("draft", "send"): "sent",
        ("sent", "accept"): "accepted",
        ("sent", "refuse"): "refused",
        ("sent", "expire"): "expired",
    },
    "invoice": {("draft", "issue"): "issued", ("issued", "pay"): "paid"},
}
WAYS = {
    "quote": {
        "draft": (),
        "sent": ("send",),
        "accepted": ("send", "accept"),
        "refused": ("send", "refuse"),
        "expired": ("send", "expire"),
    },
    "invoice": {"draft": (), "issued": ("issue",), "paid": ("issue", "pay")},
}
STEPS = {"quote": QUOTE_STEPS, "invoice": INVOICE_STEPS}
STATES = {"quote": QUOTE_STATES, "invoice": INVOICE_STATES}
CELLS = [(kind, state, step) for kind in LEADS for state in STATES[kind] for step in STEPS[kind]]
PAIRS = [(kind, before, after) for kind in LEADS for before in STATES[kind] for after in STATES[kind]]
NAMED = Text("Document 1", "")


@pytest.mark.parametrize(("kind", "state", "step"), CELLS)
def test_a_step_begins_in_one_state_alone(kind, state, step):
    taken = STEPS[kind][step]
    if (state, step) in LEADS[kind]:
        check_step(NAMED, state, taken, STEPS[kind], STATES[kind])
        assert taken.after == LEADS[kind][state, step]
    else:
        with pytest.raises(Refused) as refused:
            check_step(NAMED, state, taken, STEPS[kind], STATES[kind])
        possible = [name for before, name in LEADS[kind] if before == state]
        hint = f"What can be done with it: {', '.join(possible)}." if possible else "Its life has ended"
        assert str(refused.value).startswith(f'Document 1 is "{STATES[kind][state]}"; only one that is')
        assert hint in str(refused.value)


@pytest.mark.parametrize(("kind", "before", "after"), PAIRS)
def test_a_state_follows_another_by_a_step_alone(kind, before, after):
    led_to = {to for (state, _step), to in LEADS[kind].items() if state == before}
    if after in led_to | {before}:
        check_state(NAMED, before, after, STEPS[kind], STATES[kind])
    else:
        with pytest.raises(Refused):
            check_state(NAMED, before, after, STEPS[kind], STATES[kind])


@pytest.mark.parametrize(("kind", "state"), [(kind, state) for kind in LEADS for state in STATES[kind]])
def test_a_document_begins_as_a_draft(kind, state):
    if state == "draft":
        check_state(NAMED, None, state, STEPS[kind], STATES[kind])
    else:
        with pytest.raises(Refused, match="A document begins as a draft"):
            check_state(NAMED, None, state, STEPS[kind], STATES[kind])


@pytest.mark.parametrize(("kind", "state", "step"), CELLS)
def test_every_step_from_every_state_in_an_install(desk, kind, state, step):
    document = getattr(desk, kind)()
    for way in WAYS[kind][state]:
        desk.do(document, way)
    before = desk.get(document)
    if (state, step) in LEADS[kind]:
        desk.do(document, step)
        after = desk.get(document)
        assert (after["state"], after["version"]) == (LEADS[kind][state, step], before["version"] + 1)
        assert after[STEPS[kind][step].kept_in] == TODAY
    else:
        with pytest.raises(Refused, match="only one that is"):
            desk.do(document, step)
        assert desk.get(document) == before
