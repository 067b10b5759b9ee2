"""Coming in and looking around: what pages say when they cannot show what was asked for."""

from collections.abc import Mapping

from hub.problems.spec import ProblemSpec, bad, info, warn

PAGES: Mapping[str, ProblemSpec] = {
    "not_there": info(
        "operator",
        "There is nothing at this address, or it is not yours to see.",
        "Check the address, or start again from the overview.",
    ),
    "not_signed_in": info(
        "operator",
        "You are not signed in, or your time has run out.",
        "Ask whoever runs the hub for a new link; ocop-hub serve prints one each time it starts.",
    ),
    "link_spent": warn(
        "operator",
        "This link does not work: it was used already, or it is older than 15 minutes.",
        "Ask whoever runs the hub for a new link; ocop-hub serve prints one each time it starts.",
    ),
    "request_not_ours": warn(
        "operator",
        "Nothing was done: this request did not come from a page of the hub that is still open.",
        "Load the page again and press the button once more.",
    ),
    "page_broken": bad(
        "developer",
        "This page could not be made; the fault is ours (number {reference}).",
        "Go back and try again. If it happens again, give the number to whoever runs the hub.",
    ),
}
