"""The reference of Python: every public name with its signature and what it gives."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from dataclasses import MISSING, fields, is_dataclass
from types import ModuleType
from typing import Any

from generating import markdown
from generating.markdown import chapter, line_of, page, prose, prototype, sentence, signature, table

_INTRODUCTION = """
The public names, all from `besace`: `from besace import Entity, fields, hookimpl`. The errors in
[errors](errors.md) and the fixtures in `besace.testing` are public too. What is not listed may change
without notice.
"""
_FOR_ITSELF = {
    "ANY": '`"any"`: stands for every entity type, also those that come later.',
    "hookimpl": "Marks a function of a plugin as the implementation of a [hook](hooks.md): `@hookimpl`.",
}


def python() -> str:
    """The page."""
    import besace

    values = {name: getattr(besace, name) for name in besace.__all__}
    modules = {name: value for name, value in values.items() if isinstance(value, ModuleType)}
    pieces = ["# Python", prose(_INTRODUCTION)]
    for name, value in values.items():
        if name not in modules:
            pieces += [f"## {name}", *_described(name, value)]
    for name, module in modules.items():
        pieces += [f"## {name}", chapter(module), _classes(module)]
        for inner, function in markdown.public_functions(module):
            pieces += [f"### {name}.{inner}", *_described(f"{name}.{inner}", function)]
    return page(pieces)


def _described(name: str, value: Any) -> Iterator[str]:
    if name in _FOR_ITSELF:
        yield _FOR_ITSELF[name]
        return
    if is_dataclass(value):
        yield prototype(f"{name}({_arguments(value)})")
    elif inspect.isfunction(value):
        yield prototype(name + signature(value))
    yield chapter(value)
    yield "\n".join(f"- `{method}{_called(function)}`: {sentence(function)}" for method, function in _methods(value))


def _called(method: Any) -> str:
    """The signature of a method as its caller sees it."""
    return re.sub(r"^\((self|cls)(, )?", "(", signature(method))


def _methods(value: Any) -> Iterator[tuple[str, Any]]:
    for name, member in vars(value).items() if inspect.isclass(value) else ():
        plain = member.__func__ if isinstance(member, classmethod | staticmethod) else member
        if inspect.isfunction(plain) and not name.startswith("_") and inspect.getdoc(plain):
            yield name, plain


def _classes(module: ModuleType) -> str:
    found = [
        value
        for name, value in vars(module).items()
        if inspect.isclass(value) and value.__module__ == module.__name__ and not name.startswith("_")
    ]
    return table(["class", "is"], [[f"`{c.__name__}`", sentence(c)] for c in sorted(found, key=line_of)])


def _arguments(record: Any) -> str:
    """The arguments of a record, without the owner, which the registry fills in."""
    shown = []
    for one in fields(record):
        if one.name != "plugin":
            given = "..." if one.default is MISSING else markdown.default(one.default)
            optional = one.default is not MISSING or one.default_factory is not MISSING
            shown.append(f"{one.name}={given}" if optional else one.name)
    return ", ".join(shown)
