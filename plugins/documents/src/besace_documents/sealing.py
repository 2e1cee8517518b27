"""What an issued document says, frozen: its content with everybody on it as they were, and the seal over it.

Each seal is the SHA-256 of the content and of the seal before it in the series: a document that is changed, added
or taken away past the program does not fit any more.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING, Any, get_origin, get_type_hints

import sqlalchemy as sa

from besace import entities, parts
from besace.money import in_units, rounded
from besace.reading import mention, parts_of
from besace.relations import link_table
from besace.texts import translator
from besace_documents.arithmetic import Vat, places_of
from besace_documents.content import FIRST, Content, ContentAdjustment, ContentLine, Party, Preceding
from besace_documents.damaged import Damaged, check_amounts, check_rows
from besace_documents.lines import line_of, rows_of_many, totals_of
from besace_documents.models import CONVERTED, CREDITS, DocumentSeal
from besace_documents.products import operation_of

if TYPE_CHECKING:
    from besace.database import Work

_ = translator(__name__)

_PRECEDING = {"corrects": ("credit_note", CREDITS, "invoice"), "order": ("invoice", CONVERTED, "sales_order")}
"""How a document names one before it, by place: which type of document, by which link, and of which type that is."""

ON_DEBITS = "vat_on_debits"
"""The setting that says whether the firm owes the VAT of services as soon as they are invoiced."""

_OF_BOTH = ("address", "postal_code", "city", "country", "phone", "email")
_OF_ORGANISATION = ("siren", "siret", "vat_number", "legal_form", "registration", "iban", "bic")


@dataclass(frozen=True)
class Fixed:
    """What a document says besides its own fields and rows: as it was on the day of issue."""

    seller: Party
    buyer: Party
    corrects: Preceding | None = None
    order: Preceding | None = None
    mentions: Sequence[str] = ()
    operation: str | None = None
    vat_on_debits: bool | None = None

    @property
    def json(self) -> str:
        """Its stored form."""
        return json.dumps(asdict(self), ensure_ascii=False, default=date.isoformat)

    @classmethod
    def stored(cls, text: str) -> Fixed:
        """What was stored of it; raises ValueError for what never was."""
        try:
            said = json.loads(text)
            said |= {place: Party(**said[place]) for place in ("seller", "buyer")}
            said |= {place: _preceding_stored(said[place]) for place in ("corrects", "order")}
            fixed = cls(**said)
            for each in (fixed, fixed.seller, fixed.buyer, fixed.corrects, fixed.order):
                if each is not None:
                    _check_types(each)
        except (AttributeError, KeyError, TypeError, RecursionError) as error:
            raise ValueError(str(error)) from None
        return fixed

    @classmethod
    def of(cls, content: Content) -> Fixed:
        """That of a document."""
        return cls(**{field.name: getattr(content, field.name) for field in fields(cls)})


def _preceding_stored(said: Any) -> Preceding | None:
    return None if said is None else Preceding(said["number"], date.fromisoformat(said["date"]))


_kinds = lru_cache(get_type_hints)


def _check_types(said: Party | Preceding | Fixed) -> None:
    """Raise TypeError where a field is not what it is declared to be."""
    declared: Any = type(said)
    for key, kind in _kinds(declared).items():
        value = getattr(said, key, None)
        if get_origin(kind) is Sequence:  # of texts
            is_right = isinstance(value, list) and all(isinstance(text, str) for text in value)
        else:
            is_right = isinstance(value, kind)
        if not is_right:
            raise TypeError(key)


@dataclass(frozen=True)
class Sealed:
    """What a document says, with its seal and the one before it in its series; none for a draft."""

    content: Content
    sha256: str | None = None
    before: str | None = None


def content_of(
    values: Mapping[str, Any],
    lines: Sequence[Mapping[str, Any]],
    adjustments: Sequence[Mapping[str, Any]],
    fixed: Fixed,
) -> Content:
    """The content of a document, from its values (with its `type`) and rows, and from what is fixed beside them."""
    totals = totals_of(values, lines, adjustments)
    places = places_of(values["currency"])
    of_document = [a for a in adjustments if a["line"] is None]
    parties = {"seller": values["issuer"], "buyer": values["customer"]}
    beside = {field.name: getattr(fixed, field.name) for field in fields(fixed)}
    beside |= {place: replace(beside[place], entity=entity) for place, entity in parties.items()}
    said = ("number", "date", "currency", "due_date", "subject", "buyer_reference", "payment_terms", "notes")
    return Content(
        type=values["type"],
        **{key: values[key] for key in said},
        delivery_address=values["delivery_address"],
        delivery_date=values["delivery_date"],
        lines=[_line(line, adjustments, net, places) for line, net in zip(lines, totals.line_nets, strict=True)],
        adjustments=[
            replace(_adjustment(a), amount=_stated(a, amount, places), vat=Vat(a["vat_category"], a["vat_rate"]))
            for a, amount in zip(of_document, totals.adjustment_amounts, strict=True)
        ],
        totals=totals,
        **beside,
    )


def _line(line: Mapping[str, Any], adjustments: Sequence[Mapping[str, Any]], net: Any, places: int) -> ContentLine:
    reckoned = line_of(line, [a for a in adjustments if a["line"] == line["id"]])
    discount = [] if not line["discount"] else [{"kind": "allowance", "percent": line["discount"]}]
    rows = [*discount, *(a for a in adjustments if a["line"] == line["id"])]
    return ContentLine(
        name=line["name"],
        quantity=line["quantity"],
        unit=line["unit"],
        price=line["unit_price"],
        base_quantity=line["base_quantity"],
        vat=reckoned.vat,
        net=net,
        description=line["description"],
        code=line["code"],
        exemption_reason=line["exemption_reason"],
        adjustments=[
            replace(_adjustment(row), amount=_stated(row, rounded(reckoning.of(reckoned.gross), places), places))
            for row, reckoning in zip(rows, reckoned.adjustments, strict=True)
        ],
    )


def _adjustment(values: Mapping[str, Any]) -> ContentAdjustment:
    base = values.get("base")
    is_percent = values.get("amount") is None  # an amount goes before a percentage
    return ContentAdjustment(
        is_charge=values["kind"] == "charge",
        amount=Decimal(0),
        percent=values["percent"] if is_percent else None,
        base=base.amount if is_percent and base is not None else None,
        reason=values.get("reason"),
        reason_code=values.get("reason_code"),
    )


def _stated(values: Mapping[str, Any], reckoned: Decimal, places: int) -> Decimal:
    """The amount of an allowance or charge; one that is finer than a document may have stays so, and is refused."""
    given = values.get("amount")
    return reckoned if given is None or in_units(given.amount, places) is not None else Decimal(given.amount)


def contents(work: Work, type_key: str, ids: Sequence[int]) -> dict[int, Sealed]:
    """What documents of one type say: as they were issued, or as they would be issued now; with their seals.

    Raises Damaged for one that cannot be read, or reckoned with.
    """
    info = work.crm.registry.type(type_key)
    documents = entities.read_values(work, info, ids)
    lines, adjustments = rows_of_many(work, {key: values["currency"] for key, values in documents.items()})
    seals = {part.owner_id: part for part in parts_of(work, DocumentSeal, list(documents))}
    return {
        key: _sealed(work, {**values, "type": type_key}, lines[key], adjustments[key], seals.get(key))
        for key, values in documents.items()
    }


def _sealed(
    work: Work,
    values: Mapping[str, Any],
    lines: Sequence[Mapping[str, Any]],
    adjustments: Sequence[Mapping[str, Any]],
    seal: DocumentSeal | None,
) -> Sealed:
    named = mention(work.crm.registry.label_of_type(values["type"]), values["id"], values["label"])
    check_rows(named, lines, adjustments)
    try:
        fixed = _fixed_now(work, values, lines) if seal is None else Fixed.stored(seal.fixed)
    except ValueError:
        raise Damaged(
            _("{document}: what was fixed when it was issued cannot be read any more.").format(document=named)
        ) from None
    content = content_of(values, lines, adjustments, fixed)
    check_amounts(named, content.currency, lines, content.totals)
    return Sealed(content) if seal is None else Sealed(content, seal.sha256, seal.before)


def seal(work: Work, content: Content, document: int, before: str | None) -> str:
    """Keep the seal of a document that is issued, after the one before it in its series; returns it."""
    sha256 = content.sealed(before or FIRST)
    kept = {"fixed": Fixed.of(content).json, "sha256": sha256, "before": before}
    parts.add_many(work, DocumentSeal, [(document, kept)], touching=False)
    return sha256


def _fixed_now(work: Work, values: Mapping[str, Any], lines: Sequence[Mapping[str, Any]]) -> Fixed:
    """Who is on a document and what it follows, as they are now: some statements, however many lines."""
    issuer, customer, language = values["issuer"], values["customer"], work.setting("language")
    types = work.crm.registry
    known = entities.read_values(work, types.type("organisation"), [i for i in (issuer, customer) if i is not None])
    if customer not in known:
        known |= entities.read_values(work, types.type("contact"), [customer])
    buyer = party(known[customer], language) if customer in known else Party("")
    if values["billing_address"]:
        buyer = replace(buyer, address=values["billing_address"], postal_code=None, city=None)
    seller = party(known[issuer], language) if issuer in known else Party("")
    corrects, order = (_preceding(work, values, place) for place in ("corrects", "order"))
    debits = work.setting(ON_DEBITS) or None
    return Fixed(seller, buyer, corrects, order, operation=operation_of(work, lines), vat_on_debits=debits)


def party(values: Mapping[str, Any], language: str) -> Party:
    """An organisation or a contact as it stands on a document, from its values."""
    capital = values.get("capital")
    return Party(
        name=values["label"],
        **{key: values[key] for key in _OF_BOTH},
        **{key: values.get(key) for key in _OF_ORGANISATION},
        capital=None if capital is None else capital.in_language(language),
        business=True if "siren" in values else None,
    )


def _preceding(work: Work, values: Mapping[str, Any], place: str) -> Preceding | None:
    """The number and date of the document that one corrects or follows."""
    of, relation, type_key = _PRECEDING[place]
    if values["type"] != of:
        return None
    info = work.crm.registry.type(type_key)
    source = info.source()
    row = work.execute(
        sa.select(source["number"].label("number"), source["date"].label("date"))
        .select_from(source.join.join(link_table, link_table.c.object_id == source.id))
        .where(link_table.c.subject_id == values["id"], link_table.c.type == relation, source["number"].is_not(None))
        .order_by(source.id)
        .limit(1)
    ).first()
    return None if row is None else Preceding(row.number, row.date)
