"""WooCommerce REST API v3, as observed on WooCommerce 10.5.0 (documentation index checked 2026-11-21).

https://woocommerce.github.io/woocommerce-rest-api-docs/

Ids: a listing is a product; a variant is a variation, or the product itself where there is only one (``simple``).
A simple product carries the SKU of its variant; a variable one that of the draft with an ending, because every SKU is
unique on a site and the draft's may be that of its first variation; each variation carries its own.
Categories are named by slug: ids differ from site to site.

Limits and their sources: at most 100 elements a batch, else 413 (seen); 100 creates took 6.5 s and 100 updates 3.4 s on
a small server, hence 20 and 50; no rate limit in core, hosting answers 429 at will, hence two requests at once;
SKU column of 100 characters (source of 10.5.0), the hub's own limit is 60. A product with more than 100 variations is
read up to the hundredth.

What the platform does not tell: when an order was cancelled (its last change stands for it), and when a parcel was
sent, unless the hub noted it at the order (``parcels``).
A batch skips schema validation: what goes into one is made of checked types here, and what comes back is compared.
"""

import base64
import hashlib
import hmac
import re
from collections.abc import Mapping
from typing import ClassVar, Literal

from pydantic import ValidationError

from hub.connectors.api import Dialect
from hub.connectors.base import Connector
from hub.connectors.model import Ask, Hint, KeyPair, Kind, Limits, Manifest, Proof, ShopCard
from hub.connectors.woocommerce.asking import API, PAGE
from hub.connectors.woocommerce.goods import CREATE, Goods
from hub.connectors.woocommerce.listings import SKU_LENGTH
from hub.connectors.woocommerce.parcels import Parcels
from hub.connectors.woocommerce.words import (
    ERRORS,
    Currency,
    Identified,
    Webhook,
    Wire,
    judge,
    sign,
    sign_by_query,
    to_id,
)
from hub.errors import Garbled, Refused, Unauthorised, Vanished

PING = re.compile(rb"webhook_id=\d+")
TOPICS = tuple(f"order.{verb}" for verb in ("created", "updated", "deleted", "restored"))
"""Products are not among them: a site would report each of our own changes; it is read back every night."""


MANIFEST = Manifest(
    id="woocommerce",
    name="WooCommerce",
    kind=Kind.OWN_SITE,
    base_url="",
    sandbox_url=None,
    auth=KeyPair(),
    order_url="{base_url}/wp-admin/post.php?post={order}&action=edit",
    asks=(
        Ask(key="base_url", label_vi="Địa chỉ trang web", label_en="Site address", example="https://shop.example.vn"),
        Ask(key="consumer_key", label_vi="Khóa API (consumer key)", label_en="Consumer key", secret=True),
        Ask(key="consumer_secret", label_vi="Mã bí mật (consumer secret)", label_en="Consumer secret", secret=True),
    ),
    limits=Limits(
        pace=None, parallel=2, timeout_seconds=60.0, create_batch=CREATE, update_batch=50, stock_batch=50,
        price_batch=50, read_batch=PAGE, withdraw_batch=50, sku_length=SKU_LENGTH,
    ),
    errors=ERRORS,
    proof=Proof(rung="sandbox", checked="2026-11-24", note="signatures and answers as seen on WooCommerce 10.5.0"),
    docs="https://woocommerce.github.io/woocommerce-rest-api-docs/",
)  # fmt: skip


class WooCommerce(Goods, Parcels, Connector):
    """One site of one seller, or a portal of many."""

    manifest: ClassVar[Manifest] = MANIFEST
    dialect: ClassVar[Dialect] = Dialect(sign=sign, judge=judge, sign_otherwise=sign_by_query)

    async def check(self) -> ShopCard:
        """Reads one product id. The currency is asked too; a key may be refused it, then it is ""."""
        await self.api.read(list[Identified], "GET", f"{API}/products", params={"per_page": 1, "_fields": "id"})
        try:
            currency = (await self.api.read(Currency, "GET", f"{API}/data/currencies/current")).code
        except (Unauthorised, Refused, Vanished, Garbled):
            currency = ""
        site = self.shop.base_url.partition("://")[2].strip("/")
        return ShopCard(remote_id=site, name=site, currency=currency, live=True)

    # ---- webhooks ----

    @staticmethod
    def hear(body: bytes, headers: Mapping[str, str], *, url: str, secret: str) -> Hint | None:
        """The signature is over the raw body. First contact is an unsigned form ``webhook_id=4``: None."""
        lower = {name.lower(): value for name, value in headers.items()}
        given = lower.get("x-wc-webhook-signature", "")
        if not given and PING.fullmatch(body):
            return None
        right = base64.b64encode(hmac.new(secret.encode(), body, hashlib.sha256).digest())
        if not secret or not hmac.compare_digest(right, given.encode()):
            raise Unauthorised("webhook_signature_bad")
        try:
            about = Identified.model_validate_json(body)
        except ValidationError:
            raise Garbled("remote_garbled", path="id") from None
        resource = lower.get("x-wc-webhook-resource", "")
        event = lower.get("x-wc-webhook-delivery-id") or hashlib.sha256(body).hexdigest()
        kind: Literal["order", "listing", "other"] = (
            "order" if resource == "order" else "listing" if resource == "product" else "other"
        )
        return Hint(event_id=event, kind=kind, object_id=to_id(about.id))

    async def subscribe(self, url: str, secret: str) -> None:
        """One webhook per topic at ``url``. The site switches one off after six failures, and never tells its secret,
        so each one found is set again."""
        there = await self.api.read(list[Webhook], "GET", f"{API}/webhooks", params={"per_page": PAGE})
        ours = {one.topic: one for one in there if one.delivery_url == url}
        for topic in TOPICS:
            wire: Wire = {"delivery_url": url, "secret": secret, "status": "active"}
            if topic in ours:
                path = f"{API}/webhooks/{ours[topic].id}"
                await self.api.write(Identified, "PUT", path, json=wire, repeatable=True)
            else:
                wire |= {"name": f"OCOP Hub {topic}", "topic": topic}
                await self.api.write(Identified, "POST", f"{API}/webhooks", json=wire)
