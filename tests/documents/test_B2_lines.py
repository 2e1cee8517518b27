"""Rule B2: the lines of a document, and the totals that follow them."""

from __future__ import annotations

from decimal import Decimal

import pytest

from besace import changes, parts, reading, settings
from besace.errors import BesaceError, Refused
from besace.money import Money
from besace.verification import runs
from besace_documents.lines import DocumentAdjustment, DocumentLine


def totals(desk, document):
    values = desk.get(document)
    return [None if values[k] is None else str(values[k].amount) for k in ("net", "vat", "gross", "payable")]


def test_B2_a_line_of_free_text_has_a_quantity_a_unit_and_the_usual_rate(desk):
    quote = desk.empty("quote")
    desk.line(quote, name="Training", unit_price="450.123456")
    (line,) = desk.parts(DocumentLine, quote)
    assert (str(line.quantity), line.unit, str(line.vat_rate), line.vat_category) == ("1.0000", "C62", "20.0000", "S")
    assert str(line.net) == "450.12 EUR"


def test_B2_totals_follow_each_line_that_is_added_changed_and_removed(desk):
    quote = desk.empty("quote")
    line = desk.line(quote, unit_price="0.33")
    assert totals(desk, quote) == ["0.33", "0.07", "0.40", "0.40"]
    for _n in range(9):
        desk.line(quote, unit_price="0.33")
    assert totals(desk, quote) == ["3.30", "0.66", "3.96", "3.96"]
    desk.crm.write(lambda work: parts.edit(work, reading.get_part(work, "document_line", line), quantity=11))
    assert totals(desk, quote) == ["6.60", "1.32", "7.92", "7.92"]
    for row in desk.parts(DocumentLine, quote):
        desk.crm.write(lambda work, key=row.id: parts.remove(work, reading.get_part(work, "document_line", key)))
    assert totals(desk, quote) == [None] * 4


def test_B2_allowances_and_charges_of_a_line_and_of_the_document(desk):
    quote = desk.quote({"name": "Work", "unit_price": "100", "discount": "10"})
    (line,) = desk.parts(DocumentLine, quote)
    desk.adjustment(quote, line=line.id, amount="5", kind="charge")
    assert [str(row.net.amount) for row in desk.parts(DocumentLine, quote)] == ["95.00"]
    desk.adjustment(quote, percent="20")
    assert totals(desk, quote) == ["76.00", "15.20", "91.20", "91.20"]
    (first, _second) = desk.parts(DocumentAdjustment, quote)
    desk.crm.write(lambda work: parts.remove(work, reading.get_part(work, "document_adjustment", first.id)))
    assert totals(desk, quote) == ["72.00", "14.40", "86.40", "86.40"]


def test_B2_what_is_prepaid_and_rounded_changes_what_is_to_be_paid(desk):
    invoice = desk.invoice({"name": "Work", "unit_price": "100.33"})
    desk.edit(invoice, prepaid="50", rounding="-0.40")
    assert totals(desk, invoice) == ["100.33", "20.07", "120.40", "70.00"]


@pytest.mark.parametrize(("kind", "given"), [("invoice", "-500"), ("quote", "1"), ("credit_note", "-1")])
def test_B2_a_rounding_is_less_than_one_whole_unit_of_the_currency(desk, kind, given):
    document = desk.document(kind)
    for door in (lambda: desk.edit(document, rounding=given), lambda: desk.document(kind, rounding=given)):
        with pytest.raises(Refused) as refused:
            door()
        assert str(refused.value) == (
            f"Rounding: {Money.parse(given, 'EUR').in_language('en')} does more than round the amount to be paid, "
            "which takes less than €1.00, up or down. Give it as an allowance or charge: besace document-adjustment add"
        )
    desk.edit(document, rounding="-0.99")
    assert str(desk.get(document)["payable"]) == "1199.01 EUR"


def test_B2_a_larger_rounding_of_before_stays_until_it_is_changed_and_is_not_issued(desk, damage):
    invoice = desk.invoice()
    damage(desk.crm, f"UPDATE invoice SET rounding = -50000 WHERE id = {invoice}")
    desk.edit(invoice, subject="Work")
    with pytest.raises(Refused, match=r"cannot be issued: .*does more than round.*\(BT-114\)"):
        desk.do(invoice, "issue")


