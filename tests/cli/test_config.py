"""Settings on the command line."""

from __future__ import annotations

from typing import Any

import pytest

from .conftest import Run


@pytest.mark.parametrize("words", [["-5", "--json"], ["--json", "-5"], ["--json", "--", "-5"]])
def test_a_negative_value_is_no_option(crm, run: Run, words: list[str]) -> None:
    assert run(crm, "config", "set", "most", *words).json == {"most": -5}


@pytest.mark.parametrize("words", [["5", "--jsno"], ["-5", "--jsno"], ["--jsno"], ["-json"]])
def test_a_mistyped_option_is_no_value(crm, run: Run, words: list[str]) -> None:
    assert run(crm, "config", "set", "most", *words).exit_code == 2
    assert run(crm, "config", "show", "--json").json["most"] == 10


@pytest.mark.parametrize(
    ("key", "stored", "value"),
    [("most", "{", "7"), ("language", "fr", "en"), ("time_zone", "{", "UTC"),
     ("time_zone", '"Mars/Base"', "UTC"), ("currency", "", "EUR")],
)  # fmt: skip
def test_a_setting_that_cannot_be_read_is_told_and_set_anew(
    crm: Any, run: Run, damage: Any, key: str, stored: str, value: str
) -> None:
    run(crm, "config", "set", key, value)
    damage(crm, f"UPDATE setting SET value = '{stored}' WHERE key = '{key}'")
    shown = run(crm, "config", "show")
    assert (shown.exit_code, "Traceback" not in shown.stderr) == (1, True), shown
    assert f"besace config set {key} VALUE" in shown.stderr
    verified = run(crm, "verify")
    assert (verified.exit_code, f"besace config set {key} VALUE" in verified.stdout) == (1, True), verified
    assert run(crm, "doctor").exit_code == 0
    assert run(crm, "config", "set", key, value).exit_code == 0
    assert run(crm, "verify").exit_code == 0
