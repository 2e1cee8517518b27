"""Rule B1: quote -> order -> invoice -> credit note."""

from __future__ import annotations

from decimal import Decimal

import pytest

from besace import bin, relations
from besace.errors import BesaceError, Refused
from besace.reading import get
from besace_documents.conversions import invoice_quote
from besace_documents.damaged import Damaged
from besace_documents.lines import DocumentAdjustment, DocumentLine
from besace_documents.models import Quote

from .conftest import DEALS, Desk, step

ROW = ("name", "quantity", "unit", "unit_price", "base_quantity", "discount", "vat_category", "vat_rate", "net")
HEAD = ("customer", "issuer", "subject", "buyer_reference", "billing_address", "payment_terms", "net", "vat", "gross")


def rows(desk, document):
    return [tuple(getattr(line, key) for key in ROW) for line in desk.parts(DocumentLine, document)]


def head(desk, document):
    values = desk.get(document)
    return [values[key] for key in HEAD]


def related(desk, document, relation):
    with desk.crm.read() as work:
        return [(r.forward, r.id) for r in relations.related(work, document, relation=relation)]


@pytest.fixture
def quote(desk):
    """A sent quote with lines, allowances, and what else is copied."""
    lines = [
        {"name": "Training", "quantity": "3", "unit": "DAY", "unit_price": "450"},
        {"name": "Books", "quantity": "7", "unit_price": "10", "base_quantity": "3", "vat_rate": "5.5"},
    ]
    quote = desk.quote(
        *lines, subject="Roll-out", buyer_reference="PO 7", billing_address="2 rue B", payment_terms="30 days"
    )
    (first, _second) = desk.parts(DocumentLine, quote)
    desk.adjustment(quote, line=first.id, percent="10")
    desk.adjustment(quote, amount="20", kind="charge", reason="Freight")
    desk.do(quote, "send")
    return quote


def test_B1_a_conversion_copies_lines_adjustments_and_addresses_and_links_back(desk, quote):
    order = desk.do(quote, "order")
    desk.do(order, "confirm")
    invoice = desk.do(order, "invoice")
    for document in (order, invoice):
        assert (head(desk, document), rows(desk, document)) == (head(desk, quote), rows(desk, quote))
        own = {line.id for line in desk.parts(DocumentLine, document)}
        assert [a.line in own for a in desk.parts(DocumentAdjustment, document)] == [True, False]
    assert related(desk, order, "converted_from") == [(True, quote), (False, invoice)]
    assert desk.get(invoice)["state"] == "draft"


def test_B1_a_quote_may_become_an_invoice_at_once(desk, quote):
    invoice = desk.do(quote, "invoice")
    assert rows(desk, invoice) == rows(desk, quote)


def test_B1_converting_twice_warns_and_needs_again(desk, quote):
    first = desk.do(quote, "invoice")
    with pytest.raises(Refused, match=rf"Invoice {first} .* was made of Quote .* already.*--again"):
        desk.do(quote, "invoice")
    desk.do(quote, "order")  # another type is no second time
    assert desk.do(quote, "invoice", again=True) != first
    desk.delete(first)


def test_B1_what_is_in_the_trash_was_not_made(desk, quote):
    first = desk.do(quote, "invoice")
    desk.delete(first)
    assert desk.do(quote, "invoice") != first


@pytest.mark.parametrize(("kind", "verb"), [("quote", "order"), ("quote", "invoice"), ("sales_order", "invoice")])
def test_B1_a_draft_does_not_go_on(desk, kind, verb):
    with pytest.raises(Refused, match=r'is "Draft": it does not go on as another one. It must be'):
        desk.do(desk.document(kind), verb)


def test_B1_a_refused_conversion_names_the_states_in_the_readers_language(desk):
    with pytest.raises(Refused) as refusal:
        desk.do(desk.document("quote"), "order")
    assert "Envoyé, Accepté" in refusal.value.in_language("fr")


def test_B6_a_converted_document_is_for_the_same_deal(desk, quote):
    deal = desk.create("opportunity", name="CRM")
    desk.link(quote, deal)
    assert related(desk, desk.do(quote, "invoice"), "raised_for") == [(True, deal)]


