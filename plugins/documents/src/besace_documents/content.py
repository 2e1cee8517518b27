"""What a document says, whole and apart from any database: what its PDF, its XML and its seal are made from.

It is frozen when the document is issued: what changes afterwards at its customer or its issuer does not change it.
"""

from __future__ import annotations

import dataclasses
import datetime
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from besace_documents.arithmetic import Totals, Vat

FIRST = ""
"""What stands for the seal before the first one of a series."""


@dataclass(frozen=True)
class Party:
    """An issuer or a customer, as it was. `address` holds lines of street; `country` is a code of ISO 3166.

    `entity` is the id of who it is: a document that was given to another of the same name says something else.
    `capital` is an amount as it is printed. What follows it serves an issuer alone, but `business`: whether it buys
    or sells for its trade, where its numbers do not show it.
    """

    name: str
    address: str | None = None
    postal_code: str | None = None
    city: str | None = None
    country: str | None = None
    siren: str | None = None
    siret: str | None = None
    vat_number: str | None = None
    phone: str | None = None
    email: str | None = None
    legal_form: str | None = None
    capital: str | None = None
    registration: str | None = None
    iban: str | None = None
    bic: str | None = None
    business: bool | None = None
    entity: int | None = None

    @property
    def is_business(self) -> bool:
        """Whether it trades: as `business` says, else where it has a number that only those have who do."""
        if self.business is not None:
            return self.business
        return any((self.siren, self.siret, self.vat_number, self.registration))


@dataclass(frozen=True)
class ContentAdjustment:
    """An allowance or charge with its rounded amount; `vat` is that of a whole document's, None on a line."""

    is_charge: bool
    amount: Decimal
    percent: Decimal | None = None
    base: Decimal | None = None
    reason: str | None = None
    reason_code: str | None = None
    vat: Vat | None = None


@dataclass(frozen=True)
class ContentLine:
    """One line: `unit` is a code of UN/ECE Recommendation 20, `net` its rounded amount without VAT."""

    name: str
    quantity: Decimal
    unit: str
    price: Decimal
    base_quantity: Decimal
    vat: Vat
    net: Decimal
    description: str | None = None
    code: str | None = None
    exemption_reason: str | None = None
    adjustments: Sequence[ContentAdjustment] = ()


@dataclass(frozen=True)
class Preceding:
    """The document that another one corrects or follows, by its number and date."""

    number: str
    date: datetime.date


@dataclass(frozen=True)
class Content:
    """A document: `type` is its key (quote, sales_order, invoice, credit_note); amounts are of `currency`.

    `corrects` is the invoice that a credit note corrects, `order` the order that an invoice follows. `mentions` are
    the sentences that the law wants on it, in its language. `operation` says what is sold: goods, services or mixed;
    `vat_on_debits` that the issuer chose to owe the VAT of services as soon as they are invoiced.
    """

    type: str
    number: str | None
    date: datetime.date
    currency: str
    seller: Party
    buyer: Party
    lines: Sequence[ContentLine]
    adjustments: Sequence[ContentAdjustment]
    totals: Totals
    due_date: datetime.date | None = None
    subject: str | None = None
    buyer_reference: str | None = None
    payment_terms: str | None = None
    notes: str | None = None
    delivery_address: str | None = None
    corrects: Preceding | None = None
    order: Preceding | None = None
    mentions: Sequence[str] = ()
    delivery_date: datetime.date | None = None
    operation: str | None = None
    vat_on_debits: bool | None = None

    @property
    def canonical(self) -> str:
        """It as one line of JSON that is the same wherever it is made: keys sorted, decimals without loose zeros."""
        return json.dumps(_plain(self), sort_keys=True, ensure_ascii=False, separators=(",", ":"))

    def sealed(self, before: str = FIRST) -> str:
        """The SHA-256 of it and of the seal before it in its series, in hexadecimal."""
        return hashlib.sha256(f"{before}\n{self.canonical}".encode()).hexdigest()


def _plain(value: Any) -> Any:
    match value:
        case Decimal():
            return format(value.normalize(), "f") if value else "0"
        case datetime.date():
            return value.isoformat()
        case _ if dataclasses.is_dataclass(value):
            fields = ((f.name, getattr(value, f.name)) for f in dataclasses.fields(value))
            return {name: _plain(v) for name, v in fields if v is not None}
        case list() | tuple():
            return [_plain(v) for v in value]
        case _:
            return value
