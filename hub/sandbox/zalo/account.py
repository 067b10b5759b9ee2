"""One Official Account from the inside: what people do to it, and the verbs of trade and lives it does not know.

Zalo Shop was shut down on 2024-12-01 (sheet 0): nothing can be bought here, so every verb of trade is not offered.
"""

from collections.abc import Mapping, Sequence

from hub.sandbox.kit import NotOffered, Offer, SoldOrder, Want, World
from hub.sandbox.zalo.articles import Shelf
from hub.sandbox.zalo.config import Zalo, ZaloOa
from hub.sandbox.zalo.hooks import Outbox
from hub.sandbox.zalo.messages import FREE, Contact, Desk, Json


class Account:
    """Speaks for the people on the other side: ``message``, ``follow``, ``block``; and for Zalo's reviewers."""

    def __init__(self, oa: ZaloOa, config: Zalo, world: World, outbox: Outbox) -> None:
        self.oa = oa
        self.key = oa.oa_id
        self._world = world
        self._outbox = outbox
        self.shelf = Shelf(oa_id=oa.oa_id, title_length=config.title_length, seconds=config.article_seconds)
        self.desk = Desk(
            oa=oa, money=oa.money, package=oa.package_quota,
            contacts={one.user_id: Contact(person=one) for one in oa.people},
            templates={one.template_id: one for one in oa.templates},
        )  # fmt: skip

    # ---- people --------------------------------------------------------------------------------------------------

    def message(self, author: str, text: str) -> str:
        """A person writes in the chat; the message's id."""
        msg_id = self._wrote(author)
        self._tell("user_send_text", self._from_user(author) | {"message": {"msg_id": msg_id, "text": text}})
        return msg_id

    def send_picture(self, user_id: str, url: str) -> str:
        """A person sends a picture without a word."""
        msg_id = self._wrote(user_id)
        attachment = {"type": "image", "payload": {"url": url, "thumbnail": url}}
        self._tell(
            "user_send_image", self._from_user(user_id) | {"message": {"msg_id": msg_id, "attachments": [attachment]}}
        )
        return msg_id

    def submit_info(self, user_id: str, info: Mapping[str, str]) -> None:
        """A person answers ``request_user_info``: name, phone, address, city, district, ward."""
        self._met(user_id)
        self._tell("user_submit_info", self._from_user(user_id) | {"info": dict(info)})

    def follow(self, user_id: str) -> None:
        self._met(user_id).follows = True
        self._tell("follow", {"oa_id": self.key, "follower": {"id": user_id}, "source": "oa_profile"})

    def unfollow(self, user_id: str) -> None:
        self.desk.contacts[user_id].follows = False
        self._tell("unfollow", {"oa_id": self.key, "follower": {"id": user_id}})

    def block(self, user_id: str) -> None:
        """The person shuts the door; nobody is told, only the next message fails (sheet 7)."""
        self.desk.contacts[user_id].blocks = True

    def _wrote(self, user_id: str) -> str:
        """A message of theirs: eight free replies from now on."""
        contact = self._met(user_id)
        contact.wrote_at, contact.free = self._world.clock.now(), FREE
        contact.messages.append(self.desk.fresh_id(f"from {user_id}"))
        return contact.messages[-1]

    def _met(self, user_id: str) -> Contact:
        contact = self.desk.contacts[user_id]
        contact.met_at = self._world.clock.now()
        return contact

    # ---- Zalo's side ---------------------------------------------------------------------------------------------

    def review(self, template_id: str, status: str, reason: str = "") -> None:
        """Zalo's reviewers change a template's state."""
        before = self.desk.change_template(template_id, status)
        told: Json = {"prev_status": before, "new_status": status}
        self._tell(
            "change_template_status", {"oa_id": self.key, "template_id": template_id, "status": told, "reason": reason}
        )

    def told_consultation(self, answer: Json, text: str) -> None:
        """The account's own message comes back as an event, and as received."""
        way = {"sender": {"id": self.key}, "recipient": {"id": answer["user_id"]}}
        self._tell("oa_send_text", way | {"message": {"msg_id": answer["message_id"], "text": text}})
        self._tell("user_received_message", way | {"message": {"msg_ids": [answer["message_id"]]}})

    def told_template(self, msg_id: str, phone: str, tracking_id: str) -> None:
        """The receipt of a template by phone: the same event name, but with a delivery time (sheet 6)."""
        stamp = str(int(self._world.clock.now().timestamp() * 1000))
        message = {"delivery_time": stamp, "msg_id": msg_id, "tracking_id": tracking_id}
        self._tell(
            "user_received_message", {"sender": {"id": self.key}, "recipient": {"id": phone}, "message": message}
        )

    def _from_user(self, user_id: str) -> Json:
        return {"user_id_by_app": f"55{user_id[2:]}", "sender": {"id": user_id}, "recipient": {"id": self.key}}

    def _tell(self, event: str, content: Json) -> None:
        self._outbox.add(event, content, self._world.clock.now())

    # ---- verbs it does not know -----------------------------------------------------------------------------------

    def offers(self) -> Sequence[Offer]:
        return ()

    def place(
        self, wants: Sequence[Want], *, cod: bool = False, seller_voucher: int = 0, platform_voucher: int = 0
    ) -> str:  # fmt: skip
        raise NotOffered

    def _not_offered(self, order_id: str) -> None:
        raise NotOffered

    pay = ship = deliver = complete = fail_delivery = settle = _not_offered

    def cancel(self, order_id: str, wants: Sequence[Want] | None = None) -> None:
        raise NotOffered

    def take_back(self, order_id: str, wants: Sequence[Want], refund: int) -> None:
        raise NotOffered

    def orders(self) -> Sequence[SoldOrder]:
        return ()

    def listings(self) -> Sequence[Mapping[str, object]]:
        return ()

    def go_live(self, title: str) -> str:
        raise NotOffered

    def end_live(self, live_id: str) -> None:
        raise NotOffered

    def comment(self, about: str, author: str, text: str) -> str:
        raise NotOffered
