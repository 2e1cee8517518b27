"""Enabling and disabling plugins: what is refused, and the change itself."""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterator, Sequence
from typing import TYPE_CHECKING

import sqlalchemy as sa

from besace import discovery, plugins, schema
from besace.enabling import catch_up, changing, load, stored_plugins
from besace.errors import PluginError
from besace.logs import tell
from besace.texts import translator
from besace.upgrading import bring
from besace.version import VERSION

if TYPE_CHECKING:
    from besace.app import Besace

_ = translator(__name__)

_log = logging.getLogger(__name__)


def enable(crm: Besace, names: Sequence[str]) -> list[str]:
    """Enable plugins: make their tables, seed their lists, register them. Returns those that were not enabled.

    Each is enabled in one transaction, so what is killed leaves nothing and is run again; only a plugin whose rows
    are there, of an older version, is upgraded first, step by step. Raises PluginError for what is refused.
    """
    catch_up(crm)
    for name in names:
        for refusal in refusals_to_enable(crm, name, beside=names):
            raise refusal
    modules = {name: crm.installed[name].load() for name in names}
    return [name for name in plugins.in_order(modules) if bring(crm, name)]


def refusals_to_enable(crm: Besace, name: str, *, beside: Collection[str] = ()) -> Iterator[PluginError]:
    """Why a plugin cannot be enabled now, or together with others."""
    if name not in crm.installed:
        yield discovery.unknown_plugin(name, crm.installed)
        return
    try:
        module = crm.installed[name].load()
        plugins.check_core_version(name, module, VERSION)
    except PluginError as error:
        yield error
        return
    for needed in discovery.requires(module):
        if needed not in crm.host.running and needed not in beside:
            yield PluginError(
                _('Plugin "{name}" needs the plugin "{needed}", which is not enabled.').format(
                    name=name, needed=needed
                ),
                _("Enable it first: besace plugin enable {needed}").format(needed=needed),
            )


def disable(crm: Besace, name: str) -> bool:
    """Disable a plugin: its types, links and commands disappear, its rows stay (rule E5); False if it was off."""
    with changing(crm) as connection:
        stored = stored_plugins(connection)
        if name not in stored and name not in crm.installed:
            raise discovery.unknown_plugin(name, {*crm.installed, *stored} - {"core"})
        for refusal in refusals_to_disable(crm, name):
            raise refusal
        was = name in stored and stored[name].enabled
        if was:
            table = schema.plugin_table
            connection.execute(sa.update(table).where(table.c.name == name).values(enabled=False))
    load(crm)
    if was:
        tell(_log, "plugin.disabled", plugin=name)
    return was


def refusals_to_disable(crm: Besace, name: str) -> Iterator[PluginError]:
    """Why a plugin cannot be disabled now."""
    if name == "core":
        yield PluginError(_("The core cannot be disabled."))
    for other in needed_by(crm, name):
        yield PluginError(
            _('Plugin "{name}" cannot be disabled: the plugin "{other}" needs it.').format(name=name, other=other),
            _("Disable that one first: besace plugin disable {other}").format(other=other),
        )


def needed_by(crm: Besace, name: str) -> list[str]:
    """The running plugins that cannot do without this one."""
    return [other for other in crm.host.running if name in discovery.requires(crm.installed[other].load())]
