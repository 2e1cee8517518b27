"""The plugin host: what fails goes into quarantine with a sentence, and the rest works."""

from __future__ import annotations

from importlib.metadata import EntryPoint

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Mapped

from besace import (
    Besace,
    Entity,
    Item,
    ListItem,
    Operation,
    RelationType,
    discovery,
    enabling,
    entities,
    fields,
    reading,
    relations,
    schema,
    translator,
)
from besace.errors import BesaceError, PluginError

from .toys import Gadget, extra, paint, plugin, toy

_ = translator(__name__)


def boom(*_args):
    raise ValueError("too hot\nsecond line")


def good(**more):
    """A plugin that only adds a relation type, and what else is said."""
    return plugin(register_relation_types=lambda: [RelationType("likes", _("likes"), _("is liked by"))], **more)


class Trash(Entity, type="trash"):
    """A type whose table would be one of the core's."""

    name: Mapped[str] = fields.text("Name", names_row=True)


class Gadgets(ListItem, list="gadget", label=_("Gadgets")):
    """A list whose table would be that of a type."""


BROKEN = {
    "a bug in a register hook": (
        lambda: plugin(register_conditions=boom),
        'Plugin "bad" failed in register_conditions: ValueError: too hot.',
    ),
    "a duplicate type": (
        lambda: plugin(register_entity_types=lambda: [Gadget]),
        'The type "gadget" is declared by the plugin "toy" and by the plugin "bad".',
    ),
    "a type called like a table of the core": (
        lambda: plugin(register_entity_types=lambda: [Trash]),
        'The type "trash" is declared by the plugin "core" and by the plugin "bad".',
    ),
    "a list called like a type": (
        lambda: plugin(register_lists=lambda: [Gadgets]),
        'The list "gadget" is declared by the plugin "toy" and by the plugin "bad".',
    ),
    "a duplicate relation type": (
        lambda: plugin(register_relation_types=lambda: [RelationType("knows", _("knows"), _("x"))]),
        'The declaration "knows" is declared by the plugin "toy" and by the plugin "bad".',
    ),
    "a duplicate operation": (
        lambda: plugin(register_operations=lambda: [Operation("paint", "gadget", paint, _("Paint"))]),
        'The declaration "gadget.paint" is declared by the plugin "toy" and by the plugin "bad".',
    ),
    "an unknown hook": (
        lambda: plugin(register_entty_types=lambda: ()),
        "unknown hook 'register_entty_types'",
    ),
    "a hook with unknown parameters": (
        lambda: plugin(check_save=lambda work, rows: None),
        "Argument(s) {'rows'} are declared",
    ),
    "no list": (lambda: plugin(register_measures=lambda: 3), 'Plugin "bad" failed in register_measures: TypeError'),
    "not declarations": (
        lambda: plugin(register_conditions=lambda: ["won"]),
        'Plugin "bad" failed: AttributeError',
    ),
    "another core": (
        lambda: plugin(core=("7.1", "8")),
        'Plugin "bad" works with the core 7.1, 8, and this is 0.1.0',
    ),
    "a missing plugin": (
        lambda: plugin(requires=("gone",)),
        'Plugin "bad" needs the plugin "gone", which is not running',
    ),
}


@pytest.fixture
def fine(make_install):
    """An install in which `bad` was enabled while it was still good."""
    return make_install(plugins={"toy": toy, "bad": good()})


def works(crm):
    crm.write(lambda work: entities.create(work, "gadget", name="Bell"))
    with crm.read() as work:
        assert [g.label for g in reading.page(work, work.crm.registry.type("gadget"))] == ["Bell"]


@pytest.mark.parametrize(("broken", "words"), BROKEN.values(), ids=BROKEN)
def test_a_broken_plugin_is_in_quarantine_and_the_rest_works(fine, reopen, broken, words):
    crm = reopen(fine, toy=toy, bad=broken())
    assert words in crm.host.quarantine["bad"].in_language("en")
    assert "likes" not in crm.registry.relation_types
    assert ("bad", "0", "quarantined") in enabling.states(crm)
    works(crm)


