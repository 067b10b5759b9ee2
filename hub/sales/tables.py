"""Tables of the sales. Orders are keyed by (shop, platform's order id); the ledger by (shop, order, line, event)."""

import sqlalchemy as sa

from hub.db import Json, UtcTime, metadata

_money = sa.BigInteger

order = sa.Table(
    "sale",
    metadata,
    sa.Column("shop_id", sa.ForeignKey("shop.id"), primary_key=True),
    sa.Column("remote_id", sa.String(60), primary_key=True),
    sa.Column("number", sa.String(60), nullable=False, server_default=""),
    sa.Column("state", sa.String(20), nullable=False),
    sa.Column("native_state", sa.String(40), nullable=False, server_default=""),
    sa.Column("placed_at", UtcTime, nullable=False),
    sa.Column("updated_at", UtcTime, nullable=False),  # the platform's; "only if newer"
    sa.Column("seen_at", UtcTime, nullable=False),
    sa.Column("paid_at", UtcTime),
    sa.Column("shipped_at", UtcTime),
    sa.Column("delivered_at", UtcTime),
    sa.Column("cancelled_at", UtcTime),
    sa.Column("cod", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("seller_id", sa.String(32), index=True),
    sa.Column("seller_voucher", _money, nullable=False, server_default="0"),
    sa.Column("platform_voucher", _money, nullable=False, server_default="0"),
    sa.Column("shipping_paid", _money, nullable=False, server_default="0"),
    sa.Column("province", sa.Text, nullable=False, server_default=""),
    sa.Column("source", sa.String(10), nullable=False, server_default="measured"),
    sa.Column("test", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("content", sa.String(32), nullable=False, server_default=""),  # digest: unchanged means no work
    sa.Index("ix_sale_placed", "placed_at", "shop_id"),
)

line = sa.Table(
    "sale_line",
    metadata,
    sa.Column("shop_id", sa.String(32), primary_key=True),
    sa.Column("remote_id", sa.String(60), primary_key=True),
    sa.Column("line_id", sa.String(60), primary_key=True),
    sa.Column("sku", sa.String(60), nullable=False, server_default=""),
    sa.Column("variant_id", sa.String(32), index=True),
    sa.Column("product_id", sa.String(32), index=True),
    sa.Column("producer_id", sa.String(32)),
    sa.Column("stars", sa.Integer),
    sa.Column("title", sa.Text, nullable=False, server_default=""),
    sa.Column("quantity", sa.Integer, nullable=False),
    sa.Column("cancelled", sa.Integer, nullable=False, server_default="0"),
    sa.Column("unit_price", _money, nullable=False),
    sa.Column("charged", _money, nullable=False),
    sa.Column("voucher", _money, nullable=False, server_default="0"),
    sa.Column("live", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("listing_id", sa.String(60)),  # the platform's ids, kept so that a later binding can name the goods
    sa.Column("option_id", sa.String(60)),
    sa.Column("parts", Json),  # of a set, as it was: [[variant, product, producer, stars, quantity, list price], ...]
    sa.ForeignKeyConstraint(["shop_id", "remote_id"], ["sale.shop_id", "sale.remote_id"]),
)

sale_event = sa.Table(  # history: every state and money change once
    "sale_event",
    metadata,
    sa.Column("shop_id", sa.String(32), primary_key=True),
    sa.Column("remote_id", sa.String(60), primary_key=True),
    sa.Column("event", sa.String(80), primary_key=True),  # "state:shipped", "refund:<id>", "cancel:<line>:<units>"
    sa.Column("at", UtcTime, nullable=False),
    sa.Column("seen_at", UtcTime, nullable=False),
    sa.Column("facts", Json),
    sa.ForeignKeyConstraint(["shop_id", "remote_id"], ["sale.shop_id", "sale.remote_id"]),
)

refund = sa.Table(
    "refund",
    metadata,
    sa.Column("shop_id", sa.String(32), primary_key=True),
    sa.Column("remote_id", sa.String(60), primary_key=True),
    sa.Column("refund_id", sa.String(60), primary_key=True),
    sa.Column("at", UtcTime, nullable=False),
    sa.Column("amount", _money, nullable=False),
    sa.Column("units", Json, nullable=False, server_default="[]"),
    sa.ForeignKeyConstraint(["shop_id", "remote_id"], ["sale.shop_id", "sale.remote_id"]),
)

ledger = sa.Table(  # what one event of one order line added to the measures of one local day
    "ledger",
    metadata,
    sa.Column("shop_id", sa.String(32), primary_key=True),
    sa.Column("remote_id", sa.String(60), primary_key=True),
    sa.Column("line_id", sa.String(60), primary_key=True),
    sa.Column("event", sa.String(80), primary_key=True),
    sa.Column("part", sa.String(32), primary_key=True),  # component variant of a set; '' for plain goods
    sa.Column("day", sa.Date, nullable=False),
    sa.Column("product_id", sa.String(32)),
    sa.Column("producer_id", sa.String(32)),
    sa.Column("stars", sa.Integer),
    sa.Column("gmv_placed", _money, nullable=False),
    sa.Column("gmv", _money, nullable=False),
    sa.Column("gross", _money, nullable=False),
    sa.Column("voucher", _money, nullable=False),
    sa.Column("refund", _money, nullable=False),
    sa.Column("units", sa.Integer, nullable=False),
    sa.Index("ix_ledger_day", "day", "shop_id"),
)

rollup = sa.Table(  # kept in the ingest transaction; '' stands for "no product", 0 for "no stars"
    "rollup_day",
    metadata,
    sa.Column("day", sa.Date, primary_key=True),
    sa.Column("shop_id", sa.String(32), primary_key=True),
    sa.Column("product_id", sa.String(32), primary_key=True),
    sa.Column("stars", sa.Integer, primary_key=True),
    sa.Column("gmv_placed", _money, nullable=False),
    sa.Column("gmv", _money, nullable=False),
    sa.Column("gross", _money, nullable=False),
    sa.Column("voucher", _money, nullable=False),
    sa.Column("refund", _money, nullable=False),
    sa.Column("units", sa.Integer, nullable=False),
)

rollup_orders = sa.Table(  # distinct orders cannot be summed over products: counted per day and shop
    "rollup_orders",
    metadata,
    sa.Column("day", sa.Date, primary_key=True),
    sa.Column("shop_id", sa.String(32), primary_key=True),
    sa.Column("cut", sa.String(4), primary_key=True),  # ocop: at least one line with a certificate then; all
    sa.Column("placed", sa.Integer, nullable=False),
    sa.Column("delivered", sa.Integer, nullable=False),
)

settlement = sa.Table(  # what a platform paid out for one order, as its statement says
    "settlement",
    metadata,
    sa.Column("shop_id", sa.ForeignKey("shop.id"), primary_key=True),
    sa.Column("statement_id", sa.String(80), primary_key=True),
    sa.Column("remote_id", sa.String(60), nullable=False, index=True),  # order; may not be known to us (unmatched)
    sa.Column("settled_at", UtcTime, nullable=False, index=True),
    sa.Column("amount", _money, nullable=False),
    sa.Column("fees", Json, nullable=False),  # [[kind, amount, label]]
)

declaration = sa.Table(  # a producer's own statement of offline or unconnected sales
    "declaration",
    metadata,
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("producer_id", sa.ForeignKey("producer.id"), nullable=False, index=True),
    sa.Column("channel_kind", sa.String(20), nullable=False),  # direct, fair, agent, supermarket ...
    sa.Column("first_day", sa.Date, nullable=False),
    sa.Column("last_day", sa.Date, nullable=False),
    sa.Column("product_id", sa.String(32)),
    sa.Column("certified", sa.Boolean, nullable=False, server_default=sa.true()),
    sa.Column("revenue", _money, nullable=False),
    sa.Column("orders", sa.Integer),
    sa.Column("quantity", sa.String(20), nullable=False, server_default=""),  # decimal text in ``unit``
    sa.Column("unit", sa.String(20), nullable=False, server_default=""),
    sa.Column("declared_at", UtcTime, nullable=False),
    sa.Column("source", sa.String(10), nullable=False, server_default="declared"),
    sa.Column("note", sa.Text, nullable=False, server_default=""),
)
