"""The shapes of Shopee's answers, as far as the hub reads them. Lenient on what we do not need, strict on what we do.

Amounts are JSON numbers in major units and whole in VND; times are Unix seconds (some samples carry milliseconds), 0
and null mean "not yet"; ids are numbers kept as text. Buyers' names, phones and streets have no field here.
"""

from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Annotated, Any, Generic, TypeVar

from pydantic import BaseModel, BeforeValidator, Field

T = TypeVar("T")


def _dong(value: object) -> object:
    """A JSON number as whole dong, half up; it never passes through a float sum."""
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return value
    try:
        return int(Decimal(str(value)).quantize(Decimal(1), ROUND_HALF_UP))
    except InvalidOperation:
        return value


def _unset(value: object) -> object:
    return None if value in (0, "0", "") else value


def _text(value: object) -> object:
    return "" if value is None else str(value) if isinstance(value, int) else value


def _many(value: object) -> object:
    return [] if value is None else value


Money = Annotated[int, BeforeValidator(_dong)]
Moment = Annotated[datetime | None, BeforeValidator(_unset)]
Text = Annotated[str, BeforeValidator(_text)]
Count = Annotated[int, BeforeValidator(lambda value: 0 if value is None else value)]
Many = Annotated[list[T], BeforeValidator(_many)]


class Of(BaseModel, Generic[T]):
    """The envelope; ``error`` was judged before."""

    response: T


class Accepted(BaseModel):
    """An answer whose payload says nothing we need."""


# ---- shop and tokens: top level, no envelope ---------------------------------------------------------------------


class ShopInfo(BaseModel):
    shop_name: Text = ""
    region: str
    status: str
    expire_time: Moment = None


class TokenPair(BaseModel):
    access_token: str
    refresh_token: str
    expire_in: int  # seconds; one sample shows an epoch
    shop_id_list: Many[int] = []


# ---- rules of the catalogue --------------------------------------------------------------------------------------


class CategoryWire(BaseModel):
    category_id: Text
    parent_category_id: Text
    original_category_name: Text = ""
    display_category_name: Text = ""
    has_children: bool


class CategoryList(BaseModel):
    category_list: Many[CategoryWire]


class Translated(BaseModel):
    language: Text = ""
    value: Text = ""


class AttributeInfo(BaseModel):
    input_type: int
    input_validation_type: Count = 0
    format_type: Count = 0
    date_format_type: Count = 0
    attribute_unit_list: Many[str] = []
    max_value_count: Count = 0


class AttributeValue(BaseModel):
    value_id: int
    name: Text = ""
    value_unit: Text = ""
    multi_lang: Many[Translated] = []
    child_attribute_list: "Many[Attribute]" = []


class Attribute(BaseModel):
    attribute_id: int
    mandatory: bool = False
    name: Text = ""
    multi_lang: Many[Translated] = []
    attribute_value_list: Many[AttributeValue] = []
    attribute_info: AttributeInfo


class AttributeTree(BaseModel):
    category_id: Text
    attribute_tree: Many[Attribute] = []


class AttributeTrees(BaseModel):
    trees: Many[AttributeTree] = Field(alias="list")


class LimitSpan(BaseModel):
    min_limit: float | None = None
    max_limit: float | None = None


class WeightLimit(BaseModel):
    weight_mandatory: bool = False


class DimensionLimit(BaseModel):
    dimension_mandatory: bool = False


class ItemLimit(BaseModel):
    price_limit: LimitSpan | None = None
    stock_limit: LimitSpan | None = None
    item_name_length_limit: LimitSpan | None = None
    item_image_count_limit: LimitSpan | None = None
    item_description_length_limit: LimitSpan | None = None
    tier_variation_option_length_limit: LimitSpan | None = None
    weight_limit: WeightLimit | None = None
    dimension_limit: DimensionLimit | None = None


class GtinLimit(BaseModel):
    gtin_validation_rule: Text = "Optional"


class ItemLimitAnswer(BaseModel):
    response: ItemLimit
    gtin_limit: GtinLimit | None = None  # stands beside the payload


class ParcelWeight(BaseModel):
    item_max_weight: float | None = None
    item_min_weight: float | None = None


class LogisticsChannel(BaseModel):
    logistics_channel_id: int
    enabled: bool
    mask_channel_id: Count = 0
    fee_type: Text = ""
    weight_limit: ParcelWeight | None = None


class LogisticsChannels(BaseModel):
    logistics_channel_list: Many[LogisticsChannel]


# ---- pictures and writes -----------------------------------------------------------------------------------------


class ImageInfo(BaseModel):
    image_id: Text = ""


class OneImage(BaseModel):
    id: Count = 0
    error: Text = ""
    message: Text = ""
    image_info: ImageInfo | None = None


class Uploaded(BaseModel):
    image_info: ImageInfo | None = None
    image_info_list: Many[OneImage] = []


class Added(BaseModel):
    item_id: Text


class ModelPlaced(BaseModel):
    tier_index: list[int]
    model_id: Text
    model_sku: Text = ""


class Tiered(BaseModel):
    model: Many[ModelPlaced]


class Failure(BaseModel):
    item_id: Text = ""
    model_id: Text = ""
    failed_reason: Text = ""


class Success(BaseModel):
    item_id: Text = ""
    model_id: Text = ""


class PartlyDone(BaseModel):
    """Partial success of unlist (by item) and of price and stock (by model) is normal."""

    success_list: Many[Success] = []
    failure_list: Many[Failure] = []


# ---- listings ----------------------------------------------------------------------------------------------------


class PriceInfo(BaseModel):
    original_price: Money


class SellerStock(BaseModel):
    stock: Count


class StockSummary(BaseModel):
    total_available_stock: int | None = None


