"""A product catalogue: batches of items with handles, what comes of them, and what is read back (sheet 2)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from hub.sandbox.facebook.config import FacebookConfig
from hub.sandbox.facebook.graph import Call, Json, bad, fits, page_of
from hub.sandbox.kit import Offer

AVAILABILITY = (
    "in stock", "out of stock", "available for order", "preorder", "discontinued", "pending", "mark_as_sold",
    "mark_as_expired",
)  # fmt: skip
LENGTHS = {
    "id": 100, "title": 150, "description": 9999, "brand": 100, "gtin": 100, "mpn": 100, "size": 200, "color": 200,
    "item_group_id": 100, **{f"custom_label_{place}": 100 for place in range(5)},
}  # fmt: skip
NEEDED = ("title", "description", "availability", "condition", "price", "link", "image_link")
KNOWN = {
    *LENGTHS, *NEEDED, "additional_image_link", "google_product_category", "fb_product_category", "product_type",
    "quantity_to_sell_on_facebook", "sale_price", "sale_price_effective_date", "status", "visibility",
    "short_description",
}  # fmt: skip
PRICE = re.compile(r"(\d+)(?:\.\d+)? ([A-Z]{3})")
MOST = 5000
LARGEST = 28 * 1024 * 1024


@dataclass(kw_only=True)
class Batch:
    """One accepted call on its way."""

    handle: str
    due: datetime
    upsert: bool
    requests: list[Json]
    asked: int = 0
    done: bool = False
    errors: list[Json] = field(default_factory=list)


@dataclass(kw_only=True)
class Item:
    """One item: ``values`` under the names of the batch; ``node`` is its id in the graph."""

    node: str
    values: Json
    review: str
    reason: str = ""
    image: str = "FETCHED"

    @property
    def price(self) -> int:
        found = PRICE.fullmatch(str(self.values.get("price", "")))
        return int(found[1]) if found else 0

    @property
    def group(self) -> str:
        return str(self.values.get("item_group_id") or self.values["id"])

    @property
    def shown(self) -> bool:
        hidden = self.values.get("visibility", "published") != "published" or self.values.get("status") == "archived"
        return not hidden and self.review in ("approved", "") and self.image == "FETCHED"

    def graph(self) -> Json:
        """The item under the names of reading (SDK): other ones than those of writing."""
        get = self.values.get
        reasons = [{"title": self.reason, "error_type": "POLICY", "error_priority": "HIGH"}] if self.reason else None
        return {
            "id": self.node, "retailer_id": get("id"), "retailer_product_group_id": self.group, "name": get("title"),
            "description": get("description"), "availability": get("availability"), "condition": get("condition"),
            "price": f"{self.price:,}".replace(",", ".") + "\u00a0₫", "currency": "VND", "url": get("link"),
            "image_url": get("image_link"), "brand": get("brand"), "gtin": get("gtin"), "size": get("size"),
            "quantity_to_sell_on_facebook": get("quantity_to_sell_on_facebook"),
            "visibility": "published" if get("visibility", "published") == "published" else "staging",
            "review_status": self.review, "errors": reasons, "image_fetch_status": self.image,
            "google_product_category": get("google_product_category"), "product_type": get("product_type"),
            "product_group": {"id": f"g{self.group}", "retailer_id": self.group},
        }  # fmt: skip


class Catalogue:
    """One catalogue; batches have their effect when their time has come."""

    def __init__(self, config: FacebookConfig, catalog_id: str) -> None:
        self._config = config
        self.id = catalog_id
        self.items: dict[str, Item] = {}
        self.batches: dict[str, Batch] = {}
        self._made = 0

    # ---- calls ----

    def items_batch(self, call: Call, now: datetime, size: int) -> Json:
        """Requests that are wrong in themselves are told at once; with none left there is no handle."""
        if call.text("item_type") != "PRODUCT_ITEM":
            raise bad("Param item_type must be PRODUCT_ITEM")
        requests = call.value("requests")
        if not isinstance(requests, list) or not requests:
            raise bad("Param requests must be a non-empty array")
        if len(requests) > MOST or size > LARGEST:
            raise bad(f"Param requests must have at most {MOST} elements and {LARGEST} bytes")
        wrong = [(one, found) for one in requests if (found := check_request(one))]
        fine = [one for one in requests if not check_request(one)]
        told: Json = {
            "validation_status": [
                {"retailer_id": _id_of(one), "errors": [{"message": text} for text in found], "warnings": []}
                for one, found in wrong
            ]
        }
        answer: Json = told if wrong else {}
        if fine:
            handle = f"Acx{self.id}{len(self.batches) + 1:06d}"
            due = now + timedelta(seconds=self._config.batch_seconds)
            upsert = call.flag("allow_upsert", True)
            self.batches[handle] = Batch(handle=handle, due=due, upsert=upsert, requests=fine)
            answer["handles"] = [handle]
        self.work(now)
        return answer

    def status(self, call: Call, now: datetime) -> Json:
        """Always a list of one; told to be in progress for a while after it is done."""
        batch = self.batches.get(call.text("handle"))
        if batch is None:
            raise bad("Invalid batch handle")
        self.work(now)
        batch.asked += 1
        finished = batch.done and batch.asked > self._config.slow_checks
        errors = batch.errors if finished else []
        told: Json = {
            "handle": batch.handle, "status": "finished" if finished else "in_progress",
            "errors_total_count": len(errors), "errors": errors, "warnings_total_count": 0, "warnings": [],
        }  # fmt: skip
        if call.flag("load_ids_of_invalid_requests"):
            told["ids_of_invalid_requests"] = [one["id"] for one in errors]
        return {"data": [told]}

    def products(self, call: Call, now: datetime) -> Json:
        self.work(now)
        rule = call.value("filter")
        nodes = [item.graph() for item in self.items.values()]
        fitting = [node for node in nodes if rule is None or fits(rule, node)]
        return page_of(fitting, call, default=("id", "name", "retailer_id"), short=self._config.short_pages)

    def product_groups(self, call: Call, now: datetime) -> Json:
        """Groups with their items inside, where ``products{...}`` is asked for."""
        self.work(now)
        groups: dict[str, list[Json]] = {}
        for item in self.items.values():
            groups.setdefault(item.group, []).append(item.graph())
        nodes = [
            {"id": f"g{name}", "retailer_id": name, "products": {"data": members}} for name, members in groups.items()
        ]
        return page_of(nodes, call, default=("id", "retailer_id"), short=self._config.short_pages)

    # ---- what time does ----

    def work(self, now: datetime) -> None:
        """Every batch whose time has come has its effect, in order."""
        for batch in self.batches.values():
            if not batch.done and batch.due <= now:
                batch.done = True
                for line, one in enumerate(batch.requests):
                    message = self._carry_out(one, batch.upsert)
                    if message:
                        batch.errors.append({"line": line + 1, "id": one["data"]["id"], "message": message})

    def _carry_out(self, request: Json, upsert: bool) -> str:
        method, data = request["method"], request["data"]
        there = self.items.get(data["id"])
        if method == "DELETE":
            self.items.pop(data["id"], None)
            return "" if there else "No item with this id exists"
        if there is not None and method == "CREATE":
            return "An item with this id already exists"
        if there is None and method == "UPDATE" and not upsert:
            return "No item with this id exists"
        if there is None:
            missing = [name for name in NEEDED if data.get(name) in (None, "")]
            if missing:
                return f"A required field is missing: {missing[0]}."
            if not any(data.get(name) for name in ("brand", "gtin", "mpn")):
                return "A required field is missing: brand, gtin or mpn."
            self._made += 1
            self.items[data["id"]] = Item(
                node=f"{self.id}{self._made:05d}", values=dict(data), review=self._config.review
            )
        else:
            there.values |= data
        return ""

    # ---- the buyer's side ----

    def offers(self) -> list[Offer]:
        return [
            Offer(sku=name, title=str(item.values["title"]), price=item.price, stock=stock_of(item))
            for name, item in self.items.items()
            if item.shown and item.values["availability"] == "in stock" and stock_of(item) > 0
        ]

    def listings(self) -> list[Mapping[str, object]]:
        return [
            {
                "sku": name, "remote_id": item.group, "state": "live" if item.shown else "hidden",
                "title": item.values["title"], "description": item.values["description"], "price": item.price,
                "stock": stock_of(item),
            }
            for name, item in self.items.items()
        ]  # fmt: skip


def stock_of(item: Item) -> int:
    return int(item.values.get("quantity_to_sell_on_facebook") or 0)


def check_request(request: Any) -> list[str]:
    """Everything that is wrong with one request in itself."""
    if not isinstance(request, dict) or request.get("method") not in ("CREATE", "UPDATE", "DELETE"):
        return ["method must be CREATE, UPDATE or DELETE"]
    data = request.get("data")
    if not isinstance(data, dict) or not isinstance(data.get("id"), str) or not data["id"]:
        return ["A required field is missing: id."]
    found = [f"Unknown field: {name}" for name in data if name not in KNOWN]  # "retailer_id" among them
    found += [f"{name} is too long" for name, most in LENGTHS.items() if len(str(data.get(name, ""))) > most]
    return found + _values(data)


def _values(data: Mapping[str, Any]) -> list[str]:
    found: list[str] = []
    if "price" in data:
        price = PRICE.fullmatch(data["price"]) if isinstance(data["price"], str) else None
        if price is None or int(price[1]) == 0:
            found.append("price must be a positive number, a space and an ISO 4217 currency code")
    if "availability" in data and data["availability"] not in AVAILABILITY:
        found.append("availability is not one of the allowed values")
    stock = data.get("quantity_to_sell_on_facebook", 0)
    if not isinstance(stock, int) or isinstance(stock, bool) or stock < 0:
        found.append("quantity_to_sell_on_facebook must be an integer of at least 0")
    for name in ("link", "image_link"):
        if name in data and not str(data[name]).startswith(("http://", "https://")):
            found.append(f"{name} must be a URL")
    more = data.get("additional_image_link", [])
    if len(more.split(",") if isinstance(more, str) else more) > 20:
        found.append("additional_image_link has more than 20 images")
    if data.get("visibility", "published") not in ("published", "hidden", "staging"):
        found.append("visibility is not one of the allowed values")
    if data.get("condition", "new") not in ("new", "refurbished", "used"):
        found.append("condition is not one of the allowed values")
    return found


def _id_of(request: Any) -> str:
    data = request.get("data") if isinstance(request, dict) else None
    return str(data.get("id", "")) if isinstance(data, dict) else ""
