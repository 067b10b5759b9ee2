"""Bindings, leases, schedules, cursors, runs, hints, quarantine."""

import sqlalchemy as sa
from alembic import op

from hub.db import Json, UtcTime

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.create_table(
        "listing_event",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("shop_id", sa.String(length=32), nullable=False),
        sa.Column("product_id", sa.String(length=32), nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.Column("run_id", sa.String(length=32), nullable=True),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("before", Json(), nullable=True),
        sa.Column("after", Json(), nullable=True),
        sa.Column("answer", Json(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_listing_event")),
    )
    op.create_index("ix_listing_event_listing", "listing_event", ["shop_id", "product_id", "at"], unique=False)
    op.create_table(
        "run",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("shop_id", sa.String(length=32), nullable=True),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("lane", sa.String(length=5), nullable=False),
        sa.Column("started_at", UtcTime(), nullable=False),
        sa.Column("ended_at", UtcTime(), nullable=True),
        sa.Column("result", sa.String(length=12), nullable=False),
        sa.Column("done", sa.Integer(), server_default="0", nullable=False),
        sa.Column("total", sa.Integer(), server_default="0", nullable=False),
        sa.Column("calls", sa.Integer(), server_default="0", nullable=False),
        sa.Column("problems", Json(), server_default="[]", nullable=False),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_run")),
    )
    op.create_index(op.f("ix_run_shop_id"), "run", ["shop_id"], unique=False)
    op.create_index(op.f("ix_run_started_at"), "run", ["started_at"], unique=False)
    running = sa.text("result = 'running'")
    op.create_index("ix_run_open", "run", ["shop_id", "lane"], sqlite_where=running, postgresql_where=running)
    op.create_table(
        "binding",
        sa.Column("shop_id", sa.String(length=32), nullable=False),
        sa.Column("product_id", sa.String(length=32), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("remote_id", sa.String(length=60), nullable=True),
        sa.Column("variants", Json(), server_default="[]", nullable=False),
        sa.Column("picture_ids", Json(), server_default="[]", nullable=False),
        sa.Column("url", sa.Text(), server_default="", nullable=False),
        sa.Column("content_key", sa.String(length=200), server_default="", nullable=False),
        sa.Column("price_key", sa.Text(), server_default="", nullable=False),
        sa.Column("stock_key", sa.Text(), server_default="", nullable=False),
        sa.Column("visible", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column("claims", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("shown", Json(), nullable=True),
        sa.Column("problems", Json(), server_default="[]", nullable=False),
        sa.Column("confirmed_at", UtcTime(), nullable=True),
        sa.Column("try_after", UtcTime(), nullable=True),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("changed_at", UtcTime(), nullable=False),
        sa.ForeignKeyConstraint(["product_id"], ["product.id"], name=op.f("fk_binding_product_id")),
        sa.ForeignKeyConstraint(["shop_id"], ["shop.id"], name=op.f("fk_binding_shop_id")),
        sa.PrimaryKeyConstraint("shop_id", "product_id", name=op.f("pk_binding")),
    )
    op.create_index("ix_binding_remote", "binding", ["shop_id", "remote_id"], unique=False)
    op.create_table(
        "cursor",
        sa.Column("shop_id", sa.String(length=32), nullable=False),
        sa.Column("walk", sa.String(length=20), nullable=False),
        sa.Column("position", UtcTime(), nullable=True),
        sa.Column("window_start", UtcTime(), nullable=True),
        sa.Column("window_end", UtcTime(), nullable=True),
        sa.Column("page", sa.Text(), nullable=True),
        sa.Column("empties", sa.Integer(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(["shop_id"], ["shop.id"], name=op.f("fk_cursor_shop_id")),
        sa.PrimaryKeyConstraint("shop_id", "walk", name=op.f("pk_cursor")),
    )
    op.create_table(
        "due",
        sa.Column("shop_id", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("cron", sa.String(length=60), nullable=False),
        sa.Column("paused", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("retry_at", UtcTime(), nullable=True),
        sa.Column("requested_at", UtcTime(), nullable=True),
        sa.Column("last_ok_at", UtcTime(), nullable=True),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(["shop_id"], ["shop.id"], name=op.f("fk_due_shop_id")),
        sa.PrimaryKeyConstraint("shop_id", "kind", name=op.f("pk_due")),
    )
    op.create_table(
        "hint",
        sa.Column("shop_id", sa.String(length=32), nullable=False),
        sa.Column("event_id", sa.String(length=120), nullable=False),
        sa.Column("kind", sa.String(length=15), nullable=False),
        sa.Column("object_id", sa.String(length=60), nullable=False),
        sa.Column("heard_at", UtcTime(), nullable=False),
        sa.Column("done_at", UtcTime(), nullable=True),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(["shop_id"], ["shop.id"], name=op.f("fk_hint_shop_id")),
        sa.PrimaryKeyConstraint("shop_id", "event_id", name=op.f("pk_hint")),
    )
    still = sa.text("done_at IS NULL")
    op.create_index("ix_hint_open", "hint", ["shop_id", "object_id"], sqlite_where=still, postgresql_where=still)
    op.create_index("ix_hint_heard", "hint", ["shop_id", "heard_at"])
    op.create_table(
        "lease",
        sa.Column("shop_id", sa.String(length=32), nullable=False),
        sa.Column("lane", sa.String(length=5), nullable=False),
        sa.Column("owner", sa.String(length=64), server_default="", nullable=False),
        sa.Column("until", UtcTime(), nullable=False),
        sa.ForeignKeyConstraint(["shop_id"], ["shop.id"], name=op.f("fk_lease_shop_id")),
        sa.PrimaryKeyConstraint("shop_id", "lane", name=op.f("pk_lease")),
    )
    op.create_table(
        "quarantine",
        sa.Column("shop_id", sa.String(length=32), nullable=False),
        sa.Column("noun", sa.String(length=10), nullable=False),
        sa.Column("remote_id", sa.String(length=60), nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("sample", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="1", nullable=False),
        sa.Column("solved_at", UtcTime(), nullable=True),
        sa.ForeignKeyConstraint(["shop_id"], ["shop.id"], name=op.f("fk_quarantine_shop_id")),
        sa.PrimaryKeyConstraint("shop_id", "noun", "remote_id", name=op.f("pk_quarantine")),
    )
    op.create_table(
        "stock_due",
        sa.Column("shop_id", sa.String(length=32), nullable=False),
        sa.Column("product_id", sa.String(length=32), nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.Column("own", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.ForeignKeyConstraint(["product_id"], ["product.id"], name=op.f("fk_stock_due_product_id")),
        sa.ForeignKeyConstraint(["shop_id"], ["shop.id"], name=op.f("fk_stock_due_shop_id")),
        sa.PrimaryKeyConstraint("shop_id", "product_id", name=op.f("pk_stock_due")),
    )
