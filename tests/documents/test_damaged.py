"""Documents whose rows were damaged past the program: they are named, and the others are looked at (rules B3, B5)."""

from __future__ import annotations

import pytest

from besace.verification import runs
from besace_documents.lines import DocumentAdjustment, DocumentLine

HINT = "Somebody changed it past the program: look at all documents with besace verify, and compare with a backup."

ROWS = {
    "UPDATE document_line SET base_quantity = 0 WHERE owner_id = {id}": (
        'Invoice {id} "{label}", line {line} "Work": its base quantity is 0, and has to be above 0.'
    ),
    "UPDATE document_line SET base_quantity = -10000 WHERE owner_id = {id}": (
        'Invoice {id} "{label}", line {line} "Work": its base quantity is -1, and has to be above 0.'
    ),
    "UPDATE document_line SET quantity = 9000000000000000, unit_price = 9000000000000000 WHERE owner_id = {id}": (
        'Invoice {id} "{label}", line {line} "Work": it comes to 8099999999999999999990.00, and that is too much.'
    ),
    "UPDATE document_adjustment SET line = 9999 WHERE owner_id = {id}": (
        'Invoice {id} "{label}": its allowance or charge {adjustment} "Rebate" is about line 9999, which it has not.'
    ),
    "UPDATE document_adjustment SET amount = 9000000000000000000 WHERE owner_id = {id}": (
        'Invoice {id} "{label}", line {line} "Work": it comes to -89999999999999000.00, and that is too much.'
    ),
}
"""What damages the rows of a document, and what is said of it."""

FIXED = {
    "no JSON": "'x'",
    "a list": "'[]'",
    "nested beyond reading": f"'{'[' * 100_000}'",
    "nothing in it": "'{}'",
    "parties that are none": """'{"seller": 1, "buyer": 2}'""",
    "a name that is no text": """replace(fixed, '"SNCF"', '[1]')""",
    "a mention that is no text": """replace(fixed, '"mentions": [', '"mentions": [3, ')""",
    "a field too many": """replace(fixed, '"buyer"', '"x": 1, "buyer"')""",
}
"""What damages the seal of a document: what its `fixed` is set to."""


def told(desk, key):
    (verdict,) = [v for v in runs.run(desk.crm) if v.key == key]
    return [str(f.message) for f in verdict.findings]


@pytest.fixture
def pair(desk):
    """Two invoices, the first with an allowance on its line."""
    ids = [desk.invoice(), desk.invoice()]
    (line,) = desk.parts(DocumentLine, ids[0])
    desk.adjustment(ids[0], line=line.id, amount="10")
    return ids


@pytest.fixture
def issued(desk, pair):
    for invoice in pair:
        desk.do(invoice, "issue")
    return pair


def named(desk, sentence, invoice):
    (line,), (adjustment,) = desk.parts(DocumentLine, invoice), desk.parts(DocumentAdjustment, invoice)
    label = desk.get(invoice)["label"]
    return sentence.format(id=invoice, label=label, line=line.id, adjustment=adjustment.id)


@pytest.mark.parametrize("statement", ROWS)
def test_B3_verify_names_a_draft_whose_rows_cannot_be_reckoned_with_and_goes_on(desk, pair, damage, statement):
    damage(desk.crm, statement.format(id=pair[0]), f"UPDATE invoice SET net = 1 WHERE id = {pair[1]}")
    label = desk.get(pair[1])["label"]
    assert told(desk, "totals") == [
        named(desk, ROWS[statement], pair[0]),
        f'Invoice {pair[1]} "{label}": its totals do not follow from its lines.',
    ]


@pytest.mark.parametrize("statement", ROWS)
def test_B5_verify_names_an_issued_invoice_whose_rows_cannot_be_reckoned_with(desk, issued, damage, statement):
    damage(
        desk.crm, statement.format(id=issued[0]),
        f"UPDATE invoice SET subject = 'Other' WHERE id = {issued[1]}",
    )  # fmt: skip
    assert told(desk, "seals") == [
        named(desk, ROWS[statement], issued[0]),
        f'Invoice {issued[1]} "F-2026-0002" does not say any more what was sealed when it was issued.',
    ]


