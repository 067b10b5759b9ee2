from dataclasses import replace
from datetime import date

import pytest

from hub.connectors.model import ListingState
from hub.errors import Unreachable, Vanished
from hub.sync.compare import judge, settle
from hub.sync.model import BindingState, Create, SetPrice, Update, Withdraw
from hub.sync.plan import plan
from hub.types import RemoteId
from tests.unit.sync.goods import GROUND, NOW, bound, draft_of, listing_of, sellable, view

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
    assert after.problems[0].facts["differences"] == [["title", DRAFT.title, "Khác"]]


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


LAPSED = sellable(expires=date(2026, 11, 1))


def test_a_claim_the_owner_wrote_into_the_description_is_seen_and_goes() -> None:
    listing = listing_of(draft_of(LAPSED), description="Mắm ngon, đạt Ｏ Ｃ Ｏ Ｐ 5 sao")
    after = judge(bound(LAPSED), listing, draft_of(LAPSED), fresh=False, now=NOW)
    assert after.state is BindingState.ASK
    assert after.claims
    (command,) = plan(view(LAPSED, bindings={LAPSED.product.id: after}), GROUND)
    assert isinstance(command, Update)
    assert command.urgent


def test_a_claim_left_among_the_facts_is_no_agreement() -> None:
    listing = listing_of(draft_of(LAPSED), attributes=(("OCOP", "4 sao"),))
    after = judge(bound(LAPSED), listing, draft_of(LAPSED), fresh=True, now=NOW)
    assert after.state is BindingState.DRIFTED
    assert after.claims


def test_a_claim_that_stands_after_its_take_down_was_accepted_hides_the_listing() -> None:
    listing = listing_of(draft_of(LAPSED), title="Mắm cá linh OCOP 3 sao")
    after = judge(bound(LAPSED), listing, draft_of(LAPSED), fresh=True, now=NOW)
    (command,) = plan(view(LAPSED, bindings={LAPSED.product.id: after}), GROUND)
    assert isinstance(command, Withdraw)
    assert command.reasons[0].code == "claim_words_found"


def test_what_was_withdrawn_and_shown_again_by_hand_is_withdrawn_again() -> None:
    unfit = replace(S, product=replace(S.product, food_declaration=""))
    held = bound(S, visible=False, state=BindingState.WITHDRAWN)
    after = judge(held, listing_of(DRAFT), None, fresh=False, now=NOW)
    (command,) = plan(view(unfit, bindings={S.product.id: after}), GROUND)
    assert isinstance(command, Withdraw)


def test_words_of_ours_that_are_not_sent_yet_are_not_the_owners_change() -> None:
    confirmed = judge(bound(S), listing_of(DRAFT), DRAFT, fresh=True, now=NOW)
    wanted = replace(DRAFT, title="Tên mới")
    assert judge(confirmed, listing_of(DRAFT), wanted, fresh=False, now=NOW).state is BindingState.CONFIRMED


def test_left_as_the_owner_wants_it_is_not_asked_again_until_it_changes_again() -> None:
    theirs = listing_of(DRAFT, title="Tên của chủ")
    asked = judge(bound(S), theirs, DRAFT, fresh=False, now=NOW)
    left = settle(asked, ours=False)
    assert plan(view(S, bindings={S.product.id: left}), GROUND) == ()
    assert judge(left, theirs, DRAFT, fresh=False, now=NOW).state is BindingState.CONFIRMED
    other = listing_of(DRAFT, title="Tên khác nữa")
    assert judge(left, other, DRAFT, fresh=False, now=NOW).state is BindingState.ASK


def test_ours_goes_out_again_over_what_is_there() -> None:
    asked = judge(bound(S), listing_of(DRAFT, title="Tên của chủ"), DRAFT, fresh=False, now=NOW)
    commands = plan(view(S, bindings={S.product.id: settle(asked, ours=True)}), GROUND)
    assert [type(c) for c in commands] == [SetPrice, Update]


@pytest.mark.parametrize(("ours", "kinds"), [(True, [Create]), (False, [])])
def test_a_listing_that_is_gone_is_put_up_again_or_stays_away(ours: bool, kinds: list[type]) -> None:
    gone = judge(bound(S), Vanished("listing_gone"), DRAFT, fresh=False, now=NOW)
    settled = settle(gone, ours=ours)
    assert [type(c) for c in plan(view(S, bindings={S.product.id: settled}), GROUND)] == kinds
    if not ours:
        assert judge(settled, Vanished("listing_gone"), DRAFT, fresh=False, now=NOW) == settled


@pytest.mark.parametrize(("ours", "kinds"), [(True, [SetPrice, Update]), (False, [])])
def test_a_listing_hidden_by_its_owner_is_shown_again_or_stays_hidden(ours: bool, kinds: list[type]) -> None:
    hidden = judge(bound(S), listing_of(DRAFT, state=ListingState.HIDDEN), DRAFT, fresh=False, now=NOW)
    commands = plan(view(S, bindings={S.product.id: settle(hidden, ours=ours)}), GROUND)
    assert [type(c) for c in commands] == kinds
    assert all("visible" in c.fields for c in commands if isinstance(c, Update))


def test_a_request_that_became_a_listing_is_taken_up_under_its_own_ids() -> None:
    asked = bound(S, state=BindingState.ACCEPTED, remote_id=RemoteId("request:7"))
    listing = listing_of(DRAFT, remote_id=RemoteId("99"))
    after = judge(asked, listing, DRAFT, fresh=False, now=NOW)
    assert (after.remote_id, after.state) == ("99", BindingState.CONFIRMED)
    assert after.variants == tuple((v.sku, v.remote_id) for v in listing.variants)
    waits = judge(asked, replace(listing, state=ListingState.REVIEWING, remote_id=RemoteId("request:7")), DRAFT,
                  fresh=True, now=NOW)  # fmt: skip
    assert (waits.remote_id, waits.state) == ("request:7", BindingState.ACCEPTED)
