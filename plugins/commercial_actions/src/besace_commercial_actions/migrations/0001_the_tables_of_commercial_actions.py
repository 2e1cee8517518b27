"""The tables of commercial actions."""

import sqlalchemy as sa
from alembic import op

from besace.schema import drop_unused_list

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "action_type",
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("labels", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("disabled", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_action_type")),
    )
    op.create_table(
        "segment",
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("labels", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("disabled", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_segment")),
        if_not_exists=True,  # a plain list, which another plugin may have made
    )
    op.create_table(
        "commercial_action",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("goal", sa.Text(), nullable=True),
        sa.Column("start_date", sa.Date(), nullable=False),
        sa.Column("end_date", sa.Date(), nullable=False),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("action_type_key", sa.String(length=80), nullable=True),
        sa.Column("segment_key", sa.String(length=80), nullable=True),
        sa.Column("expected_revenue", sa.BigInteger(), nullable=True),
        sa.Column("planned_cost", sa.BigInteger(), nullable=True),
        sa.Column("actual_cost", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("end_date >= start_date", name=op.f("ck_commercial_action_ends_after_start")),
        sa.ForeignKeyConstraint(
            ["action_type_key"], ["action_type.key"], name=op.f("fk_commercial_action_action_type_key")
        ),
        sa.ForeignKeyConstraint(["id"], ["entity.id"], name=op.f("fk_commercial_action_id")),
        sa.ForeignKeyConstraint(["segment_key"], ["segment.key"], name=op.f("fk_commercial_action_segment_key")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_commercial_action")),
    )
    op.create_table(
        "objective",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("owner_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("target", sa.BigInteger(), nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=True),
        sa.Column("counts", sa.String(length=60), nullable=True),
        sa.Column("condition", sa.Text(), nullable=True),
        sa.Column("where", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("sum", sa.Text(), nullable=True),
        sa.Column("counter", sa.Text(), nullable=True),
        sa.Column("is_amount", sa.Boolean(), nullable=False),
        sa.CheckConstraint("counts IS NULL OR counter IS NULL", name=op.f("ck_objective_one_way_to_count")),
        sa.CheckConstraint("target > 0", name=op.f("ck_objective_target_above_zero")),
        sa.CheckConstraint("value >= 0", name=op.f("ck_objective_value_from_zero")),
        sa.ForeignKeyConstraint(["owner_id"], ["entity.id"], name=op.f("fk_objective_owner_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_objective")),
    )
    with op.batch_alter_table("objective", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_objective_owner_id"), ["owner_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("objective", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_objective_owner_id"))

    op.drop_table("objective")
    op.drop_table("commercial_action")
    drop_unused_list(op.get_bind(), "segment")
    op.drop_table("action_type")
