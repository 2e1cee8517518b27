"""Patterns of objectives, and their steps."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "pattern",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("won_name", sa.Text(), nullable=False),
        sa.Column("counts", sa.String(length=60), nullable=True),
        sa.Column("condition", sa.Text(), nullable=True),
        sa.Column("where", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("average_deal", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("average_deal > 0", name=op.f("ck_pattern_average_above_zero")),
        sa.ForeignKeyConstraint(["id"], ["entity.id"], name=op.f("fk_pattern_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pattern")),
    )
    op.create_table(
        "pattern_step",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("owner_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("rate", sa.BigInteger(), nullable=False),
        sa.Column("counts", sa.String(length=60), nullable=True),
        sa.Column("condition", sa.Text(), nullable=True),
        sa.Column("where", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("parent", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("rate BETWEEN 1 AND 100", name=op.f("ck_pattern_step_rate_in_percent")),
        sa.ForeignKeyConstraint(["owner_id"], ["entity.id"], name=op.f("fk_pattern_step_owner_id")),
        sa.ForeignKeyConstraint(["parent"], ["pattern_step.id"], name=op.f("fk_pattern_step_parent")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pattern_step")),
    )
    with op.batch_alter_table("pattern_step", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_pattern_step_owner_id"), ["owner_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("pattern_step", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_pattern_step_owner_id"))

    op.drop_table("pattern_step")
    op.drop_table("pattern")
