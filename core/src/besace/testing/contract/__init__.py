"""The contract: what every plugin has to meet, as tests with a name for each check.

    test_contract = check_plugin("training")

Each check is a function in a module beside this one: it takes a `Bench` and yields a sentence for each problem. Other
plugins add checks to those of every type by the entry-point group `besace.contract`, under their own name: they are
run where that plugin is installed, and it is enabled beside the one that is checked.
"""

from __future__ import annotations

import importlib.metadata
import sys
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from besace import core_plugin
from besace.discovery import Available, available, requires
from besace.errors import BesaceError
from besace.plugins import Host
from besace.testing.contract import asking, life, linking, moving, package, readme, tables, values, verbs
from besace.testing.contract.bench import Bench, Examples, Kept, Subject
from besace.version import VERSION

GROUP = "besace.contract"
"""The entry-point group by which a plugin adds checks to those of every type."""

Check = Callable[[Bench], Iterator[str]]

ON_TYPES: Sequence[Check] = (
    life.is_made_with_what_it_must_have,
    life.keeps_every_field,
    life.refuses_what_only_operations_set,
    values.refuses_wrong_values,
    values.refuses_wrong_words,
    life.is_written_by_commands,
    life.is_shown,
    life.is_not_overwritten,
    life.goes_through_the_trash,
    asking.is_listed_by_every_field,
    asking.is_sorted_by_every_field,
    asking.is_counted_and_summed,
    asking.answers_its_named_conditions,
    linking.is_linked_and_unlinked,
    moving.comes_back_by_import,
)
ON_PARTS: Sequence[Check] = (
    life.is_made_with_what_it_must_have,
    life.keeps_every_field,
    life.refuses_what_only_operations_set,
    values.refuses_wrong_values,
    values.refuses_wrong_words,
    life.is_written_by_commands,
    life.is_not_overwritten,
    life.belongs_to_its_entity,
)
ON_OPERATIONS: Sequence[Check] = (verbs.runs, verbs.refuses_wrong_options, verbs.shows_its_help)
ON_PLUGINS: Sequence[Check] = (
    tables.have_the_names_of_what_they_hold,
    tables.migrate_up_and_down_with_data,
    tables.keep_their_rows_while_it_is_disabled,
    tables.settings_take_and_refuse,
    package.shows_its_commands,
)
ON_PACKAGES: Sequence[Check] = (
    package.loads_quickly,
    package.translates_all_it_says,
    package.explains_everything,
)
ON_DISTRIBUTIONS: Sequence[Check] = (package.declares_what_it_imports, readme.matches_the_code)
ALONE = (
    tables.migrate_up_and_down_with_data,
    tables.keep_their_rows_while_it_is_disabled,
    moving.comes_back_by_import,
)
"""The checks that need an install of their own; the others hand one on, and with it what was compiled and made."""


@dataclass(frozen=True)
class Case:
    """One check of one thing."""

    check: Check
    key: str = ""
    beside: tuple[str, ...] = ()
    is_alone: bool = False

    @property
    def name(self) -> str:
        """How the test is called: `training-is-linked-and-unlinked`."""
        return "-".join(filter(None, [self.key.replace(" ", "-"), self.check.__name__])).replace("_", "-")


def check_plugin(
    name: str,
    module: Any = None,
    *,
    examples: Examples | None = None,
    beside: Mapping[str, Any] | None = None,
    readme: Path | str | None = None,
) -> Callable[..., None]:
    """A test function with one test for each check of a plugin: `test_contract = check_plugin("training")`.

    `module` is the plugin where it is not installed: a module, or an object with hooks. `examples` gives what rules
    ask for and no declaration tells: by "type" and "part" the values that a row needs, by "type.field" those that a
    field needs beside it, by "type operation" the options with which it succeeds. Each is a dictionary or a function:
    `(work) -> values`, for operations `(work, entity) -> options`. `beside` are plugins that are enabled too: a
    module by name, None for an installed one. `readme` is the file whose tables are compared where it does not stand
    beside the plugin's pyproject.toml.
    """
    others = dict(beside or {})
    given = {n: m for n, m in {name: module, **others}.items() if m is not None}
    known = available(given)
    host = _host(known, [*others, name])
    subject = _subject(known[name], host, examples or {}, others, readme)
    cases = [*_cases(subject, host), *_added(subject, host, known)]

    def test(case: Case, make_install: Any, besace_shared: Any, run: Any) -> None:
        installed = dict.fromkeys(n for n in (*subject.needs, *others, name, *case.beside) if n not in given)

        def make() -> Any:
            return make_install(*installed, plugins=given)

        crm = make() if case.is_alone else besace_shared.get(*installed, plugins=given)
        kept = Kept() if case.is_alone else besace_shared.kept_with(crm, Kept)
        problems = problems_of(case, Bench(subject, crm, make, run, case.key, kept))
        if problems:
            besace_shared.forget()
            what = (case.check.__doc__ or case.name).strip()
            pytest.fail("\n".join([f"{case.key or name}: {what}", *(f"  - {p}" for p in problems)]), pytrace=False)

    cases_by_name = pytest.mark.parametrize("case", [pytest.param(case, id=case.name) for case in cases])
    marked: Callable[..., None] = cases_by_name(test)
    return marked


