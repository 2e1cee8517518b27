"""The list of segments belongs to two plugins that know nothing of each other: it is made once and kept for both."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa

from besace import entities, lists, relations, schema
from besace.reading import get, page
from besace_commercial_actions.operations import progress

BOTH = ("persons", "commercial_actions")
either_order = pytest.mark.parametrize("order", [BOTH, BOTH[::-1]])
each = pytest.mark.parametrize(("one", "other"), [BOTH, BOTH[::-1]])


def fill(work: Any) -> None:
    """A segment, and what is in it."""
    lists.add(work, "segment", "rail", label="Rail")
    if "organisation" in work.crm.registry.types:
        entities.create(work, "organisation", name="SNCF", segment="rail")
    if "commercial_action" in work.crm.registry.types:
        days = {"start_date": "2026-03-01", "end_date": "2026-03-02"}
        entities.create(work, "commercial_action", title="Fair", segment="rail", **days)


def segments_of(crm: Any) -> dict[str, Any]:
    """The segment of everything that has one, by label."""
    with crm.read() as work:
        types = [t for t in ("organisation", "commercial_action") if t in crm.registry.types]
        rows = [row for t in types for row in page(work, crm.registry.type(t))]
        return {row.label: row.segment and str(row.segment) for row in rows}


def migrate(crm: Any, name: str, to: str) -> None:
    with schema.migrating(crm.writer) as connection:
        schema.migrate(connection, name, crm.installed[name].load(), crm.registry, to=to)


def columns(crm: Any, table: str) -> set[str]:
    with crm.reader.connect() as connection:
        inspector = sa.inspect(connection)
        return {c["name"] for c in inspector.get_columns(table)} if inspector.has_table(table) else set()


@either_order
def test_the_plugins_may_be_enabled_in_either_order(make_install: Any, order: tuple[str, str]) -> None:
    crm = make_install(*order)
    crm.write(fill)
    assert segments_of(crm) == {"SNCF": "Rail", "Fair": "Rail"}
    assert crm.registry.list_owners["segment"] == order[0]
    with crm.reader.connect() as connection:
        assert [schema.differences(connection, name, crm.registry) for name in order] == [[], []]


@each
def test_a_plugin_that_is_enabled_later_finds_the_list_and_its_items(make_install: Any, one: str, other: str) -> None:
    crm = make_install(one)
    crm.write(fill)
    crm.enable([other])
    with crm.read() as work:
        assert list(work.items("segment")) == ["rail"]


@either_order
@pytest.mark.parametrize("off", BOTH)
def test_the_list_stays_when_one_of_them_is_disabled(make_install: Any, order: tuple[str, str], off: str) -> None:
    crm = make_install(*order)
    crm.write(fill)
    (kept,) = set(order) - {off}
    crm.disable(off)
    assert list(segments_of(crm).values()) == ["Rail"]
    crm.write(lambda work: lists.add(work, "segment", "sea", label="Sea"))
    crm.disable(kept)
    crm.enable(list(order[::-1]))
    assert segments_of(crm) == {"SNCF": "Rail", "Fair": "Rail"}
    with crm.read() as work:
        assert list(work.items("segment")) == ["rail", "sea"]


@each
def test_going_down_leaves_the_list_to_the_other(make_install: Any, one: str, other: str) -> None:
    crm = make_install(*BOTH)
    crm.write(fill)
    crm.disable(one)
    migrate(crm, one, "base")
    assert list(segments_of(crm).values()) == ["Rail"]
    migrate(crm, one, "head")
    assert columns(crm, "segment") == {"key", "labels", "position", "disabled"}
    migrate(crm, one, "base")
    migrate(crm, other, "base")
    assert columns(crm, "segment") == set()


def test_persons_goes_to_segments_and_back_with_its_rows(make_install: Any) -> None:
    crm = make_install("persons")
    crm.write(fill)
    migrate(crm, "persons", "0001")
    assert "segment_key" not in columns(crm, "organisation")
    assert columns(crm, "segment") == set()
    migrate(crm, "persons", "head")
    assert segments_of(crm) == {"SNCF": None}
    with crm.reader.connect() as connection:
        assert schema.differences(connection, "persons", crm.registry) == []


def test_organisations_are_counted_in_the_segment_of_an_action(make_install: Any) -> None:
    crm = make_install(*BOTH)
    crm.write(fill)
    with crm.write() as work:
        fair = page(work, crm.registry.type("commercial_action"))[0].id
        for name, segment in (("DB", "rail"), ("Port", None)):
            made = entities.create(work, "organisation", name=name, segment=segment)
            relations.link(work, made, "fulfils_goal", fair)
    with crm.read() as work:
        found = progress(work, get(work, "commercial_action", fair))
        assert (found.in_segment, found.linked) == ({"organisation": 1}, {"organisation": 2})
