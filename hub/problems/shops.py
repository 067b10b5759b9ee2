"""Shops: signing in, addresses, our app, what a platform answered."""

from collections.abc import Mapping

from hub.problems.spec import ProblemSpec, bad, info, warn

SHOPS: Mapping[str, ProblemSpec] = {
    "shop_needs_owner": bad(
        "producer",
        "The channel no longer accepts our sign-in. New orders of this shop do not come in, and prices and stock are "
        "not sent.",
        "Open the shop's page and connect it again; only the owner of the shop can do this.",
    ),
    "shop_address_moved": bad(
        "producer",
        "The shop's website moved to {to}, so it no longer answers at the address we know.",
        "Open the shop's page, correct the address and connect it again.",
    ),
    "shop_address_private": bad(
        "producer",
        "The address {host} leads into a private network.",
        "Type in the address under which buyers reach the shop.",
    ),
    "shop_address_wrong": bad(
        "producer",
        "The shop's address is not a web address.",
        "Type it in as it stands in the browser, beginning with https://.",
    ),
    "shop_api_missing": bad(
        "producer",
        "The shop's website answers, but its door for programs (REST API) is closed.",
        "Ask whoever looks after the website to switch on WooCommerce's REST API and permalinks.",
    ),
    "shop_unknown": bad(
        "producer",
        "There is no such shop, or you may not see it.",
        "Choose a shop from your list.",
    ),
    "shop_of_another": bad(
        "producer",
        "This account is already connected for another producer, as {shop}.",
        "Disconnect it there first, or sign in with another account.",
    ),
    "shop_on_holiday": warn(
        "producer",
        "The shop is in holiday mode, so the channel takes no changes.",
        "Switch holiday mode off in the channel's own app when you sell again.",
    ),
    "shop_full": bad(
        "producer",
        "The channel allows no more products in this shop.",
        "Remove products that you no longer sell there, or ask the channel for a higher limit.",
    ),
    "shop_under_penalty": bad(
        "producer",
        "The channel has put the shop under a penalty and takes no new products.",
        "Read the notice in the channel's own app and do what it asks.",
    ),
    "shop_currency_wrong": bad(
        "producer",
        "The shop sells in {currency}, not in dong; its prices and orders would be wrong here.",
        "Set the shop's currency to VND, then connect it again.",
    ),
    "shop_readonly": bad(
        "producer",
        "The key you gave may only read; we cannot publish with it.",
        "Make a new key with the right Read/Write on the website and connect the shop again.",
    ),
    "region_unsupported": bad(
        "producer",
        "The channel does not offer this for shops in Vietnam.",
        "Nothing to do here; tell the office if you need it.",
    ),
    "app_key_wrong": bad(
        "operator",
        "The platform does not accept our app's key or signature.",
        "Check partner_id and partner_key of the platform in the settings, and that they belong to this address (test "
        "or real).",
    ),
    "app_key_missing": bad(
        "operator",
        "Our app has no keys for {platform}, so nobody can connect a shop there.",
        "Register an app with the platform and put its keys into the settings (apps.{platform}).",
    ),
    "app_not_allowed": bad(
        "operator",
        "The platform does not let our app do this ({message}).",
        "Look at the app's rights, address list and state on the platform's page for developers.",
    ),
    "sign_in_unknown": bad(
        "producer",
        "This sign-in has run out or was already used.",
        "Open the shop's page and begin to connect again.",
    ),
    "sign_in_refused": bad(
        "producer",
        "The channel ended the sign-in without giving us access ({reason}).",
        "Begin again and agree to what the channel asks; only the owner of the shop can do this.",
    ),
    "push_signature_wrong": warn(
        "operator",
        "A message came in the channel's name with a wrong signature; it was ignored.",
        "If it comes often, check the push key and the callback address on the platform's page for developers.",
    ),
    "webhook_signature_bad": warn(
        "operator",
        "A message came in the shop's name with a wrong signature; it was ignored.",
        "If it comes often, connect the shop again: that makes a new secret.",
    ),
    "no_webhooks": info(
        "operator",
        "{platform} sends no messages that we understand.",
        "Nothing to do: orders are fetched by schedule.",
    ),
    "remote_unreachable": warn(
        "operator",
        "The channel did not answer in time. Whether the last change arrived is looked up before anything is sent "
        "again.",
        "Nothing to do: it is tried again. If it lasts over an hour, look at the channel's own notices.",
    ),
    "remote_throttled": info(
        "operator",
        "The channel asks us to slow down for {seconds} seconds.",
        "Nothing to do: the work goes on by itself.",
    ),
    "remote_quota_spent": warn(
        "operator",
        "Today's allowance of calls to the channel is used up.",
        "Nothing to do: the work goes on tomorrow. If it happens often, ask the platform for more.",
    ),
    "remote_refused": bad(
        "operator",
        "The channel said no and we do not know this answer yet ({error}) ({status}).",
        "Read what the channel said ({message}). Tell the developers if that does not help.",
    ),
    "remote_value_refused": bad(
        "producer",
        "The channel does not accept a value of this product ({message}).",
        "Correct it on the product's page; it is sent again by itself.",
    ),
    "remote_value_ignored": warn(
        "producer",
        "The channel said yes but kept something else: {field} is {got}, we sent {sent}.",
        "Look at this product in the channel's own app; something there may change it.",
    ),
    "remote_vanished": warn(
        "producer",
        "The channel says this is no longer there.",
        "Look whether somebody removed it on the channel, and say whether it shall be put up again.",
    ),
    "remote_garbled": bad(
        "developer",
        "The channel's answer was not understood (at {path}). Missing is not taken for zero: nothing was changed.",
        "Look at the kept sample and mend the connector.",
    ),
    "remote_not_api": bad(
        "operator",
        "Instead of the channel a web page answered (status {status}): a firewall, a maintenance page or a wrong "
        "address.",
        "Open the shop's address in a browser; ask whoever looks after the website to let the hub through.",
    ),
    "remote_too_large": bad(
        "developer",
        "The channel's answer is larger than {limit:number} bytes; it was not read.",
        "Make the connector ask for smaller pages.",
    ),
    "remote_call_wrong": bad(
        "developer",
        "The channel did not understand our call ({call}).",
        "Mend the connector; nobody else can do anything.",
    ),
    "shop_not_clear": bad(
        "operator",
        "{text} does not name exactly one shop.",
        "Use more of the name or the id ({fitting}).",
    ),
    "shop_disconnected": bad(
        "operator",
        "{shop} is disconnected: its keys were forgotten.",
        "Connect it again with `ocop-hub shop add` or `ocop-hub shop link`; it keeps its history.",
    ),
    "listing_not_waiting": bad(
        "operator",
        "{text} does not name exactly one listing of this shop that waits for an answer.",
        "Use the product's id; the shop's page shows what waits.",
    ),
    "producer_not_clear": bad(
        "operator",
        "{text} does not name exactly one producer.",
        "Use more of the name or the id.",
    ),
    "ask_missing": bad(
        "producer",
        "Something is missing to connect the shop: {missing}.",
        "Fill it in and try again.",
    ),
    "no_sign_in": bad(
        "operator",
        "Shops on {platform} are not connected by signing in there.",
        "Connect with the keys that the shop's own settings give.",
    ),
    "sign_in_incomplete": bad(
        "producer",
        "The channel sent you back without what is needed to connect.",
        "Open the shop's page and begin to connect again.",
    ),
    "sign_in_many_shops": bad(
        "producer",
        "The account you signed in with holds several shops ({shops}).",
        "Sign in again with the account of the one shop.",
    ),
    "product_not_clear": bad(
        "operator",
        "{text} does not name exactly one product.",
        "Use more of the name or the id ({fitting}).",
    ),
}
