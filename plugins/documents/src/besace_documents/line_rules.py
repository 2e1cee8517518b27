"""The rules about lines, allowances and charges: their numbers, their units, their VAT."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

from besace.money import in_units
from besace.texts import translator
from besace_documents import codes
from besace_documents.arithmetic import WHOLE, Vat, places_of
from besace_documents.characters import legible
from besace_documents.content import Content, ContentAdjustment, ContentLine
from besace_documents.problem import Problem
from besace_documents.vat import CATEGORIES, RULE_NAMES, exemptions, vats

_ = translator(__name__)

NOTHING = Decimal(0)
LOWEST_RATE = Decimal("0.5")
"""The official check of BR-CO-17 takes a lower rate for none."""


def line_problems(content: Content) -> Iterator[Problem]:
    """What is wrong in the lines."""
    if not content.lines:
        yield Problem("BR-16", _("The document has no line."), _("Add what is sold."), field="lines")
    for number, line in enumerate(content.lines, 1):
        for problem in _line(content, line):
            yield replace(problem, line=number)


def adjustment_problems(content: Content) -> Iterator[Problem]:
    """What is wrong in the allowances and charges of the whole document."""
    for adjustment in content.adjustments:
        yield from _adjustment(adjustment, places_of(content.currency))
        if adjustment.vat is None:
            yield Problem(
                "BR-37" if adjustment.is_charge else "BR-32",
                _("An allowance or charge of the whole document has no VAT category."),
                _("Give it the VAT category and rate of what it applies to."),
                field="adjustments",
            )
        else:
            yield from _vat(adjustment.vat, "07" if adjustment.is_charge else "06", "adjustments")


def vat_problems(content: Content) -> Iterator[Problem]:
    """What is wrong between the VAT categories of a document."""
    used = vats(content)
    categories = {vat.category for vat in used}
    if "O" in categories and len(categories) > 1:
        message = _("What is not subject to VAT (O) stands beside other VAT categories.")
        yield Problem("BR-O-11", message, _("Make a document of its own of it."), field="vat")
    groups = {vat.group: vat for vat in used if CATEGORIES.get(vat.category) and CATEGORIES[vat.category].exempt}
    for vat in groups.values():
        if not exemptions(content, vat):
            yield Problem(
                f"BR-{RULE_NAMES.get(vat.category, vat.category)}-10",
                _('Nothing says why "{label}" (VAT {category}) has no VAT.').format(
                    label=CATEGORIES[vat.category].label, category=vat.category
                ),
                _("Give the reason at its lines, as a sentence or a code such as VATEX-FR-FRANCHISE."),
                field="exemption_reason",
            )


def _line(content: Content, line: ContentLine) -> Iterator[Problem]:
    if not legible(line.name):
        yield Problem("BR-25", _("It does not say what is sold."), _("Give it a name."), field="name")
    if not codes.is_known(line.unit, "units"):
        yield Problem(
            "BR-CL-23",
            _('"{unit}" is not a unit.').format(unit=line.unit),
            _("Use a code of UN/ECE Recommendation 20, for example C62 (unit), HUR (hour), DAY or KGM."),
            field="unit",
        )
    if line.price < 0:
        yield Problem(
            "BR-27",
            _("The unit price {price} is negative.").format(price=_shown(line.price)),
            _("Make the price positive and the quantity negative."),
            field="price",
        )
    if line.base_quantity <= 0:
        yield Problem(
            "BT-149",
            _("The price is for a quantity of {quantity}.").format(quantity=_shown(line.base_quantity)),
            _("The quantity that a price is for is above zero."),
            field="base_quantity",
        )
    yield from _vat(line.vat, "05", "vat")
    yield from _reason(content, line)
    for adjustment in line.adjustments:
        yield from _adjustment(adjustment, places_of(content.currency))


def _vat(vat: Vat, rule: str, field: str) -> Iterator[Problem]:
    """A category contradicts its rate; `rule` is the last part of what says so (BR-S-05)."""
    category = CATEGORIES.get(vat.category)
    if category is None:
        yield Problem(
            "BR-CL-18",
            _('"{category}" is not a VAT category.').format(category=vat.category),
            _("Choose one of {categories}.").format(categories=", ".join(CATEGORIES)),
            field=field,
        )
        return
    rate = vat.rate or NOTHING
    names = {"category": vat.category, "label": category.label, "rate": _shown(rate)}
    named = f"BR-{RULE_NAMES.get(vat.category, vat.category)}-{rule}"
    if category.rated and rate <= 0:
        message = _('"{label}" (VAT {category}) has a rate of {rate} %.').format(**names)
        yield Problem(named, message, _("Give the rate, or choose a category without VAT."), field=field)
    elif category.rated and not LOWEST_RATE <= rate <= WHOLE:
        message = _("A VAT rate of {rate} % does not exist.").format(**names)
        yield Problem("BR-CO-17", message, _("Give the rate in percent, for example 20."), field=field)
    elif not category.rated and rate:
        message = _('"{label}" (VAT {category}) has a rate of {rate} %.').format(**names)
        yield Problem(named, message, _("Take the rate away, or choose the standard rate (S)."), field=field)


def _reason(content: Content, line: ContentLine) -> Iterator[Problem]:
    """A reason of an exemption where there is none, or that of another category."""
    reason, category = legible(line.exemption_reason), CATEGORIES.get(line.vat.category)
    if not reason or category is None:
        return
    if not category.exempt:
        message = _('"{label}" (VAT {category}) takes no reason of an exemption.')
        mend = _("Take the reason away, or choose the category that it belongs to.")
    elif reason in {c.reason for c in CATEGORIES.values() if c.reason} and reason != category.reason:
        message = _('{reason} is the reason of another VAT category than "{label}" ({category}).')
        mend = _("Choose the category that it belongs to, or another reason.")
    else:
        return
    names = {"label": category.label, "category": line.vat.category, "reason": reason}
    yield Problem(f"BR-{line.vat.category}-10", message.format(**names), mend, field="exemption_reason")


def _adjustment(adjustment: ContentAdjustment, places: int) -> Iterator[Problem]:
    for name, value in (("amount", adjustment.amount), ("base", adjustment.base)):
        if value is not None and in_units(value, places) is None:
            yield too_fine("BR-DEC-01", value, places, "adjustments")
        if value is not None and value < 0 and name == "amount":
            message = _("An allowance or charge of {amount} is negative.").format(amount=value)
            yield Problem("BT-136", message, _("Turn an allowance into a charge, or back."), field="adjustments")
    if adjustment.percent is not None and not 0 <= adjustment.percent <= WHOLE:
        message = _("{percent} % is not between 0 and 100.").format(percent=_shown(adjustment.percent))
        yield Problem("BT-138", message, _("Give an amount where more is meant."), field="adjustments")
    reasons = "charge_reasons" if adjustment.is_charge else "allowance_reasons"
    if adjustment.reason_code and not codes.is_known(adjustment.reason_code, reasons):
        yield Problem(
            "BR-CL-20" if adjustment.is_charge else "BR-CL-19",
            _('"{code}" is not the code of a reason.').format(code=adjustment.reason_code),
            _("Give the reason as a sentence instead."),
            field="adjustments",
        )


def too_fine(rule: str, value: Decimal, places: int, field: str, line: int | None = None) -> Problem:
    """That a number has more decimals than it may."""
    mend = _("Expected at most {n} decimal.", "Expected at most {n} decimals.").format(n=places)
    return Problem(rule, _("{amount} has too many decimals.").format(amount=value), mend, line, field)


def _shown(value: Decimal) -> str:
    return format(value.normalize(), "f")
