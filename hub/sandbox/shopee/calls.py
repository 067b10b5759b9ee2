"""Which call is which function. GET parameters come from the query, POST parameters from a JSON body."""

from collections.abc import Callable, Mapping

from hub.sandbox.shopee import desk, guide, items, money, papers, parcels, returns, shelf, stock, variants
from hub.sandbox.shopee.state import ShopState
from hub.sandbox.shopee.wire import Answer, Args

ShopCall = Callable[[ShopState, Args, int], Answer]

GETS: Mapping[str, ShopCall] = {
    "product/get_category": guide.get_category,
    "product/category_recommend": guide.category_recommend,
    "product/get_attribute_tree": guide.get_attribute_tree,
    "product/get_brand_list": guide.get_brand_list,
    "product/get_item_limit": guide.get_item_limit,
    "logistics/get_channel_list": guide.get_channel_list,
    "shop/get_warehouse_detail": guide.get_warehouse_detail,
    "product/get_item_list": shelf.get_item_list,
    "product/search_item": shelf.search_item,
    "product/get_item_base_info": shelf.get_item_base_info,
    "product/get_item_extra_info": shelf.get_item_extra_info,
    "product/get_item_violation_info": shelf.get_item_violation_info,
    "product/get_model_list": shelf.get_model_list,
    "order/get_order_list": desk.get_order_list,
    "order/get_order_detail": desk.get_order_detail,
    "logistics/get_shipping_parameter": parcels.get_shipping_parameter,
    "logistics/get_tracking_number": parcels.get_tracking_number,
    "returns/get_return_list": returns.get_return_list,
    "returns/get_return_detail": returns.get_return_detail,
    "payment/get_escrow_detail": money.get_escrow_detail,
    "payment/get_escrow_detail_batch": money.get_escrow_detail_batch,
    "payment/get_escrow_list": money.get_escrow_list,
    "payment/get_wallet_transaction_list": money.get_wallet_transaction_list,
    "payment/get_income_overview": money.get_income_overview,
    "payment/get_income_detail": money.get_income_detail,
}
POSTS: Mapping[str, ShopCall] = {
    "product/add_item": items.add_item,
    "product/update_item": items.update_item,
    "product/unlist_item": items.unlist_item,
    "product/delete_item": items.delete_item,
    "product/init_tier_variation": variants.init_tier_variation,
    "product/update_tier_variation": variants.update_tier_variation,
    "product/add_model": variants.add_model,
    "product/update_model": variants.update_model,
    "product/delete_model": variants.delete_model,
    "product/update_price": stock.update_price,
    "product/update_stock": stock.update_stock,
    "order/cancel_order": desk.cancel_order,
    "order/handle_buyer_cancellation": desk.handle_buyer_cancellation,
    "order/search_package_list": parcels.search_package_list,
    "logistics/ship_order": parcels.ship_order,
    "logistics/update_shipping_order": parcels.update_shipping_order,
    "logistics/get_shipping_document_parameter": papers.get_shipping_document_parameter,
    "logistics/create_shipping_document": papers.create_shipping_document,
    "logistics/get_shipping_document_result": papers.get_shipping_document_result,
    "logistics/download_shipping_document": papers.download_shipping_document,
    "returns/confirm": returns.confirm,
    "returns/dispute": returns.dispute,
    "payment/get_escrow_detail_batch": money.get_escrow_detail_batch,  # the documents say GET, clients POST
}
PUBLIC = frozenset(
    {
        "auth/token/get",
        "auth/access_token/get",
        "public/get_shops_by_partner",
        "public/get_shopee_ip_ranges",
        "push/get_app_push_config",
        "push/set_app_push_config",
        "push/get_lost_push_message",
        "push/confirm_consumed_lost_push_message",
        "shop/auth_partner",
        "shop/cancel_auth_partner",
    }
)
