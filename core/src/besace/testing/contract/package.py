"""The package of a plugin: what loading it costs, what it needs, and what it says in each language."""

from __future__ import annotations

import ast
import importlib.metadata
import re
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

from besace.discovery import GROUP
from besace.operations import parameters_of
from besace.testing.catalogues import check
from besace.testing.contract.bench import Bench
from besace.texts import LANGUAGES, Text, _catalogue

HEAVY = ("sqlalchemy", "alembic", "pydantic", "rich", "babel", "stdnum", "fastapi")
"""Modules that the module of a plugin leaves to the bodies of its hooks: every command would wait for them."""


def loads_quickly(bench: Bench) -> Iterator[str]:
    """Its module imports nothing heavy: it is loaded with every command."""
    name = bench.subject.module.__name__
    code = f"import {name}, sys; print(*[m for m in {HEAVY} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    if done.returncode:
        yield f"{name} cannot be imported by itself: {done.stderr.strip().splitlines()[-1]}"
    elif done.stdout.strip():
        yield f"{name} imports {done.stdout.strip()}: import it inside the hooks"


def declares_what_it_imports(bench: Bench) -> Iterator[str]:
    """What it imports is a dependency of its distribution, and so is each plugin that it requires."""
    distribution = _distribution(bench)
    given = _depends_on(distribution.name) | _depends_on("besace-core") | {"besace-core", _plain(distribution.name)}
    homes = importlib.metadata.packages_distributions()
    plugins = {p.module.partition(".")[0]: p.dist.name for p in _points() if p.dist is not None}
    for module in sorted(_imported(bench)):
        of = {_plain(name) for name in ([plugins[module]] if module in plugins else homes.get(module, []))}
        if not of & given:
            yield f"it imports {module}, and {distribution.name} does not depend on {' or '.join(sorted(of)) or module}"
    for name in getattr(bench.subject.module, "requires", ()):
        needed = next((p.dist.name for p in _points() if p.name == name and p.dist is not None), name)
        if _plain(needed) not in given:
            yield f"it requires the plugin {name}, and {distribution.name} does not depend on {needed}"


def _points() -> Iterator[importlib.metadata.EntryPoint]:
    yield from importlib.metadata.entry_points(group=GROUP)


def _distribution(bench: Bench) -> importlib.metadata.Distribution:
    (point,) = [p for p in _points() if p.name == bench.subject.name]
    assert point.dist is not None
    return point.dist


def _depends_on(distribution: str) -> set[str]:
    needed = importlib.metadata.requires(distribution) or []
    return {_plain(re.split(r"[\s<>=!~;\[]", one)[0]) for one in needed if "extra ==" not in one}


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _imported(bench: Bench) -> set[str]:
    """The foreign modules, by their first name, that the sources of the package import."""
    assert bench.subject.package is not None
    found = set()
    for path in bench.subject.package.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                found |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                found.add(node.module.partition(".")[0])
    return found - sys.stdlib_module_names - {bench.subject.package.name, "besace"}


def translates_all_it_says(bench: Bench) -> Iterator[str]:
    """Its catalogues are complete, and compiled from what they say now."""
    assert bench.subject.package is not None
    lacking = [told for language in LANGUAGES[1:] for told in check(bench.subject.package, language)]
    yield from lacking
    if lacking:
        update = f"python -m besace.testing.catalogues update {bench.subject.package}"
        yield f"run {update}, translate what is empty, and run it again"


def explains_everything(bench: Bench) -> Iterator[str]:
    """Every field, operation, option, relation and setting has a label and a help, translated."""
    for place, text in texts(bench):
        if not isinstance(text, Text) or not text.source:
            yield f"{place}: it has none: {'help=...' if place.startswith('help') else 'label=...'}"
        for language in LANGUAGES[1:]:
            if isinstance(text, Text) and text.source and not _is_translated(text, language):
                yield f"{place}: {text.source!r} has no translation ({language})"


def _is_translated(text: Text, language: str) -> bool:
    return not text.domain or text.source in getattr(_catalogue(text.domain, language), "_catalog", {})


def texts(bench: Bench) -> Iterator[tuple[str, Any]]:
    """Every label and help of what the plugin declares, with the place where it stands."""
    known, name = bench.crm.registry, bench.subject.name
    for row in (r for r in known.rows if r.plugin == name):
        yield from ((f"label of {row.key}", row.label), (f"plural of {row.key}", row.plural))
        for f in row.fields.values():
            yield from ((f"label of {row.key}.{f.key}", f.label), (f"help of {row.key}.{f.key}", f.help))
    for key, owner in known.list_owners.items():
        if owner == name:
            yield from ((f"label of {key}.{item.key}", item.label) for item in known.lists[key].__items__)
            yield from ((f"label of {key}.{f.key}", f.label) for f in known.lists[key].__fields__.values())
    for relation in (r for r in known.relation_types.values() if r.plugin == name):
        yield from ((f"label of {relation.key}", relation.label), (f"reverse of {relation.key}", relation.reverse))
        yield from ((f"help of {relation.key}.{f.key}", f.help) for f in relation.attributes.values())
    for group in (known.conditions, known.measures, known.counters, known.blocks, known.verifications):
        yield from ((f"label of {r.key}", r.label) for r in group.values() if r.plugin == name)
    for setting in (s for s in known.settings.values() if s.plugin == name):
        yield from ((f"label of {setting.key}", setting.label), (f"help of {setting.key}", setting.help))
    yield from _texts_of_operations(bench)
    yield from ((f"help of {c.name}", c.help) for c in known.commands.values() if c.plugin == name)


def _texts_of_operations(bench: Bench) -> Iterator[tuple[str, Any]]:
    known = bench.crm.registry
    for (on, key), operation in known.operations.items():
        if operation.plugin == bench.subject.name:
            yield from ((f"label of {on} {key}", operation.label), (f"help of {on} {key}", operation.help))
            info: Any = known.types.get(on) or known.parts[on]
            for one in parameters_of(operation, info.fields):
                yield f"help of {on} {key} --{one.name}", one.help


def shows_its_commands(bench: Bench) -> Iterator[str]:
    """Its types, parts and commands show their help in both languages."""
    known, name = bench.crm.registry, bench.subject.name
    words = [r.key.replace("_", "-") for r in known.rows if r.plugin == name]
    words += [c.name for c in known.commands.values() if c.plugin == name]
    for word in words:
        for language in LANGUAGES:
            done = bench.run(bench.crm, "--language", language, word, "--help")
            if (done.exit_code, done.stderr) != (0, "") or not done.stdout:
                yield f"{word} --help in {language} ends with {done.exit_code}: {done.stderr.strip()}"
