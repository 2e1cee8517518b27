"""Where the keys of types, fields and list items stand in an install's rows, so that a migration can change them.

A migration has no registry: what each plugin holds is stored beside it, and the database knows its foreign keys.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import sqlalchemy as sa

from besace import holdings
from besace.errors import ConditionError
from besace.holdings import Holdings
from besace.language import Tree, from_json, to_json
from besace.model import SYSTEM_FIELDS, entity_table
from besace.relations import link_table
from besace.rewriting import rewrite
from besace.schema import plugin_table
from besace.settings import setting

Renamed = Callable[[str], str]


class StoredKeys:
    """The keys in the rows of one database, by the stored holdings of all plugins that were ever enabled in it."""

    def __init__(self, connection: sa.Connection) -> None:
        self.connection = connection
        self.inspector: Any = sa.inspect(connection)
        rows = connection.execute(sa.select(plugin_table.c.name, plugin_table.c.tables))
        self.plugins: dict[str, Holdings] = {row.name: holdings.read(row.tables) for row in rows}

    @property
    def held(self) -> Holdings:
        """What all plugins hold, by table, relation and setting."""
        return {name: fields for held in self.plugins.values() for name, fields in held.items() if fields}

    def describe(self, change: Callable[[Holdings], Holdings]) -> None:
        """Store the holdings of each plugin after a change of them."""
        for plugin, held in self.plugins.items():
            changed = change(json.loads(json.dumps(held)))
            if changed != held:
                self.plugins[plugin] = changed
                mine = plugin_table.c.name == plugin
                self.connection.execute(sa.update(plugin_table).where(mine).values(tables=changed))

    def _fields(self, kind: str) -> Iterator[tuple[str, str, dict[str, Any]]]:
        """Every described field of a kind: the table, relation or setting that it belongs to, its key, itself."""
        there = set(self.inspector.get_table_names())
        for name, fields in self.held.items():
            if ":" in name or name in there:
                yield from ((name, key, field) for key, field in fields.items() if field["kind"] == kind)

    # ---- keys of types -----------------------------------------------------------------------

    def rename_type(self, old: str, new: str) -> None:
        """Change the key of a type in entities, relations, and wherever a field names a type."""
        for column in (entity_table.c.type, link_table.c.subject_type, link_table.c.object_type):
            self._replace(column.table, column, old, new)
        for name, key, field in list(self._fields("type")):
            self._replace_in(name, key, field, old, new)

    # ---- keys of items -----------------------------------------------------------------------

    def replace_item(self, list_key: str, old: str, new: str, called: tuple[str, ...] = ()) -> None:
        """Change the key of an item in whatever refers to it; conditions may name it by what it was `called` too."""
        columns = {(table, column) for table, column in self._item_columns(list_key)}
        for table, column in sorted(columns):
            self._replace(sa.table(table, sa.column(column)), sa.column(column), old, new)
        for name, key, field in list(self._fields("item")):
            if field["list"] == list_key and ":" in name:
                self._replace_in(name, key, field, old, new)

        def value(type_: str, path: str, typed: str) -> str:
            named = typed.strip()
            is_meant = named == old or named.casefold() in (label.casefold() for label in called)
            return new if is_meant and list_key in self._lists_at(path, {type_}) else typed

        self.rewrite(
            lambda tree, type_: rewrite(tree, lambda path: [path], lambda path, typed: value(type_, path, typed))
        )

    def _item_columns(self, list_key: str) -> Iterator[tuple[str, str]]:
        """The columns that hold an item: the database knows its foreign keys, the holdings those without one."""
        for table in self.inspector.get_table_names():
            for key in self.inspector.get_foreign_keys(table):
                if key["referred_table"] == list_key:
                    yield table, key["constrained_columns"][0]
        for name, _key, field in self._fields("item"):
            if field["list"] == list_key and ":" not in name:
                yield name, field["column"]

    # ---- fields in conditions ------------------------------------------------------------------

    def rename_field(self, owner: str, old: str, new: str) -> None:
        """Change the key of a field of a type, or of a list's own column, in all stored conditions."""
        self.rewrite(lambda tree, type_: rewrite(tree, lambda path: self._renamed(path, {type_}, (owner, old, new))))

    def _renamed(self, path: str, owners: set[str], change: tuple[str, str, str]) -> list[str]:
        owner, old, new = change
        head, _dot, rest = path.partition(".")
        heads = [head]
        if head == old and owner in owners:
            others = [o for o in owners - {owner} if old in self.held.get(o, {})]
            heads = [head, new] if others else [new]
        if not rest:
            return heads
        tails = self._renamed(rest, self._beyond(head, owners), change)
        return [f"{h}.{tail}" for h in heads for tail in tails]

    def _beyond(self, key: str, owners: set[str]) -> set[str]:
        """The types or lists whose fields may follow a field in a path."""
        found: set[str] = set()
        types = {name for name, fields in self.held.items() if ":" not in name}
        if key in SYSTEM_FIELDS:
            return {"user"} if key == "owner" else set()
        for owner in owners:
            field = self.held.get(owner, {}).get(key, {})
            if field.get("kind") == "item":
                found.add(field["list"])
            elif field.get("kind") == "entity":
                found |= set(field["types"]) or types
        return found

    def _lists_at(self, path: str, owners: set[str]) -> set[str]:
        """The lists whose items a path may lead to."""
        head, _dot, rest = path.partition(".")
        if rest:
            return self._lists_at(rest, self._beyond(head, owners))
        return {f["list"] for o in owners if (f := self.held.get(o, {}).get(head, {})).get("kind") == "item"}

    def rewrite(self, change: Callable[[Tree, str], Tree]) -> None:
        """Change every stored condition, given with the type that it is about; a damaged one stays as it is."""
        for name, _key, field in list(self._fields("condition")):
            about = self.held[name].get(field.get("about") or "")
            if about is None:
                continue
            row_key: sa.ColumnClause[Any] = sa.column("id") if "id" in self._columns(name) else sa.column("key")
            type_: sa.ColumnClause[Any] = sa.column(about["column"])
            where = sa.column(field["column"], sa.JSON(none_as_null=True))
            table = sa.table(name, row_key, type_, where)
            rows = self.connection.execute(sa.select(row_key, type_, where).where(where.is_not(None))).all()
            for row_id, type_key, stored in rows:
                try:
                    changed = to_json(change(from_json(stored), type_key or ""))
                except ConditionError:
                    continue
                if changed != stored:
                    self.connection.execute(sa.update(table).where(row_key == row_id).values({where.name: changed}))

    # ---- one place -----------------------------------------------------------------------------

    def _columns(self, table: str) -> set[str]:
        return {column["name"] for column in self.inspector.get_columns(table)}

    def _replace_in(self, name: str, key: str, field: Mapping[str, Any], old: str, new: str) -> None:
        sort, colon, rest = name.partition(":")
        if not colon:
            column: sa.ColumnClause[Any] = sa.column(field["column"])
            self._replace(sa.table(name, column), column, old, new)
        elif sort == "setting":
            mine = sa.and_(setting.c.key == rest, setting.c.value == json.dumps(old))
            self.connection.execute(sa.update(setting).where(mine).values(value=json.dumps(new)))
        else:
            self._replace_attribute(rest, key, old, new)

    def _replace(self, table: Any, column: Any, old: str, new: str) -> None:
        self.connection.execute(sa.update(table).where(column == old).values({column.name: new}))

    def _replace_attribute(self, relation: str, key: str, old: str, new: str) -> None:
        link = link_table.c
        found = self.connection.execute(
            sa.select(link.subject_id, link.object_id, link.attributes).where(
                link.type == relation, link.attributes[key].as_string() == old
            )
        ).all()
        for subject, object_, attributes in found:
            mine = sa.and_(link.subject_id == subject, link.type == relation, link.object_id == object_)
            self.connection.execute(sa.update(link_table).where(mine).values(attributes={**attributes, key: new}))
