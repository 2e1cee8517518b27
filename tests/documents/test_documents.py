from datetime import date

import pytest

from besace import entities, reading
from besace.crud import show
from besace.errors import BesaceError, Refused
from besace.views import as_json


def block(desk, entity_id, key="documents"):
    with desk.crm.read() as work:
        found = reading.found_entities(work, [entity_id])[entity_id]
        return as_json(work, show(work, reading.get(work, found.type, entity_id)).blocks[key])


@pytest.mark.parametrize("type_key", ["quote", "sales_order", "invoice", "credit_note"])
def test_a_document_begins_as_a_draft_of_today_from_us(desk, type_key):
    document = desk.create(type_key, customer=desk.customer)
    values = desk.get(document)
    assert (values["state"], values["date"], values["issuer"]) == ("draft", date(2026, 3, 14), desk.us)


def test_a_document_without_lines_has_no_amounts(desk):
    values = desk.get(desk.empty("quote"))
    assert {values[key] for key in ("net", "vat", "gross", "payable")} == {None}


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"prepaid": "100EUR", "rounding": "1USD"}, "Rounding: .*is not in EUR"),
        ({"prepaid": "-1"}, "below the minimum"),
        ({"gross": "5"}, "Gross of Quote cannot be set by hand"),
        ({"net": "5"}, "Net of Quote cannot be set by hand"),
        ({"number": "Q-1"}, "Number of Quote cannot be set by hand"),
        ({"customer": "999"}, "There is no .*999"),
        ({"customer": "user:alice"}, "not one of the types expected"),
        ({"customer": None}, "Customer is required"),
        ({"issuer": "SNCF"}, '"SNCF" cannot issue documents: it is not one of ours'),
        ({"date": "2026-03-14", "due_date": "2026-03-13"}, "due on 2026-03-13, before it"),
        ({"date": "31/02/2026"}, "is not a date"),
    ],
)
def test_a_wrong_value_gets_a_sentence_and_stores_nothing(desk, values, sentence):
    with pytest.raises(BesaceError, match=sentence):
        desk.empty("quote", **values)
    assert desk.found("quote", "draft or not draft") == []


@pytest.mark.parametrize(
    ("values", "label"),
    [
        ({"subject": "CRM"}, "CRM"),
        ({}, "2026-03-14 1000.00 EUR"),
    ],
)
def test_a_document_is_named_by_the_best_that_it_has(desk, values, label):
    quote = desk.quote(**values)
    assert desk.get(quote)["label"] == label
    desk.do(quote, "send")
    assert (desk.get(quote)["label"], desk.get(desk.empty("quote"))["label"]) == ("D-2026-0001", "2026-03-14")


def test_a_customer_may_be_a_contact(desk):
    contact = desk.create("contact", last_name="Morel")
    quote = desk.quote(customer=contact)
    assert [d["id"] for d in block(desk, contact)["documents"]] == [quote]


def test_a_batch_costs_the_same_number_of_statements_whatever_its_size(desk, count_statements):
    def cost(work, rows):
        with count_statements(work) as seen:
            entities.create_many(work, "quote", [{"customer": desk.customer}] * rows)
        return seen.count

    desk.crm.write(lambda work: cost(work, 1))
    assert desk.crm.write(lambda work: cost(work, 1)) == desk.crm.write(lambda work: cost(work, 100))


def test_the_documents_of_a_deal_stand_in_its_view(desk):
    deal = desk.create("opportunity", name="CRM")
    quote, invoice, other = desk.quote(subject="Q-1", date="2026-03-10"), desk.invoice(), desk.quote()
    for document in (quote, invoice):
        desk.link(document, deal)
    desk.do(invoice, "issue")
    shown = block(desk, deal)
    amounts = {
        "net": {"amount": "1000.00", "currency": "EUR"},
        "gross": {"amount": "1200.00", "currency": "EUR"},
    }
    assert shown == {
        "documents": [
            {
                "id": invoice, "type": "invoice", "label": "F-2026-0001", "number": "F-2026-0001",
                "date": "2026-03-14", "state": "issued", **amounts, "due": amounts["gross"],
            },
            {
                "id": quote, "type": "quote", "label": "Q-1", "number": None,
                "date": "2026-03-10", "state": "draft", **amounts, "due": None,
            },
        ],
        "count": 2,
    }  # fmt: skip
    desk.delete(quote)
    assert [d["id"] for d in block(desk, deal)["documents"]] == [invoice]
    assert other in [d["id"] for d in block(desk, desk.customer)["documents"]]


def test_a_view_costs_one_statement_for_documents_and_counts_those_that_it_leaves_out(desk, count_statements):
    deal = desk.create("opportunity", name="CRM")

    def cost():
        with desk.crm.read() as work:
            loaded = reading.get(work, "opportunity", deal)
            with count_statements(work) as seen:
                shown = show(work, loaded).blocks["documents"]
            return seen.count, len(shown.documents), shown.count

    assert cost() == (1, 0, 0)
    for _n in range(53):
        desk.link(desk.quote(), deal)
    assert cost() == (1, 50, 53)


def test_only_documents_are_raised_for_deals_and_nothing_else(desk):
    deal = desk.create("opportunity", name="CRM")
    for subject, object_ in ((desk.customer, deal), (desk.quote(), desk.customer)):
        with pytest.raises(Refused, match="is raised for"):
            desk.link(subject, object_)


def test_being_raised_for_a_deal_carries_its_goal(desk):
    assert desk.crm.registry.relation_type("raised_for").carries_goal


def test_documents_declare_no_measures_since_those_would_make_them_deals(desk):
    types = desk.crm.registry.types
    assert not types["quote"].measures
    assert not types["invoice"].measures


def test_amounts_are_summed_by_field(desk):
    desk.invoice()
    desk.do(desk.invoice({"name": "Small", "unit_price": 100}), "issue")
    with desk.crm.read() as work:
        info = work.crm.registry.type("invoice")
        (row,) = reading.count(work, info, where="issued", sum="gross")
    assert str(row.sum["EUR"]) == "120.00 EUR"
