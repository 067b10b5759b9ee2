"""What the pretend Tiki is set up with. Keys and tokens are made up; switches stand for what the sheet leaves open."""

from dataclasses import dataclass, field


@dataclass(frozen=True, kw_only=True)
class TikiApp:
    """An app of the console. ``seller_id`` > 0: an in-house app, connected to that shop (client_credentials)."""

    client_id: str
    client_secret: str
    redirect_uri: str = "http://127.0.0.1/back"
    secret_in_form: bool = False  # client_secret_post instead of client_secret_basic
    seller_id: int = 0


@dataclass(frozen=True, kw_only=True)
class TikiShop:
    """A seller. ``paused``: the owner stopped the connection, which answers HTTP 200 with a message (sheet 1)."""

    seller_id: int
    name: str
    client_id: str
    access_token: str = ""
    refresh_token: str = ""
    warehouses: tuple[int, ...] = (1034,)
    fulfillment: str = "dropship"
    shipping_fee: int = 0  # dong a buyer pays per order
    active: bool = True
    paused: bool = False


@dataclass(frozen=True, kw_only=True)
class TikiConfig:
    """The pretend Tiki."""

    apps: tuple[TikiApp, ...] = ()
    shops: tuple[TikiShop, ...] = ()
    review_seconds: float = 0.0  # from a request to its approval; 0: approved when first asked about
    stock_lag_seconds: float = 0.0  # stock changes may show minutes later, sheet 8.9
    awaiting: str = "awaiting"  # or "waiting": both spellings of the states are about (sheet 3.2)
    reason_as_json: bool = True  # a rejection's reason: a JSON document in a string, else plain text
    access_seconds: int = 86_399
    calls_per_second: float = 0.0  # per shop; 0: no limit. 50 in old documents, sheet 6
    deaf: tuple[str, ...] = field(default=())  # original_skus whose updates are "approved" and change nothing
