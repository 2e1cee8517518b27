from __future__ import annotations

from decimal import Decimal

import pytest

from besace import Money, entities, reading
from besace.errors import BesaceError, InvalidValue, UsageError
from besace.testing.fixtures import on_postgresql, on_sqlite


@pytest.fixture
def counted(crm):
    rows = [
        {"name": "a", "rank": "high", "price": "100", "number": 1, "size": "0.5", "colour": "red"},
        {"name": "b", "rank": "high", "price": "50.50", "number": 2, "size": "0.25", "keeper": 1},
        {"name": "c", "rank": "low", "price": "7USD", "made_on": "2026-01-01"},
        {"name": "d", "price": "3", "shiny": True, "number": 4},
        {"name": "e", "rank": "gone"},
    ]
    crm.write(lambda work: entities.create_many(work, "gadget", rows))

    def count(**options):
        with crm.read() as work:
            return reading.count(work, work.crm.registry.type("gadget"), **options)

    return count


def money(amount, currency="EUR"):
    return Money(Decimal(amount), currency)


def test_a_count_without_groups_is_one_row(counted):
    assert [(row.by, row.count, row.sum) for row in counted()] == [(None, 5, None)]
    assert [(row.by, row.count) for row in counted(where="number > 100")] == [(None, 0)]
    assert counted(where="number > 100", sum="price")[0].sum == {}
    assert counted(where="number > 100", sum="number")[0].sum == 0


def test_O7_sums_are_per_currency(counted):
    assert counted(sum="price")[0].sum == {"EUR": money("153.50"), "USD": money("7.00", "USD")}


def test_groups_by_a_field_have_empty_last(counted):
    rows = counted(by="rank", sum="price")
    assert [(row.by, row.count) for row in rows] == [("gone", 1), ("high", 2), ("low", 1), (None, 1)]
    assert [row.sum for row in rows] == [
        {},
        {"EUR": money("150.50")},
        {"USD": money("7.00", "USD")},
        {"EUR": money("3.00")},
    ]


def test_groups_by_a_column_of_a_list(counted):
    rows = counted(by="rank.outcome")
    assert {row.by: row.count for row in rows} == {"won": 2, "lost": 1, "open": 1, None: 1}


def test_groups_by_a_reference_give_what_it_names(counted):
    rows = counted(by="keeper")
    assert [(getattr(row.by, "label", None), row.count) for row in rows] == [("alice", 1), (None, 4)]
    assert [(row.by, row.count) for row in counted(by="keeper.label")] == [("alice", 1), (None, 4)]


@pytest.mark.parametrize(
    ("sum", "total"),
    [
        ("number", Decimal(7)),
        ("size", Decimal("0.75")),
        ("pieces", Decimal(14)),
        ("final", {"EUR": money("150.50")}),
    ],
)
def test_numbers_and_measures_are_summed_exactly(counted, sum, total):
    assert counted(sum=sum)[0].sum == total


@pytest.mark.parametrize(
    "by", ["shiny", "made_on", "colour", "number", "size", "owner", "currency", "name", "seen_at", "code"]
)
def test_every_sort_of_field_makes_groups(counted, by):
    assert sum(row.count for row in counted(by=by)) == 5


@pytest.mark.parametrize(
    ("options", "error", "words"),
    [
        ({"by": "price"}, InvalidValue, "Amounts cannot make groups"),
        ({"by": "nmae"}, UsageError, 'no field "nmae". Did you mean'),
        ({"by": "keeper.number"}, UsageError, '"keeper.number" cannot make groups.'),
        ({"by": "rank.outcom"}, UsageError, "Did you mean outcome?"),
        (
            {"sum": "name"},
            UsageError,
            "Name is no number and cannot be summed. There are: number, size, price",
        ),
        ({"sum": "prcie"}, UsageError, 'no field "prcie". Did you mean price?'),
        ({"where": "prcie = 1"}, BesaceError, "Did you mean price?"),
    ],
)
def test_what_cannot_be_counted_gives_a_sentence(counted, options, error, words):
    with pytest.raises(error) as refused:
        counted(**options)
    assert words in str(refused.value)


@on_sqlite
def test_a_sum_beyond_the_database_gives_a_sentence(crm, gadget):
    for _ in range(3):
        gadget(cost=4 * 10**16)
    with pytest.raises(BesaceError, match="The sum is too large"), crm.read() as work:
        reading.count(work, work.crm.registry.type("gadget"), sum="cost")


@on_postgresql
def test_a_sum_beyond_64_bits_is_exact(crm, gadget):
    for _ in range(3):
        gadget(cost=4 * 10**16)
    with crm.read() as work:
        (row,) = reading.count(work, work.crm.registry.type("gadget"), sum="cost")
    assert row.sum["EUR"].amount == 12 * 10**16


def test_a_count_is_one_statement_however_many_groups(crm, counted, count_statements):
    with crm.read() as work:
        _ = work.currency
        with count_statements(work) as seen:
            reading.count(work, work.crm.registry.type("gadget"), by="rank.outcome", sum="final", where="price > 0")
    assert seen.count == 1
