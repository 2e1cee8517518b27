"""Rule B5: each issued document is sealed, after the one before it in its series."""

from __future__ import annotations

import pytest

from besace import bin, relations
from besace.errors import NotFound
from besace.verification import runs
from besace_documents.models import DocumentSeal
from besace_documents.sealing import contents


def told(desk):
    (verdict,) = [v for v in runs.run(desk.crm) if v.key == "seals"]
    return [str(f.message) for f in verdict.findings]


def content(desk, document, kind="invoice"):
    with desk.crm.read() as work:
        return contents(work, kind, [document])[document]


@pytest.fixture
def issued(desk):
    """Three issued invoices."""
    ids = [desk.invoice(subject=f"Work {n}") for n in range(3)]
    for invoice in ids:
        desk.do(invoice, "issue")
    assert told(desk) == []
    return ids


def test_a_draft_has_no_seal(desk):
    draft = desk.invoice()
    assert (desk.parts(DocumentSeal, draft), content(desk, draft).sha256) == ([], None)


def test_each_seal_names_the_one_before_it(desk, issued):
    seals = [desk.parts(DocumentSeal, invoice)[0] for invoice in issued]
    assert [seal.before for seal in seals] == [None, seals[0].sha256, seals[1].sha256]
    assert len({seal.sha256 for seal in seals}) == 3


def test_it_says_what_it_said_whatever_becomes_of_its_parties(desk, issued):
    before = content(desk, issued[0]).content
    desk.edit(desk.customer, name="Another name", address="Elsewhere")
    desk.edit(desk.us, city="Nice")
    assert content(desk, issued[0]).content == before
    assert before.buyer.name == "SNCF"


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE document_line SET quantity = 20000 WHERE owner_id = {id}",
        "UPDATE document_line SET name = 'Other' WHERE owner_id = {id}",
        "DELETE FROM document_line WHERE owner_id = {id}",
        "UPDATE invoice SET subject = 'Other' WHERE id = {id}",
        "UPDATE invoice SET customer_id = issuer_id WHERE id = {id}",
        "UPDATE invoice SET date = '2026-01-01' WHERE id = {id}",
        "UPDATE document_seal SET fixed = replace(fixed, 'SNCF', 'RATP') WHERE owner_id = {id}",
    ],
)
def test_verify_tells_what_was_changed_past_the_program(desk, issued, damage, statement):
    damage(desk.crm, statement.format(id=issued[1]))
    (sentence,) = told(desk)
    assert str(issued[1]) in sentence
    assert "does not say any more what was sealed" in sentence


def test_verify_tells_a_seal_that_was_made_anew_after_a_change(desk, issued, damage):
    damage(desk.crm, f"UPDATE invoice SET subject = 'Other' WHERE id = {issued[1]}")
    changed = content(desk, issued[1])
    damage(
        desk.crm,
        f"UPDATE document_seal SET sha256 = '{changed.content.sealed(changed.before)}' WHERE owner_id = {issued[1]}",
    )
    (sentence,) = told(desk)
    assert str(issued[2]) in sentence
    assert "does not follow the seal before it" in sentence


def test_verify_tells_that_the_last_seal_is_lost(desk, issued, damage):
    damage(desk.crm, f"DELETE FROM document_seal WHERE owner_id = {issued[2]}")
    (sentence,) = told(desk)
    assert sentence == f"Invoice: the seal of the last document of 2026 of organisation {desk.us} is lost."


def test_quotes_and_orders_are_sealed_in_series_of_their_own(desk, issued):
    quote, order = desk.quote(), desk.document("sales_order")
    desk.do(quote, "send")
    desk.do(order, "confirm")
    assert [desk.parts(DocumentSeal, document)[0].before for document in (quote, order)] == [None, None]
    assert told(desk) == []


def test_a_sent_quote_in_the_trash_breaks_no_chain(desk):
    first, second = desk.quote(), desk.quote()
    desk.do(first, "send")
    desk.do(second, "send")
    desk.delete(first)
    assert told(desk) == []


def test_seals_are_verified_in_as_many_statements_however_many_there_are(desk, issued, count_statements):
    def count():
        with desk.crm.read() as work, count_statements(work) as seen:
            list(work.crm.registry.verifications["seals"].find(work))
        return seen.count

    few = count()
    for _n in range(10):
        desk.issued()
    assert count() == few


@pytest.mark.parametrize(
    ("kind", "verb"),
    [("quote", "send"), ("sales_order", "confirm"), ("invoice", "issue"), ("credit_note", "issue")],
)
@pytest.mark.parametrize("field", ["customer", "issuer"])
def test_B5_nothing_is_sealed_without_its_customer_or_its_issuer(desk, kind, verb, field):
    party = {"customer": desk.theirs("Client"), "issuer": desk.ours("Branch")}
    document = desk.document(kind, **party)
    if kind == "credit_note":
        invoice = desk.invoice(**party)
        desk.do(invoice, "issue")
        desk.crm.write(lambda work: relations.link(work, document, "credits", invoice))
    desk.delete(party[field])
    with pytest.raises(NotFound) as refused:
        desk.do(document, verb)
    label, name = {"customer": ("Customer", "Client"), "issuer": ("Issuer", "Branch")}[field]
    assert str(refused.value) == (
        f'{label}: Organisation {party[field]} "{name}" is in the trash. '
        f"Take it out with: besace organisation restore {party[field]}"
    )
    assert desk.get(document)["number"] is None
    desk.crm.write(lambda work: bin.restore(work, [party[field]]))
    desk.do(document, verb)
    assert desk.get(document)["number"] is not None


def test_B5_a_contact_in_the_trash_is_sent_no_quote(desk):
    contact = desk.create("contact", last_name="Petit")
    quote = desk.quote(customer=contact)
    desk.delete(contact)
    with pytest.raises(NotFound, match=rf"Customer: Contact {contact} .* is in the trash.*contact restore {contact}"):
        desk.do(quote, "send")
