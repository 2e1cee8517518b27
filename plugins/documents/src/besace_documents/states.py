"""The life of a document: its states and the steps between them. Pure, no database."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from operator import itemgetter

from besace.errors import Refused
from besace.money import Money
from besace.texts import Text, joined, translator

_ = translator(__name__)

DRAFT = "draft"
"""The state in which every document begins; the only one in which it can be changed."""


@dataclass(frozen=True)
class Step:
    """One step of a document's life: from which states to which, and the field that keeps its day."""

    key: str
    before: Sequence[str]
    after: str
    kept_in: str


@dataclass(frozen=True)
class Life:
    """The states of a type of document, with their labels, and the steps between them.

    `issuing` is the step at which it gets its number and is sealed; `ends` say of each state that no step leaves
    what can be done after it.
    """

    states: Mapping[str, Text]
    steps: Mapping[str, Step]
    issuing: str
    ends: Mapping[str, Text]

    @property
    def issued_on(self) -> str:
        """The field that keeps the day on which it got its number."""
        return self.steps[self.issuing].kept_in


def _life(states: Mapping[str, Text], issuing: str, *steps: Step, ends: Mapping[str, Text]) -> Life:
    return Life(states, {step.key: step for step in steps}, issuing, ends)


_NEW_QUOTE = _("Make a new quote.")
_CREDIT_IT = _("An issued invoice is corrected by a credit note: besace invoice credit ID")


QUOTE = _life(
    {
        DRAFT: _("Draft"),
        "sent": _("Sent"),
        "accepted": _("Accepted"),
        "refused": _("Refused"),
        "expired": _("Expired"),
    },
    "send",
    Step("send", (DRAFT,), "sent", "sent_on"),
    Step("accept", ("sent",), "accepted", "accepted_on"),
    Step("refuse", ("sent",), "refused", "refused_on"),
    Step("expire", ("sent",), "expired", "expired_on"),
    ends={
        "accepted": _("Make its order or its invoice: besace quote order ID, besace quote invoice ID"),
        "refused": _NEW_QUOTE,
        "expired": _NEW_QUOTE,
    },
)

ORDER = _life(
    {DRAFT: _("Draft"), "confirmed": _("Confirmed"), "cancelled": _("Cancelled")},
    "confirm",
    Step("confirm", (DRAFT,), "confirmed", "confirmed_on"),
    Step("cancel", ("confirmed",), "cancelled", "cancelled_on"),
    ends={"cancelled": _("Make a new order.")},
)

INVOICE = _life(
    {
        DRAFT: _("Draft"),
        "issued": _("Issued"),
        "partly_paid": _("Partly paid"),
        "paid": _("Paid"),
        "cancelled": _("Cancelled"),
    },
    "issue",
    Step("issue", (DRAFT,), "issued", "issued_on"),
    ends={
        **dict.fromkeys(("issued", "partly_paid", "paid"), _CREDIT_IT),
        "cancelled": _("Its credit notes took it back whole: make a new invoice."),
    },
)
"""Once it is issued, what is paid and what is credited tell how an invoice stands: see `standing`."""

CREDIT_NOTE = _life(
    {DRAFT: _("Draft"), "issued": _("Issued")},
    "issue",
    Step("issue", (DRAFT,), "issued", "issued_on"),
    ends={"issued": _("What an issued credit note took off is invoiced anew: make a new invoice.")},
)

LIVES: Mapping[str, Life] = {
    "quote": QUOTE,
    "sales_order": ORDER,
    "invoice": INVOICE,
    "credit_note": CREDIT_NOTE,
}
"""By the key of the type."""


def day_of(on: date | None, today: date) -> date:
    """The day of a step or a payment: today unless one is given; raises Refused for one that has not come."""
    if on is not None and on > today:
        raise Refused(
            _("{day} is a day to come: nothing happened on it yet.").format(day=on),
            _("Give today, or a day before it: --on DATE"),
        )
    return on or today


def standing(payable: Money, paid: Money, credited: Money, prepaid: Money) -> str:
    """The state of an issued invoice, by what is to be paid, what is paid, credited, and was paid beforehand.

    It is cancelled where the credit notes come to all of it, and not where they come to what was left to pay.
    """
    if credited.amount > 0 and credited.amount >= payable.amount + prepaid.amount:
        return "cancelled"
    if paid.amount + credited.amount >= payable.amount:
        return "paid"
    return "partly_paid" if paid.amount else "issued"


def paid_since(payable: Money, prepaid: Money, moves: Iterable[tuple[date, Money, Money]]) -> date | None:
    """Since when all of an issued invoice is paid: since a payment or a credit note left nothing due.

    `moves` are the days with what was paid and what was credited on them. None while something is due, and where
    nothing came in.
    """
    paid = credited = Money.of_minor(0, payable.currency)
    since = None
    for day, of_day in groupby(sorted(moves, key=itemgetter(0)), key=itemgetter(0)):
        for _day, more_paid, more_credited in of_day:
            paid, credited = paid + more_paid, credited + more_credited
        state = standing(payable, paid, credited, prepaid)
        if state == "paid":
            since = since or day
        elif state != "cancelled":
            since = None
    return since if paid.amount > 0 else None


def check_state(named: Text, before: str | None, after: str, life: Life) -> None:
    """Refuse a state to which no step leads from the one before; None before: a new document is a draft."""
    if after == (before or DRAFT):
        return
    leading = [step for step in life.steps.values() if step.after == after]
    if before is None or not leading:
        raise Refused(
            _('{document} cannot become "{state}".').format(document=named, state=life.states[after]),
            _("A document begins as a draft, and goes on by these steps: {steps}.").format(
                steps=joined(list(life.steps))
            ),
        )
    if not any(before in step.before for step in leading):
        check_step(named, before, leading[0], life)


def check_step(named: Text, state: str, step: Step, life: Life) -> None:
    """Refuse a step that does not begin in the document's state, saying which steps do."""
    if state in step.before:
        return
    possible = [other.key for other in life.steps.values() if state in other.before]
    raise Refused(
        _('{document} is "{state}"; only one that is "{before}" can become "{after}".').format(
            document=named, state=life.states[state], before=life.states[step.before[0]], after=life.states[step.after]
        ),
        _("What can be done with it: {steps}.").format(steps=joined(possible)) if possible else life.ends[state],
    )
