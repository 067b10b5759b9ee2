"""What one pretend Shopee is made of: apps, shops, limits, fees, and a switch for everything the sheet leaves open.

Amounts are whole dong, rates are basis points (1/100 %), durations are seconds of the world's clock unless said
otherwise; 0 switches a limit off. UNCONFIRMED marks what no good source tells: the default is our guess, a test may
turn it. Plain types only, so that a TOML file of the same shape can fill it.
"""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class ShopeeApp:
    """An app of a developer's console. ``push_key`` empty: the partner key signs pushes too (sheet 13)."""

    partner_id: int
    partner_key: str
    push_key: str = ""
    push_url: str = ""  # the callback address exactly as registered; empty: none
    redirect_domains: tuple[str, ...] = ("127.0.0.1", "localhost")
    source_ips: tuple[str, ...] = ()  # declared ones; empty: any (source_ip_undeclared)
    restricted: bool = False  # error_api_call_restricted
    suspended: bool = False  # api_suspended
    key_expired: bool = False  # error_partner_key_expired


@dataclass(frozen=True, kw_only=True)
class ShopeeShop:
    """A seller's shop, authorised for ``partner_id`` from the start when it has tokens."""

    shop_id: int
    name: str
    partner_id: int = 0
    access_token: str = ""
    refresh_token: str = ""
    token_seed: str = ""
    authorised_days: int = 365
    user_id: int = 0  # of the livestream pages
    main_account_id: int = 0  # shops of one main account can be linked by one consent
    warehouses: tuple[str, ...] = ()  # location ids; empty: single warehouse, no location ids anywhere
    company: bool = False  # a household or person has VAT and PIT withheld, a company does not
    tax_code: str = ""
    under_penalty: bool = False
    extended_description: bool = False  # on the allow-list
    own_carrier: bool = False  # its channel is not integrated: the seller brings the tracking number


@dataclass(frozen=True, kw_only=True)
class Fees:
    """What the platform keeps; levels are those of secondary sources (sheet 14), UNCONFIRMED."""

    commission_bp: int = 700
    transaction_bp: int = 491
    service_bp: int = 0
    processing: int = 3000  # per order
    vat_bp: int = 100
    pit_bp: int = 50
    shipping: int = 15_000  # paid by the buyer
    carrier: int = 22_000  # the carrier's bill; the platform bears the rest
    reverse_shipping: int = 10_000  # per return, borne by the seller


@dataclass(frozen=True, kw_only=True)
class ShopeeConfig:
    """One pretend Shopee. The Vietnamese numbers of get_item_limit are UNCONFIRMED: these are ours (sheet 6.2)."""

    apps: tuple[ShopeeApp, ...] = ()
    shops: tuple[ShopeeShop, ...] = ()
    fees: Fees = Fees()
    # -- limits of an item
    name_length: tuple[int, ...] = (10, 120)
    description_length: tuple[int, ...] = (100, 3000)
    image_count: tuple[int, ...] = (1, 9)
    price_span: tuple[int, ...] = (1000, 120_000_000)
    stock_span: tuple[int, ...] = (0, 999_999)
    tier_name_length: tuple[int, ...] = (1, 14)
    tier_option_length: tuple[int, ...] = (1, 20)
    pre_order_days: tuple[int, ...] = (7, 15)
    days_to_ship: int = 2
    items_per_shop: int = 50_000
    price_ratio: int = 5
    hashtags: int = 18
    gtin: str = "Optional"  # or Flexible, Mandatory
    title_characters: str = "<>{}"  # refused in names; UNCONFIRMED which
    deepest_offset: int = 50_000  # of get_item_list; UNCONFIRMED
    # -- quotas
    calls_per_second: float = 0.0  # per shop, machine time; no figure is published
    calls_burst: int = 0  # 0: one second's worth
    calls_per_day: int = 0  # per app, until 00:00 UTC+8
    new_items_per_day: int = 0  # per shop, until 00:00 UTC+8
    # -- what becomes of items
    blocked_categories: tuple[int, ...] = ()  # error_category_is_block
    forbidden_categories: tuple[int, ...] = ()  # error_forbidden_category
    banned_words: tuple[str, ...] = ()  # an item that says one is BANNED
    review_percent: int = 0  # share of new items that goes to REVIEWING first
    review_seconds: int = 3600
    tier_wait_seconds: int = 5  # init_tier_variation earlier after add_item is refused
    # -- tokens
    access_seconds: int = 14_400
    refresh_seconds: int = 30 * 86_400
    grace_seconds: int = 300  # of the access token before a refresh
    code_seconds: int = 600
    clock_skew_seconds: int = 300
    # -- parcels
    document_seconds: int = 3  # from create_shipping_document to READY
    tracking_seconds: int = 0  # from ship_order to the carrier's number; it "may be empty" at first
    # -- UNCONFIRMED behaviour
    token_error_status: int = 403  # seen by two clients; 200 is the rule for everything else
    sign_error_status: int = 403
    refresh_repeat_seconds: int = 0  # a repeated refresh within this time gets the same pair (FAQ 144, second-hand)
    inclusive_borders: bool = True  # of the time windows of orders and returns
    cod_unpaid_second: bool = True  # cash orders are UNPAID for one second
    first_return_page: int = 0
    unknown_orders_warn: bool = True  # some of 50 unknown: the known ones and a warning; False: error_not_found
    reserved_as_auth: bool = False  # stock below reserved: error_auth instead of error_param
    refuse_similar: bool = False  # error_repeated_mtsku for a second item of the same name
    refund_paid_status: bool = False  # finished returns say REFUND_PAID (older list) instead of ACCEPTED
    full_return_cancels: bool = False  # everything back before completion: CANCELLED instead of COMPLETED
    search_models_by_sku: bool = False  # search_item finds an item by a model's SKU too
