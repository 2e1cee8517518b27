"""The schema of an install: migrations, one linear history and one version per plugin.

Migrations are files `NNNN_words.py` in the `migrations` folder of a plugin's package, with the number as their
revision. A plugin without that folder (a single module) has its tables made from its models when it is enabled.
Alembic is imported only when something is migrated.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from besace import dialects
from besace.errors import InstallError, PluginError
from besace.logs import tell
from besace.model import Base
from besace.texts import translator
from besace.types import Registry

_ = translator(__name__)

_log = logging.getLogger(__name__)

FORMAT = "1"
"""The format of an install: raised only by a change that migrations cannot make."""

meta = sa.Table(
    "install",
    Base.metadata,
    sa.Column("key", sa.String(40), primary_key=True),
    sa.Column("value", sa.Text(), nullable=False),
)
"""What an install is: its format, its own identity, and the generation of its set of plugins."""

plugin_table = sa.Table(
    "plugin",
    Base.metadata,
    sa.Column("name", sa.String(60), primary_key=True),
    sa.Column("enabled", sa.Boolean(), nullable=False),
    sa.Column("position", sa.Integer(), nullable=False),
    sa.Column("version", sa.String(40), nullable=False),
    sa.Column("revision", sa.String(40), nullable=True),
    sa.Column("tables", sa.JSON(), nullable=False),
)
"""The plugins that were ever enabled here; `tables` says what each holds, for when its code is not loaded: see
`besace.holdings`."""


def folder_of(module: Any) -> Path | None:
    """The migrations folder of a plugin's package, or None for a single module or an object."""
    origin = getattr(module, "__file__", None)
    if origin is None or getattr(module, "__package__", None) == "":  # what is beside a single module is not its own
        return None
    folder = Path(origin).parent / "migrations"
    return folder if folder.is_dir() else None


def revisions(module: Any) -> list[str]:
    """The revisions that a plugin's code knows, oldest first."""
    return [step.revision for step in waiting(module, None)]


@dataclass(frozen=True)
class Step:
    """One migration: its revision, and what it does in the words of its file's name."""

    revision: str
    words: str

    def __str__(self) -> str:
        return f"{self.revision} {self.words}"


def waiting(module: Any, stored: str | None) -> list[Step]:
    """The migrations that a plugin's code has beyond the stored revision, oldest first."""
    folder = folder_of(module)
    files = sorted(f.stem for f in folder.glob("*.py")) if folder else []
    known = [m for f in files if (m := re.match(r"(\d{4})_(.*)", f))]
    return [Step(m[1], m[2].replace("_", " ")) for m in known if stored is None or m[1] > stored]


def check_revision(name: str, module: Any, stored: str | None) -> bool:
    """Whether a plugin's tables are those of its code; raises InstallError when they are newer."""
    known = revisions(module)
    if stored is not None and stored not in known:
        raise InstallError(
            _('This install is newer than the code: its "{name}" tables are at version {stored}.').format(
                name=name, stored=stored
            ),
            _("Upgrade the program: pip install --upgrade besace"),
        )
    return not known or stored == known[-1]


@contextmanager
def migrating(engine: sa.Engine) -> Iterator[sa.Connection]:
    """One transaction for changes of the schema, with foreign keys checked at its end."""
    with engine.connect() as connection, dialects.changing_schema(connection):
        yield connection


