"""Commands of the administrator: init, plugin, config."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from besace.cli import authoring
from besace.cli.groups import Group
from besace.cli.verbs import json_option
from besace.texts import LANGUAGES, Text, in_language, translator

if TYPE_CHECKING:
    from besace.cli.tree import State

_ = translator(__name__)

NOT_BY_DEFAULT = ("demo",)
"""Shipped plugins that a new install does not enable by itself."""


def init(state: State) -> click.Command:
    """`besace init [DIR]`."""

    def callback(folder: Path, plugins: str | None, bare: bool, currency: str, database: str, as_json: bool) -> None:
        from besace.app import Besace

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
        state.install = str(folder)
        state.__dict__.pop("folder", None)
        state.crm()  # writes the description that help reads
        if state.json:
            print(_document({"install": str(folder), "plugins": names, "user": user}))
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
            click.Argument(["folder"], type=click.Path(path_type=Path), default=".", metavar="[DIR]"),
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
        return [n.strip() for n in plugins.replace("-", "_").split(",") if n.strip()]
    shipped = [n for n, p in available().items() if p.is_shipped and n not in NOT_BY_DEFAULT]
    return sorted(shipped)


def plugin(state: State) -> click.Group:
    """`besace plugin list|info|enable|disable|upgrade|new|make-migration`."""
    group = Group("plugin", help=state.say(_("Choose the plugins of the install.")))
    names = click.Argument(["names"], nargs=-1, required=True, metavar="PLUGIN...")
    json_ = json_option(state)
    for word, params, callback, about in (
        ("list", [json_], _list(state), _("List the plugins, enabled or not.")),
        ("info", [click.Argument(["name"], metavar="PLUGIN"), json_], _info(state), _("Show what a plugin adds.")),
        ("enable", [names, json_], _enable(state), _("Enable plugins: make their tables and lists.")),
        (
            "disable",
            [click.Argument(["name"], metavar="PLUGIN"), json_],
            _disable(state),
            _("Disable a plugin; its rows stay and come back when it is enabled again."),
        ),
        (
            "upgrade",
            [click.Argument(["names"], nargs=-1, metavar="[PLUGIN]..."), json_],
            _upgrade(state),
            _("Bring the tables of the plugins to the version of their code."),
        ),
    ):
        group.add_command(click.Command(word, params=list(params), callback=callback, help=state.say(about)))
    group.add_command(authoring.new(state))
    group.add_command(authoring.make_migration(state))
    return group


_STATES: dict[str, Text] = {
    "enabled": _("enabled"),
    "disabled": _("disabled"),
    "quarantined": _("quarantined"),
    "missing": _("missing"),
}


def _list(state: State) -> Any:
    def callback(as_json: bool) -> None:
        from besace.cli.output import as_document, render
        from besace.enabling import states
        from besace.records import Table

        crm = state.crm()
        rows = [_row(crm, *row) for row in states(crm)]
        with crm.read(door="cli") as work:
            if state.json:
                text = as_document(work, rows)
            else:
                lines = [
                    [r["name"], r["version"], _STATES[r["state"]], ", ".join(r["requires"]), r["summary"]] for r in rows
                ]
                table = Table(
                    [_("Name"), _("Version"), _("State"), _("Requires"), _("Summary")], lines, empty=_("None.")
                )
                text = render(work, [table])
        print(text)

    return callback


def _row(crm: Any, name: str, version: str, plugin_state: str) -> dict[str, Any]:
    from besace.discovery import requires
    from besace.errors import PluginError

    known = crm.installed.get(name)
    try:
        needed = list(requires(known.load())) if known else []
    except PluginError:
        needed = []  # a plugin that cannot be loaded says nothing; its state says that
    return {
        "name": name,
        "version": version,
        "state": plugin_state,
        "requires": needed,
        "summary": known.summary if known else "",
    }


def _info(state: State) -> Any:
    def callback(name: str, as_json: bool) -> None:
        from besace.cli.output import as_document, render
        from besace.discovery import unknown_plugin
        from besace.enabling import states
        from besace.records import Facts

        crm = state.crm()
        known = {row[0]: row for row in states(crm)}
        key = name.replace("-", "_")
        if key not in known:
            raise unknown_plugin(name, known)
        row = _row(crm, *known[key])
        adds = crm.host.summary(key)
        problem = crm.host.quarantine.get(key)
        with crm.read(door="cli") as work:
            if state.json:
                text = as_document(work, {**row, "adds": adds, "problem": problem})
            else:
                facts: list[tuple[Any, Any]] = [
                    (_("Version"), row["version"]),
                    (_("State"), _STATES[row["state"]]),
                    (_("Requires"), ", ".join(row["requires"]) or None),
                    (_("Summary"), row["summary"]),
                    (_("Problem"), problem),
                    *((_ADDS[k], ", ".join(v)) for k, v in adds.items() if v),
                ]
                text = render(work, [Facts([f for f in facts if f[1]], key)])
        print(text)

    return callback


_ADDS: dict[str, Text] = {
    "types": _("Types"),
    "parts": _("Parts"),
    "lists": _("Lists"),
    "relations": _("Relations"),
    "conditions": _("Conditions"),
    "measures": _("Measures"),
    "counters": _("Counters"),
    "operations": _("Operations"),
    "settings": _("Settings"),
    "commands": _("Commands"),
    "verifications": _("Verifications"),
}


def _enable(state: State) -> Any:
    def callback(names: tuple[str, ...], as_json: bool) -> None:
        crm = state.crm()
        keys = [n.replace("-", "_") for n in names]
        done = crm.enable(keys)
        _refresh(state)
        sentences = [
            _("The plugin {name} is enabled.") if key in done else _("The plugin {name} was enabled already.")
            for key in keys
        ]
        told = [state.say(s.format(name=key)) for s, key in zip(sentences, keys, strict=True)]
        print(_document({"enabled": keys, "changed": done}) if state.json else "\n".join(told))

    return callback


def _disable(state: State) -> Any:
    def callback(name: str, as_json: bool) -> None:
        key = name.replace("-", "_")
        was = state.crm().disable(key)
        _refresh(state)
        sentence = (
            _("The plugin {name} is disabled; its rows stay.") if was else _("The plugin {name} was disabled already.")
        )
        told = {"disabled": [key], "changed": [key] if was else []}
        print(_document(told) if state.json else state.say(sentence.format(name=key)))

    return callback


def _upgrade(state: State) -> Any:
    def callback(names: tuple[str, ...], as_json: bool) -> None:
        moved = state.crm().upgrade([n.replace("-", "_") for n in names])
        _refresh(state)
        sentence = _("Upgraded: {names}.").format(names=", ".join(moved)) if moved else _("Everything is up to date.")
        print(_document({"upgraded": moved}) if state.json else state.say(sentence))

    return callback


def _document(told: dict[str, Any]) -> str:
    import json

    return json.dumps(told, ensure_ascii=False)


def _refresh(state: State) -> None:
    from besace.cli import cache

    state.__dict__["description"] = cache.refresh(state.crm(), {})


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
            shown = _shown(work, work.crm.registry.setting(name), now)
            if state.json:
                return _document({name: now})
            return state.say(_("{key} is {value} now.").format(key=name, value="-" if now is None else shown))

        print(state.crm().write(unit, door="cli"))
        _refresh(state)

    group.add_command(
        click.Command("show", params=[json_option(state)], callback=shown, help=state.say(_("Show all settings.")))
    )
    group.add_command(
        click.Command(
            "set",
            params=[click.Argument(["key"]), click.Argument(["value"]), json_option(state)],
            callback=changed,
            help=state.say(_('Change a setting; "" puts its default back.')),
        )
    )
    return group


def _shown(work: Any, setting: Any, value: Any) -> Any:
    """A setting as a person reads it: an entity by its label."""
    from besace.reading import found_entities

    if value is None:
        return None
    if setting.kind.name == "entity":
        found = found_entities(work, [value]).get(value)
        return found.label if found else value
    return in_language(setting.kind.show(value, work.language), work.language)
