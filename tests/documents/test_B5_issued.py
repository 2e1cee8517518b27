import pytest

from besace import bin, entities, parts, reading, schema
from besace.errors import Refused
from besace_documents.lines import DocumentLine

CONTENT = {
    "number": "F-2026-0009",
    "subject": "Another one",
    "date": "2026-03-15",
    "due_date": "2026-05-01",
    "buyer_reference": "PO 7",
    "billing_address": "2 rue B",
    "delivery_address": "3 rue C",
    "delivery_date": "2026-03-01",
    "payment_terms": "At once",
    "notes": "Thank you",
    "prepaid": "1",
    "rounding": "0.01",
    "payable": "5",
    "net": "5",
    "vat": "5",
    "gross": "5",
    "issued_on": "2026-03-15",
    "customer": None,
    "issuer": None,
    "currency": "USD",
}
READ_ONLY = ("number", "net", "vat", "gross", "payable", "issued_on")


@pytest.fixture
def issued(desk):
    invoice = desk.invoice(subject="Roll-out", due_date="2026-04-30")
    desk.do(invoice, "issue")
    return invoice


@pytest.mark.parametrize("field", CONTENT)
@pytest.mark.parametrize("paid", [False, True])
def test_B5_no_content_of_an_issued_invoice_changes(desk, issued, field, paid):
    if paid:
        desk.do(issued, "pay")
    other = desk.ours("Another")
    before = desk.get(issued)
    with pytest.raises(Refused) as refused:
        desk.edit(issued, unlock=READ_ONLY, **{field: CONTENT[field] or other})
    assert 'Invoice 4 "F-2026-0001" was issued on 2026-03-14: its field "' in str(refused.value)
    assert "corrected by a credit note" in str(refused.value)
    assert desk.get(issued) == before


def test_B5_the_refusal_names_the_field(desk, issued):
    with pytest.raises(Refused, match='its field "Subject" cannot change'):
        desk.edit(issued, subject="Another one")


def test_B5_every_content_field_is_tried_above(desk):
    fields = desk.crm.registry.type("invoice").fields
    reckoned = {"state", "paid", "credited", "due", "paid_net", "paid_on"}
    assert set(fields) - set(CONTENT) == reckoned


@pytest.mark.parametrize("kind", ["document_line", "document_adjustment"])
def test_B5_an_issued_invoice_gets_no_row_more(desk, issued, kind):
    row = {"document_line": desk.line, "document_adjustment": desk.adjustment}[kind]
    with pytest.raises(Refused, match="cannot change any more"):
        row(issued, **({"percent": 5} if kind == "document_adjustment" else {}))


@pytest.mark.parametrize("paid", [False, True])
def test_B5_the_lines_of_an_issued_invoice_are_neither_changed_nor_removed(desk, issued, paid):
    if paid:
        desk.do(issued, "pay")
    before = desk.get(issued)
    for change in (lambda work, row: parts.edit(work, row, quantity=2), parts.remove):
        with pytest.raises(Refused, match='its "Lines" cannot change any more'):
            desk.crm.write(lambda work, do=change: do(work, reading.parts_of(work, DocumentLine, [issued])[0]))
    assert (desk.get(issued), len(desk.parts(DocumentLine, issued))) == (before, 1)


def test_B5_a_batch_with_one_issued_invoice_changes_none(desk, issued):
    draft = desk.invoice(subject="Draft")
    with pytest.raises(Refused, match="cannot change any more"):
        desk.crm.write(
            lambda work: entities.edit_many(work, "invoice", {draft: {"notes": "x"}, issued: {"notes": "x"}})
        )
    assert desk.get(draft)["notes"] is None


def test_B5_saving_it_unchanged_is_no_change(desk, issued):
    before = desk.get(issued)
    desk.edit(issued, subject="Roll-out", due_date="2026-04-30")
    assert desk.get(issued) == before


def test_B5_not_even_code_makes_it_a_draft_again(desk, issued):
    desk.edit(issued, state="draft", unlock=("state",))
    assert desk.get(issued)["state"] == "issued"


def test_B5_payment_is_no_content(desk, issued):
    desk.do(issued, "pay")
    assert desk.get(issued)["state"] == "paid"


def test_B5_who_looks_after_it_may_change(desk, issued):
    bob = desk.create("user", name="bob")
    desk.edit(issued, owner=bob)
    assert desk.get(issued)["owner"] == bob


def test_B5_an_issued_invoice_is_not_deleted(desk, issued):
    draft = desk.invoice()
    with pytest.raises(Refused, match='Invoice 4 "F-2026-0001" was issued and cannot be deleted'):
        desk.delete(draft, issued)
    assert desk.found("invoice", "draft or issued") == [issued, draft]


def test_B5_so_it_is_not_purged_either(desk, issued):
    with pytest.raises(Refused, match="is not in the trash"):
        desk.crm.write(lambda work: bin.purge(work, issued))


def test_B5_drafts_and_quotes_are_deleted_and_restored(desk):
    draft, quote = desk.invoice(), desk.quote()
    desk.do(quote, "send")
    desk.delete(draft, quote)
    assert desk.found("invoice", "draft") == desk.found("quote", "sent") == []
    desk.crm.write(lambda work: bin.restore(work, [draft, quote]))
    assert (desk.found("invoice", "draft"), desk.found("quote", "sent")) == ([draft], [quote])


def test_B5_an_issuer_with_invoices_is_not_purged(desk):
    other = desk.ours("Other")
    desk.issued(issuer=other)
    desk.delete(other)
    with pytest.raises(Refused, match=r'cannot be purged: 1 row of the plugin "documents"'):
        desk.crm.write(lambda work: bin.purge(work, other))


def test_B5_the_database_keeps_two_invoices_from_one_number(desk):
    desk.issued()
    from sqlalchemy.exc import IntegrityError

    second = desk.invoice()
    given = {"number": "F-2026-0001", "state": "issued", "issued_on": "today"}
    with pytest.raises(IntegrityError, match=r"(?i)unique"):
        desk.edit(second, unlock=tuple(given), **given)


def test_the_migrated_tables_are_those_of_the_models(desk):
    with desk.crm.reader.connect() as connection:
        assert schema.differences(connection, "documents", desk.crm.registry) == []


def test_disabling_and_enabling_keeps_every_document(desk, issued):
    before = desk.get(issued)
    desk.crm.disable("documents")
    desk.crm.enable(["documents"])
    assert desk.get(issued) == before
    assert desk.issued() == "F-2026-0002"


@pytest.mark.parametrize(("kind", "verb"), [("quote", "send"), ("sales_order", "confirm")])
def test_B5_what_was_sent_or_confirmed_says_the_same_from_then_on(desk, kind, verb):
    document = desk.document(kind)
    desk.do(document, verb)
    with pytest.raises(Refused, match=r"cannot change any more. Make a new one instead"):
        desk.edit(document, subject="Another one")
    with pytest.raises(Refused, match="cannot change any more"):
        desk.line(document)
