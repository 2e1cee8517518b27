"""What one does with documents: the steps of their life, each with its day."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from besace import entities, relations
from besace.dialects import among
from besace.errors import NotFound, Refused
from besace.money import Money
from besace.reading import check_there, get, lock, mention_of, rows_of, visible
from besace.texts import joined, translator
from besace_documents import numbering, sealing
from besace_documents.content import Content
from besace_documents.crediting import check_issued
from besace_documents.deals import check_expecting, expect
from besace_documents.lines import amounts, keep_totals
from besace_documents.mentions import mentions
from besace_documents.models import CREDITS, CreditNote, Invoice, Quote, SalesOrder
from besace_documents.payments import credit_notes, reckon
from besace_documents.problems import problems
from besace_documents.states import LIVES, QUOTE, check_step, day_of

if TYPE_CHECKING:
    from besace.database import Work

_ = translator(__name__)

PAYMENT_DAYS = "payment_days"
"""The setting that says after how many days an invoice is due that names neither a day nor terms."""

REVENUE_FOLLOWS = "accepted_quote_sets_revenue"
"""The setting that lets an accepted quote set the expected revenue of its deals."""


def send(work: Work, quote: Quote, *, on: date | None = None) -> Quote:
    """Send a quote: it gets its number, and was sent from then on, whatever comes after (rule B7)."""
    sent: Quote = _issue(work, quote, on)
    return sent


def accept(
    work: Work, quote: Quote, *, on: date | None = None, late: bool = False, update_revenue: bool = False
) -> Quote:
    """Note that the customer accepted a quote; its net amount may become what its deals may bring."""
    day = day_of(on, work.today)
    if quote.state == "sent" and quote.due_date is not None and day > quote.due_date and not late:
        raise Refused(
            _("{quote} was valid until {day}.").format(quote=mention_of(work, quote), day=quote.due_date),
            _("Accept it nevertheless with --late, or close it: besace quote expire {id}").format(id=quote.id),
        )
    if update_revenue:
        check_expecting(work, quote)
    accepted: Quote = _step(work, quote, "accept", on)
    if update_revenue or work.setting(REVENUE_FOLLOWS):
        expect(work, accepted)
    return accepted


def refuse(work: Work, quote: Quote, *, on: date | None = None) -> Quote:
    """Note that the customer refused a quote."""
    refused: Quote = _step(work, quote, "refuse", on)
    return refused


def expire(work: Work, quote: Quote, *, on: date | None = None) -> Quote:
    """Note that a quote was not answered in time."""
    expired: Quote = _step(work, quote, "expire", on)
    return expired


def expire_due(work: Work, *, on: date | None = None) -> list[Quote]:
    """Let all quotes expire that were sent and are valid no more; returns them."""
    day = day_of(on, work.today)
    info = work.crm.registry.type("quote")
    source = info.source()
    statement = rows_of(work, info, source.id).where(source["state"] == "sent", source["due_date"] < day)
    lock(work, work.scalars(statement).all())
    values = {"state": QUOTE.steps["expire"].after, "expired_on": day}
    ids = entities.edit_many(work, "quote", dict.fromkeys(work.scalars(statement), values), unlock=tuple(values))
    return list(work.scalars(visible(work, Quote).where(among(work, source.id, ids)).order_by(source.id)))


def confirm(work: Work, order: SalesOrder, *, on: date | None = None) -> SalesOrder:
    """Confirm an order: it gets its number, and is not changed any more."""
    confirmed: SalesOrder = _issue(work, order, on)
    return confirmed


def cancel(work: Work, order: SalesOrder, *, on: date | None = None) -> SalesOrder:
    """Note that a confirmed order is not to be delivered any more."""
    cancelled: SalesOrder = _step(work, order, "cancel", on)
    return cancelled


def issue(work: Work, invoice: Invoice, *, on: date | None = None) -> Invoice:
    """Issue an invoice: it gets the next number (rule B4), and never changes again (rule B5)."""
    issued: Invoice = _issue(work, invoice, on)
    return issued


def issue_credit(work: Work, note: CreditNote, *, on: date | None = None) -> CreditNote:
    """Issue a credit note: its amount is taken off what is due of the invoice that it corrects."""
    note = _locked(work, note)
    invoice = _corrected(work, note)
    issued: CreditNote = _issue(work, note, on, invoice)
    reckon(work, invoice)
    return issued


def _refuse_correction(work: Work, invoice: Invoice, note: Content) -> None:
    """Rule B5: a credit note is not of a day before its invoice, and no invoice is credited more than it came to.

    It is the gross amount that counts: what a note rounds, or says to be paid back already, makes it no smaller.
    """
    named = mention_of(work, invoice)
    if invoice.issued_on is not None and note.date < invoice.issued_on:
        raise Refused(
            _("{day} is before {before}, the day of issue of {invoice}.").format(
                day=note.date, before=invoice.issued_on, invoice=named
            ),
            _("Give a later day: --on DATE"),
        )
    before = [other.gross.amount for other in credit_notes(work, invoice) if other.issued_on and other.gross]
    credited = Money(sum(before, note.totals.gross), invoice.currency)
    if invoice.gross is not None and credited.amount > invoice.gross.amount:
        raise Refused(
            _("{invoice} is of {gross}: credit notes over {credited} would be more than it.").format(
                invoice=named, gross=invoice.gross, credited=credited
            ),
            _("Take lines off the credit note, or lower their quantities."),
        )


def _corrected(work: Work, note: CreditNote) -> Invoice:
    """The issued invoice that a credit note corrects (rule B5)."""
    linked = relations.related(work, note.id, relation=CREDITS, type="invoice")
    if len(linked) != 1:
        raise Refused(
            _("{note} does not say which invoice it corrects.").format(note=mention_of(work, note)),
            _("Link it to one: besace link {id} credits INVOICE").format(id=note.id),
        )
    invoice: Invoice = _locked(work, get(work, Invoice, linked[0].id))
    check_issued(work, invoice)
    if (note.customer_id, note.issuer_id, note.currency) != (invoice.customer_id, invoice.issuer_id, invoice.currency):
        raise Refused(
            _("{note} and {invoice} differ in their customer, issuer or currency.").format(
                note=mention_of(work, note), invoice=mention_of(work, invoice)
            ),
            _("Make the credit note from the invoice: besace invoice credit {id}").format(id=invoice.id),
        )
    return invoice


def _issue(work: Work, document: Any, on: date | None, corrected: Invoice | None = None) -> Any:
    """Give a document its number and its seal, and let nobody change it any more; a credit note corrects an invoice."""
    life, day = LIVES[document.type], on or work.today
    step = life.steps[life.issuing]
    document = _locked(work, document)
    check_step(mention_of(work, document), document.state, step, life)
    _require_issuer(work, document)
    content = sealing.contents(work, document.type, [document.id])[document.id].content
    _require_parties(work, document)
    _require_amounts(work, document, content)
    _require_lines(work, document, content)
    number = numbering.following(work, document.issuer_id, document.type, day)
    content = _completed(work, replace(content, number=number.text, date=day))
    _refuse_problems(work, document, content)
    if corrected is not None:
        _refuse_correction(work, corrected, content)
    values: dict[str, Any] = {"number": content.number, "state": step.after, step.kept_in: day, "date": day}
    values["due_date"] = content.due_date
    issued = entities.edit(work, document, unlock=tuple(values), **values)
    numbering.take(work, number, sealing.seal(work, content, document.id, number.last_seal))
    return issued


def _locked(work: Work, document: Any) -> Any:
    """A document as it is stored now, which no other unit changes until this one ends."""
    type_key, document_id = document.type, document.id
    lock(work, [document_id])
    work.expire(document)
    return get(work, type_key, document_id)


def _completed(work: Work, content: Content) -> Content:
    """A document with what goes without saying: when an invoice is due, and what the law wants to be read on it."""
    if content.type == "invoice" and content.due_date is None and content.payment_terms is None:
        days = min(work.setting(PAYMENT_DAYS), (date.max - content.date).days)  # the calendar ends
        content = replace(content, due_date=content.date + timedelta(days=days))
    return replace(content, mentions=mentions(content, work.setting("language")))


def _refuse_problems(work: Work, document: Any, content: Content) -> None:
    found = problems(content)
    if found:
        raise Refused(
            _("{document} cannot be issued: {problems}").format(
                document=mention_of(work, document), problems=joined(found, " ")
            )
        )


def _step(work: Work, document: Any, key: str, on: date | None) -> Any:
    life = LIVES[document.type]
    step = life.steps[key]
    check_step(mention_of(work, document), document.state, step, life)
    day = day_of(on, work.today)
    _refuse_earlier(document, day)
    values: dict[str, Any] = {"state": step.after, step.kept_in: day}
    return entities.edit(work, document, unlock=("state", step.kept_in), **values)


def _refuse_earlier(document: Any, day: date) -> None:
    """A step is not taken before the one that led to it."""
    life = LIVES[document.type]
    before = next((getattr(document, s.kept_in) for s in life.steps.values() if s.after == document.state), None)
    if before is not None and day < before:
        raise Refused(
            _("{day} is before {before}, the day of the step before.").format(day=day, before=before),
            _("Give a later day: --on DATE"),
        )


def _require_issuer(work: Work, document: Any) -> None:
    if document.issuer_id is None:
        raise Refused(
            _("{document} cannot be issued: it has no {field}.").format(
                document=mention_of(work, document), field=type(document).__fields__["issuer"].label
            ),
            _("Name it: besace {type} edit {id} --issuer REF").format(
                type=document.type.replace("_", "-"), id=document.id
            ),
        )


def _require_parties(work: Work, document: Any) -> None:
    """Nothing is sealed without whom it is to and from, as it would be while one of them is hidden."""
    for key in ("customer", "issuer"):
        field = type(document).__fields__[key]
        try:
            check_there(work, getattr(document, f"{key}_id"), field.kind.types)
        except NotFound as error:
            raise NotFound(
                _("{field}: {problem}").format(field=field.label, problem=error.message), error.hint
            ) from None


def _require_amounts(work: Work, document: Any, content: Content) -> None:
    """Let a draft come to what its lines come to, whoever wrote these."""
    stored = {key: getattr(document, key) for key in ("net", "vat", "gross")}
    if content.lines and stored != amounts(content.totals, document.currency):
        keep_totals(work, [document.id])
        work.refresh(document)


def _require_lines(work: Work, document: Any, content: Content) -> None:
    if not content.lines:
        raise Refused(
            _("{document} cannot be issued: it has no line.").format(document=mention_of(work, document)),
            _("Add one: besace document-line add {id} --name TEXT --unit-price NUMBER").format(id=document.id),
        )
