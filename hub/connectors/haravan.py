"""Haravan omni-APIs (docs.haravan.com, read 2026-11-21; measurements of others of 2026-08-17).

One address for all shops: the token says whose it is. A private token (made by the owner) works for goods and orders;
only a sign-in tells us webhooks, because they are signed with the app's secret. **A POST that carries cookies fails
while answering 200**: the hub's client keeps none.

Stock is written where it lies: ``adjustorset`` sets what is *on hand* (its default, ``adjust``, would add), while what
we want to show is *available* = on hand - commited (their spelling), less what other
locations show.

UNCONFIRMED: ``shop.json`` and that its id is the webhooks' org id; the wrapper ``inventory`` (left out here); bodies of
fulfilments and refunds; names of a variant's fields and that lists tell open orders only unless asked (KNOWN); whether
the query of an app's launch is signed sorted (not used here); ``carrier_status_code`` and ``delivered_date`` (seen in
several public integrations).
"""

import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import ClassVar

from pydantic import BaseModel

from hub.connectors.api import Api, Credentials, Dialect, Request, encode
from hub.connectors.manifest import read_manifest
from hub.connectors.model import Done, Result, StockLevel, Tokens
from hub.connectors.shapes import Count, Json, Text
from hub.connectors.storefront_trade import Ships
from hub.connectors.storefront_words import Words, judging
from hub.connectors.walk import grouped, insist
from hub.errors import Garbled, HubError, Unauthorised
from hub.types import RemoteId, chunks

MANIFEST = read_manifest(__file__)
SCOPES = " ".join(
    ["openid", "profile", "email", "org", "userinfo", "grant_service", "wh_api", "offline_access", "com.read_shop"]
    + [f"com.{verb}_{noun}" for noun in ("products", "orders", "inventories") for verb in ("read", "write")]
)
"""A write scope is only given together with the read scope. Names of the shop's and stock's scopes are KNOWN."""
HOSTS = {"sign-in": "accounts", "hooks": "webhook"}


class Row(BaseModel):
    """What lies of a variant at one location."""

    loc_id: Text
    variant_id: Text
    qty_commited: Count = 0
    qty_available: Count = 0


class Given(BaseModel):
    """What the sign-in gave."""

    access_token: str
    expires_in: int
    id_token: str = ""
    refresh_token: str = ""


def elsewhere(base_url: str, scope: str) -> str:
    """Signing in and webhooks have hosts of their own, named like that of the API."""
    return base_url.replace("//apis.", f"//{HOSTS[scope]}.") if scope in HOSTS else base_url


def sign(request: Request, credentials: Credentials, now: datetime, nonce: str) -> Request:
    moved = replace(request, base_url=elsewhere(request.base_url, request.scope))
    if request.scope == "sign-in":
        return moved
    token = credentials["token"] if credentials.tokens is None else credentials.access
    return moved.plus(headers=(("Authorization", f"Bearer {token}"),))


async def _tokens(api: Api, form: Mapping[str, str]) -> Given:
    return await api.upload(Given, "/connect/token", files=(), form=form, scope="sign-in")


def _kept(given: Given, now: datetime) -> Tokens:
    until = now + timedelta(seconds=given.expires_in)
    return Tokens(access=given.access_token, refresh=given.refresh_token, access_until=until)


async def renew(api: Api, credentials: Credentials) -> Tokens:
    """Without ``offline_access`` there is nothing to renew with: the owner signs in again."""
    tokens = credentials.tokens
    if tokens is None or not tokens.refresh:
        raise Unauthorised
    form = {
        "grant_type": "refresh_token", "refresh_token": tokens.refresh, "client_id": credentials["client_id"],
        "client_secret": credentials["client_secret"],
    }  # fmt: skip
    fresh = _kept(await _tokens(api, form), api.time())
    return fresh if fresh.refresh else replace(fresh, refresh=tokens.refresh)


def organisation(id_token: str) -> str:
    """The claim ``orgid``. Not verified: it came straight from the token address. Raises Garbled."""
    try:
        body = id_token.split(".")[1]
        found = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4))).get("orgid")
    except (IndexError, ValueError, AttributeError):
        found = None
    if not found:
        raise Garbled("remote_garbled", path="id_token.orgid")
    return str(found)


