"""Commands of the administrator: init, config."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from besace.cli.groups import Group
from besace.cli.verbs import json_document, json_option
from besace.texts import LANGUAGES, in_language, translator

if TYPE_CHECKING:
    from besace.cli.tree import State

_ = translator(__name__)

NOT_BY_DEFAULT = ("demo",)
"""Shipped plugins that a new install does not enable by itself."""


def init(state: State) -> click.Command:
    """`besace init [DIR]`."""

    def callback(
        given: Path | None, plugins: str | None, bare: bool, currency: str, database: str, as_json: bool
    ) -> None:
        from besace.app import Besace

        folder = state.new_folder(given)
        names = _chosen(state, plugins, bare)
        language = state.language
        crm = Besace.init(
            folder,
            user=state.user,
            enable=names,
            currency=currency,
            language=language,
            plugins=state.plugins,
            database=database,
        )
        user = state.user or _user()
        crm.close()
        state.settle(folder)
        if state.json:
            print(json_document({"install": str(folder), "plugins": names, "user": user}))
            return
        here = folder == Path()
        made = (
            _("This folder is an install now, with the plugins: {names}.")
            if here
            else _("{folder} is an install now, with the plugins: {names}.")
        )
        way_on = (
            _("Its administrator is {user}. Go on with: besace --help")
            if here
            else _("Its administrator is {user}. Go on with: besace --install {folder} --help")
        )
        for text in (made, way_on):
            print(state.say(text.format(folder=folder, names=", ".join(names) or "-", user=user)))

    return click.Command(
        "init",
        params=[
            click.Argument(["given"], type=click.Path(path_type=Path), required=False, metavar="[DIR]"),
            click.Option(
                ["--with", "plugins"],
                metavar="PLUGIN,...",
                help=state.say(_("Enable these plugins (all shipped ones but demo).")),
            ),
            click.Option(["--bare"], is_flag=True, help=state.say(_("Enable no plugin."))),
            click.Option(
                ["--currency"],
                default="EUR",
                metavar="CODE",
                help=state.say(_("The currency of amounts given without one (EUR).")),
            ),
            click.Option(
                ["--language"],
                type=click.Choice(LANGUAGES),
                expose_value=False,
                help=state.say(_("The language of those who choose none.")),
            ),
            click.Option(
                ["--database"],
                default="sqlite:///besace.sqlite3",
                metavar="URL",
                help=state.say(_("Where the data is kept (SQLite in the folder).")),
            ),
            json_option(state),
        ],
        callback=callback,
        help=state.say(_("Make a new install in DIR (here), on a database of its own.")),
    )


def _user() -> str:
    from besace.surroundings import operating_system_user

    return operating_system_user()


def _chosen(state: State, plugins: str | None, bare: bool) -> list[str]:
    from besace.discovery import available

    if bare and plugins:
        raise click.UsageError(state.say(_("Either --bare or --with, not both.")))
    if bare:
        return []
    if plugins is not None:
        return list(dict.fromkeys(n.strip() for n in plugins.replace("-", "_").split(",") if n.strip()))
    shipped = [n for n, p in available().items() if p.is_shipped and n not in NOT_BY_DEFAULT]
    return sorted(shipped)


def config(state: State) -> click.Group:
    """`besace config show|set`."""
    group = Group("config", help=state.say(_("Show and change the settings of the install.")))

    def shown(as_json: bool) -> None:
        from besace.cli.output import as_document, render
        from besace.records import Table

        with state.crm().read(door="cli") as work:
            state.speak(work.language)
            settings = work.crm.registry.settings.values()
            values = {s.key: work.setting(s.key) for s in settings}
            rows = [[s.key, _shown(work, s, values[s.key]), s.label, s.help] for s in settings]
            table = Table([_("Setting"), _("Value"), _("Label"), _("Help")], rows)
            text = as_document(work, values) if state.json else render(work, [table])
        print(text)

    def changed(key: str, value: str, as_json: bool) -> None:
        from besace import settings

        def unit(work: Any) -> str:
            state.speak(work.language)
            name = key.replace("-", "_")
            now = settings.change(work, name, value)
            declared = work.crm.registry.setting(name)
            shown = _shown(work, declared, now)
            if state.json:
                return json_document({name: None if now is None else declared.kind.json(now)})
            return state.say(_("{key} is {value} now.").format(key=name, value="-" if now is None else shown))

        print(state.crm().write(unit, door="cli"))
        state.refresh()

    group.add_command(
        click.Command("show", params=[json_option(state)], callback=shown, help=state.say(_("Show all settings.")))
    )
    group.add_command(
        _Set(
            "set",
            params=[click.Argument(["key"]), click.Argument(["value"]), json_option(state)],
            callback=changed,
            help=state.say(_('Change a setting; "" puts its default back.')),
        )
    )
    return group


class _Set(click.Command):
    """A command one of whose words may be a negative number, which is no option."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """As click does; a mistyped option beside a number still is refused, as one word too many."""
        ctx.ignore_unknown_options = any(re.match(r"-[.,]?\d", word) for word in args)
        return super().parse_args(ctx, args)


def _shown(work: Any, setting: Any, value: Any) -> Any:
    """A setting as a person reads it: an entity by its label."""
    from besace.reading import found_entities

    if value is None:
        return None
    if setting.kind.name == "entity":
        found = found_entities(work, [value]).get(value)
        return found.label if found else value
    return in_language(setting.kind.show(value, work.language), work.language)