def statements(desk, quote, count_statements):
    """How many statements the invoice of a quote costs, but for the lock of the quote, which SQLite does not need."""
    with desk.crm.write() as work:
        loaded = get(work, Quote, quote)
        with count_statements(work) as seen:
            made = invoice_quote(work, loaded)
        assert (made.state, made.gross) == ("draft", loaded.gross)
    locks = [sql for sql in seen.sql if "FOR NO KEY UPDATE" in sql]
    assert len(locks) <= 1
    return seen.count - len(locks)


@pytest.mark.parametrize("count", [1, 100])
def test_a_conversion_costs_as_many_statements_however_many_lines(desk, count, count_statements):
    quote = desk.quote(*({"name": f"Line {n}", "unit_price": "10"} for n in range(count)))
    desk.link(quote, desk.create("opportunity", name="CRM"))
    desk.do(quote, "send")
    assert statements(desk, quote, count_statements) == 9


# ---- credit notes ------------------------------------------------------------------------------------


@pytest.fixture
def invoice(desk, quote):
    invoice = desk.do(quote, "invoice")
    desk.do(invoice, "issue")
    return invoice


def test_B5_a_whole_credit_note_cancels_the_invoice_that_it_cites(desk, invoice):
    note = desk.do(invoice, "credit")
    assert related(desk, note, "credits") == [(True, invoice)]
    desk.do(note, "issue")
    values = desk.get(invoice)
    assert (values["state"], values["credited"], values["due"].amount) == ("cancelled", values["gross"], 0)
    assert desk.get(note)["number"] == "A-2026-0001"


def test_B5_a_credit_note_over_some_lines_takes_its_amount_off_what_is_due(desk, invoice):
    (training, books) = desk.parts(DocumentLine, invoice)
    note = desk.do(invoice, "credit", line=[f"{training.id}:1", str(books.id)])
    assert [(line.name, line.quantity) for line in desk.parts(DocumentLine, note)] == [
        ("Training", Decimal(1)),
        ("Books", Decimal(7)),
    ]
    desk.do(note, "issue")
    values, credited = desk.get(invoice), desk.get(note)["gross"]
    assert (values["state"], values["credited"]) == ("issued", credited)
    assert values["due"].amount == values["gross"].amount - credited.amount


def test_B5_a_line_that_is_credited_has_its_share_of_what_is_off_the_whole(desk):
    lines = [{"name": name, "unit_price": "100"} for name in ("First", "Second")]
    invoice = desk.invoice(*lines)
    desk.adjustment(invoice, percent="5")
    desk.adjustment(invoice, amount="10")
    desk.do(invoice, "issue")
    (first, _second) = desk.parts(DocumentLine, invoice)
    assert str(desk.get(desk.do(invoice, "credit", line=[str(first.id)]))["net"]) == "90.00 EUR"


def test_B5_a_part_of_a_line_has_its_share_of_the_amounts_off_that_line(desk):
    invoice = desk.invoice({"name": "Chairs", "quantity": "3", "unit_price": "10"})
    (line,) = desk.parts(DocumentLine, invoice)
    desk.adjustment(invoice, line=line.id, amount="6")
    desk.adjustment(invoice, line=line.id, percent="10", base="15", kind="charge")
    desk.do(invoice, "issue")
    assert str(desk.get(invoice)["net"]) == "25.50 EUR"
    assert str(desk.get(desk.do(invoice, "credit", line=[f"{line.id}:1"]))["net"]) == "8.50 EUR"


def test_B5_a_line_is_chosen_once_for_a_credit_note(desk, invoice):
    (training, _books) = desk.parts(DocumentLine, invoice)
    with pytest.raises(BesaceError, match=f"Line {training.id} is chosen twice"):
        desk.do(invoice, "credit", line=[f"{training.id}:1", f"{training.id}:2"])


def test_B5_nothing_of_an_empty_line_can_be_credited(desk):
    invoice = desk.invoice({"name": "Gift", "quantity": "0", "unit_price": "10"}, {"name": "Work", "unit_price": "1"})
    desk.do(invoice, "issue")
    (gift, _work) = desk.parts(DocumentLine, invoice)
    with pytest.raises(Refused, match="is of 0: 1 of it cannot be credited"):
        desk.do(invoice, "credit", line=[f"{gift.id}:1"])


