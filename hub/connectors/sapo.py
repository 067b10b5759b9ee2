"""Sapo Web, formerly Bizweb (support.sapo.vn, read 2026-11-21; a public SDK and ten webhook handlers).

Each store has its own address ``https://<store>.mysapo.net``; the owner makes a private app and gives its two keys.
The family's things under other names: ``name``, ``content``, ``created_on``, ``modified_on``, ``published_on``.

40 requests a minute (an SDK's figure) make stock and prices slow: one call for each variant.

UNCONFIRMED: ``store.json``; that a variant's ``inventory_quantity`` may be set; the header of the rate limit; which key
signs a private app's webhooks (taken: its secret); ``delivered_on`` of a fulfilment (else a closed order stands for
it). Signing in by OAuth is documented but needs the store's address before it begins: not offered here.
"""

from typing import ClassVar

from hub.connectors.api import Dialect
from hub.connectors.manifest import read_manifest
from hub.connectors.storefront_trade import Ships
from hub.connectors.storefront_words import Words, judging, sign_basic

MANIFEST = read_manifest(__file__)


class Sapo(Ships):
    """One store on Sapo Web."""

    manifest = MANIFEST
    dialect: ClassVar[Dialect] = Dialect(sign=sign_basic, judge=judging(MANIFEST))
    words = Words(
        title="name", body="content", updated="modified_on", published="published_on", managed="bizweb",
        summary="summary",
    )  # fmt: skip
    heads = ("x-sapo-hmac-sha256", "x-sapo-topic", "x-sapo-shop-domain")
    bucket = "x-sapo-api-call-limit"
