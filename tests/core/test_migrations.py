from __future__ import annotations

import re
import shutil
import threading
from pathlib import Path

import pytest
import sqlalchemy as sa

from besace import Besace, core_plugin, enabling, entities, parts, reading, relations, relocation, schema
from besace.errors import InstallError, PluginError
from besace.testing.fixtures import on_sqlite
from besace.upgrading import upgrade_core

from .kites import kites as kites_of
from .toys import Line, toy


def tables(crm):
    with crm.reader.connect() as connection:
        return set(sa.inspect(connection).get_table_names())


def test_the_migrated_tables_of_the_core_are_those_of_its_models(make_install):
    crm = make_install()
    with crm.reader.connect() as connection:
        assert schema.differences(connection, "core", crm.registry) == []


def test_the_tables_of_a_plugin_without_migrations_are_those_of_its_models(both):
    with both.reader.connect() as connection:
        for name in ("toy", "extra"):
            assert schema.differences(connection, name, both.registry) == []


@on_sqlite
def test_the_tables_of_a_plugin_are_compared_without_looking_at_those_of_others(both, count_statements):
    with both.read() as work, count_statements(work) as seen:
        assert schema.differences(work.connection(), "extra", both.registry) == []
    asked = {name for sql in seen.sql for name in re.findall(r'table_\w*info\("(\w+)"\)', sql)}
    assert asked == {table.name for table in both.registry.tables_of("extra")}


def test_a_change_of_a_model_is_a_difference(crm):
    with crm.writer.begin() as connection:
        connection.execute(sa.text("ALTER TABLE line DROP COLUMN secret"))
    with crm.reader.connect() as connection:
        (difference,) = schema.differences(connection, "toy", crm.registry)
        assert "secret" in str(difference)


def test_the_core_goes_down_to_nothing_with_data_in_it(crm, gadget):
    one, two = gadget(), gadget()
    crm.write(lambda work: relations.link(work, one, "knows", two))
    crm.write(lambda work: parts.add(work, Line, one, what="x"))
    with schema.migrating(crm.writer) as connection:
        for table in crm.registry.tables_of("toy")[::-1]:
            connection.execute(sa.text(f"DROP TABLE {table.name}"))
        assert schema.migrate(connection, "core", core_plugin, crm.registry, to="base") is None
    assert tables(crm) == {"version_core"}


def test_every_constraint_and_index_of_the_core_has_a_name(make_install):
    crm = make_install()
    for table in crm.registry.tables_of("core"):
        assert all(c.name for c in (*table.constraints, *table.indexes) if not isinstance(c, sa.CheckConstraint))


def test_of_two_who_upgrade_the_core_the_second_goes_on_from_where_the_first_is(make_install, tmp_path, monkeypatch):
    crm = make_install()
    newer = tmp_path / "newer" / "core_plugin.py"
    shutil.copytree(Path(core_plugin.__file__).parent / "migrations", newer.parent / "migrations")
    for n in (2, 3):
        text = (
            f'import sqlalchemy as sa\nfrom alembic import op\nrevision, down_revision = "000{n}", "000{n - 1}"\n'
            f'def upgrade():\n    op.create_table("new{n}", sa.Column("id", sa.Integer, primary_key=True))\n'
            f'def downgrade():\n    op.drop_table("new{n}")\n'
        )
        (newer.parent / "migrations" / f"000{n}_new.py").write_text(text)
    monkeypatch.setattr(core_plugin, "__file__", str(newer))
    other = threading.Thread(target=upgrade_core, args=(crm,))
    with schema.migrating(crm.writer) as connection:
        enabling.next_generation(connection)
        other.start()
        other.join(0.5)  # it has seen where the core was, and waits
        revision = schema.migrate(connection, "core", core_plugin, crm.registry)
        connection.exec_driver_sql("INSERT INTO new3 VALUES (7)")
        enabling.store_plugin(crm, connection, "core", "2", revision)
    other.join(30)
    with crm.reader.connect() as connection:
        assert connection.exec_driver_sql("SELECT id FROM new3").scalar() == 7  # the second did not go back
        assert enabling.stored_plugins(connection)["core"].revision == "0003"


# ---- a plugin with migrations of its own ---------------------------------------------------------------


@pytest.fixture
def kites(tmp_path):
    """The plugin in its first version, then in its second: `kites(2)`."""

    def version(number, more="pass"):
        return kites_of(tmp_path, number, more)

    return version