def test_B5_credit_notes_never_exceed_their_invoice(desk, invoice):
    desk.do(desk.do(invoice, "credit"), "issue")
    second = desk.do(invoice, "credit", again=True)
    with pytest.raises(Refused, match="would be more than it"):
        desk.do(second, "issue")
    assert desk.get(second)["number"] is None


@pytest.mark.parametrize("given", [{"rounding": "-0.99"}, {"prepaid": "480"}])
def test_B5_neither_a_rounding_nor_what_is_paid_back_already_makes_a_credit_note_smaller(desk, given):
    invoice = desk.invoice()
    desk.do(invoice, "issue")
    first, second = (desk.do(invoice, "credit", again=True) for _n in range(2))
    desk.edit(first, **given)
    desk.do(first, "issue")
    desk.edit(second, **given)
    small = desk.document("credit_note", {"name": "Rest", "unit_price": "0.50"})
    desk.crm.write(lambda work: relations.link(work, small, "credits", invoice))
    for note, most in ((second, "2,400.00"), (small, "1,200.60")):
        with pytest.raises(Refused, match=f"is of €1,200.00: credit notes over €{most} would be more than it"):
            desk.do(note, "issue")


def test_B5_lines_that_are_credited_one_by_one_come_to_the_invoice_though_it_was_rounded_down(desk):
    invoice = desk.invoice({"name": "A", "unit_price": "50"}, {"name": "B", "unit_price": "50.33"}, rounding="-0.40")
    desk.do(invoice, "issue")
    for line in desk.parts(DocumentLine, invoice):
        desk.do(desk.do(invoice, "credit", line=[str(line.id)]), "issue")
    assert desk.get(invoice)["state"] == "cancelled"


def test_B5_a_refused_credit_note_burns_no_number_in_a_unit_that_goes_on(desk, invoice):
    first, second = (desk.do(invoice, "credit", again=True) for _n in range(2))
    desk.do(first, "issue")
    other = desk.invoice()
    desk.do(other, "issue")
    third = desk.do(other, "credit")

    def both(work):
        with pytest.raises(Refused, match="would be more than it"):
            step(work, second, "issue")
        return step(work, third, "issue").number

    assert desk.crm.write(both) == "A-2026-0002"


def test_B5_a_credit_note_is_not_of_a_day_before_its_invoice(desk):
    invoice = desk.invoice()
    desk.do(invoice, "issue", on="2026-03-10")
    note = desk.do(invoice, "credit")
    with pytest.raises(Refused) as refused:
        desk.do(note, "issue", on="2026-01-02")
    assert str(refused.value) == (
        f'2026-01-02 is before 2026-03-10, the day of issue of Invoice {invoice} "F-2026-0001". '
        "Give a later day: --on DATE"
    )
    desk.do(note, "issue", on="2026-03-10")
    assert desk.get(note)["number"] == "A-2026-0001"


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("x", "is not a line"),
        ("1:x", "is not a line"),
        ("{training}:NaN", "is not a line"),
        ("{training}:sNaN", "is not a line"),
        ("{training}:Infinity", "is not a line"),
        ("999", "has no line 999"),
        ("{training}:4", "is of 3: 4 of it cannot be credited"),
        ("{training}:-1", "-1 of it cannot be credited"),
        ("{training}:0", "0 of it cannot be credited"),
    ],
)
def test_B5_a_line_that_cannot_be_credited_gets_a_sentence(desk, invoice, line, sentence):
    (training, _books) = desk.parts(DocumentLine, invoice)
    with pytest.raises(BesaceError, match=sentence):
        desk.do(invoice, "credit", line=[line.format(training=training.id)])


def test_B5_a_draft_is_not_credited(desk):
    with pytest.raises(Refused, match="is not issued: there is nothing to correct"):
        desk.do(desk.invoice(), "credit")


def test_B5_a_credit_note_says_which_invoice_it_corrects_and_keeps_saying_it(desk, invoice):
    with pytest.raises(Refused, match="does not say which invoice it corrects"):
        desk.do(desk.document("credit_note"), "issue")
    note = desk.do(invoice, "credit")
    desk.do(note, "issue")
    other = desk.invoice()
    for change in (
        lambda work: relations.unlink(work, note, "credits", invoice),
        lambda work: relations.link(work, note, "credits", other),
    ):
        with pytest.raises(Refused, match="what it corrects cannot change any more"):
            desk.crm.write(change)
    assert related(desk, note, "credits") == [(True, invoice)]


