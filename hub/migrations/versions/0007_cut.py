"""Words for one platform edited by a person; feeds and who fetched them."""

import sqlalchemy as sa
from alembic import op

from hub.db import UtcTime

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.create_table(
        "cut",
        sa.Column("product_id", sa.String(length=32), nullable=False),
        sa.Column("platform", sa.String(length=30), nullable=False),
        sa.Column("title", sa.Text(), server_default="", nullable=False),
        sa.Column("description", sa.Text(), server_default="", nullable=False),
        sa.Column("edited_at", UtcTime(), nullable=False),
        sa.Column("edited_by", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["product_id"], ["product.id"], name=op.f("fk_cut_product_id")),
        sa.PrimaryKeyConstraint("product_id", "platform", name=op.f("pk_cut")),
    )
    op.create_table(
        "feed",
        sa.Column("shop_id", sa.String(length=32), nullable=False),
        sa.Column("token_digest", sa.String(length=64), nullable=False),
        sa.Column("content", sa.String(length=64), server_default="", nullable=False),
        sa.Column("items", sa.Integer(), server_default="0", nullable=False),
        sa.Column("changed_at", UtcTime(), nullable=True),
        sa.Column("fetched_at", UtcTime(), nullable=True),
        sa.Column("fetched_by", sa.Text(), server_default="", nullable=False),
        sa.Column("fetched_status", sa.Integer(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(["shop_id"], ["shop.id"], name=op.f("fk_feed_shop_id")),
        sa.PrimaryKeyConstraint("shop_id", name=op.f("pk_feed")),
        sa.UniqueConstraint("token_digest", name=op.f("uq_feed_token_digest")),
    )