def test_B2_an_invoice_is_not_issued_over_less_than_nothing(desk):
    invoice = desk.invoice(prepaid="1200", rounding="-0.50")
    with pytest.raises(Refused, match=r"-€0.50 would be to be paid.*\(BT-115\)"):
        desk.do(invoice, "issue")
    desk.edit(invoice, rounding="")
    desk.do(invoice, "issue")
    assert desk.get(invoice)["payable"].amount == 0


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"unit_price": "-1"}, r'unit price of "Work" is below 0\. Reverse the quantity instead'),
        ({"unit_price": "1.1234567"}, "at most 6 decimals"),
        ({"unit_price": ""}, "Unit price is required"),
        ({"name": ""}, "Name is required"),
        ({"quantity": "1.12345"}, "at most 4 decimals"),
        ({"base_quantity": "0"}, "base quantity .* is not above 0"),
        ({"discount": "101"}, "above the maximum of 100"),
        ({"discount": "-1"}, "below the minimum of 0"),
        ({"vat_rate": "101"}, "above the maximum of 100"),
        ({"vat_rate": "0"}, "VAT category S, .* does not go with a rate of 0 %"),
        ({"vat_category": "AE", "vat_rate": "20"}, "VAT category AE, .* does not go with a rate of 20 %"),
        ({"vat_category": "Q"}, "not one of the choices"),
        ({"unit": "PIECES"}, "is not the code of a unit"),
        ({"product": "999"}, "There is no .*999"),
    ],
)
def test_B2_a_wrong_value_gets_a_sentence_and_changes_nothing(desk, values, sentence):
    quote = desk.quote()
    before = desk.get(quote)
    with pytest.raises(BesaceError, match=sentence):
        desk.line(quote, **values)
    assert (desk.get(quote), len(desk.parts(DocumentLine, quote))) == (before, 1)


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({}, "is an amount or a percentage"),
        ({"amount": "5USD"}, "is not in EUR"),
        ({"amount": "-5"}, "below the minimum"),
        ({"percent": "101"}, "above the maximum"),
        ({"percent": "5", "line": 1}, "has no line 1"),
        ({"percent": "5", "reason": ""}, "Reason is required"),
    ],
)
def test_B2_a_wrong_allowance_gets_a_sentence(desk, values, sentence):
    quote = desk.quote()
    with pytest.raises(BesaceError, match=sentence):
        desk.adjustment(quote, **values)


def test_B2_the_usual_rate_is_a_setting(desk):
    desk.crm.write(lambda work: settings.change(work, "default_vat_rate", "5.5"))
    quote = desk.quote({"name": "Books", "unit_price": "100"})
    assert (desk.parts(DocumentLine, quote)[0].vat_rate, str(desk.get(quote)["vat"])) == (Decimal("5.5"), "5.50 EUR")


def test_B2_a_line_goes_after_what_is_off_it(desk):
    quote = desk.quote()
    (line,) = desk.parts(DocumentLine, quote)
    adjustment = desk.adjustment(quote, line=line.id, percent=5)
    with pytest.raises(Refused, match=f'has an allowance or charge: "Rebate". Remove that first: .* {adjustment}'):
        desk.crm.write(lambda work: parts.remove(work, reading.get_part(work, "document_line", line.id)))
    assert totals(desk, quote)[0] == "950.00"


def test_E1_the_history_of_a_line_tells_its_net_amount_as_it_is(desk):
    quote = desk.quote({"name": "Work", "unit_price": "10"})
    (line,) = desk.parts(DocumentLine, quote)
    desk.crm.write(lambda work: parts.edit(work, reading.get_part(work, "document_line", line.id), quantity=3).id)
    desk.adjustment(quote, line=line.id, amount="5")
    with desk.crm.read() as work:
        told = [e.after for e in changes.history(work, quote) if e.field == "net" and e.about]
    assert [after["amount"] for after in told] == ["10.00", "30.00", "25.00"]


