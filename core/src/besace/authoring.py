"""What the author of a plugin needs: the migration that brings its tables to its models."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

import sqlalchemy as sa

from besace import core_plugin, schema
from besace.discovery import Available, requires, unknown_plugin
from besace.engines import open_engines
from besace.errors import PluginError
from besace.plugins import Host
from besace.texts import translator
from besace.types import Registry

_ = translator(__name__)


def make_migration(installed: Mapping[str, Available], name: str, message: str, version: str) -> Path | None:
    """Write the next migration of a plugin (or of the core) into its package; None where nothing changed.

    The plugin's newest revision is made in a database of its own, which its models are then compared with.
    """
    host = Host(core_plugin, installed)
    if name != "core" and name not in installed:
        raise unknown_plugin(name, installed)
    modules = {n: installed[n].load() for n in _with_required(installed, name)}
    host.load(list(modules), version)
    if host.quarantine:
        raise PluginError(next(iter(host.quarantine.values())))
    module = modules.get(name, core_plugin)
    if getattr(module, "__file__", None) is None:
        raise PluginError(_('Plugin "{name}" has no package to hold migrations.').format(name=name))
    with tempfile.TemporaryDirectory() as folder:
        engines = open_engines("sqlite:///scratch.sqlite3", Path(folder), wait=1, create=True)
        try:
            with schema.migrating(engines.writer) as connection:
                for other, its in {"core": core_plugin, **modules}.items():
                    if other != name or schema.revisions(its):
                        schema.migrate(connection, other, its, host.registry)
                return _write(connection, name, module, host.registry, message)
        finally:
            engines.dispose()


def _with_required(installed: Mapping[str, Available], name: str) -> list[str]:
    """A plugin after those that it requires; none for the core."""
    if name == "core":
        return []
    needed = [n for r in requires(installed[name].load()) for n in _with_required(installed, r)]
    return list(dict.fromkeys([*needed, name]))


def _write(connection: sa.Connection, name: str, module: Any, registry: Registry, message: str) -> Path | None:
    from alembic.autogenerate import produce_migrations, render_python_code
    from alembic.migration import MigrationContext

    context = MigrationContext.configure(connection, opts=schema.compare_options(name, registry))
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
    folder.mkdir(exist_ok=True)
    words = re.sub(r"[^a-z0-9]+", "_", message.lower()).strip("_")
    path = folder / f"{number}_{words}.py"
    before = f'"{known[-1]}"' if known else "None"
    text = _TEMPLATE.format(message=message.rstrip("."), number=number, before=before, up=up, down=down)
    path.write_text(text, encoding="utf-8")
    return path


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
