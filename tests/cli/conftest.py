from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from besace import Besace
from besace.engines import open_engines
from besace.surroundings import read_config
from besace.testing.fixtures import Databases, Ran

from .samples import samples

Run = Callable[..., Ran]


def dump(crm: Besace | Path) -> dict[str, Any]:
    """Every row of every table of an install, and the columns of the tables."""
    if isinstance(crm, Besace):
        return _tables(crm.reader)
    engines = open_engines(read_config(crm)["database"], crm, wait=1)
    try:
        return _tables(engines.reader)
    finally:
        engines.dispose()


def _tables(engine: sa.Engine) -> dict[str, Any]:
    with engine.connect() as connection:
        return {name: _rows(connection, name) for name in sa.inspect(connection).get_table_names()}


def _rows(connection: sa.Connection, table: str) -> list[str]:
    """The columns of a table, then its rows in an order that always is the same."""
    result = connection.execute(sa.select(sa.literal_column("*")).select_from(sa.table(table)))
    return [repr(list(result.keys())), *sorted(repr(tuple(row)) for row in result)]


@pytest.fixture
def crm(make_install: Callable[..., Besace]) -> Besace:
    """An install with the plugin of the tests alone."""
    return make_install(plugins={"samples": samples})


@pytest.fixture
def do(crm: Besace, run: Run) -> Callable[..., Ran]:
    """Run a command that must succeed: `do("sample", "create", "--name", "Bell")`."""

    def command(*words: str) -> Ran:
        ran = run(crm, *words)
        assert (ran.exit_code, ran.stderr) == (0, ""), ran
        return ran

    return command


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory, besace_databases: Databases) -> Iterator[Besace]:
    """An install with all that bad input can hurt; a test that changes it spoils it for the others."""
    from besace import entities, relations

    names = ["persons", "opportunities", "commercial_actions", "samples"]
    folder = tmp_path_factory.mktemp("shop") / "install"
    plugins = {"samples": samples}
    database = besace_databases.new()
    with Besace.init(folder, database=database, user="alice", enable=names, plugins=plugins) as crm:

        def fill(work: Any) -> None:
            make = entities.create
            sncf = make(work, "organisation", name="SNCF")
            make(work, "organisation", name="Twin", website="a.example.com")
            make(work, "organisation", name="Twin", website="b.example.com")
            ann = make(work, "contact", first_name="Ann", last_name="Martin")
            deal = make(
                work,
                "opportunity",
                name="Rail",
                target=sncf.id,
                expected_revenue="12000EUR",
                start_date="2026-01-05",
            )
            lost = make(work, "opportunity", name="Gone", target=sncf.id, phase="lost", start_date="2026-01-05")
            make(work, "commercial_action", title="Fair", start_date="2026-03-01", end_date="2026-03-31")
            bell = make(work, "sample", name="Bell", price="10EUR", number="3")
            make(work, "sample", name="Whistle", friend=bell.id)
            make(work, "user", name="bob")
            relations.link(work, ann, "involved_in", deal)
            relations.link(work, bell, "likes", lost)

        crm.write(fill)
        yield crm
