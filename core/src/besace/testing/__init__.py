"""Testing: fixtures, builders and the contract of a plugin, for the tests of plugins as for our own.

pytest finds the fixtures by itself: they come with `besace-core`. The rest is imported:

    from besace.testing import build, check_plugin

    test_contract = check_plugin("training")

    def test_a_training_is_found_by_its_seats(work):
        training = build(work, "training", seats=12)
        ...
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from besace.testing.building import build, example_of
    from besace.testing.contract import check_plugin
    from besace.testing.contract.bench import Bench

_HOME = {
    "Bench": "besace.testing.contract.bench", "build": "besace.testing.building",
    "check_plugin": "besace.testing.contract", "example_of": "besace.testing.building",
}  # fmt: skip

__all__ = ["Bench", "build", "check_plugin", "example_of"]


def __getattr__(name: str) -> Any:
    # On first use: pytest imports this package in every run, for its fixtures, also where nobody needs them.
    if name not in _HOME:
        raise AttributeError(f"module 'besace.testing' has no attribute {name!r}")
    return getattr(import_module(_HOME[name]), name)
