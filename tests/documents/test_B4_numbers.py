import subprocess
import sys
from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from besace import bin, hookimpl, parts, reading
from besace.errors import BesaceError, InvalidValue, Refused
from besace_documents.lines import DocumentLine

from .conftest import DEALS, Desk, step


def numbers(desk, issuer=None):
    """The numbers of the issued invoices of an issuer, in the order in which they were given."""
    where = f"issued and issuer = {issuer or desk.us}"
    with desk.crm.read() as work:
        found = reading.page(work, work.crm.registry.type("invoice"), where=where, limit=None)
        return sorted(invoice.number for invoice in found)


def test_B4_a_draft_has_no_number(desk):
    assert desk.get(desk.invoice())["number"] is None
    with pytest.raises(Refused, match="Number of Invoice cannot be set by hand"):
        desk.invoice(number="F-2026-0007")


def test_B4_not_even_code_numbers_a_draft_or_issues_without_a_number(desk):
    invoice = desk.invoice()
    for given_, unlock in (({"number": "F-1"}, ("number",)), ({"state": "issued"}, ("state",))):
        with pytest.raises(Refused, match="a number and a day of issue once it is issued, and not before"):
            desk.edit(invoice, unlock=unlock, **given_)


def test_B4_numbers_follow_one_another_without_a_gap(desk):
    assert [desk.issued() for _n in range(3)] == ["F-2026-0001", "F-2026-0002", "F-2026-0003"]


def test_B4_issuing_dates_the_invoice(desk):
    invoice = desk.invoice(date="2026-03-01")
    desk.do(invoice, "issue", on="2026-03-12")
    values = desk.get(invoice)
    assert (values["date"], values["issued_on"], values["label"]) == (
        date(2026, 3, 12),
        date(2026, 3, 12),
        "F-2026-0001",
    )


def test_B4_each_issuer_and_each_year_has_a_series_of_its_own(desk):
    other = desk.ours("Our other firm")
    given_ = [desk.issued("2025-12-30"), desk.issued("2026-01-05", issuer=other), desk.issued("2026-01-05")]
    assert given_ == ["F-2025-0001", "F-2026-0001", "F-2026-0001"]
    assert desk.issued("2026-01-06") == "F-2026-0002"


def test_B4_a_day_before_the_last_one_of_the_series_is_refused(desk):
    desk.issued("2026-03-12")
    late = desk.invoice()
    with pytest.raises(Refused) as refused:
        desk.do(late, "issue", on="2026-03-11")
    assert str(refused.value) == (
        "F-2026-0001, the last of its series, was given for 2026-03-12: none can be given for 2026-03-11, "
        "before it. Issue it on 2026-03-12 or later: --on 2026-03-12"
    )
    assert (desk.get(late)["state"], numbers(desk)) == ("draft", ["F-2026-0001"])
    assert desk.issued("2026-03-12") == "F-2026-0002"


def test_B4_a_year_is_closed_by_the_first_number_of_a_later_one(desk):
    assert [desk.issued(day) for day in ("2025-12-30", "2026-01-05")] == ["F-2025-0001", "F-2026-0001"]
    for day in ("2025-12-29", "2025-12-31"):
        with pytest.raises(Refused, match="F-2026-0001, the last of its series, was given for 2026-01-05"):
            desk.issued(day)
    assert desk.issued("2026-01-05") == "F-2026-0002"


@pytest.mark.parametrize(
    ("kind", "verb", "number"),
    [("quote", "send", "D-2026-0001"), ("sales_order", "confirm", "C-2026-0001"), ("invoice", "issue", "F-2026-0001")],
)
def test_B4_each_type_has_a_series_of_its_own(desk, kind, verb, number):
    desk.issued()
    first = desk.document(kind)
    assert desk.get(first)["number"] is None
    desk.do(first, verb)
    assert desk.get(first)["number"] == (number if kind != "invoice" else "F-2026-0002")


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda desk: desk.empty("invoice"), "it has no line. Add one: besace document-line add"),
        (
            lambda desk: desk.invoice(date="2026-03-05", due_date="2026-03-10"),
            "It is due on 2026-03-10, before its date",
        ),
    ],
)
def test_B4_an_issue_that_is_refused_burns_no_number(desk, make, sentence):
    refused = make(desk)
    with pytest.raises(Refused, match=sentence):
        desk.do(refused, "issue", on="2026-03-12")
    assert desk.issued("2026-03-12") == "F-2026-0001"


@pytest.mark.parametrize("place", ["prepaid", "rounding", "line", "document", "base"])
def test_B4_an_amount_finer_than_EN_16931_knows_is_not_issued(desk, place):
    abroad = desk.create("organisation", name="Abroad", address="1 rue A", country="TN")
    given_ = {place: "0.005"} if place in ("prepaid", "rounding") else {}
    invoice = desk.invoice(customer=abroad, currency="TND", **given_)
    if not given_:
        line = {"line": desk.parts(DocumentLine, invoice)[0].id} if place == "line" else {}
        amounts = {"percent": "5", "base": "0.005"} if place == "base" else {"amount": "0.005"}
        desk.adjustment(invoice, **line, **amounts)
    with pytest.raises(Refused, match=r"0.005 has too many decimals. Expected at most 2 decimals. \(BR-DEC-"):
        desk.do(invoice, "issue")


