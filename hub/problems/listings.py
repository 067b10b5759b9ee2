"""Listings: what holds a product back on a channel, and what the channel shows."""

from collections.abc import Mapping

from hub.problems.spec import ProblemSpec, bad, info, warn

LISTINGS: Mapping[str, ProblemSpec] = {
    "producer_inactive": bad(
        "office",
        "The producer is marked as no longer active.",
        "Mark the producer as active if it works again.",
    ),
    "product_inactive": info(
        "producer",
        "The product is marked as no longer on sale.",
        "Mark it as on sale on its page if you sell it again.",
    ),
    "certificate_missing": warn(
        "office",
        "The product has no recognition in force, so no channel may call it OCOP or show stars.",
        "Enter the recognition decision, or sell it without the name OCOP.",
    ),
    "certificate_expired": warn(
        "producer",
        "The certificate of decision {decision_no} ended on {last_day:date}. The name OCOP and the stars leave every "
        "channel.",
        "Send the dossier for re-evaluation to the commune's People's Committee; the product may still be sold without "
        "the name OCOP.",
    ),
    "certificate_revoked": bad(
        "producer",
        "The certificate of decision {decision_no} was revoked on {revoked_on:date}. The name OCOP and the stars leave "
        "every channel at once.",
        "Take the mark off labels and printed matter too. The office knows the grounds.",
    ),
    "stars_differ": bad(
        "producer",
        "The text shows {shown} stars, the certificate says {stars}.",
        "Correct the stars in the product's name, story or pictures.",
    ),
    "claim_words_found": warn(
        "producer",
        "The text carries a claim that the product may not make now: {words}.",
        "Take these words out of the product's name and texts.",
    ),
    "set_unknown": bad(
        "office",
        "It is not known which of the 26 product sets this product belongs to.",
        "Choose the product set on the product's page.",
    ),
    "label_incomplete": bad(
        "producer",
        "The label lacks what the law demands: {missing:label} ({legal_ref}).",
        "Fill it in on the product's page.",
    ),
    "food_papers_missing": bad(
        "producer",
        "A food product may not be offered without these papers: {missing:label} ({legal_ref}).",
        "Enter the number of the paper on the product's page.",
    ),
    "ad_confirmation_missing": bad(
        "producer",
        "This product may only be advertised with a confirmed advertising content ({legal_ref}).",
        "Enter the number of the confirmation on the product's page.",
    ),
    "abv_missing": bad(
        "producer",
        "The alcohol by volume is not known for {skus} ({legal_ref}).",
        "Enter it on the product's page.",
    ),
    "alcohol_not_on_channel": bad(
        "producer",
        "Alcoholic drinks may not be sold on this channel.",
        "Sell it on a channel that allows it; there is nothing to correct.",
    ),
    "service_not_shipped": info(
        "producer",
        "A tourism service cannot be sold as goods that are shipped.",
        "Offer it on your own website or the province's portal.",
    ),
    "seller_not_verified": bad(
        "producer",
        "This channel is only open to sellers whose identity was checked.",
        "Finish the identity check in the channel's own app.",
    ),
    "not_reviewed": warn(
        "office",
        "Nobody at the office has looked through this product's texts and pictures yet.",
        "Look through the product and confirm it.",
    ),
    "category_unknown": bad(
        "operator",
        "It is not known which category of the channel this product belongs to (set {set_no}) ({category}).",
        "Add it to the category map of the channel (config/categories); nothing is guessed.",
    ),
    "category_refused": bad(
        "operator",
        "The channel does not accept this category for the product ({message}).",
        "Choose another one in the category map of the channel (config/categories).",
    ),
    "price_missing": bad(
        "producer",
        "The product has no price yet.",
        "Enter a price for every pack size.",
    ),
    "price_out_of_range": bad(
        "producer",
        "A price lies outside what the channel allows ({sku}: {price:vnd}) (from {min:vnd} to {max:vnd}) ({message}).",
        "Correct the price or sell this pack size elsewhere.",
    ),
    "price_ratio_too_wide": bad(
        "producer",
        "The dearest pack size ({dearest:vnd}) costs over {ratio} times the cheapest ({cheapest:vnd}); the channel "
        "does not allow this in one listing.",
        "Make a product of its own of the dearest or the cheapest pack size.",
    ),
    "price_refused": bad(
        "producer",
        "The channel did not take the new price ({message}).",
        "Look whether the product has a wholesale price or a promotion in the channel's own app.",
    ),
    "stock_refused": bad(
        "producer",
        "The channel did not take the new stock ({message}).",
        "Look at the product's stock in the channel's own app.",
    ),
    "stock_out_of_range": bad(
        "producer",
        "The stock {stock:number} of {sku} is more than the {max:number} that the channel allows.",
        "Set a maximum shown for this shop.",
    ),
    "stock_below_reserved": warn(
        "producer",
        "The channel has promised more of this product to a promotion than is left in stock.",
        "Lower the amount of the promotion in the channel's own app, or fill up the stock.",
    ),
    "stock_short": bad(
        "producer",
        "Only {left:number} of {sku} are left, {wanted:number} are needed.",
        "Count the stock and correct it, or take the order back.",
    ),
    "variant_missing": bad(
        "producer",
        "The product has no pack size that can be sold.",
        "Enter at least one pack size with price and stock.",
    ),
    "variants_too_many": bad(
        "producer",
        "The product has {count} pack sizes, the channel allows {max}.",
        "Make two products of it, or take some pack sizes off sale.",
    ),
    "variants_changed": bad(
        "producer",
        "The product {sku} now has several pack sizes, but it was put up with one; the channel cannot change this.",
        "Withdraw the old listing on the channel, then the product is put up anew.",
    ),
    "variant_label_repeated": bad(
        "producer",
        "Pack sizes carry the same label ({labels}).",
        "Give every pack size a label of its own.",
    ),
    "variant_label_missing": bad(
        "producer",
        "The pack size {sku} needs a label, since there are several.",
        "Give every pack size a label, for example 500 g.",
    ),
    "sku_missing": bad(
        "producer",
        "The product has no product code (SKU).",
        "Enter a product code.",
    ),
    "sku_wrong": bad(
        "producer",
        "The product code {sku} is also the code of one of its pack sizes.",
        "Give the pack size another code.",
    ),
    "sku_too_long": bad(
        "producer",
        "The product code {sku} is longer than the {max} characters that the channel allows.",
        "Choose a shorter code.",
    ),
    "sku_taken": bad(
        "producer",
        "Another product in the shop already carries this product code.",
        "Look for it on the channel: remove the double or give it another code.",
    ),
    "sku_in_trash": bad(
        "producer",
        "A product with this code lies in the website's trash and blocks it.",
        "Empty the trash of the website's products, or restore that product.",
    ),
    "gtin_missing": bad(
        "producer",
        "The channel demands a barcode number (GTIN) for this category.",
        "Enter the 13 digits under the barcode.",
    ),
    "weight_missing": bad(
        "producer",
        "The weight with packing is not known ({skus}); the channel needs it for shipping.",
        "Enter the weight in grams.",
    ),
    "package_size_missing": bad(
        "producer",
        "The measures of the parcel are not known; the channel needs them for shipping.",
        "Enter length, width and height in centimetres in the shop's settings.",
    ),
    "logistics_missing": bad(
        "producer",
        "The shop has no way of shipping switched on.",
        "Switch on at least one carrier in the channel's own app.",
    ),
    "logistics_refused": bad(
        "producer",
        "The channel does not accept the way of shipping for this product ({message}).",
        "Look at carriers, weight and measures in the shop's settings.",
    ),
    "warehouse_wrong": bad(
        "operator",
        "The shop keeps its stock in several places; the hub does not know which to change ({message}).",
        "Enter the place in the shop's settings.",
    ),
    "title_too_short": bad(
        "producer",
        "The name is too short for the channel ({length} characters, at least {min}) ({message}).",
        "Make the name longer, for example with the pack size or the place.",
    ),
    "title_too_long": bad(
        "producer",
        "The name is too long for the channel ({length} characters, at most {max}) ({message}).",
        "Shorten the name.",
    ),
    "title_refused": bad(
        "producer",
        "The channel does not accept the name ({message}).",
        "Take special characters and advertising words out of the name.",
    ),
    "description_too_short": bad(
        "producer",
        "The description is too short for the channel ({length} characters, at least {min}) ({message}).",
        "Tell more in the product story.",
    ),
    "description_too_long": bad(
        "producer",
        "The description is too long for the channel ({length} characters, at most {max}) ({message}).",
        "Shorten the product story.",
    ),
    "description_refused": bad(
        "producer",
        "The channel does not accept the description ({message}).",
        "Take links, phone numbers and hash tags out of it.",
    ),
    "word_forbidden": bad(
        "producer",
        "The text has a word that the channel forbids: {word}.",
        "Write it in another way.",
    ),
    "picture_missing": bad(
        "producer",
        "A picture of the product is not in the hub any more.",
        "Upload it again.",
    ),
    "picture_refused": bad(
        "producer",
        "The channel does not accept a picture ({message}).",
        "Upload a clear JPEG or PNG of at least 500 by 500 points.",
    ),
    "picture_too_large": bad(
        "producer",
        "A picture is larger than the channel allows ({max:number} bytes).",
        "Upload a smaller one.",
    ),
    "picture_format_wrong": bad(
        "producer",
        "A picture is in a form that the channel does not take ({allowed}).",
        "Upload it as JPEG or PNG.",
    ),
    "pictures_too_few": bad(
        "producer",
        "The product has too few pictures for the channel ({count}, at least {min}) ({message}).",
        "Upload more pictures.",
    ),
    "pictures_too_many": bad(
        "producer",
        "The product has more pictures than the channel allows ({count}, at most {max}) ({message}).",
        "Remove some pictures.",
    ),
    "brand_refused": bad(
        "producer",
        "The channel does not accept the brand ({message}).",
        "Register the brand with the channel, or publish without a brand.",
    ),
    "attribute_missing": bad(
        "operator",
        "The channel demands a fact about the product that we do not send yet ({attributes}) ({message}).",
        "Add it to the category map of the channel (config/categories).",
    ),
    "attribute_refused": bad(
        "operator",
        "The channel does not accept a fact about the product ({message}).",
        "Correct it in the category map of the channel (config/categories).",
    ),
    "listing_repeated": warn(
        "producer",
        "The channel says that this product is already in the shop.",
        "Look for the double in the channel's own app and remove one.",
    ),
    "locked_by_promotion": warn(
        "producer",
        "The product is in a promotion, so the channel takes no changes until it ends.",
        "Wait for the end of the promotion, or take the product out of it in the channel's own app.",
    ),
    "listing_locked": bad(
        "producer",
        "The channel has locked this listing against changes.",
        "Look at the listing in the channel's own app.",
    ),
    "listing_banned": bad(
        "producer",
        "The channel has banned this listing ({reason}).",
        "Read the reason in the channel's own app, correct the product and ask for another look.",
    ),
    "listing_reviewing": info(
        "producer",
        "The channel has taken the listing and is still looking at it.",
        "Nothing to do: we ask again.",
    ),
    "listing_gone": warn(
        "producer",
        "The listing is no longer on the channel; we did not remove it.",
        "Say whether it shall be put up again or stay away.",
    ),
    "listing_hidden_by_owner": warn(
        "producer",
        "The listing was hidden on the channel by hand.",
        "Say whether it shall be shown again; until then we leave it alone.",
    ),
    "listing_has_variants": bad(
        "producer",
        "The listing has several pack sizes on the channel, the product here has one.",
        "Make them the same: here or in the channel's own app.",
    ),
    "changed_by_owner": warn(
        "producer",
        "Somebody changed this listing on the channel by hand ({fields:label}): it shows {theirs}, here stands {ours}.",
        "Say which shall hold: what the channel shows or what stands here.",
    ),
    "channel_shows_other": warn(
        "producer",
        "The channel shows something else than we sent ({fields:label}): {theirs} instead of {ours}.",
        "Nothing to do: it is sent again. If it stays, look at the listing in the channel's own app.",
    ),
    "listings_drifted": warn(
        "producer",
        "{count:number} listings show something else than we sent.",
        "Open the shop's page and look through them.",
    ),
    "catalogue_empty": warn(
        "operator",
        "The catalogue of this shop is suddenly empty although {listings:number} listings are known; nothing was "
        "withdrawn.",
        "Look whether an import went wrong. Confirm if the shop shall really be emptied.",
    ),
    "mass_withdraw": warn(
        "operator",
        "{leaving:number} of {standing:number} listings would leave this shop at once; nothing was withdrawn.",
        "Look through the list, then confirm or correct the catalogue.",
    ),
}
