"""`besace documents compute FILE`: what a document comes to, in the shape of neutral JSON; nothing is stored."""

from __future__ import annotations

import json
from typing import Any

import pytest

LINE = {"quantity": "3", "net_price": "450", "vat_category": "S", "vat_rate": "20"}
DOCUMENT: dict[str, Any] = {"currency": "EUR", "lines": [LINE]}


@pytest.fixture
def compute(tmp_path: Any, run: Any) -> Any:
    """Compute a document that is given as plain values, or as text."""

    def compute_document(document: Any, *words: str) -> Any:
        file = tmp_path / "document.json"
        file.write_text(document if isinstance(document, str) else json.dumps(document), encoding="utf-8")
        return run(None, "documents", "compute", str(file), *words)

    return compute_document


def test_it_needs_no_install_and_answers_in_the_shape_of_what_is_expected(compute: Any) -> None:
    assert compute(DOCUMENT, "--json").json == {
        "lines": [{"net": "1350.00"}],
        "sum_line_net": "1350.00",
        "allowance_total": "0.00",
        "charge_total": "0.00",
        "tax_exclusive": "1350.00",
        "tax_total": "270.00",
        "tax_inclusive": "1620.00",
        "prepaid": "0",
        "rounding": "0",
        "payable": "1620.00",
        "vat_breakdown": [{"category": "S", "rate": "20", "taxable": "1350.00", "tax": "270.00"}],
    }


def test_a_person_reads_a_table(compute: Any) -> None:
    shown = compute(DOCUMENT).stdout
    assert "1620.00" in shown
    assert "Sum of the lines" in shown


def test_what_a_document_states_and_nothing_tells_may_stand_at_its_top(compute: Any) -> None:
    found = compute({**DOCUMENT, "prepaid": "600", "rounding": "-0.50"}, "--json").json
    assert found["payable"] == "1019.50"


@pytest.mark.parametrize(
    ("change", "exit_code", "names"),
    [
        ({"net_price": "-1"}, 1, ["Line 1", "net_price", "BR-27", "Reverse the quantity"]),
        ({"net_price": 0.1}, 2, ["Line 1", "net_price", "0.1"]),
        ({"net_price": "abc"}, 2, ["Line 1", "net_price"]),
        ({"net_price": "1e9999"}, 2, ["Line 1", "net_price"]),
        ({"net_price": None}, 1, ["Line 1", "net_price"]),
        ({"quantity": "NaN"}, 2, ["Line 1", "quantity"]),
        ({"price_base_quantity": "0"}, 1, ["Line 1", "price_base_quantity"]),
        ({"vat_category": "X"}, 2, ["Line 1", "BR-CO-04", "S, Z"]),
        ({"vat_category": ["S"]}, 2, ["Line 1", "BR-CO-04", "S, Z"]),
        ({"quantity": "1e30", "net_price": "1e30"}, 1, ["is too large an amount"]),
        ({"vat_rate": "120"}, 1, ["Line 1", "vat_rate"]),
        ({"vat_category": "Z"}, 1, ["Line 1", "VAT category Z"]),
        ({"vat_rate": "0"}, 1, ["Line 1", "VAT category S"]),
        ({"allowances": [{"percent": "101"}]}, 1, ["Line 1, allowances[1]", "101"]),
        ({"allowances": [{"amount": "-5"}]}, 1, ["Line 1, allowances[1]: the amount is below 0.", "into a charge"]),
        ({"charges": [{"percent": "5", "base": "-5"}]}, 1, ["Line 1, charges[1]: the base is below 0."]),
        ({"charges": [{"reason": "x"}]}, 1, ["Line 1, charges[1]", "neither"]),
        ({"charges": "x"}, 2, ["charges"]),
    ],
)
def test_a_wrong_line_gets_a_sentence_with_line_field_and_rule(
    compute: Any, change: dict[str, Any], exit_code: int, names: list[str]
) -> None:
    ran = compute({"lines": [{**LINE, **change}]})
    assert (ran.exit_code, ran.stdout) == (exit_code, "")
    assert [name for name in names if name not in ran.stderr] == []


@pytest.mark.parametrize(
    ("document", "exit_code", "names"),
    [
        ("{", 2, "is not JSON"),
        ("[]", 2, "is not an object"),
        ("[" * 100_000, 2, "is not JSON"),
        ({"lines": []}, 1, "BR-16"),
        ({**DOCUMENT, "currency": "EURO"}, 2, "EURO"),
        ({**DOCUMENT, "document_allowances": [{"percent": "5"}]}, 2, "document_allowances[1]"),
        (
            {**DOCUMENT, "document_charges": [{"amount": "-5", "vat_category": "S", "vat_rate": "20"}]},
            1,
            "document_charges[1]: the amount is below 0.",
        ),
        ({"lines": [7]}, 2, "Line 1"),
        ({**DOCUMENT, "expected": [1]}, 2, "expected is not an object"),
    ],
)
def test_a_wrong_document_gets_a_sentence(compute: Any, document: Any, exit_code: int, names: str) -> None:
    ran = compute(document, "--json")
    assert ran.exit_code == exit_code
    assert names in ran.json["error"]["message"]


def test_a_file_that_is_not_there_or_no_text(tmp_path: Any, run: Any) -> None:
    assert run(None, "documents", "compute", str(tmp_path / "no.json")).exit_code == 2
    (tmp_path / "bytes.json").write_bytes(b"\xff\xfe\x00")
    assert "is not a text in UTF-8" in run(None, "documents", "compute", str(tmp_path / "bytes.json")).stderr
