"""The commands of types and parts, built from the stored description; an operation is looked up when it runs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import click

from besace.cli.cache import told
from besace.cli.groups import Group
from besace.texts import translator

if TYPE_CHECKING:
    from besace.cli.tree import State

_ = translator(__name__)

_METAVARS = {
    "integer": "N", "decimal": "N", "money": "AMOUNT", "date": "DATE", "datetime": "MOMENT", "item": "KEY",
    "entity": "REF", "type": "TYPE", "condition": "CONDITION", "boolean": "yes|no", "email": "ADDRESS",
    "phone": "NUMBER", "url": "URL", "path": "PATH",
}  # fmt: skip


def json_option(state: State) -> click.Option:
    """The option that every command with data has."""
    return click.Option(["--json", "as_json"], is_flag=True, help=state.say(_("Print one JSON document.")))


def json_document(told: Mapping[str, Any]) -> str:
    """One JSON document of plain values."""
    import json

    return json.dumps(told, ensure_ascii=False)


def type_group(key: str, described: Mapping[str, Any], state: State) -> Group:
    """The commands of one type or part."""
    group = Group(key.replace("_", "-"), help=told(described["help"], state.language))
    for verb, about in described["verbs"].items():
        group.add_command(_command(key, verb, about, state, is_part=described.get("part", False)))
    return group


def _command(key: str, verb: str, about: Mapping[str, Any], state: State, *, is_part: bool) -> click.Command:
    params: list[click.Parameter] = []
    if about["scope"] == "one":
        params.append(click.Argument(["ref"], metavar="ID" if is_part else "REF"))
    elif about["scope"] == "many":
        params.append(click.Argument(["ref"], metavar="[REF]...", nargs=-1))
    params += [_parameter(p, state) for p in about["parameters"]]
    params.append(json_option(state))

    def callback(as_json: bool, ref: Any = None, **values: Any) -> None:
        given = {name.removeprefix("p_"): value for name, value in values.items() if value not in (None, ())}
        run_verb(state, key, verb, ref, given)

    return click.Command(
        verb.replace("_", "-"), params=params, callback=callback, help=told(about["help"], state.language)
    )


def _parameter(about: Mapping[str, Any], state: State) -> click.Parameter:
    name = "p_" + about["name"]
    word = about["word"]
    if about["positional"]:
        return click.Argument([name], metavar=word, required=about["required"])
    choices = about["choices"]
    metavar = "|".join(choices) or _METAVARS.get(about["kind"], "TEXT")

    def complete(_context: click.Context, _parameter: click.Parameter, typed: str) -> list[str]:
        return [choice for choice in choices if choice.startswith(typed)]

    if about["flag"]:
        return click.Option([word, name], is_flag=True, default=None, help=told(about["help"], state.language))
    return click.Option(
        [word, name],
        metavar=metavar,
        required=about["required"],
        multiple=about["multiple"],
        shell_complete=complete if choices else None,
        help=told(about["help"], state.language),
    )


def run_verb(state: State, key: str, verb: str, ref: Any, given: Mapping[str, Any]) -> None:
    """Run an operation of a type or part and print its result."""
    from besace import operations
    from besace.cli.output import show_result
    from besace.crud import operations_of, part_operations_of
    from besace.errors import UsageError

    crm = state.crm()
    registry = crm.registry
    is_part = key in registry.parts
    info: Any = registry.part(key) if is_part else registry.type(key)
    known = part_operations_of(info) if is_part else operations_of(info)
    if verb not in known:
        raise UsageError(_('{type} has no operation "{name}".').format(type=info.label, name=verb))
    operation = known[verb]
    refs = [] if ref is None else [ref] if isinstance(ref, str) else list(ref)

    def unit(work: Any) -> str:
        state.speak(work.language)
        targets = [_target(work, info, is_part, verb, one) for one in refs]
        result = operations.run(work, operation, info.fields, targets, given)
        return show_result(state, work, result, operation)

    if operation.writes:
        text = crm.write(unit, door="cli")
    else:
        with crm.read(door="cli") as work:
            text = unit(work)
    if text:
        print(text)


def _target(work: Any, info: Any, is_part: bool, verb: str, ref: str) -> Any:
    from besace import reading
    from besace.errors import InvalidValue

    if is_part:
        if not (ref.isascii() and ref.isdigit()):
            raise InvalidValue(_('"{text}" is not the id of a part.').format(text=ref), _("Expected for example 42."))
        return reading.get_part(work, info.key, int(ref))
    found = reading.resolve(work, ref, types=(info.key,), trashed=verb in ("restore", "purge"))
    return found if verb in ("restore", "purge") else reading.get(work, info.key, found.id)
