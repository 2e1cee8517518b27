"""Commands of editable lists: list show LIST | add | edit | disable | enable."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from besace.cli.groups import Group
from besace.cli.verbs import json_option
from besace.errors import UsageError
from besace.texts import LANGUAGES, translator

if TYPE_CHECKING:
    from besace.cli.tree import State
    from besace.database import Work

_ = translator(__name__)


def lists(state: State) -> click.Group:
    """`besace list`, a group."""
    group = Group("list", help=state.say(_("Show and change the editable lists.")))
    label = click.Option(["--label"], metavar="TEXT", help=state.say(_("What people see.")))
    order = click.Option(
        ["--order"], type=int, help=state.say(_("Its place: items stand in the order of this number."))
    )
    language = click.Option(
        ["--label-language"], type=click.Choice(LANGUAGES), help=state.say(_("The label is for this language alone."))
    )
    settings = click.Option(
        ["--set", "columns"], multiple=True, metavar="COLUMN=VALUE", help=state.say(_("Set a column of the list."))
    )
    name, key = click.Argument(["name"], metavar="LIST"), click.Argument(["key"])
    json_ = json_option(state)
    for word, params, callback, about in (
        (
            "show",
            [click.Argument(["name"], metavar="[LIST]", required=False), json_],
            _show(state),
            _("Show a list, or name all lists."),
        ),
        ("add", [name, key, label, order, settings, json_], _add(state), _("Add an item.")),
        (
            "edit",
            [name, key, label, language, order, settings, json_],
            _edit(state),
            _("Rename an item, move it, or change its columns."),
        ),
        ("disable", [name, key, json_], _flag(state, True), _("Offer an item no more; rows that have it keep it.")),
        ("enable", [name, key, json_], _flag(state, False), _("Offer a disabled item again.")),
    ):
        group.add_command(click.Command(word, params=list(params), callback=callback, help=state.say(about)))
    return group


def _columns(pairs: tuple[str, ...]) -> dict[str, Any]:
    columns: dict[str, Any] = {}
    for text in pairs:
        key, equals, value = text.partition("=")
        if not equals:
            raise UsageError(
                _('"{text}" sets nothing.').format(text=text), _("Expected KEY=VALUE, for example role=buyer.")
            )
        columns[key.strip().replace("-", "_")] = value
    return columns


def _write(state: State, change: Any) -> None:
    from besace.cli.output import show_result
    from besace.views import item_json

    def unit(work: Work) -> str:
        state.speak(work.language)
        item = change(work)
        laid = item_json(work, item) if state.json else _table(work, type(item), [item])
        return show_result(state, work, laid)

    print(state.crm().write(unit, door="cli"))


def _add(state: State) -> Any:
    def callback(
        name: str, key: str, label: str | None, order: int | None, columns: tuple[str, ...], as_json: bool
    ) -> None:
        from besace import lists as editable

        values = _columns(columns)
        shown = label or key.replace("_", " ").capitalize()
        _write(state, lambda work: editable.add(work, _list(name), key, label=shown, order=order, **values))

    return callback


def _edit(state: State) -> Any:
    def callback(
        name: str,
        key: str,
        label: str | None,
        label_language: str | None,
        order: int | None,
        columns: tuple[str, ...],
        as_json: bool,
    ) -> None:
        from besace import lists as editable

        values = _columns(columns)
        _write(
            state,
            lambda work: editable.edit(
                work, _list(name), key, label=label, label_language=label_language or "", order=order, **values
            ),
        )

    return callback


def _flag(state: State, disabled: bool) -> Any:
    def callback(name: str, key: str, as_json: bool) -> None:
        from besace import lists as editable

        _write(state, lambda work: editable.edit(work, _list(name), key, disabled=disabled))

    return callback


def _list(name: str) -> str:
    return name.replace("-", "_")


def _show(state: State) -> Any:
    def callback(name: str | None, as_json: bool) -> None:
        from besace.cli.output import show_result
        from besace.records import Table
        from besace.views import item_json

        with state.crm().read(door="cli") as work:
            state.speak(work.language)
            registry = work.crm.registry
            if name is None:
                rows = [{"key": k, "label": m.__label__} for k, m in registry.lists.items()]
                table = Table([_("Key"), _("Label")], [list(r.values()) for r in rows], empty=_("None."))
                text = show_result(state, work, rows if state.json else table)
            else:
                model = registry.list_type(_list(name))
                items = list(work.items(model.__key__).values())
                laid = [item_json(work, i) for i in items] if state.json else _table(work, model, items)
                text = show_result(state, work, laid)
        print(text)

    return callback


def _table(work: Work, model: Any, items: list[Any]) -> Any:
    from besace.records import Table

    def own(item: Any, key: str) -> Any:
        value = getattr(item, key)
        return getattr(model.__fields__[key].kind, "choices", {}).get(value, value)

    headings = [_("Key"), _("Label"), _("Order"), *(f.label for f in model.__fields__.values()), _("Disabled")]
    rows = [
        [i.key, i.label, i.position, *(own(i, k) for k in model.__fields__), _("yes") if i.disabled else None]
        for i in items
    ]
    return Table(headings, rows, model.__label__, empty=_("It has no items."))
