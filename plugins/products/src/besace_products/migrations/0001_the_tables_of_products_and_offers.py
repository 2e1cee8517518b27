"""The tables of products and offers."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "product_category",
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("parent_key", sa.String(length=80), nullable=True),
        sa.Column("labels", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("disabled", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_product_category")),
    )
    op.create_table(
        "product_unit",
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("labels", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("disabled", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_product_unit")),
    )
    op.create_table(
        "offer",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("owner_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("unit_price", sa.BigInteger(), nullable=False),
        sa.Column("discount", sa.BigInteger(), nullable=False),
        sa.Column("product_id", sa.BigInteger(), nullable=False),
        sa.Column("net", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("discount BETWEEN 0 AND 10000", name=op.f("ck_offer_discount_in_percent")),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_offer_quantity_above_zero")),
        sa.CheckConstraint("unit_price >= 0", name=op.f("ck_offer_unit_price_from_zero")),
        sa.ForeignKeyConstraint(["owner_id"], ["entity.id"], name=op.f("fk_offer_owner_id")),
        sa.ForeignKeyConstraint(["product_id"], ["entity.id"], name=op.f("fk_offer_product_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_offer")),
    )
    with op.batch_alter_table("offer", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_offer_owner_id"), ["owner_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_offer_product_id"), ["product_id"], unique=False)

    op.create_table(
        "product",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.Text(), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("unit_price", sa.BigInteger(), nullable=True),
        sa.Column("vat_rate", sa.BigInteger(), nullable=True),
        sa.Column("discount", sa.BigInteger(), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("category_key", sa.String(length=80), nullable=True),
        sa.Column("unit_key", sa.String(length=80), nullable=True),
        sa.CheckConstraint("discount BETWEEN 0 AND 10000", name=op.f("ck_product_discount_in_percent")),
        sa.CheckConstraint("vat_rate BETWEEN 0 AND 10000", name=op.f("ck_product_vat_rate_in_percent")),
        sa.ForeignKeyConstraint(["category_key"], ["product_category.key"], name=op.f("fk_product_category_key")),
        sa.ForeignKeyConstraint(["id"], ["entity.id"], name=op.f("fk_product_id")),
        sa.ForeignKeyConstraint(["unit_key"], ["product_unit.key"], name=op.f("fk_product_unit_key")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_product")),
        sa.UniqueConstraint("code", name=op.f("uq_product_code")),
    )


def downgrade() -> None:
    op.drop_table("product")
    with op.batch_alter_table("offer", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_offer_product_id"))
        batch_op.drop_index(batch_op.f("ix_offer_owner_id"))

    op.drop_table("offer")
    op.drop_table("product_unit")
    op.drop_table("product_category")
