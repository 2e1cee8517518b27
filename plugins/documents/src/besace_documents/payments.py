"""What comes in for an issued invoice, and what is due after it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING, Annotated, Any

import sqlalchemy as sa

from besace import entities, kinds, parts
from besace.errors import Refused
from besace.money import Money
from besace.reading import get, lock, mention_of, parts_of, visible
from besace.relations import link_table
from besace.texts import translator
from besace_documents.models import CreditNote, Invoice, Payment
from besace_documents.states import day_of, paid_since

if TYPE_CHECKING:
    from besace.database import Work

_ = translator(__name__)


def pay(
    work: Work,
    invoice: Invoice,
    *,
    amount: Money | None = None,
    on: date | None = None,
    method: Annotated[str | None, kinds.ItemKind("payment_method")] = None,
    note: str | None = None,
    force: bool = False,
) -> Invoice:
    """Note what came in for an invoice: all that is due, unless an amount is given."""
    lock(work, [invoice.id])
    work.refresh(invoice)
    day = day_of(on, work.today)
    _check_payable(work, invoice, day)
    assert invoice.due is not None
    paid = amount or invoice.due
    if paid.currency == invoice.currency:
        _check_amount(work, invoice, invoice.due, paid, force=force)
    parts.add(work, Payment, invoice.id, on=day, amount=paid, method=method, note=note)
    return reckon(work, invoice)


def cancel(work: Work, payment: Payment) -> Invoice:
    """Take a payment back that was noted by mistake; it stays in the history of its invoice."""
    invoice_id = payment.owner_id
    parts.remove(work, payment)
    return reckon(work, get(work, Invoice, invoice_id))


def _check_payable(work: Work, invoice: Invoice, day: date) -> None:
    named = mention_of(work, invoice)
    if invoice.issued_on is None:
        raise Refused(
            _("{invoice} is a draft: nothing is due yet.").format(invoice=named),
            _("Issue it first: besace invoice issue {id}").format(id=invoice.id),
        )
    if invoice.due is None:
        raise Refused(_("{invoice} has no amount to be paid.").format(invoice=named))
    if day < invoice.issued_on:
        raise Refused(
            _("{day} is before {before}, the day of issue.").format(day=day, before=invoice.issued_on),
            _("Give a later day: --on DATE"),
        )


def _check_amount(work: Work, invoice: Invoice, due: Money, paid: Money, *, force: bool) -> None:
    if due.amount <= 0 and not force:
        raise Refused(
            _("{invoice}: nothing is due any more.").format(invoice=mention_of(work, invoice)),
            _("If more came in all the same, note it with --amount and --force."),
        )
    if paid.amount > due.amount and not force:
        raise Refused(
            _("{invoice}: {due} is due, and {amount} would be more.").format(
                invoice=mention_of(work, invoice), due=due, amount=paid
            ),
            _("Give another --amount, or note it nevertheless with --force."),
        )
    is_refund = force and due.amount <= paid.amount < 0
    if paid.amount <= 0 and not is_refund:
        raise Refused(
            _("{amount} is not what one pays.").format(amount=paid),
            _("Take a wrong payment back with: besace payment cancel ID"),
        )


def reckon(work: Work, invoice: Invoice) -> Invoice:
    """Let an invoice say what its payments and credit notes come to, and since when all of it is paid."""
    nothing = Money.of_minor(0, invoice.currency)
    moves = [(payment.on, payment.amount, nothing) for payment in parts_of(work, Payment, [invoice.id])]
    moves += [
        (note.issued_on, nothing, note.payable or nothing)
        for note in credit_notes(work, invoice)
        if note.issued_on is not None
    ]
    work.refresh(invoice)
    payable, prepaid = invoice.payable, invoice.prepaid or nothing
    values: dict[str, Any] = {
        "paid": sum((paid for _day, paid, _credited in moves), nothing),
        "credited": sum((credited for _day, _paid, credited in moves), nothing),
        "paid_on": None if payable is None else paid_since(payable, prepaid, moves),
    }
    reckoned: Invoice = entities.edit(work, invoice, unlock=tuple(values), **values)
    return reckoned


def credit_notes(work: Work, invoice: Invoice) -> Sequence[CreditNote]:
    """The credit notes that correct an invoice, drafts too."""
    table: Any = CreditNote.__table__
    links = link_table.c
    notes = sa.select(links.subject_id).where(links.object_id == invoice.id, links.type == "credits")
    return work.scalars(visible(work, CreditNote).where(table.c.id.in_(notes))).all()
