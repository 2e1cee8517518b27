"""What one install knows: its types, and everything that its plugins declare about them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeAlias

import sqlalchemy as sa

from besace.errors import PluginError, unknown
from besace.fields import Field
from besace.kinds import EntityKind, ItemKind, MoneyKind
from besace.link_options import LinkOption, options_of
from besace.model import NAMING, SYSTEM_FIELDS, Base, Entity, Part
from besace.records import (
    ANY,
    Block,
    Command,
    Condition,
    Counter,
    Measure,
    Operation,
    RelationType,
    Seed,
    Setting,
    Verification,
)  # fmt: skip
from besace.texts import Text, translator

if TYPE_CHECKING:
    from besace.lists import ListItem

_ = translator(__name__)

CORE_WORDS = frozenset({
    "agenda", "any", "backup", "completion", "config", "demo", "doctor", "export", "help", "import", "init", "link",
    "list", "move", "part", "plugin", "related", "relation", "restore", "search", "serve", "show", "type", "unlink",
    "user", "verify", "version",
})  # fmt: skip
"""Words of the command line, which no type may take as its key (`user` is the core's own type)."""


@dataclass(frozen=True)
class Source:
    """The tables of a type in one statement: `source["phase"]` is the column of a field.

    Two sources of a type in one statement are aliased apart, so that neither is correlated by accident.
    """

    info: TypeInfo
    entity: sa.FromClause
    table: sa.FromClause

    def __getitem__(self, key: str) -> sa.ColumnElement[Any]:
        return self.of(self.info.field(key))

    def of(self, field: Field) -> sa.ColumnElement[Any]:
        """The column of a field."""
        return (self.entity if field.system else self.table).c[field.column]

    @property
    def id(self) -> sa.ColumnElement[int]:
        """The id of the row."""
        return self.table.c.id

    @property
    def join(self) -> sa.FromClause:
        """Both tables, for FROM."""
        return self.entity.join(self.table, self.entity.c.id == self.table.c.id)


@dataclass
class RowInfo:
    """What types and parts have in common: a mapped class with fields, from a plugin."""

    key: str
    model: Any
    plugin: str
    fields: dict[str, Field]

    @property
    def label(self) -> Text:
        """One of it, as a heading: `Opportunity`."""
        return self.model.__label__  # type: ignore[no-any-return]

    @property
    def plural(self) -> Text:
        """Several of it, as a heading."""
        return self.model.__plural__  # type: ignore[no-any-return]

    @property
    def table(self) -> sa.Table:
        """Its own table; the rows of a type share their id with `entity`."""
        return self.model.__table__  # type: ignore[no-any-return]

    @property
    def all_fields(self) -> Mapping[str, Field]:
        """Its own fields and those that every row of its sort has."""
        return self.fields

    @property
    def money_fields(self) -> list[Field]:
        """The fields that hold amounts."""
        return [f for f in self.fields.values() if isinstance(f.kind, MoneyKind)]

    @property
    def given_by_operations(self) -> list[str]:
        """The fields that a new row must have and no one sets by hand: only an operation makes such a row."""
        return [f.key for f in self.fields.values() if f.must_be_given and f.read_only]

    def field(self, key: str) -> Field:
        """A field by its key; raises UsageError with the names that are near."""
        found = self.all_fields.get(key)
        if found is None:
            raise unknown(_('{type} has no field "{name}".'), key, list(self.all_fields), type=self.label)
        return found


@dataclass
class TypeInfo(RowInfo):
    """One entity type as this install knows it."""

    registry: Registry
    conditions: dict[str, Condition] = field(default_factory=dict)
    measures: dict[str, Measure] = field(default_factory=dict)
    operations: dict[str, Operation] = field(default_factory=dict)
    blocks: dict[str, Block] = field(default_factory=dict)
    parts: dict[str, PartInfo] = field(default_factory=dict)
    link_options: dict[str, LinkOption] = field(default_factory=dict)

    @cached_property
    def all_fields(self) -> Mapping[str, Field]:
        """Its own fields and those that every entity has."""
        return {**SYSTEM_FIELDS, **self.fields}

    def source(self, *, aliased: bool = False) -> Source:
        """Its tables for a statement."""
        entity = Entity.__table__
        return Source(self, entity.alias(), self.table.alias()) if aliased else Source(self, entity, self.table)


@dataclass
class PartInfo(RowInfo):
    """One part type as this install knows it; `of` holds the keys of the types that it belongs to."""

    of: tuple[str, ...]
    operations: dict[str, Operation] = field(default_factory=dict)


@dataclass
class Declarations:
    """All that one plugin declares, gathered from its hooks."""

    plugin: str
    module: str = "besace"
    types: list[type[Entity]] = field(default_factory=list)
    parts: list[type[Part]] = field(default_factory=list)
    lists: list[type[ListItem]] = field(default_factory=list)
    relation_types: list[RelationType] = field(default_factory=list)
    conditions: list[Condition] = field(default_factory=list)
    measures: list[Measure] = field(default_factory=list)
    counters: list[Counter] = field(default_factory=list)
    operations: list[Operation] = field(default_factory=list)
    blocks: list[Block] = field(default_factory=list)
    settings: list[Setting] = field(default_factory=list)
    commands: list[Command] = field(default_factory=list)
    seeds: list[Seed] = field(default_factory=list)
    verifications: list[Verification] = field(default_factory=list)


ListType: TypeAlias = "type[ListItem]"


def core_tables() -> list[sa.Table]:
    """The tables of the core, without those of its types, in an order in which they can be made."""
    from besace import changes, relations, schema, settings  # noqa: F401 - they add their tables to the core's

    return list(Base.metadata.sorted_tables)


class Registry:
    """The declarations of the enabled plugins, each under its key and with its owner."""

    def __init__(self) -> None:
        self.types: dict[str, TypeInfo] = {}
        self.parts: dict[str, PartInfo] = {}
        self.lists: dict[str, ListType] = {}
        self.list_owners: dict[str, str] = {}
        self.list_declarers: dict[str, list[str]] = {}
        self.relation_types: dict[str, RelationType] = {}
        self.conditions: dict[tuple[str, str], Condition] = {}
        self.measures: dict[tuple[str, str], Measure] = {}
        self.counters: dict[str, Counter] = {}
        self.operations: dict[tuple[str, str], Operation] = {}
        self.blocks: dict[tuple[str, str], Block] = {}
        self.settings: dict[str, Setting] = {}
        self.commands: dict[str, Command] = {}
        self.seeds: list[Seed] = []
        self.verifications: dict[str, Verification] = {}
        self._metadata: sa.MetaData | None = None

    # ---- registering -------------------------------------------------------------------------

    def add(self, declared: Declarations) -> None:
        """Take in all declarations of a plugin, or none: raises PluginError naming both owners of a key."""
        self._check(declared)
        name = declared.plugin
        for model in declared.types:
            self.types[model.__key__] = TypeInfo(model.__key__, model, name, model.__fields__, self)
        for part in declared.parts:
            self.parts[part.__key__] = PartInfo(part.__key__, part, name, part.__fields__, part.__of__)
        for item in declared.lists:
            self.list_declarers.setdefault(item.__key__, []).append(name)
            if item.__key__ not in self.lists:
                self.lists[item.__key__] = item
                self.list_owners[item.__key__] = name
        for key, target, records in self._keyed(declared):
            for record in records:
                target[key(record)] = replace(record, plugin=name)
        for relation in declared.relation_types:
            bound = {k: f.bound(k, declared.module, required=False) for k, f in relation.attributes.items()}
            self.relation_types[relation.key] = replace(relation, plugin=name, attributes=bound)
        self.seeds += [replace(s, plugin=name) for s in declared.seeds]
        self._metadata = None
        self._attach()

    def _keyed(self, declared: Declarations) -> list[tuple[Any, dict[Any, Any], Iterable[Any]]]:
        def by_key(record: Any) -> Any:
            return record.key

        def by_type(record: Any) -> Any:
            return record.on, record.key

        return [
            (by_key, self.relation_types, declared.relation_types),
            (by_type, self.conditions, declared.conditions),
            (by_type, self.measures, declared.measures),
            (by_key, self.counters, declared.counters),
            (by_type, self.operations, declared.operations),
            (by_type, self.blocks, declared.blocks),
            (by_key, self.settings, declared.settings),
            (lambda c: c.name, self.commands, declared.commands),
            (by_key, self.verifications, declared.verifications),
        ]

    def _check(self, declared: Declarations) -> None:
        # All of them are names of tables, and so are those of the core.
        taken = {table.name: "core" for table in core_tables()} if declared.plugin != "core" else {}
        taken |= {row.key: row.plugin for row in self.rows} | self.list_owners
        declared_keys = [m.__key__ for m in declared.types] + [m.__key__ for m in declared.parts]
        for key in declared_keys:
            if key in CORE_WORDS and declared.plugin != "core":
                raise PluginError(
                    _('Plugin "{name}": "{key}" is a word of the command line and cannot be the key of a type.').format(
                        name=declared.plugin, key=key
                    )
                )
            self._refuse_taken(key, taken.get(key), declared.plugin, _("type"))
            taken[key] = declared.plugin
        for item in declared.lists:
            known = self.lists.get(item.__key__)
            is_same = known is not None and known.__fields__.keys() == item.__fields__.keys() and not item.__items__
            if not is_same:
                self._refuse_taken(item.__key__, taken.get(item.__key__), declared.plugin, _("list"))
        for key_of, target, records in self._keyed(declared):
            seen: set[Any] = set()
            for record in records:
                key = key_of(record)
                owner = declared.plugin if key in seen else getattr(target.get(key), "plugin", None)
                shown = ".".join(key) if isinstance(key, tuple) else key
                self._refuse_taken(shown, owner, declared.plugin, _("declaration"))
                seen.add(key)
        self._check_link_options(declared)

    def _check_link_options(self, declared: Declarations) -> None:
        """What relations give `create` of a type, known or new, must not be one of its fields, or given twice."""
        name = declared.plugin
        fields = {t.key: dict.fromkeys(t.fields, t.plugin) for t in self.types.values()}
        fields |= {model.__key__: dict.fromkeys(model.__fields__, name) for model in declared.types}
        relations = [*self.relation_types.values(), *(replace(r, plugin=name) for r in declared.relation_types)]
        for key, taken in fields.items():
            taken |= dict.fromkeys((*SYSTEM_FIELDS, "json", "help"), "core")
            for option in options_of(key, relations):
                if option.name in taken:
                    # Of the two, the plugin that was there first.
                    first, last = sorted((taken[option.name], option.relation.plugin), key=name.__eq__)
                    shown = f"{key} create --{option.name}".replace("_", "-")
                    self._refuse_taken(shown, first, last, _("option"))
                taken[option.name] = option.relation.plugin

    @staticmethod
    def _refuse_taken(key: str, owner: str | None, newcomer: str, what: Text) -> None:
        if owner is not None:
            raise PluginError(
                _('The {what} "{key}" is declared by the plugin "{owner}" and by the plugin "{newcomer}".').format(
                    what=what, key=key, owner=owner, newcomer=newcomer
                )
            )

    def _attach(self) -> None:
        """Give each type what is declared about it, by whichever plugin, enabled before it or after."""
        for info in self.types.values():
            info.conditions = {c.key: c for (on, _k), c in self.conditions.items() if on == info.key}
            info.measures = {m.key: m for (on, _k), m in self.measures.items() if on == info.key}
            info.operations = {o.key: o for (on, _k), o in self.operations.items() if on == info.key}
            blocks = [b for (on, _k), b in self.blocks.items() if on in (info.key, ANY)]
            info.blocks = {b.key: b for b in sorted(blocks, key=lambda b: (b.order, b.key))}
            info.parts = {p.key: p for p in self.parts.values() if info.key in p.of}
            options = options_of(info.key, self.relation_types.values())
            info.link_options = {o.name: o for o in options if self.types_named(o.others)}
        for part in self.parts.values():
            part.operations = {o.key: o for (on, _k), o in self.operations.items() if on == part.key}

    @property
    def rows(self) -> list[RowInfo]:
        """Every type and part."""
        return [*self.types.values(), *self.parts.values()]

    # ---- looking up --------------------------------------------------------------------------

    def type(self, key: str) -> TypeInfo:
        """An entity type; raises UsageError with the names that are near."""
        if key not in self.types:
            raise unknown(_('There is no type "{name}".'), key, list(self.types))
        return self.types[key]

    def part(self, key: str) -> PartInfo:
        """A part type; raises UsageError with the names that are near."""
        if key not in self.parts:
            raise unknown(_('There is no part "{name}".'), key, list(self.parts))
        return self.parts[key]

    def list_type(self, key: str) -> ListType:
        """An editable list; raises UsageError with the names that are near."""
        if key not in self.lists:
            raise unknown(_('There is no list "{name}".'), key, [*self.lists])
        return self.lists[key]

    def relation_type(self, key: str) -> RelationType:
        """A relation type; raises UsageError with the names that are near."""
        if key not in self.relation_types:
            raise unknown(_('There is no relation "{name}".'), key, [*self.relation_types])
        return self.relation_types[key]

    def setting(self, key: str) -> Setting:
        """A setting; raises UsageError with the names that are near."""
        if key not in self.settings:
            raise unknown(_('There is no setting "{name}".'), key, [*self.settings])
        return self.settings[key]

    def label_of_type(self, key: str) -> Text | str:
        """The name of a type for a sentence; the key itself where the type is not enabled."""
        return self.types[key].label if key in self.types else key

    def types_named(self, keys: tuple[str, ...] | str) -> list[TypeInfo]:
        """The enabled types among these keys; ANY means all."""
        return [t for t in self.types.values() if keys == ANY or not keys or t.key in keys]

    # ---- the schema --------------------------------------------------------------------------

    def tables_of(self, plugin: str) -> list[sa.Table]:
        """The tables that a plugin owns, in an order in which they can be made."""
        lists = [t.__table__ for k, t in self.lists.items() if self.list_owners[k] == plugin]
        types = [t.table for t in self.types.values() if t.plugin == plugin]
        parts = [p.table for p in self.parts.values() if p.plugin == plugin]
        core = core_tables() if plugin == "core" else []
        return [t for t in (*core, *lists, *types, *parts) if isinstance(t, sa.Table)]

    def metadata(self) -> sa.MetaData:
        """The whole schema of the install; references to list items are constrained where the list is known."""
        if self._metadata is None:
            self._metadata = self._schema()
        return self._metadata

    def _schema(self) -> sa.MetaData:
        schema = sa.MetaData(naming_convention=NAMING)
        for table in core_tables():
            table.to_metadata(schema)
        for item in self.lists.values():
            assert isinstance(item.__table__, sa.Table)
            item.__table__.to_metadata(schema)
        for owner in self.rows:
            copy = owner.table.to_metadata(schema)
            for f in owner.fields.values():
                if isinstance(f.kind, ItemKind) and f.kind.list in self.lists:
                    copy.append_constraint(sa.ForeignKeyConstraint([f.column], [f"{f.kind.list}.key"]))
        return schema

    def references(self) -> list[tuple[RowInfo, Field]]:
        """Every field that refers to an entity."""
        return [(owner, f) for owner in self.rows for f in owner.fields.values() if isinstance(f.kind, EntityKind)]
