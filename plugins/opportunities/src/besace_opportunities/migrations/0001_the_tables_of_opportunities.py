"""The tables of opportunities."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "contact_role",
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("labels", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("disabled", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_contact_role")),
    )
    op.create_table(
        "loss_reason",
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("labels", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("disabled", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_loss_reason")),
    )
    op.create_table(
        "origin",
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("labels", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("disabled", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_origin")),
    )
    op.create_table(
        "sales_phase",
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("outcome", sa.String(length=40), nullable=False),
        sa.Column("probability", sa.BigInteger(), nullable=True),
        sa.Column("labels", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("disabled", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_sales_phase")),
    )
    op.create_table(
        "opportunity",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("start_date", sa.Date(), nullable=False),
        sa.Column("expected_close_date", sa.Date(), nullable=True),
        sa.Column("close_date", sa.Date(), nullable=True),
        sa.Column("probability", sa.BigInteger(), nullable=True),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("corrections", sa.BigInteger(), nullable=True),
        sa.Column("correction_reason", sa.Text(), nullable=True),
        sa.Column("target_id", sa.BigInteger(), nullable=False),
        sa.Column("phase_key", sa.String(length=80), nullable=False),
        sa.Column("expected_revenue", sa.BigInteger(), nullable=True),
        sa.Column("final_revenue", sa.BigInteger(), nullable=True),
        sa.Column("loss_reason_key", sa.String(length=80), nullable=True),
        sa.Column("origin_key", sa.String(length=80), nullable=True),
        sa.ForeignKeyConstraint(["id"], ["entity.id"], name=op.f("fk_opportunity_id")),
        sa.ForeignKeyConstraint(["loss_reason_key"], ["loss_reason.key"], name=op.f("fk_opportunity_loss_reason_key")),
        sa.ForeignKeyConstraint(["origin_key"], ["origin.key"], name=op.f("fk_opportunity_origin_key")),
        sa.ForeignKeyConstraint(["phase_key"], ["sales_phase.key"], name=op.f("fk_opportunity_phase_key")),
        sa.ForeignKeyConstraint(["target_id"], ["entity.id"], name=op.f("fk_opportunity_target_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_opportunity")),
    )
    with op.batch_alter_table("opportunity", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_opportunity_target_id"), ["target_id"], unique=False)

    op.create_table(
        "phase_change",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("owner_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at", sa.Date(), nullable=False),
        sa.Column("probability", sa.BigInteger(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("from_phase_key", sa.String(length=80), nullable=True),
        sa.Column("to_phase_key", sa.String(length=80), nullable=False),
        sa.Column("by_id", sa.BigInteger(), nullable=True),
        sa.Column("amount", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["by_id"], ["entity.id"], name=op.f("fk_phase_change_by_id")),
        sa.ForeignKeyConstraint(["from_phase_key"], ["sales_phase.key"], name=op.f("fk_phase_change_from_phase_key")),
        sa.ForeignKeyConstraint(["owner_id"], ["entity.id"], name=op.f("fk_phase_change_owner_id")),
        sa.ForeignKeyConstraint(["to_phase_key"], ["sales_phase.key"], name=op.f("fk_phase_change_to_phase_key")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_phase_change")),
    )
    with op.batch_alter_table("phase_change", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_phase_change_by_id"), ["by_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_phase_change_owner_id"), ["owner_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("phase_change", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_phase_change_owner_id"))
        batch_op.drop_index(batch_op.f("ix_phase_change_by_id"))

    op.drop_table("phase_change")
    with op.batch_alter_table("opportunity", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_opportunity_target_id"))

    op.drop_table("opportunity")
    op.drop_table("sales_phase")
    op.drop_table("origin")
    op.drop_table("loss_reason")
    op.drop_table("contact_role")
