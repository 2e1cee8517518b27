"""Changing what has rows inside a migration: nothing is lost, and what named the thing by its key names it still."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import contextmanager
from typing import Any

import pytest
import sqlalchemy as sa
from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy.orm import Mapped

from besace import Besace, Entity, Money, Ref, entities, evolving, fields, lists, parts, relations, schema
from besace.errors import Refused
from besace.plugins import Host
from besace.relations import link_table

from .toys import Line, Rank, Sticker, plugin, toy


@contextmanager
def migration(crm: Besace) -> Any:
    """What a migration of a plugin runs in."""
    with schema.migrating(crm.writer) as connection, Operations.context(MigrationContext.configure(connection)):
        yield connection


def rows(crm: Besace, table: str, *columns: str) -> list[tuple[Any, ...]]:
    with crm.reader.connect() as connection:
        chosen = [sa.column(c) for c in columns]
        return sorted(map(tuple, connection.execute(sa.select(*chosen).select_from(sa.table(table)))))


def rules(crm: Besace) -> list[str]:
    """The stored conditions of the gadgets, as they would be typed."""
    from besace.language import source_of

    with crm.reader.connect() as connection:
        rule = sa.column("rule", sa.JSON(none_as_null=True))
        found = connection.execute(sa.select(rule).select_from(sa.table("gadget")).where(rule.is_not(None)))
        return sorted(source_of(r.rule) for r in found)


@pytest.fixture
def asked(both: Besace) -> Callable[..., Besace]:
    """An install with a gadget for each of some conditions, about gadgets unless it says otherwise."""

    def make(*conditions: str, about: str = "gadget") -> Besace:
        each = [{"name": f"g{n}", "counted": about, "rule": c} for n, c in enumerate(conditions)]
        both.write(lambda work: entities.create_many(work, "gadget", each))
        return both

    return make


# ---- columns ---------------------------------------------------------------------------------------------


def test_a_renamed_column_keeps_its_values_and_is_renamed_in_conditions(asked):
    crm = asked("number > 3 and name ~ number", "friend.number = 1", "keeper.number is empty")
    crm.write(lambda work: entities.create(work, "gadget", name="Bell", number=7))
    with migration(crm):
        evolving.rename_column("gadget", "number", "amount")
    assert ("Bell", 7) in rows(crm, "gadget", "name", "amount")
    assert rules(crm) == ["amount > 3 and name ~ number", "friend.amount = 1", "keeper.amount is empty"]


def test_a_field_that_another_type_has_too_is_asked_of_both(asked):
    crm = asked("friend.rank = low", "friend.rank is empty", "keeper.rank = low")
    with migration(crm):
        evolving.rename_column("gadget", "rank_key", "grade_key")
    assert rules(crm) == [
        "friend.rank = low or friend.grade = low",
        "friend.rank is empty and friend.grade is empty",
        "keeper.grade = low",
    ]


def test_a_condition_about_another_type_is_left_alone(asked):
    crm = asked("rank = low", about="widget")
    with migration(crm):
        evolving.rename_field("gadget", "rank", "grade")
    assert rules(crm) == ["rank = low"]


def test_a_column_of_a_list_is_renamed_behind_the_fields_that_lead_to_it(asked):
    crm = asked("rank.outcome = won or outcome", "friend.rank.outcome = won")
    with migration(crm):
        evolving.rename_column("rank", "outcome", "result")
    assert rules(crm) == ["friend.rank.result = won", "rank.result = won or outcome"]


def test_the_constraints_of_a_renamed_column_end_at_the_models(both):
    class Newer(Entity, type="widget"):
        """A widget, with its reference renamed."""

        title: Mapped[str] = fields.text("Title", names_row=True)
        fee: Mapped[Money | None] = fields.money("Fee")
        thing: Mapped[Ref | None] = fields.entity("Thing", types=("gadget",))
        rank: Mapped[Rank | None] = fields.item("Rank", list="rank")

    both.write(
        lambda work: entities.create(work, "widget", title="Wheel", gadget=entities.create(work, "gadget", name="B"))
    )
    with migration(both):
        evolving.rename_column("widget", "gadget_id", "thing_id")
    newer = registry_of(
        both,
        toy=toy,
        extra=plugin(requires=("toy",), register_entity_types=lambda: [Newer], register_part_types=lambda: [Sticker]),
    )
    with both.reader.connect() as connection:
        assert schema.differences(connection, "extra", newer) == []
        names = {k["name"] for k in sa.inspect(connection).get_foreign_keys("widget")}
    assert "fk_widget_thing_id" in names
    assert rows(both, "widget", "title", "thing_id") == [("Wheel", 2)]


def registry_of(crm: Besace, **plugins: Any) -> Any:
    """The registry of other versions of the plugins."""
    from besace import core_plugin
    from besace.discovery import available

    host = Host(core_plugin, available(plugins))
    host.load(list(plugins), "0.1.0")
    assert host.quarantine == {}
    return host.registry


def test_merged_columns_keep_what_either_held(asked):
    crm = asked("phone = 1", "site = x")
    crm.write(
        lambda work: entities.create_many(work, "gadget", [{"name": "a", "notes": "n"}, {"name": "b", "code": "X"}])
    )
    with migration(crm):
        evolving.merge_columns("gadget", "code", "notes")
    assert [r for r in rows(crm, "gadget", "name", "notes") if r[1]] == [("a", "n"), ("b", "X")]
    with crm.reader.connect() as connection:
        assert "code" not in {c["name"] for c in sa.inspect(connection).get_columns("gadget")}


def test_two_values_of_one_row_are_joined_or_refused(asked):
    crm = asked("code = X")
    crm.write(lambda work: entities.create(work, "gadget", name="a", notes="n", code="X"))
    with pytest.raises(Refused, match=r'1 row of "gadget" has a code and another notes'), migration(crm):
        evolving.merge_columns("gadget", "code", "notes")
    with migration(crm):
        evolving.merge_columns("gadget", "code", "notes", join=" / ")
    assert ("a", "n / X") in rows(crm, "gadget", "name", "notes")
    assert rules(crm) == ["notes = X"]


# ---- items -----------------------------------------------------------------------------------------------


@pytest.fixture
def ranked(asked: Callable[..., Besace]) -> Besace:
    """Items in rows, parts, another plugin's rows, the attribute of a relation, and conditions."""
    crm = asked("rank = low or rank in (low, high)", "friend.rank != Low", "name = low", "rank.outcome = low")

    def act(work: Any) -> None:
        bell = entities.create(work, "gadget", name="Bell", rank="low").id
        drum = entities.create(work, "gadget", name="Drum", rank="high").id
        parts.add(work, Line, bell, what="x", rank="low")
        entities.create(work, "widget", title="Wheel", rank="low")
        relations.link(work, bell, "knows", drum, role="low", note="low")
        lists.edit(work, "rank", "low", label="Poor")

    crm.write(act)
    return crm


