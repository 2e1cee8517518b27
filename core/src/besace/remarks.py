"""Remarks: what `besace doctor` says of one thing, and what to do about it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from besace.texts import Text


@dataclass(frozen=True)
class Remark:
    """One sentence on the state of an install: in order, worth knowing, or a problem; `hint` says what to do."""

    state: Literal["ok", "warning", "problem"]
    message: Text | str
    hint: Text | str | None = None


def fine(message: Text) -> Remark:
    """What is in order."""
    return Remark("ok", message)


def warning(message: Text | str, hint: Text | str | None) -> Remark:
    """What works, and may not for long."""
    return Remark("warning", message, hint)


def problem(message: Text | str, hint: Text | str | None) -> Remark:
    """What does not work, or not as it should."""
    return Remark("problem", message, hint)
