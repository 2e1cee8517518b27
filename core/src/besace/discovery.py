"""Which plugins are installed on this machine: the entry points, looked at without loading what they need."""

from __future__ import annotations

import importlib.metadata
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from besace.errors import BesaceError, PluginError, near
from besace.texts import translator

_ = translator(__name__)

GROUP = "besace.plugins"
"""The entry-point group in which distributions name their plugins."""

SHIPPED = (
    "besace-persons",
    "besace-opportunities",
    "besace-commercial-actions",
    "besace-documents",
    "besace-activities",
    "besace-products",
    "besace-attachments",
    "besace-demo",
)
"""The distributions that a new install enables by itself; another's plugins wait to be chosen."""


@dataclass(frozen=True)
class Available:
    """A plugin that is installed on this machine, whether an install enables it or not."""

    name: str
    entry_point: importlib.metadata.EntryPoint | None = None
    module: Any = None

    @property
    def version(self) -> str:
        """The version of its distribution, or what a module of this process says of its own."""
        if self.entry_point is None:
            return str(getattr(self.module, "version", "0"))
        return str(self._metadata.get("Version", "?"))

    @property
    def summary(self) -> str:
        """What it is, in a line."""
        if self.entry_point is None:
            return ((self.module.__doc__ or "").strip().splitlines() or [""])[0]
        return str(self._metadata.get("Summary", ""))

    @property
    def is_shipped(self) -> bool:
        """Whether it comes with Besace."""
        return self._metadata.get("Name") in SHIPPED

    @cached_property
    def _metadata(self) -> Mapping[str, str]:
        """What the distribution says of itself; read where it is asked for, since most commands need none of it."""
        distribution = self.entry_point.dist if self.entry_point else None
        if distribution is None:
            return {}
        said_there = distribution.metadata  # read anew each time that it is asked for
        return {key: said_there[key] for key in ("Name", "Version", "Summary") if key in said_there}

    def load(self) -> Any:
        """The plugin's module; raises PluginError with the reason when it cannot be imported."""
        if self._failure is not None:
            raise self._failure
        return self._loaded

    @cached_property
    def _loaded(self) -> Any:
        return self.module if self.entry_point is None else self.entry_point.load()

    @cached_property
    def _failure(self) -> PluginError | None:
        """Kept: a second import would run the module once more, and declare its classes twice."""
        try:
            self._loaded  # noqa: B018
        except (Exception, SystemExit) as error:  # whatever a foreign module raises at import
            failure = PluginError(
                _('Plugin "{name}" cannot be loaded: {problem}.').format(name=self.name, problem=said(error))
            )
            failure.__cause__ = error
            return failure
        return None


def available(extra: Mapping[str, Any] | None = None) -> dict[str, Available]:
    """The installed plugins by name; `extra` adds modules or objects of this process under a name."""
    points = importlib.metadata.entry_points(group=GROUP)
    found = {point.name: Available(point.name, entry_point=point) for point in points}
    found |= {name: Available(name, module=module) for name, module in (extra or {}).items()}
    return found


def blocked() -> set[str]:
    """The names of the plugins without which `$BESACE_BLOCK` asks to start."""
    return {n.strip() for n in os.environ.get("BESACE_BLOCK", "").split(",") if n.strip()}


def requires(module: Any) -> tuple[str, ...]:
    """The names of the plugins that a plugin cannot do without."""
    return tuple(getattr(module, "requires", ()))


def with_required(installed: Mapping[str, Available], name: str) -> list[str]:
    """A plugin after those that it requires, as far as they are installed."""
    ordered: list[str] = []

    def visit(one: str) -> None:
        if one in ordered or one not in installed:
            return
        ordered.append(one)
        for needed in requires(installed[one].load()):
            visit(needed)

    visit(name)
    return ordered[::-1]


def unknown_plugin(name: str, known: Iterable[str]) -> PluginError:
    """The error for a plugin that is not installed."""
    return PluginError(
        _('There is no plugin "{name}" on this machine.').format(name=name),
        near(name, sorted(known)) or _("Install its distribution with pip first."),
    )


def said(error: BaseException) -> str:
    """What an exception says, for a sentence: its first line, with its class where that tells more."""
    text = str(error).strip().rstrip(".")
    first = text.splitlines()[0] if text else ""
    return first if isinstance(error, (ImportError, BesaceError)) and first else f"{type(error).__name__}: {first}"
