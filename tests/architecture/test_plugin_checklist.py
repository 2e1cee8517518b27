"""What every shipped plugin keeps to, whoever wrote it."""

from __future__ import annotations

import ast
import importlib.metadata
import re
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from besace import Besace, core_plugin, entities, parts, reading, relations, schema
from besace.crud import operations_of, part_operations_of
from besace.errors import BesaceError
from besace.operations import parameters_of
from besace.operations import run as run_operation
from besace.testing.catalogues import check
from besace.texts import Text, _catalogue

ROOT = Path(__file__).parents[2]
REQUIRES = {
    "persons": (),
    "opportunities": ("persons",),
    "commercial_actions": (),
    "documents": ("persons",),
    "demo": ("persons", "opportunities", "commercial_actions", "documents"),
}
PLUGINS = list(REQUIRES)
NOT_DATA = ("install", "plugin", "setting", "trash", "segment")
every_plugin = pytest.mark.parametrize("name", PLUGINS)


def folder(name: str) -> Path:
    return ROOT / "plugins" / name


def package(name: str) -> Path:
    return folder(name) / "src" / f"besace_{name}"


def project(name: str) -> dict[str, Any]:
    where = ROOT / "core" if name == "core" else folder(name)
    return tomllib.loads((where / "pyproject.toml").read_text(encoding="utf-8"))["project"]  # type: ignore[no-any-return]


@pytest.fixture
def full(make_install: Callable[..., Besace]) -> Besace:
    """An install with all shipped plugins and a row of everything."""
    crm = make_install(*PLUGINS)
    crm.write(live)
    return crm


@pytest.fixture
def alone(make_install: Callable[..., Besace]) -> Callable[[str], Besace]:
    """An install with one plugin, what it requires, and a row of everything."""

    def make(name: str) -> Besace:
        crm = make_install(*REQUIRES[name], name)
        crm.write(live)
        return crm

    return make


def live(work: Any) -> None:
    """A row of every type, part and relation that the install knows."""
    known = work.crm.registry.types
    if "organisation" in known:
        ours = entities.create(work, "organisation", name="Ours", ours=True, siret="73282932000074")
        sncf = entities.create(work, "organisation", name="SNCF", sector="transport")
        contact = entities.create(work, "contact", last_name="Morel", email="morel@example.com")
        relations.link(work, contact, "works_for", sncf)
    if "opportunity" in known:
        deal = entities.create(work, "opportunity", name="CRM", target=sncf, expected_revenue=500)
        lost = entities.create(work, "opportunity", name="Old", target=sncf, phase="lost", loss_reason="price")
        relations.link(work, contact, "involved_in", deal, role="buyer")
        relations.link(work, deal, "follows_up", lost)
    if "commercial_action" in known:
        from besace_commercial_actions.models import Objective, PatternStep

        days = {"start_date": date(2026, 3, 1), "end_date": date(2026, 3, 31)}
        fair = entities.create(work, "commercial_action", title="Fair", action_type="trade_fair", **days)
        parts.add(work, Objective, fair.id, name="Met", target=3, counts="user", where="name ~ a")
        relations.link(work, work.user_id, "fulfils_goal", fair)
        funnel = entities.create(work, "pattern", name="Funnel", average_deal=5, won_name="Won")
        met = parts.add(work, PatternStep, funnel.id, name="Met", rate=20, counts="user")
        parts.add(work, PatternStep, funnel.id, name="Called", rate=10, parent=met.id)
    if "quote" in known:
        bill = {"customer": sncf, "issuer": ours, "net": 100, "vat": 20}
        quote, invoice = (entities.create(work, key, **bill) for key in ("quote", "invoice"))
        for document, verb in ((quote, "send"), (invoice, "issue")):
            info = known[document.type]
            run_operation(work, info.operations[verb], info.fields, [document], {})
        if "opportunity" in known:
            relations.link(work, quote, "raised_for", deal)


def rows(crm: Besace) -> dict[str, list[Any]]:
    """Every row of every table that holds data, also of those of disabled plugins."""
    kept = ("install", "plugin", "sqlite_sequence")
    with crm.reader.connect() as connection:
        names = [n for n in sa.inspect(connection).get_table_names() if n not in kept]
        return {n: sorted(map(repr, connection.execute(sa.text(f'SELECT * FROM "{n}"')))) for n in names}


def tables(crm: Besace) -> set[str]:
    with crm.reader.connect() as connection:
        return set(sa.inspect(connection).get_table_names())


# ---- the distribution ------------------------------------------------------------------------------------


