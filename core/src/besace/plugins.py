"""The plugin host: finds plugins, loads those that an install enables, calls their hooks.

The only module that touches pluggy. A plugin that cannot be loaded, or fails in a hook while an install is
opened, is put in quarantine: the install works without it, and every command says so in one line.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import fields
from functools import cached_property
from types import ModuleType
from typing import TYPE_CHECKING, Any

import pluggy

from besace import hookspecs
from besace.discovery import Available, blocked, requires, said
from besace.errors import BesaceError, PluginError
from besace.operations import parameters_of
from besace.texts import Text, translator
from besace.types import Declarations, Registry

if TYPE_CHECKING:
    from besace.database import Work
    from besace.entities import Save
    from besace.reading import Found
    from besace.relations import Link

_ = translator(__name__)

REGISTER_HOOKS = {
    "register_entity_types": "types",
    "register_part_types": "parts",
    "register_lists": "lists",
    "register_relation_types": "relation_types",
    "register_conditions": "conditions",
    "register_measures": "measures",
    "register_counters": "counters",
    "register_operations": "operations",
    "register_blocks": "blocks",
    "register_settings": "settings",
    "register_commands": "commands",
    "register_seeds": "seeds",
    "register_verifications": "verifications",
}
"""Each `register_*` hook and the declarations that it gives."""


def check_core_version(name: str, module: Any, version: str) -> None:
    """Refuse a plugin that says it works with other versions of the core: `core = ("0.1",)` in its module."""
    works_with = getattr(module, "core", None)
    if works_with and not any(version == v or version.startswith(f"{v}.") for v in works_with):
        raise PluginError(
            _('Plugin "{name}" works with the core {versions}, and this is {version}.').format(
                name=name, versions=", ".join(works_with), version=version
            )
        )


class Host:
    """The plugins of one opened install: its registry, its quarantine, and one typed method per hook."""

    def __init__(self, core: ModuleType, installed: Mapping[str, Available]) -> None:
        self.installed = installed
        self.registry = Registry()
        self.quarantine: dict[str, Text] = {}
        self._pm = pluggy.PluginManager("besace")
        self._pm.add_hookspecs(hookspecs)
        if os.environ.get("BESACE_TRACE"):
            self._pm.trace.root.setwriter(lambda text: sys.stderr.write(text))
            self._pm.enable_tracing()
        self._register("core", core)

    @property
    def running(self) -> list[str]:
        """The names of the plugins that were loaded, in order, without the core."""
        return [name for name, _plugin in self._pm.list_name_plugin() if name != "core"]

    def load(self, names: Sequence[str], version: str) -> None:
        """Load enabled plugins, those that others require first; what fails goes into quarantine."""
        modules: dict[str, Any] = {}
        for name in names:
            try:
                if name in blocked():
                    raise PluginError(_('Plugin "{name}" is blocked by BESACE_BLOCK.').format(name=name))
                if name not in self.installed:
                    raise PluginError(
                        _('Plugin "{name}" is enabled here but not installed on this machine.').format(name=name)
                    )
                module = self.installed[name].load()
                check_core_version(name, module, version)
                modules[name] = module
            except PluginError as error:
                self._isolate(name, error)
        for name in in_order(modules):
            try:
                self._check_requires(name, modules[name])
                self._register(name, modules[name])
            except PluginError as error:
                self._isolate(name, error)

    def module(self, name: str) -> Any:
        """The module of a running plugin."""
        return self._pm.get_plugin(name)

    def _isolate(self, name: str, error: PluginError) -> None:
        message = error.message if isinstance(error.message, Text) else Text(error.message, "")
        self.quarantine[name] = message

    def _check_requires(self, name: str, module: Any) -> None:
        for needed in requires(module):
            if needed not in self.running:
                raise PluginError(
                    _('Plugin "{name}" needs the plugin "{needed}", which is not running.').format(
                        name=name, needed=needed
                    )
                )

    def _register(self, name: str, module: Any) -> None:
        try:
            self._pm.register(module, name=name)
            self._pm.check_pending()
            declared = self._gather(name, module)
            for operation in declared.operations:
                parameters_of(operation, {})  # a signature that no door could offer
            self.registry.add(declared)
        except Exception as error:
            self._pm.unregister(name=name)
            if isinstance(error, PluginError):
                raise
            # pluggy's own sentences end with what is wrong.
            is_invalid = isinstance(error, pluggy.PluginValidationError)
            problem = str(error).splitlines()[-1].rstrip(".") if is_invalid else said(error)
            raise PluginError(_('Plugin "{name}" failed: {problem}.').format(name=name, problem=problem)) from error

    def _gather(self, name: str, module: Any) -> Declarations:
        declared = Declarations(name, getattr(module, "__name__", type(module).__module__))
        places = {f.name for f in fields(declared)}
        others = [p for n, p in self._pm.list_name_plugin() if n != name]
        for hook, place in REGISTER_HOOKS.items():
            assert place in places
            try:
                for given in self._pm.subset_hook_caller(hook, remove_plugins=others)():
                    getattr(declared, place).extend(given)
            except Exception as error:  # whatever a foreign hook raises
                raise PluginError(
                    _('Plugin "{name}" failed in {hook}: {problem}.').format(name=name, hook=hook, problem=said(error))
                ) from error
        return declared

    def summary(self, name: str) -> dict[str, list[str]]:
        """What a running plugin declares: keys by sort of declaration."""
        known = self.registry
        return {
            "types": [t.key for t in known.types.values() if t.plugin == name],
            "parts": [p.key for p in known.parts.values() if p.plugin == name],
            "lists": [k for k, owner in known.list_owners.items() if owner == name],
            "relations": [r.key for r in known.relation_types.values() if r.plugin == name],
            "conditions": [f"{c.on}.{c.key}" for c in known.conditions.values() if c.plugin == name],
            "measures": [f"{m.on}.{m.key}" for m in known.measures.values() if m.plugin == name],
            "counters": [c.key for c in known.counters.values() if c.plugin == name],
            "operations": [f"{o.on}.{o.key}" for o in known.operations.values() if o.plugin == name],
            "settings": [s.key for s in known.settings.values() if s.plugin == name],
            "commands": [c.name for c in known.commands.values() if c.plugin == name],
            "verifications": [v.key for v in known.verifications.values() if v.plugin == name],
        }

    # ---- one typed method per hook that is called while working ----------------------------------

    def check_save(self, work: Work, saves: Sequence[Save]) -> None:
        """Let every plugin refuse a batch."""
        self._call("check_save", work=work, saves=saves)

    def after_save(self, work: Work, saves: Sequence[Save]) -> None:
        """Let every plugin react to a batch."""
        self._call("after_save", work=work, saves=saves)

    def check_link(self, work: Work, links: Sequence[Link]) -> None:
        """Let every plugin refuse a batch of relations."""
        self._call("check_link", work=work, links=links)

    def check_unlink(self, work: Work, links: Sequence[Link]) -> None:
        """Let every plugin refuse to remove a batch of relations."""
        self._call("check_unlink", work=work, links=links)

    def after_link(self, work: Work, links: Sequence[Link]) -> None:
        """Let every plugin react to a batch of relations."""
        if links:
            self._call("after_link", work=work, links=links)

    def check_delete(self, work: Work, entities: Sequence[Found]) -> None:
        """Let every plugin refuse to trash a batch of entities."""
        self._call("check_delete", work=work, entities=entities)

    def _call(self, hook: str, **arguments: Any) -> None:
        """Call a hook plugin by plugin, so that a failure has a name. A refusal passes; a bug stops the unit."""
        for name, caller in self._callers[hook]:
            try:
                caller(**arguments)
            except (BesaceError, _database_errors()):
                raise
            except Exception as error:
                raise PluginError(
                    _('Plugin "{name}" failed in {hook}: {problem}. Nothing was stored.').format(
                        name=name, hook=hook, problem=said(error)
                    ),
                    _("Start without it: BESACE_BLOCK={name}").format(name=name),
                ) from error

    @cached_property
    def _callers(self) -> dict[str, list[tuple[str, Any]]]:
        """The plugins that implement each hook of a unit of work, with a caller that reaches that plugin alone."""
        callers: dict[str, list[tuple[str, Any]]] = {}
        everyone = self._pm.list_name_plugin()
        for hook in ("check_save", "after_save", "check_link", "check_unlink", "after_link", "check_delete"):
            implementing = {i.plugin_name for i in getattr(self._pm.hook, hook).get_hookimpls()}
            callers[hook] = [
                (name, self._pm.subset_hook_caller(hook, remove_plugins=[p for n, p in everyone if n != name]))
                for name, _plugin in everyone
                if name in implementing
            ]
        return callers


def in_order(modules: Mapping[str, Any]) -> list[str]:
    """The names with every plugin after those that it requires, else as they came; a circle keeps its order."""
    ordered: list[str] = []

    def visit(name: str, path: tuple[str, ...]) -> None:
        if name in ordered or name in path or name not in modules:
            return
        for needed in requires(modules[name]):
            visit(needed, (*path, name))
        ordered.append(name)

    for name in modules:
        visit(name, ())
    return ordered


def _database_errors() -> type[Exception]:
    from sqlalchemy.exc import DBAPIError

    return DBAPIError
