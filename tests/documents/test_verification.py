"""`besace verify` of invoices whose rows were changed by hand (rule B4)."""

import pytest

from besace.verification import runs


def told(desk, key="numbers", **options):
    verdict = next(v for v in runs.run(desk.crm, **options) if v.key == key)
    return [str(f.message) for f in verdict.findings]


@pytest.fixture
def issued(desk, monkeypatch):
    """The ids of four invoices that were issued on four days, the last one in the year after."""
    monkeypatch.setenv("BESACE_TODAY", "2027-12-31")
    ids = []
    for day in ("2026-01-05", "2026-02-05", "2026-03-05", "2027-01-02"):
        ids.append(desk.invoice(subject="Work"))
        desk.do(ids[-1], "issue", on=day)
    assert told(desk) == []
    return ids


def test_B4_what_was_issued_in_order_is_in_order(desk, issued):
    desk.quote(), desk.invoice(), desk.empty("quote")
    assert [v.key for v in runs.run(desk.crm) if v.found] == []


def test_B4_a_gap_is_named_and_never_mended(desk, issued, damage):
    damage(
        desk.crm, f"UPDATE invoice SET number = NULL, issued_on = NULL, state = 'draft' WHERE id = {issued[1]}"
    )  # fmt: skip
    gap = f"Invoice: the series 2026 of organisation {desk.us} has a gap: the counter 2 is missing."
    assert told(desk) == told(desk, fix=True) == [gap]


def test_B4_a_series_that_stands_elsewhere_than_its_invoices(desk, issued, damage):
    damage(desk.crm, "UPDATE document_series SET last_number = 7 WHERE year = 2026")
    series = f"Invoice: the series 2026 of organisation {desk.us}"
    assert told(desk) == [f"{series} stands at 7, of 2026-03-05, and its documents at 3, of 2026-03-05."]
    damage(desk.crm, "DELETE FROM document_series WHERE year = 2026")
    assert told(desk) == [f"{series} stands at -, and its documents at 3, of 2026-03-05."]


def test_B4_a_series_without_invoices(desk, issued, damage):
    damage(desk.crm, f"DELETE FROM invoice WHERE id = {issued[3]}")
    assert told(desk) == [f"Invoice: the series 2027 of organisation {desk.us} is at 1, and it is empty."]


def test_B4_days_follow_the_numbers(desk, issued, damage):
    damage(desk.crm, f"UPDATE invoice SET issued_on = '2026-01-02' WHERE id = {issued[1]}")
    assert told(desk) == [
        f'Invoice {issued[1]} "F-2026-0002" was issued on 2026-01-02, and the number before it on 2026-01-05.'
    ]


def test_B4_a_counter_is_given_once(desk, issued, damage):
    damage(desk.crm, f"UPDATE invoice SET number = 'F-2026-00003' WHERE id = {issued[1]}")
    assert told(desk)[0] == f'Invoice {issued[1]} "F-2026-0002" has a counter that another one has.'


def test_B4_a_draft_with_a_number_and_an_issued_one_without_a_day(desk, issued, damage):
    damage(
        desk.crm, f"UPDATE invoice SET state = 'draft' WHERE id = {issued[0]}",
        f"UPDATE invoice SET issued_on = NULL WHERE id = {issued[3]}",
    )  # fmt: skip
    halves = [sentence for sentence in told(desk) if "not all of what an issued one has" in sentence]
    assert [str(i) in s for i, s in zip((issued[0], issued[3]), halves, strict=True)] == [True, True]


def test_B4_a_format_that_changed_during_the_year_is_no_gap(desk, issued, damage):
    desk.set("invoice_number_format", "{counter:03}/{year}")
    desk.issued(on="2027-04-01"), desk.issued(on="2027-05-01")
    assert told(desk) == []
    desk.set("invoice_number_format", "F-{year}-{counter:04}")
    assert told(desk) == []


def test_B4_numbers_beyond_the_padding_stay_in_order(desk, damage):
    desk.set("invoice_number_format", "F-{year}-{counter:01}")
    for _n in range(12):
        desk.issued()
    assert told(desk) == []


def test_B4_the_series_are_read_in_the_same_number_of_statements(desk, issued, count_statements):
    def count():
        with desk.crm.read() as work, count_statements(work) as seen:
            list(work.crm.registry.verifications["numbers"].find(work))
        return seen.count

    few = count()
    for _n in range(10):
        desk.issued(on="2027-06-01")
    assert count() == few
