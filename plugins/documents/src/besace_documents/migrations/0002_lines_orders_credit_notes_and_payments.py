"""Lines, orders, credit notes and payments."""

from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from itertools import islice
from typing import Any

import sqlalchemy as sa
from alembic import op

from besace.evolving import new_ids
from besace.money import digits

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "payment_method",
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("labels", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("disabled", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_payment_method")),
    )
    op.create_table(
        "credit_note",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("issued_on", sa.Date(), nullable=True),
        sa.Column("number", sa.Text(), nullable=True),
        sa.Column("subject", sa.Text(), nullable=True),
        sa.Column("customer_id", sa.BigInteger(), nullable=False),
        sa.Column("issuer_id", sa.BigInteger(), nullable=True),
        sa.Column("date", sa.Date(), nullable=False),
        sa.Column("due_date", sa.Date(), nullable=True),
        sa.Column("buyer_reference", sa.Text(), nullable=True),
        sa.Column("billing_address", sa.Text(), nullable=True),
        sa.Column("delivery_address", sa.Text(), nullable=True),
        sa.Column("delivery_date", sa.Date(), nullable=True),
        sa.Column("payment_terms", sa.Text(), nullable=True),
        sa.Column("notes", sa.Text(), nullable=True),
        sa.Column("net", sa.BigInteger(), nullable=True),
        sa.Column("vat", sa.BigInteger(), nullable=True),
        sa.Column("gross", sa.BigInteger(), nullable=True),
        sa.Column("prepaid", sa.BigInteger(), nullable=True),
        sa.Column("rounding", sa.BigInteger(), nullable=True),
        sa.Column("payable", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["customer_id"], ["entity.id"], name=op.f("fk_credit_note_customer_id")),
        sa.ForeignKeyConstraint(["id"], ["entity.id"], name=op.f("fk_credit_note_id")),
        sa.ForeignKeyConstraint(["issuer_id"], ["entity.id"], name=op.f("fk_credit_note_issuer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_credit_note")),
        sa.UniqueConstraint("issuer_id", "number", name=op.f("uq_credit_note_issuer_id_number")),
    )
    with op.batch_alter_table("credit_note", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_credit_note_customer_id"), ["customer_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_credit_note_issuer_id"), ["issuer_id"], unique=False)

    op.create_table(
        "document_adjustment",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("owner_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("line", sa.BigInteger(), nullable=True),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("percent", sa.BigInteger(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("reason_code", sa.Text(), nullable=True),
        sa.Column("vat_category", sa.String(length=40), nullable=False),
        sa.Column("vat_rate", sa.BigInteger(), nullable=True),
        sa.Column("amount", sa.BigInteger(), nullable=True),
        sa.Column("base", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["owner_id"], ["entity.id"], name=op.f("fk_document_adjustment_owner_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_document_adjustment")),
    )
    with op.batch_alter_table("document_adjustment", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_document_adjustment_owner_id"), ["owner_id"], unique=False)

    op.create_table(
        "document_line",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("owner_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.Text(), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("unit_price", sa.BigInteger(), nullable=False),
        sa.Column("base_quantity", sa.BigInteger(), nullable=False),
        sa.Column("discount", sa.BigInteger(), nullable=True),
        sa.Column("vat_category", sa.String(length=40), nullable=False),
        sa.Column("vat_rate", sa.BigInteger(), nullable=True),
        sa.Column("exemption_reason", sa.Text(), nullable=True),
        sa.Column("product_id", sa.BigInteger(), nullable=True),
        sa.Column("net", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["owner_id"], ["entity.id"], name=op.f("fk_document_line_owner_id")),
        sa.ForeignKeyConstraint(["product_id"], ["entity.id"], name=op.f("fk_document_line_product_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_document_line")),
    )
    with op.batch_alter_table("document_line", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_document_line_owner_id"), ["owner_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_document_line_product_id"), ["product_id"], unique=False)

    op.create_table(
        "document_seal",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("owner_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("fixed", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("before", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["owner_id"], ["entity.id"], name=op.f("fk_document_seal_owner_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_document_seal")),
    )
    with op.batch_alter_table("document_seal", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_document_seal_owner_id"), ["owner_id"], unique=False)

    op.create_table(
        "payment",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("owner_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("method_key", sa.String(length=80), nullable=True),
        sa.ForeignKeyConstraint(["method_key"], ["payment_method.key"], name=op.f("fk_payment_method_key")),
        sa.ForeignKeyConstraint(["owner_id"], ["entity.id"], name=op.f("fk_payment_owner_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment")),
    )
    with op.batch_alter_table("payment", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_payment_owner_id"), ["owner_id"], unique=False)

    op.create_table(
        "sales_order",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("due_date", sa.Date(), nullable=True),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("confirmed_on", sa.Date(), nullable=True),
        sa.Column("cancelled_on", sa.Date(), nullable=True),
        sa.Column("number", sa.Text(), nullable=True),
        sa.Column("subject", sa.Text(), nullable=True),
        sa.Column("customer_id", sa.BigInteger(), nullable=False),
        sa.Column("issuer_id", sa.BigInteger(), nullable=True),
        sa.Column("date", sa.Date(), nullable=False),
        sa.Column("buyer_reference", sa.Text(), nullable=True),
        sa.Column("billing_address", sa.Text(), nullable=True),
        sa.Column("delivery_address", sa.Text(), nullable=True),
        sa.Column("delivery_date", sa.Date(), nullable=True),
        sa.Column("payment_terms", sa.Text(), nullable=True),
        sa.Column("notes", sa.Text(), nullable=True),
        sa.Column("net", sa.BigInteger(), nullable=True),
        sa.Column("vat", sa.BigInteger(), nullable=True),
        sa.Column("gross", sa.BigInteger(), nullable=True),
        sa.Column("prepaid", sa.BigInteger(), nullable=True),
        sa.Column("rounding", sa.BigInteger(), nullable=True),
        sa.Column("payable", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["customer_id"], ["entity.id"], name=op.f("fk_sales_order_customer_id")),
        sa.ForeignKeyConstraint(["id"], ["entity.id"], name=op.f("fk_sales_order_id")),
        sa.ForeignKeyConstraint(["issuer_id"], ["entity.id"], name=op.f("fk_sales_order_issuer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sales_order")),
    )
    with op.batch_alter_table("sales_order", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_sales_order_customer_id"), ["customer_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_sales_order_issuer_id"), ["issuer_id"], unique=False)

    with op.batch_alter_table("document_series", schema=None) as batch_op:
        batch_op.add_column(sa.Column("last_seal", sa.Text(), nullable=True))

    with op.batch_alter_table("invoice", schema=None) as batch_op:
        batch_op.add_column(sa.Column("buyer_reference", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("billing_address", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("delivery_address", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("delivery_date", sa.Date(), nullable=True))
        batch_op.add_column(sa.Column("payment_terms", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("notes", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("prepaid", sa.BigInteger(), nullable=True))
        batch_op.add_column(sa.Column("rounding", sa.BigInteger(), nullable=True))
        batch_op.add_column(sa.Column("payable", sa.BigInteger(), nullable=True))
        batch_op.add_column(sa.Column("paid", sa.BigInteger(), nullable=True))
        batch_op.add_column(sa.Column("credited", sa.BigInteger(), nullable=True))
        batch_op.add_column(sa.Column("due", sa.BigInteger(), nullable=True))
        batch_op.add_column(sa.Column("paid_net", sa.BigInteger(), nullable=True))

    with op.batch_alter_table("quote", schema=None) as batch_op:
        batch_op.add_column(sa.Column("buyer_reference", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("billing_address", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("delivery_address", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("delivery_date", sa.Date(), nullable=True))
        batch_op.add_column(sa.Column("payment_terms", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("notes", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("prepaid", sa.BigInteger(), nullable=True))
        batch_op.add_column(sa.Column("rounding", sa.BigInteger(), nullable=True))
        batch_op.add_column(sa.Column("payable", sa.BigInteger(), nullable=True))

    for table in ("quote", "invoice"):
        _move_amounts(table)
    _move_payments()


_BATCH = 1000

_USUAL = [Decimal(rate) for rate in ("20", "10", "5.5", "2.1", "0", "19", "21", "7")]
"""Rates that a VAT is likely to come from, the likeliest first."""


def _move_amounts(name: str) -> None:
    """Let the typed net amount of each document be one line of free text, whose VAT is the typed one.

    What is issued keeps its amounts to the cent, also where no single rate gives its VAT.
    """
    bind = op.get_bind()
    document, entity, line = _table(name), _table("entity"), _table("document_line")
    bind.execute(
        sa.update(document).where(document.c.net.is_(None), document.c.state == "draft").values(vat=None, gross=None)
    )
    bind.execute(sa.update(document).values(payable=document.c.gross))
    rows = iter(
        bind.execute(
            sa.select(document, entity.c.label, entity.c.currency)
            .join(entity, entity.c.id == document.c.id)
            .where(document.c.net.is_not(None))
            .order_by(document.c.id)
        ).all()
    )
    while batch := list(islice(rows, _BATCH)):
        lines = [_line(row, line_id) for row, line_id in zip(batch, new_ids(len(batch)), strict=True)]
        bind.execute(sa.insert(line), lines)
        drafts = [
            {"key": row.id, "new_vat": vat, "new_gross": row.net + vat}
            for row, made in zip(batch, lines, strict=True)
            if row.state == "draft" and (vat := _vat(row.net, made["vat_rate"])) is not None
        ]
        if drafts:
            gross = sa.bindparam("new_gross")
            bind.execute(
                sa.update(document)
                .where(document.c.id == sa.bindparam("key"))
                .values(vat=sa.bindparam("new_vat"), gross=gross, payable=gross),
                drafts,
            )


def _line(row: Any, line_id: int) -> dict[str, Any]:
    rate = _rate(row.net, row.vat or 0)
    return {
        "id": line_id,
        "owner_id": row.id,
        "name": (row.subject or row.label)[:200],
        "quantity": 10_000,  # 1, with four decimals
        "base_quantity": 10_000,
        "unit": "C62",
        "unit_price": row.net * 10 ** (6 - digits(row.currency)),
        "vat_category": "S" if rate else "Z",
        "vat_rate": rate,
        "net": row.net,
    }


def _rate(net: int, vat: int) -> int:
    """The rate, in ten-thousandths of a percent, that gives this VAT, or comes nearest to it."""
    for usual in _USUAL:
        if _vat(net, int(usual * 10_000)) == vat:
            return int(usual * 10_000)
    return min(round(Fraction(vat * 1_000_000, net)), 1_000_000) if net else 0


def _vat(net: int, rate: int) -> int:
    """net x rate / 100, half up; the rate in ten-thousandths of a percent."""
    return (2 * net * rate + 1_000_000) // 2_000_000


def _move_payments() -> None:
    """Let each invoice say what is paid and due, and each paid one have the payment that made it so."""
    bind = op.get_bind()
    invoice, payment = _table("invoice"), _table("payment")
    is_paid, is_issued = invoice.c.state == "paid", invoice.c.state == "issued"
    bind.execute(
        sa.update(invoice)
        .where(sa.or_(is_paid, is_issued), invoice.c.gross.is_not(None))
        .values(
            paid=sa.case((is_paid, invoice.c.gross), else_=0),
            credited=0,
            due=sa.case((is_paid, 0), else_=invoice.c.gross),
            paid_net=sa.case((is_paid, invoice.c.net), else_=0),
        )
    )
    paid = bind.execute(
        sa.select(invoice.c.id, invoice.c.paid_on, invoice.c.issued_on, invoice.c.gross)
        .where(is_paid, invoice.c.gross.is_not(None))
        .order_by(invoice.c.id)
    )
    rows: Iterator[Any] = iter(paid.all())
    while batch := list(islice(rows, _BATCH)):
        made = [
            {"id": part_id, "owner_id": row.id, "on": row.paid_on or row.issued_on, "amount": row.gross}
            for row, part_id in zip(batch, new_ids(len(batch)), strict=True)
        ]
        bind.execute(sa.insert(payment), made)


def _table(name: str) -> sa.Table:
    return sa.Table(name, sa.MetaData(), autoload_with=op.get_bind(), resolve_fks=False)


def downgrade() -> None:
    invoice = _table("invoice")
    later = invoice.c.state.in_(["partly_paid", "cancelled"])
    op.get_bind().execute(sa.update(invoice).where(later).values(state="issued"))
    with op.batch_alter_table("quote", schema=None) as batch_op:
        batch_op.drop_column("payable")
        batch_op.drop_column("rounding")
        batch_op.drop_column("prepaid")
        batch_op.drop_column("notes")
        batch_op.drop_column("payment_terms")
        batch_op.drop_column("delivery_date")
        batch_op.drop_column("delivery_address")
        batch_op.drop_column("billing_address")
        batch_op.drop_column("buyer_reference")

    with op.batch_alter_table("invoice", schema=None) as batch_op:
        batch_op.drop_column("paid_net")
        batch_op.drop_column("due")
        batch_op.drop_column("credited")
        batch_op.drop_column("paid")
        batch_op.drop_column("payable")
        batch_op.drop_column("rounding")
        batch_op.drop_column("prepaid")
        batch_op.drop_column("notes")
        batch_op.drop_column("payment_terms")
        batch_op.drop_column("delivery_date")
        batch_op.drop_column("delivery_address")
        batch_op.drop_column("billing_address")
        batch_op.drop_column("buyer_reference")

    with op.batch_alter_table("document_series", schema=None) as batch_op:
        batch_op.drop_column("last_seal")

    with op.batch_alter_table("sales_order", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_sales_order_issuer_id"))
        batch_op.drop_index(batch_op.f("ix_sales_order_customer_id"))

    op.drop_table("sales_order")
    with op.batch_alter_table("payment", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_payment_owner_id"))

    op.drop_table("payment")
    with op.batch_alter_table("document_seal", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_document_seal_owner_id"))

    op.drop_table("document_seal")
    with op.batch_alter_table("document_line", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_document_line_product_id"))
        batch_op.drop_index(batch_op.f("ix_document_line_owner_id"))

    op.drop_table("document_line")
    with op.batch_alter_table("document_adjustment", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_document_adjustment_owner_id"))

    op.drop_table("document_adjustment")
    with op.batch_alter_table("credit_note", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_credit_note_issuer_id"))
        batch_op.drop_index(batch_op.f("ix_credit_note_customer_id"))

    op.drop_table("credit_note")
    op.drop_table("payment_method")
