"""Shopee Open Platform v2, Vietnam (documentation checked 2026-11-21).

https://open.shopee.com/developer-guide/16 (calls), 211 (creating products), 229 (orders); the signature and the error
table are in ``dialect``, the shapes of answers in ``wire``, what is sent in ``drafts``, what was told in ``told`` (all
pure); the calls are in ``goods``, ``trade`` and ``parcels``.

Ids: a listing is an item; a variant is a model, and ``0`` where the item has none. A single item carries the SKU of its
variant, one with models the SKU of the draft. SKUs are not unique on Shopee: after the first match the ids count.

Limits and their sources: pace of 5 calls a second per shop is ours, no figure is published; 50 items or models a call,
15 days an order window, 50 orders a detail call are documented; 5 s between add_item and its models is guide 211.

Unproven against the real platform: whether search_item finds an item at once, the exact words of several errors,
which of GET and POST get_escrow_detail_batch wants (POST here), where the pages of returns begin (0 here).
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import ClassVar
from urllib.parse import urlencode

from hub.connectors.api import Api, Credentials, Dialect
from hub.connectors.base import Connector
from hub.connectors.model import (
    Ask,
    Hint,
    Kind,
    Limits,
    Manifest,
    OAuthCode,
    Pace,
    Proof,
    ShopCard,
    Tokens,
)
from hub.connectors.shopee import dialect as speech
from hub.connectors.shopee import wire
from hub.connectors.shopee.dialect import LIVE, acting
from hub.connectors.shopee.goods import BATCH, Goods
from hub.connectors.shopee.parcels import Parcels
from hub.connectors.shopee.trade import WINDOW_DAYS, Trade
from hub.errors import Refused

SANDBOX = "https://openplatform.sandbox.test-stable.shopee.sg"
SIGN_IN = {LIVE: "https://open.shopee.com/auth", SANDBOX: "https://open.sandbox.test-stable.shopee.com/auth"}

REFRESH_DAYS = 30
PUSHES = (1, 2, 3, 4, 12, 15, 16, 22, 29)


async def _renew(api: Api, credentials: Credentials) -> Tokens:
    """A new pair for the old refresh token, which works once: the keeper lets one process do this and stores it.

    After a lost answer the same token is sent again: within about 4 h it is said to give the same pair (FAQ 144,
    unconfirmed), and there is nothing better to try without the owner.
    """
    if credentials.tokens is None:
        raise Refused("shop_needs_owner")
    body = {
        "refresh_token": credentials.tokens.refresh,
        "partner_id": int(credentials["partner_id"]),
        "shop_id": int(api.shop.remote_id),
    }
    pair = await api.write(
        wire.TokenPair, "POST", "/api/v2/auth/access_token/get", json=body, scope="public", repeatable=True
    )
    return _tokens(pair, api.time())


def _tokens(pair: wire.TokenPair, now: datetime) -> Tokens:
    """``expire_in`` is seconds; more than 10^9 would be a moment (one sample of the documentation)."""
    epoch = pair.expire_in > 1_000_000_000
    until = datetime.fromtimestamp(pair.expire_in, now.tzinfo) if epoch else now + timedelta(seconds=pair.expire_in)
    return Tokens(
        access=pair.access_token,
        refresh=pair.refresh_token,
        access_until=until,
        refresh_until=now + timedelta(days=REFRESH_DAYS),
    )


class Shopee(Goods, Trade, Parcels, Connector):
    """One seller's shop."""

    manifest: ClassVar[Manifest] = Manifest(
        id="shopee",
        name="Shopee",
        kind=Kind.MARKETPLACE,
        base_url=LIVE,
        sandbox_url=SANDBOX,
        auth=OAuthCode(access_seconds=14_400, refresh_single_use=True),
        asks=(
            Ask(
                key="package_cm",
                label_vi="Kích thước gói hàng thường dùng: dài x rộng x cao (cm)",
                label_en="Usual parcel size: length x width x height (cm)",
                example="20x15x10",
            ),
            Ask(
                key="location_id",
                label_vi="Mã kho (chỉ khi gian hàng có nhiều kho)",
                label_en="Warehouse location id (only for shops with several warehouses)",
                example="VN10XX2UZ",
            ),
        ),
        limits=Limits(
            pace=Pace(per_second=5, burst=5, source="ours: no figure is published; third parties claim 10 a second"),
            stock_batch=BATCH,
            price_batch=BATCH,
            read_batch=BATCH,
            withdraw_batch=BATCH,
            order_window_days=WINDOW_DAYS,
        ),
        errors=speech.ERRORS,
        proof=Proof(rung="documented", checked="2026-11-21", note="signatures agree with three third-party packages"),
        docs="https://open.shopee.com/documents",
        order_url="https://banhang.shopee.vn/portal/sale/order?search={order}",
        hook_keys=("push_key", "partner_key"),
    )
    dialect: ClassVar[Dialect] = Dialect(sign=speech.sign, judge=speech.judge, renew=_renew)

    async def check(self) -> ShopCard:
        info = await self.api.read(wire.ShopInfo, "GET", "/api/v2/shop/get_shop_info", params=acting(self.shop))
        return ShopCard(
            remote_id=self.shop.remote_id,
            name=info.shop_name,
            currency="VND" if info.region == "VN" else "",
            live=info.status == "NORMAL",
            authorised_until=info.expire_time,
        )

    # ---- HearsEvents ---------------------------------------------------------------------------------------------

    @staticmethod
    def hear(body: bytes, headers: Mapping[str, str], *, url: str, secret: str) -> Hint | None:
        """``secret`` is the app's push key, the partner key where there is none of its own; ``url`` as registered."""
        return speech.hear(body, headers, url=url, secret=secret)

    async def subscribe(self, url: str, secret: str) -> None:
        """One address per app, whatever the shop; the secret is made in the console."""
        body = {"callback_url": url, "set_push_config_on": list(PUSHES)}
        await self.api.write(
            wire.Accepted, "POST", "/api/v2/push/set_app_push_config", json=body, scope="public", repeatable=True
        )

    # ---- SignsIn -------------------------------------------------------------------------------------------------

    @staticmethod
    def sign_in_url(*, base_url: str, app: Mapping[str, str], redirect: str, state: str, now: datetime) -> str:
        """The unsigned link (guides 644, 669); ``redirect`` must lie on the domain declared in the console."""
        query = {
            "partner_id": app["partner_id"],
            "auth_type": "seller",
            "redirect_uri": redirect,
            "response_type": "code",
            "state": state,
        }
        return f"{SIGN_IN.get(base_url, base_url + '/auth')}?{urlencode(query)}"

    @staticmethod
    async def exchange(api: Api, *, app: Mapping[str, str], answer: Mapping[str, str]) -> tuple[str, Tokens]:
        """``answer``: ``code`` with ``shop_id`` or ``main_account_id``. A main account must bring exactly one shop."""
        who = "shop_id" if answer.get("shop_id") else "main_account_id"
        if not answer.get("code") or not answer.get(who, "").isdigit():
            raise Refused("sign_in_incomplete")
        body = {"code": answer["code"], "partner_id": int(app["partner_id"]), who: int(answer[who])}
        public = api.signed_with(Credentials(secrets=app))
        pair = await public.write(wire.TokenPair, "POST", "/api/v2/auth/token/get", json=body, scope="public")
        shops = [answer["shop_id"]] if who == "shop_id" else [str(one) for one in pair.shop_id_list]
        if len(shops) != 1:
            raise Refused("sign_in_many_shops", shops=shops)
        return shops[0], _tokens(pair, api.time())