class Haravan(Ships):
    """One shop on Haravan."""

    manifest = MANIFEST
    dialect: ClassVar[Dialect] = Dialect(sign=sign, judge=judging(MANIFEST), renew=renew)
    root = "/com"
    own = "shop"
    words = Words(title="title", body="body_html", updated="updated_at", published="published_at", managed="haravan")
    order_filter: ClassVar[Mapping[str, object]] = {"status": "any", "order": "created_at asc"}
    heads = ("x-haravan-hmacsha256", "x-haravan-topic", "x-haravan-org-id")
    bucket = "x-haravan-api-call-limit"

    # ---- signing in ----

    @staticmethod
    def sign_in_url(*, base_url: str, app: Mapping[str, str], redirect: str, state: str, now: datetime) -> str:
        query = {
            "response_mode": "query", "response_type": "code", "scope": SCOPES, "client_id": app["client_id"],
            "redirect_uri": redirect, "nonce": state, "state": state,
        }  # fmt: skip
        return f"{elsewhere(base_url, 'sign-in')}/connect/authorize?{encode(query.items())}"

    @staticmethod
    async def exchange(api: Api, *, app: Mapping[str, str], answer: Mapping[str, str]) -> tuple[str, Tokens]:
        """Raises Unauthorised when the owner came back without a code."""
        if not answer.get("code"):
            raise Unauthorised("shop_needs_owner", said=answer.get("error", ""))
        form = {
            "grant_type": "authorization_code", "code": answer["code"], "client_id": app["client_id"],
            "client_secret": app["client_secret"], "redirect_uri": app["redirect"],
        }  # fmt: skip
        given = await _tokens(api, form)
        return organisation(given.id_token), _kept(given, api.time())

    # ---- stock ----

    async def set_stock(self, levels: Sequence[StockLevel]) -> Sequence[Result[Done]]:
        """One reading and one writing for all. Raises Refused("warehouse_wrong") where there is no such location."""
        return await grouped(levels, lambda one: 0, self._set, Done())

    async def _set(self, _: int, levels: Sequence[StockLevel]) -> Mapping[StockLevel, HubError]:
        location = await self._location()
        rows: dict[RemoteId, list[Row]] = {}
        for some in chunks(levels, 50):
            wanted = ",".join(one.variant for one in some)
            told = await insist(partial(self._rows, "inventory_locations", variant_ids=wanted, limit=250), bool)
            good, _broken = self.api.each(Row, told, id_key="variant_id")
            for row in good:
                rows.setdefault(RemoteId(row.variant_id), []).append(row)
        lines: list[Json] = [
            {
                "product_id": int(one.listing), "product_variant_id": int(one.variant),
                "quantity": on_hand(one.stock, rows.get(one.variant, ()), location),
            }
            for one in levels
        ]  # fmt: skip
        body = {"location_id": int(location), "type": "set", "reason": "productionofgoods", "note": "OCOP Hub"}
        path = f"{self.root}/inventories/adjustorset.json"
        await self.api.write(Json, "POST", path, json=body | {"line_items": lines}, repeatable=True)
        return {}

    # ---- orders ----

    async def pack(self, order: RemoteId) -> None:
        await self._put(f"orders/{order}/confirm", {"confirmed_status": "confirmed"}, method="POST")

    # ---- webhooks ----

    async def subscribe(self, url: str, secret: str) -> None:
        """The address is registered, and greeted by GET, in the app's dashboard; this makes it true for this shop."""
        await self.api.write(Json, "POST", "/api/subscribe", scope="hooks", repeatable=True)


def on_hand(stock: int, rows: Sequence[Row], location: str) -> int:
    """What must lie at ``location`` so that the shop shows ``stock`` in all."""
    here = sum(one.qty_commited for one in rows if one.loc_id == location)
    others = sum(one.qty_available for one in rows if one.loc_id != location)
    return max(0, stock + here - others)
