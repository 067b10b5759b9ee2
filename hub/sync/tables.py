"""Tables of the synchronisation."""

import sqlalchemy as sa

from hub.db import Json, UtcTime, metadata

binding = sa.Table(
    "binding",
    metadata,
    sa.Column("shop_id", sa.ForeignKey("shop.id"), primary_key=True),
    sa.Column("product_id", sa.ForeignKey("product.id"), primary_key=True),
    sa.Column("state", sa.String(12), nullable=False),
    sa.Column("remote_id", sa.String(60)),
    sa.Column("variants", Json, nullable=False, server_default="[]"),
    sa.Column("picture_ids", Json, nullable=False, server_default="[]"),
    sa.Column("url", sa.Text, nullable=False, server_default=""),
    sa.Column("content_key", sa.String(200), nullable=False, server_default=""),
    sa.Column("price_key", sa.Text, nullable=False, server_default=""),
    sa.Column("stock_key", sa.Text, nullable=False, server_default=""),
    sa.Column("visible", sa.Boolean, nullable=False, server_default=sa.true()),
    sa.Column("claims", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("shown", Json),
    sa.Column("problems", Json, nullable=False, server_default="[]"),
    sa.Column("confirmed_at", UtcTime),
    sa.Column("try_after", UtcTime),
    sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
    sa.Column("changed_at", UtcTime, nullable=False),
    sa.Index("ix_binding_remote", "shop_id", "remote_id"),
)

listing_event = sa.Table(  # what was done to which listing, when, by whom, and what the channel answered
    "listing_event",
    metadata,
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("shop_id", sa.String(32), nullable=False),
    sa.Column("product_id", sa.String(32), nullable=False),
    sa.Column("at", UtcTime, nullable=False),
    sa.Column("run_id", sa.String(32)),
    sa.Column(
        "kind", sa.String(20), nullable=False
    ),  # create, update, price, stock, withdraw, takedown, readback, drift
    sa.Column("before", Json),
    sa.Column("after", Json),
    sa.Column("answer", Json),
    sa.Index("ix_listing_event_listing", "shop_id", "product_id", "at"),
)

cut = sa.Table(  # a product's own words for one platform, edited by a person; "" leaves that part to the rule
    "cut",
    metadata,
    sa.Column("product_id", sa.ForeignKey("product.id"), primary_key=True),
    sa.Column("platform", sa.String(30), primary_key=True),
    sa.Column("title", sa.Text, nullable=False, server_default=""),
    sa.Column("description", sa.Text, nullable=False, server_default=""),
    sa.Column("edited_at", UtcTime, nullable=False),
    sa.Column("edited_by", sa.String(64), nullable=False),
)

feed = sa.Table(  # a shop's feed: its secret address by digest, what it last said, who last fetched it
    "feed",
    metadata,
    sa.Column("shop_id", sa.ForeignKey("shop.id"), primary_key=True),
    sa.Column("token_digest", sa.String(64), nullable=False, unique=True),  # SHA-256; the token itself is sealed
    sa.Column("content", sa.String(64), nullable=False, server_default=""),  # SHA-256 of what is served
    sa.Column("items", sa.Integer, nullable=False, server_default="0"),
    sa.Column("changed_at", UtcTime),  # since when it says so: Last-Modified
    sa.Column("fetched_at", UtcTime),
    sa.Column("fetched_by", sa.Text, nullable=False, server_default=""),  # the puller's own name of itself
    sa.Column("fetched_status", sa.Integer, nullable=False, server_default="0"),
)

lease = sa.Table(  # one worker per shop and lane: stock and orders never wait for bulk publishing
    "lease",
    metadata,
    sa.Column("shop_id", sa.ForeignKey("shop.id"), primary_key=True),
    sa.Column("lane", sa.String(5), primary_key=True),
    sa.Column("owner", sa.String(64), nullable=False, server_default=""),
    sa.Column("until", UtcTime, nullable=False),
)

due = sa.Table(  # when each kind of job of each shop runs next, and how it stands
    "due",
    metadata,
    sa.Column("shop_id", sa.ForeignKey("shop.id"), primary_key=True),
    sa.Column("kind", sa.String(12), primary_key=True),
    sa.Column("cron", sa.String(60), nullable=False),
    sa.Column("paused", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("retry_at", UtcTime),  # a failed run asks to come back then
    sa.Column("requested_at", UtcTime),  # a person or a hint asked for it
    sa.Column("last_ok_at", UtcTime),
    sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
)

stock_due = sa.Table(  # listings whose shown stock must follow a sale; found again by the next plan if lost
    "stock_due",
    metadata,
    sa.Column("shop_id", sa.ForeignKey("shop.id"), primary_key=True),
    sa.Column("product_id", sa.ForeignKey("product.id"), primary_key=True),
    sa.Column("at", UtcTime, nullable=False),
    sa.Column("own", sa.Boolean, nullable=False, server_default=sa.false()),  # sold there: the platform counted too
)

cursor = sa.Table(  # how far each walk got; ``page`` is the platform's token inside the window
    "cursor",
    metadata,
    sa.Column("shop_id", sa.ForeignKey("shop.id"), primary_key=True),
    sa.Column("walk", sa.String(20), primary_key=True),  # orders, money, readback, backfill
    sa.Column("position", UtcTime),  # everything before is stored
    sa.Column("window_start", UtcTime),
    sa.Column("window_end", UtcTime),
    sa.Column("page", sa.Text),
    sa.Column("empties", sa.Integer, nullable=False, server_default="0"),
)

run = sa.Table(
    "run",
    metadata,
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("shop_id", sa.String(32), index=True),
    sa.Column("kind", sa.String(12), nullable=False),
    sa.Column("lane", sa.String(5), nullable=False),
    sa.Column("started_at", UtcTime, nullable=False, index=True),
    sa.Column("ended_at", UtcTime),
    sa.Column("result", sa.String(12), nullable=False),
    sa.Column("done", sa.Integer, nullable=False, server_default="0"),
    sa.Column("total", sa.Integer, nullable=False, server_default="0"),
    sa.Column("calls", sa.Integer, nullable=False, server_default="0"),
    sa.Column("problems", Json, nullable=False, server_default="[]"),
    sa.Column("note", sa.Text, nullable=False, server_default=""),
    sa.Index("ix_run_open", "shop_id", "lane", sqlite_where=sa.text("result = 'running'"),
             postgresql_where=sa.text("result = 'running'")),
)  # fmt: skip

hint = sa.Table(  # webhooks, once by event id
    "hint",
    metadata,
    sa.Column("shop_id", sa.ForeignKey("shop.id"), primary_key=True),
    sa.Column("event_id", sa.String(120), primary_key=True),
    sa.Column("kind", sa.String(15), nullable=False),
    sa.Column("object_id", sa.String(60), nullable=False),
    sa.Column("heard_at", UtcTime, nullable=False),
    sa.Column("done_at", UtcTime),
    sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
    sa.Index("ix_hint_heard", "shop_id", "heard_at"),
    sa.Index("ix_hint_open", "shop_id", "object_id", sqlite_where=sa.text("done_at IS NULL"),
             postgresql_where=sa.text("done_at IS NULL")),
)  # fmt: skip

quarantine = sa.Table(  # an order or listing that could not be taken in; the others went on
    "quarantine",
    metadata,
    sa.Column("shop_id", sa.ForeignKey("shop.id"), primary_key=True),
    sa.Column("noun", sa.String(10), primary_key=True),
    sa.Column("remote_id", sa.String(60), primary_key=True),
    sa.Column("at", UtcTime, nullable=False),
    sa.Column("path", sa.Text, nullable=False),
    sa.Column("sample", sa.Text, nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False, server_default="1"),
    sa.Column("solved_at", UtcTime),
)

price_rule = sa.Table(  # how a shop's base price is made; variant "" is the rest of the shop, "*" holds its own fees
    "price_rule",
    metadata,
    sa.Column("shop_id", sa.ForeignKey("shop.id"), primary_key=True),
    sa.Column("variant_id", sa.String(32), primary_key=True),
    sa.Column("mode", sa.String(12), nullable=False),  # list, keep_list, keep, fixed
    sa.Column("amount", sa.BigInteger),
    sa.Column("floor", sa.BigInteger),
    sa.Column("step", sa.Integer, nullable=False),
    sa.Column("fees", Json),
    sa.Column("changed_at", UtcTime, nullable=False),
)

promotion = sa.Table(  # a price for a while; the base comes back by itself
    "promotion",
    metadata,
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("shop_id", sa.ForeignKey("shop.id"), nullable=False, index=True),
    sa.Column("variant_id", sa.ForeignKey("variant.id"), nullable=False),
    sa.Column("price", sa.BigInteger, nullable=False),
    sa.Column("starts_at", UtcTime, nullable=False),
    sa.Column("ends_at", UtcTime, nullable=False),
    sa.Column("note", sa.Text, nullable=False, server_default=""),
    sa.Column("created_at", UtcTime, nullable=False),
    sa.Column("next_at", UtcTime, index=True),  # when the shop's prices must be looked at next; empty: never again
)

dispatch = sa.Table(  # what the hub did to send an order, and what a person must do instead
    "dispatch",
    metadata,
    sa.Column("shop_id", sa.ForeignKey("shop.id"), primary_key=True),
    sa.Column("remote_id", sa.String(60), primary_key=True),  # the order
    sa.Column("state", sa.String(10), nullable=False),  # open, packed, shipped, cancelled, task
    sa.Column("ship_by", UtcTime),  # as the platform says; empty: reckoned by the rule pack
    sa.Column("parcel", sa.String(80), nullable=False, server_default=""),
    sa.Column("tracking", sa.String(80), nullable=False, server_default=""),
    sa.Column("carrier", sa.String(80), nullable=False, server_default=""),
    sa.Column("problem", sa.Text, nullable=False, server_default=""),
    sa.Column("facts", Json, nullable=False, server_default="{}"),
    sa.Column("who", sa.String(64), nullable=False, server_default=""),
    sa.Column("changed_at", UtcTime, nullable=False),
)

post = sa.Table(  # a post on a page: what it says, when it goes out, what the platform answered
    "post",
    metadata,
    sa.Column("id", sa.String(32), primary_key=True),  # also the connector's key: a lost answer is found by it
    sa.Column("shop_id", sa.ForeignKey("shop.id"), nullable=False),
    sa.Column("campaign", sa.Text, nullable=False, server_default=""),
    sa.Column("template", sa.String(40), nullable=False),
    sa.Column("words", sa.Text, nullable=False, server_default=""),  # what the person who planned it wrote
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("link", sa.Text, nullable=False, server_default=""),
    sa.Column("pictures", Json, nullable=False, server_default="[]"),  # digests
    sa.Column("claims", sa.Boolean, nullable=False, server_default=sa.false()),  # the words carry an OCOP claim
    sa.Column("at", UtcTime, nullable=False),  # when it goes out
    sa.Column("state", sa.String(8), nullable=False),  # planned, sending, posted, held, unknown, failed, removed
    sa.Column("down", sa.Boolean, nullable=False, server_default=sa.false()),  # a person wants it off the page
    sa.Column("remote_id", sa.String(120), nullable=False, server_default=""),
    sa.Column("url", sa.Text, nullable=False, server_default=""),
    sa.Column("answer", Json),  # as the platform showed it last
    sa.Column("problems", Json, nullable=False, server_default="[]"),
    sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
    sa.Column("made_by", sa.String(64), nullable=False, server_default=""),
    sa.Column("changed_at", UtcTime, nullable=False),
    sa.Column("next_at", UtcTime, index=True),  # when it must be looked at next; empty: not by itself
    sa.Index("ix_post_shop", "shop_id", "at"),
)

post_product = sa.Table(  # which products a post is about, in their order
    "post_product",
    metadata,
    sa.Column("post_id", sa.ForeignKey("post.id"), primary_key=True),
    sa.Column("product_id", sa.ForeignKey("product.id"), primary_key=True, index=True),
    sa.Column("position", sa.Integer, nullable=False),
)

comment = sa.Table(  # what people wrote under lives and posts and in the chat; blanked after a while
    "comment",
    metadata,
    sa.Column("shop_id", sa.ForeignKey("shop.id"), primary_key=True),
    sa.Column("remote_id", sa.String(200), primary_key=True),
    sa.Column("about", sa.String(200), nullable=False),  # the live, the post, or the conversation
    sa.Column("author", sa.String(120), nullable=False, server_default=""),  # the platform's opaque id
    sa.Column("text", sa.Text, nullable=False, server_default=""),  # may hold a phone number: never logged
    sa.Column("at", UtcTime, nullable=False),
    sa.Column("kind", sa.String(8), nullable=False),  # comment, message
    sa.Column("hidden", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("removed", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("told_at", UtcTime, nullable=False),  # when the platform said what stands here; older news is dropped
    sa.Column("heard_at", UtcTime, nullable=False),  # since when we hold it
    sa.Column("blanked_at", UtcTime),  # text and author are gone and do not come back
    sa.Column("answer", sa.String(8), nullable=False, server_default=""),  # unknown (it may be out), sent, refused
    sa.Column("answered_at", UtcTime),
    sa.Column("problem", sa.Text, nullable=False, server_default=""),
    sa.Column("facts", Json, nullable=False, server_default="{}"),
    sa.Index("ix_comment_about", "shop_id", "about", "at"),
    sa.Index("ix_comment_open", "heard_at", sqlite_where=sa.text("blanked_at IS NULL"),
             postgresql_where=sa.text("blanked_at IS NULL")),
)  # fmt: skip

attribution = sa.Table(  # where a platform says an order, or one SKU of it, came from
    "attribution",
    metadata,
    sa.Column("shop_id", sa.ForeignKey("shop.id"), primary_key=True),
    sa.Column("remote_id", sa.String(60), primary_key=True),  # the order
    sa.Column("sku", sa.String(60), primary_key=True),  # "": the whole order
    sa.Column("source", sa.String(12), primary_key=True),  # live, video, showcase, affiliate, other
    sa.Column("live_id", sa.String(60), nullable=False, server_default=""),
    sa.Column("commission", sa.BigInteger),  # as stated; the ledger's fees come from statements
    sa.Column("seen_at", UtcTime, nullable=False),
)
