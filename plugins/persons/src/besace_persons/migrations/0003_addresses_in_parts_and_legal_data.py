"""Addresses in parts and legal data."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    with op.batch_alter_table("contact", schema=None) as batch_op:
        batch_op.add_column(sa.Column("address", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("postal_code", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("city", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("country", sa.Text(), nullable=True))

    with op.batch_alter_table("organisation", schema=None) as batch_op:
        batch_op.add_column(sa.Column("postal_code", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("city", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("country", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("legal_form", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("registration", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("iban", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("bic", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("capital", sa.BigInteger(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("organisation", schema=None) as batch_op:
        batch_op.drop_column("capital")
        batch_op.drop_column("bic")
        batch_op.drop_column("iban")
        batch_op.drop_column("registration")
        batch_op.drop_column("legal_form")
        batch_op.drop_column("country")
        batch_op.drop_column("city")
        batch_op.drop_column("postal_code")

    with op.batch_alter_table("contact", schema=None) as batch_op:
        batch_op.drop_column("country")
        batch_op.drop_column("city")
        batch_op.drop_column("postal_code")
        batch_op.drop_column("address")
