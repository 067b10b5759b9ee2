"""Prices of a shop: rules, own fees, promotions."""

from collections.abc import Mapping

from hub.problems.spec import ProblemSpec, bad, warn

PRICES: Mapping[str, ProblemSpec] = {
    "variant_not_clear": bad(
        "producer",
        "No single pack size goes by “{text}”.",
        "Give its SKU, as the catalogue lists it.",
    ),
    "price_amount_missing": bad(
        "producer",
        "The rule “{mode}” needs an amount in dong.",
        "Say how much you want to keep, or what it shall cost.",
    ),
    "price_step_wrong": bad(
        "producer",
        "Prices cannot be rounded to {step} dong.",
        "Round to 1, 500 or 1,000 dong.",
    ),
    "fees_wrong": bad(
        "producer",
        "A fee is written “{text}”, which cannot be read.",
        "Write kind=percent or kind=fixed amount: commission=8, payment=4.91, service=3000d.",
    ),
    "fees_eat_price": bad(
        "producer",
        "The channel's fees come to {percent} percent: no price leaves anything.",
        "Correct the fees of this shop.",
    ),
    "promotion_window_wrong": bad(
        "producer",
        "The promotion ends ({ends}) before it begins ({starts}).",
        "Give an end that lies after the beginning.",
    ),
    "promotion_not_lower": bad(
        "producer",
        "The promotion's price ({price:vnd}) is not below the shop's usual price ({base:vnd}).",
        "Give a lower price.",
    ),
    "promotion_too_deep": bad(
        "producer",
        "The promotion's price ({price:vnd}) is less than half of the usual price ({base:vnd}); the law allows at most "
        "half off (Decree 81/2018/ND-CP, article 7).",
        "Give at least half of the usual price.",
    ),
    "price_below_floor": bad(
        "producer",
        "The price ({price:vnd}) lies below the floor of this product ({floor:vnd}).",
        "Raise the price, or lower the floor first.",
    ),
    "promotion_overlaps": bad(
        "producer",
        "Another promotion of the same pack size ({other}) runs in that time, from {starts}.",
        "End that one first, or choose another time.",
    ),
    "promotion_unknown": bad(
        "producer",
        "There is no running or coming promotion {id}.",
        "List them with `ocop-hub price promotions`.",
    ),
    "prices_differ": warn(
        "producer",
        "{sku} costs {percent} percent more on {dearest} than on {cheapest}.",
        "Buyers compare. Bring the prices nearer together, or leave it if it is meant.",
    ),
}
