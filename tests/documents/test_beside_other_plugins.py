"""Documents beside deals, actions and the import: what counts, and what even an import cannot change."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest

from besace import entities, parts, relations
from besace.operations import run as run_operation
from besace.reading import get
from besace.transfer.importing import import_file

from .conftest import Desk

MAPPING = """
type = "invoice"
[identity]
column = "ref"
system = "books"
[fields]
subject = "subject"
notes = "notes"
date = "date"
[fields.customer]
column = "customer"
look_up = { type = "organisation" }
"""


@pytest.fixture
def office(make_install):
    """All that documents work with, and a fair with objectives on them; its id."""
    from besace_commercial_actions.models import Objective

    desk = Desk(make_install("persons", "opportunities", "commercial_actions", "documents"))
    fair = desk.create("commercial_action", title="Fair", start_date="2026-03-01", end_date="2026-03-31")
    for counts, condition in (("quote", "sent"), ("invoice", "issued"), ("quote", None)):
        asked = {"name": f"{counts} {condition}", "target": 2, "counts": counts, "condition": condition}
        desk.crm.write(lambda work, asked=asked: parts.add(work, Objective, fair, **asked).id)
    return desk, fair


def values(desk: Desk, fair: int) -> list[Any]:
    with desk.crm.read() as work:
        info = work.crm.registry.type("commercial_action")
        action = get(work, "commercial_action", fair)
        found = run_operation(work, info.operations["progress"], info.fields, [action], {})
        return [int(objective.value) for objective in found.objectives]


def test_B7_objectives_count_what_was_ever_sent_and_ever_issued(office):
    desk, fair = office
    quotes, invoice = [desk.quote() for _n in range(4)], desk.invoice()
    desk.crm.write(lambda work: [relations.link(work, d, "fulfils_goal", fair) for d in (*quotes, invoice)])
    assert values(desk, fair) == [0, 0, 4]
    for quote in quotes[:3]:
        desk.do(quote, "send")
    desk.do(invoice, "issue")
    assert values(desk, fair) == [3, 1, 4]
    desk.do(quotes[0], "refuse")
    desk.do(quotes[1], "accept")
    desk.do(invoice, "pay")
    assert values(desk, fair) == [3, 1, 4]
    desk.delete(quotes[0])
    assert values(desk, fair) == [2, 1, 3]


def test_C6_a_quote_of_a_linked_deal_is_linked_only_through_it(office, run):
    desk, fair = office
    deal = desk.create("opportunity", name="CRM", target=desk.customer)
    quote = desk.quote()
    desk.do(quote, "send")
    desk.link(quote, deal)
    desk.crm.write(lambda work: relations.link(work, deal, "fulfils_goal", fair))
    (objective, *_rest) = run(desk.crm, "objective", "list", str(fair), "--json").json
    explained = run(desk.crm, "objective", "explain", str(objective["id"]), "--json").json
    assert (explained["value"], explained["rows"]) == ("0", [])
    (left_out,) = explained["left_out"]
    assert (left_out["label"], "only through" in left_out["reason"]) == ("D-2026-0001", True)


def test_documents_bring_no_revenue_beside_their_deal(office, run):
    desk, fair = office
    invoice = desk.invoice()
    desk.crm.write(lambda work: relations.link(work, invoice, "fulfils_goal", fair))
    assert run(desk.crm, "commercial-action", "progress", str(fair), "--json").json["revenue"] == []


def test_B5_an_import_changes_drafts_and_never_an_issued_invoice(desk, tmp_path):
    (tmp_path / "books.toml").write_text(MAPPING)

    def bring(notes: str) -> Any:
        rows = [f"R{n},Job {n},{notes},2026-03-14,SNCF" for n in (1, 2)]
        (tmp_path / "books.csv").write_text("\n".join(["ref,subject,notes,date,customer", *rows, ""]))
        return import_file(desk.crm, tmp_path / "books.csv", tmp_path / "books.toml")

    assert bring("Thanks").created == 2
    first, second = desk.found("invoice", "draft")
    desk.line(first)
    desk.do(first, "issue")
    before = desk.get(first)
    result = bring("Well")
    assert (result.updated, result.failed) == (1, 1)
    (problem,) = result.errors
    assert 'its field "Notes" cannot change any more' in str(problem.sentence)
    assert (desk.get(first), desk.get(second)["notes"]) == (before, "Well")
    assert bring("Thanks").unchanged == 1  # the issued one, as it was


def test_B4_an_import_gives_no_numbers_and_issues_nothing(desk, tmp_path, run):
    for column in ("number", "state", "issued_on", "net"):
        (tmp_path / "books.toml").write_text(
            MAPPING.replace("[fields.customer]", f'{column} = "it"\n[fields.customer]')
        )
        (tmp_path / "books.csv").write_text("ref,subject,notes,date,customer,it\nR1,J,1,2026-03-14,SNCF,x\n")
        done = run(desk.crm, "import", str(tmp_path / "books.csv"), "--mapping", str(tmp_path / "books.toml"))
        assert done.exit_code in (1, 2)
        assert "Error" in done.stderr or "cannot be set by hand" in done.stderr
    assert desk.found("invoice", "draft or issued") == []


def test_B1_the_view_of_a_customer_costs_the_same_whatever_hangs_on_it(desk, count_statements):
    from besace.crud import show

    def cost() -> int:
        with desk.crm.read() as work:
            customer = get(work, "organisation", desk.customer)
            with count_statements(work) as seen:
                show(work, customer)
        return seen.count

    before = cost()
    rows = [{"customer": desk.customer, "subject": f"Quote {n}"} for n in range(100)]
    desk.crm.write(lambda work: entities.create_many(work, "quote", rows))
    assert cost() == before


def test_the_view_of_a_customer_reads_in_french(desk, run):
    desk.quote(subject="D-1")
    desk.issued()
    shown = run(desk.crm, "--language", "fr", "organisation", "show", str(desk.customer)).stdout
    for word in ("Devis et factures", "Devis", "Facture", "Brouillon", "Émise", "F-2026-0001"):
        assert word in shown
    assert date(2026, 3, 14).isoformat() in shown
    assert json.loads(run(desk.crm, "quote", "list", "--json").stdout)[0]["label"] == "D-1"
