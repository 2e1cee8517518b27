"""The units of lines: codes of UN/ECE Recommendation 20, and how a quantity of them is written."""

from __future__ import annotations

import math
from collections.abc import Mapping
from decimal import Decimal

from besace.texts import Text, translator

_ = translator(__name__)

MEASURES: Mapping[str, str] = {
    "SEC": "duration-second",
    "MIN": "duration-minute",
    "HUR": "duration-hour",
    "DAY": "duration-day",
    "WEE": "duration-week",
    "MON": "duration-month",
    "QAN": "duration-quarter",
    "ANN": "duration-year",
    "GRM": "mass-gram",
    "KGM": "mass-kilogram",
    "TNE": "mass-tonne",
    "MLT": "volume-milliliter",
    "CLT": "volume-centiliter",
    "LTR": "volume-liter",
    "HLT": "volume-hectoliter",
    "MTQ": "volume-cubic-meter",
    "MMT": "length-millimeter",
    "CMT": "length-centimeter",
    "MTR": "length-meter",
    "KMT": "length-kilometer",
    "MTK": "area-square-meter",
    "WTT": "power-watt",
    "KWT": "power-kilowatt",
    "KWH": "energy-kilowatt-hour",
    "4L": "digital-megabyte",
    "E34": "digital-gigabyte",
    "P1": "concentr-percent",
}
"""What is measured, by its name in CLDR, which knows how every language writes it."""

TRADE: Mapping[str, Text] = {
    "C62": _("unit", "units"),
    "H87": _("piece", "pieces"),
    "EA": _("unit", "units"),
    "LS": _("lump sum", "lump sums"),
    "E48": _("service", "services"),
    "E49": _("working day", "working days"),
    "IE": _("person", "persons"),
    "PR": _("pair", "pairs"),
    "SET": _("set", "sets"),
    "DZN": _("dozen", "dozens"),
    "ZP": _("page", "pages"),
    "XPK": _("package", "packages"),
    "XBX": _("box", "boxes"),
    "XCT": _("carton", "cartons"),
    "XBG": _("bag", "bags"),
    "XBO": _("bottle", "bottles"),
    "XRO": _("roll", "rolls"),
    "XPX": _("pallet", "pallets"),
}
"""What is counted."""


def quantity(number: Decimal, unit: str, language: str) -> str:
    """A quantity with its unit, as a reader of `language` writes it; a unit without a name shows its code."""
    from babel.numbers import format_decimal
    from babel.units import format_unit

    shown = format_decimal(number, "#,##0.####", locale=language)
    if unit in MEASURES:
        is_time = MEASURES[unit].startswith("duration")
        return format_unit(number, MEASURES[unit], "long" if is_time else "short", format="#,##0.####", locale=language)
    if unit in TRADE:
        # English counts one alone as one; French counts as one all that is below two.
        count = math.floor(abs(number)) if language == "fr" else math.ceil(abs(number))
        return f"{shown} {TRADE[unit].format(n=count).in_language(language)}"
    return f"{shown} {unit}"
