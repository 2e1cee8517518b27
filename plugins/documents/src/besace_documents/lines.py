"""The lines of documents, their allowances and charges, and the totals that follow from them (rules B2, B3)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped

from besace import entities, fields
from besace.changes import record
from besace.dialects import among
from besace.errors import InvalidValue, Refused
from besace.model import Part, Ref
from besace.money import Money, rounded
from besace.part_rows import entry_of
from besace.reading import Found, found_entities, mention
from besace.texts import translator
from besace.values import accept, loaded
from besace_documents import arithmetic, codes
from besace_documents.damaged import check_lines
from besace_documents.models import DOCUMENTS, TYPES, named_document, refuse_change_of_rows
from besace_documents.products import GIVEN, filled
from besace_documents.states import DRAFT
from besace_documents.vat import LABELS, STANDARD, TAXED, ZERO

if TYPE_CHECKING:
    from besace.database import Work

_ = translator(__name__)

ALLOWANCE, CHARGE = "allowance", "charge"

DEFAULT_RATE = "default_vat_rate"
"""The setting that says which rate holds where none is given."""


def clean_unit(text: str) -> str:
    """A code of UN/ECE Recommendation 20, in capitals; raises InvalidValue."""
    code = text.upper()
    if not codes.is_known(code, "units"):
        raise InvalidValue(
            _('"{text}" is not the code of a unit.').format(text=text),
            _("Expected a code of UN/ECE Recommendation 20: C62 (one), HUR (hour), DAY (day), KGM (kilogram)."),
        )
    return code


class _OfDocument:
    """What lines and adjustments have in common: they are written in drafts, and totals follow from them."""

    @classmethod
    def check_removal(cls, old: Mapping[str, Any], owner: Mapping[str, Any], work: Work) -> None:
        """Rule B5: what is issued keeps its lines."""
        _refuse_issued(cls, owner)

    @classmethod
    def written(cls, work: Work, owners: Sequence[int]) -> None:
        """Keep the totals of the documents."""
        keep_totals(work, owners)


class DocumentLine(
    _OfDocument,
    Part,
    of=DOCUMENTS,
    key="document_line",
    label=_("Line"),
    plural=_("Lines"),
):
    """A line of a document: a product or free text, with its quantity, price and VAT."""

    product: Mapped[Ref | None] = fields.entity(
        "Product", types=("product",), help="A product of the catalogue, which gives what is not given here."
    )
    code: Mapped[str | None] = fields.text("Code", length=80, help="The code of what is sold.")
    name: Mapped[str] = fields.text("Name", completed=True, example="Line {n}", help="What is sold, in a few words.")
    description: Mapped[str | None] = fields.long_text("Description", length=5000, help="What else there is to say.")
    quantity: Mapped[Decimal] = fields.decimal(
        "Quantity", default=Decimal(1), help="How much of it; below 0 to take something back."
    )
    unit: Mapped[str] = fields.text(
        "Unit",
        length=3,
        completed=True,
        clean=clean_unit,
        example="C62",
        help="The code of the unit (UN/ECE Rec. 20), C62 unless given: a piece.",
    )
    unit_price: Mapped[Decimal] = fields.decimal(
        "Unit price", places=6, completed=True, example="12.5", help="The price of the base quantity, without VAT."
    )
    base_quantity: Mapped[Decimal] = fields.decimal(
        "Base quantity", default=Decimal(1), help="For how many units the price is: 1 unless given."
    )
    discount: Mapped[Decimal | None] = fields.decimal(
        "Discount", places=4, minimum=0, maximum=100, help="An allowance in percent."
    )
    vat_category: Mapped[str] = fields.choice(
        "VAT category",
        LABELS,
        completed=True,
        help="Which VAT it is subject to: S unless given, and Z where its product has a rate of 0.",
    )
    vat_rate: Mapped[Decimal | None] = fields.decimal(
        "VAT rate",
        places=4,
        minimum=0,
        maximum=100,
        help="In percent; that of the product, or the usual one, unless given.",
    )
    exemption_reason: Mapped[str | None] = fields.text(
        "Exemption reason", length=1000, help="Why there is no VAT, where the category does not say it all."
    )
    net: Mapped[Money | None] = fields.money("Net", read_only=True, help="Its amount without VAT.")

    @classmethod
    def prepare(
        cls, old: Mapping[str, Any] | None, new: dict[str, Any], owner: Mapping[str, Any], work: Work
    ) -> dict[str, Any]:
        """Rule B2: what is not given comes from the product; numbers within their bounds; in drafts alone."""
        _refuse_issued(cls, owner, old, new)
        if old is not None and new["product"] not in (None, old["product"]):
            new = new | _left(old, new)
            (new,) = complete(work, [new], owner["currency"], is_chosen=True)
        elif old is None and new["net"] is None:  # and not one of a document that is made with its lines
            (new,) = complete(work, [new], owner["currency"], is_chosen=True)
        _check_line_values(new, work)
        is_changed = old is not None and any(new[key] != old[key] for key in _RECKONED)
        is_whole = all(new[key] is not None for key in ("quantity", "base_quantity", "unit_price"))
        if is_whole and (new["net"] is None or is_changed):
            own = [] if old is None else _adjustments_of_line(work, old["id"], owner)
            reckoned = arithmetic.line_net(line_of(new, own), arithmetic.places_of(owner["currency"]))
            new["net"] = Money(reckoned, owner["currency"])
        return new

    @classmethod
    def check_removal(cls, old: Mapping[str, Any], owner: Mapping[str, Any], work: Work) -> None:
        """As of all rows of documents; and a line goes after what is taken off it or added."""
        super().check_removal(old, owner, work)
        own = _adjustments_of_line(work, old["id"], owner)
        if own:
            raise Refused(
                _('Line {id}, "{name}", has an allowance or charge: "{reason}".').format(
                    id=old["id"], name=old["name"], reason=own[0]["reason"]
                ),
                _("Remove that first: besace document-adjustment remove {id}").format(id=own[0]["id"]),
            )


class DocumentAdjustment(
    _OfDocument,
    Part,
    of=DOCUMENTS,
    key="document_adjustment",
    label=_("Allowance or charge"),
    plural=_("Allowances and charges"),
):
    """What is taken off a document or one of its lines, or added to it, as an amount or in percent."""

    line: Mapped[int | None] = fields.integer(
        "Line", help="The id of the line that it is about; else the whole document."
    )
    kind: Mapped[str] = fields.choice(
        "Kind",
        {ALLOWANCE: _("Allowance"), CHARGE: _("Charge")},
        default=ALLOWANCE,
        help="Whether it is taken off or added.",
    )
    amount: Mapped[Money | None] = fields.money("Amount", minimum=0, help="How much it is, if not in percent.")
    percent: Mapped[Decimal | None] = fields.decimal(
        "Percent",
        places=4,
        minimum=0,
        maximum=100,
        example="5",
        help="How many percent it is; an amount goes before it.",
    )
    base: Mapped[Money | None] = fields.money(
        "Base", minimum=0, help="What the percentage is of; what it is about, unless given."
    )
    reason: Mapped[str] = fields.text("Reason", length=200, help="Why: a rebate, the packaging, the freight.")
    reason_code: Mapped[str | None] = fields.text(
        "Reason code", length=3, help="Its code in UNTDID 5189 (allowance) or 7161 (charge)."
    )
    vat_category: Mapped[str] = fields.choice(
        "VAT category", LABELS, default="S", help="Of a whole document: in which VAT group it is."
    )
    vat_rate: Mapped[Decimal | None] = fields.decimal(
        "VAT rate", places=4, minimum=0, maximum=100, help="Of a whole document: the rate of its VAT group."
    )

    @classmethod
    def prepare(
        cls, old: Mapping[str, Any] | None, new: dict[str, Any], owner: Mapping[str, Any], work: Work
    ) -> dict[str, Any]:
        """An amount, else a percentage, of the document or of one of its lines; in drafts alone."""
        _refuse_issued(cls, owner, old, new)
        if new["amount"] is None and new["percent"] is None:
            raise Refused(
                _("An allowance or charge is an amount or a percentage."),
                _("Give one of --amount and --percent."),
            )
        if new["line"] is None:
            _complete_vat(new, work)
        else:
            _check_line(work, new["line"], owner)  # whose VAT is that of the line
        return new


def complete(
    work: Work,
    rows: Sequence[Mapping[str, Any]],
    currency: str,
    *,
    is_copied: bool = False,
    is_chosen: bool = False,
) -> list[dict[str, Any]]:
    """Values of new lines with all that goes without saying: from their products, else what is usual.

    `is_copied`: they say all that they had to say, and their products have no part in it any more. `is_chosen`: their
    products are chosen now, so that one which is not sold any more is refused.
    """
    known, empty = DocumentLine.__fields__, dict.fromkeys(DocumentLine.__fields__)
    with work.amounts_in(currency):
        rows = [{**row, **accept(known, {k: row[k] for k in known if k in row}, work)} for row in rows]
    usual = {"quantity": Decimal(1), "base_quantity": Decimal(1), "unit": "C62"}
    made = []
    whole = [{**empty, **row} for row in rows]
    for row in whole if is_copied else filled(work, whole, currency, is_chosen=is_chosen):
        category = STANDARD if row["vat_rate"] is not None or work.setting(DEFAULT_RATE) else ZERO
        new = row | {k: value for k, value in {**usual, "vat_category": category}.items() if row[k] is None}
        _check_line_values(new, work)
        made.append(new)
    return made


def line_of(values: Mapping[str, Any], adjustments: Sequence[Mapping[str, Any]]) -> arithmetic.Line:
    """What a line is reckoned from: its values, and those of its adjustments."""
    own = [] if not values["discount"] else [arithmetic.Adjustment(percent=values["discount"])]
    return arithmetic.Line(
        values["quantity"],
        values["unit_price"],
        arithmetic.Vat(values["vat_category"], values["vat_rate"]),
        values["base_quantity"],
        [*own, *(adjustment_of(a) for a in adjustments)],
    )


def adjustment_of(values: Mapping[str, Any]) -> arithmetic.DocumentAdjustment:
    """What an allowance or charge is reckoned from."""
    return arithmetic.DocumentAdjustment(
        values["kind"] == CHARGE,
        None if values["amount"] is None else values["amount"].amount,
        values["percent"],
        None if values["base"] is None else values["base"].amount,
        vat=arithmetic.Vat(values["vat_category"], values["vat_rate"]),
    )


def totals_of(
    document: Mapping[str, Any], lines: Sequence[Mapping[str, Any]], adjustments: Sequence[Mapping[str, Any]]
) -> arithmetic.Totals:
    """The totals of a document, given as values: its lines, and all its adjustments, of lines or of the whole.

    An adjustment names its line by id (`line`); the values of a line hold their `id`.
    """

    def amount(key: str) -> Decimal:
        return Decimal(0) if document.get(key) is None else document[key].amount

    return arithmetic.total(
        [line_of(line, [a for a in adjustments if a["line"] and a["line"] == line.get("id")]) for line in lines],
        [adjustment_of(a) for a in adjustments if a["line"] is None],
        prepaid=amount("prepaid"),
        rounding=amount("rounding"),
        places=arithmetic.places_of(document["currency"]),
    )


def adjustment_amounts(
    lines: Sequence[Mapping[str, Any]],
    adjustments: Sequence[Mapping[str, Any]],
    totals: arithmetic.Totals,
    currency: str,
) -> list[Decimal]:
    """The rounded amount of each adjustment, of a line or of the whole document."""
    grosses = {line["id"]: line_of(line, ()).gross for line in lines}
    of_document = iter(totals.adjustment_amounts)
    places = arithmetic.places_of(currency)
    return [
        next(of_document) if a["line"] is None else rounded(adjustment_of(a).of(grosses[a["line"]]), places)
        for a in adjustments
    ]


def keep_totals(work: Work, owners: Sequence[int]) -> None:
    """Write the totals of documents, and the net amounts of their lines, as they follow from the lines."""
    for entity in found_entities(work, owners).values():
        info = work.crm.registry.type(entity.type)
        values = entities.read_values(work, info, [entity.id])[entity.id]
        lines, adjustments = rows_of(work, entity.id, entity.currency)
        check_lines(mention(info.label, entity.id, entity.label), lines)
        totals = totals_of(values, lines, adjustments)
        _keep_nets(work, entity, lines, totals.line_nets)
        entities.edit_many(
            work, info.key, {entity.id: amounts(totals, entity.currency, has_lines=bool(lines or adjustments))},
            unlock=("net", "vat", "gross"),
        )  # fmt: skip


def _keep_nets(work: Work, document: Found, lines: Sequence[Mapping[str, Any]], nets: Sequence[Decimal]) -> None:
    """Write the net amounts of lines that an allowance or charge of theirs has changed, and their history."""
    info, table = work.crm.registry.part(DocumentLine.__key__), DocumentLine.__table__
    moved = [
        (line, Money(net, document.currency))
        for line, net in zip(lines, nets, strict=True)
        if line["net"] is None or line["net"].amount != net
    ]
    if not moved:
        return
    statement = sa.update(table).where(table.c.id == sa.bindparam("line_id")).values(net=sa.bindparam("new_net"))  # type: ignore[arg-type] # the table of a class is one
    work.connection().execute(statement, [{"line_id": line["id"], "new_net": net.minor} for line, net in moved])
    record(work, [entry_of(info, "edit", document.id, line["id"], {"net": (line["net"], net)}) for line, net in moved])
    for line, _net in moved:
        known = work.identity_map.get((DocumentLine, (line["id"],), None))
        if known is not None:
            work.expire(known)


def amounts(totals: arithmetic.Totals, currency: str, *, has_lines: bool = True) -> dict[str, Money | None]:
    """The amounts that a document keeps of its totals; none of a document without lines."""
    kept = {"net": totals.net, "vat": totals.vat, "gross": totals.gross}
    return {key: Money(amount, currency) if has_lines else None for key, amount in kept.items()}


def rows_of(work: Work, document: int, currency: str) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """The values of the lines and of the adjustments of a document, each with its id: two statements."""
    lines, adjustments = rows_of_many(work, {document: currency})
    return lines[document], adjustments[document]


def adjustments_of(work: Work, document: int, currency: str) -> list[dict[str, Any]]:
    """The values of the adjustments of a document, each with its id."""
    return _values(work, DocumentAdjustment, {document: currency})[document]


def rows_of_many(
    work: Work, documents: Mapping[int, str]
) -> tuple[dict[int, list[dict[str, Any]]], dict[int, list[dict[str, Any]]]]:
    """The values of the lines and of the adjustments of some documents, given with their currencies."""
    return _values(work, DocumentLine, documents), _values(work, DocumentAdjustment, documents)


def _values(work: Work, model: Any, documents: Mapping[int, str]) -> dict[int, list[dict[str, Any]]]:
    table = model.__table__
    found: dict[int, list[dict[str, Any]]] = {document: [] for document in documents}
    statement = sa.select(table).where(among(work, table.c.owner_id, documents)).order_by(table.c.id)
    for row in work.execute(statement).mappings():
        values = loaded(model.__fields__, row, documents[row["owner_id"]])
        found[row["owner_id"]].append({**values, "id": row["id"]})
    return found


_RECKONED = ("quantity", "unit_price", "base_quantity", "discount")
"""What the net amount of a line is reckoned from, besides its allowances and charges."""


def _left(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, None]:
    """What a line that gets another product leaves to that one: all that is as it was with the one before.

    The VAT category only where a product tells it: that of a reverse charge or an export is due to the customer.
    """
    keys = {*GIVEN, "unit"} | ({"vat_category"} if old["vat_category"] in (STANDARD, ZERO) else set())
    return {key: None for key in keys if new[key] == old[key]}


def _adjustments_of_line(work: Work, line: int, owner: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [a for a in adjustments_of(work, owner["id"], owner["currency"]) if a["line"] == line]


def _refuse_issued(
    cls: Any, owner: Mapping[str, Any], old: Mapping[str, Any] | None = None, new: Mapping[str, Any] | None = None
) -> None:
    """Rule B5: a document that is issued keeps what it says."""
    if owner["state"] != DRAFT and (old is None or new is None or any(new[k] != old.get(k) for k in new)):
        refuse_change_of_rows(TYPES[owner["type"]], owner, cls.__plural__)


def _check_line_values(new: dict[str, Any], work: Work) -> None:
    """Refuse numbers that a line cannot have, and complete its VAT."""
    if new["unit_price"] is not None and new["unit_price"] < 0:
        raise Refused(
            _('The unit price of "{name}" is below 0.').format(name=new["name"]),
            _("Reverse the quantity instead: --quantity -1 (EN 16931, BR-27)."),
        )
    if new["base_quantity"] is not None and new["base_quantity"] <= 0:
        raise Refused(
            _('The base quantity of "{name}" is not above 0.').format(name=new["name"]),
            _("Give for how many units the price is: --base-quantity 1."),
        )
    _complete_vat(new, work)


def _complete_vat(new: dict[str, Any], work: Work) -> None:
    """The rate that goes without saying; refuses one that contradicts the category."""
    category, rate = new["vat_category"], new["vat_rate"]
    if category is None:
        return  # a required field, and refused as such
    if rate is None and category in TAXED:
        new["vat_rate"] = rate = work.setting(DEFAULT_RATE)
    if rate is None and category != "O":
        new["vat_rate"] = rate = Decimal(0)
    if (category in TAXED and not rate) or (category not in TAXED and rate):
        raise Refused(
            _('The VAT category {category}, "{label}", does not go with a rate of {rate} %.').format(
                category=category, label=LABELS[category], rate=format((rate or Decimal(0)).normalize(), "f")
            ),
            _("Give another --vat-rate, or another --vat-category: S has a rate, Z is the zero rate."),
        )


def _check_line(work: Work, line: int, owner: Mapping[str, Any]) -> None:
    if line in owner.get("parts", {}).get(DocumentLine.__key__, ()):
        return  # both are created at once
    table: Any = DocumentLine.__table__
    if work.scalar(sa.select(table.c.owner_id).where(table.c.id == line)) != owner["id"]:
        raise Refused(
            _("{document} has no line {id}.").format(document=named_document(TYPES[owner["type"]], owner), id=line),
            _("See its lines with: besace document-line list {id}").format(id=owner["id"]),
        )
