"""What the author of a plugin needs: the migration that brings its tables to its models."""

from __future__ import annotations

import itertools
import re
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import sqlalchemy as sa

from besace import core_plugin, schema
from besace.discovery import Available, requires, unknown_plugin
from besace.engines import open_engines
from besace.errors import PluginError
from besace.plugins import Host
from besace.texts import Text, translator
from besace.types import Registry

_ = translator(__name__)


@dataclass(frozen=True)
class Written:
    """A migration that was written, and sentences on what it drops that may be there under another name."""

    path: Path
    doubts: list[Text]


def make_migration(installed: Mapping[str, Available], name: str, message: str, version: str) -> Written | None:
    """Write the next migration of a plugin (or of the core) into its package; None where nothing changed.

    The plugin's newest revision is made in a database of its own, which its models are then compared with. A rename
    looks like something dropped and something added, by which rows lose what they had: that is told as a doubt.
    """
    host = Host(core_plugin, installed)
    if name != "core" and name not in installed:
        raise unknown_plugin(name, installed)
    modules = {n: installed[n].load() for n in _with_required(installed, name)}
    host.load(list(modules), version)
    if host.quarantine:
        raise PluginError(next(iter(host.quarantine.values())))
    module = modules.get(name, core_plugin)
    if getattr(module, "__file__", None) is None or getattr(module, "__package__", None) == "":
        raise PluginError(
            _('Plugin "{name}" has no package to hold migrations.').format(name=name),
            _("Make it a folder with an __init__.py, and name its plugin module in the entry point."),
        )
    with tempfile.TemporaryDirectory() as folder:
        engines = open_engines("sqlite:///scratch.sqlite3", Path(folder), wait=1, create=True)
        try:
            with schema.migrating(engines.writer) as connection:
                before: set[str] = set()
                for other, its in {"core": core_plugin, **modules}.items():
                    before = _tables(connection)
                    if other != name or schema.revisions(its):
                        schema.migrate(connection, other, its, host.registry)
                made = _tables(connection) - before - {f"version_{name}"}
                return _write(connection, name, module, host.registry, message, made)
        finally:
            engines.dispose()


def _tables(connection: sa.Connection) -> set[str]:
    return set(sa.inspect(connection).get_table_names())


def _with_required(installed: Mapping[str, Available], name: str) -> list[str]:
    """A plugin after those that it requires; none for the core."""
    if name == "core":
        return []
    needed = [n for r in requires(installed[name].load()) for n in _with_required(installed, r)]
    return list(dict.fromkeys([*needed, name]))


def _write(
    connection: sa.Connection, name: str, module: Any, registry: Registry, message: str, made: set[str]
) -> Written | None:
    from alembic.autogenerate import produce_migrations, render_python_code
    from alembic.migration import MigrationContext

    options = schema.compare_options(name, registry, also=made)
    context = MigrationContext.configure(connection, opts=options)
    script: Any = produce_migrations(context, registry.metadata())
    if script.upgrade_ops.is_empty():
        return None
    known = schema.revisions(module)
    number = f"{int(known[-1]) + 1 if known else 1:04}"
    up, down = (
        re.sub(
            r"\s*# ###.*",
            "",
            render_python_code(ops, render_as_batch=True, render_item=_render_item, migration_context=context),
        ).strip()
        for ops in (script.upgrade_ops, script.downgrade_ops)
    )
    folder = Path(module.__file__).parent / "migrations"
    words = re.sub(r"[^a-z0-9]+", "_", message.lower()).strip("_")
    path = folder / f"{number}_{words}.py"
    before = f'"{known[-1]}"' if known else "None"
    text = _TEMPLATE.format(message=message.rstrip("."), number=number, before=before, up=up, down=down)
    try:
        folder.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise PluginError(
            _("{path} cannot be written: {problem}.").format(path=path, problem=error.strerror or str(error)),
            _("Install the plugin's own folder: pip install --editable FOLDER"),
        ) from error
    return Written(path, list(_doubts(script.upgrade_ops.ops)))


def _doubts(ops: list[Any]) -> Iterator[Text]:
    """A sentence for each thing that is dropped where one of its sort is added."""
    from alembic.operations import ops as sort

    dropped = [op.table_name for op in ops if isinstance(op, sort.DropTableOp)]
    added = [op.table_name for op in ops if isinstance(op, sort.CreateTableOp)]
    for old, new in itertools.product(dropped, added):
        yield _doubt(old, new, f'evolving.rename_type("{old}", "{new}")')
    for table in ops:
        inner = table.ops if isinstance(table, sort.ModifyTableOps) else []
        gone = {op.column_name: op._reverse.column for op in inner if isinstance(op, sort.DropColumnOp) and op._reverse}
        come = {op.column.name: op.column for op in inner if isinstance(op, sort.AddColumnOp)}
        for (old, was), (new, now) in itertools.product(gone.items(), come.items()):
            if was.type._type_affinity is now.type._type_affinity:
                yield _doubt(old, new, f'evolving.rename_column("{table.table_name}", "{old}", "{new}")')


def _doubt(old: str, new: str, call: str) -> Text:
    return _(
        'It drops "{old}" and adds "{new}": rows lose what they had. '
        "If that is the same under another name, write instead: {call}"
    ).format(old=old, new=new, call=call)


def _render_item(kind: str, item: Any, _context: Any) -> str | Literal[False]:
    # A migration names SQL types alone: our own types may change, what a migration did may not.
    if kind == "type" and isinstance(item, sa.types.TypeDecorator):
        return f"sa.{type(item.impl_instance).__name__}()"
    return False


_TEMPLATE = '''"""{message}."""

import sqlalchemy as sa
from alembic import op

revision = "{number}"
down_revision = {before}


def upgrade() -> None:
    {up}


def downgrade() -> None:
    {down}
'''
