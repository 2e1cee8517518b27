"""Rule B2: what a line takes of its product, when it is added and when it gets another one."""

from __future__ import annotations

from typing import Any

import pytest

from besace import parts, reading
from besace.errors import Refused
from besace_documents import sealing
from besace_documents.lines import DocumentLine

from .conftest import Desk


@pytest.fixture
def desk(make_install: Any) -> Desk:
    return Desk(make_install("persons", "opportunities", "products", "documents"))


@pytest.fixture
def books(desk: Desk) -> int:
    """A product at 0 %."""
    return desk.create("product", name="Books", code="B", unit_price="10", vat_rate="0")


@pytest.fixture
def course(desk: Desk) -> int:
    return desk.create("product", name="Course", code="C", unit="day", unit_price="450", vat_rate="5.5", discount="10")


def line(desk: Desk, document: int) -> list[str | None]:
    """What the only line of a document says."""
    (row,) = desk.parts(DocumentLine, document)
    numbers = (row.unit_price, row.vat_rate, row.discount)
    return [
        *(row.code, row.name, row.unit, row.vat_category),
        *(None if number is None else f"{number.normalize():f}" for number in numbers),
    ]


def change(desk: Desk, document: int, **values: Any) -> None:
    (row,) = desk.parts(DocumentLine, document)
    desk.crm.write(lambda work: parts.edit(work, reading.get_part(work, "document_line", row.id), **values).id)


def test_B2_a_product_at_0_percent_makes_a_line_of_the_zero_rate(desk: Desk, books: int) -> None:
    deal = desk.create("opportunity", name="Roll-out", target=desk.customer)
    offer = desk.crm.registry.part("offer").model
    desk.crm.write(lambda work: parts.add(work, offer, deal, product=books).id)
    by_hand = desk.empty("quote")
    desk.line(by_hand, name=None, unit_price=None, product=books)
    for quote in (desk.do(deal, "quote"), by_hand, desk.quote({"product": books})):
        assert line(desk, quote)[3:6] == ["Z", "10", "0"]
        assert str(desk.get(quote)["gross"]) == "10.00 EUR"


@pytest.mark.parametrize(
    ("given", "found"),
    [({"vat_rate": "20"}, ["S", "20"]), ({"vat_category": "E"}, ["E", "0"]), ({"vat_category": "O"}, ["O", None])],
)
def test_B2_a_category_or_a_rate_that_is_given_goes_before_that_of_the_product(
    desk: Desk, books: int, course: int, given: dict[str, str], found: list[str | None]
) -> None:
    for product in (books, course):
        quote = desk.empty("quote")
        desk.line(quote, product=product, **given)
        row = line(desk, quote)
        assert [row[3], row[5]] == found


def test_B2_the_standard_rate_is_not_that_of_a_product_at_0_percent(desk: Desk, books: int) -> None:
    with pytest.raises(Refused, match=r"VAT category S, .* does not go with a rate of 0 %"):
        desk.line(desk.empty("quote"), product=books, vat_category="S")


def test_B2_a_line_that_gets_another_product_says_what_that_one_says(desk: Desk, books: int, course: int) -> None:
    quote = desk.quote({"product": books})
    change(desk, quote, product=course)
    assert line(desk, quote) == ["C", "Course", "DAY", "S", "450", "5.5", "10"]
    assert str(desk.get(quote)["net"]) == "405.00 EUR"
    change(desk, quote, product=books)
    assert line(desk, quote) == ["B", "Books", "C62", "Z", "10", "0", None]


def test_B2_what_is_given_with_another_product_goes_before_it(desk: Desk, books: int, course: int) -> None:
    quote = desk.quote({"product": books, "description": "Two of them", "quantity": 2})
    change(desk, quote, product=course, unit_price="400", name="Training", discount="0")
    assert line(desk, quote) == ["C", "Training", "DAY", "S", "400", "5.5", "0"]
    (row,) = desk.parts(DocumentLine, quote)
    assert (row.description, row.quantity) == ("Two of them", 2)


def test_B2_another_product_leaves_the_VAT_that_is_due_to_the_customer(desk: Desk, books: int, course: int) -> None:
    quote = desk.quote({"product": books, "vat_category": "AE"})
    change(desk, quote, product=course)
    row = line(desk, quote)
    assert (row[1], row[3], row[5]) == ("Course", "AE", "0")


def test_B2_a_line_that_loses_its_product_says_what_it_said(desk: Desk, course: int) -> None:
    quote = desk.quote({"product": course})
    before = line(desk, quote)
    change(desk, quote, product=None)
    assert line(desk, quote) == before


def test_B2_an_inactive_product_is_refused_for_a_new_line_and_kept_in_those_that_stand(
    desk: Desk, books: int, course: int
) -> None:
    deal = desk.create("opportunity", name="Roll-out", target=desk.customer)
    offer = desk.crm.registry.part("offer").model
    desk.crm.write(lambda work: parts.add(work, offer, deal, product=course).id)
    quote = desk.quote({"product": course})
    desk.do(quote, "send")
    other = desk.quote({"product": books})
    stands = desk.quote({"product": course})
    desk.edit(course, active=False)
    whole = {"unit": "DAY", "vat_rate": "20", "vat_category": "S", "code": "C", "discount": "0"}
    for refused in (
        lambda: desk.line(other, product=course),
        lambda: desk.line(other, product=course, **whole),
        lambda: change(desk, other, product=course),
    ):
        with pytest.raises(Refused) as refusal:
            refused()
        assert str(refusal.value) == (
            f'Product {course} "Course" is not active: it cannot be offered any more. '
            f"Choose another one, or offer it again with: besace product edit {course} --active yes"
        )
    change(desk, stands, quantity=2)
    for made in (desk.do(quote, "invoice"), desk.do(deal, "quote")):
        assert line(desk, made)[1] == "Course"


@pytest.mark.parametrize(
    ("usual", "is_free_too", "sold"),
    [("", False, "goods"), ("", True, None), ("goods", True, "goods"), ("services", True, "mixed")],
)
def test_an_invoice_says_what_it_sells_and_free_text_sells_what_is_usual(
    desk: Desk, books: int, usual: str, is_free_too: bool, sold: str | None
) -> None:
    desk.set("usual_operation", usual)
    invoice = desk.invoice({"product": books}, *([{"name": "Work", "unit_price": "1"}] if is_free_too else []))
    desk.do(invoice, "issue")
    with desk.crm.read() as work:
        assert sealing.contents(work, "invoice", [invoice])[invoice].content.operation == sold
