"""The market segment of an organisation."""

import sqlalchemy as sa
from alembic import op

from besace.schema import drop_unused_list

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "segment",
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("labels", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("disabled", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_segment")),
        if_not_exists=True,  # a plain list, which another plugin may have made
    )
    with op.batch_alter_table("organisation", schema=None) as batch_op:
        batch_op.add_column(sa.Column("segment_key", sa.String(length=80), nullable=True))
        batch_op.create_foreign_key(batch_op.f("fk_organisation_segment_key"), "segment", ["segment_key"], ["key"])


def downgrade() -> None:
    with op.batch_alter_table("organisation", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_organisation_segment_key"), type_="foreignkey")
        batch_op.drop_column("segment_key")

    drop_unused_list(op.get_bind(), "segment")
