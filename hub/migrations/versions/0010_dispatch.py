"""Orders on their way out: what the hub did, what a person must do."""

import sqlalchemy as sa
from alembic import op

from hub.db import Json, UtcTime

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    op.create_table(
        "dispatch",
        sa.Column("shop_id", sa.String(length=32), nullable=False),
        sa.Column("remote_id", sa.String(length=60), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("ship_by", UtcTime(), nullable=True),
        sa.Column("parcel", sa.String(length=80), server_default="", nullable=False),
        sa.Column("tracking", sa.String(length=80), server_default="", nullable=False),
        sa.Column("carrier", sa.String(length=80), server_default="", nullable=False),
        sa.Column("problem", sa.Text(), server_default="", nullable=False),
        sa.Column("facts", Json(), server_default="{}", nullable=False),
        sa.Column("who", sa.String(length=64), server_default="", nullable=False),
        sa.Column("changed_at", UtcTime(), nullable=False),
        sa.ForeignKeyConstraint(["shop_id"], ["shop.id"], name=op.f("fk_dispatch_shop_id")),
        sa.PrimaryKeyConstraint("shop_id", "remote_id", name=op.f("pk_dispatch")),
    )
