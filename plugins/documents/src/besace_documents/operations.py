"""What one does with documents: each step of their life, with its day."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

from besace import entities
from besace.errors import Refused
from besace.reading import mention_of
from besace.texts import Text, translator
from besace_documents import numbering
from besace_documents.models import Invoice, Quote
from besace_documents.states import INVOICE_STATES, INVOICE_STEPS, QUOTE_STATES, QUOTE_STEPS, Step, check_step

if TYPE_CHECKING:
    from besace.database import Work

_ = translator(__name__)


def send(work: Work, quote: Quote, *, on: date | None = None) -> Quote:
    """Send a quote: from then on it was sent, whatever comes after (rule B7)."""
    return _quote_step(work, quote, "send", on)


def accept(work: Work, quote: Quote, *, on: date | None = None) -> Quote:
    """Note that the customer accepted a quote."""
    return _quote_step(work, quote, "accept", on)


def refuse(work: Work, quote: Quote, *, on: date | None = None) -> Quote:
    """Note that the customer refused a quote."""
    return _quote_step(work, quote, "refuse", on)


def expire(work: Work, quote: Quote, *, on: date | None = None) -> Quote:
    """Note that a quote was not answered in time."""
    return _quote_step(work, quote, "expire", on)


def issue(work: Work, invoice: Invoice, *, on: date | None = None) -> Invoice:
    """Issue an invoice: it gets the next number (rule B4), and never changes again (rule B5)."""
    step = INVOICE_STEPS["issue"]
    day = on or work.today
    check_step(mention_of(work, invoice), invoice.state, step, INVOICE_STEPS, INVOICE_STATES)
    _require(
        work,
        invoice,
        "issuer",
        invoice.issuer,
        _("Set the install's own: besace config set own_organisation REF"),
    )
    _require(
        work,
        invoice,
        "net",
        invoice.net,
        _("Give it with: besace invoice edit {id} --net AMOUNT").format(id=invoice.id),
    )
    assert invoice.issuer is not None
    number = numbering.following(work, invoice.issuer.id, invoice.type, day)
    values: dict[str, Any] = {"number": number.text, "state": step.after, step.kept_in: day, "date": day}
    issued: Invoice = entities.edit(work, invoice, unlock=("number", "state", step.kept_in), **values)
    numbering.take(work, number)
    return issued


def pay(work: Work, invoice: Invoice, *, on: date | None = None) -> Invoice:
    """Note that an invoice was paid."""
    paid: Invoice = _step(work, invoice, INVOICE_STEPS["pay"], INVOICE_STEPS, INVOICE_STATES, on)
    return paid


def _quote_step(work: Work, quote: Quote, key: str, on: date | None) -> Quote:
    moved: Quote = _step(work, quote, QUOTE_STEPS[key], QUOTE_STEPS, QUOTE_STATES, on)
    return moved


def _step(
    work: Work,
    document: Any,
    step: Step,
    steps: Mapping[str, Step],
    labels: Mapping[str, Text],
    on: date | None,
) -> Any:
    check_step(mention_of(work, document), document.state, step, steps, labels)
    day = on or work.today
    _refuse_earlier(document, step, steps, day)
    values: dict[str, Any] = {"state": step.after, step.kept_in: day}
    return entities.edit(work, document, unlock=("state", step.kept_in), **values)


def _refuse_earlier(document: Any, step: Step, steps: Mapping[str, Step], day: date) -> None:
    """A step is not taken before the one that led to it."""
    before = next((getattr(document, s.kept_in) for s in steps.values() if s.after == step.before), None)
    if before is not None and day < before:
        raise Refused(
            _("{day} is before {before}, the day of the step before.").format(day=day, before=before),
            _("Give a later day: --on DATE"),
        )


def _require(work: Work, invoice: Invoice, field: str, value: Any, hint: Text) -> None:
    if value is None:
        raise Refused(
            _("{invoice} cannot be issued: it has no {field}.").format(
                invoice=mention_of(work, invoice), field=Invoice.__fields__[field].label
            ),
            hint,
        )
