"""Units of work: versions (E7), an unanswered commit (E8), the retry, the guard of the mapped classes."""

from __future__ import annotations

import threading

import pytest
import sqlalchemy as sa

from besace import Money, entities, lists, parts, reading, relations, schema
from besace.dialects import among
from besace.errors import DatabaseUnavailable, NotFound, StaleVersion
from besace.model import entity_table
from besace.relations import Link

from .toys import Gadget, Line, engrave


def names(crm):
    with crm.read() as work:
        return [g.label for g in reading.page(work, work.crm.registry.type("gadget"))]


# ---- E7 ---------------------------------------------------------------------------------------------


def test_E7_the_second_writer_of_a_version_is_told(crm, gadget):
    made = gadget("Bell")

    def save(name):
        return crm.write(
            lambda work: entities.edit(work, reading.get(work, "gadget", made), version=1, name=name).version
        )

    assert save("First") == 2
    with pytest.raises(
        StaleVersion, match=rf'Gadget {made} "First" has changed since version 1: it is at version 2'
    ) as stale:
        save("Second")
    assert f"besace gadget history {made}" in str(stale.value)
    assert names(crm) == ["First"]


def test_E7_a_stale_version_is_never_retried(crm, gadget):
    made, runs = gadget(), []

    def act(work):
        runs.append(1)
        entities.edit(work, reading.get(work, "gadget", made), version=0, name="x")

    with pytest.raises(StaleVersion):
        crm.write(act)
    assert runs == [1]


def test_E7_a_stale_version_is_told_even_when_nothing_would_change(crm, gadget):
    made = gadget("Bell")
    crm.write(lambda work: entities.edit(work, reading.get(work, "gadget", made), number=1))
    with pytest.raises(StaleVersion):
        crm.write(lambda work: entities.edit(work, reading.get(work, "gadget", made), version=1, name="Bell"))


def test_E7_parts_are_saved_under_the_version_of_their_entity(crm, gadget):
    made = gadget()
    line = crm.write(lambda work: parts.add(work, Line, made, what="x").id)
    with crm.read() as work:
        assert reading.get(work, "gadget", made).version == 2
    with pytest.raises(StaleVersion):
        crm.write(lambda work: parts.edit(work, reading.get_part(work, "line", line), version=1, what="y"))
    crm.write(lambda work: parts.edit(work, reading.get_part(work, "line", line), version=2, what="y"))


def test_E7_without_a_version_the_last_one_counts(crm, gadget):
    made = gadget()
    for number in (1, 2):
        crm.write(lambda work, n=number: entities.edit(work, reading.get(work, "gadget", made), number=n))
    with crm.read() as work:
        assert (reading.get(work, "gadget", made).number, reading.get(work, "gadget", made).version) == (2, 3)


# ---- E8: the answer to a commit is lost ----------------------------------------------------------------


@pytest.fixture
def lose_answers(crm, monkeypatch):
    """Let the next commits lose their answer: `lose_answers(1, done=True)`."""

    def lose(times, *, done):
        left = [times]
        dialect = crm.writer.dialect
        commit = dialect.do_commit

        def do_commit(connection):
            if left[0] == 0:
                return commit(connection)
            left[0] -= 1
            if done:
                commit(connection)
            raise dialect.loaded_dbapi.OperationalError("the connection was lost")

        monkeypatch.setattr(dialect, "do_commit", do_commit)
        monkeypatch.setattr(dialect, "is_disconnect", lambda error, *_rest: "was lost" in str(error))

    return lose


def test_E8_a_unit_whose_commit_was_done_unanswered_is_not_done_twice(crm, changes, lose_answers):
    runs, before = [], len(changes(crm))

    def act(work):
        runs.append(1)
        return entities.create(work, "gadget", name="Bell").id

    lose_answers(1, done=True)
    assert crm.write(act) == 2
    assert (runs, names(crm), len(changes(crm))) == ([1], ["Bell"], before + 1)


