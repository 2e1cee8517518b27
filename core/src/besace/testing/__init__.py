"""Testing: fixtures, builders and the contract of a plugin, for the tests of plugins as for our own.

pytest finds the fixtures by itself: they come with `besace-core`. The rest is imported:

    from besace.testing import build, check_plugin

    test_contract = check_plugin("training")

    def test_a_training_is_found_by_its_seats(work):
        training = build(work, "training", seats=12)
        ...
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from besace.public import loader

if TYPE_CHECKING:
    from besace.testing.building import build, example_of
    from besace.testing.contract import check_plugin
    from besace.testing.contract.bench import Bench

_HOME = {
    "Bench": "besace.testing.contract.bench:Bench", "build": "besace.testing.building:build",
    "check_plugin": "besace.testing.contract:check_plugin", "example_of": "besace.testing.building:example_of",
}  # fmt: skip

__all__ = ["Bench", "build", "check_plugin", "example_of"]

# On first use: pytest imports this package in every run, for its fixtures, also where nobody needs the rest.
__getattr__ = loader(__name__, _HOME, {})
