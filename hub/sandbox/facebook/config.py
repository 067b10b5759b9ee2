"""What the pretend Facebook is set up with: tokens made up, switches for what the sheet leaves open."""

from dataclasses import dataclass

PERMISSIONS = (
    "catalog_management", "business_management", "pages_show_list", "pages_manage_posts", "pages_read_engagement",
    "pages_read_user_content", "pages_manage_engagement", "pages_manage_metadata", "pages_messaging",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class FacebookPage:
    """A Page with one catalogue. ``user_token``: of its admin or system user; ``days``: its life, 0: endless."""

    page_id: str
    name: str
    catalog_id: str
    user_token: str = ""
    page_token: str = ""
    days: int = 60
    permissions: tuple[str, ...] = PERMISSIONS
    published: bool = True


@dataclass(frozen=True, kw_only=True)
class FacebookConfig:
    """The pretend Graph API. ``calls_per_hour``: of one Page or catalogue (business use case), 0: no limit."""

    app_id: str = "400100200300"
    app_secret: str = "sandbox-app-secret"
    require_proof: bool = True  # "Require App Secret" of the app
    callback_url: str = ""  # of the webhook, as registered in the app's settings; "": none
    redirect_domains: tuple[str, ...] = ("127.0.0.1", "localhost")
    pages: tuple[FacebookPage, ...] = ()
    batch_seconds: float = 0.0  # until a batch of items has had its effect
    slow_checks: int = 1  # times a finished batch is still told to be in progress
    calls_per_hour: int = 0
    headers_from: int = 5  # usage headers appear only after so many calls
    anonymous: bool = False  # "from" is missing: the app lacks a right or is not live
    short_pages: bool = False  # pages hold fewer than asked for, and the first is empty
    nulls: int = 0  # so many last calls of a batch are "not executed in time"
    review: str = "approved"  # of a new item