@pytest.mark.parametrize(("broken", "words"), BROKEN.values(), ids=BROKEN)
def test_a_broken_plugin_is_not_enabled(crm, reopen, broken, words):
    again = reopen(crm, toy=toy, bad=broken())
    with pytest.raises(PluginError) as refused:
        again.enable(["bad"])
    assert words.split(",")[0] in str(refused.value)
    assert "bad" not in again.host.running
    works(again)


def test_a_plugin_that_raises_at_import_is_in_quarantine(fine, reopen, tmp_path, monkeypatch):
    for name, body in {"bad_one": "import nowhere_to_be_found", "bad_two": "raise SystemExit(3)"}.items():
        folder = tmp_path / f"{name}-1.dist-info"
        folder.mkdir()
        (tmp_path / f"{name}.py").write_text(body)
        (folder / "METADATA").write_text(f"Name: {name}\nVersion: 1\n")
        (folder / "entry_points.txt").write_text(f"[besace.plugins]\n{name} = {name}\n")
    monkeypatch.syspath_prepend(tmp_path)
    with fine.writer.begin() as connection:
        for name in ("bad_one", "bad_two"):
            row = {"name": name, "enabled": True, "position": 9, "version": "1", "tables": []}
            connection.execute(sa.insert(schema.plugin_table).values(row))
    crm = reopen(fine)
    assert "cannot be loaded: No module named 'nowhere_to_be_found'" in str(crm.host.quarantine["bad_one"])
    assert "cannot be loaded: SystemExit: 3" in str(crm.host.quarantine["bad_two"])
    works(crm)


def test_a_plugin_that_raises_at_import_is_imported_once(tmp_path, monkeypatch):
    body = f"with open({str(tmp_path / 'log')!r}, 'a') as log: log.write('.')\nraise ValueError('no')"
    (tmp_path / "bad_three.py").write_text(body)
    monkeypatch.syspath_prepend(tmp_path)
    point = EntryPoint("bad_three", "bad_three", "besace.plugins")
    plugin = discovery.Available("bad_three", entry_point=point)
    for _ in range(2):
        with pytest.raises(PluginError, match="cannot be loaded: ValueError: no"):
            plugin.load()
    assert (tmp_path / "log").read_text() == "."


def test_a_plugin_whose_distribution_is_gone_is_missing(both, reopen):
    crm = reopen(both, toy=toy)
    assert str(crm.host.quarantine["extra"]) == 'Plugin "extra" is enabled here but not installed on this machine.'
    assert ("extra", "0", "missing") in enabling.states(crm)
    works(crm)


def test_what_needs_a_broken_plugin_is_in_quarantine_too(both, reopen):
    crm = reopen(both, toy=plugin(register_seeds=boom), extra=extra)
    assert set(crm.host.quarantine) == {"toy", "extra"}
    assert 'needs the plugin "toy", which is not running' in str(crm.host.quarantine["extra"])


def test_a_plugin_whose_table_is_missing_is_in_quarantine_until_it_is_made_again(both):
    with both.writer.begin() as connection:
        connection.execute(sa.text("DROP TABLE sticker"))
    again = Besace.open(both.folder, user="alice", plugins=both.extra)
    sentence = 'Plugin "extra" cannot run: its table "sticker" is missing. Make it again: besace plugin upgrade'
    assert {k: str(v) for k, v in again.host.quarantine.items()} == {"extra": sentence}
    works(again)
    assert again.upgrade() == ["extra"]
    assert again.host.quarantine == {}
    again.close()


def test_plugins_that_need_each_other_in_a_circle_are_refused(crm, reopen):
    again = reopen(crm, toy=toy, a=good(requires=("b",)), b=plugin(requires=("a",)))
    with pytest.raises(PluginError, match=r'Plugin "[ab]" needs the plugin "[ab]", which is not'):
        again.enable(["a", "b"])
    works(again)


def test_plugins_are_enabled_after_those_that_they_need(make_install, reopen):
    crm = reopen(make_install(), toy=toy, extra=extra)
    assert crm.enable(["extra", "toy"]) == ["toy", "extra"]


def test_BESACE_BLOCK_starts_without_a_plugin(both, reopen, monkeypatch):
    monkeypatch.setenv("BESACE_BLOCK", "extra, other")
    crm = reopen(both)
    assert str(crm.host.quarantine["extra"]) == 'Plugin "extra" is blocked by BESACE_BLOCK.'
    works(crm)


