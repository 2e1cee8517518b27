"""Quotes, invoices, and the series from which invoices take their numbers."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped

from besace import fields
from besace.errors import Refused
from besace.model import SYSTEM_FIELDS, Entity, Part, Ref
from besace.money import Money
from besace.reading import mention
from besace.texts import Text, translator
from besace_documents.states import (
    DRAFT,
    INVOICE_STATES,
    INVOICE_STEPS,
    QUOTE_STATES,
    QUOTE_STEPS,
    check_state,
)
from besace_persons.own import SETTING

if TYPE_CHECKING:
    from besace.database import Work

_ = translator(__name__)

_CUSTOMERS = ("organisation", "contact")
_STILL_FREE = frozenset({"state", "paid_on", "owner", "external_system", "external_id", "version", "modified_at"})
"""What may change once an invoice is issued: none of it is content."""


class Quote(Entity, type="quote", label=_("Quote"), plural=_("Quotes"), status="state"):
    """An offer to a customer, with its price."""

    number: Mapped[str | None] = fields.text(
        "Number", names_row=True, length=40, help="Its number, as the firm counts its quotes."
    )
    subject: Mapped[str | None] = fields.text("Subject", names_row=True, help="What it is about, in a few words.")
    customer: Mapped[Ref] = fields.entity("Customer", types=_CUSTOMERS, help="To whom it is made.")
    issuer: Mapped[Ref | None] = fields.entity(
        "Issuer",
        types=("organisation",),
        help="Which of our organisations makes it; the install's own unless given.",
    )
    date: Mapped[datetime.date] = fields.date("Date", default="today", help="Its date.")
    due_date: Mapped[datetime.date | None] = fields.date(
        "Valid until", help="The last day on which it can be accepted."
    )
    net: Mapped[Money | None] = fields.money("Net", minimum=0, help="The amount without VAT.")
    vat: Mapped[Money | None] = fields.money("VAT", minimum=0, help="The amount of the VAT.")
    gross: Mapped[Money | None] = fields.money("Gross", read_only=True, help="Net and VAT together.")
    state: Mapped[str] = fields.choice("State", QUOTE_STATES, default="draft", read_only=True, help="How far it is.")
    sent_on: Mapped[datetime.date | None] = fields.date("Sent on", read_only=True, help="When it was sent.")
    accepted_on: Mapped[datetime.date | None] = fields.date("Accepted on", read_only=True, help="When it was accepted.")
    refused_on: Mapped[datetime.date | None] = fields.date("Refused on", read_only=True, help="When it was refused.")
    expired_on: Mapped[datetime.date | None] = fields.date("Expired on", read_only=True, help="When it expired.")

    @classmethod
    def prepare(cls, old: Mapping[str, Any] | None, new: dict[str, Any], work: Work) -> dict[str, Any]:
        """Its state is one to which a step leads; who issues it unless one is named, and the sum."""
        before = None if old is None else old["state"]
        check_state(_named(cls, old), before, new["state"], QUOTE_STEPS, QUOTE_STATES)
        return _completed(old, new, work)

    @classmethod
    def label_of(cls, values: Mapping[str, Any]) -> str:
        """Its number, else its subject, else what it has."""
        return _label(values)


class Invoice(Entity, type="invoice", label=_("Invoice"), plural=_("Invoices"), status="state"):
    """What a customer owes, once it is issued."""

    __table_args__ = (sa.UniqueConstraint("issuer_id", "number"),)

    number: Mapped[str | None] = fields.text(
        "Number", names_row=True, length=40, read_only=True, help="Its number, given when it is issued."
    )
    subject: Mapped[str | None] = fields.text("Subject", names_row=True, help="What it is about, in a few words.")
    customer: Mapped[Ref] = fields.entity("Customer", types=_CUSTOMERS, help="Who owes it.")
    issuer: Mapped[Ref | None] = fields.entity(
        "Issuer",
        types=("organisation",),
        help="Which of our organisations issues it; the install's own unless given.",
    )
    date: Mapped[datetime.date] = fields.date(
        "Date", default="today", help="Its date; the day of issue once it is issued."
    )
    due_date: Mapped[datetime.date | None] = fields.date("Due date", help="The day by which it is to be paid.")
    net: Mapped[Money | None] = fields.money("Net", minimum=0, help="The amount without VAT.")
    vat: Mapped[Money | None] = fields.money("VAT", minimum=0, help="The amount of the VAT.")
    gross: Mapped[Money | None] = fields.money("Gross", read_only=True, help="Net and VAT together.")
    state: Mapped[str] = fields.choice("State", INVOICE_STATES, default="draft", read_only=True, help="How far it is.")
    issued_on: Mapped[datetime.date | None] = fields.date("Issued on", read_only=True, help="When it was issued.")
    paid_on: Mapped[datetime.date | None] = fields.date("Paid on", read_only=True, help="When it was paid.")

    @classmethod
    def prepare(cls, old: Mapping[str, Any] | None, new: dict[str, Any], work: Work) -> dict[str, Any]:
        """Rules B4 and B5: a number from its issue on, and no change any more; before, as for a quote."""
        named, before = _named(cls, old), None if old is None else old["state"]
        check_state(named, before, new["state"], INVOICE_STEPS, INVOICE_STATES)
        if old is not None and before != DRAFT:
            _refuse_changes(named, old, new)
            return new
        if {new["number"] is not None, new["issued_on"] is not None} != {new["state"] != DRAFT}:
            raise Refused(
                _("{invoice} has a number and a day of issue once it is issued, and not before.").format(invoice=named),
                _("Issue it with: besace invoice issue INVOICE"),
            )
        return _completed(old, new, work)

    @classmethod
    def label_of(cls, values: Mapping[str, Any]) -> str:
        """Its number, else its subject, else what it has."""
        return _label(values)


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


def _completed(old: Mapping[str, Any] | None, new: dict[str, Any], work: Work) -> dict[str, Any]:
    if old is None and new["issuer"] is None:
        new["issuer"] = work.setting(SETTING)  # and not a statement for each row of a batch
    if new["due_date"] is not None and new["date"] is not None and new["due_date"] < new["date"]:
        raise Refused(
            _("A document of {date} cannot be due on {due}, before it.").format(date=new["date"], due=new["due_date"]),
            _("Give a --due-date that is not before the --date."),
        )
    net, vat = new["net"], new["vat"]
    # Of two currencies there is no sum, and the door refuses one of them.
    added = net is not None and vat is not None and net.currency == vat.currency
    new["gross"] = net + vat if added else net
    return new


def _named(model: type[Quote | Invoice], old: Mapping[str, Any] | None) -> Text:
    return model.__label__ if old is None else mention(model.__label__, old["id"], old["label"])


def _label(values: Mapping[str, Any]) -> str:
    net = values.get("net")
    fallback = str(values["date"]) if net is None else f"{values['date']} {net}"
    return str(values.get("number") or values.get("subject") or fallback)


def _refuse_changes(named: Text, old: Mapping[str, Any], new: Mapping[str, Any]) -> None:
    changed = [key for key in new if key not in _STILL_FREE and new[key] != old.get(key)]
    if changed:
        field = (SYSTEM_FIELDS | Invoice.__fields__)[changed[0]]
        raise Refused(
            _('{invoice} was issued on {day}: its field "{field}" cannot change any more.').format(
                invoice=named, day=old["issued_on"], field=field.label
            ),
            _("An issued invoice is corrected by a credit note, never changed."),
        )
