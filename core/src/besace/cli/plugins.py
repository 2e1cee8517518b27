"""Commands that change which plugins an install has: `besace plugin ...`."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from besace.cli import authoring
from besace.cli.groups import Group
from besace.cli.verbs import json_document, json_option
from besace.texts import translator

if TYPE_CHECKING:
    from besace.cli.tree import State
    from besace.plans import Plan, Verb
    from besace.schema import Step

_ = translator(__name__)


def plugin(state: State) -> click.Group:
    """`besace plugin list|info|plan|enable|disable|upgrade|purge|new|make-migration`."""
    group = Group("plugin", help=state.say(_("Choose the plugins of the install.")))
    name = click.Argument(["name"], metavar="PLUGIN")
    names = click.Argument(["names"], nargs=-1, required=True, metavar="PLUGIN...")
    some = click.Argument(["names"], nargs=-1, metavar="[PLUGIN]...")
    verb = click.Argument(
        ["verb"], required=False, type=click.Choice(["enable", "disable", "upgrade", "purge"]), metavar="[VERB]"
    )
    json_ = json_option(state)
    dry = click.Option(["--dry-run"], is_flag=True, help=state.say(_("Show what it would do, and change nothing.")))
    archive = click.Option(
        ["--archive"],
        type=click.Path(path_type=Path),
        metavar="FILE",
        help=state.say(_("Where to write what is dropped (a file of that day in the install's folder).")),
    )
    yes = click.Option(
        ["--yes"], metavar="PLUGIN", help=state.say(_("The name of the plugin once more, instead of typing it."))
    )
    for word, params, callback, about in (
        ("list", [json_], _list(state), _("List the plugins, enabled or not.")),
        ("info", [name, json_], _info(state), _("Show what a plugin adds.")),
        ("plan", [name, verb, json_], _plan(state), _("Show what the next step with a plugin would do, or VERB.")),
        ("enable", [names, dry, json_], _enable(state), _("Enable plugins: make their tables and lists.")),
        (
            "disable",
            [name, dry, json_],
            _disable(state),
            _("Disable a plugin; its rows stay and come back when it is enabled again."),
        ),
        (
            "upgrade",
            [some, dry, json_],
            _upgrade(state),
            _("Bring the tables of the plugins to the version of their code."),
        ),
        (
            "purge",
            [name, archive, yes, dry, json_],
            _purge(state),
            _("Drop the tables and rows of a disabled plugin, after writing them to an archive."),
        ),
    ):
        group.add_command(click.Command(word, params=list(params), callback=callback, help=state.say(about)))
    group.add_command(authoring.new(state))
    group.add_command(authoring.make_migration(state))
    return group


def _key(name: str) -> str:
    return name.replace("-", "_")


def _list(state: State) -> Any:
    def callback(as_json: bool) -> None:
        from besace.cli.output import as_document, render
        from besace.cli.plans import STATES
        from besace.enabling import states
        from besace.records import Table

        crm = state.crm()
        rows = [_row(crm, *row) for row in states(crm)]
        with crm.read(door="cli") as work:
            if state.json:
                text = as_document(work, rows)
            else:
                lines = [
                    [r["name"], r["version"], STATES[r["state"]], ", ".join(r["requires"]), r["summary"]] for r in rows
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
        from besace.cli.plans import ADDS, STATES
        from besace.discovery import unknown_plugin
        from besace.enabling import states
        from besace.records import Facts

        crm = state.crm()
        known = {row[0]: row for row in states(crm)}
        key = _key(name)
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
                    (_("State"), STATES[row["state"]]),
                    (_("Requires"), ", ".join(row["requires"]) or None),
                    (_("Summary"), row["summary"]),
                    (_("Problem"), problem),
                    *((ADDS[k], ", ".join(v)) for k, v in adds.items() if v),
                ]
                text = render(work, [Facts([f for f in facts if f[1]], key)])
        print(text)

    return callback


def _plan(state: State) -> Any:
    def callback(name: str, verb: Verb | None, as_json: bool) -> None:
        print(_shown(state, [state.crm().plan(_key(name), verb)]))

    return callback


def _shown(state: State, plans: list[Plan]) -> str:
    """Plans as they are printed; several of them as one document."""
    from besace.cli.output import as_document, render
    from besace.cli.plans import as_data, lay_out

    with state.crm().read(door="cli") as work:
        state.speak(work.language)
        if not state.json:
            return render(work, [layout for plan in plans for layout in lay_out(plan, work.language)])
        data = [as_data(plan, work.language) for plan in plans]
        return as_document(work, data[0] if len(data) == 1 else {"plans": data})


def _try(state: State, plans: list[Plan]) -> None:
    """Print what a step would do; where it would be refused, so ends the command."""
    print(_shown(state, plans))
    state.exit_code = 1 if any(plan.refused for plan in plans) else 0


def _enable(state: State) -> Any:
    def callback(names: tuple[str, ...], dry_run: bool, as_json: bool) -> None:
        crm = state.crm()
        keys = list(dict.fromkeys(_key(n) for n in names))
        if dry_run:
            _try(state, [crm.plan(key, "enable", beside=keys) for key in keys])
            return
        done = crm.enable(keys)
        state.refresh()
        sentences = [
            _("The plugin {name} is enabled.") if key in done else _("The plugin {name} was enabled already.")
            for key in keys
        ]
        told = [state.say(s.format(name=key)) for s, key in zip(sentences, keys, strict=True)]
        print(json_document({"enabled": keys, "changed": done}) if state.json else "\n".join(told))

    return callback


def _disable(state: State) -> Any:
    def callback(name: str, dry_run: bool, as_json: bool) -> None:
        key = _key(name)
        if dry_run:
            _try(state, [state.crm().plan(key, "disable")])
            return
        was = state.crm().disable(key)
        state.refresh()
        sentence = (
            _("The plugin {name} is disabled; its rows stay.") if was else _("The plugin {name} was disabled already.")
        )
        told = {"disabled": [key], "changed": [key] if was else []}
        print(json_document(told) if state.json else state.say(sentence.format(name=key)))

    return callback


def _upgrade(state: State) -> Any:
    def callback(names: tuple[str, ...], dry_run: bool, as_json: bool) -> None:
        keys = [_key(n) for n in names]
        if dry_run:
            _list_steps(state, keys)
            return
        from besace.cli.plans import step_data

        steps: list[dict[str, Any]] = []

        def told(plugin: str, step: Step) -> None:
            steps.append(step_data(plugin, step))
            if not state.json:
                print(state.say(_("{plugin}: {step} is done.").format(plugin=plugin, step=str(step))), flush=True)

        moved = [*_upgrade_core(state, told), *state.crm(warning=False).upgrade(keys, told)]
        state.warn()
        state.refresh()
        sentence = _("Upgraded: {names}.").format(names=", ".join(moved)) if moved else _("Everything is up to date.")
        print(json_document({"upgraded": moved, "steps": steps}) if state.json else state.say(sentence))

    return callback


def _upgrade_core(state: State, told: Callable[[str, Step], None]) -> list[str]:
    """Bring the core's own tables to this program: before that the install cannot be opened."""
    from besace.upgrading import upgrade_core

    crm = state.unloaded()
    try:
        return ["core"] if upgrade_core(crm, told) else []
    finally:
        crm.close()


