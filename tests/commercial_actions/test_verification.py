"""`besace verify` of objectives whose rows were changed by hand (rules C2, E5)."""

from __future__ import annotations

import json
from typing import Any

from besace.verification import runs

from .conftest import Office


def told(office: Office) -> list[str]:
    verdict = next(v for v in runs.run(office.crm) if v.key == "objectives")
    return [str(finding.message) for finding in verdict.findings]


def test_C2_what_can_be_counted_is_in_order(office: Office) -> None:
    fair = office.fair()
    office.objective(fair, "By hand")
    office.objective(fair, "Users", counts="user", where="name ~ a")
    assert told(office) == []


def test_C2_a_condition_that_no_longer_fits(office: Office, damage: Any) -> None:
    fair = office.fair()
    objective = office.objective(fair, "Users", counts="user", where="name ~ a")
    stored = json.dumps(["~", "shoe_size", "4"])
    damage(office.crm, f"UPDATE objective SET \"where\" = '{stored}' WHERE id = {objective}")
    (sentence,) = told(office)
    start = f'Objective {objective} "Users" of the action {fair} cannot be counted: '
    assert sentence.startswith(start + 'User has no field "shoe_size".')


def test_C2_a_condition_a_measure_and_a_type_that_nobody_knows(office: Office, damage: Any) -> None:
    fair = office.fair()
    for column, value in (("condition", "tall"), ("sum", "weight"), ("counts", "elephant")):
        objective = office.objective(fair, column, counts="user")
        damage(office.crm, f"UPDATE objective SET {column} = '{value}' WHERE id = {objective}")
    assert [sentence.partition("cannot be counted: ")[2] for sentence in told(office)] == [
        'User has no condition "tall".',
        'User has no measure "weight".',
        'No plugin here ever knew the type "elephant".',
    ]


def test_E5_an_objective_on_a_disabled_type_waits_for_it(office: Office) -> None:
    office.objective(office.fair(), "Written", counts="paper")
    office.crm.disable("toys")
    assert told(office) == []