def test_E8_a_unit_whose_commit_was_not_done_is_done_again(crm, changes, lose_answers):
    runs, before = [], len(changes(crm))

    def act(work):
        runs.append(1)
        entities.create(work, "gadget", name="Bell")

    lose_answers(2, done=False)
    crm.write(act)
    assert (len(runs), names(crm), len(changes(crm))) == (3, ["Bell"], before + 1)


def test_E8_a_unit_without_a_function_is_looked_up_too(crm, lose_answers):
    lose_answers(1, done=True)
    with crm.write() as work:
        entities.create(work, "gadget", name="Bell")
    assert names(crm) == ["Bell"]
    lose_answers(1, done=False)
    with pytest.raises((sa.exc.DBAPIError, DatabaseUnavailable), match=r"was lost"), crm.write() as work:
        entities.create(work, "gadget", name="Drum")
    assert names(crm) == ["Bell"]


# ---- the retry of a busy database ------------------------------------------------------------------------


@pytest.fixture
def impatient(crm, reopen):
    """The install of `crm`, which waits a tenth of a second for other writers."""
    return reopen(crm, "wait = 0.1")


@pytest.fixture
def other(crm):
    """Another process in the middle of a write that no one else's can go beside."""
    with crm.writer.connect() as connection:
        connection.begin()
        connection.execute(sa.select(schema.meta).with_for_update())
        yield connection


def test_a_database_that_stays_locked_is_told_and_nothing_stored(impatient, other):
    with pytest.raises(DatabaseUnavailable, match=r"another process has held it for too long. Nothing was stored"):
        impatient.write(lambda work: entities.create(work, "gadget", name="Bell"))
    other.rollback()
    assert names(impatient) == []


def test_a_busy_database_is_tried_again(impatient, other):
    threading.Timer(0.25, other.rollback).start()
    impatient.write(lambda work: entities.create(work, "gadget", name="Bell"))
    assert names(impatient) == ["Bell"]


def test_readers_work_while_another_writes(crm, gadget, request):
    gadget("Bell")
    other = request.getfixturevalue("other")
    assert names(crm) == ["Bell"]
    with crm.read() as work:
        other.commit()
        assert work.scalar(sa.text("SELECT count(*) FROM gadget")) == 1


def test_a_reader_sees_one_snapshot(crm, gadget):
    gadget("Bell")
    with crm.read() as work:
        count = sa.text("SELECT count(*) FROM gadget")
        assert work.scalar(count) == 1
        gadget("Drum")
        assert work.scalar(count) == 1


def test_an_error_of_the_unit_is_not_tried_again(crm):
    runs = []

    def act(work):
        runs.append(1)
        raise NotFound("not here")

    with pytest.raises(NotFound):
        crm.write(act)
    assert runs == [1]


# ---- mapped classes only read -----------------------------------------------------------------------------


def _bulk(statement):
    return lambda work, made: work.execute(statement)


WRITES = {
    "text": lambda work, made: setattr(made, "name", "x"),
    "money": lambda work, made: setattr(made, "price", Money.parse("3", "EUR")),
    "item": lambda work, made: setattr(made, "rank", "low"),
    "reference": lambda work, made: setattr(made, "keeper", None),
    "reference id": lambda work, made: setattr(made, "keeper_id", 1),
    "label": lambda work, made: setattr(made, "label", "x"),
    "part": lambda work, made: setattr(reading.parts_of(work, Line, [made.id])[0], "what", "y"),
    "list item": lambda work, made: setattr(work.items("rank")["low"], "position", 3),
    "delete": lambda work, made: work.delete(made),
    "add": lambda work, made: work.add(Gadget(name="x")),
    "bulk update": _bulk(sa.update(Gadget).values(name="x")),
    "bulk delete": _bulk(sa.delete(Gadget)),
}


