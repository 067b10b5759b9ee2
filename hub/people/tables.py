"""Tables of the people. Links and sessions are kept as digests: whoever reads the database cannot come in with them."""

import sqlalchemy as sa

from hub.db import UtcTime, metadata


def _scope() -> tuple["sa.Column[bool]", "sa.Column[str]", "sa.Column[str]", "sa.Column[str]"]:
    """The columns of a :class:`~hub.access.Scope`."""
    return (
        sa.Column("everything", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.Column("province_code", sa.String(2), nullable=False, server_default=""),
        sa.Column("commune_code", sa.String(5), nullable=False, server_default=""),
        sa.Column("producer_id", sa.String(32), nullable=False, server_default=""),
    )


entry_link = sa.Table(  # handed out to come in; each works once
    "entry_link",
    metadata,
    sa.Column("digest", sa.String(64), primary_key=True),
    sa.Column("role", sa.String(20), nullable=False),
    *_scope(),
    sa.Column("created_at", UtcTime, nullable=False),
    sa.Column("until", UtcTime, nullable=False),
    sa.Column("used_at", UtcTime),
)

web_session = sa.Table(  # somebody who came in, until it ends or is ended
    "web_session",
    metadata,
    sa.Column("digest", sa.String(64), primary_key=True),
    sa.Column("role", sa.String(20), nullable=False),
    *_scope(),
    sa.Column("language", sa.String(5), nullable=False),
    sa.Column("created_at", UtcTime, nullable=False),
    sa.Column("until", UtcTime, nullable=False),
    sa.Column("revoked_at", UtcTime),
)
