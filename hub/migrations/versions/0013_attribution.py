"""Where platforms say that orders came from."""

import sqlalchemy as sa
from alembic import op

from hub.db import UtcTime

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    op.create_table(
        "attribution",
        sa.Column("shop_id", sa.String(length=32), nullable=False),
        sa.Column("remote_id", sa.String(length=60), nullable=False),
        sa.Column("sku", sa.String(length=60), nullable=False),
        sa.Column("source", sa.String(length=12), nullable=False),
        sa.Column("live_id", sa.String(length=60), server_default="", nullable=False),
        sa.Column("commission", sa.BigInteger(), nullable=True),
        sa.Column("seen_at", UtcTime(), nullable=False),
        sa.ForeignKeyConstraint(["shop_id"], ["shop.id"], name=op.f("fk_attribution_shop_id")),
        sa.PrimaryKeyConstraint("shop_id", "remote_id", "sku", "source", name=op.f("pk_attribution")),
    )
