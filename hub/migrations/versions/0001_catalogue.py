"""Producers, products, variants, certificates, stock, pictures."""

import sqlalchemy as sa
from alembic import op

from hub.db import Json, UtcTime

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "catalog_change",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("noun", sa.String(length=20), nullable=False),
        sa.Column("noun_id", sa.String(length=32), nullable=False),
        sa.Column("before", Json(), nullable=True),
        sa.Column("after", Json(), nullable=True),
        sa.Column("source", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_catalog_change")),
    )
    op.create_index(op.f("ix_catalog_change_at"), "catalog_change", ["at"], unique=False)
    op.create_index(op.f("ix_catalog_change_noun_id"), "catalog_change", ["noun_id"], unique=False)
    op.create_table(
        "producer",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("code", sa.String(length=40), server_default="", nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("folded", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("province_code", sa.String(length=2), server_default="", nullable=False),
        sa.Column("commune_code", sa.String(length=5), server_default="", nullable=False),
        sa.Column("commune", sa.Text(), server_default="", nullable=False),
        sa.Column("legacy_district", sa.Text(), server_default="", nullable=False),
        sa.Column("address", sa.Text(), server_default="", nullable=False),
        sa.Column("phone", sa.String(length=20), server_default="", nullable=False),
        sa.Column("email", sa.Text(), server_default="", nullable=False),
        sa.Column("legal_rep", sa.Text(), server_default="", nullable=False),
        sa.Column("founded", sa.Integer(), nullable=True),
        sa.Column("circular_chain", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("modern_channels", Json(), server_default="[]", nullable=False),
        sa.Column("active", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_producer")),
    )
    op.create_index(op.f("ix_producer_code"), "producer", ["code"], unique=False)
    op.create_index(op.f("ix_producer_folded"), "producer", ["folded"], unique=False)
    op.create_table(
        "product",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("producer_id", sa.String(length=32), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("folded", sa.Text(), nullable=False),
        sa.Column("set_no", sa.Integer(), nullable=True),
        sa.Column("code", sa.String(length=40), server_default="", nullable=False),
        sa.Column("story", sa.Text(), server_default="", nullable=False),
        sa.Column("commune_code", sa.String(length=5), server_default="", nullable=False),
        sa.Column("commune", sa.Text(), server_default="", nullable=False),
        sa.Column("legacy_district", sa.Text(), server_default="", nullable=False),
        sa.Column("quality_certs", Json(), server_default="[]", nullable=False),
        sa.Column("ip_rights", Json(), server_default="[]", nullable=False),
        sa.Column("growing_area", sa.Text(), server_default="", nullable=False),
        sa.Column("trace_url", sa.Text(), server_default="", nullable=False),
        sa.Column("food_declaration", sa.Text(), server_default="", nullable=False),
        sa.Column("ad_confirmation", sa.Text(), server_default="", nullable=False),
        sa.Column("storage", sa.Text(), server_default="", nullable=False),
        sa.Column("ingredients", sa.Text(), server_default="", nullable=False),
        sa.Column("shelf_life_months", sa.Integer(), nullable=True),
        sa.Column("honours", Json(), server_default="[]", nullable=False),
        sa.Column("consolidated", sa.Text(), server_default="", nullable=False),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.Column("active", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column("reviewed_at", UtcTime(), nullable=True),
        sa.Column("version", sa.String(length=32), server_default="", nullable=False),
        sa.Column("name_key", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["producer_id"], ["producer.id"], name=op.f("fk_product_producer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_product")),
        sa.UniqueConstraint("producer_id", "name_key", name=op.f("uq_product_producer_id_name_key")),
    )
    op.create_index(op.f("ix_product_code"), "product", ["code"], unique=False)
    op.create_index(op.f("ix_product_producer_id"), "product", ["producer_id"], unique=False)
    op.create_table(
        "certificate",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("product_id", sa.String(length=32), nullable=False),
        sa.Column("stars", sa.Integer(), nullable=False),
        sa.Column("decision_no", sa.Text(), nullable=False),
        sa.Column("decision_date", sa.Date(), nullable=False),
        sa.Column("expires_on", sa.Date(), nullable=False),
        sa.Column("issuer", sa.Text(), server_default="", nullable=False),
        sa.Column("certificate_no", sa.Text(), server_default="", nullable=False),
        sa.Column("regime", sa.String(length=10), server_default="", nullable=False),
        sa.Column("extended_until", sa.Date(), nullable=True),
        sa.Column("extension_doc", sa.Text(), server_default="", nullable=False),
        sa.Column("revoked_on", sa.Date(), nullable=True),
        sa.Column("revocation_doc", sa.Text(), server_default="", nullable=False),
        sa.Column("ground", sa.String(length=30), server_default="", nullable=False),
        sa.ForeignKeyConstraint(["product_id"], ["product.id"], name=op.f("fk_certificate_product_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_certificate")),
        sa.UniqueConstraint(
            "product_id",
            "decision_no",
            "decision_date",
            name=op.f("uq_certificate_product_id_decision_no_decision_date"),
        ),
    )
    op.create_index(op.f("ix_certificate_product_id"), "certificate", ["product_id"], unique=False)
    op.create_table(
        "picture",
        sa.Column("product_id", sa.String(length=32), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("mime", sa.String(length=40), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["product_id"], ["product.id"], name=op.f("fk_picture_product_id")),
        sa.PrimaryKeyConstraint("product_id", "digest", name=op.f("pk_picture")),
    )
    op.create_table(
        "variant",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("product_id", sa.String(length=32), nullable=False),
        sa.Column("sku", sa.String(length=60), nullable=False),
        sa.Column("label", sa.Text(), server_default="", nullable=False),
        sa.Column("gtin", sa.String(length=14), server_default="", nullable=False),
        sa.Column("net_quantity", sa.String(length=20), server_default="", nullable=False),
        sa.Column("unit", sa.String(length=20), server_default="", nullable=False),
        sa.Column("pack", sa.Text(), server_default="", nullable=False),
        sa.Column("price", sa.BigInteger(), nullable=True),
        sa.Column("price_min", sa.BigInteger(), nullable=True),
        sa.Column("price_max", sa.BigInteger(), nullable=True),
        sa.Column("price_per", sa.Text(), server_default="", nullable=False),
        sa.Column("weight_g", sa.Integer(), nullable=True),
        sa.Column("abv_pct", sa.Float(), nullable=True),
        sa.Column("active", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.ForeignKeyConstraint(["product_id"], ["product.id"], name=op.f("fk_variant_product_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_variant")),
        sa.UniqueConstraint("sku", name=op.f("uq_variant_sku")),
    )
    op.create_index(op.f("ix_variant_gtin"), "variant", ["gtin"], unique=False)
    op.create_index(op.f("ix_variant_product_id"), "variant", ["product_id"], unique=False)
    op.create_table(
        "part",
        sa.Column("variant_id", sa.String(length=32), nullable=False),
        sa.Column("component_id", sa.String(length=32), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["component_id"], ["variant.id"], name=op.f("fk_part_component_id")),
        sa.ForeignKeyConstraint(["variant_id"], ["variant.id"], name=op.f("fk_part_variant_id")),
        sa.PrimaryKeyConstraint("variant_id", "component_id", name=op.f("pk_part")),
    )
    op.create_table(
        "stock",
        sa.Column("variant_id", sa.String(length=32), nullable=False),
        sa.Column("on_hand", sa.Integer(), server_default="0", nullable=False),
        sa.Column("reserved", sa.Integer(), server_default="0", nullable=False),
        sa.Column("buffer", sa.Integer(), server_default="0", nullable=False),
        sa.Column("max_shown", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["variant_id"], ["variant.id"], name=op.f("fk_stock_variant_id")),
        sa.PrimaryKeyConstraint("variant_id", name=op.f("pk_stock")),
    )
    op.create_table(
        "stock_move",
        sa.Column("ref", sa.Text(), nullable=False),
        sa.Column("variant_id", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.ForeignKeyConstraint(["variant_id"], ["variant.id"], name=op.f("fk_stock_move_variant_id")),
        sa.PrimaryKeyConstraint("ref", "variant_id", "kind", name=op.f("pk_stock_move")),
    )
    op.create_index("ix_stock_move_variant", "stock_move", ["variant_id", "at"], unique=False)
