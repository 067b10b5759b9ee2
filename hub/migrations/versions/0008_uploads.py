"""Pictures a platform already has; PKCE's verifier of a sign-in under way."""

import sqlalchemy as sa
from alembic import op

from hub.db import Secret, UtcTime

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.create_table(
        "upload",
        sa.Column("shop_id", sa.String(length=32), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("remote", sa.Text(), nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.ForeignKeyConstraint(["shop_id"], ["shop.id"], name=op.f("fk_upload_shop_id")),
        sa.PrimaryKeyConstraint("shop_id", "digest", name=op.f("pk_upload")),
    )
    op.add_column("sign_in", sa.Column("verifier", Secret(), nullable=True))
