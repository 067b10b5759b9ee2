"""One-time links and sessions."""

import sqlalchemy as sa
from alembic import op

from hub.db import UtcTime

revision = "0005"
down_revision = "0004"


def _scope() -> tuple["sa.Column[bool]", "sa.Column[str]", "sa.Column[str]", "sa.Column[str]"]:
    return (
        sa.Column("everything", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("province_code", sa.String(length=2), server_default="", nullable=False),
        sa.Column("commune_code", sa.String(length=5), server_default="", nullable=False),
        sa.Column("producer_id", sa.String(length=32), server_default="", nullable=False),
    )


def upgrade() -> None:
    op.create_table(
        "entry_link",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        *_scope(),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.Column("until", UtcTime(), nullable=False),
        sa.Column("used_at", UtcTime(), nullable=True),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_entry_link")),
    )
    op.create_table(
        "web_session",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        *_scope(),
        sa.Column("language", sa.String(length=5), nullable=False),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.Column("until", UtcTime(), nullable=False),
        sa.Column("revoked_at", UtcTime(), nullable=True),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_web_session")),
    )