def test_BESACE_TRACE_prints_each_call(both, reopen, monkeypatch, capsys):
    monkeypatch.setenv("BESACE_TRACE", "1")
    crm = reopen(both, toy=toy, extra=plugin(requires=("toy",), check_save=lambda work, saves: None))
    works(crm)
    traced = capsys.readouterr().err
    assert "register_entity_types" in traced
    assert "check_save" in traced


# ---- hooks that are called while working ----------------------------------------------------------------


@pytest.mark.parametrize("hook", ["check_save", "after_save", "check_link", "after_link"])
@pytest.mark.parametrize(
    "error", [ValueError("too hot"), BesaceError("No gadgets on Saturdays.")], ids=["bug", "refusal"]
)
def test_a_hook_that_raises_stops_the_unit_and_nothing_is_stored(make_install, changes, hook, error):
    def act(work):
        one, two = entities.create_many(work, "gadget", [{"name": "a"}, {"name": "b"}])
        relations.link(work, one, "knows", two)

    def raising(work, saves=None, links=None):
        raise error

    def of_saves(work, saves):
        raising(work)

    def of_links(work, links):
        raising(work)

    bad = plugin(**{hook: of_saves if hook.endswith("save") else of_links})
    crm = make_install(plugins={"toy": toy, "bad": bad})
    before = changes(crm)
    with pytest.raises(BesaceError) as stopped:
        crm.write(act)
    if isinstance(error, ValueError):
        assert str(stopped.value).startswith(f'Plugin "bad" failed in {hook}: ValueError: too hot. Nothing was stored.')
        assert "BESACE_BLOCK=bad" in str(stopped.value)
    else:
        assert stopped.value is error
    assert changes(crm) == before
    with crm.read() as work:
        assert reading.page(work, work.crm.registry.type("gadget")) == []


def test_hooks_see_a_batch_once_with_old_new_and_changed(make_install):
    seen = []

    def check_save(work, saves):
        for s in saves:
            seen.append(
                (
                    "check",
                    s.info.key,
                    s.id,
                    s.old and s.old["name"],
                    s.new["name"],
                    dict(s.changed).get("name"),
                )
            )

    def after_save(work, saves):
        seen.append(("after", [s.id for s in saves], [g.label for g in reading.page(work, saves[0].info)]))

    def after_link(work, links):
        seen.append(("link", [(link.type, dict(link.attributes)) for link in links]))

    watcher = plugin(check_save=check_save, after_save=after_save, after_link=after_link)
    crm = make_install(plugins={"toy": toy, "watcher": watcher})

    def act(work):
        seen.clear()
        one, two = entities.create_many(work, "gadget", [{"name": "a"}, {"name": "b"}])
        entities.edit_many(work, "gadget", {one: {"name": "c"}, two: {"name": "b"}})
        relations.link(work, one, "knows", two, role="low")
        relations.link(work, one, "knows", two)
        return one, two

    one, two = crm.write(act)
    assert seen == [
        ("check", "gadget", one, None, "a", (None, "a")),
        ("check", "gadget", two, None, "b", (None, "b")),
        ("after", [one, two], ["a", "b"]),
        ("check", "gadget", one, "a", "c", ("a", "c")),
        ("after", [one], ["c", "b"]),
        ("link", [("knows", {"role": "low"})]),
    ]


# ---- several installs, several processes ----------------------------------------------------------------


def test_two_installs_with_other_classes_of_the_same_type_open_in_one_process(make_install):
    class Machine(Entity, type="gadget"):
        title: Mapped[str] = fields.text("Title", names_row=True)
        volts: Mapped[int | None] = fields.integer("Volts")

    one = make_install(plugins={"toy": toy})
    two = make_install(plugins={"machines": plugin(register_entity_types=lambda: [Machine])})
    one.write(lambda work: entities.create(work, "gadget", name="Bell", number="1"))
    two.write(lambda work: entities.create(work, "gadget", title="Lathe", volts="230"))
    labels = []
    for crm in (one, two):
        with crm.read() as work:
            labels += [g.label for g in reading.page(work, work.crm.registry.type("gadget"))]
    assert labels == ["Bell", "Lathe"]
    assert set(one.registry.lists) != set(two.registry.lists)


