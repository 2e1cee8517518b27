"""Where actions are installed, the types of every plugin are checked beside them."""

from __future__ import annotations

from importlib.metadata import entry_points
from typing import Any

import pytest

from besace import Condition, hookimpl, translator
from besace.errors import BesaceError
from besace.testing import Bench
from besace.testing.contract.bench import Subject
from besace_commercial_actions.contract import is_counted_by_objectives

from .toys import toys

_ = translator(__name__)


class Misspelt:
    """A condition on deals that cannot be asked."""

    @hookimpl
    def register_conditions(self) -> Any:
        return [Condition("large", "deal", "expected_revenu >= 100", _("Large"))]


misspelt = Misspelt()


@pytest.fixture
def told(make_install: Any, run: Any) -> Any:
    """What the check says of the deals of an install with these plugins."""

    def problems(**plugins: Any) -> list[str]:
        crm = make_install("commercial_actions", plugins={"toys": toys, **plugins})
        return list(is_counted_by_objectives(Bench(Subject("toys", toys), crm, lambda: crm, run, "deal")))

    return problems


def test_the_check_is_found_under_the_name_of_the_plugin() -> None:
    (point,) = entry_points(group="besace.contract", name="commercial_actions")
    assert point.load() is is_counted_by_objectives


def test_a_type_with_conditions_and_measures_of_both_sorts_is_counted(told: Any) -> None:
    assert told() == []


def test_a_condition_that_no_objective_can_count_is_named(told: Any) -> None:
    with pytest.raises(BesaceError, match='no field "expected_revenu"'):
        told(misspelt=misspelt)
