"""The mapping: which columns of a file become which fields, references and links of a type.

It is a TOML file, and strict: a key, field, type, relation or column that does not exist is refused with the
names that are near, before anything is written.

    type = "opportunity"

    [identity]                       # by what a row is known again, so that importing twice changes nothing
    column = "opportunity_id"        # or template = "{first} {last}"
    system = "erp"                   # or system_column = "..."

    [columns.product]                # repairs a column wherever it is used
    values = { GTXPro = "GTX Pro" }

    [fields]
    start_date = "engage_date"       # short for { column = "engage_date" }
    name = { template = "{product} for {account}" }
    phase = { column = "stage", values = { Active = "proposal" }, empty = ["-"], fallback = "prospecting" }

    [fields.target]
    column = "account"
    look_up = { type = "organisation", by = "external_id", create = true, set = { ours = false } }

    [[links]]
    relation = "fulfils_goal"
    column = "agent"
    look_up = { type = "commercial_action", create = true, set = { start_date = "2026-01-01" } }
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from besace.errors import Refused, UsageError, near
from besace.fields import Field
from besace.kinds import EntityKind
from besace.records import ANY, RelationType
from besace.texts import translator
from besace.transfer.sources import Cleaning, Columns, Source
from besace.transfer.table import Table, check_delimiter
from besace.transfer.toml import Section, read_toml
from besace.types import Registry, TypeInfo

_ = translator(__name__)

DEFAULT_SYSTEM = "import"
_BY = ("label", "external_id", "key")


@dataclass(frozen=True)
class LookUp:
    """How the entity that a text names is found, and what is made where there is none.

    `by`: "reference" (an id, `type:label` or a label, as on the command line), "label", "external_id", "key"
    (see `transfer.keys`), or a field of the type. What is created has its name from `name`, in `name_field`.
    """

    types: tuple[str, ...]
    by: str = "reference"
    system: str = DEFAULT_SYSTEM
    create: bool = False
    name: Source | None = None
    name_field: str | None = None
    values: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class FieldSource:
    """One field of the type: where its text comes from, and how a reference is found."""

    field: Field
    source: Source
    look_up: LookUp | None = None


@dataclass(frozen=True)
class LinkSource:
    """One relation of each row: to (`reverse`: from) the entity that a text names; no text, no link."""

    relation: RelationType
    source: Source
    look_up: LookUp
    attributes: Mapping[str, str]
    reverse: bool


@dataclass(frozen=True)
class ImportMapping:
    """A mapping that fits the install. `clear`: an empty cell empties its field, else it says nothing."""

    path: Path
    info: TypeInfo
    identity: Source
    system: str
    system_column: str | None
    fields: tuple[FieldSource, ...]
    links: tuple[LinkSource, ...]
    cleaning: Mapping[str, Cleaning]
    delimiter: str | None
    clear: bool

    @property
    def columns(self) -> list[str]:
        """The columns that it reads, each once, in order."""
        used = [*self.identity.columns, *([self.system_column] if self.system_column else [])]
        for source, look_up in self._sources():
            used += source.columns
            if look_up is not None and look_up.name is not None:
                used += look_up.name.columns
        return list(dict.fromkeys(used))

    def _sources(self) -> list[tuple[Source, LookUp | None]]:
        return [*((f.source, f.look_up) for f in self.fields), *((s.source, s.look_up) for s in self.links)]

    def columns_of(self, table: Table) -> Columns:
        """Its columns in a file; raises UsageError for one that the file does not have."""
        places = {name: place for place, name in enumerate(table.columns)}
        for name in [*self.columns, *self.cleaning]:
            if name not in places:
                raise UsageError(
                    _('{file} has no column "{name}", which {mapping} names.').format(
                        file=table.path.name, name=name, mapping=self.path.name
                    ),
                    near(name, table.columns),
                )
        used = [(name, places[name], self.cleaning.get(name, Cleaning())) for name in self.columns]
        return Columns(tuple(used), len(table.columns))


def read_mapping(path: Path, registry: Registry) -> ImportMapping:
    """Read a mapping; raises UsageError for whatever this install does not know."""
    top = read_toml(path)
    info = top.known(registry.type, top.text("type", required=True).replace("-", "_"))
    identity = top.table("identity", required=True)
    system_column = identity.text("system_column")
    system = identity.text("system")
    if system and system_column:
        raise identity.error(_("system and system_column exclude each other."))
    cleaning = {name: _cleaning(top.table("columns").table(name)) for name in top.table("columns").names}
    system = system or DEFAULT_SYSTEM
    delimiter = top.text("delimiter")
    mapping = ImportMapping(
        path=path,
        info=info,
        identity=_source(identity),
        system=system,
        system_column=system_column or None,
        fields=tuple(_fields(top.table("fields"), info, registry, system)),
        links=tuple(_link(one, registry, system) for one in top.tables("links")),
        cleaning=cleaning,
        delimiter=check_delimiter(delimiter) if delimiter else None,
        clear=top.choice("empty_cells", ("keep", "clear")) == "clear",
    )
    top.refuse_unknown()
    return mapping


def _cleaning(section: Section) -> Cleaning:
    values = {key: section.table("values").text(key) for key in section.table("values").names}
    fallback = section.text("fallback", default=None)
    return Cleaning(values, frozenset(section.texts("empty")), fallback)


def _source(section: Section) -> Source:
    given = [key for key in ("column", "constant", "template") if section.has(key)]
    if len(given) != 1:
        raise section.error(_("One of column, constant and template is needed."))
    cleaning = _cleaning(section)
    match given[0]:
        case "column":
            return Source((("", section.text("column", required=True)),), cleaning)
        case "constant":
            return Source(((section.text("constant"), None),), cleaning)
    return Source(section.template("template"), cleaning)


def _fields(section: Section, info: TypeInfo, registry: Registry, system: str) -> list[FieldSource]:
    found = []
    for key in section.names:
        known = section.known(info.field, key.replace("-", "_"))
        if known.key in ("external_id", "external_system"):
            raise section.error(_("{name} is set by [identity].").format(name=known.key))
        if known.read_only:
            raise section.error(
                _("{field} of {type} cannot be set by hand.").format(field=known.label, type=info.label)
            )
        one = section.entry(key, "column")
        source = _source(one)
        look_up = _look_up(one, known, registry, system)
        found.append(FieldSource(known, source, look_up))
    if not found:
        raise section.error(_("It maps no field."))
    return found


def _look_up(one: Section, known: Field, registry: Registry, system: str) -> LookUp | None:
    if isinstance(known.kind, EntityKind):
        if one.has("look_up"):
            return _told(one.entry("look_up", "type"), known.kind.types, registry, system)
        return LookUp(known.kind.types)
    if one.has("look_up"):
        raise one.error(_("{field} is no reference and needs no look_up.").format(field=known.label))
    return None


def _link(section: Section, registry: Registry, system: str) -> LinkSource:
    relation = section.known(registry.relation_type, section.text("relation", required=True).replace("-", "_"))
    reverse = section.flag("reverse")
    source = _source(section)
    allowed = relation.subjects if reverse else relation.objects
    types = () if allowed == ANY else tuple(allowed)
    look_up = LookUp(types)
    if section.has("look_up"):
        look_up = _told(section.entry("look_up", "type"), types, registry, system)
    given = section.table("attributes")
    for key in given.names:
        if key not in relation.attributes:
            raise given.unknown(key, list(relation.attributes))
    return LinkSource(relation, source, look_up, {key: given.text(key) for key in given.names}, reverse)


def _told(section: Section, allowed: Sequence[str], registry: Registry, system: str) -> LookUp:
    """A look-up as the mapping tells it."""
    types = _types(section, allowed, registry)
    infos = [registry.type(key) for key in types]
    by = section.text("by") or "label"
    if by not in _BY and not all(by in info.all_fields for info in infos):
        raise section.unknown(by, list(dict.fromkeys([*_BY, *(infos[0].all_fields if infos else ())])))
    create = section.flag("create")
    values = {key: section.table("set").text(key) for key in section.table("set").names}
    if len(infos) > 1 and create and by != "key":
        raise section.error(_("Name one type, of which to create."))
    name_field: str | None = None
    if create and by != "key":
        for key in values:
            section.table("set").known(infos[0].field, key)
        name_field = by if by not in _BY else naming_field(infos[0]).key
    name = Source((("", section.text("name_column")),)) if section.has("name_column") else None
    return LookUp(tuple(types), by, section.text("system") or system, create, name, name_field, values)


def _types(section: Section, allowed: Sequence[str], registry: Registry) -> list[str]:
    if section.has("type"):
        key = section.known(registry.type, section.text("type", required=True).replace("-", "_")).key
        if allowed and key not in allowed:
            raise section.unknown(key, allowed)
        return [key]
    if section.text("by") == "key":
        return [key for key in allowed if key in registry.types]  # a field may name types of absent plugins
    if len(allowed) != 1:
        raise section.error(_("It does not say which type to look up."))
    return list(allowed)


def naming_field(info: TypeInfo) -> Field:
    """The field that takes the name of what an import creates; raises Refused for a type without one."""
    naming = [f for f in info.fields.values() if f.names_row and not f.read_only]
    required = [f for f in naming if f.required]
    if len(naming) == 1 or len(required) == 1:
        return naming[0] if len(naming) == 1 else required[0]
    raise Refused(
        _("A {type} cannot be created from its name alone.").format(type=info.label),
        _("Import the file of this type first."),
    )