def _list_steps(state: State, names: list[str]) -> None:
    """The steps that an upgrade would make; the install itself is opened where its core is not behind."""
    from besace.cli.output import render
    from besace.cli.plans import lay_out_steps, step_data
    from besace.upgrading import core_steps, plugin_steps

    crm = state.unloaded()
    try:
        core = core_steps(crm)
        steps = [*(("core", step) for step in core), *plugin_steps(crm, names)]
    finally:
        crm.close()
    if state.json:
        print(json_document({"steps": [step_data(plugin, step) for plugin, step in steps]}))
    elif core:
        print(*(f"{plugin}: {step}" for plugin, step in steps), sep="\n")
    else:
        with state.crm(warning=False).read(door="cli") as work:
            text = render(work, [lay_out_steps(steps)])
        print(text)


def _purge(state: State) -> Any:
    def callback(name: str, archive: Path | None, yes: str | None, dry_run: bool, as_json: bool) -> None:
        key = _key(name)
        crm = state.crm()
        plan = crm.plan(key, "purge")
        if dry_run:
            _try(state, [plan])
            return
        if plan.refused:
            raise plan.refused[0]
        _confirm(state, plan, yes)
        path = crm.purge(key, archive)
        state.refresh()
        if path is None:
            sentence = _("The plugin {name} holds nothing here.").format(name=key)
        else:
            sentence = _("The plugin {name} is purged; what it held is in {path}.").format(name=key, path=path)
        told = {"purged": [key] if path else [], "rows": plan.rows, "archive": str(path) if path else None}
        print(json_document(told) if state.json else state.say(sentence))

    return callback


def _confirm(state: State, plan: Plan, typed: str | None) -> None:
    """Have the name typed back: nothing brings the rows back but the archive."""
    from besace.errors import UsageError

    if typed is None and not state.json:
        print(_shown(state, [plan]), file=sys.stderr)
        prompt = state.say(_("Type the name of the plugin to purge it"))
        try:
            typed = click.prompt(prompt, default="", show_default=False, err=True)
        except click.Abort:
            typed = ""
    if _key((typed or "").strip()) != plan.plugin:
        raise UsageError(
            _("The name was not typed back: nothing was purged."),
            _("Type it, or give it with: besace plugin purge {name} --yes {name}").format(name=plan.plugin),
        )