def attributes(crm: Besace) -> list[Any]:
    with crm.reader.connect() as connection:
        return list(connection.execute(sa.select(link_table.c.attributes)).scalars())


def test_a_renamed_item_is_renamed_wherever_it_stands(ranked):
    with migration(ranked):
        evolving.rename_item("rank", "low", "poor")
    assert ("Bell", "poor") in rows(ranked, "gadget", "name", "rank_key")
    assert rows(ranked, "line", "what", "rank_key") == [("x", "poor")]
    assert rows(ranked, "widget", "title", "rank_key") == [("Wheel", "poor")]
    assert attributes(ranked) == [{"role": "poor", "note": "low"}]
    assert rules(ranked) == [
        "friend.rank != Low",
        "name = low",
        "rank = poor or rank in (poor, high)",
        "rank.outcome = low",
    ]
    assert [r[0] for r in rows(ranked, "rank", "key")] == ["gone", "high", "poor"]
    with ranked.read() as work:
        assert work.items("rank")["poor"].in_language("en") == "Poor"


def test_a_merged_item_gives_its_rows_to_the_other(ranked):
    with migration(ranked):
        evolving.merge_items("rank", "low", "high", called=("Low", "Bas"))
    assert rows(ranked, "line", "what", "rank_key") == [("x", "high")]
    assert attributes(ranked) == [{"role": "high", "note": "low"}]
    assert rules(ranked) == ["friend.rank != high", "name = low", "rank = high or rank in (high)", "rank.outcome = low"]
    assert [r[0] for r in rows(ranked, "rank", "key")] == ["gone", "high"]


