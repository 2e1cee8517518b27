"""Conditions in SQL against a plain evaluation of the tree in Python: the same rows."""

from __future__ import annotations

import operator
import unicodedata
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from besace import bin as trash
from besace import entities, reading
from besace.conditions import compile_condition
from besace.errors import ConditionError
from besace.language import Both, Compare, Empty, Named, Not, OneOf, source_of

from .toys import undone

TODAY = date(2026, 3, 14)
RANKS = {
    "low": {"outcome": "open", "weight": 10, "share": None, "final": False},
    "high": {"outcome": "won", "weight": 90, "share": Decimal("0.25"), "final": False},
    "gone": {"outcome": "lost", "weight": None, "share": None, "final": False},
}
OPERATORS = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
TEXTS = ["Été", "ete", "ETES", "Fair 10", "fair", "a%b", "a_b", "zoé", "Ζεύς"]
MOMENTS = ["2026-03-14T00:00", "2026-03-14T23:59", "2026-03-13T12:00", "2026-03-15T00:00"]


# ---- the rows ---------------------------------------------------------------------------------------

ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "name": st.sampled_from(TEXTS),
            "notes": st.none() | st.sampled_from(TEXTS),
            "number": st.none() | st.integers(-3, 3),
            "size": st.none() | st.sampled_from(["0.001", "1", "2.5"]).map(Decimal),
            "currency": st.sampled_from(["EUR", "USD"]),
            "price": st.none() | st.sampled_from(["0", "9.99", "10", "100"]),
            "made_on": st.none() | st.sampled_from([TODAY - timedelta(1), TODAY, TODAY + timedelta(1)]),
            "seen_at": st.none() | st.sampled_from(MOMENTS),
            "shiny": st.booleans(),
            "colour": st.none() | st.sampled_from(["red", "blue"]),
            "rank": st.none() | st.sampled_from(list(RANKS)),
            "keeper": st.none() | st.integers(0, 3),
        }
    ),
    min_size=1,
    max_size=8,
)


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def store(work: Any, rows: list[dict[str, Any]]) -> dict[int, dict[str, Any]]:
    """Create the rows; the keeper of a row is one of those before it. Gives them by id."""
    stored: dict[int, dict[str, Any]] = {}
    for row in rows:
        keepers = list(stored)
        place = row["keeper"]
        keeper = keepers[place] if place is not None and place < len(keepers) else None
        made_on = TODAY if row["rank"] == "high" and row["made_on"] is None else row["made_on"]  # its own rule
        made = {**row, "keeper": keeper, "made_on": made_on}
        (new_id,) = entities.create_many(work, "gadget", [made])
        stored[new_id] = made
    return stored


# ---- the conditions ----------------------------------------------------------------------------------

ORDER = st.sampled_from(["=", "!=", "<", "<=", ">", ">="])
EQUAL = st.sampled_from(["=", "!="])
VALUES: dict[str, tuple[Any, list[str]]] = {
    "name": (ORDER | st.just("~"), ["ÉTÉ", "fair", "E", "%", "_", "zoe", "b", "ζευς", ""]),
    "notes": (ORDER | st.just("~"), ["ete", "10", "FAIR"]),
    "number": (ORDER, ["-3", "0", "2"]),
    "size": (ORDER, ["0.001", "1.0", "2.50", "3"]),
    "price": (ORDER, ["10", "10EUR", "10USD", "9.99USD", "0", "5JPY"]),
    "made_on": (ORDER, ["today", "2026-03-13", "2030-01-01"]),
    "seen_at": (ORDER, ["today", "2026-03-14", "2026-03-14T23:59", "2026-03-13T12:00", "9999-12-31"]),
    "shiny": (EQUAL, ["yes", "no"]),
    "colour": (EQUAL, ["red", "blue"]),
    "rank": (EQUAL, ["low", "Gone"]),
    "rank.outcome": (EQUAL, ["won", "lost", "open"]),
    "rank.weight": (ORDER, ["10", "50"]),
    "rank.share": (ORDER, ["0.25", "1"]),
}
REACHED = {f"keeper.{path}": how for path, how in VALUES.items()}
ALL = VALUES | REACHED


def _compared(path: str) -> Any:
    operators, values = ALL[path]
    return st.builds(Compare, st.just(path), operators, st.sampled_from(values))


def _one_of(path: str) -> Any:
    return st.builds(OneOf, st.just(path), st.lists(st.sampled_from(ALL[path][1]), min_size=1, max_size=3).map(tuple))