def test_B4_no_number_is_given_for_a_day_to_come(desk):
    slip = desk.invoice()
    with pytest.raises(Refused, match=r"2062-03-14 is a day to come: .* Give today, or a day before it"):
        desk.do(slip, "issue", on="2062-03-14")
    assert desk.issued() == "F-2026-0001"


def test_B4_nor_does_it_in_a_unit_that_goes_on(desk):
    refused, good = desk.invoice(date="2026-03-05", due_date="2026-03-10"), desk.invoice()

    def both(work):
        with pytest.raises(Refused, match="It is due on 2026-03-10, before its date"):
            step(work, refused, "issue", on="2026-03-12")
        return step(work, good, "issue", on="2026-03-11").number

    assert desk.crm.write(both) == "F-2026-0001"


def test_B4_a_unit_that_fails_after_the_issue_burns_no_number(desk):
    invoice = desk.invoice()

    def fail(work):
        assert step(work, invoice, "issue").number == "F-2026-0001"
        raise RuntimeError("the power fails")

    with pytest.raises(RuntimeError):
        desk.crm.write(fail)
    assert (desk.get(invoice)["number"], desk.issued()) == (None, "F-2026-0001")


def test_B4_nor_does_the_refusal_of_another_plugin(make_install):
    class Strict:
        """Refuses large invoices."""

        __name__ = "strict"

        @hookimpl
        def check_save(self, work, saves):
            if any("issued_on" in s.changed and s.new["net"].amount > 5000 for s in saves):
                raise Refused("Too large.")

    desk = Desk(make_install("persons", "documents", plugins={"deals": DEALS, "strict": Strict()}))
    with pytest.raises(Refused, match="Too large"):
        desk.do(desk.invoice({"name": "Much", "unit_price": 6000}), "issue")
    assert desk.issued() == "F-2026-0001"


def test_B4_an_invoice_is_issued_by_one_of_ours(desk):
    desk.set("own_organisation", None)
    with pytest.raises(Refused, match=r"has no Issuer. .*edit \d+ --issuer REF"):
        desk.issued()
    with pytest.raises(Refused, match=r'"SNCF" cannot issue documents: it is not one of ours'):
        desk.invoice(issuer=desk.customer)


def test_B4_an_issuer_that_was_ours_issues_no_more(desk):
    sold = desk.ours("Sold")
    invoice = desk.invoice(issuer=sold)
    desk.edit(sold, ours=False)
    with pytest.raises(Refused, match='"Sold" cannot issue documents'):
        desk.do(invoice, "issue")


@pytest.mark.parametrize(("kind", "verb"), [("quote", "send"), ("sales_order", "confirm")])
def test_B1_nor_does_it_send_quotes_or_confirm_orders(desk, kind, verb):
    sold = desk.ours("Sold")
    document = desk.document(kind, issuer=sold)
    desk.edit(sold, ours=False)
    with pytest.raises(Refused, match='"Sold" cannot issue documents'):
        desk.do(document, verb)


def test_B4_what_code_created_with_its_lines_has_their_totals_once_it_is_issued(desk):
    rows = {"document_line": [{"name": "Work", "unit_price": "100"}]}
    invoice = desk.create("invoice", customer=desk.customer, parts=rows)
    desk.do(invoice, "issue")
    assert str(desk.get(invoice)["payable"]) == "120.00 EUR"


def test_B4_an_install_writes_its_numbers_as_it_likes(desk):
    desk.set("invoice_number_format", "{counter}/{year}")
    assert desk.issued() == "1/2026"
    desk.set("invoice_number_format", "INV{year}-{counter:06}")
    assert desk.issued() == "INV2026-000002"


@pytest.mark.parametrize(
    "text",
    [
        "F-{counter}",
        "F-{year}",
        "{year}-{counter}-{counter}",
        "{year.real}{counter}",
        "{year}{counter:.0e}",
        "{year}-{counter:c}",
        "{year}{counter!r}",
        "{year}{counter:>99999999}",
        "{year} {counter}",
        "{year",
    ],
)
def test_B4_a_format_that_would_not_tell_numbers_apart_is_refused(desk, text):
    with pytest.raises(InvalidValue, match="is not a format of numbers"):
        desk.set("invoice_number_format", text)


@pytest.mark.parametrize("key", ["quote", "sales_order", "invoice", "credit_note"])
@pytest.mark.parametrize(
    "text", ["../{year}/{counter}", "F.{year}.{counter}", "n°{year}-{counter}", "{year}#{counter}"]
)
def test_B4_a_format_with_characters_that_no_platform_takes_is_refused_when_it_is_set(desk, key, text):
    with pytest.raises(InvalidValue, match=r"would write .*2026.*\(BR-FR-02\)\. .*digits, \+, -, _ and /\."):
        desk.set(f"{key}_number_format", text)


