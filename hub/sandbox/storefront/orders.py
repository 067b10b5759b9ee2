"""The orders of one store: lists, single ones, the verbs that move them, parcels, money."""

from collections.abc import Sequence

from hub.sandbox.storefront.calls import Call, Lists, id_of, number_of
from hub.sandbox.storefront.dialect import Json
from hub.sandbox.storefront.state import Order, Wrong

REASONS = ("customer", "fraud", "inventory", "declined", "other")
FINANCIAL = ("pending", "authorized", "partially_paid", "paid", "partially_refunded", "refunded", "voided")


class OrderDesk(Lists):
    """What may be done with orders by the interface."""

    def orders(self, call: Call, rest: Sequence[str]) -> object:
        store, show = self.store, self.dialect
        match call.method, tuple(rest):
            case "GET", () | ("count",):
                return self.listed(call, "orders", self._chosen(call), show.show_order)
            case "POST", ():
                order = self._typed_in(call.inner("order"))
            case "GET", (number,):
                order = store.order(id_of(number))
            case "PUT", (number,):
                order = self._edit(store.order(id_of(number)), call.inner("order"))
            case "GET", (number, "refunds"):
                order = store.order(id_of(number))
                return {"refunds": [show.show_refund(order, one) for one in order.backs]}
            case "GET", (number, "transactions"):
                return {"transactions": show.transactions(store.order(id_of(number)))}
            case "POST", (number, "transactions"):
                order = store.order(id_of(number))
                if str(call.inner("transaction").get("kind", "")).lower() in ("capture", "sale"):
                    store.pay(order)
                return {"transaction": show.transactions(order)[0]}
            case "GET", (number, "fulfillments"):
                order = store.order(id_of(number))
                return {"fulfillments": [show.show_parcel(order, one) for one in order.parcels]}
            case "POST", (number, "fulfillments"):
                return self._send(store.order(id_of(number)), call.inner("fulfillment"))
            case "POST", (number, verb):
                order = self._turn(store.order(id_of(number)), verb, {**call.query, **call.body})
            case _:
                raise Wrong(404, "Not Found")
        return {"order": show.show_order(order)}

    def _chosen(self, call: Call) -> list[Order]:
        """Open ones unless another status is asked for; newest first unless an order is asked for."""
        status = call.query.get("status", "open")
        if status not in ("open", "closed", "cancelled", "any"):
            raise Wrong(422, {"status": ["is invalid"]})
        since = number_of(call.query.get("since_id"), 0)
        chosen = [
            one
            for one in self.store.orders.values()
            if (self.dialect.id == "sapo_omni" or status in ("any", _kind(one)))
            and one.id > since
            and self.between(call, self.dialect.updated, one.updated)
            and self.between(call, self.dialect.created, one.placed)
        ]
        name, _, way = call.query.get("order", "").partition(" ")
        if self.dialect.id == "haravan" and name == "updated_at":
            return sorted(chosen, key=lambda one: (one.updated, one.id), reverse=way == "desc")
        return sorted(chosen, key=lambda one: one.id, reverse=way != "asc" or self.dialect.id != "haravan")

    def _typed_in(self, body: Json) -> Order:
        """An order made by the interface: any financial status may be set, there is no transaction (sheet B3)."""
        lines = body.get("line_items") or []
        if not lines or body.get("financial_status", "pending") not in FINANCIAL:
            raise Wrong(422, {"line_items": ["can't be blank"]} if not lines else {"financial_status": ["is invalid"]})
        found = []
        for one in lines:
            product, variant = self.store.variant(int(one["variant_id"]))
            price = int(one["price"]) if "price" in one else variant.price
            found.append((product, variant, int(one["quantity"]), price))
        source = str(body.get("source_name", "api"))
        order = self.store.add_order(found, cod=True, voucher=0, shipping=0, source=source)
        order.note, order.tags = str(body.get("note", "")), str(body.get("tags", ""))
        order.note_attributes = list(body.get("note_attributes", ()))
        order.given_status = str(body.get("financial_status", ""))
        if order.given_status == "paid":
            self.store.pay(order)
        return order

    def _edit(self, order: Order, body: Json) -> Order:
        """A few fields; items and quantities cannot be changed."""
        if "line_items" in body or "financial_status" in body:
            raise Wrong(422, {"line_items": ["cannot be changed"]})
        order.note, order.tags = str(body.get("note", order.note)), str(body.get("tags", order.tags))
        self.store.change(order)
        return order

    def _turn(self, order: Order, verb: str, body: Json) -> Order:
        now = self.store.now()
        match verb:
            case "confirm" if self.dialect.id == "haravan":
                if order.cancelled is not None:
                    raise Wrong(422, {"order": ["is cancelled"]})
                order.confirmed = order.confirmed or now
            case "close":
                order.closed = order.closed or now
            case "open":
                order.closed = None
            case "cancel":
                reason = str(body.get("reason", "other"))
                if reason not in REASONS or (self.dialect.id != "haravan" and reason == "declined"):
                    raise Wrong(422, {"reason": ["is invalid"]})
                self.store.cancel(order, reason, restock=str(body.get("restock", "")).lower() == "true")
                return order
            case _:
                raise Wrong(404, "Not Found")
        self.store.change(order)
        return order

    def _send(self, order: Order, body: Json) -> Json:
        items = body.get("line_items")
        units = {int(one["id"]): int(one["quantity"]) for one in items} if items else None
        parcel = self.store.ship(
            order,
            units,
            tracking=str(body.get("tracking_number") or ""),
            company=str(body.get("tracking_company") or ""),
        )
        order.confirmed = order.confirmed or self.store.now()
        return {"fulfillment": self.dialect.show_parcel(order, parcel)}


def _kind(order: Order) -> str:
    return "cancelled" if order.cancelled else "closed" if order.closed else "open"
