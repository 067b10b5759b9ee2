"""Contracts with modern channels, live sessions."""

import sqlalchemy as sa
from alembic import op

from hub.db import Json, UtcTime

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.create_table(
        "contract",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("producer_id", sa.String(length=32), nullable=False),
        sa.Column("channel_kind", sa.String(length=20), nullable=False),
        sa.Column("partner", sa.Text(), nullable=False),
        sa.Column("signed_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(["producer_id"], ["producer.id"], name=op.f("fk_contract_producer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contract")),
    )
    op.create_index(op.f("ix_contract_producer_id"), "contract", ["producer_id"], unique=False)
    op.create_table(
        "live_session",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("shop_id", sa.String(length=32), nullable=True),
        sa.Column("producer_id", sa.String(length=32), nullable=True),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("started_at", UtcTime(), nullable=False),
        sa.Column("ended_at", UtcTime(), nullable=True),
        sa.Column("remote_id", sa.String(length=60), server_default="", nullable=False),
        sa.Column("figures", Json(), server_default="{}", nullable=False),
        sa.ForeignKeyConstraint(["producer_id"], ["producer.id"], name=op.f("fk_live_session_producer_id")),
        sa.ForeignKeyConstraint(["shop_id"], ["shop.id"], name=op.f("fk_live_session_shop_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_live_session")),
    )
    for column in ("shop_id", "producer_id", "started_at"):
        op.create_index(op.f(f"ix_live_session_{column}"), "live_session", [column], unique=False)
