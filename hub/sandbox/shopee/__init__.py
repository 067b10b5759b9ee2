"""A pretend Shopee Open Platform v2 (Vietnam): our own reading of the fact sheet, strict where the sheet is.

What the sheet marks UNCONFIRMED is a switch in ``config.py``. Livestream calls are not served.
"""

from hub.sandbox.shopee.app import Shopee
from hub.sandbox.shopee.config import Fees, ShopeeApp, ShopeeConfig, ShopeeShop
from hub.sandbox.shopee.setup import shopee

__all__ = ["Fees", "Shopee", "ShopeeApp", "ShopeeConfig", "ShopeeShop", "shopee"]
