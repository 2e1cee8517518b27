from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from besace import Besace

from .tables import GADGETS, HEADING, stored


@pytest.fixture
def shop(tmp_path: Path) -> tuple[str, str]:
    """A file with a good row and a bad one, and its mapping."""
    (tmp_path / "shop.toml").write_text(GADGETS, encoding="utf-8")
    (tmp_path / "shop.csv").write_text(f"{HEADING},more\na,Bell,3,,,,\nb,Drum,x,,,,\n", encoding="utf-8")
    return str(tmp_path / "shop.csv"), str(tmp_path / "shop.toml")


def test_bad_rows_end_with_1_and_are_told(crm: Besace, run: Callable[..., Any], shop: tuple[str, str]) -> None:
    file, mapping = shop
    done = run(crm, "import", file, "--mapping", mapping)
    assert done.exit_code == 1
    assert 'shop.csv, row 3, column number: "x" is not a whole number.' in done.stderr
    assert "Columns not read  more" in done.stdout
    assert "shop.errors.csv" in done.stdout


def test_the_json_of_an_import(crm: Besace, run: Callable[..., Any], shop: tuple[str, str]) -> None:
    file, mapping = shop
    told = run(crm, "import", file, "--mapping", mapping, "--json").json
    problem = '"x" is not a whole number. Expected for example 20.'
    assert told == {
        "created": 1, "updated": 0, "unchanged": 0, "failed": 1, "linked": 0, "fallbacks": {},
        "errors_file": file.replace(".csv", ".errors.csv"),
        "errors": [{"file": "shop.csv", "row": 3, "column": "number", "value": "x", "problem": problem}],
        "unused_columns": ["more"], "dry_run": False,
    }  # fmt: skip


def test_a_dry_run_says_that_nothing_is_stored(crm: Besace, run: Callable[..., Any], shop: tuple[str, str]) -> None:
    file, mapping = shop
    done = run(crm, "import", file, "--mapping", mapping, "--dry-run")
    assert done.exit_code == 1
    assert done.stdout.startswith("Dry run: nothing is stored.")
    assert stored(crm) == []
    assert not Path(file).with_name("shop.errors.csv").exists()


def test_a_wrong_mapping_ends_with_2(crm: Besace, run: Callable[..., Any], shop: tuple[str, str]) -> None:
    file, mapping = shop
    Path(mapping).write_text(GADGETS.replace("name =", "nam ="), encoding="utf-8")
    done = run(crm, "import", file, "--mapping", mapping)
    assert (done.exit_code, stored(crm)) == (2, [])
    assert 'Gadget has no field "nam". Did you mean name?' in done.stderr


def test_what_is_exported_is_imported(crm: Besace, run: Callable[..., Any], shop: tuple[str, str]) -> None:
    file, mapping = shop
    run(crm, "import", file, "--mapping", mapping)
    out = Path(file).with_name("out.csv")
    told = run(crm, "export", "gadget", str(out), "--where", "number = 3", "--json").json
    assert told == {"rows": 1, "file": str(out), "mapping": str(out.with_suffix(".toml"))}
    again = run(crm, "import", str(out), "--mapping", told["mapping"])
    assert again.exit_code == 0
    assert "Unchanged         1" in again.stdout


@pytest.mark.parametrize("words", [("import", "x.csv"), ("export", "gadget"), ("import", "--mapping", "x")])
def test_an_incomplete_command_ends_with_2(crm: Besace, run: Callable[..., Any], words: tuple[str, ...]) -> None:
    assert run(crm, *words).exit_code == 2