class StockInfo(BaseModel):
    summary_info: StockSummary | None = None
    seller_stock: list[SellerStock] | None = None


class ImageIds(BaseModel):
    image_id_list: Many[str] = []


class SetValue(BaseModel):
    original_value_name: Text = ""
    value_unit: Text = ""


class SetAttribute(BaseModel):
    original_attribute_name: Text = ""
    attribute_value_list: Many[SetValue] = []


class Item(BaseModel):
    item_id: Text
    item_sku: Text = ""
    item_name: Text
    item_status: str
    description: Text = ""
    category_id: Text = ""
    has_model: bool = False
    price_info: Many[PriceInfo] = []  # absent for items with variants
    stock_info_v2: StockInfo | None = None
    image: ImageIds | None = None
    attribute_list: Many[SetAttribute] = []
    update_time: Moment = None


class Items(BaseModel):
    item_list: Many[Item] = []


class Model(BaseModel):
    model_id: Text
    model_sku: Text = ""
    price_info: Many[PriceInfo] = []
    stock_info_v2: StockInfo | None = None


class Models(BaseModel):
    model: Many[Model] = []


class ItemRef(BaseModel):
    item_id: Text


class ItemPage(BaseModel):
    item: Many[ItemRef] = []
    has_next_page: bool = False
    next_offset: Count = 0


class Found(BaseModel):
    item_id_list: Many[int] = []
    next_offset: Text = ""


class StatusDetail(BaseModel):
    violation_reason: Text = ""
    suggestion: Text = ""


class Violation(BaseModel):
    item_id: Text
    item_status_details: Many[StatusDetail] = []


class Violations(BaseModel):
    item_list: Many[Violation] = []


# ---- orders ------------------------------------------------------------------------------------------------------


class OrderRef(BaseModel):
    order_sn: str


class OrderPage(BaseModel):
    order_list: Many[OrderRef] = []
    more: bool = False
    next_cursor: Text = ""


class Promotion(BaseModel):
    promotion_type: Text = ""


class OrderItem(BaseModel):
    item_id: Text
    model_id: Text = "0"
    item_name: Text = ""
    model_name: Text = ""
    item_sku: Text = ""
    model_sku: Text = ""
    model_quantity_purchased: int
    model_original_price: Money
    model_discounted_price: Money
    order_item_id: Text = ""
    line_item_id: Text = ""  # unique, since 2026-07
    promotion_type: Text = ""
    promotion_list: Many[Promotion] = []
    cancelled_qty: Count = 0  # since 2026-05


class Package(BaseModel):
    logistics_status: Text = ""


class Recipient(BaseModel):
    state: Text = ""  # the province; the district is in ``city``, all the rest is the buyer's own


class Order(BaseModel):
    order_sn: str
    order_status: str
    create_time: datetime
    update_time: datetime
    cod: bool = False
    pay_time: Moment = None
    pickup_done_time: Moment = None
    recipient_address: Recipient | None = None
    item_list: list[OrderItem]
    package_list: Many[Package] = []


class Orders(BaseModel):
    order_list: Many[Any] = []  # decoded one by one, so that a bad one is set aside


class ReturnItem(BaseModel):
    item_id: Text
    model_id: Text = "0"
    amount: Count = 0  # units


class Return(BaseModel):
    return_sn: Text
    order_sn: str
    status: str
    refund_amount: Money
    update_time: datetime
    return_solution: Count = 0  # 0 goods and money, 1 money only
    return_refund_request_type: Count = 0  # 0 normal, 1 in transit, 2 on the spot
    item: Many[ReturnItem] = []


class ReturnPage(BaseModel):
    more: bool = False
    returns: Many[Return] = Field(default=[], alias="return")


# ---- money -------------------------------------------------------------------------------------------------------


class Correction(BaseModel):
    amount: Money
    adjustment_reason: Text = ""


class Income(BaseModel):
    """What can be non-zero in Vietnam. None: the platform did not say."""

    escrow_amount: Money
    original_cost_of_goods_sold: Money | None = None
    original_shopee_discount: Money | None = None
    shopee_discount: Money | None = None
    seller_return_refund: Money | None = None
    voucher_from_seller: Money | None = None
    voucher_from_shopee: Money | None = None
    seller_coin_cash_back: Money | None = None
    buyer_paid_shipping_fee: Money | None = None
    actual_shipping_fee: Money | None = None
    shopee_shipping_rebate: Money | None = None
    shipping_fee_discount_from_3pl: Money | None = None
    reverse_shipping_fee: Money | None = None
    rsf_seller_protection_fee_claim_amount: Money | None = None
    final_return_to_seller_shipping_fee: Money | None = None
    seller_transaction_fee: Money | None = None
    service_fee: Money | None = None
    commission_fee: Money | None = None
    campaign_fee: Money | None = None
    shipping_seller_protection_fee_amount: Money | None = None
    delivery_seller_protection_fee_premium_amount: Money | None = None
    order_ams_commission_fee: Money | None = None
    withholding_vat_tax: Money | None = None
    withholding_pit_tax: Money | None = None
    withholding_cit_tax: Money | None = None
    seller_order_processing_fee: Money | None = None
    buyer_paid_packaging_fee: Money | None = None
    trade_in_bonus_by_seller: Money | None = None
    ads_escrow_top_up_fee_or_technical_support_fee: Money | None = None
    order_adjustment: Many[Correction] = []


class Escrow(BaseModel):
    order_sn: str
    return_order_sn_list: Many[str] = []
    order_income: Income


class EscrowEntry(BaseModel):
    escrow_detail: Escrow


class Released(BaseModel):
    order_sn: str
    payout_amount: Money
    escrow_release_time: datetime


class ReleasedPage(BaseModel):
    escrow_list: Many[Released] = []
    more: bool = False
