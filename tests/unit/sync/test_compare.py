from dataclasses import replace

import pytest

from hub.connectors.model import ListingState
from hub.errors import Unreachable, Vanished
from hub.sync.compare import judge
from hub.sync.model import BindingState
from tests.unit.sync.goods import NOW, bound, draft_of, listing_of, sellable

S = sellable()
DRAFT = draft_of(S)


def test_equal_is_confirmed() -> None:
    after = judge(bound(S, state=BindingState.ACCEPTED), listing_of(DRAFT), DRAFT, fresh=True, now=NOW)
    assert after.state is BindingState.CONFIRMED
    assert after.confirmed_at == NOW
    assert after.claims


def test_other_white_space_and_punctuation_are_no_difference() -> None:
    listing = listing_of(DRAFT, description="<p>".join(DRAFT.description.split("\n\n")).replace("<p>", "\n"))
    assert judge(bound(S), listing, DRAFT, fresh=False, now=NOW).state is BindingState.CONFIRMED


def test_a_difference_after_our_push_is_drift() -> None:
    after = judge(bound(S), listing_of(DRAFT, title="Khác"), DRAFT, fresh=True, now=NOW)
    assert after.state is BindingState.DRIFTED
    assert after.problems[0].code == "channel_shows_other"
    assert after.problems[0].facts["field"] == "title"


def test_a_difference_later_is_the_owners() -> None:
    price = replace(listing_of(DRAFT).variants[0], price=1)
    after = judge(bound(S), listing_of(DRAFT, variants=(price,)), DRAFT, fresh=False, now=NOW)
    assert after.state is BindingState.ASK
    assert after.problems[0].code == "changed_by_owner"


def test_stock_that_moved_is_no_drift() -> None:
    fewer = replace(listing_of(DRAFT).variants[0], stock=1)
    assert judge(bound(S), listing_of(DRAFT, variants=(fewer,)), DRAFT, fresh=False, now=NOW).state is (
        BindingState.CONFIRMED
    )


@pytest.mark.parametrize(("state", "code"), [("banned", "listing_banned"), ("reviewing", "listing_reviewing")])
def test_what_buyers_cannot_see_is_not_confirmed(state: str, code: str) -> None:
    listing = listing_of(DRAFT, state=ListingState(state), reason="License Reason")
    after = judge(bound(S), listing, DRAFT, fresh=True, now=NOW)
    assert after.state is BindingState.ACCEPTED
    assert after.problems[0].code == code


def test_a_listing_that_is_gone_is_asked_about() -> None:
    after = judge(bound(S), Vanished("listing_gone"), DRAFT, fresh=False, now=NOW)
    assert after.state is BindingState.ASK


def test_hidden_by_the_owner_is_asked_about_hidden_by_us_is_confirmed() -> None:
    hidden = listing_of(DRAFT, state=ListingState.HIDDEN)
    assert judge(bound(S), hidden, DRAFT, fresh=False, now=NOW).state is BindingState.ASK
    assert judge(bound(S, visible=False), hidden, DRAFT, fresh=True, now=NOW).state is BindingState.WITHDRAWN


def test_an_unanswered_read_changes_nothing_but_the_problem() -> None:
    before = bound(S)
    after = judge(before, Unreachable(), DRAFT, fresh=False, now=NOW)
    assert after.state is before.state
    assert after.problems[0].code == "remote_unreachable"
