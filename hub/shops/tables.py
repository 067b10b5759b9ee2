"""Tables of the shops. Secrets are ciphertext."""

import sqlalchemy as sa

from hub.db import Json, Secret, UtcTime, metadata

shop = sa.Table(
    "shop",
    metadata,
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("platform", sa.String(30), nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("producer_id", sa.ForeignKey("producer.id"), index=True),
    sa.Column("channel_kind", sa.String(20), nullable=False),
    sa.Column("base_url", sa.Text, nullable=False),
    sa.Column("remote_id", sa.String(60), nullable=False, server_default=""),
    sa.Column("values", Json, nullable=False, server_default="{}"),
    sa.Column("state", sa.String(20), nullable=False),
    sa.Column("problem", sa.Text, nullable=False, server_default=""),
    sa.Column("problem_facts", Json, nullable=False, server_default="{}"),
    sa.Column("province_code", sa.String(2), nullable=False, server_default=""),
    sa.Column("version", sa.Integer, nullable=False, server_default="1"),
    sa.Column("created_at", UtcTime, nullable=False),
    sa.UniqueConstraint("platform", "base_url", "remote_id"),
)

shop_secret = sa.Table(  # keys and tokens of a shop, sealed; only the vault opens them
    "shop_secret",
    metadata,
    sa.Column("shop_id", sa.ForeignKey("shop.id"), primary_key=True),
    sa.Column("key", sa.String(40), primary_key=True),  # consumer_secret, access, refresh, webhook ...
    sa.Column("sealed", Secret, nullable=False),
    sa.Column("until", UtcTime),
    sa.Column("changed_at", UtcTime, nullable=False),
)

token_turn = sa.Table(  # one refresher per shop across processes: who refreshes now
    "token_turn",
    metadata,
    sa.Column("shop_id", sa.ForeignKey("shop.id"), primary_key=True),
    sa.Column("owner", sa.String(64), nullable=False),
    sa.Column("until", UtcTime, nullable=False),
)

pace = sa.Table(  # GCRA state shared by all processes
    "pace",
    metadata,
    sa.Column("key", sa.String(120), primary_key=True),
    sa.Column("next_free", sa.Float, nullable=False),  # seconds since the epoch
)

sign_in = sa.Table(  # OAuth states handed out; each works once
    "sign_in",
    metadata,
    sa.Column("state", sa.String(64), primary_key=True),
    sa.Column("platform", sa.String(30), nullable=False),
    sa.Column("producer_id", sa.String(32)),
    sa.Column("until", UtcTime, nullable=False),
    sa.Column("verifier", Secret),  # PKCE's, where the platform has it
)

upload = sa.Table(  # our pictures that a shop's platform already has: each is sent once per content
    "upload",
    metadata,
    sa.Column("shop_id", sa.ForeignKey("shop.id"), primary_key=True),
    sa.Column("digest", sa.String(64), primary_key=True),
    sa.Column("remote", sa.Text, nullable=False),  # the platform's own id or address of the picture
    sa.Column("at", UtcTime, nullable=False),
)
