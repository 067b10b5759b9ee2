"""What Shopee says of an order that is to be sent, and how it is told to. Pure; the calls are in ``parcels``."""

from collections.abc import Mapping

from pydantic import BaseModel

from hub.connectors.shapes import Count, Many, Moment, Text
from hub.connectors.shipping import CancelReason, Handover, Options, Shipping, Slot
from hub.connectors.shopee import wire
from hub.connectors.shopee.told import line_ids
from hub.errors import Refused
from hub.types import RemoteId

WAITS = ("READY_TO_SHIP", "RETRY_SHIP")
SENT = ("PROCESSED", "SHIPPED", "TO_CONFIRM_RECEIVE", "COMPLETED", "TO_RETURN")
CANCELLABLE = ("UNPAID", "PENDING", "INVOICE_PENDING", "PROCESSED", *WAITS)
UNARRANGED = ("LOGISTICS_READY", "LOGISTICS_PICKUP_RETRY", "LOGISTICS_PENDING_ARRANGE", "")
REASONS: Mapping[CancelReason, str] = {"out_of_stock": "OUT_OF_STOCK", "buyer_asked": "CUSTOMER_REQUEST"}
"""Shopee has no word for the others in Vietnam, and a wrong one would be held against buyer or seller."""
FILES = {b"%PDF": ("application/pdf", "pdf"), b"PK\x03\x04": ("application/zip", "zip")}
"""By their first bytes; a ZIP comes where the seller centre is set to thermal printing."""


class Parcel(BaseModel):
    package_number: Text = ""
    logistics_status: Text = ""
    shipping_carrier: Text = ""


class Sending(BaseModel):
    """An order as far as sending it out goes."""

    order_sn: str
    order_status: str
    ship_by_date: Moment = None
    package_list: Many[Parcel] = []
    item_list: Many[wire.OrderItem] = []

    def named(self, parcel: Parcel) -> dict[str, str]:
        """How a call names the parcel; the number is wanted only where the order was split, and never blank."""
        split = len(self.package_list) > 1 and parcel.package_number
        return {"order_sn": self.order_sn, **({"package_number": parcel.package_number} if split else {})}


class Sendings(BaseModel):
    order_list: list[Sending]


class TimeSlot(BaseModel):
    date: Moment = None
    pickup_time_id: Text


class Address(BaseModel):
    address_id: Count
    address_flag: Many[str] = []
    address: Text = ""
    time_slot_list: Many[TimeSlot] = []


class Pickup(BaseModel):
    address_list: Many[Address] = []


class Ways(BaseModel):
    info_needed: dict[str, list[str] | None] = {}
    pickup: Pickup | None = None


class Tracking(BaseModel):
    tracking_number: Text = ""


class Paper(BaseModel):
    status: Text = ""


class Papers(BaseModel):
    result_list: list[Paper]


def waiting(order: Sending) -> list[Parcel]:
    """The parcels that can be arranged now."""
    if order.order_status not in WAITS:
        return []
    return [one for one in order.package_list if one.logistics_status in UNARRANGED]


def whole(order: Sending) -> dict[RemoteId, int]:
    ids = line_ids(order.item_list)
    left = [one.model_quantity_purchased - one.cancelled_qty for one in order.item_list]
    return {line: units for line, units in zip(ids, left, strict=True) if units}


def to_options(order: Sending, ways: Ways) -> Options:
    """``non_integrated``: a carrier of the seller's own, so the parcel is brought there."""
    handovers: tuple[Handover, ...] = ("pickup",) if "pickup" in ways.info_needed else ()
    if not {"dropoff", "non_integrated"}.isdisjoint(ways.info_needed):
        handovers += ("dropoff",)
    return Options(handovers=handovers, slots=to_slots(ways), ship_by=order.ship_by_date)


def to_slots(ways: Ways) -> tuple[Slot, ...]:
    """``address|time`` of each pick-up, those at the shop's own pick-up address first."""
    known = ways.pickup.address_list if ways.pickup else []
    places = sorted(known, key=lambda one: "pickup_address" not in one.address_flag)
    return tuple(
        Slot(id=f"{place.address_id}|{slot.pickup_time_id}", start=slot.date, place=place.address)
        for place in places for slot in place.time_slot_list
    )  # fmt: skip


def to_way(ways: Ways, shipping: Shipping) -> dict[str, object]:
    """The part of ship_order that says how; raises Refused for no way.

    A pick-up is what is wished where nobody says anything: where no carrier comes, and no time was named, the parcel is
    brought. A wish to bring it is never turned into a pick-up.
    """
    known = {name: needed or [] for name, needed in ways.info_needed.items()}
    if "non_integrated" in known:
        if not shipping.tracking:
            raise Refused("tracking_missing")
        return {"non_integrated": {"tracking_number": shipping.tracking}}
    way = shipping.handover if "pickup" in known or shipping.slot else "dropoff"
    if shipping.tracking or way not in known or (way == "dropoff" and known[way]):
        raise Refused("do_it_on_channel", doing="ship")  # a branch or a sender's name: not asked in Vietnam
    if way == "dropoff" or not known[way]:
        return {way: {}}
    slots = to_slots(ways)
    address, _, time = (shipping.slot or (slots[0].id if slots else "")).partition("|")
    if not address.isdigit() or not time:
        raise Refused("order_state_wrong", slot=shipping.slot)  # no slots: shipped already, or too late
    return {"pickup": {"address_id": int(address), "pickup_time_id": time}}