def test_B5_a_credit_note_is_for_the_customer_of_its_invoice(desk, invoice):
    other = desk.theirs("Other")
    note = desk.document("credit_note", customer=other)
    desk.crm.write(lambda work: relations.link(work, note, "credits", invoice))
    with pytest.raises(Refused, match="differ in their customer, issuer or currency"):
        desk.do(note, "issue")


# ---- what a copy says is what was said --------------------------------------------------------------


@pytest.fixture
def catalogue(make_install):
    """A desk with a catalogue, and a product."""
    desk = Desk(make_install("persons", "products", "documents", plugins={"deals": DEALS}))
    return desk, desk.create("product", name="Course", unit_price="100", vat_rate="20")


def test_B1_a_conversion_takes_what_was_offered_and_nothing_new_of_the_catalogue(catalogue):
    desk, course = catalogue
    quote = desk.quote({"product": str(course)})
    desk.do(quote, "send")
    desk.edit(course, discount="10", code="new", vat_rate="10")
    invoice = desk.do(quote, "invoice")
    assert [str(desk.get(invoice)[key]) for key in ("net", "gross")] == ["100.00 EUR", "120.00 EUR"]
    assert rows(desk, invoice) == rows(desk, quote)


@pytest.mark.parametrize("count", [1, 20])
def test_products_cost_no_statement_and_allowances_two_however_many(catalogue, count, count_statements):
    desk, course = catalogue
    plain, quote = (desk.quote(*[{"product": str(course)}] * count) for _each in range(2))
    for line in desk.parts(DocumentLine, quote):
        desk.adjustment(quote, line=line.id, percent=5)
    for document in (plain, quote):
        desk.do(document, "send")
    assert [statements(desk, document, count_statements) for document in (plain, quote)] == [9, 11]


def test_B6_a_converted_document_is_for_each_deal_of_its_source(catalogue):
    desk, course = catalogue
    quote = desk.quote({"product": str(course)})
    deals = [desk.create("opportunity", name=name) for name in ("First", "Second", "In the trash")]
    for deal in deals:
        desk.link(quote, deal)
    desk.do(quote, "send")
    desk.delete(deals.pop())
    desk.delete(course)
    invoice = desk.do(quote, "invoice")
    assert [deal for _forward, deal in related(desk, invoice, "raised_for")] == deals
    assert [line.product_id for line in desk.parts(DocumentLine, invoice)] == [course]


def test_B1_a_quote_without_lines_is_not_converted_twice_either(desk, damage):
    quote = desk.quote()
    desk.do(quote, "send")
    damage(desk.crm, f"DELETE FROM document_line WHERE owner_id = {quote}")
    desk.do(quote, "invoice")
    with pytest.raises(Refused, match="was made of Quote"):
        desk.do(quote, "invoice")


def test_E4_E5_a_copy_stays_raised_for_a_deal_that_is_hidden_meanwhile(catalogue):
    desk, course = catalogue
    quote, deal = desk.quote({"product": str(course)}), desk.create("opportunity", name="CRM")
    desk.link(quote, deal)
    desk.do(quote, "send")
    desk.delete(deal)
    order = desk.do(quote, "order")
    desk.crm.write(lambda work: bin.restore(work, [deal]))
    desk.crm.disable("deals")
    desk.do(order, "confirm")
    invoice = desk.do(order, "invoice")
    desk.crm.enable(["deals"])
    for document in (order, invoice):
        assert related(desk, document, "raised_for") == [(True, deal)]


# ---- crediting by lines -------------------------------------------------------------------------------


def test_B1_a_line_is_credited_twice_with_again_alone_drafts_counted(desk):
    invoice = desk.invoice({"name": "Chairs", "quantity": "3", "unit_price": "10"}, {"name": "Work", "unit_price": "1"})
    desk.do(invoice, "issue")
    (chairs, work) = desk.parts(DocumentLine, invoice)
    desk.do(invoice, "credit", line=[f"{chairs.id}:2"])
    with pytest.raises(Refused, match=rf'line {chairs.id} "Chairs": 2 of 3 are credited already.*--again'):
        desk.do(invoice, "credit", line=[f"{chairs.id}:2"])
    desk.do(invoice, "credit", line=[f"{chairs.id}:1", str(work.id)])
    again = desk.do(invoice, "credit", line=[str(chairs.id)], again=True)
    desk.delete(again)


