"""Logs: what happened, as events with fields, through the standard `logging` and under the name `besace`.

Nothing is logged unless a program asks for it: a library has a handler that drops everything, and only the door of
the command line adds another (`started`). The message of a record is an `Event`, whatever handler takes it.
"""

from __future__ import annotations

import json
import logging
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

_ROOT = logging.getLogger("besace")
_ROOT.addHandler(logging.NullHandler())


@dataclass(frozen=True)
class Event:
    """One thing that happened: its stable name, and what is known of it."""

    name: str
    fields: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        told = [f"{key}={_plain(value)}" for key, value in self.fields.items() if value is not None]
        return " ".join([self.name, *told])


def tell(logger: logging.Logger, name: str, level: int = logging.INFO, **fields: Any) -> None:
    """Log an event; next to nothing where nobody asked for logs."""
    if logger.isEnabledFor(level):
        logger.log(level, Event(name, fields))


def milliseconds(since: float) -> float:
    """How long it is since a moment of `time.monotonic`, to a tenth of a millisecond."""
    return round((time.monotonic() - since) * 1000, 1)


@contextmanager
def started(form: str, level: str) -> Iterator[None]:
    """Write the events to stderr, one a line, from this level on, until the end of the block."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Json() if form == "json" else _Text())
    before = _ROOT.level
    _ROOT.addHandler(handler)
    _ROOT.setLevel(level.upper())
    try:
        yield
    finally:
        _ROOT.setLevel(before)
        _ROOT.removeHandler(handler)


def _event(record: logging.LogRecord) -> Event:
    return record.msg if isinstance(record.msg, Event) else Event("message", {"text": record.getMessage()})


def _time(record: logging.LogRecord) -> str:
    return datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


class _Json(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        event = _event(record)
        told = {"time": _time(record), "level": record.levelname.lower(), "logger": record.name, "event": event.name}
        return json.dumps(told | dict(event.fields), ensure_ascii=False, default=str)


class _Text(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        return f"{_time(record)} {record.levelname:<7} {_event(record)}"


def _plain(value: Any) -> str:
    """A value as it stands in a line of text: quoted where it would not be one word."""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    is_word = text.isprintable() and text != "" and not any(c in text for c in ' "=')
    return text if is_word or not isinstance(value, str) else json.dumps(text, ensure_ascii=False)
