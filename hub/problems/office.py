"""Recognition: what an office enters about certificates."""

from collections.abc import Mapping

from hub.problems.spec import ProblemSpec, bad, warn

OFFICE: Mapping[str, ProblemSpec] = {
    "signer_unusual": warn(
        "office",
        "{issuer} does not usually sign a recognition of {stars} stars.",
        "Compare it with the decision.",
    ),
    "stars_not_recognised": bad(
        "office",
        "{stars} stars are no recognition; only 3, 4 and 5 are.",
        "Correct the stars.",
    ),
    "regime_impossible": warn(
        "office",
        "The legal regime {regime} was not in force on the day of the decision; possible: {possible}.",
        "Correct the regime or the date of the decision.",
    ),
    "expiry_differs": warn(
        "office",
        "The end of the certificate is {expires_on:date}; by the law it should be {expected:date}.",
        "Compare it with the certificate.",
    ),
    "extension_needs_document": bad(
        "office",
        "An extension needs the number of its document.",
        "Enter the document.",
    ),
    "extension_of_revoked": bad(
        "office",
        "The certificate was revoked on {revoked_on:date} and cannot be extended.",
        "Check the product and the decision.",
    ),
    "extension_too_short": bad(
        "office",
        "The new end does not lie after the present one ({expires_on:date}).",
        "Correct the date.",
    ),
    "extension_without_law": bad(
        "office",
        "On {today:date} no rule allows an extension.",
        "Check which rule the document relies on.",
    ),
    "extension_too_long": bad(
        "office",
        "The extension to {until:date} is longer than the law allows (to {latest:date}).",
        "Correct the date.",
    ),
    "extension_beyond_transition": warn(
        "office",
        "The rule was meant for the time until {meant_until:date}.",
        "Make sure that the document may still rely on it.",
    ),
    "revocation_ground_unknown": bad(
        "office",
        "The ground {ground} is none of those the law knows.",
        "Choose one of: {grounds:label}.",
    ),
    "revocation_needs_document": bad(
        "office",
        "A revocation needs the number of its document.",
        "Enter the document.",
    ),
    "revocation_too_early": bad(
        "office",
        "The revocation lies before the decision of {decision_date:date}.",
        "Correct the date.",
    ),
    "revoked_already": warn(
        "office",
        "The certificate was already revoked on {revoked_on:date}.",
        "Nothing to do.",
    ),
}