def problems_of(case: Case, bench: Bench) -> list[str]:
    """What a check finds; where code of the plugin breaks it off, that too is a sentence."""
    try:
        return list(case.check(bench))
    except BesaceError as error:
        return [f"it is refused: {error} Where a rule asks for more, give it: check_plugin(..., examples={{...}})"]
    except Exception as error:  # whatever a plugin raises: where it did is what its author looks for
        frames = traceback.extract_tb(error.__traceback__)
        home = str(bench.subject.package or getattr(bench.subject.module, "__file__", None))
        last = next((frame for frame in reversed(frames) if frame.filename.startswith(home)), frames[-1])
        return [f"it ends in {type(error).__name__}: {error} ({last.filename}, line {last.lineno}, in {last.name})"]


def _host(known: dict[str, Available], wanted: Sequence[str]) -> Host:
    """The plugins after those that they require, loaded without an install, to know what there is to check."""
    names: dict[str, None] = {}

    def visit(one: str) -> None:
        if one not in known:
            pytest.fail(f'There is no plugin "{one}" in this environment: install it first.', pytrace=False)
        for needed in requires(known[one].load()):
            visit(needed)
        names[one] = None

    for name in wanted:
        visit(name)
    host = Host(core_plugin, known)
    host.load(list(names), VERSION)
    for problem in host.quarantine.values():
        pytest.fail(str(problem), pytrace=False)
    return host


def _subject(
    plugin: Available, host: Host, examples: Examples, others: Mapping[str, Any], readme: Path | str | None
) -> Subject:
    module, folder = plugin.load(), _package(plugin.load())
    needs = tuple(other for other in host.running if other not in (plugin.name, *others))
    page = _readme(plugin, folder) if readme is None else Path(readme).read_text(encoding="utf-8")
    return Subject(plugin.name, module, needs, others, plugin.entry_point is not None, folder, page, examples)


def _readme(plugin: Available, package: Path | None) -> str | None:
    """The README beside the pyproject.toml of a plugin, else the one with which its distribution was built."""
    for folder in [package, *package.parents] if package is not None else []:
        if (folder / "pyproject.toml").exists() and (folder / "README.md").exists():
            return (folder / "README.md").read_text(encoding="utf-8")
    distribution = plugin.entry_point.dist if plugin.entry_point is not None else None
    page = None if distribution is None else distribution.metadata.json.get("description")
    return page if isinstance(page, str) else None


def _package(module: Any) -> Path | None:
    """The folder of the package in which a plugin stands; None for a single module, which may do with less."""
    if not isinstance(module, ModuleType):
        return None
    top = sys.modules[module.__name__.partition(".")[0]]
    return Path(top.__file__).parent if hasattr(top, "__path__") and top.__file__ is not None else None


def _cases(subject: Subject, host: Host) -> Iterator[Case]:
    known, name = host.registry, subject.name
    yield from (Case(check, is_alone=check in ALONE) for check in ON_PLUGINS)
    if subject.package is not None:
        yield from map(Case, ON_PACKAGES)
    if subject.is_installed:
        yield from map(Case, ON_DISTRIBUTIONS)
    for info in known.types.values():
        yield from (Case(check, info.key, is_alone=check in ALONE) for check in ON_TYPES if info.plugin == name)
    for part in known.parts.values():
        yield from (Case(check, part.key) for check in ON_PARTS if part.plugin == name)
    for (on, key), operation in known.operations.items():
        yield from (Case(check, f"{on} {key}") for check in ON_OPERATIONS if operation.plugin == name)


def _added(subject: Subject, host: Host, known: dict[str, Available]) -> Iterator[Case]:
    """The checks that other plugins add for each type."""
    types = [info.key for info in host.registry.types.values() if info.plugin == subject.name]
    for point in importlib.metadata.entry_points(group=GROUP):
        there = {subject.name, *subject.needs, *subject.beside}
        beside = () if point.name in there else (point.name,)
        if point.name in known and there.issuperset(requires(known[point.name].load())):
            yield from (Case(point.load(), key, beside, is_alone=True) for key in types)
