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
The public names, all from `besace`: `from besace import Entity, fields, hookimpl`; at the end those of
`besace.testing`, for tests.
"""
_PROMISE = """
**Stable** are the names on this page with their parameters, the [hooks](hooks.md), the classes and codes of the
[errors](errors.md), the [JSON](json.md), the keys of shipped types, and the names of `besace.testing`. A change that
breaks a plugin which keeps to them is made in two steps:

1. The new name comes, and the old one goes on working. Using it gives a `DeprecationWarning` which names the new one
   and the version in which the old one goes. The [changelog](../../CHANGELOG.md) lists it under *Deprecated*.
2. The old one goes, at the earliest two minor versions later (0.3 for what was renamed in 0.1), and from 1.0 on in a
   new major version only.

`pytest -W error::DeprecationWarning` shows what your plugin has to follow. A plugin names the versions of the core
with which it was tried: `core = ("0.1",)`, and is refused by others.

**Not stable**: names that start with an underscore, modules and names that are not on this page (take `besace.reading`
or `besace.checks`: you may call them, and look at the changelog when you upgrade), the wording of sentences, the tables
of the core, and the order of checks in `check_plugin`, which gets more of them.
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
    pieces = ["# Python", prose(_INTRODUCTION), "## What is stable", prose(_PROMISE)]
    for name, value in values.items():
        if name not in modules:
            pieces += [f"## {name}", *_described(name, value)]
    for name, module in modules.items():
        pieces += [f"## {name}", chapter(module), _classes(module)]
        for inner, function in markdown.public_functions(module):
            pieces += [f"### {name}.{inner}", *_described(f"{name}.{inner}", function)]
    return page([*pieces, *_testing()])


def _testing() -> Iterator[str]:
    """The names of `besace.testing`, and the fixtures that pytest finds."""
    from besace import testing
    from besace.testing import fixtures

    yield "## besace.testing"
    yield chapter(testing)
    for name in testing.__all__:
        yield f"### testing.{name}"
        yield from _described(f"testing.{name}", getattr(testing, name))
    all_names = {n: value for n, value in vars(fixtures).items() if hasattr(value, "_get_wrapped_function")}
    found = {name: value for name, value in all_names.items() if not name.startswith("_")}
    yield "### Fixtures"
    yield chapter(fixtures)
    told = [[f"`{name}`", sentence(one._get_wrapped_function())] for name, one in found.items()]
    yield table(["fixture", "gives"], told)


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
