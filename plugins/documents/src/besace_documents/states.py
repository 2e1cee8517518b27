"""The life of a document: its states and the steps between them. Pure, no database."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from besace.errors import Refused
from besace.texts import Text, joined, translator

_ = translator(__name__)

QUOTE_STATES: Mapping[str, Text] = {
    "draft": _("Draft"),
    "sent": _("Sent"),
    "accepted": _("Accepted"),
    "refused": _("Refused"),
    "expired": _("Expired"),
}

INVOICE_STATES: Mapping[str, Text] = {
    "draft": _("Draft"),
    "issued": _("Issued"),
    "paid": _("Paid"),
}


DRAFT = "draft"
"""The state in which every document begins."""


@dataclass(frozen=True)
class Step:
    """One step of a document's life: from which state to which, and the field that keeps its day."""

    key: str
    before: str
    after: str
    kept_in: str


QUOTE_STEPS = {
    step.key: step
    for step in (
        Step("send", "draft", "sent", "sent_on"),
        Step("accept", "sent", "accepted", "accepted_on"),
        Step("refuse", "sent", "refused", "refused_on"),
        Step("expire", "sent", "expired", "expired_on"),
    )
}

INVOICE_STEPS = {
    step.key: step
    for step in (
        Step("issue", "draft", "issued", "issued_on"),
        Step("pay", "issued", "paid", "paid_on"),
    )
}


def check_state(
    named: Text, before: str | None, after: str, steps: Mapping[str, Step], labels: Mapping[str, Text]
) -> None:
    """Refuse a state to which no step leads from the one before; None before: a new document is a draft."""
    if after == (before or DRAFT):
        return
    step = next((step for step in steps.values() if step.after == after), None)
    if before is None or step is None:
        raise Refused(
            _('{document} cannot become "{state}".').format(document=named, state=labels[after]),
            _("A document begins as a draft, and goes on by these steps: {steps}.").format(steps=joined(list(steps))),
        )
    check_step(named, before, step, steps, labels)


def check_step(named: Text, state: str, step: Step, steps: Mapping[str, Step], labels: Mapping[str, Text]) -> None:
    """Refuse a step that does not begin in the document's state, saying which steps do."""
    if state == step.before:
        return
    possible = [other.key for other in steps.values() if other.before == state]
    raise Refused(
        _('{document} is "{state}"; only one that is "{before}" can become "{after}".').format(
            document=named, state=labels[state], before=labels[step.before], after=labels[step.after]
        ),
        _("What can be done with it: {steps}.").format(steps=joined(list(possible)))
        if possible
        else _("Its life has ended: make a new document."),
    )
