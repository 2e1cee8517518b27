"""A plugin of the tests with migrations of its own, in as many versions as it has migrations."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sqlalchemy.orm import Mapped

from besace import Entity, fields

from .toys import plugin

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

THIRD = """
import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade():
    with op.batch_alter_table("kite") as batch:
        batch.add_column(sa.Column("colour", sa.Text(), nullable=True))
    op.execute("UPDATE kite SET length = 7, colour = 'red'")
    {more}


def downgrade():
    with op.batch_alter_table("kite") as batch:
        batch.drop_column("colour")
"""

FILES = {"0001_kites.py": FIRST, "0002_length.py": SECOND, "0003_colour.py": THIRD}


class FirstKite(Entity, type="kite"):
    """A kite, in the first version of its plugin."""

    name: Mapped[str] = fields.text("Name", names_row=True)


class SecondKite(Entity, type="kite"):
    """A kite, in the second."""

    name: Mapped[str] = fields.text("Name", names_row=True)
    length: Mapped[int | None] = fields.integer("Length")


class ThirdKite(Entity, type="kite"):
    """A kite, in the third."""

    name: Mapped[str] = fields.text("Name", names_row=True)
    length: Mapped[int | None] = fields.integer("Length")
    colour: Mapped[str | None] = fields.text("Colour")


def kites(folder: Path, version: int, more: str = "pass") -> Any:
    """The plugin in a version, in a folder of its own; `more` is done at the end of its newest migration."""
    migrations = folder / "kites" / "migrations"
    migrations.mkdir(parents=True, exist_ok=True)
    for number, (name, text) in enumerate(FILES.items(), 1):
        (migrations / name).unlink(missing_ok=True)
        if number <= version:
            (migrations / name).write_text(text.replace("{more}", more if number == version else "pass"))
    model = (FirstKite, SecondKite, ThirdKite)[version - 1]
    return plugin(
        register_entity_types=lambda: [model], __file__=str(migrations.parent / "plugin.py"), version=str(version)
    )