def test_every_plugin_of_the_house_is_looked_at() -> None:
    assert sorted(p.name for p in (ROOT / "plugins").iterdir() if (p / "pyproject.toml").exists()) == sorted(PLUGINS)


@every_plugin
def test_its_entry_point_resolves(name: str) -> None:
    (point,) = importlib.metadata.entry_points(group="besace.plugins", name=name)
    module = point.load()
    assert (point.value, module.__name__) == (f"besace_{name}.plugin", f"besace_{name}.plugin")
    assert (module.requires, module.core) == (REQUIRES[name], ("0.1",))
    assert project(name)["entry-points"] == {"besace.plugins": {name: point.value}}


@every_plugin
def test_loading_it_loads_nothing_heavy(name: str) -> None:
    heavy = "('sqlalchemy', 'alembic', 'pydantic', 'rich', 'babel', 'stdnum')"
    code = f"import besace_{name}.plugin, sys; print([m for m in {heavy} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@every_plugin
def test_what_it_imports_is_declared(name: str) -> None:
    imported = set()
    for path in package(name).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                imported |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module:
                imported.add(node.module.partition(".")[0])
    foreign = imported - sys.stdlib_module_names - {f"besace_{name}", "besace"}
    given = {re.split(r"[\s<>=!~;\[]", d)[0] for n in ("core", name) for d in project(n)["dependencies"]}
    by_module = importlib.metadata.packages_distributions()
    ours = {f"besace_{n}": [f"besace-{n.replace('_', '-')}"] for n in PLUGINS}  # editable: of no listed file
    assert {m for m in foreign if not given & {d.lower() for d in (ours | by_module).get(m, [])}} == set()
    assert {f"besace-{n.replace('_', '-')}" for n in REQUIRES[name]} <= given


# ---- its tables ------------------------------------------------------------------------------------------


@every_plugin
def test_its_tables_are_named_by_its_types_parts_and_lists(name: str, make_install: Any) -> None:
    before = tables(make_install(*REQUIRES[name]))
    crm = make_install(*REQUIRES[name], name)
    summary = crm.host.summary(name)
    declared = {*summary["types"], *summary["parts"], *summary["lists"]}
    assert tables(crm) - before == (declared | {f"version_{name}"} if declared else set())


@pytest.mark.parametrize("name", ["core", *PLUGINS])
def test_its_migrations_go_down_and_up_step_by_step_with_data(name: str, alone: Any, full: Besace) -> None:
    crm = full if name == "core" else alone(name)
    modules = {n: crm.installed[n].load() for n in (PLUGINS if name == "core" else [name]) if n in crm.installed}
    goers = [*reversed(modules), "core"] if name == "core" else [name]  # what stands on the core goes before it
    modules["core"] = core_plugin
    own = {n: {t.name for t in crm.registry.tables_of(n)} for n in goers}
    filled = rows(crm)
    assert all(t in NOT_DATA or filled[t] for each in own.values() for t in each)
    moves = [(n, to, "down") for n in goers for to in [*schema.revisions(modules[n])[-2::-1], "base"]]
    moves += [(n, to, "up") for n in reversed(goers) for to in schema.revisions(modules[n])]
    for n, to, way in moves:
        if own[n]:
            with schema.migrating(crm.writer) as connection:
                revision = schema.migrate(connection, n, modules[n], crm.registry, to=to)
            assert revision == (None if to == "base" else to)
            assert (tables(crm) & own[n] == set()) == (way == "down" and to == "base")
    with crm.reader.connect() as connection:
        assert [schema.differences(connection, n, crm.registry) for n in goers] == [[] for _n in goers]


@every_plugin
def test_disabling_and_enabling_keeps_every_row(name: str, full: Besace) -> None:
    before = rows(full)
    dependent = [n for n in PLUGINS if name in REQUIRES[n]][::-1]
    for other in [*dependent, name]:
        full.disable(other)
    assert set(full.host.running) & {name, *dependent} == set()
    assert rows(full) == before
    full.enable([name, *dependent])
    assert rows(full) == before


# ---- its README ------------------------------------------------------------------------------------------


def readme_tables(name: str) -> dict[str, list[dict[str, str]]]:
    """The tables of a README by section, each row by heading."""
    found: dict[str, list[dict[str, str]]] = {}
    section, headings = "", None
    for line in (folder(name) / "README.md").read_text(encoding="utf-8").splitlines():
        if line.startswith("## "):
            section, headings = line[3:].strip(), None
        elif not line.startswith("|"):
            headings = None
        elif headings is None:
            headings = [cell.strip() for cell in line.strip("|").split("|")]
        elif not set(line) <= set("|-: "):
            cells = [cell.strip() for cell in line.strip().removeprefix("|").removesuffix("|").split("|")]
            found.setdefault(section, []).append(dict(zip(headings, cells, strict=True)))
    return found


