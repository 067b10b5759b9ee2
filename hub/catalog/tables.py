"""Tables of the catalogue."""

import sqlalchemy as sa

from hub.db import Json, UtcTime, metadata

producer = sa.Table(
    "producer",
    metadata,
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("code", sa.String(40), nullable=False, server_default="", index=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("folded", sa.Text, nullable=False, index=True),
    sa.Column("kind", sa.String(10), nullable=False),
    sa.Column("province_code", sa.String(2), nullable=False, server_default=""),
    sa.Column("commune_code", sa.String(5), nullable=False, server_default=""),
    sa.Column("commune", sa.Text, nullable=False, server_default=""),
    sa.Column("legacy_district", sa.Text, nullable=False, server_default=""),
    sa.Column("address", sa.Text, nullable=False, server_default=""),
    sa.Column("phone", sa.String(20), nullable=False, server_default=""),
    sa.Column("email", sa.Text, nullable=False, server_default=""),
    sa.Column("legal_rep", sa.Text, nullable=False, server_default=""),
    sa.Column("founded", sa.Integer),
    sa.Column("circular_chain", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("modern_channels", Json, nullable=False, server_default="[]"),
    sa.Column("active", sa.Boolean, nullable=False, server_default=sa.true()),
)

product = sa.Table(
    "product",
    metadata,
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("producer_id", sa.ForeignKey("producer.id"), nullable=False, index=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("folded", sa.Text, nullable=False),
    sa.Column("set_no", sa.Integer),
    sa.Column("code", sa.String(40), nullable=False, server_default="", index=True),
    sa.Column("story", sa.Text, nullable=False, server_default=""),
    sa.Column("commune_code", sa.String(5), nullable=False, server_default=""),
    sa.Column("commune", sa.Text, nullable=False, server_default=""),
    sa.Column("legacy_district", sa.Text, nullable=False, server_default=""),
    sa.Column("quality_certs", Json, nullable=False, server_default="[]"),
    sa.Column("ip_rights", Json, nullable=False, server_default="[]"),
    sa.Column("growing_area", sa.Text, nullable=False, server_default=""),
    sa.Column("trace_url", sa.Text, nullable=False, server_default=""),
    sa.Column("food_declaration", sa.Text, nullable=False, server_default=""),
    sa.Column("ad_confirmation", sa.Text, nullable=False, server_default=""),
    sa.Column("storage", sa.Text, nullable=False, server_default=""),
    sa.Column("ingredients", sa.Text, nullable=False, server_default=""),
    sa.Column("shelf_life_months", sa.Integer),
    sa.Column("honours", Json, nullable=False, server_default="[]"),
    sa.Column("consolidated", sa.Text, nullable=False, server_default=""),
    sa.Column("note", sa.Text, nullable=False, server_default=""),
    sa.Column("active", sa.Boolean, nullable=False, server_default=sa.true()),
    sa.Column("reviewed_at", UtcTime),
    sa.Column("version", sa.String(32), nullable=False, server_default=""),
    sa.Column("name_key", sa.Text, nullable=False),  # keeps accents: two products may fold alike
    sa.UniqueConstraint("producer_id", "name_key"),
)

variant = sa.Table(
    "variant",
    metadata,
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("product_id", sa.ForeignKey("product.id"), nullable=False, index=True),
    sa.Column("sku", sa.String(60), nullable=False, unique=True),
    sa.Column("label", sa.Text, nullable=False, server_default=""),
    sa.Column("gtin", sa.String(14), nullable=False, server_default="", index=True),
    sa.Column("net_quantity", sa.String(20), nullable=False, server_default=""),
    sa.Column("unit", sa.String(20), nullable=False, server_default=""),
    sa.Column("pack", sa.Text, nullable=False, server_default=""),
    sa.Column("price", sa.BigInteger),
    sa.Column("price_min", sa.BigInteger),
    sa.Column("price_max", sa.BigInteger),
    sa.Column("price_per", sa.Text, nullable=False, server_default=""),
    sa.Column("weight_g", sa.Integer),
    sa.Column("abv_pct", sa.Float),
    sa.Column("active", sa.Boolean, nullable=False, server_default=sa.true()),
)

part = sa.Table(
    "part",
    metadata,
    sa.Column("variant_id", sa.ForeignKey("variant.id"), primary_key=True),
    sa.Column("component_id", sa.ForeignKey("variant.id"), primary_key=True),
    sa.Column("quantity", sa.Integer, nullable=False),
)

certificate = sa.Table(
    "certificate",
    metadata,
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("product_id", sa.ForeignKey("product.id"), nullable=False, index=True),
    sa.Column("stars", sa.Integer, nullable=False),
    sa.Column("decision_no", sa.Text, nullable=False),
    sa.Column("decision_date", sa.Date, nullable=False),
    sa.Column("expires_on", sa.Date, nullable=False),
    sa.Column("issuer", sa.Text, nullable=False, server_default=""),
    sa.Column("certificate_no", sa.Text, nullable=False, server_default=""),
    sa.Column("regime", sa.String(10), nullable=False, server_default=""),
    sa.Column("extended_until", sa.Date),
    sa.Column("extension_doc", sa.Text, nullable=False, server_default=""),
    sa.Column("revoked_on", sa.Date),
    sa.Column("revocation_doc", sa.Text, nullable=False, server_default=""),
    sa.Column("ground", sa.String(30), nullable=False, server_default=""),
    sa.UniqueConstraint("product_id", "decision_no", "decision_date"),
)

stock = sa.Table(
    "stock",
    metadata,
    sa.Column("variant_id", sa.ForeignKey("variant.id"), primary_key=True),
    sa.Column("on_hand", sa.Integer, nullable=False, server_default="0"),
    sa.Column("reserved", sa.Integer, nullable=False, server_default="0"),
    sa.Column("buffer", sa.Integer, nullable=False, server_default="0"),
    sa.Column("max_shown", sa.Integer),
)

stock_move = sa.Table(  # the stock ledger: every move of a variant once
    "stock_move",
    metadata,
    sa.Column("ref", sa.Text, primary_key=True),  # what caused it, once: "declare:<id>", "order:<shop>:<id>:<line>"
    sa.Column("variant_id", sa.ForeignKey("variant.id"), primary_key=True),
    sa.Column("kind", sa.String(12), primary_key=True),  # declared, reserved, released, sold, returned, corrected
    sa.Column("quantity", sa.Integer, nullable=False),
    sa.Column("at", UtcTime, nullable=False),
    sa.Index("ix_stock_move_variant", "variant_id", "at"),
)

picture = sa.Table(
    "picture",
    metadata,
    sa.Column("product_id", sa.ForeignKey("product.id"), primary_key=True),
    sa.Column("digest", sa.String(64), primary_key=True),
    sa.Column("position", sa.Integer, nullable=False),
    sa.Column("mime", sa.String(40), nullable=False),
    sa.Column("source", sa.Text, nullable=False),
)

change = sa.Table(  # the catalogue's diary: what it was, what it is, who said so
    "catalog_change",
    metadata,
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("at", UtcTime, nullable=False, index=True),
    sa.Column("who", sa.Text, nullable=False),
    sa.Column("noun", sa.String(20), nullable=False),
    sa.Column("noun_id", sa.String(32), nullable=False, index=True),
    sa.Column("before", Json),
    sa.Column("after", Json),
    sa.Column("source", sa.Text, nullable=False, server_default=""),
)