def migrate(connection: sa.Connection, name: str, module: Any, registry: Registry, *, to: str = "head") -> str | None:
    """Bring a plugin's tables to a revision (`head`, `base` or a number); returns the revision they are at."""
    folder = folder_of(module)
    if folder is None:
        tables = {t.name for t in registry.tables_of(name)}
        schema = registry.metadata()
        own = [t for t in schema.sorted_tables if t.name in tables]
        schema.create_all(connection, tables=own, checkfirst=True)
        for table in own:
            _add_columns(connection, name, table)
        return None
    from alembic.config import Config
    from alembic.runtime.environment import EnvironmentContext
    from alembic.script import ScriptDirectory

    script = ScriptDirectory(str(folder), version_locations=[str(folder)])

    def steps(current: Any, _context: Any) -> Any:
        if to == "base" or (current and to != "head" and str(current[0]) > to):
            return script._downgrade_revs(to, current)
        return script._upgrade_revs(to, current)

    with EnvironmentContext(Config(), script, fn=steps, destination_rev=to) as environment:
        environment.configure(connection=connection, version_table=f"version_{name}", render_as_batch=True)
        before = environment.get_context().get_current_heads()
        environment.run_migrations()
        current = environment.get_context().get_current_heads()
    was, now = (str(heads[0]) if heads else None for heads in (before, current))
    if was != now:
        tell(_log, "plugin.migrated", plugin=name, was=was, now=now)
    return now


def drop_unused_list(connection: sa.Connection, name: str) -> None:
    """Drop the table of a plain list, unless rows of another plugin, enabled or not, may still refer to it.

    For the way down of a migration whose way up makes the table `if_not_exists`.
    """
    inspector = sa.inspect(connection)
    tables = inspector.get_table_names()
    if not any(key["referred_table"] == name for table in tables for key in inspector.get_foreign_keys(table)):
        sa.Table(name, sa.MetaData()).drop(connection)


def stamp(connection: sa.Connection, name: str, module: Any, revision: str) -> None:
    """Take a plugin's tables for those of a revision, without making them."""
    from alembic.migration import MigrationContext
    from alembic.script import ScriptDirectory

    folder = str(folder_of(module))
    context = MigrationContext.configure(connection, opts={"version_table": f"version_{name}"})
    context.stamp(ScriptDirectory(folder, version_locations=[folder]), revision)


def missing_columns(connection: sa.Connection, table: sa.Table) -> list[sa.Column[Any]]:
    """The columns of a table that the database does not have."""
    known = {column["name"] for column in sa.inspect(connection).get_columns(table.name)}
    return [column for column in table.columns if column.name not in known]


def _add_columns(connection: sa.Connection, name: str, table: sa.Table) -> None:
    """Add what a class without migrations has more than its table; refused for a field that rows must have."""
    for column in missing_columns(connection, table):
        if not column.nullable:
            raise PluginError(
                _('Plugin "{name}": the rows of "{table}" have no {column}, and it is required.').format(
                    name=name, table=table.name, column=column.name
                ),
                _("Make the field optional, or give the plugin migrations: besace plugin make-migration {name}").format(
                    name=name
                ),
            )
        ddl = sa.schema.CreateColumn(column).compile(connection)
        quoted = connection.dialect.identifier_preparer.format_table(table)
        connection.exec_driver_sql(f"ALTER TABLE {quoted} ADD COLUMN {ddl}")


def compare_options(name: str, registry: Registry, *, also: Collection[str] = ()) -> dict[str, Any]:
    """Options that make Alembic see the tables of one plugin alone, and those that it has `also` in the database."""
    own = {t.name for t in registry.tables_of(name)} | {*also}

    def is_own(name: str | None, kind: str) -> bool:
        return name in own if kind == "table" else True

    def include_object(_object: Any, name: str | None, kind: str, _reflected: bool, _against: Any) -> bool:
        return is_own(name, kind)

    def include_name(name: str | None, kind: str, _parents: Any) -> bool:
        return is_own(name, kind)  # the tables of others are not even looked at

    return {"include_object": include_object, "include_name": include_name, "render_as_batch": True}


def differences(connection: sa.Connection, name: str, registry: Registry) -> list[Any]:
    """How a plugin's tables differ from its models; empty when they do not."""
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    context = MigrationContext.configure(connection, opts=compare_options(name, registry))
    found = compare_metadata(context, registry.metadata())
    # Changes of one column come as a list of their own.
    return [one for some in found for one in (some if isinstance(some, list) else [some])]
