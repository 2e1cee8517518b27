"""Quotes, sales orders, invoices and credit notes, and the series from which they take their numbers."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from fractions import Fraction
from typing import TYPE_CHECKING, Any, ClassVar

import sqlalchemy as sa
from sqlalchemy.orm import Mapped

from besace import fields
from besace.errors import Refused
from besace.lists import Item, ListItem
from besace.model import SYSTEM_FIELDS, Entity, Part, Ref
from besace.money import Money, digits, rounded
from besace.reading import mention
from besace.texts import Text, translator
from besace_documents.arithmetic import only_rounds
from besace_documents.states import DRAFT, LIVES, Life, check_state, standing
from besace_persons.own import SETTING

if TYPE_CHECKING:
    from besace.database import Work

_ = translator(__name__)

DOCUMENTS = ("quote", "sales_order", "invoice", "credit_note")
"""The keys of the types of documents."""

CUSTOMERS = ("organisation", "contact")

_STILL_FREE = frozenset({"state", "owner", "external_system", "external_id", "version", "modified_at"})
"""What may change once a document is issued, besides the days of its steps: none of it is content."""


class Document:
    """What all documents have: who, to whom, when, how much; and how far it is."""

    number: Mapped[str | None] = fields.text(
        "Number", names_row=True, length=40, read_only=True, help="Its number, given when it is issued."
    )
    subject: Mapped[str | None] = fields.text("Subject", names_row=True, help="What it is about, in a few words.")
    customer: Mapped[Ref] = fields.entity("Customer", types=CUSTOMERS, help="To whom it is made.")
    issuer: Mapped[Ref | None] = fields.entity(
        "Issuer",
        types=("organisation",),
        help="Which of our organisations issues it; the install's own unless given.",
    )
    date: Mapped[datetime.date] = fields.date(
        "Date", default="today", help="Its date; the day of issue once it is issued."
    )
    due_date: Mapped[datetime.date | None] = fields.date("Due date", help="The day by which it is to be paid.")
    buyer_reference: Mapped[str | None] = fields.text(
        "Buyer's reference", help="What the customer wants to read on it: an order number, a department."
    )
    billing_address: Mapped[str | None] = fields.long_text(
        "Billing address", length=1000, help="Where it is sent, if not to the customer's own address."
    )
    delivery_address: Mapped[str | None] = fields.long_text(
        "Delivery address", length=1000, help="Where it is delivered, if not to the customer's own address."
    )
    delivery_date: Mapped[datetime.date | None] = fields.date(
        "Delivery date", help="The day of the delivery or of the service."
    )
    payment_terms: Mapped[str | None] = fields.text("Payment terms", length=500, help="How and when it is to be paid.")
    notes: Mapped[str | None] = fields.long_text("Notes", length=5000, help="What else is to be read on it.")
    net: Mapped[Money | None] = fields.money("Net", read_only=True, help="The amount without VAT, from its lines.")
    vat: Mapped[Money | None] = fields.money("VAT", read_only=True, help="The amount of the VAT, from its lines.")
    gross: Mapped[Money | None] = fields.money("Gross", read_only=True, help="Net and VAT together.")
    prepaid: Mapped[Money | None] = fields.money("Prepaid", minimum=0, help="What was paid beforehand.")
    rounding: Mapped[Money | None] = fields.money(
        "Rounding",
        example="0.02",
        help="What is added so that a round amount is to be paid: less than one unit of the currency.",
    )
    payable: Mapped[Money | None] = fields.money(
        "Payable", read_only=True, help="What is to be paid: gross, without what is prepaid, and rounded."
    )

    if TYPE_CHECKING:
        __key__: ClassVar[str]
        __label__: ClassVar[Text]
        __fields__: ClassVar[dict[str, fields.Field]]
        customer_id: Mapped[int]
        issuer_id: Mapped[int | None]

    @classmethod
    def life(cls) -> Life:
        """Its states and steps."""
        return LIVES[cls.__key__]

    @classmethod
    def prepare(cls, old: Mapping[str, Any] | None, new: dict[str, Any], work: Work) -> dict[str, Any]:
        """Rules B4 and B5: a number from its issue on, and no change of content any more; before, it is completed."""
        named = named_document(cls, old)
        before = None if old is None else old["state"]
        if old is not None and before != DRAFT:
            cls._refuse_changes(old, new)
            if new["state"] != before:
                check_state(named, before, new["state"], cls.life())
            return new
        check_state(named, before, new["state"], cls.life())
        cls._keep_currency(old, new)
        is_issued = new["state"] != DRAFT
        given = None if old is None else old["number"]  # by hand, before numbers were given by the program alone
        is_numbered = new["number"] is not None and new["number"] != given
        if {is_numbered, new[cls.life().issued_on] is not None} != {is_issued}:
            raise Refused(
                _("{document} has a number and a day of issue once it is issued, and not before.").format(
                    document=named
                ),
                _("Issue it with: besace {type} {verb} {type_name}").format(
                    type=cls.__key__.replace("_", "-"), verb=cls.life().issuing, type_name=cls.__key__.upper()
                ),
            )
        return _completed(old, new, work)

    @classmethod
    def label_of(cls, values: Mapping[str, Any]) -> str:
        """Its number, else its subject, else what it has."""
        net = values.get("net")
        fallback = str(values["date"]) if net is None else f"{values['date']} {net}"
        return str(values.get("number") or values.get("subject") or fallback)

    @classmethod
    def _keep_currency(cls, old: Mapping[str, Any] | None, new: Mapping[str, Any]) -> None:
        """Rule O7: what lines come to is in one currency, and is no other amount by being called another one."""
        if old is None or old["net"] is None or new["currency"] == old["currency"]:
            return
        raise Refused(
            _("{document} keeps its currency, {currency}: that is what its lines are in.").format(
                document=named_document(cls, old), currency=old["currency"]
            ),
            _("Make a new one in {other}: besace {type} create --currency {other}").format(
                other=new["currency"], type=cls.__key__.replace("_", "-")
            ),
        )

    @classmethod
    def _refuse_changes(cls, old: Mapping[str, Any], new: Mapping[str, Any]) -> None:
        to_come = {step.kept_in for step in cls.life().steps.values() if old[step.kept_in] is None}
        free = _STILL_FREE | to_come
        changed = [key for key in new if key not in free and new[key] != old.get(key)]
        if changed:
            refuse_change(cls, old, (SYSTEM_FIELDS | cls.__fields__)[changed[0]].label)


class Quote(Document, Entity, type="quote", label=_("Quote"), plural=_("Quotes"), status="state"):
    """An offer to a customer, with its price."""

    due_date: Mapped[datetime.date | None] = fields.date(
        "Valid until", help="The last day on which it can be accepted."
    )
    state: Mapped[str] = fields.choice(
        "State", LIVES["quote"].states, default=DRAFT, read_only=True, help="How far it is."
    )
    sent_on: Mapped[datetime.date | None] = fields.date("Sent on", read_only=True, help="When it was sent.")
    accepted_on: Mapped[datetime.date | None] = fields.date("Accepted on", read_only=True, help="When it was accepted.")
    refused_on: Mapped[datetime.date | None] = fields.date("Refused on", read_only=True, help="When it was refused.")
    expired_on: Mapped[datetime.date | None] = fields.date("Expired on", read_only=True, help="When it expired.")


class SalesOrder(
    Document, Entity, type="sales_order", label=_("Sales order"), plural=_("Sales orders"), status="state"
):
    """What a customer ordered, to be delivered and invoiced."""

    due_date: Mapped[datetime.date | None] = fields.date("Deliver by", help="The day by which it is to be delivered.")
    state: Mapped[str] = fields.choice(
        "State", LIVES["sales_order"].states, default=DRAFT, read_only=True, help="How far it is."
    )
    confirmed_on: Mapped[datetime.date | None] = fields.date(
        "Confirmed on", read_only=True, help="When it was confirmed."
    )
    cancelled_on: Mapped[datetime.date | None] = fields.date(
        "Cancelled on", read_only=True, help="When it was cancelled."
    )


class Invoice(Document, Entity, type="invoice", label=_("Invoice"), plural=_("Invoices"), status="state"):
    """What a customer owes, once it is issued."""

    __table_args__ = (sa.UniqueConstraint("issuer_id", "number"),)

    state: Mapped[str] = fields.choice(
        "State", LIVES["invoice"].states, default=DRAFT, read_only=True, help="How far it is."
    )
    issued_on: Mapped[datetime.date | None] = fields.date("Issued on", read_only=True, help="When it was issued.")
    paid: Mapped[Money | None] = fields.money("Amount paid", read_only=True, help="The sum of its payments.")
    credited: Mapped[Money | None] = fields.money("Credited", read_only=True, help="The sum of its credit notes.")
    due: Mapped[Money | None] = fields.money("Amount due", read_only=True, help="What is still to be paid.")
    paid_net: Mapped[Money | None] = fields.money(
        "Paid without VAT", read_only=True, help="The part of its net amount that is paid."
    )
    paid_on: Mapped[datetime.date | None] = fields.date("Paid on", read_only=True, help="When all of it was paid.")

    @classmethod
    def prepare(cls, old: Mapping[str, Any] | None, new: dict[str, Any], work: Work) -> dict[str, Any]:
        """As every document; issued, its state and what is due follow from what is paid and credited."""
        if old is not None and old["state"] != DRAFT:
            cls._refuse_changes(old, new)
            return reckoned(new)
        new = super().prepare(old, new, work)
        return new if new["state"] == DRAFT else reckoned(new)

    @classmethod
    def _refuse_changes(cls, old: Mapping[str, Any], new: Mapping[str, Any]) -> None:
        reckoned = {key: old[key] for key in ("paid", "credited", "due", "paid_net", "paid_on")}
        super()._refuse_changes(old, {**new, **reckoned})


class CreditNote(
    Document, Entity, type="credit_note", label=_("Credit note"), plural=_("Credit notes"), status="state"
):
    """What corrects an issued invoice, in whole or in part: its amounts are taken off those of the invoice."""

    __table_args__ = (sa.UniqueConstraint("issuer_id", "number"),)

    state: Mapped[str] = fields.choice(
        "State", LIVES["credit_note"].states, default=DRAFT, read_only=True, help="How far it is."
    )
    issued_on: Mapped[datetime.date | None] = fields.date("Issued on", read_only=True, help="When it was issued.")


CONVERTED, CREDITS, RAISED_FOR = "converted_from", "credits", "raised_for"
"""The relations of documents: to the one that it was made of, to the invoice that it corrects, to its deal."""

TYPES: Mapping[str, Any] = {model.__key__: model for model in (Quote, SalesOrder, Invoice, CreditNote)}
"""The classes of documents by their keys."""


class PaymentMethod(
    ListItem,
    list="payment_method",
    label=_("Methods of payment"),
    items=[
        Item("transfer", _("Bank transfer")),
        Item("direct_debit", _("Direct debit")),
        Item("card", _("Card")),
        Item("cheque", _("Cheque")),
        Item("cash", _("Cash")),
    ],
):
    """How a customer pays."""


class Payment(Part, of="invoice", key="payment", label=_("Payment"), plural=_("Payments"), editable=False):
    """Money that came in for an invoice."""

    on: Mapped[datetime.date] = fields.date("On", default="today", help="The day on which it came in.")
    amount: Mapped[Money] = fields.money("Amount", help="How much was paid, VAT included.")
    method: Mapped[PaymentMethod | None] = fields.item("Method", list="payment_method", help="How it was paid.")
    note: Mapped[str | None] = fields.text("Note", help="What tells it from others: the number of a cheque.")


class DocumentSeries(
    Part,
    of="organisation",
    key="document_series",
    label=_("Document series"),
    plural=_("Document series"),
    editable=False,
):
    """Where the numbers of an issuer stand, by type of document and year."""

    __table_args__ = (sa.UniqueConstraint("owner_id", "document_type", "year"),)

    document_type: Mapped[str] = fields.type_key("Type", help="The type of the documents.")
    year: Mapped[int] = fields.integer("Year", help="The year of the numbers.")
    last_number: Mapped[int] = fields.integer("Last number", minimum=1, help="The last number that was given.")
    last_date: Mapped[datetime.date] = fields.date("Last date", help="The day for which it was given.")
    last_seal: Mapped[str | None] = fields.text("Last seal", length=64, help="The seal of the last document.")


class DocumentSeal(
    Part,
    of=DOCUMENTS,
    key="document_seal",
    label=_("Seal"),
    plural=_("Seals"),
    editable=False,
):
    """What was fixed when a document was issued: who was on it, what the law wants said, and a hash of all it says."""

    fixed: Mapped[str] = fields.long_text(
        "Fixed", help="The issuer, the customer and the mentions as they were, in JSON."
    )
    sha256: Mapped[str] = fields.text(
        "SHA-256", length=64, help="Of all that the document says, and of the seal before."
    )
    before: Mapped[str | None] = fields.text("Seal before", length=64, help="The seal before it in its series.")


def named_document(model: Any, values: Mapping[str, Any] | None) -> Text:
    """A document in a sentence, by its class and its values (None: a new one)."""
    label: Text = model.__label__
    return label if values is None else mention(label, values["id"], values["label"])


def refuse_change(model: Any, values: Mapping[str, Any], what: Text | str) -> None:
    """Refuse to change a field of an issued document (rule B5)."""
    _refuse(model, values, _('{document} was issued on {day}: its field "{field}" cannot change any more.'), field=what)


def refuse_change_of_rows(model: Any, values: Mapping[str, Any], what: Text | str) -> None:
    """Refuse to add, change or remove a row of an issued document, its lines for example (rule B5)."""
    _refuse(model, values, _('{document} was issued on {day}: its "{rows}" cannot change any more.'), rows=what)


def _refuse(model: Any, values: Mapping[str, Any], sentence: Text, **what: Text | str) -> None:
    raise Refused(
        sentence.format(document=named_document(model, values), day=values[model.life().issued_on], **what),
        _("An issued invoice is corrected by a credit note, never changed.")
        if model is Invoice
        else _("Make a new one instead."),
    )


def _completed(old: Mapping[str, Any] | None, new: dict[str, Any], work: Work) -> dict[str, Any]:
    if old is None and new["issuer"] is None:
        new["issuer"] = work.setting(SETTING)  # and not a statement for each row of a batch
    if new["due_date"] is not None and new["date"] is not None and new["due_date"] < new["date"]:
        raise Refused(
            _("A document of {date} cannot be due on {due}, before it.").format(date=new["date"], due=new["due_date"]),
            _("Give a --due-date that is not before the --date."),
        )
    _check_rounding(old, new)
    new["payable"] = _payable(new)
    return new


def _check_rounding(old: Mapping[str, Any] | None, new: Mapping[str, Any]) -> None:
    """Refuse a new rounding that is an allowance or a charge in disguise: no VAT would be reckoned with it."""
    rounding = new["rounding"]
    if rounding is None or only_rounds(rounding.amount) or (old is not None and rounding == old["rounding"]):
        return
    if rounding.currency != new["currency"]:
        return  # refused as such
    from besace_documents.problems import rounding_problem

    problem = rounding_problem(rounding)
    raise Refused(problem.message, problem.mend)


def _payable(new: Mapping[str, Any]) -> Money | None:
    gross, prepaid, rounding = new["gross"], new["prepaid"], new["rounding"]
    if gross is None:
        return None
    taken = [-prepaid.amount] if prepaid is not None else []
    added = [rounding.amount] if rounding is not None else []
    return Money(sum([*taken, *added], gross.amount), gross.currency)


def reckoned(new: dict[str, Any]) -> dict[str, Any]:
    """What follows from the payments and credit notes of an issued invoice."""
    payable, currency = new["payable"], new["currency"]
    if payable is None:
        return new  # issued before documents had lines, and without an amount
    nothing = Money.of_minor(0, currency)
    paid, credited, prepaid = new["paid"] or nothing, new["credited"] or nothing, new["prepaid"] or nothing
    is_whole = paid.amount >= payable.amount
    return new | {
        "paid": paid,
        "credited": credited,
        "due": Money(payable.amount - paid.amount - credited.amount, currency),
        "paid_net": new["net"] if is_whole else share(new["net"], paid + prepaid, new["gross"]),
        "state": standing(payable, paid, credited, prepaid),
    }


def share(amount: Money, part: Money, whole: Money) -> Money:
    """An amount x part / whole, rounded half up; nothing of an empty whole."""
    if not whole.minor:
        return Money.of_minor(0, amount.currency)
    exact = Fraction(amount.amount) * Fraction(part.amount) / Fraction(whole.amount)
    return Money(rounded(exact, digits(amount.currency)), amount.currency)
