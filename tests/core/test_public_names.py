"""Public names are loaded on first use, and a renamed one works for a while and says so."""

from __future__ import annotations

import subprocess
import sys
import types
from typing import Any

import pytest

import besace
from besace.public import loader


@pytest.fixture
def package(monkeypatch: pytest.MonkeyPatch) -> Any:
    """A package with a name, and an older name of it."""
    made: Any = types.ModuleType("furniture")
    made.__getattr__ = loader("furniture", {"Chair": "decimal:Decimal", "tables": "json"}, {"Seat": ("Chair", "0.3")})
    monkeypatch.setitem(sys.modules, "furniture", made)
    return made


def test_a_renamed_name_is_the_new_one_and_warns_at_the_line_that_uses_it(package: Any) -> None:
    message = r"^furniture\.Seat is called furniture\.Chair now, and goes in version 0\.3$"
    with pytest.warns(DeprecationWarning, match=message) as seen:
        assert package.Seat is package.Chair
    assert [warning.filename for warning in seen] == [__file__]


def test_it_warns_each_time_and_when_it_is_imported(package: Any) -> None:
    for _time in range(2):
        with pytest.warns(DeprecationWarning, match="Chair") as seen:
            from furniture import Seat  # type: ignore[import-not-found]
        assert Seat is package.Chair
        assert seen[0].filename == __file__


def test_a_name_that_stays_is_loaded_once_and_does_not_warn(package: Any) -> None:
    assert package.tables.__name__ == "json"
    assert vars(package)["tables"] is package.tables


def test_an_unknown_name_is_no_attribute(package: Any) -> None:
    with pytest.raises(AttributeError, match="module 'furniture' has no attribute 'Bed'"):
        package.Bed  # noqa: B018 - asking is what is tested


def test_old_names_lead_to_public_ones_and_are_not_listed() -> None:
    for old, (new, _version) in besace._RENAMED.items():
        assert (new in besace.__all__, old in besace.__all__) == (True, False)


def test_every_public_name_has_a_home() -> None:
    assert sorted(besace._HOME) == sorted(besace.__all__)
    code = "import besace, sys; print(sorted(m for m in sys.modules if m.startswith('besace')))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "['besace', 'besace.public']"