@pytest.mark.parametrize("act", WRITES.values(), ids=WRITES)
def test_a_mapped_class_that_is_written_to_is_refused(crm, gadget, act):
    made = gadget("Bell", keeper=1)
    crm.write(lambda work: parts.add(work, Line, made, what="x"))

    def write(work):
        act(work, reading.get(work, "gadget", made))

    with pytest.raises(RuntimeError, match=r"was changed through its mapped class, which only reads"):
        crm.write(write)
    assert names(crm) == ["Bell"]


def test_a_unit_that_reads_cannot_write(crm):
    with pytest.raises(RuntimeError, match=r"only reads"), crm.read() as work:
        lists.edit(work, "rank", "low", disabled=True)


def test_what_a_unit_wrote_it_reads_anew(crm):
    def act(work):
        keeper = entities.create(work, "gadget", name="Old")
        made = entities.create(work, "gadget", name="Bell", keeper=keeper)
        assert made.keeper.label == "Old"
        entities.edit(work, keeper, name="New")
        parts.add(work, Line, made.id, what="x")
        assert (keeper.label, made.keeper.label, made.version) == ("New", "New", 2)

    crm.write(act)


def test_what_a_unit_returns_can_be_read_after_it(crm, gadget):
    made = gadget("Bell", keeper=1)
    engraved = crm.write(lambda work: engrave(work, reading.get(work, "gadget", made)))
    assert (engraved.serial, engraved.version, engraved.keeper.label) == (f"S{made}", 3, "alice")


# ---- who acts, and when -----------------------------------------------------------------------------------


def test_an_unknown_user_is_refused_with_the_way_on(crm):
    with (
        pytest.raises(NotFound, match=r'There is no user "bob" here.*besace user create'),
        crm.read(user="bob"),
    ):
        pass


def test_a_user_is_named_without_case_and_accents(crm):
    with crm.read(user="ALICE") as work:
        assert (work.user_id, work.user) == (1, "alice")


def test_a_trashed_user_cannot_act(crm):
    from besace import bin as trash

    def act(work):
        trash.delete(work, [entities.create(work, "user", name="bob").id])

    crm.write(act)
    with pytest.raises(NotFound, match=r'There is no user "bob"'):
        crm.write(lambda work: None, user="bob")


def test_the_day_is_fixed_by_the_environment(crm, monkeypatch):
    with crm.read() as work:
        assert (str(work.today), work.now.date()) == ("2026-03-14", work.today)
    monkeypatch.setenv("BESACE_TODAY", "14/03/2026")
    with (
        pytest.raises(Exception, match=r'\$BESACE_TODAY: "14/03/2026" is not a date. Expected YYYY-MM-DD'),
        crm.read(),
    ):
        pass


# ---- many rows at once -------------------------------------------------------------------------------------


def test_more_rows_are_asked_for_at_once_than_a_statement_has_parameters(crm, gadget):
    ids = range(70_000)
    one, two = gadget("One", external_id="1", external_system="x"), gadget("Two")
    crm.write(lambda work: parts.add(work, Line, one, what="x"))
    with crm.write() as work:
        reading.lock(work, ids)
        assert set(reading.found_entities(work, ids)) == {1, one, two}
        assert set(entities.read_values(work, work.crm.registry.type("gadget"), ids)) == {one, two}
        assert [line.owner_id for line in reading.parts_of(work, Line, ids)] == [one]
        entities.touch(work, ids)
        assert reading.get(work, "gadget", two).version == 2
        texts = among(work, entity_table.c.external_id, map(str, ids))
        assert work.scalars(sa.select(entity_table.c.id).where(texts)).all() == [one]


def test_relations_that_get_other_attributes_cost_the_same_statements_however_many(crm, gadget, count_statements):
    one, *others = [gadget(f"Gadget {n}") for n in range(9)]

    def count(some, note):
        with crm.write() as work, count_statements(work) as seen:
            relations.link_many(work, [Link(one, "knows", other, {"note": note}) for other in some])
        return seen.count

    count(others, "first")
    assert count(others[:2], "second") == count(others, "third")