def quoted(cell: str) -> list[str]:
    return re.findall(r"`([^`]+)`", cell)


def named(found: list[dict[str, str]]) -> list[tuple[str, str]]:
    """(type, key) of each row whose first cell names a declaration and whose second says on what."""
    pairs = []
    for row in found:
        first, on = list(row.values())[:2]
        pairs += [(key.strip(), quoted(first)[0]) for key in on.split(",")]
    return sorted(pairs)


@every_plugin
def test_its_readme_names_its_types_with_all_their_fields(name: str, full: Besace) -> None:
    found = readme_tables(name).get("Types", [])
    told = {quoted(r["type"])[0]: (quoted(r["type"])[1:], quoted(r["fields"])) for r in found}
    known = full.registry
    declared: dict[str, Any] = {k: ([], list(t.fields)) for k, t in known.types.items() if t.plugin == name}
    declared |= {k: ([p.of], list(p.fields)) for k, p in known.parts.items() if p.plugin == name}
    assert told == declared


@every_plugin
def test_its_readme_names_its_lists_with_their_items(name: str, make_install: Any) -> None:
    known = make_install(*REQUIRES[name], name).registry  # with no other that may declare a list of the same key
    told = {quoted(r["list"])[0]: quoted(r["shipped items"]) for r in readme_tables(name).get("Lists", [])}
    owners = known.list_owners
    declared = {k: [i.key for i in t.__items__] for k, t in known.lists.items() if owners[k] == name}
    assert told == declared
    for row in readme_tables(name).get("Lists", []):
        model = known.lists[quoted(row["list"])[0]]
        assert set(quoted(row.get("own columns", ""))) == set(model.__fields__)


@every_plugin
def test_its_readme_names_its_relations_with_their_ends(name: str, full: Besace) -> None:
    told = {}
    for row in readme_tables(name).get("Relations", []):
        ends = [tuple(e.strip() for e in row[end].split(",")) for end in ("subject", "object")]
        told[quoted(row["relation"])[0]] = (*ends, row["reads"], row["and back"])
    declared = {
        key: (
            *((e,) if isinstance(e, str) else tuple(e) for e in (r.subjects, r.objects)),
            str(r.label),
            str(r.reverse),
        )
        for key, r in full.registry.relation_types.items()
        if r.plugin == name
    }
    assert told == declared
    for row in readme_tables(name).get("Relations", []):
        attributes = full.registry.relation_types[quoted(row["relation"])[0]].attributes
        assert quoted(row.get("attributes", ""))[:1] == list(attributes)[:1]


@every_plugin
@pytest.mark.parametrize("section", ["Conditions", "Measures", "Operations", "Blocks"])
def test_its_readme_names_what_it_declares_on_types(name: str, section: str, full: Besace) -> None:
    declared = [key for key, r in getattr(full.registry, section.lower()).items() if r.plugin == name]
    assert named(readme_tables(name).get(section, [])) == sorted(declared)


@every_plugin
def test_its_readme_names_the_options_and_rights_of_its_operations(name: str, full: Besace) -> None:
    known = full.registry
    for row in readme_tables(name).get("Operations", []):
        operation = known.operations[row["on"], quoted(row["operation"])[0]]
        info: Any = known.types.get(row["on"]) or known.parts[row["on"]]
        options = [p.name for p in parameters_of(operation, info.fields)]
        assert (quoted(row["options"]), row["right"]) == (options, operation.right)


@every_plugin
@pytest.mark.parametrize("section", ["Counters", "Settings", "Commands", "Verifications"])
def test_its_readme_names_its_counters_settings_commands_and_verifications(
    name: str, section: str, full: Besace
) -> None:
    declared = [key for key, r in getattr(full.registry, section.lower()).items() if r.plugin == name]
    told = [quoted(next(iter(row.values())))[0] for row in readme_tables(name).get(section, [])]
    assert sorted(told) == sorted(declared)


# ---- what people read ------------------------------------------------------------------------------------


