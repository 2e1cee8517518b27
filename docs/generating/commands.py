"""The reference of commands: the tree that the command line walks, in Markdown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from generating.install import install
from generating.markdown import code, page, prose, table

_INTRODUCTION = """
The commands of an install with all shipped plugins. `besace --help`, and `--help` after any command, say
the same for your install, in your language.
"""
_WORDS = """
A REF names an entity: its id (`42`), `TYPE:LABEL` (`organisation:SNCF`), or its label alone where the
type is known. An AMOUNT reads `12000` or `12000EUR`, a DATE `2026-03-14` or `today`. A KEY is an item of
an editable list; `besace list show LIST` names them. A CONDITION is written in the [condition
language](conditions.md). Every command that prints data also takes `--json`: [JSON](json.md).
"""


def commands() -> str:
    """The page."""
    import click

    from besace.cli.tree import CORE, Doors, State

    state = State(["--install", str(install().folder), "--as", "docs", "--language", "en"], {})
    root = Doors(state)
    context = click.Context(root, info_name="besace")
    found = {name: root.get_command(context, name) for name in root.list_commands(context)}
    described = state.description["types"].items()
    types = {key.replace("_", "-"): bool(about.get("part")) for key, about in described}
    entities = [name for name, is_part in types.items() if not is_part]
    shared = _shared([found[name] for name in entities])

    pieces = ["# Commands", prose(_INTRODUCTION), prose(_WORDS), "## besace", _options(root), "## Core"]
    for name in CORE:
        pieces += _walk(found[name], f"besace {name}", 3)
    pieces += ["## Every type", "TYPE is one of " + ", ".join(f"`{name}`" for name in entities) + "."]
    for verb, command in shared.items():
        pieces += _walk(command, f"besace TYPE {verb}", 3)
    for name, is_part in types.items():
        pieces += _type(name, found[name], {} if is_part else shared)
    for name in found:
        if name not in CORE and name not in types:
            pieces += _walk(found[name], f"besace {name}", 2)
    return page(pieces)


def _shared(groups: Sequence[Any]) -> dict[str, Any]:
    """The verbs that every type has with the same options, so that they are shown once."""
    return {
        verb: command
        for verb, command in groups[0].commands.items()
        if verb not in ("create", "edit")
        and all(verb in g.commands and _options(g.commands[verb]) == _options(command) for g in groups)
    }


def _type(name: str, group: Any, shared: Mapping[str, Any]) -> list[str]:
    pieces = [f"## besace {name}", group.help]
    for verb, command in group.commands.items():
        if verb in shared:
            continue
        path = f"besace {name} {verb}"
        create = group.commands.get("create") or group.commands.get("add")
        more = _beyond(create, command) if verb == "edit" and create is not None else None
        if more is None:
            pieces += _walk(command, path, 3)
        else:
            pieces += _head(command, path, 3)
            pieces += [f"The options of `{create.name}` for fields, none of them required, and:", _rows(more)]
    return pieces


def _beyond(create: Any, edit: Any) -> list[Any] | None:
    """The options of `edit` that `create` does not have; None where it lacks some of those, but for links."""
    ours = {p.name: p for p in edit.params if p.param_type_name == "option"}
    theirs = {p.name for p in create.params if p.param_type_name == "option" and not p.multiple}
    return None if theirs - ours.keys() else [p for name, p in ours.items() if name not in theirs]


def _walk(command: Any, path: str, level: int) -> list[str]:
    inner = getattr(command, "commands", None)
    if inner is None:
        return [*_head(command, path, level), _options(command)]
    pieces = [f"{'#' * level} {path}", command.help]
    for name, one in inner.items():
        pieces += _walk(one, f"{path} {name}", level + 1)
    return pieces


def _head(command: Any, path: str, level: int) -> list[str]:
    import click

    usage = command.collect_usage_pieces(click.Context(command, info_name=path))
    return [f"{'#' * level} {path}", code(" ".join([path, *usage]), ""), command.help or ""]


def _options(command: Any) -> str:
    return _rows([p for p in command.params if p.param_type_name == "option"])


def _rows(options: Sequence[Any]) -> str:
    return table(
        ["option", "is"],
        [[f"`{_named(option)}`", _told(option)] for option in options if option.name != "as_json"],
    )


def _named(option: Any) -> str:
    if option.is_flag:
        return str(option.opts[0])
    choices = getattr(option.type, "choices", None)
    what = option.metavar or ("|".join(choices) if choices else "N" if "int" in option.type.name else "TEXT")
    return f"{option.opts[0]} {what}"


def _told(option: Any) -> str:
    notes = [note for note, holds in (("required", option.required), ("repeatable", option.multiple)) if holds]
    return (option.help or "") + (f" *({', '.join(notes)})*" if notes else "")
