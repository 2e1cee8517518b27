"""What a product of the catalogue gives to a line; the catalogue belongs to another plugin, which may be absent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from besace import entities
from besace.dialects import among
from besace.errors import Refused
from besace.kinds import ItemKind
from besace.reading import mention, not_there
from besace.texts import translator
from besace_documents.vat import TAXED, ZERO

if TYPE_CHECKING:
    from besace.database import Work

_ = translator(__name__)

PRODUCT = "product"

_SOLD = {"product": "goods", "service": "services"}
"""What the law calls each kind of product."""

GIVEN = {"code": "code", "name": "name", "unit_price": "unit_price", "vat_rate": "vat_rate", "discount": "discount"}
"""What a line takes of its product: the field of the line, and that of the product."""


USUAL = "usual_operation"
"""The setting that says what lines sell which name no product."""

OPERATIONS = {"goods": _("Goods"), "services": _("Services")}
"""What a line sells, in the words of the law."""


def operation_of(work: Work, lines: Sequence[Mapping[str, Any]]) -> str | None:
    """What lines sell, as the law asks: goods, services or mixed; None where a line does not say it.

    Lines of free text, and those whose products nobody knows any more, sell what the setting says.
    """
    info = work.crm.registry.types.get(PRODUCT)
    wanted = {line["product"] for line in lines}
    named = set() if info is None else wanted - {None}
    sold: set[str | None] = {work.setting(USUAL)} if wanted - named else set()
    if info is not None and named:
        source = info.source()
        kinds = work.scalars(sa.select(source["kind"]).where(among(work, source.id, named)))
        sold |= {_SOLD.get(kind) for kind in kinds}
    if None in sold or not sold:
        return None
    return "mixed" if len(sold) > 1 else sold.pop()


def filled(
    work: Work, rows: Sequence[dict[str, Any]], currency: str, *, is_chosen: bool = False
) -> list[dict[str, Any]]:
    """Values of lines, with what their products give where nothing else is given: one statement.

    Refuses the price of a product that is in another currency than the document (rule O7), and, where it is chosen
    now, a product that is not active.
    """
    wanted = {row["product"] for row in rows if row.get("product") is not None}
    info = work.crm.registry.types.get(PRODUCT)
    if not wanted or info is None:
        return [dict(row) for row in rows]
    products = entities.read_values(work, info, sorted(wanted))
    for product in products.values() if is_chosen else ():
        _check_active(work, product)
    return [_filled(work, row, products.get(row.get("product") or 0), currency) for row in rows]


def _check_active(work: Work, product: Mapping[str, Any]) -> None:
    """Refuse a product that is not sold any more, as offers do."""
    if product["active"]:
        return
    raise Refused(
        _("{product} is not active: it cannot be offered any more.").format(
            product=mention(work.crm.registry.type(PRODUCT).label, product["id"], product["label"])
        ),
        _("Choose another one, or offer it again with: besace product edit {id} --active yes").format(id=product["id"]),
    )


def _filled(work: Work, row: dict[str, Any], product: Mapping[str, Any] | None, currency: str) -> dict[str, Any]:
    if product is None:
        if row.get("product") is not None and None in (row.get("name"), row.get("unit_price")):
            raise not_there(work, row["product"], work.crm.registry.type(PRODUCT))
        return dict(row)
    given = {key: product.get(theirs) for key, theirs in GIVEN.items()} | {"unit": _unit(work, product.get("unit"))}
    if row.get("vat_category") not in (None, *TAXED):
        given["vat_rate"] = None
    elif row.get("vat_rate") is None and given["vat_rate"] == 0:
        given["vat_category"] = ZERO
    if row.get("unit_price") is None and given["unit_price"] is not None and product["currency"] != currency:
        raise Refused(
            _("{product} has its price in {theirs}, and the document is in {ours}.").format(
                product=mention(work.crm.registry.type(PRODUCT).label, product["id"], product["label"]),
                theirs=product["currency"],
                ours=currency,
            ),
            _("Give its price in {ours}: --unit-price NUMBER").format(ours=currency),
        )
    return row | {key: value for key, value in given.items() if row.get(key) is None}


def _unit(work: Work, key: str | None) -> str | None:
    """The UN/ECE code of a unit of the catalogue, which has a list of its own for them."""
    kind = work.crm.registry.type(PRODUCT).field("unit").kind
    item: Any = work.items(kind.list).get(key) if isinstance(kind, ItemKind) and key is not None else None
    return None if item is None else str(item.code)
