"""What the pretend Haravan and the two pretend Sapos are set up with. Every key and token here is made up."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class StorefrontShop:
    """One store. ``key``: Haravan's organisation id, Sapo's store alias. ``token`` or the pair of keys opens it."""

    key: str
    name: str
    token: str = ""
    api_key: str = ""
    api_secret: str = ""
    shipping_fee: int = 0  # dong a buyer pays per order
    read_only: bool = False  # the token was given no write scope


@dataclass(frozen=True, kw_only=True)
class StorefrontConfig:
    """One platform of the family. Switches stand for what the sheet leaves open."""

    shops: tuple[StorefrontShop, ...] = ()
    client_id: str = "storefront-app"
    client_secret: str = "client-secret-1"
    redirect_domains: tuple[str, ...] = ("127.0.0.1", "localhost")
    callback_url: str = ""  # Haravan: the webhook address of the app, as registered; "": none
    verify_token: str = ""  # Haravan: what its GET shows, as registered
    bucket: int = 0  # calls at once (Haravan 80, Sapo 40); 0: no limit
    leak: float = 4.0  # calls a second that leave the bucket (Haravan 4, Sapo 40/60)
    page_cap: int = 50  # Haravan: whatever is asked for; Sapo: 250, KNOWN
    sku_filter: bool = True  # products.json?sku= is a filter at all (measured on Haravan only)
    ids_filter: bool = True  # products.json?ids= is one, KNOWN
    locations: int = 1
    https_hooks: bool = False  # the real ones deliver to https only; a sandbox lives on loopback
    token_seconds: int = 86_400  # of what a sign-in gives
    refresh: bool = True  # the sign-in gives a refresh token (offline_access)
