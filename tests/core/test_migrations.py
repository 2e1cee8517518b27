from __future__ import annotations

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Mapped

from besace import Besace, Entity, core_plugin, entities, fields, parts, reading, relations, schema
from besace.errors import InstallError

from .toys import Line, plugin, toy


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


# ---- a plugin with migrations of its own ---------------------------------------------------------------

FIRST = """
import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade():
    op.create_table(
        "kite",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["id"], ["entity.id"], name=op.f("fk_kite_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_kite")),
    )


def downgrade():
    op.drop_table("kite")
"""

SECOND = """
import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade():
    with op.batch_alter_table("kite", recreate="always") as batch:
        batch.add_column(sa.Column("length", sa.BigInteger(), nullable=True))
    {more}


def downgrade():
    with op.batch_alter_table("kite") as batch:
        batch.drop_column("length")
"""


class OldKite(Entity, type="kite"):
    """A kite, in the first version of its plugin."""

    name: Mapped[str] = fields.text("Name", names_row=True)


class Kite(Entity, type="kite"):
    """A kite, in the second."""

    name: Mapped[str] = fields.text("Name", names_row=True)
    length: Mapped[int | None] = fields.integer("Length")


@pytest.fixture
def kites(tmp_path):
    """The plugin in its first version, then in its second: `kites(2)`."""
    folder = tmp_path / "kites" / "migrations"
    folder.mkdir(parents=True)

    def version(number, more="pass"):
        (folder / "0001_kites.py").write_text(FIRST)
        (folder / "0002_length.py").unlink(missing_ok=True)
        if number == 2:
            (folder / "0002_length.py").write_text(SECOND.replace("{more}", more))
        model = OldKite if number == 1 else Kite
        return plugin(
            register_entity_types=lambda: [model],
            __file__=str(folder.parent / "plugin.py"),
            version=str(number),
        )

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


@pytest.mark.parametrize(
    ("more", "error"),
    [
        ("raise ValueError('half way')", ValueError),
        ("op.execute('UPDATE entity SET owner_id = 999')", (InstallError, sa.exc.IntegrityError)),
    ],
)
def test_a_migration_that_fails_changes_nothing(flown, reopen, kites, more, error):
    crm = reopen(flown, toy=toy, kites=kites(2, more))
    with pytest.raises(error):
        crm.upgrade()
    assert "kites" in crm.host.quarantine
    again = reopen(flown, toy=toy, kites=kites(1))
    with again.read() as work:
        assert [k.label for k in reading.page(work, work.crm.registry.type("kite"))] == ["Dragon"]
    with again.reader.connect() as connection:
        assert schema.differences(connection, "kites", again.registry) == []


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