def test_an_item_that_is_not_there_is_no_error_and_one_to_merge_into_must_be(both):
    with migration(both):
        evolving.rename_item("rank", "nothing", "something")
        evolving.merge_items("rank", "nothing", "low")
    with pytest.raises(Refused, match='The list "rank" has no item "best" to merge "low" into'), migration(both):
        evolving.merge_items("rank", "low", "best")


# ---- types -----------------------------------------------------------------------------------------------


@pytest.fixture
def typed(asked: Callable[..., Besace]) -> Besace:
    """A widget in relations, in a reference, named as a type, and in a condition about widgets."""
    crm = asked("fee > 3 and rank = low", about="widget")

    def act(work: Any) -> None:
        bell = entities.create(work, "gadget", name="Bell").id
        wheel = entities.create(work, "widget", title="Wheel", fee="3", gadget=bell).id
        relations.link(work, bell, "holds", wheel)

    crm.write(act)
    return crm


class Gear(Entity, type="gear"):
    """What a widget is called later."""

    title: Mapped[str] = fields.text("Title", names_row=True)
    fee: Mapped[Money | None] = fields.money("Fee")
    gadget: Mapped[Ref | None] = fields.entity("Gadget", types=("gadget",))
    rank: Mapped[Rank | None] = fields.item("Rank", list="rank")


def test_a_renamed_type_keeps_its_entities_versions_and_relations(typed):
    before = rows(typed, "entity", "id", "version", "label")
    with migration(typed):
        evolving.rename_type("widget", "gear")
    assert rows(typed, "entity", "id", "version", "label") == before
    assert ("Wheel", "gear") in rows(typed, "entity", "label", "type")
    assert rows(typed, "link", "subject_type", "object_type") == [("gadget", "gear")]
    assert ("g0", "gear") in rows(typed, "gadget", "name", "counted")
    assert rules(typed) == ["fee > 3 and rank = low"]
    assert rows(typed, "gear", "title", "fee") == [("Wheel", 300)]


def test_the_table_of_a_renamed_type_ends_at_the_models(typed):
    with migration(typed):
        evolving.rename_type("widget", "gear")
    newer = registry_of(
        typed,
        toy=toy,
        extra=plugin(requires=("toy",), register_entity_types=lambda: [Gear], register_part_types=lambda: [Sticker]),
    )
    with typed.reader.connect() as connection:
        assert schema.differences(connection, "extra", newer) == []
        names = {k["name"] for k in sa.inspect(connection).get_foreign_keys("gear")}
        assert sa.inspect(connection).get_pk_constraint("gear")["name"] == "pk_gear"
    assert {n for n in names if n.startswith("fk_widget")} == set()


def test_what_is_renamed_twice_is_found_by_its_new_name(typed):
    with migration(typed):
        evolving.rename_type("widget", "gear")
        evolving.rename_column("gear", "fee", "price")
        evolving.rename_item("rank", "low", "poor")
    assert rules(typed) == ["price > 3 and rank = poor"]
    assert ("g0", "gear") in rows(typed, "gadget", "name", "counted")


def test_a_merged_type_gives_its_entities_to_the_other_under_their_ids(typed):
    with migration(typed):
        evolving.merge_types(
            "widget",
            "gadget",
            columns={"title": "name", "fee": "price", "gadget_id": "friend_id"},
            values={"shiny": False},
        )
    assert ("Wheel", 300) in rows(typed, "gadget", "name", "price")
    assert ("Wheel", "gadget") in rows(typed, "entity", "label", "type")
    assert rows(typed, "link", "subject_type", "object_type") == [("gadget", "gadget")]
    assert rules(typed) == ["price > 3 and rank = low"]


def test_a_column_that_finds_no_place_is_refused_with_its_rows(typed):
    with (
        pytest.raises(Refused, match='1 row of "widget" has a title, for which "gadget" has no column'),
        migration(typed),
    ):
        evolving.merge_types("widget", "gadget", columns={"fee": "price", "gadget_id": "friend_id"})
    assert rows(typed, "widget", "title") == [("Wheel",)]