LEAVES = st.one_of(
    st.sampled_from(list(ALL)).flatmap(_compared),
    st.sampled_from(list(ALL)).flatmap(_one_of),
    st.builds(Empty, st.sampled_from([*ALL, "keeper", "keeper.keeper", "cost"])),
    st.builds(Named, st.sampled_from(["won", "dear", "fine", "shiny", "keeper.shiny", "rank.final"])),
)
TREES = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.builds(Not, inner),
        st.builds(Both, st.sampled_from(["and", "or"]), st.lists(inner, min_size=2, max_size=3).map(tuple)),
    ),
    max_leaves=6,
)


# ---- the plain evaluation ------------------------------------------------------------------------------


def bare(text: str) -> str:
    """Without case and accents, in a way of our own."""
    letters = unicodedata.normalize("NFD", text.lower())
    return "".join(c for c in letters if unicodedata.category(c) != "Mn").replace("ς", "σ")


def at(path: str, row: dict[str, Any], rows: dict[int, dict[str, Any]]) -> tuple[Any, dict[str, Any]]:
    """The value at the end of a path, and the row in which it stands."""
    head, _dot, rest = path.partition(".")
    value = row.get(head)
    if not rest or value is None:
        return (None if rest else value), row
    return (RANKS[value][rest], row) if head == "rank" else at(rest, rows[value], rows)


def compares(path: str, op: str, typed: str, row: dict[str, Any], rows: dict[int, dict[str, Any]]) -> bool:
    value, holder = at(path, row, rows)
    if value is None:
        return False
    field = path.removeprefix("keeper.")
    if op == "~":
        return bare(typed) in bare(value)
    if field in ("name", "notes"):
        return OPERATORS[op](bare(value), bare(typed))
    if field == "price":
        amount, currency = (typed[:-3], typed[-3:]) if typed[-3:].isalpha() else (typed, "EUR")
        return currency == holder["currency"] and OPERATORS[op](Decimal(value), Decimal(amount))
    if field == "seen_at" and "T" not in typed:
        value, wanted = moment(value).date(), TODAY if typed == "today" else date.fromisoformat(typed)
        return OPERATORS[op](value, wanted)
    wanted = {
        "number": int, "size": Decimal, "seen_at": moment, "rank.weight": int, "rank.share": Decimal,
        "made_on": lambda t: TODAY if t == "today" else date.fromisoformat(t),
        "shiny": lambda t: t == "yes", "rank": str.lower,
    }.get(field, str)(typed)  # fmt: skip
    return OPERATORS[op](moment(value) if field == "seen_at" else value, wanted)


def holds(tree: Any, row: dict[str, Any], rows: dict[int, dict[str, Any]]) -> bool:
    match tree:
        case Named("won"):
            return at("rank.outcome", row, rows)[0] == "won"
        case Named("dear"):
            return compares("price", ">=", "100", row, rows)
        case Named("fine"):
            return holds(Named("won"), row, rows) and not holds(Named("dear"), row, rows)
        case Named(path):
            return at(path, row, rows)[0] is True
        case Compare(path, op, value):
            return compares(path, op, value, row, rows)
        case OneOf(path, values):
            return any(compares(path, "=", value, row, rows) for value in values)
        case Empty(path):
            return at(path, row, rows)[0] is None
        case Not(inner):
            return not holds(inner, row, rows)
        case Both(op, parts):
            return (all if op == "and" else any)(holds(part, row, rows) for part in parts)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=ROWS, trees=st.lists(TREES, min_size=5, max_size=10))
def test_sql_and_python_find_the_same_rows(crm, rows, trees):
    with undone(crm) as work:
        stored = store(work, rows)
        info = work.crm.registry.type("gadget")
        for tree in trees:
            found = {g.id for g in reading.page(work, info, where=source_of(tree), limit=None)}
            assert found == {i for i, row in stored.items() if holds(tree, row, stored)}, source_of(tree)


# ---- single questions ------------------------------------------------------------------------------------


@pytest.fixture
def found(both):
    """The names of the gadgets that meet a condition."""

    def ask(where: str) -> list[str]:
        with both.read() as work:
            return [g.label for g in reading.page(work, work.crm.registry.type("gadget"), where=where)]

    return ask


@pytest.fixture
def filled(both):
    """A bell kept by a drum, whose friends are a widget and a user."""

    def fill(work):
        drum = entities.create(work, "gadget", name="Drum", rank="high", price="100", friend=1)
        wheel = entities.create(work, "widget", title="Wheel", fee="5")
        entities.create(work, "gadget", name="Bell", keeper=drum, friend=wheel, colour="red")

    both.write(fill)


