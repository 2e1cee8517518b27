"""The life of a plugin: the plan of each step, what is refused, and the purge with its archive."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from besace import Besace, ListItem, RelationType, Setting, changes, entities, kinds, parts, relations, translator
from besace import bin as trash
from besace.errors import PluginError, Refused, UsageError

from .killing import contents
from .toys import Sticker, extra, plugin, toy

_ = translator(__name__)


class Shade(ListItem, list="shade", label=_("Shades")):
    """A plain list, which two plugins declare."""


class SameShade(ListItem, list="shade", label=_("Shades")):
    """The same list."""


ONE = plugin(
    register_lists=lambda: [Shade],
    register_relation_types=lambda: [RelationType("shades", _("shades"), _("is shaded by"))],
    register_settings=lambda: [Setting("depth", kinds.IntegerKind(), _("Depth"))],
)
TWO = plugin(register_lists=lambda: [SameShade])
ADMIRERS = plugin(register_settings=lambda: [Setting("admired", kinds.EntityKind(), _("Admired"))])


@pytest.fixture
def lived(both: Besace) -> Besace:
    """Rows of `extra`: a widget linked to a gadget, another in the trash, a sticker on the gadget; a named type."""

    def act(work: Any) -> None:
        bell = entities.create(work, "gadget", name="Bell", counted="widget", rule="fee > 3").id
        wheel = entities.create(work, "widget", title="Wheel", gadget=bell).id
        relations.link(work, bell, "holds", wheel)
        relations.link(work, bell, "twin", entities.create(work, "gadget", name="Drum").id)
        parts.add(work, Sticker, bell, text="fragile")
        trash.delete(work, [entities.create(work, "widget", title="Gone").id])

    both.write(act)
    return both


def tables(crm: Besace) -> set[str]:
    with crm.reader.connect() as connection:
        return set(sa.inspect(connection).get_table_names())


def count(crm: Besace, table: str) -> int:
    with crm.reader.connect() as connection:
        return int(connection.execute(sa.select(sa.func.count()).select_from(sa.table(table))).scalar_one())


def archived(path: Path, table: str) -> list[Any]:
    with zipfile.ZipFile(path) as file:
        return [json.loads(line) for line in file.read(f"tables/{table}.jsonl").splitlines()]


# ---- plans -----------------------------------------------------------------------------------------------


def test_the_plan_counts_the_rows_that_a_step_touches(lived):
    plan = lived.plan("extra", "disable")
    assert {t.name: t.rows for t in plan.tables} == {"widget": 2, "sticker": 1}
    assert (plan.links, plan.rows) == (2, 5)
    assert plan.adds == {
        "types": ["widget"], "parts": ["sticker"], "relations": ["twin"], "measures": ["widget.worth"],
    }  # fmt: skip
    assert (plan.needs, plan.needed_by, plan.refused) == (["toy"], [], [])


def test_the_plan_names_what_stands_on_the_types_of_a_plugin(lived):
    plan = lived.plan("toy", "purge")
    standing = {(s.plugin, s.table, *s.columns, s.sort): s.rows for s in plan.standing}
    assert standing == {
        ("extra", "sticker", "owner_id", "part"): 1,
        ("extra", "widget", "gadget_id", "reference"): 1,
    }
    assert ("extra", "part", "sticker") in {(j.plugin, j.sort, j.key) for j in plan.joining}
    assert ("extra", "relation", "twin") in {(j.plugin, j.sort, j.key) for j in plan.joining}
    (named,) = [s for s in lived.plan("extra", "purge").standing if s.sort == "type"]
    assert (named.plugin, named.table, named.columns, named.rows) == ("toy", "gadget", ["counted"], 1)


def test_the_plan_of_a_plugin_that_is_new_shows_the_tables_to_come(make_install, reopen):
    crm = reopen(make_install(plugins={"toy": toy}), toy=toy, extra=extra)
    plan = crm.plan("extra")
    assert (plan.verb, plan.rows) == ("enable", 0)
    assert {t.name: t.rows for t in plan.tables} == {"widget": None, "sticker": None}
    assert "widget" not in tables(crm)


def test_the_next_step_is_what_a_plugin_waits_for(lived, reopen):
    assert lived.plan("extra").verb == "disable"
    lived.disable("extra")
    assert lived.plan("extra").verb == "enable"
    gone = reopen(lived, toy=toy)
    assert (gone.plan("extra").verb, gone.plan("extra").rows) == ("purge", 5)


STEPS = ("plan extra purge", "enable extra --dry-run", "disable extra --dry-run", "upgrade extra --dry-run",
         "purge extra --dry-run")  # fmt: skip


@pytest.mark.parametrize("words", STEPS)
def test_a_dry_run_changes_nothing(lived, run, words):
    before = contents(lived)
    for form in ((), ("--json",)):
        told = run(lived, "plugin", *words.split(), *form)
        assert (told.exit_code, told.stderr) == (1 if words.startswith("purge") else 0, "")
        assert told.stdout
    assert contents(lived) == before


def test_a_dry_run_of_what_would_be_refused_says_why(lived, run):
    told = run(lived, "plugin", "disable", "toy", "--dry-run", "--json")
    assert told.exit_code == 1
    (refusal,) = told.json["refused"]
    assert refusal == {
        "message": 'Plugin "toy" cannot be disabled: the plugin "extra" needs it.',
        "hint": "Disable that one first: besace plugin disable extra",
    }


def test_plugins_that_are_enabled_together_are_planned_together(make_install, reopen, run):
    crm = reopen(make_install(), toy=toy, extra=extra)
    assert run(crm, "plugin", "enable", "extra", "--dry-run").exit_code == 1
    told = run(crm, "plugin", "enable", "extra", "toy", "--dry-run", "--json")
    assert (told.exit_code, [p["refused"] for p in told.json["plans"]]) == (0, [[], []])


# ---- purging ---------------------------------------------------------------------------------------------


def test_a_purge_archives_and_drops_what_a_plugin_holds(lived):
    gadgets = count(lived, "gadget")
    lived.disable("extra")
    path = lived.purge("extra")
    assert path.name == "extra-purged-2026-03-14.zip"
    assert (len(archived(path, "widget")), len(archived(path, "sticker"))) == (2, 1)
    assert (len(archived(path, "link")), len(archived(path, "trash"))) == (2, 1)
    assert [sum(key in row for row in archived(path, "entity")) for key in ("widget", "gadget")] == [2, 0]
    assert {"widget", "sticker"} & tables(lived) == set()
    assert (count(lived, "link"), count(lived, "trash"), count(lived, "gadget")) == (0, 0, gadgets)
    with lived.read() as work:
        assert set(work.crm.registry.types) == {"user", "gadget"}
    assert ("extra", "0", "disabled") in states(lived)


def states(crm: Besace) -> list[tuple[str, str, str]]:
    from besace.enabling import states as states_of

    return states_of(crm)


def test_the_history_of_what_is_purged_stays_and_tells_the_purge(lived):
    with lived.read() as work:
        wheel = work.scalar(sa.text("SELECT id FROM entity WHERE label = 'Wheel'"))
    lived.disable("extra")
    lived.purge("extra")
    with lived.read() as work:
        told = [(line.action, line.field, line.before) for line in changes.history(work, wheel)]
    assert told[0][0] == "create"
    assert told[-2:] == [("unlink", None, None), ("purge", "label", "Wheel")]


def test_parts_of_others_go_with_the_entities_that_they_hang_on(both):
    both.write(lambda work: parts.add(work, Sticker, entities.create(work, "gadget", name="Bell").id, text="x"))
    both.disable("extra")
    both.disable("toy")
    path = both.purge("toy")
    assert len(archived(path, "sticker")) == 1
    assert count(both, "sticker") == 0
    assert "gadget" not in tables(both)
    assert both.enable(["toy", "extra"]) == ["toy", "extra"]


def test_only_a_disabled_plugin_is_purged(lived):
    with pytest.raises(PluginError, match=r'"extra" cannot be purged while it is enabled. Disable it first'):
        lived.purge("extra")
    with pytest.raises(PluginError, match="The core cannot be purged"):
        lived.purge("core")
    with pytest.raises(PluginError, match=r'There is no plugin "exta" on this machine. Did you mean extra'):
        lived.purge("exta")


def test_E5_a_plugin_whose_entities_a_hidden_row_refers_to_is_not_purged(lived):
    lived.disable("extra")
    lived.disable("toy")
    sentence = (
        r'"toy" cannot be purged: 1 row of the plugin "extra" refers to its entities \(widget\).*plan extra purge'
    )
    with pytest.raises(PluginError, match=sentence):
        lived.purge("toy")
    lived.purge("extra")
    assert lived.purge("toy") is not None


def test_a_setting_that_is_an_entity_holds_its_plugin(make_install):
    from besace import settings

    crm = make_install(plugins={"toy": toy, "admirers": ADMIRERS})
    crm.write(lambda work: settings.change(work, "admired", entities.create(work, "gadget", name="Bell").id))
    crm.disable("toy")
    with pytest.raises(PluginError, match=r'1 row of the plugin "admirers" refers to its entities \(setting\)'):
        crm.purge("toy")


def test_a_list_that_another_plugin_has_too_stays(make_install):
    crm = make_install(plugins={"one": ONE, "two": TWO})
    crm.disable("one")
    assert crm.plan("one", "purge").tables[0].shared_with == "two"
    crm.purge("one")
    assert "shade" in tables(crm)
    with crm.read() as work:
        assert work.items("shade") == {}
    crm.disable("two")
    crm.purge("two")
    assert "shade" not in tables(crm)


def test_the_settings_of_a_purged_plugin_go_with_it(make_install):
    from besace import settings

    crm = make_install(plugins={"one": ONE})
    crm.write(lambda work: settings.change(work, "depth", 3))
    crm.disable("one")
    path = crm.purge("one")
    assert archived(path, "setting") == [["depth", "3"]]
    crm.enable(["one"])
    with crm.read() as work:
        assert work.setting("depth") is None


def test_a_plugin_whose_code_is_gone_is_purged_from_what_is_stored(lived, reopen):
    gone = reopen(lived, toy=toy)
    with pytest.raises(PluginError, match="cannot be purged while it is enabled"):
        gone.purge("extra")
    assert gone.disable("extra")
    path = gone.purge("extra")
    assert len(archived(path, "widget")) == 2
    assert {"widget", "sticker"} & tables(gone) == set()
    assert "extra" not in {name for name, *_rest in states(gone)}


def test_purging_again_does_nothing(lived):
    lived.disable("extra")
    assert lived.purge("extra") is not None
    assert lived.purge("extra") is None


def test_an_archive_that_cannot_be_written_stops_the_purge(lived, tmp_path):
    lived.disable("extra")
    before = contents(lived)
    there = tmp_path / "there.zip"
    there.write_text("mine")
    for path, sentence in (
        (tmp_path / "nowhere" / "x.zip", "x.zip cannot be written: No such file or directory"),
        (there, "there.zip is there already, and may be the only copy of what was purged"),
    ):
        with pytest.raises(Refused, match=sentence):
            lived.purge("extra", path)
    assert contents(lived) == before
    assert there.read_text() == "mine"


def test_two_purges_of_a_day_have_two_archives(lived):
    lived.disable("extra")
    lived.purge("extra")
    lived.enable(["extra"])
    lived.disable("extra")
    assert lived.purge("extra").name == "extra-purged-2026-03-14-2.zip"


@pytest.mark.parametrize("typed", ["", "toy"])
def test_the_name_is_typed_back_before_anything_is_purged(lived, run, typed):
    lived.disable("extra")
    told = run(lived, "plugin", "purge", "extra", "--yes", typed, "--json")
    assert (told.exit_code, told.json["error"]["code"]) == (2, UsageError.code)
    assert "nothing was purged" in told.stderr
    assert "widget" in tables(lived)
    done = run(lived, "plugin", "purge", "extra", "--yes", "extra", "--json")
    assert (done.exit_code, done.json["purged"], done.json["rows"]) == (0, ["extra"], 5)
    assert Path(done.json["archive"]).exists()


def test_the_prompt_takes_the_name(lived, run, monkeypatch):
    lived.disable("extra")
    monkeypatch.setattr("click.termui.visible_prompt_func", lambda _prompt: "extra")
    told = run(lived, "plugin", "purge", "extra")
    assert told.exit_code == 0
    assert "5 rows are archived and dropped." in told.stderr
    assert told.stdout.startswith("The plugin extra is purged; what it held is in ")


# ---- refusals --------------------------------------------------------------------------------------------


@pytest.fixture
def off(make_install: Callable[..., Besace], reopen: Callable[..., Besace]) -> Besace:
    """An install in which nothing is enabled."""
    return reopen(make_install(), toy=toy, extra=extra, old=plugin(core=("7",)))


REFUSED = {
    "enable extra": (1, 'Plugin "extra" needs the plugin "toy", which is not enabled. Enable it first'),
    "enable old": (1, 'Plugin "old" works with the core 7, and this is 0.1.0.'),
    "upgrade extra": (1, 'Plugin "extra" is not enabled here. Enable it: besace plugin enable extra'),
    "disable core": (1, "The core cannot be disabled."),
    "purge core --yes core": (1, "The core cannot be purged."),
    "plan nope": (1, 'There is no plugin "nope" on this machine.'),
    "plan extra explode": (2, "explode"),
    "purge nope --yes nope": (1, 'There is no plugin "nope" on this machine.'),
}


@pytest.mark.parametrize("words", REFUSED)
def test_what_is_refused_is_told_with_the_way_on(off, run, words):
    before = contents(off)
    code, sentence = REFUSED[words]
    told = run(off, "plugin", *words.split())
    assert (told.exit_code, told.stdout) == (code, "")
    assert sentence in told.stderr
    assert contents(off) == before