def test_B5_all_lines_chosen_are_the_whole(desk):
    invoice = desk.invoice(*({"name": name, "unit_price": "100"} for name in ("First", "Second")))
    desk.adjustment(invoice, amount="50")
    desk.edit(invoice, rounding="0.30")
    desk.do(invoice, "issue")
    note = desk.do(invoice, "credit", line=[str(line.id) for line in desk.parts(DocumentLine, invoice)])
    assert [desk.get(note)[key] for key in ("gross", "rounding")] == [
        desk.get(invoice)[key] for key in ("gross", "rounding")
    ]
    desk.do(note, "issue")
    assert desk.get(invoice)["state"] == "cancelled"


def test_B5_lines_take_their_share_of_the_amounts_off_the_whole_of_their_vat_group(desk):
    lines = [{"name": name, "unit_price": price} for name, price in (("First", "100"), ("Second", "300"))]
    invoice = desk.invoice(*lines, {"name": "Books", "unit_price": "80", "vat_rate": "5.5"})
    desk.adjustment(invoice, amount="50", vat_rate="20")
    desk.adjustment(invoice, percent="10", base="200", vat_rate="20", kind="charge")
    desk.adjustment(invoice, percent="10", vat_rate="5.5")
    desk.do(invoice, "issue")
    (first, second, books) = desk.parts(DocumentLine, invoice)
    nets = [
        str(desk.get(desk.do(invoice, "credit", line=[line]))["net"])
        for line in (f"{first.id}:0.5", str(second.id), str(books.id))
    ]
    assert nets == ["46.25 EUR", "277.50 EUR", "72.00 EUR"]  # 50 - 6.25 + 2.50; 300 - 37.50 + 15; 80 - 8


def test_B5_an_adjustment_of_a_group_without_a_credited_line_stays_where_it_is(desk):
    invoice = desk.invoice(
        {"name": "Course", "unit_price": "100"}, {"name": "Books", "unit_price": "80", "vat_rate": "5.5"}
    )
    desk.adjustment(invoice, percent="10", vat_rate="5.5")
    desk.do(invoice, "issue")
    note = desk.do(invoice, "credit", line=[str(desk.parts(DocumentLine, invoice)[0].id)])
    assert desk.parts(DocumentAdjustment, note) == []


def test_B3_a_share_has_the_decimals_of_documents_in_any_currency(desk):
    abroad = desk.create(
        "organisation", name="Tunis", address="1 rue A", city="Tunis", postal_code="1000", country="TN"
    )
    chairs = {"name": "Chairs", "quantity": "2", "unit_price": "100"}
    invoice = desk.invoice(chairs, customer=abroad, currency="TND", delivery_address="Lyon")
    (line,) = desk.parts(DocumentLine, invoice)
    desk.adjustment(invoice, line=line.id, amount="10.01")
    desk.do(invoice, "issue")
    note = desk.do(invoice, "credit", line=[f"{line.id}:1"])
    assert [a.amount.amount for a in desk.parts(DocumentAdjustment, note)] == [Decimal("5.01")]
    desk.do(note, "issue")


def test_a_damaged_document_does_not_go_on(desk, damage, quote):
    damage(desk.crm, "UPDATE document_adjustment SET line = 999 WHERE line IS NOT NULL")
    with pytest.raises(Damaged, match="is about line 999, which it has not"):
        desk.do(quote, "invoice")


def test_E4_an_invoice_says_what_it_sells_though_the_product_went_to_the_trash(catalogue):
    from besace_documents import sealing

    desk, course = catalogue
    quote = desk.quote({"product": str(course)})
    desk.do(quote, "send")
    desk.delete(course)
    invoice = desk.do(quote, "invoice")
    desk.do(invoice, "issue")
    with desk.crm.read() as work:
        assert sealing.contents(work, "invoice", [invoice])[invoice].content.operation == "goods"
