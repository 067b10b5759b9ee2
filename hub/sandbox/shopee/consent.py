"""Where a seller says yes or takes it back: the pretend seller always agrees at once."""

from collections.abc import Mapping, Sequence
from urllib.parse import urlencode, urlsplit, urlunsplit

from hub.sandbox.shopee.auth import Authority
from hub.sandbox.shopee.config import ShopeeApp, ShopeeShop
from hub.sandbox.shopee.push import Outbox
from hub.sandbox.shopee.wire import Json, bad

WEEK = 7 * 86_400


class Consents:
    """Both forms of the page, the unsigned link and the signed ``shop/auth_partner``, end here."""

    def __init__(self, authority: Authority, outboxes: Mapping[int, Outbox]) -> None:
        self._authority = authority
        self._outboxes = outboxes

    def answer(self, app: ShopeeApp, target: str, query: Mapping[str, str], now: int, *, ending: bool) -> str:
        """The address to go back to, with ``code``, the shop or main account, and ``state``.

        Which seller: ``shop_id`` or ``main_account_id`` in the query (our addition, the real page asks for a login),
        else the first shop without a consent. Raises Refusal for a domain that was not declared.
        """
        where = urlsplit(target)
        if where.scheme not in ("http", "https") or not {where.hostname, where.netloc} & set(app.redirect_domains):
            raise bad("redirect domain does not match the one declared in the console")
        main = _number(query.get("main_account_id"))
        shops = self._authority.of_main_account(main) if main else []
        told: dict[str, str] = {}
        if not shops:
            main, shops = 0, [self._authority.pick(app.partner_id, _number(query.get("shop_id")) or None)]
        if ending:
            for shop in shops:
                self.end(app, shop, now)
        else:
            told["code"] = self._authority.consent(app, shops, main, now)
            self._tell(app, 1, shops, now)
        told |= {"main_account_id": str(main)} if main else {"shop_id": str(shops[0].shop_id)}
        if "state" in query:
            told["state"] = query["state"]
        return urlunsplit(where._replace(query="&".join(filter(None, (where.query, urlencode(told))))))

    def end(self, app: ShopeeApp, shop: ShopeeShop, now: int) -> None:
        """The consent of one shop ends, with push 2 if there was one."""
        if self._authority.withdraw(app.partner_id, shop.shop_id):
            self._tell(app, 2, [shop], now)

    def watch(self, now: int) -> None:
        """Push 12 once in the last week of a consent, and push 2 in its expiry form (``shopid``) when it is over."""
        for partner_id, outbox in self._outboxes.items():
            for grant in self._authority.ending(partner_id, now + WEEK):
                over = grant.ends_at <= now
                if over and not grant.told_over:
                    grant.told_over = True
                    data: Json = {"authorize_type": "shop authorization", "extra": "expired", "success": 1}
                    outbox.add(grant.shop.shop_id, 2, data | {"shopid": grant.shop.shop_id}, now)
                elif not over and not grant.told_soon:
                    grant.told_soon = True
                    soon: Json = {
                        "shop_expire_soon": [grant.shop.shop_id],
                        "merchant_expire_soon": [],
                        "user_expire_soon": [],
                        "expire_before": now + WEEK,
                        "page_no": 1,
                        "total_page": 1,
                    }
                    outbox.add(grant.shop.shop_id, 12, soon, now)

    def _tell(self, app: ShopeeApp, code: int, shops: Sequence[ShopeeShop], now: int) -> None:
        data: Json = {"authorize_type": "shop authorization", "extra": "", "success": 1}
        data |= {"shop_id": shops[0].shop_id} if len(shops) == 1 else {"shop_id_list": [s.shop_id for s in shops]}
        self._outboxes[app.partner_id].add(shops[0].shop_id, code, data, now)


def _number(text: str | None) -> int:
    return int(text) if text and text.isdecimal() else 0
