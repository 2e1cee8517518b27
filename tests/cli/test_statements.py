"""What a command costs in statements does not depend on how much there is."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import Engine, event

from besace import Besace, entities, relations
from besace.cli import cache
from besace.relations import Link
from besace.testing.fixtures import Databases

from .conftest import Run
from .samples import samples

DEALS = (1, 10, 1000)
OPENING = 5
"""Statements before the unit of work of a command: which plugins, which tables, which language."""


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory, besace_databases: Databases) -> Iterator[Besace]:
    """An install with deals that have 1, 10 and 1,000 contacts, and phase changes to go with them."""
    folder = tmp_path_factory.mktemp("many") / "install"
    plugins = {"samples": samples}
    names = ["persons", "opportunities", "commercial_actions", "documents", "activities", "samples"]
    database = besace_databases.new()
    with Besace.init(folder, database=database, user="alice", enable=names, plugins=plugins) as crm:

        def fill(work: Any) -> None:
            target = entities.create(work, "organisation", name="SNCF").id
            people = [{"first_name": "Ann", "last_name": f"Martin {n}"} for n in range(max(DEALS))]
            contacts = entities.create_many(work, "contact", people)
            for n in DEALS:
                deal = entities.create(work, "opportunity", name=f"Deal {n}", target=target).id
                action = entities.create(
                    work,
                    "commercial_action",
                    title=f"Fair {n}",
                    start_date="2026-03-01",
                    end_date="2026-03-31",
                ).id
                relations.link_many(work, [Link(c, "involved_in", deal) for c in contacts[:n]])
                relations.link_many(work, [Link(c, "fulfils_goal", action) for c in contacts[:n]])
                rows = [{"name": f"Sample {n}", "price": "5EUR", "friend": None} for _ in range(n)]
                entities.create_many(work, "sample", rows)

        crm.write(fill)
        cache.refresh(crm, {})  # as the first command does
        yield crm


@contextmanager
def counted() -> Iterator[list[str]]:
    """The statements of all engines, but those that begin and set up a connection."""
    seen: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if not statement.startswith(("PRAGMA", "BEGIN")):
            seen.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(Engine, "before_cursor_execute", note)


def cost(crm: Besace, run: Run, *words: str) -> int:
    """The statements of a whole command, the opening of the install among them."""
    with counted() as seen:
        ran = run(crm, *words)
    assert (ran.exit_code, ran.stderr) == (0, "")
    return len(seen)


@pytest.mark.parametrize("form", [[], ["--json"]])
@pytest.mark.parametrize(("verb", "name"), [("opportunity", "Deal"), ("commercial-action", "Fair")])
def test_showing_costs_the_same_whatever_is_linked(
    many: Besace, run: Run, verb: str, name: str, form: list[str]
) -> None:
    costs = {n: cost(many, run, verb, "show", f"{name} {n}", *form) for n in DEALS}
    assert len(set(costs.values())) == 1
    assert costs[1] - OPENING <= 12


@pytest.mark.parametrize(
    "words",
    [
        ["list", "--limit"],
        ["list", "--columns", "name,friend,grade,owner,price", "--sort", "grade", "--limit"],
        ["list", "--sort=-friend", "--where", "friend.name is empty and dear or not dear", "--limit"],
    ],
)
def test_a_page_costs_the_same_whatever_its_length(many: Besace, run: Run, words: list[str]) -> None:
    assert len({cost(many, run, "sample", *words, str(n)) for n in (1, 10, 1000)}) == 1
    assert cost(many, run, "sample", *words, "1000") <= 10


def test_the_history_costs_the_same_whatever_its_length(many: Besace, run: Run) -> None:
    assert len({cost(many, run, "opportunity", "history", f"Deal {n}") for n in DEALS}) == 1


def test_a_count_is_one_statement(many: Besace, run: Run) -> None:
    whole = cost(many, run, "sample", "count", "--json")
    assert cost(many, run, "sample", "count", "--by", "grade", "--sum", "price", "--json") == whole
    assert cost(many, run, "sample", "count", "--where", "name ~ nothing", "--json") == whole


def test_related_costs_the_same_whatever_is_linked(many: Besace, run: Run) -> None:
    costs = {cost(many, run, "related", f"opportunity:Deal {n}", "--limit", "2000") for n in DEALS}
    assert len(costs) == 1


def test_a_command_that_reads_opens_the_install_with_few_statements(many: Besace, run: Run) -> None:
    assert cost(many, run, "sample", "list", "--limit", "1", "--json") - OPENING <= 5