@pytest.mark.parametrize(
    ("where", "names"),
    [
        ("keeper.label ~ dr", ["Bell"]),
        ("keeper ~ dr", ["Bell"]),
        ("keeper = gadget:drum", ["Bell"]),
        ("keeper = Drum", ["Bell"]),
        ("friend.fee >= 5", ["Bell"]),
        ("friend.label = alice", ["Drum"]),
        ("friend.name = alice", ["Drum"]),
        ("friend = widget:Wheel", ["Bell"]),
        ("rank ~ hi", ["Drum"]),
        ("rank.outcome in (won, lost)", ["Drum"]),
        ("owner = alice and version = 1", ["Drum", "Bell"]),
        ("owner.label ~ ali", ["Drum", "Bell"]),
        ("label = BELL", ["Bell"]),
        ("currency = eur", ["Drum", "Bell"]),
        ("created_at = today and modified_at >= 2026-03-14", ["Drum", "Bell"]),
        ("created_at < today", []),
        ("id > 0", ["Drum", "Bell"]),
        ("price = 100USD", []),
        ("not price = 100USD", ["Drum", "Bell"]),
        ("external_id is empty", ["Drum", "Bell"]),
        ("rule is empty", ["Drum", "Bell"]),
    ],
)
def test_a_condition_finds(filled, found, where, names):
    assert found(where) == names


@pytest.mark.parametrize(
    ("where", "place", "words"),
    [
        ("price > 3 and nmae = x", 14, 'Gadget has no field "nmae". Did you mean'),
        ("wno", 0, 'Gadget has no condition "wno". Did you mean won?'),
        ("name", 0, '"name" is no condition but a field. Compare it, for example: name is not empty'),
        ("price > much", 8, '"much" is not an amount.'),
        ("made_on > 2026-02-30", 10, '"2026-02-30" is not a date.'),
        ("number = x", 9, '"x" is not a whole number.'),
        ("size = 1e999999999", 7, "cannot be kept exactly"),
        ("shiny = maybe", 8, "neither yes nor no"),
        ("colour = rde", 9, "Did you mean red?"),
        ("colour > red", 9, "Colour has no order: compare it with = or !=."),
        ("rank > low", 7, "Rank has no order"),
        ("rank = lwo", 7, "Did you mean low?"),
        ("rank.outcom = won", 0, 'The list Ranks has no column "outcom". Did you mean outcome?'),
        ("rank.outcome.x = won", 0, "Rank has no fields of its own."),
        ("name.x = 1", 0, "Name has no fields of its own."),
        ("keeper.nmae = x", 0, 'None of the types that Keeper may be has a field "nmae".'),
        ("keeper = nobody", 9, 'called "nobody"'),
        ("number ~ 3", 9, "Number is no text: ~ cannot look into it."),
        ("rule = x", 7, "Rule is a condition: ask only whether it is empty."),
        ("counted = gadgte", 10, "Did you mean gadget?"),
        ('name = "a\udc80"', 7, "cannot be stored"),
    ],
)
def test_a_condition_that_does_not_fit_points_at_the_place(found, where, place, words):
    with pytest.raises(ConditionError) as refused:
        found(where)
    assert words in str(refused.value)
    assert refused.value.source == where
    assert refused.value.position == place


def test_a_condition_that_asks_for_itself_is_refused(found):
    with pytest.raises(ConditionError, match='"circle" asks for itself'):
        found("circle")


def test_a_stored_tree_is_asked_like_a_typed_condition(both, filled):
    with both.read() as work:
        source = work.crm.registry.type("gadget").source()
        for stored in (["is", "won"], "won"):
            condition = compile_condition(work, stored, source)
            statement = reading.rows_of(work, source.info, source["name"]).where(condition)
            assert list(work.scalars(statement)) == ["Drum"]


def test_an_amount_without_a_currency_is_of_the_installs(make_install):
    from .toys import toy

    crm = make_install(plugins={"toy": toy}, currency="USD")
    crm.write(lambda work: entities.create(work, "gadget", name="Bell", price="10"))
    with crm.read() as work:
        info = work.crm.registry.type("gadget")
        assert [len(reading.page(work, info, where=w)) for w in ("price = 10", "price = 10USD", "price = 10EUR")] == [
            1,
            1,
            0,
        ]


def test_a_condition_costs_one_statement(both, filled, count_statements):
    where = "friend.fee >= 5EUR or keeper.rank.outcome = won"
    with both.read() as work:
        info = work.crm.registry.type("gadget")
        _ = work.currency  # read once in a unit, like the lists
        with count_statements(work) as seen:
            work.scalar(
                reading.rows_of(work, info, info.source().id).where(compile_condition(work, where, info.source()))
            )
    assert seen.count == 1


def test_E4_what_is_in_the_trash_meets_no_condition(both, filled, found):
    with both.write() as work:
        trash.delete(work, [reading.resolve(work, "gadget:Bell").id])
    assert found("not won") == []
