"""Tables of the programme: what producers and the office did for sales, beside the orders themselves."""

import sqlalchemy as sa

from hub.db import Json, UtcTime, metadata

contract = sa.Table(  # a producer's contract with a modern channel: makes a declared channel count as active
    "contract",
    metadata,
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("producer_id", sa.ForeignKey("producer.id"), nullable=False, index=True),
    sa.Column("channel_kind", sa.String(20), nullable=False),  # supermarket, convenience, agent ...
    sa.Column("partner", sa.Text, nullable=False),
    sa.Column("signed_on", sa.Date, nullable=False),
    sa.Column("ends_on", sa.Date),
    sa.Column("note", sa.Text, nullable=False, server_default=""),
)

live_session = sa.Table(  # one broadcast of selling on air, with what the platform said of it
    "live_session",
    metadata,
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("shop_id", sa.ForeignKey("shop.id"), index=True),
    sa.Column("producer_id", sa.ForeignKey("producer.id"), index=True),  # none: the office's own, for many producers
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("started_at", UtcTime, nullable=False, index=True),
    sa.Column("ended_at", UtcTime),
    sa.Column("remote_id", sa.String(60), nullable=False, server_default=""),
    sa.Column(
        "figures", Json, nullable=False, server_default="{}"
    ),  # as stated: viewers, orders, gmv ...; never computed
)
