"""The stored description of an install's doors: what help needs to know, without loading a plugin.

`.besace/doors.json` beside `besace.toml`. It is rewritten by any command that finds it older than the install or
its plugins, and never trusted for a decision: an operation is looked up by its key when it runs.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from besace.texts import LANGUAGES, Text

if TYPE_CHECKING:
    from besace.app import Besace
    from besace.discovery import Available
    from besace.records import Command, Operation
    from besace.types import RowInfo

NAME = Path(".besace") / "doors.json"
FORMAT = 1
"""Of the stored description; one of another format is written anew."""


def load(folder: Path) -> dict[str, Any]:
    """The stored description; empty where it is missing or cannot be read."""
    try:
        stored = json.loads((folder / NAME).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return stored if isinstance(stored, dict) and stored.get("format") == FORMAT else {}


def told(texts: Mapping[str, str], language: str) -> str:
    """A text of the description in the reader's language."""
    return texts.get(language) or texts.get(LANGUAGES[0], "")


def refresh(crm: Besace, known: dict[str, Any]) -> dict[str, Any]:
    """The description of an opened install, written anew where the stored one is older."""
    fingerprint = _fingerprint(crm)
    if known.get("fingerprint") == fingerprint:
        return known
    description = describe(crm) | {"fingerprint": fingerprint}
    path = crm.folder / NAME
    try:
        path.parent.mkdir(exist_ok=True)
        draft = path.with_suffix(f".{os.getpid()}")
        draft.write_text(json.dumps(description, ensure_ascii=False), encoding="utf-8")
        draft.replace(path)
    except OSError:
        return description  # a folder that cannot be written: help is slower, nothing else
    return description


def installless_commands(installed: Mapping[str, Available]) -> dict[str, dict[str, Any]]:
    """The commands that installed plugins offer without an install, described as in the cache."""
    from besace.errors import PluginError

    found: dict[str, dict[str, Any]] = {}
    for plugin in installed.values():
        try:
            register = getattr(plugin.load(), "register_commands", None)
            commands: list[Command] = register() if register else []
        except PluginError:
            continue  # told by `plugin list`, and by every command of an install that enables it
        found |= {c.name: _command(c) for c in commands if not c.needs_install}
    return found


def describe(crm: Besace) -> dict[str, Any]:
    """Everything that help says of an install, in all languages."""
    from besace.crud import operations_of, part_operations_of

    registry = crm.registry
    types = {info.key: _type(info, operations_of(info)) for info in registry.types.values()}
    hanging = [info for info in registry.parts.values() if not types.keys().isdisjoint(info.of)]
    parts = {info.key: _type(info, part_operations_of(info)) for info in hanging}
    commands = {c.name: _command(c) for c in registry.commands.values()}
    with crm.reader.connect() as connection:
        language = crm.install_language(connection)
    return {
        "format": FORMAT,
        "language": language,
        "types": types | {key: {**described, "part": True} for key, described in parts.items()},
        "commands": installless_commands(crm.installed) | commands,
    }


def _type(info: RowInfo, operations: Mapping[str, Operation]) -> dict[str, Any]:
    first = ((info.model.__doc__ or "").strip().splitlines() or [""])[0]
    help_text = Text(first, info.model.__module__.partition(".")[0]) if first else info.label
    return {"help": _texts(help_text), "verbs": {key: _verb(info, o) for key, o in operations.items()}}


def _verb(info: RowInfo, operation: Operation) -> dict[str, Any]:
    from besace.operations import parameters_of, word_for

    return {
        "help": _texts(operation.help or operation.label),
        "scope": operation.scope,
        "parameters": [
            {
                "name": p.name,
                "word": word_for(p),
                "kind": p.kind.name,
                "choices": list(getattr(p.kind, "choices", ()) or ()),
                "required": p.required,
                "positional": p.positional,
                "multiple": p.multiple,
                "flag": p.kind.name == "boolean" and not p.raw,
                "help": _texts(p.help) if p.help is not None else {},
            }
            for p in parameters_of(operation, info.fields)
        ],
    }


def _command(command: Command) -> dict[str, Any]:
    return {"target": command.target, "help": _texts(command.help)}


def _texts(text: Text | str) -> dict[str, str]:
    if isinstance(text, str):
        return {LANGUAGES[0]: text}
    return {language: text.in_language(language) for language in LANGUAGES}


def _fingerprint(crm: Besace) -> str:
    """Changes with the install's set of plugins, their versions, and (for who writes one) their files."""
    import hashlib

    from besace.version import VERSION

    seen: list[Any] = [VERSION, crm.generation, sorted(crm.host.quarantine)]
    for name in ["core", *crm.host.running]:
        origin = getattr(crm.host.module(name), "__file__", None)
        seen.append((name, _files(Path(origin).parent) if origin else []))
    with crm.reader.connect() as connection:
        seen.append(crm.install_language(connection))
    return hashlib.sha256(repr(seen).encode()).hexdigest()


def _files(folder: Path) -> list[tuple[str, int]]:
    """The modules and catalogues of a plugin, each with when it was written."""
    places = [folder, *(folder.joinpath("locale", language, "LC_MESSAGES") for language in LANGUAGES)]
    files = [entry for place in places if place.is_dir() for entry in os.scandir(place)]
    return sorted((f.path, f.stat().st_mtime_ns) for f in files if f.name.endswith((".py", ".mo")))
