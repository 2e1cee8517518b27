"""Commands that look around: any entity, search, the types of the install."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from besace.cli.completion import types_of
from besace.cli.groups import Group
from besace.cli.verbs import json_option
from besace.errors import UsageError
from besace.texts import translator

if TYPE_CHECKING:
    from besace.cli.tree import State

_ = translator(__name__)


def show(state: State) -> click.Command:
    """`besace show REF`."""

    def callback(ref: str, as_json: bool) -> None:
        from besace import crud, reading
        from besace.cli.output import show_result

        with state.crm().read(door="cli") as work:
            state.speak(work.language)
            found = reading.resolve(work, ref)
            text = show_result(state, work, crud.show(work, reading.get(work, found.type, found.id)))
        print(text)

    return click.Command(
        "show",
        params=[click.Argument(["ref"]), json_option(state)],
        callback=callback,
        help=state.say(_("Show any entity with everything around it. REF is an id, or TYPE:LABEL.")),
    )


def search(state: State) -> click.Command:
    """`besace search WORDS`."""

    def callback(words: tuple[str, ...], limit: int, as_json: bool) -> None:
        from besace import reading
        from besace.cli.output import show_result
        from besace.records import Table

        if not "".join(words).strip():
            raise UsageError(_("There is nothing to search for."), _("Give at least one word of a label."))
        with state.crm().read(door="cli") as work:
            state.speak(work.language)
            found = reading.search(work, " ".join(words), limit=limit)
            label = work.crm.registry.label_of_type
            table = Table(
                [_("Id"), _("Type"), _("Label")],
                [[f.id, label(f.type), f.label] for f in found],
                empty=_("Nothing found."),
            )
            text = show_result(state, work, found if state.json else table)
        print(text)

    return click.Command(
        "search",
        params=[
            click.Argument(["words"], nargs=-1, required=True),
            click.Option(
                ["--limit"], type=click.IntRange(1), default=50, help=state.say(_("At most so many rows (50)."))
            ),
            json_option(state),
        ],
        callback=callback,
        help=state.say(_("Search the entities of all types whose label has all the words, without case or accents.")),
    )


def types(state: State) -> click.Group:
    """`besace type list|show`."""
    group = Group("type", help=state.say(_("Show the types of the install and their fields.")))

    def listed(as_json: bool) -> None:
        from besace.cli.output import show_result
        from besace.records import Table

        with state.crm().read(door="cli") as work:
            state.speak(work.language)
            infos = list(work.crm.registry.types.values())
            rows = [{"key": i.key, "label": i.label, "plugin": i.plugin} for i in infos]
            table = Table([_("Key"), _("Label"), _("Plugin")], [list(r.values()) for r in rows])
            text = show_result(state, work, rows if state.json else table)
        print(text)

    def shown(key: str, as_json: bool) -> None:
        from besace.cli.output import show_result

        with state.crm().read(door="cli") as work:
            state.speak(work.language)
            info = work.crm.registry.type(key.replace("-", "_"))
            described = _described(info)
            text = show_result(state, work, described if state.json else _type_tables(info))
        print(text)

    group.add_command(
        click.Command("list", params=[json_option(state)], callback=listed, help=state.say(_("List the types.")))
    )
    group.add_command(
        click.Command(
            "show",
            params=[click.Argument(["key"], metavar="TYPE", shell_complete=types_of(state)), json_option(state)],
            callback=shown,
            help=state.say(_("Show the fields, conditions and measures of a type.")),
        )
    )
    return group


def _described(info: Any) -> dict[str, Any]:
    from besace.crud import operations_of

    return {
        "key": info.key,
        "label": info.label,
        "plugin": info.plugin,
        "fields": [
            {"key": f.key, "label": f.label, "kind": f.kind.name, "required": f.required, "read_only": f.read_only}
            for f in info.fields.values()
        ],
        "conditions": [{"key": c.key, "label": c.label, "where": c.where} for c in info.conditions.values()],
        "measures": [{"key": m.key, "label": m.label, "where": m.where} for m in info.measures.values()],
        "operations": list(operations_of(info)),
        "parts": list(info.parts),
    }


def _type_tables(info: Any) -> list[Any]:
    from besace.records import Facts, Table

    fields = [[f.key, f.label, f.kind.name, _("yes") if f.required else None, f.help] for f in info.fields.values()]
    named = [[c.key, c.label, c.where] for c in info.conditions.values()]
    measures = [[m.key, m.label, m.where] for m in info.measures.values()]
    tables: list[Any] = [
        Facts([(_("Key"), info.key), (_("Plugin"), info.plugin)], info.label),
        Table([_("Field"), _("Label"), _("Kind"), _("Required"), _("Help")], fields, _("Fields")),
    ]
    if named:
        tables.append(Table([_("Condition"), _("Label"), _("Where")], named, _("Conditions")))
    if measures:
        tables.append(Table([_("Measure"), _("Label"), _("Where")], measures, _("Measures")))
    return tables
