"""What keeps a document from being issued: the rules of EN 16931 and of French law, said to a person beforehand.

Whatever the official schematron would refuse is refused here first.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from itertools import chain

from besace.money import Money, in_units
from besace.texts import translator
from besace_documents import codes
from besace_documents.arithmetic import Adjustment, DocumentAdjustment, Line, Totals, only_rounds, places_of, total
from besace_documents.characters import legible
from besace_documents.content import Content, ContentAdjustment
from besace_documents.french_rules import french_problems
from besace_documents.line_rules import adjustment_problems, line_problems, too_fine, vat_problems
from besace_documents.mentions import INVOICES
from besace_documents.party_rules import party_problems
from besace_documents.problem import Problem
from besace_documents.vat import delivery, vats

_ = translator(__name__)


def problems(content: Content) -> list[Problem]:
    """All that keeps a document from being issued, first what is about its lines; nothing where it may be.

    A quote or an order is held to its lines and amounts alone: the law of invoices is not about it.
    """
    if not codes.is_known(content.currency, "currencies"):
        message = _('"{code}" is not a currency in use.').format(code=content.currency)
        return [Problem("BR-CL-04", message, _("Choose one, for example EUR."), field="currency")]
    found = list(chain(line_problems(content), adjustment_problems(content), vat_problems(content)))
    if content.type in INVOICES:
        found += chain(party_problems(content), _delivery(content), _payment(content), french_problems(content))
    return found or list(_totals(content))


def _delivery(content: Content) -> Iterator[Problem]:
    categories = {vat.category for vat in vats(content)}
    if "K" in categories and content.delivery_date is None:
        message = _("An intra-Community supply (VAT K) has no date of delivery.")
        yield Problem("BR-IC-11", message, _("Give the day of the delivery."), field="delivery_date")
    goes = delivery(content)
    if goes is None or content.type != "invoice":  # what was invoiced wrongly is credited as it was invoiced
        return
    who = {"name": content.buyer.name, "country": content.buyer.country}
    mend = _("Choose another VAT category or, if it is delivered elsewhere, give the delivery address.")
    if "K" in categories and not goes.is_between_members:
        message = _(
            "An intra-Community supply (VAT K) goes to another member state of the European Union, and {name} is in "
            "{country}."
        )
        yield Problem("CGI, art. 262 ter I", message.format(**who), mend, field="buyer.country")
    if "G" in categories and not goes.leaves_union:
        message = _("An export (VAT G) leaves the European Union, and {name} is in {country}.")
        yield Problem("CGI, art. 262 I", message.format(**who), mend, field="buyer.country")


def _payment(content: Content) -> Iterator[Problem]:
    totals, places = content.totals, places_of(content.currency)
    for rule, amount, field in (("BR-DEC-16", totals.prepaid, "prepaid"), ("BR-DEC-17", totals.rounding, "rounding")):
        if in_units(amount, places) is None:
            yield too_fine(rule, amount, places, field)
    if totals.gross < 0:
        message = _("The total of {amount} is negative.").format(amount=totals.gross)
        yield Problem("CGI, art. 289", message, _("What is owed to the customer is a credit note."), field="lines")
    elif not 0 <= totals.prepaid <= totals.gross:
        message = _("{paid} is paid of a total of {amount}.").format(paid=totals.prepaid, amount=totals.gross)
        yield Problem("BT-113", message, _("It is at least nothing and at most the total."), field="prepaid")
    elif totals.payable < 0 and only_rounds(totals.rounding):
        message = _("{amount} would be to be paid, less than nothing.").format(
            amount=Money(totals.payable, content.currency)
        )
        yield Problem("BT-115", message, _("Lower what is prepaid, or take the rounding away."), field="rounding")
    if not only_rounds(totals.rounding):
        yield rounding_problem(Money(totals.rounding, content.currency))
    if content.type != "invoice":
        return
    if totals.payable > 0 and content.due_date is None and not legible(content.payment_terms):
        message = _("Nothing says when to pay.")
        yield Problem("BR-CO-25", message, _("Give a due date, or the terms of payment."), field="due_date")
    if content.due_date is not None and content.due_date < content.date and totals.payable > 0:
        message = _("It is due on {due}, before its date {date}.").format(due=content.due_date, date=content.date)
        yield Problem("C. com., art. L. 441-9", message, _("Give a later due date."), field="due_date")


def rounding_problem(rounding: Money) -> Problem:
    """That a rounding is of a whole unit of its currency, or more."""
    message = _(
        "Rounding: {amount} does more than round the amount to be paid, which takes less than {unit}, up or down."
    )
    mend = _("Give it as an allowance or charge: besace document-adjustment add")
    unit = Money(Decimal(1), rounding.currency)
    return Problem("BT-114", message.format(amount=rounding, unit=unit), mend, field="rounding")


def _totals(content: Content) -> Iterator[Problem]:
    """Amounts that do not follow from each other; looked at last, since a wrong line has no amount."""
    reckoned = reckon(content)
    if _amounts(reckoned) != _amounts(content.totals) or list(reckoned.line_nets) != [x.net for x in content.lines]:
        yield Problem(
            "BR-CO-10",
            _("The amounts do not follow from the lines."),
            _("Reckon the document anew: change one of its lines."),
            field="totals",
        )


def reckon(content: Content) -> Totals:
    """The totals that follow from the lines, allowances and charges of a document."""
    lines = [
        Line(line.quantity, line.price, line.vat, line.base_quantity, [_given(each) for each in line.adjustments])
        for line in content.lines
    ]
    adjustments = [
        DocumentAdjustment(given.is_charge, given.amount, given.percent, given.base, vat=adjustment.vat)
        for adjustment in content.adjustments
        if adjustment.vat is not None and (given := _given(adjustment))
    ]
    totals = content.totals
    places = places_of(content.currency)
    return total(lines, adjustments, prepaid=totals.prepaid, rounding=totals.rounding, places=places)


def _given(adjustment: ContentAdjustment) -> Adjustment:
    """It as it was given: where that was a percentage, its amount is a consequence."""
    amount = adjustment.amount if adjustment.percent is None else None
    return Adjustment(adjustment.is_charge, amount, adjustment.percent, adjustment.base)


def _amounts(totals: Totals) -> tuple[object, ...]:
    taxes = [(tax.vat.group, tax.taxable, tax.tax) for tax in totals.taxes]
    sums = (totals.lines, totals.allowances, totals.charges, totals.net, totals.vat, totals.gross, totals.payable)
    return taxes, sums