def test_an_amount_goes_before_a_percentage_and_is_issued_so(desk):
    invoice = desk.invoice()
    desk.adjustment(invoice, amount="7", percent="5")
    desk.do(invoice, "issue")
    assert str(desk.get(invoice)["net"]) == "993.00 EUR"


@pytest.mark.parametrize(
    ("key", "value", "sentence"),
    [
        ("default_vat_rate", "200", "Usual VAT rate: 200 is above the maximum of 100"),
        ("default_vat_rate", "-1", "Usual VAT rate: -1 is below the minimum of 0"),
        ("payment_days", "99999999999", "Days of payment: 99999999999 is above the maximum of 3650"),
        ("payment_days", "-5", "Days of payment: -5 is below the minimum of 0"),
    ],
)
def test_a_setting_that_no_document_could_follow_is_refused(desk, key, value, sentence):
    with pytest.raises(Refused, match=sentence):
        desk.crm.write(lambda work: settings.change(work, key, value))


def test_where_the_usual_rate_is_nothing_lines_are_of_the_zero_rate_unless_they_say_more(desk):
    desk.set("default_vat_rate", "0")
    invoice = desk.invoice({"name": "Usual", "unit_price": "1"}, {"name": "Taxed", "unit_price": "1", "vat_rate": "20"})
    desk.line(invoice, name="Later")
    assert [(line.vat_category, line.vat_rate) for line in desk.parts(DocumentLine, invoice)] == [
        ("Z", 0),
        ("S", 20),
        ("Z", 0),
    ]


def test_an_adjustment_of_a_line_has_the_vat_of_that_line(desk):
    desk.set("default_vat_rate", "0")
    invoice = desk.invoice({"name": "Taxed", "unit_price": "100", "vat_rate": "20"})
    desk.adjustment(invoice, line=desk.parts(DocumentLine, invoice)[0].id, amount="10")
    assert str(desk.get(invoice)["gross"]) == "108.00 EUR"


@pytest.mark.parametrize("kind", ["quote", "sales_order", "invoice", "credit_note"])
def test_O7_a_document_with_lines_keeps_its_currency(desk, kind):
    document = desk.document(kind, subject="Work")
    with pytest.raises(Refused) as refused:
        desk.edit(document, currency="JPY")
    label, command = kind.replace("_", " ").capitalize(), kind.replace("_", "-")
    assert str(refused.value) == (
        f'{label} {document} "Work" keeps its currency, EUR: that is what its lines are in. '
        f"Make a new one in JPY: besace {command} create --currency JPY"
    )


def test_O7_a_document_without_lines_takes_another_currency_with_its_amounts(desk):
    quote = desk.empty("quote", prepaid="5")
    with pytest.raises(Refused, match=r"is not in JPY, the currency of all its amounts\. Give every amount"):
        desk.edit(quote, currency="JPY")
    desk.edit(quote, currency="JPY", prepaid="500")
    assert str(desk.get(quote)["prepaid"]) == "500 JPY"


@pytest.mark.parametrize("count", [1, 100])
def test_a_document_with_its_lines_is_created_in_ten_statements(desk, count, count_statements):
    from besace_documents.conversions import create_document
    from besace_documents.models import Quote

    lines = [{"name": f"Line {n}", "unit_price": "10"} for n in range(count)]
    with desk.crm.write() as work:
        with count_statements(work) as seen:
            create_document(work, Quote, {"customer": desk.customer, "currency": "EUR"}, lines)
        assert seen.count <= 10


def test_besace_verify_finds_totals_that_do_not_follow_and_mends_those_of_drafts(desk, damage):
    draft, issued = desk.quote(), desk.quote()
    desk.do(issued, "send")
    damage(desk.crm, "UPDATE quote SET net = 5")
    told = {v.key: [str(f.message) for f in v.findings] for v in runs.run(desk.crm)}
    assert len(told["totals"]) == 2
    runs.run(desk.crm, fix=True)
    assert str(desk.get(draft)["net"]) == "1000.00 EUR"
    assert str(desk.get(issued)["net"]) == "0.05 EUR"
