"""Public names: loaded on first use, and those that were renamed under their old name too, for a while."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any


def loader(package: str, homes: Mapping[str, str], renamed: Mapping[str, tuple[str, str]]) -> Callable[[str], Any]:
    """The `__getattr__` of a package. `homes` says where each name stands: "module" or "module:attribute".

    `renamed` holds, by old name, the new one and the version in which the old one goes. Using it warns, with a
    DeprecationWarning at the line that does.
    """

    def load(name: str) -> Any:
        if name in renamed:
            new, version = renamed[name]
            message = f"{package}.{name} is called {package}.{new} now, and goes in version {version}"
            warnings.warn(message, DeprecationWarning, stacklevel=2)
            return getattr(sys.modules[package], new)
        if name not in homes:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        module, _colon, attribute = homes[name].partition(":")
        value = getattr(import_module(module), attribute) if attribute else import_module(module)
        setattr(sys.modules[package], name, value)
        return value

    return load
