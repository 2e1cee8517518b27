"""The lists of the catalogue, which an administrator edits: a tree of categories, and the units of measure."""

from __future__ import annotations

from sqlalchemy.orm import Mapped

from besace import fields
from besace.lists import Item, ListItem
from besace.texts import translator

_ = translator(__name__)


class ProductCategory(
    ListItem,
    list="product_category",
    label=_("Product categories"),
    parent="parent",
    items=[
        Item("hardware", _("Hardware")),
        Item("software", _("Software")),
        Item("licence", _("Licences"), {"parent": "software"}),
        Item("hosting", _("Hosting"), {"parent": "software"}),
        Item("service", _("Services")),
        Item("consulting", _("Consulting"), {"parent": "service"}),
        Item("training", _("Training"), {"parent": "service"}),
        Item("maintenance", _("Maintenance"), {"parent": "service"}),
    ],
):
    """What sort of product or service it is, under a wider sort."""

    parent: Mapped[ProductCategory | None] = fields.item(
        "Parent", list="product_category", help="The wider category that it stands under."
    )


class ProductUnit(
    ListItem,
    list="product_unit",
    label=_("Units of measure"),
    items=[
        Item("piece", _("Piece"), {"code": "C62"}),
        Item("minute", _("Minute"), {"code": "MIN"}),
        Item("hour", _("Hour"), {"code": "HUR"}),
        Item("day", _("Day"), {"code": "DAY"}),
        Item("week", _("Week"), {"code": "WEE"}),
        Item("month", _("Month"), {"code": "MON"}),
        Item("year", _("Year"), {"code": "ANN"}),
        Item("gram", _("Gram"), {"code": "GRM"}),
        Item("kilogram", _("Kilogram"), {"code": "KGM"}),
        Item("tonne", _("Tonne"), {"code": "TNE"}),
        Item("metre", _("Metre"), {"code": "MTR"}),
        Item("kilometre", _("Kilometre"), {"code": "KMT"}),
        Item("square_metre", _("Square metre"), {"code": "MTK"}),
        Item("cubic_metre", _("Cubic metre"), {"code": "MTQ"}),
        Item("litre", _("Litre"), {"code": "LTR"}),
        Item("kilowatt_hour", _("Kilowatt-hour"), {"code": "KWH"}),
        Item("pair", _("Pair"), {"code": "PR"}),
        Item("set", _("Set"), {"code": "SET"}),
        Item("lump_sum", _("Lump sum"), {"code": "LS"}),
    ],
):
    """In what a product is counted; electronic invoices name the unit by its code."""

    code: Mapped[str] = fields.text(
        "UN/ECE code", length=3, clean=str.upper, help="Its code in UN/ECE Recommendation 20, such as HUR for hours."
    )