def test_B4_a_format_leaves_room_for_a_million_numbers_in_35_characters(desk):
    desk.set("invoice_number_format", "x" * 25 + "{year}{counter}")
    with pytest.raises(InvalidValue, match="at most 35 characters"):
        desk.set("invoice_number_format", "x" * 26 + "{year}{counter}")


def test_B4_a_number_that_another_format_already_gave_is_refused(desk):
    desk.set("invoice_number_format", "{year}1{counter}")
    assert desk.issued() == "202611"
    desk.set("invoice_number_format", "{year}{counter}")
    for _n in range(9):
        desk.issued()
    with pytest.raises(Refused, match=r"number 202611 is already that of Invoice \d+ .*Choose another format"):
        desk.issued()


attempts = st.lists(
    st.tuples(st.integers(0, 20), st.sampled_from(["issue", "fail", "no line", "swallow", "trash"])),
    max_size=12,
)


@pytest.fixture
def fresh_desk(make_install):
    return lambda: Desk(make_install("persons", "documents", plugins={"deals": DEALS}))


@hypothesis_settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(attempts)
def test_B4_whatever_fails_in_between_there_is_no_gap_and_no_duplicate(fresh_desk, tries):
    desk = fresh_desk()
    last, expected = 0, 0
    for day, how in tries:
        invoice = desk.empty("invoice", date="2026-01-01") if how == "no line" else desk.invoice(date="2026-01-01")
        on = date(2026, 1, 1) + timedelta(days=day)
        try:
            desk.crm.write(lambda work, i=invoice, on=on, how=how: attempt(work, i, on, how))
        except (BesaceError, ZeroDivisionError):
            continue
        if how == "issue":
            assert day >= last
            last, expected = day, expected + 1
    assert numbers(desk) == [f"F-2026-{n:04}" for n in range(1, expected + 1)]


def attempt(work, invoice, on, how):
    """One unit: it issues, or does not in one of several ways."""
    if how == "trash":
        bin.delete(work, [invoice])
    elif how == "swallow":
        parts.remove(work, reading.parts_of(work, DocumentLine, [invoice])[0])
        try:
            step(work, invoice, "issue", on=on)
        except Refused:
            return  # and the unit is committed
    else:
        step(work, invoice, "issue", on=on)
        if how == "fail":
            raise ZeroDivisionError


ISSUE_ALL = """
import sys
from besace import Besace, operations, reading
with Besace.open(sys.argv[1], user="alice") as crm:
    info = crm.registry.type("invoice")
    for invoice in map(int, sys.argv[2:]):
        crm.write(lambda work: operations.run(
            work, info.operations["issue"], info.fields, [reading.get(work, "invoice", invoice)], {}).id)
"""


def test_B4_two_processes_that_issue_at_once_share_one_series(make_install):
    desk = Desk(make_install("persons", "documents"))
    each = 15
    drafts = [desk.invoice() for _n in range(2 * each)]
    clerks = [
        subprocess.Popen([sys.executable, "-c", ISSUE_ALL, str(desk.crm.folder), *map(str, drafts[half::2])])
        for half in range(2)
    ]
    assert [clerk.wait() for clerk in clerks] == [0, 0]
    assert numbers(desk) == [f"F-2026-{n:04}" for n in range(1, 2 * each + 1)]


def test_B4_the_series_stand_with_their_issuer(desk):
    desk.issued("2026-03-12")
    with desk.crm.read() as work:
        series = work.crm.registry.part("document_series")
        (row,) = reading.parts_of(work, series.model, [desk.us])
        assert (row.document_type, row.year, row.last_number, row.last_date) == (
            "invoice",
            2026,
            1,
            date(2026, 3, 12),
        )


def test_B4_issuing_leaves_the_version_of_the_issuer(desk):
    before = desk.get(desk.us)["version"]
    desk.issued()
    assert desk.get(desk.us)["version"] == before


def test_B4_an_invoice_that_the_law_does_not_allow_gets_the_rule_and_the_mend_and_no_number(desk):
    desk.edit(desk.customer, address=None, city=None)
    invoice = desk.invoice({"name": "Work", "unit_price": 1, "vat_category": "E"})
    with pytest.raises(Refused) as refused:
        desk.do(invoice, "issue")
    for words in ("SNCF has no address. Give its address. (CGI", "Give the reason at its lines", "BR-E-10"):
        assert words in str(refused.value)
    desk.edit(desk.customer, city="Lyon")
    assert desk.issued() == "F-2026-0001"


def test_an_invoice_without_a_day_or_terms_is_due_after_the_usual_days(desk):
    invoices = [desk.invoice(), desk.invoice(payment_terms="At once"), desk.invoice(due_date="2026-03-20")]
    desk.set("payment_days", 45)
    for invoice in invoices:
        desk.do(invoice, "issue")
    assert [desk.get(i)["due_date"] for i in invoices] == [date(2026, 4, 28), None, date(2026, 3, 20)]