@pytest.fixture
def flown(make_install, kites):
    """An install with the first version, and a kite linked to a user."""
    crm = make_install(plugins={"toy": toy, "kites": kites(1)})

    def act(work):
        relations.link(work, entities.create(work, "kite", name="Dragon"), "knows", 1)

    crm.write(act)
    return crm


def test_an_older_plugin_is_in_quarantine_until_it_is_upgraded(flown, reopen, kites):
    crm = reopen(flown, toy=toy, kites=kites(2))
    sentence = 'The tables of the plugin "kites" are of an older version: besace plugin upgrade'
    assert str(crm.host.quarantine["kites"]) == sentence
    assert crm.upgrade() == ["kites"]
    assert crm.upgrade() == []
    with crm.read() as work:
        (kite,) = reading.page(work, work.crm.registry.type("kite"), where="length is empty")
        assert [r.label for r in relations.related(work, kite.id)] == ["alice"]
    with crm.reader.connect() as connection:
        assert schema.differences(connection, "kites", crm.registry) == []


def test_a_plugin_goes_down_again_with_its_data(flown, reopen, kites):
    module = kites(2)
    crm = reopen(flown, toy=toy, kites=module)
    crm.upgrade()
    with schema.migrating(crm.writer) as connection:
        assert schema.migrate(connection, "kites", module, crm.registry, to="0001") == "0001"
        assert list(connection.execute(sa.text("SELECT * FROM kite")).mappings().one()) == ["id", "name"]
        assert schema.migrate(connection, "kites", module, crm.registry, to="base") is None
    assert "kite" not in tables(crm)


FAILING = {
    "raise ValueError('half way')": "ValueError: half way.",
    "op.execute('UPDATE entity SET owner_id = 999')": "",
    "op.execute('nonsense')": 'near "nonsense"',
}


@pytest.mark.parametrize(("more", "problem"), FAILING.items(), ids=["a bug", "a dangling reference", "bad SQL"])
def test_of_a_migration_that_fails_nothing_stays_and_the_steps_before_do(flown, reopen, kites, more, problem):
    crm = reopen(flown, toy=toy, kites=kites(3, more))
    with pytest.raises(PluginError) as failed:
        crm.upgrade()
    told = str(failed.value)
    assert told.startswith('Plugin "kites": the migration 0003 colour failed, and nothing of it stays: ')
    assert problem in told
    assert told.endswith("Mend its cause, and run again: besace plugin upgrade kites")
    assert "kites" in crm.host.quarantine
    again = reopen(flown, toy=toy, kites=kites(2))
    assert again.host.quarantine == {}
    with again.read() as work:
        assert [k.label for k in reading.page(work, work.crm.registry.type("kite"))] == ["Dragon"]
    with again.reader.connect() as connection:
        assert schema.differences(connection, "kites", again.registry) == []
    mended = reopen(flown, toy=toy, kites=kites(3))
    assert mended.upgrade() == ["kites"]


def test_each_step_of_an_upgrade_is_told_and_listed_before(flown, reopen, kites, run):
    crm = reopen(flown, toy=toy, kites=kites(3))
    steps = [{"plugin": "kites", "revision": r, "does": d} for r, d in (("0002", "length"), ("0003", "colour"))]
    assert run(crm, "plugin", "upgrade", "--dry-run", "--json").json == {"steps": steps}
    assert run(crm, "plugin", "plan", "kites", "--json").json["steps"] == steps
    done = run(crm, "plugin", "upgrade")
    assert done.stdout == "kites: 0002 length is done.\nkites: 0003 colour is done.\nUpgraded: kites.\n"
    assert run(crm, "plugin", "upgrade", "--json").json == {"upgraded": [], "steps": []}


def test_a_plugin_that_cannot_be_made_leaves_nothing(make_install, reopen, kites):
    crm = reopen(make_install(), kites=kites(3, "raise ValueError('half way')"))
    before = tables(crm)
    with pytest.raises(PluginError, match=r"ValueError: half way. .* run again: besace plugin enable kites"):
        crm.enable(["kites"])
    assert tables(crm) == before
    assert reopen(crm, kites=kites(3)).enable(["kites"]) == ["kites"]


def test_a_disabled_plugin_of_an_older_version_is_upgraded_when_it_is_enabled(flown, reopen, kites):
    flown.disable("kites")
    crm = reopen(flown, toy=toy, kites=kites(3))
    assert crm.enable(["kites"]) == ["kites"]
    with crm.read() as work:
        assert [k.colour for k in reading.page(work, work.crm.registry.type("kite"))] == ["red"]


