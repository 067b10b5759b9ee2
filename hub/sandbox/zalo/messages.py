"""Consultation messages and templates (sheets 3 and 4): who may be written to, what it costs, what is counted."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from hub.sandbox.zalo.auth import Refusal, invalid
from hub.sandbox.zalo.config import ZaloOa, ZaloPerson, ZaloTemplate
from hub.types import local_date

Json = dict[str, Any]
WEEK = timedelta(days=7)
FREE_WINDOW = timedelta(hours=48)
FREE = 8
LONGEST = 2000
TRACKING = 48


@dataclass(kw_only=True)
class Contact:
    """What the account knows of one person. ``free``: replies left since the person's last message."""

    person: ZaloPerson
    follows: bool = False
    blocks: bool = False
    wrote_at: datetime | None = None  # last message; the free replies hang on it
    met_at: datetime | None = None  # last interaction of any kind
    free: int = 0
    messages: list[str] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class Sent:
    """A message that left. ``charged``: dong."""

    msg_id: str
    to: str  # user id or phone
    text: str = ""
    template_id: str = ""
    values: tuple[tuple[str, str], ...] = ()
    tracking_id: str = ""
    charged: int = 0


@dataclass(kw_only=True)
class Desk:
    """All messages of one account. Its money, its quotas and its book only ever move by what is sent."""

    oa: ZaloOa
    money: int
    package: int
    contacts: dict[str, Contact]
    templates: dict[str, ZaloTemplate]
    sent: list[Sent] = field(default_factory=list)
    today: tuple[str, int] = ("", 0)  # (local day, templates sent by phone)
    count: int = 0

    def fresh_id(self, what: str) -> str:
        """A message id."""
        self.count += 1
        return hashlib.sha256(f"{self.oa.oa_id} {what} {self.count}".encode()).hexdigest()[:20]

    # ---- consultation --------------------------------------------------------------------------------------------

    def consult(self, body: Mapping[str, Any], now: datetime) -> Json:
        """POST v3.0/oa/message/cs."""
        contact = self._recipient((body.get("recipient") or {}).get("user_id"))
        message = body.get("message") or {}
        text = message.get("text")
        if not isinstance(text, str) or not 1 <= len(text) <= LONGEST:
            raise invalid("text")
        quoted = message.get("quote_message_id", "")
        if quoted and quoted not in contact.messages:
            raise invalid("quote_message_id")
        if contact.blocks:
            raise Refusal(-213, "User has not followed OA")
        if contact.met_at is None or now - contact.met_at > WEEK:
            raise Refusal(-230, "User has not interacted with the OA in the past 7 days")
        quota = self._counted(contact, now)
        msg_id = self.fresh_id("cs")
        self.sent.append(Sent(msg_id=msg_id, to=contact.person.user_id, text=text))
        return {"message_id": msg_id, "user_id": contact.person.user_id, "quota": quota}

    def _counted(self, contact: Contact, now: datetime) -> Json:
        """Eight free replies within 48 hours of the person's message, then the package."""
        owner = {"owner_type": "OA", "owner_id": self.oa.oa_id}
        if contact.wrote_at is not None and now - contact.wrote_at <= FREE_WINDOW and contact.free > 0:
            contact.free -= 1
            ends = f"{contact.wrote_at + FREE_WINDOW:%d/%m/%Y}"
            return {
                "quota_type": "reply",
                "remain": str(contact.free),
                "total": str(FREE),
                "expired_date": ends,
            } | owner
        if self.package <= 0:
            raise Refusal(-211, "Out of quota")  # the number is unconfirmed
        self.package -= 1
        total = str(self.oa.package_quota)
        return {"quota_type": "sub_quota", "remain": str(self.package), "total": total, "expired_date": ""} | owner

    def _recipient(self, user_id: object) -> Contact:
        found = self.contacts.get(user_id) if isinstance(user_id, str) else None
        if found is None:
            raise invalid("user_id")
        return found

    # ---- templates -----------------------------------------------------------------------------------------------

    def by_user(self, body: Mapping[str, Any]) -> Json:
        """POST v3.0/oa/message/template (path unconfirmed)."""
        contact = self._recipient(body.get("user_id"))
        template = self._template(body)
        if not template.by_user:
            raise Refusal(-249, "Template does not support send via UID")  # the number is unconfirmed
        sent = self._send(template, body, contact.person, contact.person.user_id, template.price_uid)
        return {"message_id": sent.msg_id, "user_id": contact.person.user_id}

    def by_phone(self, body: Mapping[str, Any], now: datetime) -> Json:
        """POST message/template. A repeat with the same tracking id is sent and paid for again."""
        tracking = body.get("tracking_id", "")
        if not isinstance(tracking, str) or len(tracking) > TRACKING:
            raise Refusal(-132, "tracking_id is invalid")  # the number is unconfirmed
        person = self._of_phone(body.get("phone"))
        template = self._template(body)
        left = self.left_today(now)
        if left <= 0:
            raise Refusal(-144, "OA has reached its daily quota")  # the number is unconfirmed
        sent = self._send(template, body, person, person.phone, template.price)
        self.today = (self._day(now), self.oa.daily_quota - left + 1)
        stamp = str(int(now.timestamp() * 1000))
        quota = {"remainingQuota": str(left - 1), "dailyQuota": str(self.oa.daily_quota)}
        return {"msg_id": sent.msg_id, "sent_time": stamp, "sending_mode": "1", "quota": quota}

    def left_today(self, now: datetime) -> int:
        """Template messages by phone that may still be sent today."""
        return self.oa.daily_quota - (self.today[1] if self.today[0] == self._day(now) else 0)

    def _day(self, now: datetime) -> str:
        return local_date(now).isoformat()

    def _of_phone(self, phone: object) -> ZaloPerson:
        """``84...``, ``0...`` or without the leading 0; no plus sign."""
        digits = phone if isinstance(phone, str) and phone.isdecimal() else ""
        national = digits[2:] if digits.startswith("84") and len(digits) == 11 else digits.removeprefix("0")
        if len(national) != 9:
            raise Refusal(-108, "Phone number is invalid")
        found = (one.person for one in self.contacts.values() if one.person.phone == f"84{national}")
        person = next(found, None)
        if person is None:
            raise Refusal(-118, "Zalo account not existed")  # the number is unconfirmed
        return person

    def _template(self, body: Mapping[str, Any]) -> ZaloTemplate:
        template = self.templates.get(str(body.get("template_id", "")))
        if template is None:
            raise Refusal(-109, "Template ID is invalid")
        if template.status != "ENABLE":
            raise Refusal(-131, "ZNS template not approved")  # the number is unconfirmed
        return template

    def _send(
        self, template: ZaloTemplate, body: Mapping[str, Any], person: ZaloPerson, to: str, price: int
    ) -> Sent:  # fmt: skip
        values = _checked(template, body.get("template_data"))
        if not person.takes:
            raise Refusal(-141, "User refused to receive this type of message")  # the number is unconfirmed
        if self.money < price:
            raise Refusal(-137, "ZCA charge failure")
        self.money -= price
        sent = Sent(
            msg_id=self.fresh_id("template"), to=to, template_id=template.template_id, values=values,
            tracking_id=str(body.get("tracking_id", "")), charged=price,
        )  # fmt: skip
        self.sent.append(sent)
        return sent

    def change_template(self, template_id: str, status: str) -> str:
        """Zalo's reviewers decide; the status before."""
        before = self.templates[template_id]
        self.templates[template_id] = replace(before, status=status)
        return before.status

    def list_templates(self, query: Mapping[str, str]) -> tuple[Sequence[Json], int]:
        """GET template/all?offset=&limit=(at most 100)."""
        offset, limit = (int(query[key]) if query.get(key, "").isdecimal() else -1 for key in ("offset", "limit"))
        if offset < 0 or not 1 <= limit <= 100:
            raise Refusal(-132, "Parameter is invalid")  # the number is unconfirmed
        every = list(self.templates.values())
        told = [
            {"templateId": int(one.template_id), "templateName": one.name, "status": one.status,
             "createdTime": 1795293712000, "templateQuality": "HIGH"}
            for one in every[offset : offset + limit]
        ]  # fmt: skip
        return told, len(every)

    def template_info(self, query: Mapping[str, str]) -> Json:
        """GET template/info/v2?template_id=."""
        one = self.templates.get(query.get("template_id", ""))
        if one is None:
            raise Refusal(-109, "Template ID is invalid")
        params = [
            {"name": f.name, "require": f.required, "type": "STRING", "minLength": 0, "maxLength": f.max_length,
             "acceptNull": not f.required}
            for f in one.fields
        ]  # fmt: skip
        return {
            "templateId": one.template_id, "templateName": one.name, "status": one.status, "listParams": params,
            "listButtons": [], "timeout": 7_200_000, "templateQuality": "HIGH", "templateTag": "TRANSACTION",
            "price": str(one.price), "price_sdt": str(one.price), "price_uid": str(one.price_uid),
        }  # fmt: skip


def _checked(template: ZaloTemplate, given: object) -> tuple[tuple[str, str], ...]:
    """Values in the template's order; every one there and none too long."""
    if not isinstance(given, dict) or not given:
        raise Refusal(-111, "Template data is empty")
    values: list[tuple[str, str]] = []
    for one in template.fields:
        value = given.get(one.name)
        if value in (None, ""):
            if one.required:
                raise Refusal(-1122, f"Missing template parameter {one.name}")  # the number is unconfirmed
            continue
        if not isinstance(value, str):
            raise Refusal(-112, f"Template data type of {one.name} is invalid")
        if len(value) > one.max_length:
            raise Refusal(-1121, f"Parameter {one.name} exceeds its maximum length")  # the number is unconfirmed
        values.append((one.name, value))
    return tuple(values)
