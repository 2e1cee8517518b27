"""The portable archive: what it holds, that it is the same for the same data, and what becomes of it."""

from __future__ import annotations

import json
import zipfile
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from threading import Event

import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st

from besace import Besace, entities, parts, reading, relations, schema
from besace import bin as trash
from besace.errors import Refused
from besace.transfer import archive, portable
from besace.transfer.restoring import restore

from .archives import checksums, lines, written
from .toys import Line, Sticker, extra, toy


def test_an_archive_holds_every_table_those_of_disabled_plugins_too(lived_in, tmp_path):
    manifest = written(lived_in, tmp_path / "a.zip")
    held = {table.name: table for table in manifest.tables}
    assert {"entity", "user", "link", "gadget", "line", "rank", "widget", "sticker", "plugin"} <= held.keys()
    assert not any(name.startswith("version_") for name in held)
    (widget,) = lines(tmp_path / "a.zip", "widget")
    assert dict(zip([c.name for c in held["widget"].columns], widget, strict=True))["title"] == "Wheel"
    assert [(p.name, p.enabled) for p in manifest.plugins] == [("core", True), ("toy", True), ("extra", False)]


def test_a_part_of_an_install_is_written_and_says_so(lived_in, tmp_path):
    path = tmp_path / "part.zip"
    tables = {"entity": lambda table: table.c.type == "widget", "widget": None}
    manifest = written(lived_in, path, tables=tables)
    assert (manifest.partial, [(t.name, t.rows) for t in manifest.tables]) == (True, [("entity", 1), ("widget", 1)])
    (row,) = lines(path, "entity")
    assert "Wheel" in row


def test_values_stand_in_an_archive_as_no_engine_has_them(lived_in, tmp_path):
    manifest = written(lived_in, tmp_path / "a.zip")
    (table,) = (t for t in manifest.tables if t.name == "gadget")
    rows = [dict(zip([c.name for c in table.columns], row, strict=True)) for row in lines(tmp_path / "a.zip", "gadget")]
    assert [c.name for c in table.columns] == ["id", *sorted(c.name for c in table.columns if c.name != "id")]
    (row,) = (row for row in rows if row["name"] == "Été")
    assert (row["made_on"], row["seen_at"]) == ("2026-01-31", "2026-01-31T07:30:00.000000Z")
    assert (row["price"], row["size"], row["shiny"], row["rank_key"]) == (120050, 1250, True, "low")
    assert isinstance(row["rule"], list)


def test_a_restored_install_holds_the_same_rows(lived_in, restored):
    assert checksums(restored(lived_in)) == checksums(lived_in)


def test_the_tables_of_a_restored_install_are_those_of_the_models(both, restored):
    again = restored(both)
    same_kind = both.reader.dialect.name == again.reader.dialect.name
    with again.reader.connect() as connection:
        for name in ("core", "toy", "extra") if same_kind else ("core",):
            assert schema.differences(connection, name, again.registry) == []


def test_a_restored_install_gives_no_id_again(crm, gadget, restored):
    last = gadget()
    crm.write(lambda work: trash.delete(work, [last]))
    crm.write(lambda work: trash.purge(work, last))
    again = restored(crm)
    made = again.write(lambda work: entities.create(work, "gadget", name="next"))
    assert made.id == last + 1
    assert again.write(lambda work: parts.add(work, Line, made.id, what="x")).id == last + 2


def test_a_restored_install_can_be_worked_in(lived_in, restored):
    again = restored(lived_in)

    def act(work):
        bell = entities.create(work, "gadget", name="new")
        relations.link(work, bell.id, "knows", 1)
        return bell.id

    bell = again.write(act)
    with again.read() as work:
        assert [r.label for r in relations.related(work, bell)] == ["alice"]


def test_E5_a_plugin_whose_code_was_absent_comes_back_with_its_rows(lived_in, tmp_path, reopen):
    written(lived_in, tmp_path / "a.zip")
    restore(tmp_path / "a.zip", tmp_path / "new", plugins={"toy": toy})
    with Besace.open(tmp_path / "new", user="alice", plugins={"toy": toy}) as without:
        assert "widget" not in without.registry.types
        again = reopen(without, toy=toy, extra=extra)
    assert again.enable(["extra"]) == ["extra"]
    with again.read() as work:
        (wheel,) = reading.page(work, work.crm.registry.type("widget"))
        assert (wheel.title, wheel.gadget.label) == ("Wheel", "Été")
        assert [p.text for p in reading.parts_of(work, Sticker, [wheel.gadget_id])] == ["fragile"]


def test_the_same_rows_have_the_same_checksum_in_whatever_order_they_came(make_install):
    names = ["é", "e", "Z", "a", "𝕫", "ﬁ"]
    keys = []
    for order in (1, -1):
        crm = make_install(plugins={"toy": toy})
        with crm.writer.begin() as connection:
            connection.execute(
                sa.insert(schema.plugin_table),
                [{"name": n, "enabled": False, "position": 9, "version": "1", "tables": []} for n in names[::order]],
            )
        keys.append(checksums(crm)["plugin"])
    assert keys[0] == keys[1]


