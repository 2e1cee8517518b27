"""The plan of a step in the life of a plugin: what it would touch, and why it would be refused. Changes nothing."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from besace import core_plugin, discovery, plugins, purging, switching, upgrading
from besace.enabling import catch_up, states, stored_plugins
from besace.errors import BesaceError, PluginError
from besace.footprints import Footprint, Standing
from besace.records import ANY
from besace.schema import Step
from besace.version import VERSION

if TYPE_CHECKING:
    from besace.app import Besace
    from besace.types import Registry

Verb = Literal["enable", "disable", "upgrade", "purge"]


@dataclass(frozen=True)
class PlannedTable:
    """A table of the plugin: its columns, its rows (None where it is to be made), who else has it."""

    name: str
    columns: list[str]
    rows: int | None
    shared_with: str | None = None


@dataclass(frozen=True)
class Joining:
    """A declaration of another running plugin about a type of this one: it goes and comes with the type."""

    plugin: str
    sort: Literal["part", "relation", "condition", "measure", "counter", "operation", "block"]
    key: str


@dataclass(frozen=True)
class Plan:
    """What one step would do: what the plugin adds, the rows touched, who stands on them, what would refuse it."""

    plugin: str
    verb: Verb
    state: str
    version: str
    adds: Mapping[str, list[str]] = field(default_factory=dict)
    tables: list[PlannedTable] = field(default_factory=list)
    links: int = 0
    steps: list[Step] = field(default_factory=list)
    needs: list[str] = field(default_factory=list)
    needed_by: list[str] = field(default_factory=list)
    standing: list[Standing] = field(default_factory=list)
    joining: list[Joining] = field(default_factory=list)
    refused: list[PluginError] = field(default_factory=list)

    @property
    def rows(self) -> int:
        """How many rows the step touches: its own, its relations, the parts of others that go with them."""
        parts = sum(s.rows for s in self.standing if s.sort == "part")
        own = sum(t.rows or 0 for t in self.tables if self.verb != "purge" or t.shared_with is None)
        return own + self.links + parts


def plan(crm: Besace, name: str, verb: Verb | None = None, *, beside: Collection[str] = ()) -> Plan:
    """What a step would do with a plugin; without a verb, the step that is next. Raises PluginError for no plugin.

    `beside` names the plugins that would be enabled together with it.
    """
    catch_up(crm)
    known = {row[0]: row for row in states(crm)}
    if name not in known:
        raise next(refusals(crm, name, verb or "enable"), discovery.unknown_plugin(name, known))
    _name, version, state = known[name]
    wanted = verb or next_verb(crm, name, state)
    host = _host(crm, name)
    module = _module(crm, name)
    with crm.reader.connect() as connection:
        footprint = purging.footprint_of(crm, connection, name)
        return Plan(
            name,
            wanted,
            state,
            version,
            adds=_adds(host, name, footprint),
            tables=_tables(host, name, footprint),
            links=footprint.count_links(),
            steps=upgrading.steps_waiting(crm, name) if wanted in ("enable", "upgrade") and module else [],
            needs=list(discovery.requires(module)) if module else [],
            needed_by=[n for n in crm.installed if name in discovery.requires(_module(crm, n))],
            standing=footprint.standing,
            joining=_joining(crm.registry, name),
            refused=list(refusals(crm, name, wanted, beside)),
        )


def next_verb(crm: Besace, name: str, state: str) -> Verb:
    """The step that a plugin waits for: what is off is enabled, what is behind upgraded; else it could be disabled."""
    if state == "missing":
        with crm.reader.connect() as connection:
            return "disable" if stored_plugins(connection)[name].enabled else "purge"
    if state == "disabled":
        return "enable"
    return "upgrade" if name in upgrading.waiting(crm, [name]) else "disable"


def refusals(crm: Besace, name: str, verb: Verb, beside: Collection[str] = ()) -> Iterator[PluginError]:
    """Why a step would be refused now."""
    if verb == "enable":
        yield from switching.refusals_to_enable(crm, name, beside=beside)
    elif verb == "disable":
        yield from switching.refusals_to_disable(crm, name)
    elif verb == "upgrade":
        yield from upgrading.refusals_to_upgrade(crm, name)
    else:
        yield from purging.refusals_to_purge(crm, name)


def _module(crm: Besace, name: str) -> Any:
    """The module of a plugin; None where it is not installed or cannot be loaded, which the refusals tell."""
    try:
        return crm.installed[name].load() if name in crm.installed else None
    except PluginError:
        return None


def _host(crm: Besace, name: str) -> plugins.Host | None:
    """The running plugins and this one, with those that it needs; None where it cannot run."""
    if name in crm.host.running:
        return crm.host
    host = plugins.Host(core_plugin, crm.installed)
    try:
        host.load([*crm.host.running, *discovery.with_required(crm.installed, name)], VERSION)
    except BesaceError:
        return None
    return host if name in host.running else None


def _adds(host: plugins.Host | None, name: str, footprint: Footprint) -> dict[str, list[str]]:
    """What the plugin declares; without its code, what the database and its stored holdings know."""
    if host is not None:
        return {key: found for key, found in host.summary(name).items() if found}
    sorts = {"types": "type", "parts": "part", "lists": "list"}
    adds = {key: [t for t, s in footprint.tables.items() if s == sort] for key, sort in sorts.items()}
    adds |= {"relations": footprint.keys.relations, "settings": footprint.keys.settings}
    return {key: found for key, found in adds.items() if found}


def _joining(registry: Registry, name: str) -> list[Joining]:
    """What other running plugins declare about the types of a plugin."""
    types = {key for key, info in registry.types.items() if info.plugin == name}
    found = [Joining(p.plugin, "part", p.key) for p in registry.parts.values() if types.intersection(p.of)]
    found += [
        Joining(r.plugin, "relation", r.key)
        for r in registry.relation_types.values()
        if types & {*(r.subjects if r.subjects != ANY else ()), *(r.objects if r.objects != ANY else ())}
    ]
    found += [Joining(c.plugin, "counter", c.key) for c in registry.counters.values() if c.counts in types]
    about: list[tuple[Any, Mapping[tuple[str, str], Any]]] = [
        ("condition", registry.conditions),
        ("measure", registry.measures),
        ("operation", registry.operations),
        ("block", registry.blocks),
    ]
    found += [
        Joining(r.plugin, sort, f"{r.on}.{r.key}") for sort, known in about for r in known.values() if r.on in types
    ]
    return [joining for joining in found if joining.plugin != name]


def _tables(host: plugins.Host | None, name: str, footprint: Footprint) -> list[PlannedTable]:
    made = [
        PlannedTable(t, footprint.columns_of(t), footprint.rows_of(t), footprint.shared.get(t))
        for t in footprint.tables
    ]
    wanted = host.registry.tables_of(name) if host is not None else []
    new = [PlannedTable(t.name, list(t.columns.keys()), None) for t in wanted if t.name not in footprint.tables]
    return made + new
