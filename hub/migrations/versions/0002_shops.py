"""Shops, sealed secrets, turns, pace, sign-ins."""

import sqlalchemy as sa
from alembic import op

from hub.db import Json, Secret, UtcTime

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "pace",
        sa.Column("key", sa.String(length=120), nullable=False),
        sa.Column("next_free", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_pace")),
    )
    op.create_table(
        "sign_in",
        sa.Column("state", sa.String(length=64), nullable=False),
        sa.Column("platform", sa.String(length=30), nullable=False),
        sa.Column("producer_id", sa.String(length=32), nullable=True),
        sa.Column("until", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("state", name=op.f("pk_sign_in")),
    )
    op.create_table(
        "shop",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("platform", sa.String(length=30), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("producer_id", sa.String(length=32), nullable=True),
        sa.Column("channel_kind", sa.String(length=20), nullable=False),
        sa.Column("base_url", sa.Text(), nullable=False),
        sa.Column("remote_id", sa.String(length=60), server_default="", nullable=False),
        sa.Column("values", Json(), server_default="{}", nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("problem", sa.Text(), server_default="", nullable=False),
        sa.Column("problem_facts", Json(), server_default="{}", nullable=False),
        sa.Column("province_code", sa.String(length=2), server_default="", nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.ForeignKeyConstraint(["producer_id"], ["producer.id"], name=op.f("fk_shop_producer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shop")),
        sa.UniqueConstraint("platform", "base_url", "remote_id", name=op.f("uq_shop_platform_base_url_remote_id")),
    )
    op.create_index(op.f("ix_shop_producer_id"), "shop", ["producer_id"], unique=False)
    op.create_table(
        "shop_secret",
        sa.Column("shop_id", sa.String(length=32), nullable=False),
        sa.Column("key", sa.String(length=40), nullable=False),
        sa.Column("sealed", Secret(), nullable=False),
        sa.Column("until", UtcTime(), nullable=True),
        sa.Column("changed_at", UtcTime(), nullable=False),
        sa.ForeignKeyConstraint(["shop_id"], ["shop.id"], name=op.f("fk_shop_secret_shop_id")),
        sa.PrimaryKeyConstraint("shop_id", "key", name=op.f("pk_shop_secret")),
    )
    op.create_table(
        "token_turn",
        sa.Column("shop_id", sa.String(length=32), nullable=False),
        sa.Column("owner", sa.String(length=64), nullable=False),
        sa.Column("until", UtcTime(), nullable=False),
        sa.ForeignKeyConstraint(["shop_id"], ["shop.id"], name=op.f("fk_token_turn_shop_id")),
        sa.PrimaryKeyConstraint("shop_id", name=op.f("pk_token_turn")),
    )
