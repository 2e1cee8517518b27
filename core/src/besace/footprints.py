"""The footprint of a plugin: its rows in an install, and the rows of others that stand on them.

Read from the database and the stored holdings, so that it is the same when the plugin's code is not there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

import sqlalchemy as sa

from besace import holdings
from besace.holdings import Holdings, Keys, Sort
from besace.model import entity_table
from besace.relations import link_table
from besace.settings import setting


@dataclass(frozen=True)
class Standing:
    """Rows of another plugin that stand on a plugin's types: they refer to its entities, hang on them as parts, or
    name a type of its by its key.
    """

    plugin: str
    table: str
    columns: list[str]
    sort: Literal["reference", "part", "type", "setting"]
    rows: int


class Footprint:
    """What one plugin holds in a database; `held` has the holdings of all plugins."""

    def __init__(self, connection: sa.Connection, plugin: str, held: Mapping[str, Holdings]) -> None:
        self.connection = connection
        self.plugin = plugin
        self.held = held
        self.inspector: Any = sa.inspect(connection)
        self.keys = Keys.of(held.get(plugin, {}))

    @cached_property
    def there(self) -> set[str]:
        """The tables that the database has."""
        return set(self.inspector.get_table_names())

    @cached_property
    def tables(self) -> dict[str, Sort]:
        """Its tables that the database has, and what each holds."""
        return {t: holdings.sort_of(self.inspector, t) for t in self.keys.tables if t in self.there}

    @cached_property
    def types(self) -> list[str]:
        """Its entity types: a type has the name of its table."""
        return [name for name, sort in self.tables.items() if sort == "type"]

    @cached_property
    def shared(self) -> dict[str, str]:
        """Those of its tables that another plugin has too, or refers to by a foreign key, with that plugin's name."""
        owners = {t: p for p, held in self.held.items() if p != self.plugin for t in held if t in self.tables}
        for table in self.there - set(self.tables):
            for key in self.inspector.get_foreign_keys(table):
                if key["referred_table"] in self.tables:
                    owners.setdefault(key["referred_table"], self._owner(table))
        return owners

    def _owner(self, table: str) -> str:
        return next((p for p, held in self.held.items() if table in held), "core")

    def rows_of(self, table: str) -> int:
        """How many rows a table has."""
        return self._count(sa.select(sa.func.count()).select_from(sa.table(table)))

    def columns_of(self, table: str) -> list[str]:
        """The columns of a table."""
        return [column["name"] for column in self.inspector.get_columns(table)]

    @property
    def entities(self) -> sa.Select[Any]:
        """The ids of its entities."""
        return sa.select(entity_table.c.id).where(entity_table.c.type.in_(self.types))

    def links_in(self, link: sa.FromClause) -> sa.ColumnElement[bool]:
        """The relations that end with it: of its relation types, or with an entity of its at either end."""
        return sa.or_(
            link.c.type.in_(self.keys.relations),
            link.c.subject_type.in_(self.types),
            link.c.object_type.in_(self.types),
        )

    def count_links(self) -> int:
        """How many relations these are."""
        return self._count(sa.select(sa.func.count()).select_from(link_table).where(self.links_in(link_table)))

    @cached_property
    def own(self) -> list[str]:
        """The tables that are its alone, those that refer to others first, as they can be dropped."""
        ordered = [name for name, _keys in self.inspector.get_sorted_table_and_fkc_names() if name is not None]
        return [name for name in reversed(ordered) if name in self.tables and name not in self.shared]

    @property
    def version_table(self) -> list[str]:
        """The table in which Alembic keeps its revision, where it has migrations."""
        return [n for n in (f"version_{self.plugin}",) if n in self.there]

    @property
    def parts_of_others(self) -> list[str]:
        """The tables of other plugins' parts that hang on its entities."""
        return [s.table for s in self.standing if s.sort == "part"]

    @cached_property
    def standing(self) -> list[Standing]:
        """The rows of other plugins that stand on its types, where there are any."""
        return [s for s in (*self._in_tables(), *self._type_keys(), *self._in_settings()) if s.rows]

    def _others(self) -> Iterator[str]:
        yield from sorted(self.there - set(self.tables) - {"entity", "trash", "link"})

    def _in_tables(self) -> Iterator[Standing]:
        """References to its entities, and parts that hang on them; a part that goes with its entity holds nothing."""
        if not self.types:
            return
        for name in self._others():
            sort = holdings.sort_of(self.inspector, name)
            columns = {k["constrained_columns"][0] for k in holdings.entity_references(self.inspector, name)}
            table = sa.table(name, *(sa.column(c) for c in {*columns, "owner_id"}))
            columns -= {"id"}  # an entity is no reference to itself
            if sort == "part":
                columns -= {"owner_id"}
                hanging = table.c.owner_id.in_(self.entities)
                yield Standing(self._owner(name), name, ["owner_id"], "part", self._count_in(table, hanging))
            refers = sa.or_(sa.false(), *(table.c[c].in_(self.entities) for c in columns))
            if sort == "part":
                refers = sa.and_(refers, table.c.owner_id.not_in(self.entities))
            yield Standing(self._owner(name), name, sorted(columns), "reference", self._count_in(table, refers))

    def _type_keys(self) -> Iterator[Standing]:
        for plugin, held in self.held.items():
            for name, fields in held.items():
                for key, field in fields.items():
                    if field["kind"] == "type" and name in self.there and plugin != self.plugin:
                        names_it = sa.column(field["column"], sa.String()).in_(self.types)
                        yield Standing(plugin, name, [key], "type", self._count_in(sa.table(name), names_it))

    def _in_settings(self) -> Iterator[Standing]:
        """Settings of others that are an entity of its."""
        for plugin, held in self.held.items():
            for name, described in held.items():
                if plugin == self.plugin or described.get("value", {}).get("kind") != "entity" or ":" not in name:
                    continue
                key = name.partition(":")[2]
                is_its = sa.cast(setting.c.value, sa.BigInteger).in_(self.entities)
                refers = sa.case((setting.c.key == key, is_its), else_=sa.false())
                yield Standing(plugin, "setting", [key], "setting", self._count_in(setting, refers))

    def _count_in(self, table: sa.FromClause, where: sa.ColumnElement[bool]) -> int:
        return self._count(sa.select(sa.func.count()).select_from(table).where(where))

    def _count(self, counting: sa.Select[Any]) -> int:
        return int(self.connection.execute(counting).scalar_one())
