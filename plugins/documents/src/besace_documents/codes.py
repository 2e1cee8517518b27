"""The lists of codes that an electronic invoice may use: units, countries, currencies, reasons."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import lru_cache
from importlib import resources


@lru_cache(maxsize=1)
def lists() -> Mapping[str, frozenset[str]]:
    """All lists by their name, as in `codes.toml`."""
    text = resources.files(__package__).joinpath("codes.toml").read_text(encoding="utf-8")
    return {name: frozenset(codes.split()) for name, codes in tomllib.loads(text).items()}


def is_known(code: str, of: str) -> bool:
    """Whether a code stands in the list of that name."""
    return code in lists()[of]
