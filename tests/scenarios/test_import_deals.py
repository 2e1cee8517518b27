"""Imported deals obey the rules of the pipeline."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from besace import Besace
from besace.reading import page
from besace.transfer.exporting import export_type
from besace.transfer.importing import ImportResult, import_file

MAPPING = """
type = "opportunity"
[identity]
column = "id"
[fields]
name = "name"
phase = "phase"
start_date = { constant = 2026-01-01 }
close_date = "closed"
expected_revenue = "expected"
final_revenue = "final"
loss_reason = "reason"
target = { column = "customer", look_up = { type = "organisation", create = true } }
"""

Bring = Callable[[str], ImportResult]


@pytest.fixture
def crm(make_install: Callable[..., Besace]) -> Besace:
    return make_install("persons", "opportunities")


@pytest.fixture
def bring(crm: Besace, tmp_path: Path) -> Bring:
    def run(rows: str) -> ImportResult:
        (tmp_path / "deals.toml").write_text(MAPPING, encoding="utf-8")
        heading = "id,name,phase,closed,expected,final,reason,customer\n"
        (tmp_path / "deals.csv").write_text(heading + rows, encoding="utf-8")
        return import_file(crm, tmp_path / "deals.csv", tmp_path / "deals.toml")

    return run


def _deals(crm: Besace) -> dict[str, Any]:
    with crm.read() as work:
        info = work.crm.registry.type("opportunity")
        return {d.external_id: (d.phase_key, str(d.close_date), str(d.final_revenue)) for d in page(work, info)}


def test_O3_importing_into_a_closed_phase_follows_the_rule(crm: Besace, bring: Bring) -> None:
    result = bring(
        "a,A,won,,100,,,SNCF\nb,B,lost,2026-02-01,,0,price,SNCF\nc,C,won,,,,,Airbus\nd,D,qualified,2026-02-01,,,,SNCF\n"
    )
    assert _deals(crm) == {"a": ("won", "2026-03-14", "100.00 EUR"), "b": ("lost", "2026-02-01", "None")}
    assert [str(p.sentence) for p in result.errors] == [
        "deals.csv, row 4: A won opportunity needs a final revenue. Give it with --final-revenue.",
        "deals.csv, row 5: An open opportunity has no closing date. "
        "Give the day on which it may close with --expected-close-date.",
    ]


def test_a_bad_deal_leaves_no_customer_behind(crm: Besace, bring: Bring) -> None:
    bring("a,A,won,,,,,Airbus\nb,B,proposal,,,,,SNCF\n")
    with crm.read() as work:
        assert [o.label for o in page(work, work.crm.registry.type("organisation"))] == ["SNCF"]


def test_O4_an_import_does_not_move_a_closed_deal(crm: Besace, bring: Bring) -> None:
    bring("a,A,won,2026-02-01,,100,,SNCF\n")
    result = bring("a,A,negotiation,,,,,SNCF\n")
    assert (result.updated, result.failed) == (0, 1)
    assert 'was won on 2026-02-01 and cannot go back to "Negotiation". Follow it up' in str(result.errors[0].sentence)
    assert _deals(crm)["a"][0] == "won"


def test_O5_imported_phase_changes_are_kept(crm: Besace, bring: Bring) -> None:
    bring("a,A,proposal,,50,,,SNCF\n")
    bring("a,A,won,2026-02-01,50,70,,SNCF\n")
    with crm.read() as work:
        from besace.reading import parts_of

        (deal,) = page(work, work.crm.registry.type("opportunity"))
        steps = parts_of(work, work.crm.registry.part("phase_change").model, [deal.id])
        assert [(s.from_phase_key, s.to_phase_key) for s in steps] == [
            (None, "proposal"),
            ("proposal", "won"),
        ]


def test_importing_twice_on_another_day_changes_nothing(bring: Bring, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = "a,A,won,,100,,,SNCF\nb,B,,,,,,SNCF\n"
    bring(rows)
    monkeypatch.setenv("BESACE_TODAY", "2026-05-05")
    again = bring(rows)
    assert (again.created, again.updated, again.unchanged, again.failed) == (0, 0, 2, 0)


def test_closed_deals_make_the_round_trip(
    crm: Besace, bring: Bring, make_install: Callable[..., Besace], tmp_path: Path
) -> None:
    bring("a,A,won,2026-02-01,,100,,SNCF\nb,B,lost,2026-02-02,,,price,SNCF\nc,C,cancelled,2026-02-03,,,,Airbus\n")
    export_type(crm, "opportunity", tmp_path / "out.csv")
    other = make_install("persons", "opportunities")
    result = import_file(other, tmp_path / "out.csv", tmp_path / "out.toml")
    assert (result.created, result.failed) == (3, 0)
    assert _deals(other) == _deals(crm)
