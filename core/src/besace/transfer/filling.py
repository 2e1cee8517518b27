"""Filling an empty database with an install: its tables, their rows, the series of ids, and the proof that all came."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import islice
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from besace import core_plugin, schema
from besace.dialects import advance_series, without_foreign_keys
from besace.discovery import Available
from besace.errors import PluginError, Refused
from besace.failures import explained
from besace.texts import Text, translator
from besace.transfer.manifest import Held, Manifest, Plugin, metadata_of
from besace.transfer.portable import PAGE, Steps, Tally, line_of, reflect, rows_of, store
from besace.types import Registry

_ = translator(__name__)


def code_of(plugin: Plugin, installed: Mapping[str, Available]) -> Any:
    """The code of a plugin that knows the revision of its tables, or None: absent, broken, or older."""
    try:
        module = core_plugin if plugin.name == "core" else installed[plugin.name].load()
    except (KeyError, PluginError):
        return None
    return module if plugin.revision is None or plugin.revision in schema.revisions(module) else None


def fill(
    connection: sa.Connection,
    told: Manifest,
    rows: Callable[[Held], Iterable[Sequence[Any]]],
    installed: Mapping[str, Available],
    steps: Steps,
) -> dict[str, sa.Table]:
    """Make the tables of an install at the revisions that its manifest tells, and bring the rows; returns the tables.

    Within `schema.migrating`, in one transaction. Raises Refused for what the code or the database cannot take.
    """
    _make_tables(connection, told, installed)
    tables = reflect(connection, [plugin.name for plugin in told.plugins])
    for held in told.tables:
        _check_columns(held, tables[held.name])
    with without_foreign_keys(connection, tables.values()):
        for table in tables.values():  # a migration may have put rows there
            connection.execute(sa.delete(table))
        for held in told.tables:
            _load(connection, held, tables[held.name], rows(held), steps)
    advance_series(connection, tables.values(), told.series)
    return tables


def _make_tables(connection: sa.Connection, told: Manifest, installed: Mapping[str, Available]) -> None:
    described = metadata_of(told.tables)
    for plugin in told.plugins:
        module = code_of(plugin, installed)
        with _naming(_("The tables of the plugin {name} cannot be made here: {problem}."), plugin.name):
            if plugin.revision is not None and module is not None:
                schema.migrate(connection, plugin.name, module, Registry(), to=plugin.revision)
            elif plugin.revision is not None:
                _stamp(connection, plugin)
            _make_described(connection, described, set(plugin.tables))
    _make_described(connection, described, set(described.tables))


def _make_described(connection: sa.Connection, described: sa.MetaData, names: set[str]) -> None:
    """Make tables that no migration made: their plugin's code is absent, or has no migrations."""
    wanted = names - set(sa.inspect(connection).get_table_names())
    described.create_all(connection, tables=[t for t in described.sorted_tables if t.name in wanted], checkfirst=False)


def _stamp(connection: sa.Connection, plugin: Plugin) -> None:
    """Let the migrations of a plugin go on from its revision when its code is here."""
    version = sa.Table(
        f"version_{plugin.name}", sa.MetaData(), sa.Column("version_num", sa.String(32), primary_key=True)
    )
    version.create(connection)
    connection.execute(sa.insert(version).values(version_num=plugin.revision))


def _check_columns(held: Held, table: sa.Table) -> None:
    coming, there = {c.name for c in held.columns}, set(table.columns.keys())
    for name in sorted(coming ^ there):
        sentence = (
            _('The data have a column "{column}" in the table "{table}" that the code here does not make.')
            if name in coming
            else _('The code here makes a column "{column}" in the table "{table}" that the data do not have.')
        )
        raise Refused(
            sentence.format(column=name, table=held.name),
            _("Use the version of the plugin with which the data were written."),
        )


def _load(connection: sa.Connection, held: Held, table: sa.Table, rows: Iterable[Sequence[Any]], steps: Steps) -> None:
    names = [column.name for column in held.columns]
    coming = iter(rows)
    while batch := list(islice(coming, PAGE)):
        with _naming(_('Rows of the table "{name}" cannot be stored: {problem}.'), held.name):
            store(connection, table, names, batch)
        for _row in batch:
            steps.step()


@contextmanager
def _naming(sentence: Text, name: str) -> Iterator[None]:
    """Say what could not be brought, with what the database or a value says of it."""
    try:
        yield
    except (sa.exc.StatementError, TypeError, ValueError) as error:
        told = explained(error) if isinstance(error, DBAPIError) else None
        problem = (str(getattr(error, "orig", error)).strip().splitlines() or [type(error).__name__])[0].rstrip(".")
        raise told or Refused(sentence.format(name=name, problem=problem)) from error


def verify(
    connection: sa.Connection, tables: Mapping[str, sa.Table], expected: Mapping[str, tuple[int, str]], steps: Steps
) -> None:
    """Read the rows that were stored; raises Refused where their number or SHA-256 is not the one expected."""
    for name, (rows, sha256) in expected.items():
        found = Tally()
        for row in rows_of(connection, tables[name]):
            found.add(line_of(row))
            steps.step()
        if (found.rows, found.sha256) != (rows, sha256):
            raise Refused(
                _(
                    'The rows of the table "{table}" are not the same in the new database: {found} of {rows} came.'
                ).format(table=name, found=found.rows, rows=rows),
                _("Nothing was stored."),
            )
