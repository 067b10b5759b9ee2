"""Comments and chat that were heard or read, until they are blanked."""

import sqlalchemy as sa
from alembic import op

from hub.db import Json, UtcTime

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    op.create_table(
        "comment",
        sa.Column("shop_id", sa.String(length=32), nullable=False),
        sa.Column("remote_id", sa.String(length=200), nullable=False),
        sa.Column("about", sa.String(length=200), nullable=False),
        sa.Column("author", sa.String(length=120), server_default="", nullable=False),
        sa.Column("text", sa.Text(), server_default="", nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("hidden", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("removed", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("told_at", UtcTime(), nullable=False),
        sa.Column("heard_at", UtcTime(), nullable=False),
        sa.Column("blanked_at", UtcTime(), nullable=True),
        sa.Column("answer", sa.String(length=8), server_default="", nullable=False),
        sa.Column("answered_at", UtcTime(), nullable=True),
        sa.Column("problem", sa.Text(), server_default="", nullable=False),
        sa.Column("facts", Json(), server_default="{}", nullable=False),
        sa.ForeignKeyConstraint(["shop_id"], ["shop.id"], name=op.f("fk_comment_shop_id")),
        sa.PrimaryKeyConstraint("shop_id", "remote_id", name=op.f("pk_comment")),
    )
    op.create_index("ix_comment_about", "comment", ["shop_id", "about", "at"], unique=False)
    op.create_index(
        "ix_comment_open", "comment", ["heard_at"], unique=False, sqlite_where=sa.text("blanked_at IS NULL"),
        postgresql_where=sa.text("blanked_at IS NULL"),
    )  # fmt: skip
