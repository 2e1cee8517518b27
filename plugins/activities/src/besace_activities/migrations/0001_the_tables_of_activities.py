"""The tables of activities and of their kinds."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "activity_kind",
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("timing", sa.String(length=40), nullable=False),
        sa.Column("labels", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("disabled", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_activity_kind")),
    )
    op.create_table(
        "activity",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("start", sa.DateTime(), nullable=True),
        sa.Column("end", sa.DateTime(), nullable=True),
        sa.Column("all_day", sa.Boolean(), nullable=False),
        sa.Column("due_date", sa.Date(), nullable=True),
        sa.Column("place", sa.Text(), nullable=True),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("done_on", sa.Date(), nullable=True),
        sa.Column("result", sa.Text(), nullable=True),
        sa.Column("notes", sa.Text(), nullable=True),
        sa.Column("kind_key", sa.String(length=80), nullable=False),
        sa.CheckConstraint("(state = 'done') = (done_on IS NOT NULL)", name=op.f("ck_activity_done_on_a_day")),
        sa.CheckConstraint('"end" >= start', name=op.f("ck_activity_ends_after_start")),
        sa.ForeignKeyConstraint(["id"], ["entity.id"], name=op.f("fk_activity_id")),
        sa.ForeignKeyConstraint(["kind_key"], ["activity_kind.key"], name=op.f("fk_activity_kind_key")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_activity")),
    )
    with op.batch_alter_table("activity", schema=None) as batch_op:
        batch_op.create_index("ix_activity_day", ["day"], unique=False)
        batch_op.create_index("ix_activity_end", ["end"], unique=False)
        batch_op.create_index("ix_activity_state", ["state", "day"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("activity", schema=None) as batch_op:
        batch_op.drop_index("ix_activity_state")
        batch_op.drop_index("ix_activity_end")
        batch_op.drop_index("ix_activity_day")

    op.drop_table("activity")
    op.drop_table("activity_kind")
