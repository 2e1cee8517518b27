"""Rule B3: the arithmetic of EN 16931, exact, without a database."""

from __future__ import annotations

import json
import os
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from besace.money import rounded
from besace_documents.arithmetic import (
    Adjustment,
    DocumentAdjustment,
    Line,
    Vat,
    line_net,
    places_of,
    total,
)
from besace_documents.computing import computed

DATA = os.environ.get("BESACE_REAL_DATA")
CASES: list[dict[str, Any]] = (
    json.loads(Path(DATA, "einvoice", "cases.json").read_text(encoding="utf-8"))["cases"] if DATA else []
)
STANDARD = Vat("S", Decimal(20))


def one(quantity: str, price: str, *adjustments: Adjustment, vat: Vat = STANDARD) -> Line:
    return Line(Decimal(quantity), Decimal(price), vat, adjustments=adjustments)


def group(row: dict[str, Any]) -> tuple[str, Decimal, Decimal, Decimal]:
    return row["category"], Decimal(row.get("rate", "0")), Decimal(row["taxable"]), Decimal(row["tax"])


def test_the_real_invoices_are_there() -> None:
    if not DATA:
        pytest.skip("BESACE_REAL_DATA is not set")
    assert len(CASES) == 36


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_B3_every_amount_of_a_real_invoice_is_what_it_states(case: dict[str, Any]) -> None:
    found, expected = computed(case), case["expected"]
    nets = [Decimal(line["net"]) for line in found["lines"]]
    assert nets == [Decimal(line["expected_net"]) for line in case["lines"]]
    stated = {k: Decimal(v) for k, v in expected.items() if isinstance(v, str)}
    assert {key: Decimal(found[key]) for key in stated} == stated
    assert sorted(map(group, found["vat_breakdown"])) == sorted(map(group, expected["vat_breakdown"]))


def test_B3_vat_is_rounded_once_per_group_and_not_per_line() -> None:
    assert total([one("1", "0.33")] * 10).vat == Decimal("0.66")


def test_B3_a_whole_discount_leaves_nothing() -> None:
    assert line_net(one("1", "1.005", Adjustment(percent=Decimal(100)))) == 0


@pytest.mark.parametrize(
    ("taxable", "rate", "tax"),
    [("135", "5.5", "7.43"), ("-6491.34", "25", "-1622.84"), ("0.33", "20", "0.07"), ("-0.025", "20", "-0.01")],
)
def test_B3_halves_go_away_from_zero(taxable: str, rate: str, tax: str) -> None:
    assert rounded(Fraction(taxable) * Fraction(rate) / 100, 2) == Decimal(tax)


def test_B3_rates_that_are_written_differently_are_one_group() -> None:
    totals = total([one("1", "10", vat=Vat("S", Decimal(rate))) for rate in ("20", "20.00", "2E+1")])
    assert [(tax.taxable, tax.tax) for tax in totals.taxes] == [(Decimal("30.00"), Decimal("6.00"))]
    assert len(total([one("1", "10", vat=Vat("O")), one("1", "10", vat=Vat("O", Decimal(0)))]).taxes) == 1


def test_B3_a_price_may_be_for_several_units() -> None:
    assert line_net(Line(Decimal(7), Decimal(10), STANDARD, base_quantity=Decimal(3))) == Decimal("23.33")


@pytest.mark.parametrize(("currency", "places"), [("EUR", 2), ("JPY", 0), ("KWD", 2)])
def test_B3_amounts_have_the_digits_of_their_currency_where_it_has_fewer(currency: str, places: int) -> None:
    assert places_of(currency) == places
    assert total([one("1", "10.6")], places=0).gross == 13


def test_a_percentage_of_a_document_is_of_the_lines_in_its_group() -> None:
    reduced = Vat("S", Decimal("5.5"))
    lines = [one("1", "100"), one("1", "50", vat=reduced)]
    tenth = [DocumentAdjustment(percent=Decimal(10), vat=vat) for vat in (STANDARD, reduced)]
    totals = total(lines, tenth)
    assert totals.adjustment_amounts == [Decimal("10.00"), Decimal("5.00")]
    assert [tax.taxable for tax in totals.taxes] == [Decimal("90.00"), Decimal("45.00")]