@pytest.mark.parametrize("statement", ROWS)
@pytest.mark.parametrize("words", ["invoice show {id}", "documents print {id} --to -", "invoice show {id} --json"])
def test_B3_nobody_is_shown_a_document_that_cannot_be_reckoned_with(desk, issued, damage, run, statement, words):
    damage(desk.crm, statement.format(id=issued[0]))
    ran = run(desk.crm, *words.format(id=issued[0]).split())
    assert ran.exit_code == 1
    assert f"{named(desk, ROWS[statement], issued[0])} {HINT}" in ran.stderr


def test_B3_mending_leaves_a_draft_that_cannot_be_reckoned_with_to_a_person(desk, pair, damage):
    damage(
        desk.crm, f"UPDATE document_line SET base_quantity = 0 WHERE owner_id = {pair[0]}",
        f"UPDATE invoice SET net = 1 WHERE id = {pair[1]}",
    )  # fmt: skip
    (verdict,) = [v for v in runs.run(desk.crm, fix=True) if v.key == "totals"]
    assert (verdict.mended, verdict.found) == (1, 1)


def test_B3_a_line_is_not_added_to_a_draft_that_cannot_be_reckoned_with(desk, pair, damage, run):
    (line,) = desk.parts(DocumentLine, pair[0])
    damage(desk.crm, f"UPDATE document_line SET base_quantity = 0 WHERE owner_id = {pair[0]}")
    add = ("document-line", "add", str(pair[0]), "--name", "More", "--unit-price", "5")
    refused = run(desk.crm, *add)
    assert (refused.exit_code, f'line {line.id} "Work": its base quantity is 0' in refused.stderr) == (1, True)
    run(desk.crm, "document-line", "edit", str(line.id), "--base-quantity", "1")
    assert run(desk.crm, *add).exit_code == 0


@pytest.mark.parametrize("case", FIXED)
def test_B5_verify_names_a_document_whose_seal_cannot_be_read_and_goes_on(desk, issued, damage, case):
    damage(
        desk.crm, f"UPDATE document_seal SET fixed = {FIXED[case]} WHERE owner_id = {issued[0]}",
        f"UPDATE invoice SET subject = 'Other' WHERE id = {issued[1]}",
    )  # fmt: skip
    assert told(desk, "seals") == [
        f'Invoice {issued[0]} "F-2026-0001": what was fixed when it was issued cannot be read any more.',
        f'Invoice {issued[1]} "F-2026-0002" does not say any more what was sealed when it was issued.',
    ]


@pytest.mark.parametrize("case", FIXED)
def test_B5_a_document_whose_seal_cannot_be_read_is_not_printed(desk, issued, damage, run, case):
    damage(desk.crm, f"UPDATE document_seal SET fixed = {FIXED[case]} WHERE owner_id = {issued[0]}")
    ran = run(desk.crm, "documents", "print", str(issued[0]), "--to", "-")
    assert (ran.exit_code, f"what was fixed when it was issued cannot be read any more. {HINT}" in ran.stderr) == (
        1,
        True,
    )


def test_B5_verify_names_a_document_in_a_currency_that_does_not_exist_and_goes_on(desk, issued, damage):
    damage(
        desk.crm, f"UPDATE entity SET currency = 'ZZZ' WHERE id = {issued[0]}",
        f"UPDATE invoice SET subject = 'Other', net = 1 WHERE id = {issued[1]}",
    )  # fmt: skip
    for key in ("seals", "totals"):
        first, second = told(desk, key)
        assert first == f'Invoice {issued[0]} "F-2026-0001" cannot be read: "ZZZ" is not a currency.'
        assert f"Invoice {issued[1]}" in second
