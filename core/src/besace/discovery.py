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
    "besace-persons", "besace-opportunities", "besace-commercial-actions", "besace-documents", "besace-activities",
    "besace-demo",
)  # fmt: skip
"""The distributions that a new install enables by itself; another's plugins wait to be chosen."""


@dataclass(frozen=True)
class Available:
    """A plugin that is installed on this machine, whether an install enables it or not."""

    name: str
    version: str
    summary: str
    entry_point: importlib.metadata.EntryPoint | None = None
    module: Any = None
    is_shipped: bool = False

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
    found: dict[str, Available] = {}
    for point in importlib.metadata.entry_points(group=GROUP):
        distribution = point.dist
        version = distribution.version if distribution else "?"
        summary = (distribution.metadata["Summary"] if distribution else None) or ""
        shipped = distribution is not None and distribution.name in SHIPPED
        found[point.name] = Available(point.name, version, summary, entry_point=point, is_shipped=shipped)
    for name, module in (extra or {}).items():
        summary = ((module.__doc__ or "").strip().splitlines() or [""])[0]
        found[name] = Available(name, getattr(module, "version", "0"), summary, module=module)
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
