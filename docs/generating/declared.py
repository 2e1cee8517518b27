"""The references of hooks, errors and settings."""

from __future__ import annotations

import importlib
import pkgutil
from pathlib import Path
from typing import Any

from generating.install import install, plugin_names
from generating.markdown import (
    chapter,
    code,
    line_of,
    page,
    prose,
    prototype,
    public_functions,
    sentence,
    signature,
    table,
)

ROOT = Path(__file__).resolve().parents[2]

_FAMILIES = {
    "register": (
        "## Declaring: `register_*`",
        "Asked once, when an install is opened or the plugin is enabled.",
    ),
    "check": (
        "## Refusing: `check_*`",
        "Called with a whole batch before its rows are written. Raise a `BesaceError`.",
    ),
    "after": (
        "## Reacting: `after_*`",
        "Called once for each batch, in the same unit of work, after its rows are written.",
    ),
}

_BESIDE_HOOKS = [
    ["`requires`", 'the names of the plugins that it cannot do without: `requires = ("persons",)`'],
    ["`core`", 'the versions of the core that it works with: `core = ("0.1",)`'],
]
_MISSPELT = """
A function under `@hookimpl` whose name is no hook is refused when the plugin is loaded, so that a
misspelt one is noticed. `@hookimpl(optionalhook=True)` allows a hook that another plugin adds. With
`BESACE_TRACE=1` each call is printed.
"""
_REFUSED = """
What Besace refuses, it refuses with one of these classes. A person sees a sentence on what is wrong and,
where there is one, a sentence on the way on, after `Error:` on stderr. With `--json` there is also, on
stdout:
"""
_STABLE = """
The code is stable; the sentences are not. The exit code is 1 for what a rule or the world refuses, and 2
for wrong usage. Anything else that is raised is a bug.
"""
_ENVIRONMENT = [
    ["`BESACE_INSTALL`", "The folder of the install; else the nearest folder upwards with a `besace.toml`."],
    ["`BESACE_USER`", "Who acts; else the name under which the operating system knows you."],
    [
        "`BESACE_LANGUAGE`",
        "The language of what is shown: `en` or `fr`; else the user's, then the install's.",
    ],
    ["`BESACE_LOG_FORMAT`", "`json` or `text`: what happens is logged to stderr, one event a line."],
    ["`BESACE_TODAY`", "The day that counts as today (`2026-03-14`), for demonstrations and tests."],
    ["`BESACE_BLOCK`", "The names of plugins to start without, separated by commas."],
    ["`BESACE_TRACE`", "When set, each call of a hook is printed on stderr."],
    ["`BESACE_TEST_PG_BIN`", "For tests: the folder of the PostgreSQL binaries to use instead of those installed."],
]


def hooks() -> str:
    """Every hook with its signature, its docstring and a complete plugin."""
    from besace import hookspecs

    pieces = [
        "# Hooks", chapter(hookspecs), "Besides hooks, a plugin may have these names:",
        table(["name", "is"], _BESIDE_HOOKS), prose(_MISSPELT),
    ]  # fmt: skip
    functions = public_functions(hookspecs)
    for family, heading in _FAMILIES.items():
        pieces += heading
        for name, function in functions:
            if name.startswith(f"{family}_"):
                pieces += _hook(name, function)
    return page(pieces)


def _hook(name: str, function: Any) -> list[str]:
    place = f"examples/hooks/{name}.py"
    example = (ROOT / place).read_text(encoding="utf-8").strip()
    return [
        f"### {name}",
        prototype(name + signature(function)),
        chapter(function),
        f"A whole plugin, [{place}](../../{place}):",
        code(example),
    ]


def errors() -> str:
    """Every error class: its code, its exit code, and when it is raised."""
    rows = [
        [
            f"`{e.__name__}`",
            f"`{e.code}`",
            e.exit_code,
            sentence(e).removeprefix("Raised when "),
            f"`{e.__module__}`",
        ]
        for e in error_classes()
    ]
    answer = '{"error": {"code": "not_found", "message": "There is no Opportunity 42.", "hint": null}}'
    return page(
        [
            "# Errors",
            prose(_REFUSED),
            code(answer, "json"),
            prose(_STABLE),
            table(["class", "code", "exit code", "raised when", "module"], rows),
        ]
    )


def error_classes() -> list[type[Any]]:
    """The error classes of the core and of the shipped plugins, the general ones first."""
    from besace.errors import BesaceError

    for package in ["besace", *(f"besace_{name}" for name in plugin_names())]:
        module = importlib.import_module(package)
        for found in pkgutil.walk_packages(module.__path__, f"{package}."):
            if ".migrations" not in found.name and not found.name.endswith(".__main__"):
                importlib.import_module(found.name)
    waiting, ordered = [BesaceError], []
    while waiting:
        ordered.append(waiting.pop(0))
        waiting += sorted(ordered[-1].__subclasses__(), key=lambda e: (e.__module__, line_of(e)))
    return [
        e for e in ordered if e.__module__.partition(".")[0] in ("besace", *map("besace_{}".format, plugin_names()))
    ]


def settings() -> str:
    """The settings of an install, and the variables of the environment."""
    from besace.app import WAIT

    rows = [
        [f"`{one.key}`", _kind(one.kind), _shown(one.default), one.help or one.label, f"`{one.plugin}`"]
        for one in install().registry.settings.values()
    ]
    config = [
        ["`database`", "", "The address of the database; a relative path is relative to the folder."],
        ["`wait`", f"`{WAIT:g}`", "The seconds that a write waits for another process to finish its own."],
    ]
    return page(
        [
            "# Settings",
            "## Of an install",
            "Kept in its database: `besace config show`, and `besace config set KEY VALUE`.",
            table(["setting", "kind", "default", "is", "plugin"], rows),
            "## In besace.toml",
            table(["key", "default", "is"], config),
            "## In the environment",
            table(["variable", "is"], _ENVIRONMENT),
        ]
    )


def _kind(kind: Any) -> str:
    return ", ".join(f"`{key}`" for key in kind.choices) if kind.name == "choice" else str(kind.name)


def _shown(default: Any) -> str:
    if isinstance(default, bool):
        return "`yes`" if default else "`no`"
    return "" if default is None else f"`{default}`"