def test_another_process_sees_at_its_next_unit_what_was_enabled(make_install):
    first = make_install(plugins={"toy": toy, "extra": extra})
    first.disable("extra")
    second = Besace.open(first.folder, user="alice", plugins=first.extra)
    assert "widget" not in second.registry.types
    first.enable(["extra"])
    second.write(lambda work: entities.create(work, "widget", title="Wheel"))
    assert "widget" in second.registry.types
    first.disable("extra")
    with second.read() as work:
        assert "widget" not in work.crm.registry.types
    second.close()


@pytest.fixture
def second(make_install):
    """An install opened here before another process enabled `extra` in it."""
    first = make_install(plugins={"toy": toy, "extra": extra})
    first.disable("extra")
    with Besace.open(first.folder, user="alice", plugins={**first.extra, "good": good()}) as second:
        first.enable(["extra"])
        yield second


def test_looking_at_the_plugins_does_not_hide_what_another_process_enabled(second):
    assert ("extra", "0", "enabled") in enabling.states(second)
    with second.read():
        assert "widget" in second.registry.types


def test_a_unit_learns_over_its_own_connection_what_another_process_enabled(second):
    taken = []

    def note(_connection, record, _proxy):
        taken.append(record)

    sa.event.listen(sa.Pool, "checkout", note)
    try:
        with second.read() as work:
            assert "widget" in work.crm.registry.types
    finally:
        sa.event.remove(sa.Pool, "checkout", note)
    assert len(taken) == 1


def test_enabling_a_plugin_keeps_what_another_process_enabled(second):
    second.enable(["good"])
    assert {"widget", "gadget"} <= set(second.registry.types)


def test_a_plugin_may_need_one_that_another_process_enabled(make_install, reopen):
    crm = reopen(make_install(), toy=toy, extra=extra)
    reopen(crm).enable(["toy"])
    assert crm.enable(["extra"]) == ["extra"]


def test_a_plugin_that_one_enabled_by_another_process_needs_is_not_disabled(second):
    with pytest.raises(PluginError, match='the plugin "extra" needs it'):
        second.disable("toy")


# ---- enabling again -------------------------------------------------------------------------------------


def test_enabling_again_adds_the_items_that_came_since_and_keeps_what_was_changed(crm, reopen):
    from besace import lists

    from .toys import Rank

    crm.write(lambda work: lists.edit(work, "rank", "low", label="Poor"))
    crm.write(lambda work: lists.add(work, "rank", "mine", label="Mine"))
    crm.disable("toy")
    Rank.__items__ = (*Rank.__items__, Item("fresh", _("Fresh"), {"outcome": "open"}))
    try:
        crm.enable(["toy"])
        with crm.read() as work:
            assert {k: str(i) for k, i in work.items("rank").items()}.items() >= {
                ("low", "Poor"), ("mine", "Mine"), ("fresh", "Fresh"),
            }  # fmt: skip
    finally:
        Rank.__items__ = Rank.__items__[:-1]


def test_a_plain_list_of_two_plugins_is_made_once(make_install):
    def listing(number, **more):
        attributes = {"__module__": __name__, **more}
        made = type(f"Segment{number}", (ListItem,), attributes, list="segment", label=_("Segments"))
        return plugin(register_lists=lambda: [made])

    crm = make_install(plugins={"one": listing(1), "two": listing(2)})
    assert crm.registry.list_owners["segment"] == "one"
    with pytest.raises(
        PluginError, match='The list "segment" is declared by the plugin "one" and by the plugin "three"'
    ):
        make_install(plugins={"one": listing(3), "three": listing(4, size=fields.integer("Size"))})


def test_an_unknown_plugin_is_refused_with_near_names(crm):
    with pytest.raises(PluginError, match=r'There is no plugin "tyo" on this machine. Did you mean toy'):
        crm.enable(["tyo"])


def test_a_word_of_the_command_line_cannot_be_a_type(make_install):
    Listing = type("Listing", (Entity,), {"__module__": __name__}, type="list")
    with pytest.raises(PluginError, match='"list" is a word of the command line and cannot be the key of a type'):
        make_install(plugins={"bad": plugin(register_entity_types=lambda: [Listing])})
