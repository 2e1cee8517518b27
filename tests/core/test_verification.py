"""`besace verify`: each check is shown a database that was changed by hand, and says what is wrong with it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa

from besace import Besace, Finding, Verification, entities, hookimpl, parts, relations, translator
from besace.model import entity_table
from besace.verification import runs

from .toys import Line, toy

_ = translator(__name__)


def verdict(crm: Besace, key: str, **options: Any) -> runs.Verdict:
    return next(v for v in runs.run(crm, **options) if v.key == key)


def told(crm: Besace, key: str) -> list[str]:
    return [str(finding.message) for finding in verdict(crm, key).findings]


def found(crm: Besace) -> set[str]:
    return {v.key for v in runs.run(crm) if v.found}


@pytest.fixture
def pair(crm: Besace) -> tuple[int, int]:
    """Two gadgets with a line, the first of which knows the other."""

    def make(work: Any) -> tuple[int, int]:
        bell = entities.create(work, "gadget", name="Bell", rank="high", price="10EUR", keeper=work.user_id)
        horn = entities.create(work, "gadget", name="Horn")
        parts.add(work, Line, bell.id, what="engraving", rank="low")
        relations.link(work, bell, "knows", horn, role="low")
        return bell.id, horn.id

    return crm.write(make)


def test_nothing_is_wrong_with_what_the_program_wrote(crm: Besace, pair: tuple[int, int]) -> None:
    crm.write(lambda work: entities.edit(work, entities.get(work, "gadget", pair[1]), name="Tuba"))
    assert found(crm) == {"conditions"}  # a condition of the toys asks for itself
    assert told(crm, "conditions")[0].startswith('"circle" of Gadget, of the plugin "toy", cannot be asked')


def test_an_entity_without_the_row_of_its_type(crm: Besace, pair: tuple[int, int], damage: Any) -> None:
    damage(crm, f"DELETE FROM gadget WHERE id = {pair[1]}")
    assert told(crm, "rows") == [
        f'Gadget {pair[1]} "Horn" has lost its values: the table "gadget" has no row of it.'
    ]  # fmt: skip


def test_a_row_of_a_type_without_its_entity(crm: Besace, pair: tuple[int, int], damage: Any) -> None:
    damage(crm, f"DELETE FROM entity WHERE id = {pair[1]}")
    assert told(crm, "rows") == [f'The table "gadget" has a row {pair[1]}, and there is no such entity.']
    assert told(crm, "references") == [
        f'The table "link" of the plugin "core" refers 1 time by its object_id to a row of "entity" that does not '
        f"exist, for example {pair[1]}."
    ]


def test_the_tables_of_a_disabled_plugin_are_looked_at(crm: Besace, pair: tuple[int, int], damage: Any) -> None:
    crm.disable("toy")
    damage(crm, f"DELETE FROM gadget WHERE id = {pair[1]}", "UPDATE line SET owner_id = 999")
    assert told(crm, "rows") == [
        f'gadget {pair[1]} "Horn" has lost its values: the table "gadget" has no row of it.'
    ]  # fmt: skip
    assert 'The table "line" of the plugin "toy" refers 1 time by its owner_id' in told(crm, "references")[0]


def test_a_plugin_that_cannot_run_is_not_passed_over(crm: Besace, damage: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    damage(crm, "DROP TABLE line")
    with Besace.open(crm.folder, user="alice", plugins=crm.extra) as broken:
        (finding,) = verdict(broken, "tables").findings
        assert str(finding.message) == 'What the plugin "toy" holds cannot be verified: it does not run.'
        assert 'its table "line" is missing. Make it again: besace plugin upgrade' in str(finding.hint)
    monkeypatch.setenv("BESACE_BLOCK", "toy")
    with Besace.open(crm.folder, user="alice", plugins=crm.extra) as without:
        assert told(without, "tables") == []


def test_trash_and_history_of_nothing(crm: Besace, pair: tuple[int, int], damage: Any) -> None:
    damage(
        crm, "INSERT INTO trash (entity_id, at, change_id) VALUES (777, '2026-01-01 00:00:00', 888)",
        "UPDATE entry SET change_id = 999",
    )  # fmt: skip
    columns = [sentence.partition("by its ")[2].split()[0] for sentence in told(crm, "references")]
    assert columns == ["change_id", "change_id", "entity_id"]


def test_entities_of_a_type_that_no_plugin_ever_had(crm: Besace, pair: tuple[int, int], damage: Any) -> None:
    damage(crm, f"UPDATE entity SET type = 'widget' WHERE id = {pair[1]}")
    assert told(crm, "known_types") == ['1 entity is of the type "widget", which no plugin here ever knew.']


def test_links_that_their_relation_does_not_take(crm: Besace, pair: tuple[int, int], damage: Any) -> None:
    row = "SELECT {}, '{}', {}, '{}', 'gadget', NULL, created_at, change_id FROM link WHERE type = 'knows'"
    damage(
        crm, "INSERT INTO link " + row.format(pair[0], "likes", pair[1], "gadget"),
        "INSERT INTO link " + row.format(1, "holds", pair[1], "user"),
        "INSERT INTO link " + row.format(pair[0], "holds", pair[0], "gadget"),
    )  # fmt: skip
    assert told(crm, "links") == [
        '1 link "holds" of type gadget goes from an entity to itself.',
        '1 link "holds" goes from user to gadget, which this relation does not take.',
        '1 link is of the relation "likes", which no plugin here ever knew.',
    ]


def test_types_copied_into_links_are_mended(crm: Besace, pair: tuple[int, int], damage: Any, entries: Any) -> None:
    damage(crm, "UPDATE link SET object_type = 'user'")
    assert told(crm, "link_types") == [
        f"The link {pair[0]} knows {pair[1]} says that it goes from gadget to user; it goes from gadget to gadget."
    ]
    mended = verdict(crm, "link_types", fix=True)
    assert (mended.found, mended.mended) == (0, 1)
    with crm.read() as work:
        assert entries(work) == [("relink", *pair, "knows", {"object_type": ["user", "gadget"]})]


def test_labels_and_their_keys_are_mended_with_a_reason(
    crm: Besace, pair: tuple[int, int], damage: Any, entries: Any, changes: Any
) -> None:
    damage(
        crm, f"UPDATE entity SET label = 'Gong', label_key = 'gong' WHERE id = {pair[0]}",
        f"UPDATE entity SET label_key = 'Tuba' WHERE id = {pair[1]}",
    )  # fmt: skip
    assert told(crm, "labels") == [
        f'Gadget {pair[1]} "Horn" is sorted and looked up as "Tuba".',
        f'Gadget {pair[0]} "Gong" should be called "Bell", by its fields.',
    ]
    assert verdict(crm, "labels", fix=True).mended == 2
    with crm.read() as work:
        assert sorted(e[1:2] + e[4:] for e in entries(work)) == [
            (pair[0], {"label": ["Gong", "Bell"], "label_key": ["gong", "bell"]}),
            (pair[1], {"label_key": ["Tuba", "horn"]}),
        ]
        assert entities.get(work, "gadget", pair[0]).version == 2 + 1
    assert (changes(crm)[-1].door, changes(crm)[-1].reason) == ("verify", "verify --fix: labels")


def test_a_label_in_the_trash_and_one_of_a_disabled_type_are_mended(
    crm: Besace, pair: tuple[int, int], damage: Any
) -> None:
    from besace import bin

    crm.write(lambda work: bin.delete(work, [pair[1]]))
    damage(crm, f"UPDATE entity SET label = 'Gong', label_key = 'gong' WHERE id = {pair[1]}")
    assert verdict(crm, "labels", fix=True).mended == 1
    crm.disable("toy")
    damage(crm, f"UPDATE entity SET label_key = 'x' WHERE id = {pair[0]}")
    mended = verdict(crm, "labels", fix=True)
    assert (mended.mended, mended.found) == (1, 0)


def test_currencies_that_do_not_exist(crm: Besace, pair: tuple[int, int], damage: Any) -> None:
    damage(crm, f"UPDATE entity SET currency = 'QQQ' WHERE id = {pair[0]}")
    assert told(crm, "currencies") == [
        f'1 entity of the type gadget has the currency "QQQ", which does not exist: {pair[0]}.'
    ]
    damage(crm, "UPDATE entity SET label_key = 'x' WHERE type = 'gadget'")
    (labels,) = (v for v in runs.run(crm, fix=True) if v.key == "labels")
    assert (labels.mended, [str(f.message)[-25:] for f in labels.findings]) == (2, [' "QQQ" is not a currency.'])


def test_items_that_are_not_in_their_list(crm: Besace, pair: tuple[int, int], damage: Any) -> None:
    damage(
        crm, "UPDATE gadget SET rank_key = 'top' WHERE rank_key = 'high'", "UPDATE line SET rank_key = 'top'",
        """UPDATE link SET attributes = '{"role": "top"}'""",
    )  # fmt: skip
    assert sorted(told(crm, "items")) == [
        'Gadgets: 1 row has "top" as its Rank, which the list rank does not have.',
        'Lines: 1 row has "top" as its Rank, which the list rank does not have.',
        'knows: 1 row has "top" as its Role, which the list rank does not have.',
    ]


def test_settings_that_have_a_value_they_cannot_have(crm: Besace, damage: Any) -> None:
    damage(crm, """UPDATE setting SET value = '"QQQ"' WHERE key = 'currency'""")
    assert told(crm, "settings")[0].startswith('The setting "currency" has a value that it cannot have: Currency:')
    damage(crm, "UPDATE setting SET value = '[1]' WHERE key = 'currency'")
    assert told(crm, "settings")[0].startswith('The setting "currency" has a value that it cannot have: Currency:')
    damage(crm, "UPDATE setting SET value = 'EUR' WHERE key = 'currency'")
    assert told(crm, "settings") == ['The setting "currency" has a value that cannot be read: EUR']


def test_the_series_of_ids_goes_on_behind_what_the_history_tells_of(
    crm: Besace, pair: tuple[int, int], damage: Any
) -> None:
    damage(crm, f"UPDATE entry SET entity_id = 5000 WHERE entity_id = {pair[1]} AND action = 'create'")
    assert told(crm, "ids")[0].endswith("and the highest id in use is 5000.")
    assert verdict(crm, "ids", fix=True).mended == 1
    assert crm.write(lambda work: entities.create(work, "gadget", name="Next").id) == 5001


def test_tables_that_are_not_those_of_the_code(crm: Besace, damage: Any) -> None:
    damage(crm, "ALTER TABLE gadget ADD COLUMN colour_of_hair TEXT", "DROP INDEX ix_entry_other_id")
    assert [sentence.partition(" are not those of its code: ")[2] for sentence in told(crm, "tables")] == [
        "the index ix_entry_other_id of entry is missing.",
        "the column gadget.colour_of_hair is not known to it.",
    ]


def test_a_check_that_fails_in_the_database_stops_no_other(crm: Besace, pair: tuple[int, int], damage: Any) -> None:
    damage(crm, "ALTER TABLE gadget DROP COLUMN site", f"UPDATE entity SET currency = 'QQQ' WHERE id = {pair[1]}")
    assert found(crm) == {"tables", "labels", "currencies", "conditions"}
    (sentence,) = told(crm, "labels")
    assert sentence.startswith("This could not be looked at to its end: ")
    assert ("site" in sentence, "SELECT" in sentence) == (True, False)


def test_the_first_findings_are_told_and_the_others_counted(crm: Besace, gadget: Any, damage: Any) -> None:
    for _place in range(5):
        gadget()
    damage(crm, "UPDATE entity SET label_key = 'x' WHERE type = 'gadget'")
    few = verdict(crm, "labels", shown=2)
    assert (few.found, len(few.findings)) == (5, 2)


def test_batches_of_findings_are_mended_in_units_of_their_own(
    crm: Besace, damage: Any, changes: Any, monkeypatch: Any
) -> None:
    crm.write(lambda work: entities.create_many(work, "gadget", [{"name": f"G{n}"} for n in range(25)]))
    damage(crm, "UPDATE entity SET label_key = 'x' WHERE type = 'gadget'")
    monkeypatch.setattr(runs, "_BATCH", 10)
    before = len(changes(crm))
    mended = verdict(crm, "labels", fix=True)
    assert (mended.mended, mended.found, len(changes(crm)) - before) == (25, 0, 3)


def statements(crm: Besace, count_statements: Any) -> int:
    with crm.read() as work, count_statements(work) as seen:
        for verification in crm.registry.verifications.values():
            list(verification.find(work))
    return int(seen.count)


def test_the_statements_do_not_depend_on_the_rows(crm: Besace, pair: Any, count_statements: Any, damage: Any) -> None:
    statements(crm, count_statements)  # what is asked once for each connection
    few = statements(crm, count_statements)
    crm.write(lambda work: entities.create_many(work, "gadget", [{"name": f"G{n}"} for n in range(500)]))
    damage(crm, "UPDATE entity SET label_key = 'x', currency = 'QQQ' WHERE type = 'gadget'")
    assert statements(crm, count_statements) == few


class Strict:
    """A plugin whose verifications are found wanting themselves."""

    @hookimpl
    def register_verifications(self) -> Any:
        def broken(work: Any) -> Any:
            raise KeyError("what")

        return [
            Verification("broken", _("Broken"), broken),
            Verification("stubborn", _("Stubborn"), lambda work: [Finding(_("Never."))], lambda work, findings: 0),
            Verification("clumsy", _("Clumsy"), lambda work: [Finding(_("Never."))], lambda work, findings: 1 // 0),
        ]


def test_a_foreign_verification_that_fails_is_told_with_its_plugin(make_install: Callable[..., Besace]) -> None:
    crm = make_install(plugins={"strict": Strict()})
    broken, stubborn, clumsy = runs.run(crm, fix=True)[-3:]
    assert (broken.found, str(broken.findings[0].message)) == (
        1, "This could not be looked at to its end: KeyError: 'what'.",
    )  # fmt: skip
    assert 'the plugin "strict" has a bug' in str(broken.findings[0].hint)
    assert (stubborn.found, stubborn.mended) == (1, 0)
    assert [str(f.message)[-19:] for f in clumsy.findings] == [
        "ZeroDivisionError: integer division or modulo by zero."[-19:],
        "Never.",
    ]


def test_the_command_exits_with_1_where_something_is_found(crm: Besace, run: Any, pair: Any, damage: Any) -> None:
    crm.disable("toy")
    assert run(crm, "verify").exit_code == 0
    damage(crm, "UPDATE entity SET label_key = 'x' WHERE label = 'Bell'")
    ran = run(crm, "verify", "--json")
    labels = next(v for v in ran.json["verifications"] if v["key"] == "labels")
    assert (ran.exit_code, ran.json["found"], labels["mendable"]) == (1, 1, True)
    assert labels["findings"] == [
        {"message": f'gadget {pair[0]} "Bell" is sorted and looked up as "x".', "hint": None}
    ]  # fmt: skip
    shown = run(crm, "verify").stdout
    assert ("PROBLEM" in shown, "besace verify --fix" in shown, shown.endswith("1 problem, 0 mended\n")) == (True,) * 3
    assert run(crm, "verify", "--fix").exit_code == 0
    assert run(crm, "verify", "--json").json["found"] == 0


def test_verifying_changes_nothing(crm: Besace, run: Any, pair: Any, damage: Any, changes: Any) -> None:
    damage(crm, "UPDATE entity SET label_key = 'x' WHERE type = 'gadget'")
    before = len(changes(crm))
    assert run(crm, "verify").exit_code == 1
    assert len(changes(crm)) == before


def test_all_verifications_see_one_snapshot(make_install: Callable[..., Besace]) -> None:
    seen: list[int] = []

    def find(work: Any) -> Any:
        seen.append(work.scalar(sa.select(sa.func.count()).select_from(entity_table)))
        work.crm.write(lambda other: entities.create(other, "gadget", name="Late"))
        return []

    class Counting:
        @hookimpl
        def register_verifications(self) -> Any:
            return [Verification("one", _("One"), find), Verification("two", _("Two"), find)]

    runs.run(make_install(plugins={"toy": toy, "counting": Counting()}))
    assert seen == [1, 1]


def test_who_verifies_must_be_a_user(crm: Besace, run: Any) -> None:
    ran = run(crm, "verify", user="nobody")
    assert (ran.exit_code, ran.stderr.startswith('Error: There is no user "nobody" here.')) == (1, True)
