"""Orders, lines, ledger, rollups, settlements, declarations."""

import sqlalchemy as sa
from alembic import op

from hub.db import Json, UtcTime

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.create_table(
        "ledger",
        sa.Column("shop_id", sa.String(length=32), nullable=False),
        sa.Column("remote_id", sa.String(length=60), nullable=False),
        sa.Column("line_id", sa.String(length=60), nullable=False),
        sa.Column("event", sa.String(length=80), nullable=False),
        sa.Column("part", sa.String(length=32), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("product_id", sa.String(length=32), nullable=True),
        sa.Column("producer_id", sa.String(length=32), nullable=True),
        sa.Column("stars", sa.Integer(), nullable=True),
        sa.Column("gmv_placed", sa.BigInteger(), nullable=False),
        sa.Column("gmv", sa.BigInteger(), nullable=False),
        sa.Column("gross", sa.BigInteger(), nullable=False),
        sa.Column("voucher", sa.BigInteger(), nullable=False),
        sa.Column("refund", sa.BigInteger(), nullable=False),
        sa.Column("units", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("shop_id", "remote_id", "line_id", "event", "part", name=op.f("pk_ledger")),
    )
    op.create_index("ix_ledger_day", "ledger", ["day", "shop_id"], unique=False)
    op.create_table(
        "rollup_day",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("shop_id", sa.String(length=32), nullable=False),
        sa.Column("product_id", sa.String(length=32), nullable=False),
        sa.Column("stars", sa.Integer(), nullable=False),
        sa.Column("gmv_placed", sa.BigInteger(), nullable=False),
        sa.Column("gmv", sa.BigInteger(), nullable=False),
        sa.Column("gross", sa.BigInteger(), nullable=False),
        sa.Column("voucher", sa.BigInteger(), nullable=False),
        sa.Column("refund", sa.BigInteger(), nullable=False),
        sa.Column("units", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("day", "shop_id", "product_id", "stars", name=op.f("pk_rollup_day")),
    )
    op.create_table(
        "rollup_orders",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("shop_id", sa.String(length=32), nullable=False),
        sa.Column("cut", sa.String(length=4), nullable=False),
        sa.Column("placed", sa.Integer(), nullable=False),
        sa.Column("delivered", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("day", "shop_id", "cut", name=op.f("pk_rollup_orders")),
    )
    op.create_table(
        "declaration",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("producer_id", sa.String(length=32), nullable=False),
        sa.Column("channel_kind", sa.String(length=20), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("product_id", sa.String(length=32), nullable=True),
        sa.Column("certified", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column("revenue", sa.BigInteger(), nullable=False),
        sa.Column("orders", sa.Integer(), nullable=True),
        sa.Column("quantity", sa.String(length=20), server_default="", nullable=False),
        sa.Column("unit", sa.String(length=20), server_default="", nullable=False),
        sa.Column("declared_at", UtcTime(), nullable=False),
        sa.Column("source", sa.String(length=10), server_default="declared", nullable=False),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(["producer_id"], ["producer.id"], name=op.f("fk_declaration_producer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_declaration")),
    )
    op.create_index(op.f("ix_declaration_producer_id"), "declaration", ["producer_id"], unique=False)
    op.create_table(
        "sale",
        sa.Column("shop_id", sa.String(length=32), nullable=False),
        sa.Column("remote_id", sa.String(length=60), nullable=False),
        sa.Column("number", sa.String(length=60), server_default="", nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("native_state", sa.String(length=40), server_default="", nullable=False),
        sa.Column("placed_at", UtcTime(), nullable=False),
        sa.Column("updated_at", UtcTime(), nullable=False),
        sa.Column("seen_at", UtcTime(), nullable=False),
        sa.Column("paid_at", UtcTime(), nullable=True),
        sa.Column("shipped_at", UtcTime(), nullable=True),
        sa.Column("delivered_at", UtcTime(), nullable=True),
        sa.Column("cancelled_at", UtcTime(), nullable=True),
        sa.Column("cod", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("seller_id", sa.String(length=32), nullable=True),
        sa.Column("seller_voucher", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("platform_voucher", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("shipping_paid", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("province", sa.Text(), server_default="", nullable=False),
        sa.Column("source", sa.String(length=10), server_default="measured", nullable=False),
        sa.Column("test", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("content", sa.String(length=32), server_default="", nullable=False),
        sa.ForeignKeyConstraint(["shop_id"], ["shop.id"], name=op.f("fk_sale_shop_id")),
        sa.PrimaryKeyConstraint("shop_id", "remote_id", name=op.f("pk_sale")),
    )
    op.create_index("ix_sale_placed", "sale", ["placed_at", "shop_id"], unique=False)
    op.create_index(op.f("ix_sale_seller_id"), "sale", ["seller_id"], unique=False)
    op.create_table(
        "settlement",
        sa.Column("shop_id", sa.String(length=32), nullable=False),
        sa.Column("statement_id", sa.String(length=80), nullable=False),
        sa.Column("remote_id", sa.String(length=60), nullable=False),
        sa.Column("settled_at", UtcTime(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("fees", Json(), nullable=False),
        sa.ForeignKeyConstraint(["shop_id"], ["shop.id"], name=op.f("fk_settlement_shop_id")),
        sa.PrimaryKeyConstraint("shop_id", "statement_id", name=op.f("pk_settlement")),
    )
    op.create_index(op.f("ix_settlement_remote_id"), "settlement", ["remote_id"], unique=False)
    op.create_index(op.f("ix_settlement_settled_at"), "settlement", ["settled_at"], unique=False)
    op.create_table(
        "refund",
        sa.Column("shop_id", sa.String(length=32), nullable=False),
        sa.Column("remote_id", sa.String(length=60), nullable=False),
        sa.Column("refund_id", sa.String(length=60), nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("units", Json(), server_default="[]", nullable=False),
        sa.ForeignKeyConstraint(
            ["shop_id", "remote_id"], ["sale.shop_id", "sale.remote_id"], name=op.f("fk_refund_shop_id_remote_id")
        ),
        sa.PrimaryKeyConstraint("shop_id", "remote_id", "refund_id", name=op.f("pk_refund")),
    )
    op.create_table(
        "sale_event",
        sa.Column("shop_id", sa.String(length=32), nullable=False),
        sa.Column("remote_id", sa.String(length=60), nullable=False),
        sa.Column("event", sa.String(length=80), nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.Column("seen_at", UtcTime(), nullable=False),
        sa.Column("facts", Json(), nullable=True),
        sa.ForeignKeyConstraint(
            ["shop_id", "remote_id"], ["sale.shop_id", "sale.remote_id"], name=op.f("fk_sale_event_shop_id_remote_id")
        ),
        sa.PrimaryKeyConstraint("shop_id", "remote_id", "event", name=op.f("pk_sale_event")),
    )
    op.create_table(
        "sale_line",
        sa.Column("shop_id", sa.String(length=32), nullable=False),
        sa.Column("remote_id", sa.String(length=60), nullable=False),
        sa.Column("line_id", sa.String(length=60), nullable=False),
        sa.Column("sku", sa.String(length=60), server_default="", nullable=False),
        sa.Column("variant_id", sa.String(length=32), nullable=True),
        sa.Column("product_id", sa.String(length=32), nullable=True),
        sa.Column("producer_id", sa.String(length=32), nullable=True),
        sa.Column("stars", sa.Integer(), nullable=True),
        sa.Column("title", sa.Text(), server_default="", nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("cancelled", sa.Integer(), server_default="0", nullable=False),
        sa.Column("unit_price", sa.BigInteger(), nullable=False),
        sa.Column("charged", sa.BigInteger(), nullable=False),
        sa.Column("voucher", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("live", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("listing_id", sa.String(length=60), nullable=True),
        sa.Column("option_id", sa.String(length=60), nullable=True),
        sa.Column("parts", Json(), nullable=True),
        sa.ForeignKeyConstraint(
            ["shop_id", "remote_id"], ["sale.shop_id", "sale.remote_id"], name=op.f("fk_sale_line_shop_id_remote_id")
        ),
        sa.PrimaryKeyConstraint("shop_id", "remote_id", "line_id", name=op.f("pk_sale_line")),
    )
    op.create_index(op.f("ix_sale_line_product_id"), "sale_line", ["product_id"], unique=False)
    op.create_index(op.f("ix_sale_line_variant_id"), "sale_line", ["variant_id"], unique=False)
