"""Lazada's parcels: pack, call the carrier, print the label, cancel.

Parts of a call may fail under code "0" and ``success`` true: every element is looked at. The label is at
``pdf_url``, open for minutes. UNCONFIRMED: its ``file`` (taken as Base64 of the PDF) and the codes of refused parcels.
"""

import base64
import json
import re
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from hub.connectors.lazada_trade import BEFORE, RANKS, Trade, grouped_units, inside
from hub.connectors.lazada_words import FILE, Data, Unit, complain
from hub.connectors.shapes import Accepted
from hub.connectors.shipping import CancelReason, Label, Options, Shipped, Shipping
from hub.errors import Garbled, Refused
from hub.types import RemoteId, fold

REASONS: Mapping[CancelReason, str] = {
    "out_of_stock": r"\b(stock|het hang)\b", "price_wrong": r"\b(price|pricing|gia)\b",
    "buyer_asked": r"\b(buyer|customer|khach|nguoi mua)\b", "cannot_deliver": r"\b(deliver|delivery|address|giao)\b",
    "other": r"\bother|khac\b",
}  # fmt: skip
"""Their ids differ per country: a reason is known by its words."""
EMPTYING: tuple[CancelReason, ...] = ("out_of_stock", "price_wrong")
"""Reasons that set the SKU's stock to 0."""


class Fulfilment(Trade):
    """What the seller does with an order."""

    async def _units(self, order: RemoteId) -> list[Unit]:
        return self.understood(Unit, await self._rows(order), "order_item_id")

    async def shipping_options(self, order: RemoteId) -> Options:
        """How a parcel is handed over is agreed in the seller centre: nothing to choose."""
        if not any(one.status in BEFORE[1:] for one in await self._units(order)):
            raise Refused("order_state_wrong", order=order)
        return Options(handovers=("pickup",))

    async def pack(self, order: RemoteId) -> None:
        await self._pack(order, await self._units(order))

    async def _pack(self, order: RemoteId, units: Sequence[Unit]) -> None:
        """What is pending; packed ones are fine. Raises Refused for an order that is not paid or was called off."""
        waiting = [one for one in units if one.status in ("pending", "repacked")]
        if not any(one.status in BEFORE[1:] or one.status in RANKS[5:] for one in units):
            raise Refused("order_state_wrong", order=order)
        if not waiting:
            return
        wanted = {"order_id": order, "order_item_list": [one.order_item_id for one in waiting]}
        body = {"pack_order_list": [wanted], "delivery_type": "dropship", "shipping_allocate_type": "TFS"}
        answer = await self.api.write(Data, "POST", "/order/fulfill/pack", params={"packReq": json.dumps(body)})
        _all_taken([row for each in inside(answer, "pack_order_list") for row in each.get("order_item_list", [])])

    async def ship(self, shipping: Shipping) -> Shipped:
        """Packs what is not packed and calls for the carrier; a part of the order, where ``lines`` names one."""
        units = await self._units(shipping.order)
        chosen = _chosen(units, shipping.lines)
        await self._pack(shipping.order, chosen)
        names = {one.order_item_id for one in chosen}
        units = [one for one in await self._units(shipping.order) if one.order_item_id in names]
        packages = sorted({one.package_id for one in units if one.status == "packed"})
        if packages:
            body = json.dumps({"packages": [{"package_id": one} for one in packages]})
            answer = await self.api.write(Data, "POST", "/order/package/rts", params={"readyToShipReq": body})
            _all_taken(inside(answer, "packages"))
        first = next((one for one in units if one.package_id), None)
        if first is None:
            raise Refused("order_state_wrong", order=shipping.order)
        return Shipped(order=shipping.order, parcel=first.package_id, tracking=first.tracking_code,
                       carrier=first.shipment_provider)  # fmt: skip

    async def label(self, order: RemoteId) -> Label:
        packages = sorted({one.package_id for one in await self._units(order) if one.package_id})
        body = {"doc_type": "PDF", "packages": [{"package_id": one} for one in packages]}
        if not packages:
            raise Refused("label_not_ready", order=order)
        params = {"getDocumentReq": json.dumps(body)}
        answer = await self.api.read(Data, "POST", "/order/package/document/get", params=params)
        told = (answer.result or {}).get("data") or {}
        content = await self._file(str(told.get("file") or ""), str(told.get("pdf_url") or ""))
        if not content:
            raise Refused("label_not_ready", order=order)
        return Label(content=content, media="application/pdf", name=f"lazada-{order}.pdf")

    async def _file(self, text: str, url: str) -> bytes:
        """The PDF itself, in the answer or at an address that is open for minutes; nothing while there is neither."""
        if text:
            try:
                return base64.b64decode(text, validate=True)
            except ValueError:
                raise Garbled("remote_garbled", path="result.data.file") from None
        if not url:
            return b""
        parts = urlsplit(url)
        if parts.scheme != "https" and parts.netloc != urlsplit(self.shop.base_url).netloc:
            raise Garbled("remote_garbled", path="result.data.pdf_url")
        asked = dict(parse_qsl(parts.query))
        where = f"{FILE}{parts.scheme}://{parts.netloc}"
        return (await self.api.fetch("GET", unquote(parts.path), params=asked, scope=where)).body

    async def cancel(self, order: RemoteId, reason: CancelReason) -> None:
        """A GET that changes things: asked once. A reason that empties the stock is never chosen by accident."""
        units = await self._units(order)
        held = [one.order_item_id for one in units if one.status in BEFORE]
        if all(one.status == "canceled" for one in units):
            return
        if len(held) < sum(one.status != "canceled" for one in units):
            raise Refused("order_state_wrong", order=order)
        params = {"order_id": order, "order_item_id_list": "[" + ",".join(held) + "]"}
        answer = await self.api.read(Data, "GET", "/order/reverse/cancel/validate", params=params)
        offered = {
            str(one.get("reason_id")): fold(str(one.get("reason_name"))) for one in inside(answer, "reason_options")
        }
        number = choose_reason(offered, reason)
        if not number:
            raise Refused("order_state_wrong", order=order)
        await self.api.write(Accepted, "GET", "/order/reverse/cancel/create", params=params | {"reason_id": number})


def choose_reason(offered: Mapping[str, str], reason: CancelReason) -> str:
    """The id of the option (id -> folded name) that says it, else of any harmless one; "" when there is none."""
    fits = [number for number, name in offered.items() if re.search(REASONS[reason], name)]
    empties = [number for number, name in offered.items() if any(re.search(REASONS[one], name) for one in EMPTYING)]
    if reason in EMPTYING and fits:
        return fits[0]
    return next((number for number in (*fits, *offered) if number not in empties), "")


def _all_taken(rows: Sequence[Mapping[str, Any]]) -> None:
    """Raises what the platform says of the first element it did not take, under a call that went well."""
    for row in rows:
        if str(row.get("item_err_code", "0")) not in ("0", ""):
            raise complain(str(row["item_err_code"]), str(row.get("msg", "")))


def _chosen(units: Sequence[Unit], lines: Mapping[RemoteId, int]) -> list[Unit]:
    """The units of this parcel: so many of each line that did not leave; without lines all that is left."""
    left = [one for one in units if one.status != "canceled"]
    if not lines:
        return left
    names = {unit.order_item_id: group[0].order_item_id for group in grouped_units(units) for unit in group}
    chosen: list[Unit] = []
    for line, count in lines.items():
        chosen += [one for one in left if names[one.order_item_id] == line and one.status in BEFORE[1:]][:count]
    return chosen
