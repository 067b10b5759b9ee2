"""Posts on pages: planned, sent, read back, and taken down when a claim falls away."""

import sqlalchemy as sa
from alembic import op

from hub.db import Json, UtcTime

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    op.create_table(
        "post",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("shop_id", sa.String(length=32), nullable=False),
        sa.Column("campaign", sa.Text(), server_default="", nullable=False),
        sa.Column("template", sa.String(length=40), nullable=False),
        sa.Column("words", sa.Text(), server_default="", nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("link", sa.Text(), server_default="", nullable=False),
        sa.Column("pictures", Json(), server_default="[]", nullable=False),
        sa.Column("claims", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("down", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("remote_id", sa.String(length=120), server_default="", nullable=False),
        sa.Column("url", sa.Text(), server_default="", nullable=False),
        sa.Column("answer", Json(), nullable=True),
        sa.Column("problems", Json(), server_default="[]", nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("made_by", sa.String(length=64), server_default="", nullable=False),
        sa.Column("changed_at", UtcTime(), nullable=False),
        sa.Column("next_at", UtcTime(), nullable=True),
        sa.ForeignKeyConstraint(["shop_id"], ["shop.id"], name=op.f("fk_post_shop_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_post")),
    )
    op.create_index(op.f("ix_post_next_at"), "post", ["next_at"], unique=False)
    op.create_index("ix_post_shop", "post", ["shop_id", "at"], unique=False)
    op.create_table(
        "post_product",
        sa.Column("post_id", sa.String(length=32), nullable=False),
        sa.Column("product_id", sa.String(length=32), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["post_id"], ["post.id"], name=op.f("fk_post_product_post_id")),
        sa.ForeignKeyConstraint(["product_id"], ["product.id"], name=op.f("fk_post_product_product_id")),
        sa.PrimaryKeyConstraint("post_id", "product_id", name=op.f("pk_post_product")),
    )
    op.create_index(op.f("ix_post_product_product_id"), "post_product", ["product_id"], unique=False)
