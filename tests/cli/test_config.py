"""Settings on the command line."""

from __future__ import annotations

import pytest

from .conftest import Run


@pytest.mark.parametrize("words", [["-5", "--json"], ["--json", "-5"], ["--json", "--", "-5"]])
def test_a_negative_value_is_no_option(crm, run: Run, words: list[str]) -> None:
    assert run(crm, "config", "set", "most", *words).json == {"most": -5}


@pytest.mark.parametrize("words", [["5", "--jsno"], ["-5", "--jsno"], ["--jsno"], ["-json"]])
def test_a_mistyped_option_is_no_value(crm, run: Run, words: list[str]) -> None:
    assert run(crm, "config", "set", "most", *words).exit_code == 2
    assert run(crm, "config", "show", "--json").json["most"] == 10
