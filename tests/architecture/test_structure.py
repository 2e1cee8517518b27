"""What the source must look like for the design to hold; read from its syntax trees."""

from __future__ import annotations

import ast
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CORE = ROOT / "core/src/besace"
MODULES = sorted(p for p in [*CORE.rglob("*.py"), *ROOT.glob("plugins/*/src/**/*.py")] if "migrations" not in p.parts)
CORE_MODULES = [p for p in MODULES if p.is_relative_to(CORE)]


def named(path: Path) -> str:
    return str(path.relative_to(ROOT))


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def trees(paths: list[Path]) -> list[tuple[Path, ast.Module]]:
    return [(path, tree_of(path)) for path in paths]


def imported(tree: ast.Module) -> set[str]:
    """The modules that a module imports, anywhere in it."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
    return found


def test_only_the_plugin_host_touches_pluggy():
    allowed = {CORE / "plugins.py", CORE / "hookspecs.py"}
    users = [named(p) for p, tree in trees(MODULES) if "pluggy" in {m.partition(".")[0] for m in imported(tree)}]
    assert set(users) <= {named(p) for p in allowed}


def test_only_the_plugin_host_calls_hooks():
    callers = [
        named(path)
        for path, tree in trees(MODULES)
        if path != CORE / "plugins.py"
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and node.attr == "hook"
    ]
    assert callers == []


FOREIGN_KEYS = {
    "opportunity",
    "commercial_action",
    "quote",
    "invoice",
    "organisation",
    "contact",
    "note",
    "attachment",
    "sales_phase",
    "product",
}


@pytest.mark.parametrize("path", CORE_MODULES, ids=named)
def test_no_module_of_the_core_knows_the_key_of_a_plugins_type(path):
    tree = tree_of(path)
    strings = {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    assert strings & FOREIGN_KEYS == set()


def test_generic_reads_start_from_visible():
    """`select(Entity)` would show what is in the trash or of a disabled type."""
    found = [
        named(path)
        for path, tree in trees(MODULES)
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, (ast.Attribute, ast.Name))
        and (node.func.attr if isinstance(node.func, ast.Attribute) else node.func.id) == "select"
        and any(isinstance(argument, ast.Name) and argument.id == "Entity" for argument in node.args)
    ]
    assert found == []


def test_plugins_read_their_entities_through_visible():
    """In a plugin, `select(SomeType)` of an entity type would forget the trash."""
    found = []
    for path, tree in trees([p for p in MODULES if not p.is_relative_to(CORE)]):
        types = {
            node.name
            for _path, other in trees(sorted(path.parent.glob("*.py")))
            for node in ast.walk(other)
            if isinstance(node, ast.ClassDef) and any(isinstance(b, ast.Name) and b.id == "Entity" for b in node.bases)
        }
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "select":
                found += [named(path) for a in node.args if isinstance(a, ast.Name) and a.id in types]
    assert found == []


def test_only_commands_print():
    commands = [CORE / "cli", CORE / "testing", ROOT / "plugins/demo"]
    printing = [
        named(path)
        for path, tree in trees(MODULES)
        if not any(path.is_relative_to(folder) for folder in commands) and path.name != "command.py"
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print"
    ]
    assert printing == []


@pytest.mark.parametrize("path", MODULES, ids=named)
def test_every_public_name_has_a_docstring(path):
    tree = tree_of(path)
    missing = [] if path.name == "__init__.py" and not tree.body else [] if ast.get_docstring(tree) else ["the module"]
    for node in ast.walk(tree):
        if not isinstance(node, (ast.FunctionDef, ast.ClassDef)) or node.name.startswith("_"):
            continue
        overloaded = any(isinstance(d, ast.Name) and d.id == "overload" for d in node.decorator_list)
        if not overloaded and ast.get_docstring(node) is None and _is_public_place(node, tree):
            missing.append(node.name)
    assert missing == []


def _is_public_place(node: ast.AST, tree: ast.Module) -> bool:
    """At module level, or in a public class that does not take over a documented method of its base."""
    if node in tree.body:
        return True
    for owner in tree.body:
        if isinstance(owner, ast.ClassDef) and node in owner.body:
            return not owner.name.startswith("_") and not owner.bases
    return False


def test_every_hook_is_documented_and_of_one_of_the_three_families():
    tree = ast.parse((CORE / "hookspecs.py").read_text(encoding="utf-8"))
    hooks = [node for node in tree.body if isinstance(node, ast.FunctionDef)]
    assert len(hooks) >= 16
    introduction = ast.get_docstring(tree) or ""
    for family in ("register_", "check_", "after_"):
        assert f"`{family}*`" in introduction
    for hook in hooks:
        assert hook.name.startswith(("register_", "check_", "after_")), hook.name
        assert ast.get_docstring(hook), hook.name


def test_every_register_hook_is_gathered():
    from besace import hookspecs
    from besace.plugins import REGISTER_HOOKS

    assert {name for name in vars(hookspecs) if name.startswith("register_")} == set(REGISTER_HOOKS)


def test_no_module_is_named_after_nothing():
    nothing = {
        "utils",
        "util",
        "common",
        "helpers",
        "helper",
        "base",
        "managers",
        "services",
        "mixins",
        "misc",
    }
    assert [named(p) for p in MODULES if p.stem in nothing or nothing & set(p.relative_to(ROOT).parts[:-1])] == []


def test_no_error_is_silently_swallowed():
    """`except ...: pass` says why; only what a module raises to itself needs no word."""
    silent = []
    for path, tree in trees(MODULES):
        lines = path.read_text(encoding="utf-8").splitlines()
        handlers = [node for node in ast.walk(tree) if isinstance(node, ast.ExceptHandler)]
        bare = [h for h in handlers if len(h.body) == 1 and isinstance(h.body[0], ast.Pass)]
        for handler in bare:
            own = isinstance(handler.type, ast.Name) and handler.type.id.startswith("_")
            if not own and "#" not in "".join(lines[handler.lineno - 1 : handler.body[0].lineno]):
                silent.append(f"{named(path)}:{handler.lineno}")
    assert silent == []


def test_every_plugin_module_imports_nothing_heavy():
    light = {
        "__future__",
        "collections",
        "typing",
        "besace",
        "besace.hookspecs",
        "besace.texts",
        "collections.abc",
    }
    heavy = {}
    for path in ROOT.glob("plugins/*/src/*/plugin.py"):
        tree = tree_of(path)
        top = {
            module
            for node in tree.body
            for module in ([node.module] if isinstance(node, ast.ImportFrom) else [])
            + ([alias.name for alias in node.names] if isinstance(node, ast.Import) else [])
        }
        heavy[named(path)] = top - light
    assert {k: v for k, v in heavy.items() if v} == {}


@pytest.mark.parametrize("module", ["besace", "besace.cli", "besace.hookspecs", "besace.errors", "besace.texts"])
def test_starting_imports_no_sqlalchemy(module):
    heavy = "('sqlalchemy', 'alembic', 'pydantic')"
    code = f"import {module}, sys; print(sorted(m for m in {heavy} if m in sys.modules))"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"


def test_the_public_names_resolve():
    import besace

    assert all(getattr(besace, name) is not None for name in besace.__all__)
    assert set(besace.__all__) == set(besace._HOME)
    with pytest.raises(AttributeError, match="has no attribute 'nothing'"):
        _ = besace.nothing