CORE_STEP = """
from alembic import op

revision = "0999"
down_revision = "{before}"


def upgrade():
    op.execute("UPDATE install SET value = value WHERE key = 'id'")


def downgrade():
    pass
"""


@pytest.fixture
def newer_core(tmp_path, monkeypatch):
    """The core as a later version would be: with a migration more."""
    folder = tmp_path / "core" / "migrations"
    shutil.copytree(schema.folder_of(core_plugin), folder)
    before = schema.revisions(core_plugin)[-1]

    def come():
        (folder / "0999_more.py").write_text(CORE_STEP.replace("{before}", before))
        monkeypatch.setattr(core_plugin, "__file__", str(folder.parent / "core_plugin.py"))

    return come


def test_an_install_of_an_older_core_says_so_and_is_upgraded(crm, run, newer_core):
    newer_core()
    refused = run(crm, "user", "list")
    assert refused.exit_code == 1
    assert "The tables of this install are of an older version than the program." in refused.stderr
    assert "besace plugin upgrade" in refused.stderr
    step = {"plugin": "core", "revision": "0999", "does": "more"}
    assert run(crm, "plugin", "upgrade", "--dry-run", "--json").json == {"steps": [step]}
    assert run(crm, "plugin", "upgrade", "--json").json == {"upgraded": ["core"], "steps": [step]}
    assert run(crm, "user", "list", "--json").json[0]["label"] == "alice"


@pytest.mark.parametrize(("key", "value"), [("generation", "x"), ("move", "{broken"), ("move", "[]"), ("move", "{}")])
def test_an_install_whose_marks_were_spoilt_is_refused_in_a_sentence(crm, key, value):
    with crm.writer.begin() as connection:
        relocation.set_mark(connection, key, value)
    with pytest.raises(InstallError, match='The table "install" of the database has a value that cannot be: '):
        Besace.open(crm.folder, user="alice")


def test_an_install_that_is_newer_than_the_code_is_refused(crm):
    for name, revision in (("core", "0999"), ("toy", "0007")):
        with crm.writer.begin() as connection:
            connection.execute(sa.text("UPDATE plugin SET revision = :r WHERE name = :n"), {"r": revision, "n": name})
        with pytest.raises(InstallError) as refused:
            Besace.open(crm.folder, user="alice", plugins=crm.extra)
        sentence = f'This install is newer than the code: its "{name}" tables are at version {revision}.'
        assert str(refused.value).startswith(sentence)
        with crm.writer.begin() as connection:
            connection.execute(sa.text("UPDATE plugin SET revision = '0001' WHERE name = 'core'"))


def test_an_install_of_another_format_is_refused(crm):
    with crm.writer.begin() as connection:
        connection.execute(sa.text("UPDATE install SET value = '2' WHERE key = 'format'"))
    with pytest.raises(InstallError, match="This install has the format 2, and this program reads the format 1"):
        Besace.open(crm.folder, user="alice", plugins=crm.extra)


def test_a_plugin_whose_migrations_lag_behind_its_classes_is_not_enabled(make_install, reopen, kites):
    module = kites(2)
    (Path(module.__file__).parent / "migrations" / "0002_length.py").unlink()
    crm = reopen(make_install(plugins={"toy": toy}), toy=toy, kites=module)
    with pytest.raises(PluginError) as refused:
        crm.enable(["kites"])
    assert str(refused.value) == (
        'The migrations of the plugin "kites" lag behind its classes: the column kite.length is missing. '
        "Write what is missing: besace plugin make-migration kites -m TEXT"
    )
    assert "kite" not in tables(crm)


def test_a_field_whose_migration_is_not_written_yet_puts_the_plugin_in_quarantine(make_install, reopen, kites):
    crm = reopen(make_install(plugins={"toy": toy}), toy=toy, kites=kites(1))
    crm.enable(["kites"])
    module = kites(2)
    (Path(module.__file__).parent / "migrations" / "0002_length.py").unlink()
    crm = reopen(crm, toy=toy, kites=module)
    assert str(crm.host.quarantine["kites"]) == (
        'Plugin "kites" cannot run: its table "kite" has no column "length". '
        "Write its migration: besace plugin make-migration kites -m TEXT"
    )
    crm = reopen(crm, toy=toy, kites=kites(2))
    assert crm.upgrade() == ["kites"]
    assert crm.host.quarantine == {}
