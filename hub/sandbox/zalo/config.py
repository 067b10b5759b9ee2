"""What the pretend Zalo is set up with: apps, Official Accounts, their templates and the people who write to them.

Every key, token and person here is made up. Switches stand for what the fact sheet leaves open.
"""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class ZaloApp:
    """An app. ``oa_secret_key`` signs webhooks and is not the app's secret (sheet 6)."""

    app_id: str
    secret_key: str
    oa_secret_key: str
    hook_url: str = ""  # one per app; "": none
    redirects: tuple[str, ...] = ("http://127.0.0.1", "http://localhost")  # what a callback address must begin with
    code_challenge: str = ""  # the one fixed in the console, where it is; "": the link's own counts (sheet 1)
    needs_proof: bool = False  # appsecret_proof is switched on (sheet 2)
    messages_allowed: bool = True  # the permission groups that were ticked: -212 without


@dataclass(frozen=True, kw_only=True)
class ZaloField:
    """A parameter of a template (sheet 4)."""

    name: str
    max_length: int
    required: bool = True


@dataclass(frozen=True, kw_only=True)
class ZaloTemplate:
    """A message template. ``by_user``: approved since 2025-12-10, works for user ids too (sheet 3)."""

    template_id: str
    name: str
    fields: tuple[ZaloField, ...]
    status: str = "ENABLE"
    price: int = 300  # dong by phone
    price_uid: int = 200
    by_user: bool = True


@dataclass(frozen=True, kw_only=True)
class ZaloPerson:
    """Somebody on Zalo. ``takes``: does not refuse this account's template messages."""

    user_id: str
    phone: str  # 84...
    takes: bool = True


@dataclass(frozen=True, kw_only=True)
class ZaloOa:
    """An Official Account, granted to ``app_id`` from the start when it has tokens."""

    oa_id: str
    name: str
    app_id: str
    access_token: str = ""
    refresh_token: str = ""
    money: int = 1_000_000  # dong on the account that template messages are paid from
    daily_quota: int = 500
    package_quota: int = 2000  # consultation messages beyond the free ones
    templates: tuple[ZaloTemplate, ...] = ()
    people: tuple[ZaloPerson, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Zalo:
    """The pretend Zalo."""

    apps: tuple[ZaloApp, ...] = ()
    accounts: tuple[ZaloOa, ...] = ()
    access_seconds: int = 90_000
    expires_as_text: bool = True  # real answers write the seconds as text; a client must take a number too
    calls_per_minute: int = 0  # per app; 0: no limit
    article_seconds: float = 2.0  # how long an article is being processed
    title_length: int = 149  # 150 by the sheet; one integrator saw exactly 150 refused


ORDER_TEMPLATE = ZaloTemplate(
    template_id="301201",
    name="Xác nhận đơn hàng",
    fields=(
        ZaloField(name="customer_name", max_length=30),
        ZaloField(name="order_code", max_length=30),
        ZaloField(name="amount", max_length=20, required=False),
    ),
)


def default_zalo() -> Zalo:
    """Demo and tests: one app, two accounts, of which the second is not granted yet, and three people."""
    app = ZaloApp(app_id="431234567890", secret_key="zalo-app-secret-1", oa_secret_key="oa-secret-1")
    people = (
        ZaloPerson(user_id="7312345678901234501", phone="84900000001"),
        ZaloPerson(user_id="7312345678901234502", phone="84900000002"),
        ZaloPerson(user_id="7312345678901234503", phone="84900000003", takes=False),
    )
    old = ZaloTemplate(
        template_id="301202", name="Giao hàng (mẫu cũ)", fields=(ZaloField(name="order_code", max_length=30),),
        by_user=False,
    )  # fmt: skip
    waiting = ZaloTemplate(
        template_id="301203", name="Cảm ơn", fields=(ZaloField(name="customer_name", max_length=30),),
        status="PENDING_REVIEW",
    )  # fmt: skip
    return Zalo(
        apps=(app,),
        accounts=(
            ZaloOa(
                oa_id="3812345678901234561", name="Hợp tác xã Một", app_id=app.app_id, access_token="zalo-access-1",
                refresh_token="zalo-refresh-1", templates=(ORDER_TEMPLATE, old, waiting), people=people,
            ),
            ZaloOa(oa_id="3812345678901234562", name="Hợp tác xã Hai", app_id=app.app_id, people=people),
        ),
    )  # fmt: skip
