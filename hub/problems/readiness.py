"""Readiness: what a channel would refuse, said before anything is sent; edited words; feeds."""

from collections.abc import Mapping

from hub.problems.spec import ProblemSpec, bad, info, warn

READINESS: Mapping[str, ProblemSpec] = {
    "price_not_in_steps": bad(
        "producer",
        "The price {price:vnd} of {sku} is not a multiple of {step:vnd}, which the channel demands.",
        "Round the price.",
    ),
    "variant_label_too_long": bad(
        "producer",
        "The label {label} of a pack size is too long for the channel ({length} characters, at most {max}) "
        "({message}).",
        "Shorten the label, for example to 500 g.",
    ),
    "variant_label_too_short": bad(
        "producer",
        "The label of a pack size is too short for the channel ({length} characters, at least {min}).",
        "Write it in full, for example 500 g.",
    ),
    "picture_too_small": bad(
        "producer",
        "A picture is too small for the channel ({width} × {height} points, at least {min}).",
        "Upload a larger one.",
    ),
    "picture_too_wide": bad(
        "producer",
        "A picture is too large for the channel ({width} × {height} points, at most {max}).",
        "Upload a smaller one.",
    ),
    "picture_ratio_wrong": bad(
        "producer",
        "The shape of a picture does not suit the channel ({width} × {height} points; width to height from {min} "
        "to {max}).",
        "Crop the picture, best to a square.",
    ),
    "attribute_value_unknown": bad(
        "operator",
        "The channel has a list of its own for {attribute}, and {value} is not in it ({allowed}).",
        "Choose one of the list in the category map of the channel (config/categories).",
    ),
    "attribute_unit_unknown": bad(
        "producer",
        "The channel takes {attribute} as a number with one of its units ({allowed}), not as {value}.",
        "Correct quantity and unit on the product's page.",
    ),
    "attribute_too_long": bad(
        "producer",
        "{attribute} is too long for the channel ({length} characters, at most {max}).",
        "Shorten it on the product's page.",
    ),
    "certificate_number_missing": warn(
        "office",
        "The certificate of decision {decision_no} has no number, so the text names only the decision.",
        "Enter the certificate's number.",
    ),
    "alcohol_limited": warn(
        "producer",
        "Alcoholic drinks are sold only to buyers of {age} and older, without payment on delivery, and may not "
        "be advertised from {abv} % by volume ({legal_ref}).",
        "Switch payment on delivery off for it in the channel's own app.",
    ),
    "cut_blank": bad(
        "producer",
        "No words were given for the channel.",
        "Give a title, a description, or say that the words made by rule shall come back (--clear).",
    ),
    "feed_kind_unknown": bad(
        "operator",
        "There is no feed of the kind {kind}.",
        "Choose one of: {known}.",
    ),
    "shop_not_a_feed": bad(
        "operator",
        "{shop} is not a feed.",
        "Name a shop that was added with ocop-hub feeds add.",
    ),
    "feed_link_missing": bad(
        "producer",
        "The product has no page of its own yet that the feed could lead to.",
        "Publish it in a shop first, or give the feed the address of its pages (setting page).",
    ),
    "feed_set_left_out": info(
        "operator",
        "Products of set {set_no} are left out of this feed.",
        "Nothing to correct: the readers of this feed restrict such goods. The setting exclude says which.",
    ),
}