# ---- what EN 16931 wants of any document -----------------------------------------------------------

amounts = st.decimals(-100_000, 100_000, places=2)
percents = st.decimals(0, 100, places=2)
vats = st.one_of(
    st.builds(Vat, st.just("S"), st.sampled_from([Decimal(r) for r in ("20", "20.00", "5.5", "2.1", "10")])),
    st.sampled_from([Vat("Z", Decimal(0)), Vat("E", Decimal(0)), Vat("O"), Vat("B", Decimal(22))]),
)
adjustments = st.one_of(
    st.builds(Adjustment, st.booleans(), amount=st.decimals(0, 1000, places=2)),
    st.builds(Adjustment, st.booleans(), percent=percents),
)
lines_of = st.lists(
    st.builds(
        Line,
        st.decimals(-1000, 1000, places=4),
        st.decimals(0, 10_000, places=6),
        vats,
        st.decimals("0.0001", 100, places=4),
        st.lists(adjustments, max_size=3),
    ),
    min_size=1,
    max_size=12,
)
whole = st.lists(
    st.builds(
        DocumentAdjustment, st.booleans(), amount=st.none() | st.decimals(0, 1000, places=2), percent=percents, vat=vats
    ),
    max_size=4,
)


@given(lines_of, whole, amounts, st.decimals("-0.99", "0.99", places=2))
def test_B3_totals_obey_EN_16931(
    lines: list[Line], adjusted: list[DocumentAdjustment], prepaid: Decimal, rounding: Decimal
) -> None:
    t = total(lines, adjusted, prepaid=prepaid, rounding=rounding)
    taken = [a for x, a in zip(adjusted, t.adjustment_amounts, strict=True) if not x.is_charge]
    added = [a for x, a in zip(adjusted, t.adjustment_amounts, strict=True) if x.is_charge]
    assert t.lines == sum(t.line_nets)  # BR-CO-10
    assert (t.allowances, t.charges) == (sum(taken), sum(added))  # BR-CO-11, BR-CO-12
    assert t.net == t.lines - t.allowances + t.charges == sum(tax.taxable for tax in t.taxes)  # BR-CO-13
    assert t.vat == sum(tax.tax for tax in t.taxes)  # BR-CO-14
    assert t.gross == t.net + t.vat  # BR-CO-15
    assert t.payable == t.gross - t.prepaid + t.rounding  # BR-CO-16
    for tax in t.taxes:  # BR-CO-17
        exact = Fraction(tax.taxable) * Fraction(tax.vat.rate or 0) / 100
        assert abs(Fraction(tax.tax) - exact) <= Fraction(1, 200)
    stated = [*t.line_nets, *t.adjustment_amounts, t.net, t.vat, t.gross, *(tax.tax for tax in t.taxes)]
    assert all(-amount.as_tuple().exponent == 2 for amount in stated)  # type: ignore[operator] # BR-DEC
    assert len({tax.vat.group for tax in t.taxes}) == len(t.taxes)  # one row a group: BR-CO-18


@given(lines_of)
def test_B3_a_document_taken_back_line_by_line_comes_to_nothing(lines: list[Line]) -> None:
    plain = [Line(x.quantity, x.price, x.vat, x.base_quantity) for x in lines]
    back = [Line(-x.quantity, x.price, x.vat, x.base_quantity) for x in lines]
    assert (total(plain).net, total(plain).vat) == (-total(back).net, -total(back).vat)
    assert total([*plain, *back]).gross == 0


@given(lines_of, st.randoms())
def test_B3_the_order_of_lines_changes_no_total(lines: list[Line], random: Any) -> None:
    shuffled = random.sample(lines, len(lines))
    first, second = total(lines), total(shuffled)
    assert (first.net, first.vat, first.gross) == (second.net, second.vat, second.gross)
