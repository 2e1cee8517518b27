"""A real pipeline, imported with the mappings of examples/maven, against figures computed from its files."""

from __future__ import annotations

import csv
import io
import json
import os
from collections.abc import Callable, Iterator
from contextlib import redirect_stdout
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

MAPPINGS = Path(__file__).parents[2] / "examples" / "maven"
QUARTERS = [
    ("2017-01-01", "2017-03-31"),
    ("2017-04-01", "2017-06-30"),
    ("2017-07-01", "2017-09-30"),
    ("2017-10-01", "2017-12-31"),
]

Command = Callable[..., Any]


@pytest.fixture(scope="module")
def data() -> Path:
    """The folder of the real files."""
    place = os.environ.get("BESACE_REAL_DATA")
    if not place:
        pytest.skip("BESACE_REAL_DATA is not set")
    return Path(place) / "maven"


@pytest.fixture(scope="module")
def deals(data: Path) -> list[dict[str, str]]:
    """The rows of the pipeline, read with the standard library alone."""
    with (data / "sales_pipeline.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def besace(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Command]:
    """Commands on an install made with `besace init --currency USD`; each gives its JSON."""
    from besace.cli import main

    folder = tmp_path_factory.mktemp("maven") / "sales"

    def run(*words: str, exit_code: int = 0) -> Any:
        out = io.StringIO()
        with redirect_stdout(out):
            assert main(["--install", str(folder), *words, "--json"]) == exit_code
        return json.loads(out.getvalue())

    with pytest.MonkeyPatch.context() as patch:
        for name in ("BESACE_INSTALL", "BESACE_USER", "BESACE_BLOCK", "BESACE_LANGUAGE", "BESACE_TODAY"):
            patch.delenv(name, raising=False)
        patch.setenv("LC_ALL", "C.UTF-8")
        with redirect_stdout(io.StringIO()):
            assert main(["init", str(folder), "--currency", "USD"]) == 0
        yield run


@pytest.fixture(scope="module")
def imported(besace: Command, data: Path) -> dict[str, dict[str, Any]]:
    """What each of the three imports told."""
    return {
        name: besace("import", str(data / f"{name}.csv"), "--mapping", str(MAPPINGS / f"{name}.toml"))
        for name in ("accounts", "sales_teams", "sales_pipeline")
    }


def test_every_row_is_imported(imported: dict[str, dict[str, Any]], deals: list[dict[str, str]]) -> None:
    assert {name: result["created"] for name, result in imported.items()} == {
        "accounts": 85, "sales_teams": 35, "sales_pipeline": 8800,
    }  # fmt: skip
    assert not any(result["failed"] for result in imported.values())
    pipeline = imported["sales_pipeline"]
    assert pipeline["linked"] == len(deals)
    assert pipeline["fallbacks"] == {
        "start_date": sum(not d["engage_date"] for d in deals),
        "target": sum(not d["account"] for d in deals),
    }


def test_deals_by_outcome(besace: Command, imported: Any) -> None:
    rows = besace("opportunity", "count", "--by", "phase.outcome")
    assert {row["by"]: row["count"] for row in rows} == {"won": 4238, "lost": 2473, "open": 2089}


def test_final_revenue_of_the_won_deals(besace: Command, imported: Any) -> None:
    (row,) = besace("opportunity", "count", "--where", "phase.outcome = won", "--sum", "final_revenue")
    assert row["sum"] == {"USD": "10005534.00"}


def test_only_won_deals_have_a_final_revenue(besace: Command, imported: Any) -> None:
    (row,) = besace("opportunity", "count", "--where", "not won and final_revenue is not empty")
    assert row["count"] == 0


def test_each_agents_action_compared(besace: Command, imported: Any, deals: list[dict[str, str]]) -> None:
    won: dict[str, list[Decimal]] = {d["sales_agent"]: [] for d in deals}
    for deal in deals:
        if deal["deal_stage"] == "Won":
            won[deal["sales_agent"]].append(Decimal(deal["close_value"]))
    compared = besace("commercial-action", "compare")
    told = {one["action"]["label"]: one["revenue"] for one in compared["actions"]}
    assert len(won) == 30
    for agent, amounts in won.items():
        (revenue,) = told[agent]
        assert (revenue["won"], Decimal(revenue["final"]["amount"])) == (len(amounts), sum(amounts))
    assert [r["final"]["amount"] for r in compared["total"]["revenue"]] == ["10005534.00"]


@pytest.mark.parametrize(("first", "last"), QUARTERS)
def test_won_deals_of_a_quarter(
    besace: Command, imported: Any, deals: list[dict[str, str]], first: str, last: str
) -> None:
    amounts = [
        Decimal(d["close_value"]) for d in deals if d["deal_stage"] == "Won" and first <= d["close_date"] <= last
    ]
    where = f"phase.outcome = won and close_date >= {first} and close_date <= {last}"
    (row,) = besace("opportunity", "count", "--where", where, "--sum", "final_revenue")
    assert row["count"] == len(amounts)
    assert Decimal(row["sum"].get("USD", 0)) == sum(amounts)


def test_products_are_repaired_and_unknown_accounts_named(
    besace: Command, imported: Any, deals: list[dict[str, str]]
) -> None:
    (repaired,) = besace("opportunity", "count", "--where", 'name ~ "GTX Pro for"')
    assert repaired["count"] == sum(d["product"] == "GTXPro" for d in deals)
    (nobody,) = besace("opportunity", "count", "--where", 'target.label = "Unknown account"')
    assert nobody["count"] == sum(not d["account"] for d in deals)


def test_importing_again_changes_nothing(besace: Command, imported: Any, data: Path) -> None:
    for name in imported:
        again = besace("import", str(data / f"{name}.csv"), "--mapping", str(MAPPINGS / f"{name}.toml"))
        assert (again["created"], again["updated"], again["failed"], again["linked"]) == (0, 0, 0, 0)


def test_the_order_of_the_files_does_not_matter(
    besace: Command, imported: Any, data: Path, tmp_path: Path, deals: list[dict[str, str]]
) -> None:
    from besace.cli import main

    folder = tmp_path / "other"
    with redirect_stdout(io.StringIO()):
        assert main(["init", str(folder), "--currency", "USD"]) == 0
        for name in reversed(list(imported)):
            words = ["import", str(data / f"{name}.csv"), "--mapping", str(MAPPINGS / f"{name}.toml")]
            assert main(["--install", str(folder), *words]) == 0
    out = io.StringIO()
    with redirect_stdout(out):
        main(["--install", str(folder), "organisation", "count", "--json"])
    assert json.loads(out.getvalue()) == besace("organisation", "count")