def texts(crm: Besace, name: str) -> Iterator[tuple[str, Any]]:
    """Every label and help of what a plugin declares, with the place where it stands."""
    known = crm.registry
    for row in (r for r in known.rows if r.plugin == name):
        yield f"{row.key} label", row.label
        yield f"{row.key} plural", row.plural
        for field in row.fields.values():
            yield f"{row.key}.{field.key} label", field.label
            yield f"{row.key}.{field.key} help", field.help
    for key, owner in known.list_owners.items():
        if owner == name:
            yield from ((f"{key}.{item.key}", item.label) for item in known.lists[key].__items__)
            yield from ((f"{key}.{f.key}", f.label) for f in known.lists[key].__fields__.values())
    for relation in (r for r in known.relation_types.values() if r.plugin == name):
        yield from ((f"{relation.key} label", relation.label), (f"{relation.key} back", relation.reverse))
        yield from ((f"{relation.key}.{f.key} help", f.help) for f in relation.attributes.values())
    for group in (known.conditions, known.measures, known.counters, known.blocks, known.verifications):
        yield from ((f"{r.key} label", r.label) for r in group.values() if r.plugin == name)
    for setting in (s for s in known.settings.values() if s.plugin == name):
        yield from ((f"{setting.key} label", setting.label), (f"{setting.key} help", setting.help))
    for (on, key), operation in known.operations.items():
        if operation.plugin == name:
            yield from ((f"{on} {key} label", operation.label), (f"{on} {key} help", operation.help))
            info: Any = known.types.get(on) or known.parts[on]
            for parameter in parameters_of(operation, info.fields):
                yield f"{on} {key} --{parameter.name}", parameter.help
    yield from ((f"{c.name} help", c.help) for c in known.commands.values() if c.plugin == name)


@every_plugin
def test_everything_has_help_in_english_and_in_french(name: str, full: Besace) -> None:
    missing = []
    for place, text in texts(full, name):
        if not isinstance(text, Text) or not text.source:
            missing.append(f"{place}: nothing")
        elif text.source not in getattr(_catalogue(text.domain, "fr"), "_catalog", {}):
            missing.append(f"{place}: no French for {text.source!r}")
    assert missing == []


@every_plugin
def test_its_french_catalogue_is_complete_and_fresh(name: str) -> None:
    assert check(package(name), "fr") == []


# ---- wrong values ----------------------------------------------------------------------------------------

WRONG_FOR_ALL: list[Any] = [object(), 1.5, b"x", ["x"], "nul \x00", "half \ud800"]
WRONG: dict[str, list[Any]] = {
    "text": ["x" * 2_000_001, 5],
    "email": ["nobody", "a b@example.com", 5],
    "phone": ["call me", 5],
    "url": ["not an address", "http://[", 5],
    "integer": ["many", "1.5", "9" * 40, True],
    "decimal": ["many", "NaN", "1e400", True],
    "money": ["dear", "NaN", "12XYZ", "0.001", "9" * 40, True],
    "date": ["31/02/2026", "2026-02-30", "0000-01-01", 5],
    "datetime": ["never", "2026-13-01T00:00", 5],
    "boolean": ["perhaps", 5],
    "choice": ["no_such", 5],
    "item": ["no_such", 5],
    "entity": ["999999", "Nobody", "planet:Mars", "9" * 40, 999999],
    "type": ["no_such", 5],
    "condition": ["name = ", "((", "no_such = 1", 5],
}
LINED = "two\nlines"


def wrong_values(field: Any) -> list[Any]:
    """Values that a field cannot take, as code or a person may give them."""
    wrong = WRONG_FOR_ALL + WRONG[field.kind.name]
    if field.kind.name == "text" and not field.kind.long:
        wrong = [*wrong, LINED]
    if field.kind.name == "condition":  # a list is the tree of a condition
        wrong = [w for w in wrong if w != ["x"]]
    if field.minimum is not None:
        wrong = [*wrong, str(int(field.minimum) - 1)]
    if field.maximum is not None:
        wrong = [*wrong, str(int(field.maximum) + 1)]
    return wrong


@every_plugin
def test_a_wrong_value_in_any_field_gets_a_sentence_and_stores_nothing(name: str, full: Besace) -> None:
    before = rows(full)
    wanting = []
    for row in [r for r in full.registry.rows if r.plugin == name]:
        for field in row.fields.values():
            for value in wrong_values(field):
                unlock = (field.key,) if field.read_only else ()
                for act in (_create, _edit):
                    told = _outcome(full, act, row, field.key, value, unlock)
                    if told is not None:
                        wanting.append(f"{act.__name__} {row.key}.{field.key} = {value!r:.40}: {told}")
    assert wanting == []
    assert rows(full) == before


