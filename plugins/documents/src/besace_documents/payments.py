"""What comes in for an issued invoice, and what is due after it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Annotated, Any

import sqlalchemy as sa

from besace import entities, kinds, parts
from besace.dialects import among
from besace.errors import Refused
from besace.money import Money
from besace.reading import get, lock, mention_of, visible
from besace.relations import link_table
from besace.texts import translator
from besace_documents.models import CREDITS, CreditNote, Invoice, Payment
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


Moves = Sequence[tuple[date, Money, Money]]
"""What came in for an invoice, as days with what was paid and what was credited on them."""


def reckon(work: Work, invoice: Invoice) -> Invoice:
    """Let an invoice say what its payments and credit notes come to, and since when all of it is paid."""
    moves = moves_of(work, {invoice.id: invoice.currency})[invoice.id]
    work.refresh(invoice)
    given = came_in({"currency": invoice.currency, "payable": invoice.payable, "prepaid": invoice.prepaid}, moves)
    done: Invoice = entities.edit(work, invoice, unlock=tuple(given), **given)
    return done


def came_in(invoice: Mapping[str, Any], moves: Moves) -> dict[str, Any]:
    """What an invoice keeps of its payments and credit notes, given its values."""
    nothing = Money.of_minor(0, invoice["currency"])
    payable, prepaid = invoice["payable"], invoice["prepaid"] or nothing
    return {
        "paid": sum((paid for _day, paid, _credited in moves), nothing),
        "credited": sum((credited for _day, _paid, credited in moves), nothing),
        "paid_on": None if payable is None else paid_since(payable, prepaid, moves),
    }


def moves_of(work: Work, invoices: Mapping[int, str]) -> Mapping[int, Moves]:
    """What came in for each of some invoices, given with their currencies: two statements."""
    found: dict[int, list[tuple[date, Money, Money]]] = {invoice: [] for invoice in invoices}
    nothing = {currency: Money.of_minor(0, currency) for currency in invoices.values()}
    payment: Any = Payment.__table__
    paid = sa.select(payment.c.owner_id, payment.c.on, payment.c.amount)
    for row in work.execute(paid.where(among(work, payment.c.owner_id, invoices))):
        currency = invoices[row.owner_id]
        found[row.owner_id].append((row.on, Money.of_minor(row.amount, currency), nothing[currency]))
    note: Any = CreditNote.__table__
    links = link_table.c
    credited = (
        sa.select(links.object_id, note.c.issued_on, note.c.payable)
        .join_from(link_table, note, note.c.id == links.subject_id)
        .where(among(work, links.object_id, invoices), links.type == CREDITS, note.c.issued_on.is_not(None))
    )
    for row in work.execute(credited):
        currency = invoices[row.object_id]
        found[row.object_id].append((row.issued_on, nothing[currency], Money.of_minor(row.payable or 0, currency)))
    return found


def credit_notes(work: Work, invoice: Invoice) -> Sequence[CreditNote]:
    """The credit notes that correct an invoice, drafts too."""
    table: Any = CreditNote.__table__
    links = link_table.c
    notes = sa.select(links.subject_id).where(links.object_id == invoice.id, links.type == CREDITS)
    return work.scalars(visible(work, CreditNote).where(table.c.id.in_(notes))).all()