TEXT = st.text(st.characters(exclude_characters="\0", exclude_categories=("Cs",)))
ESCAPED = st.text(st.characters(exclude_characters="\0"))
NUMBERS = st.integers(-(10**30), 10**30) | st.floats(allow_nan=False, allow_infinity=False)
JSON = st.recursive(
    st.none() | st.booleans() | NUMBERS | ESCAPED,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(ESCAPED, inner, max_size=3),
    max_leaves=8,
)
VALUES = {
    "flag": st.booleans(),
    "big": st.integers(-(2**63), 2**63 - 1),
    "small": st.integers(-(2**31), 2**31 - 1),
    "short": TEXT.map(lambda text: text[:20]),
    "words": TEXT,
    "day": st.dates(),
    "moment": st.datetimes(timezones=st.just(UTC), min_value=datetime(1, 1, 2), max_value=datetime(9999, 12, 30)),
    "document": st.lists(JSON, max_size=3) | st.dictionaries(ESCAPED, JSON, max_size=3),
    "ratio": st.floats(allow_nan=False, allow_infinity=False),
    "blob": st.binary(),
}
SAMPLE = sa.Table(
    "sample", sa.MetaData(), sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), primary_key=True),
    sa.Column("flag", sa.Boolean()), sa.Column("big", sa.BigInteger()), sa.Column("small", sa.Integer()),
    sa.Column("short", sa.String(20)), sa.Column("words", sa.Text()), sa.Column("day", sa.Date()),
    sa.Column("moment", sa.DateTime()), sa.Column("document", sa.JSON()), sa.Column("ratio", sa.Double()),
    sa.Column("blob", sa.LargeBinary()),
)  # fmt: skip


@pytest.fixture
def sample(crm):
    """A connection to a database with a table of a column of every kind, and that table as it is reflected."""
    with crm.writer.connect() as connection:
        SAMPLE.create(connection)
        yield connection, portable.reflect(connection, ["core", "toy"])["sample"]
        connection.rollback()


def test_every_value_comes_back_as_it_was(sample):
    connection, table = sample
    names = [column.name for column in portable.columns_of(table)]

    @given(st.lists(st.fixed_dictionaries({n: st.none() | v for n, v in VALUES.items()}), min_size=1, max_size=3))
    @settings(max_examples=60)
    def check(rows):
        connection.execute(sa.delete(table))
        connection.execute(sa.insert(table), [{"id": n, **row} for n, row in enumerate(rows)])
        first = [portable.line_of(row) for row in portable.rows_of(connection, table)]
        connection.execute(sa.delete(table))
        portable.store(connection, table, names, [json.loads(line) for line in first])
        assert [portable.line_of(row) for row in portable.rows_of(connection, table)] == first
        read = connection.execute(sa.select(table).order_by(table.c.id)).mappings()
        assert [{k: v for k, v in row.items() if k != "id"} for row in read] == rows

    check()


def test_a_document_keeps_the_order_of_its_keys(sample):
    connection, table = sample
    connection.execute(sa.insert(table), [{"id": 1, "document": {"b": 1, "a": {"d": 2, "c": 3}}}])
    (row,) = portable.rows_of(connection, table)
    assert b'{"b":1,"a":{"d":2,"c":3}}' in portable.line_of(row)


def test_a_value_of_a_kind_that_no_archive_can_hold_is_refused_by_the_name_of_its_column(crm, tmp_path):
    with crm.writer.begin() as connection:
        odd = sa.Table("odd", sa.MetaData(), sa.Column("id", sa.Integer, primary_key=True), sa.Column("x", sa.Numeric))
        odd.create(connection)
    with pytest.raises(Refused, match='The column "x" of the table "odd" has values that no archive can hold'):
        written(crm, tmp_path / "a.zip")
    assert list(tmp_path.glob("*.zip*")) == []


def test_a_backup_is_one_state_while_another_writes(crm, tmp_path):
    stopped = Event()

    def write():
        with Besace.open(crm.folder, user="alice", plugins=crm.extra) as other:
            while not stopped.is_set():
                other.write(lambda work: parts.add(work, Line, entities.create(work, "gadget", name="x").id, what="y"))

    with ThreadPoolExecutor() as pool:
        writing = pool.submit(write)
        try:
            counts = [archive.backup(crm, tmp_path / f"{n}.zip").tables for n in range(8)]
        finally:
            stopped.set()
        writing.result()
    assert all(count["gadget"] == count["line"] for count in counts)
    assert counts[-1]["gadget"] > counts[0]["gadget"]


def test_a_backup_tells_how_far_it_is(lived_in, tmp_path):
    told = []
    archive.backup(lived_in, tmp_path / "a.zip", progress=lambda done, total: told.append((done, total)))
    rows = sum(len(lines(tmp_path / "a.zip", name)) for name in checksums(lived_in))
    assert told[-1] == (rows, rows)


def test_a_backup_is_for_the_eyes_of_its_owner(crm, tmp_path):
    archive.backup(crm, tmp_path / "a.zip")
    assert (tmp_path / "a.zip").stat().st_mode & 0o077 == 0
    with zipfile.ZipFile(tmp_path / "a.zip") as file:
        assert file.testzip() is None


def test_a_backup_is_not_written_over_another_file(crm, tmp_path):
    (tmp_path / "a.zip").write_text("precious")
    with pytest.raises(Refused, match=r"a\.zip is there already. Choose another name, or .* --force"):
        archive.backup(crm, tmp_path / "a.zip")
    assert (tmp_path / "a.zip").read_text() == "precious"
    assert archive.backup(crm, tmp_path / "a.zip", force=True).rows > 0


@pytest.mark.parametrize("place", ["gone/a.zip", "file/a.zip", "folder", "x" * 300])
def test_a_place_that_cannot_be_written_gives_a_sentence_and_leaves_nothing(crm, tmp_path, place):
    (tmp_path / "file").write_text("")
    (tmp_path / "folder").mkdir()
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(Refused, match="cannot be written"):
        archive.backup(crm, tmp_path / place, force=True)
    assert sorted(tmp_path.rglob("*")) == before