def _outcome(crm: Besace, act: Any, row: Any, key: str, value: Any, unlock: tuple[str, ...]) -> str | None:
    """What is wrong with how a wrong value was met: None where it was refused with a sentence."""
    try:
        with crm.write() as work:
            act(work, row, key, value, unlock)
            raise _Accepted
    except BesaceError as error:
        sentences = [error.in_language(language).split("\n")[0] for language in ("en", "fr")]
        return None if all(len(s) > 10 and "{" not in s for s in sentences) else f"said {sentences}"
    except _Accepted:
        return "accepted"
    except Exception as error:
        return f"{type(error).__name__}: {error}"[:120]


class _Accepted(Exception):
    pass


def _create(work: Any, row: Any, key: str, value: Any, unlock: tuple[str, ...]) -> None:
    owner = getattr(row, "of", None)
    if owner is not None:
        parts.add(work, row.model, _first(work, owner), unlock=unlock, **{**_given(row), key: value})
    else:
        entities.create(work, row.key, unlock=unlock, **{**_given(row), key: value})


def _edit(work: Any, row: Any, key: str, value: Any, unlock: tuple[str, ...]) -> None:
    if getattr(row, "of", None) is not None:
        part_id = work.execute(sa.select(row.table.c.id).limit(1)).scalar_one()
        parts.edit(work, reading.get_part(work, row.key, part_id), unlock=unlock, **{key: value})
    else:
        entities.edit(work, reading.get(work, row.key, _first(work, row.key)), unlock=unlock, **{key: value})


def _first(work: Any, type_key: str) -> int:
    return int(reading.page(work, work.crm.registry.type(type_key), limit=1)[0].id)


def _given(row: Any) -> dict[str, Any]:
    """A good value for each required field."""
    good = {
        "text": "Something", "integer": 1, "decimal": 5, "money": 1, "date": "2026-03-14", "item": "won",
        "type": "user", "choice": "draft", "boolean": "no",
    }  # fmt: skip
    given = {
        f.key: good[f.kind.name]
        for f in row.fields.values()
        if f.required and not f.read_only and f.kind.name != "entity" and not f.completed and f.default is None
    }
    references = [f for f in row.fields.values() if f.required and f.kind.name == "entity" and not f.read_only]
    return given | {f.key: "organisation:SNCF" for f in references}


@every_plugin
def test_a_wrong_word_on_the_command_line_gets_a_sentence(name: str, full: Besace, run: Any) -> None:
    wanting = []
    for info in [t for t in full.registry.types.values() if t.plugin == name]:
        first = str(run(full, info.key.replace("_", "-"), "list", "--json").json[0]["id"])
        long_texts = {f.key for f in info.fields.values() if f.kind.name == "text" and f.kind.long}
        for field in [f for f in info.fields.values() if not f.read_only and f.key not in long_texts]:
            word = next((w for w in WRONG[field.kind.name] if isinstance(w, str) and len(w) < 99), LINED)
            done = run(full, info.key, "edit", first, f"--{field.key.replace('_', '-')}={word}")
            if (done.exit_code, done.stdout) not in ((1, ""), (2, "")) or "Error: " not in done.stderr:
                wanting.append((info.key, field.key, word, done))
    assert wanting == []


# ---- and the others without it ---------------------------------------------------------------------------


@every_plugin
def test_the_others_work_while_it_is_blocked(name: str, full: Besace, run: Any, monkeypatch: Any) -> None:
    monkeypatch.setenv("BESACE_BLOCK", name)
    gone = {name, *(n for n in PLUGINS if name in REQUIRES[n])}
    types = [t.key for t in full.registry.types.values() if t.plugin not in gone]
    assert "user" in types
    for key in types:
        words = key.replace("_", "-")
        for verb in (["list"], ["count"], ["create", "--help"]):
            done = run(full.folder, words, *verb)
            assert (done.exit_code, bool(done.stdout)) == (0, True), (key, verb, done.stderr)
            assert f'"{name}"' in done.stderr or verb[-1] == "--help"
    listed = {p["name"]: p["state"] for p in run(full.folder, "plugin", "list", "--json").json}
    assert {n for n, state in listed.items() if state == "enabled"} & set(PLUGINS) == set(PLUGINS) - gone


@every_plugin
def test_every_command_of_it_shows_its_help(name: str, full: Besace, run: Any) -> None:
    for info in [r for r in full.registry.rows if r.plugin == name]:
        made: Any = part_operations_of(info) if hasattr(info, "of") else operations_of(info)  # type: ignore[arg-type]
        word = info.key.replace("_", "-")
        for language in ("en", "fr"):
            done = run(full, "--language", language, word, "--help")
            assert done.exit_code == 0
            for operation in made.values():
                assert operation.key.replace("_", "-") in done.stdout
