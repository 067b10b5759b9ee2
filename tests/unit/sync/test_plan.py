from dataclasses import replace
from datetime import date, timedelta

import pytest

from hub.catalog import claims
from hub.sync.compare import judge
from hub.sync.model import Ask, BindingState, Create, Hold, Problem, SetPrice, SetStock, Shown, Update, Withdraw
from hub.sync.plan import plan
from hub.types import RemoteId, Sku
from tests.unit.sync.goods import GROUND, NOW, SHOP, bound, draft_of, listing_of, sellable, view


def test_what_is_not_there_is_created_with_its_claim() -> None:
    (command,) = plan(view(sellable()), GROUND)
    assert isinstance(command, Create)
    assert command.draft.title == "Mắm cá linh 1 500 g OCOP 3 sao"
    assert "88/QĐ-UBND" in command.draft.description
    assert command.draft.variants[0].stock == 10
    assert command.claims


def test_unchanged_means_no_command() -> None:
    goods = [sellable(n) for n in range(5)]
    assert plan(view(*goods, bindings={s.product.id: bound(s) for s in goods}), GROUND) == ()


def test_a_lapsed_certificate_takes_the_claim_down_and_keeps_selling() -> None:
    s = sellable(expires=date(2026, 11, 21))
    tomorrow = replace(GROUND, today=date(2026, 11, 22))
    held = {s.product.id: bound(s)}
    assert plan(view(s, bindings=held), GROUND) == ()
    (command,) = plan(view(s, bindings=held), tomorrow)
    assert isinstance(command, Update)
    assert command.urgent
    assert {"title", "description"} <= command.fields
    assert claims.find(command.draft.title + command.draft.description) == ()
    assert command.draft.title == "Mắm cá linh 1 500 g"


def test_a_claim_the_owner_wrote_by_hand_goes_even_while_a_person_is_asked() -> None:
    s = sellable(expires=date(2026, 11, 1))
    shown = Shown(state="live", title="Mắm ngon O C O P 3 sao", description_digest="", prices={}, stocks={})
    held = bound(s, state=BindingState.ASK, shown=shown, claims=False)
    (command,) = plan(view(s, bindings={s.product.id: held}), GROUND)
    assert isinstance(command, Update)
    assert command.urgent


def test_a_listing_a_person_is_asked_about_is_left_alone_but_never_oversold() -> None:
    s = sellable()
    sold = replace(s, stocks=(replace(s.stocks[0], reserved=4),))
    asked = bound(s, state=BindingState.ASK)
    assert plan(view(s, bindings={s.product.id: asked}), GROUND) == ()
    (command,) = plan(view(sold, bindings={s.product.id: asked}), GROUND)
    assert isinstance(command, SetStock)
    assert [level.stock for level in command.levels] == [6]


def test_stock_and_price_have_commands_of_their_own() -> None:
    s = sellable()
    changed = replace(
        s,
        variants=(replace(s.variants[0], price=61_000),),
        stocks=(replace(s.stocks[0], reserved=3, buffer=2, max_shown=4),),
    )
    commands = plan(view(changed, bindings={s.product.id: bound(s)}), GROUND)
    assert [type(c) for c in commands] == [SetStock, SetPrice]
    stock, price = commands
    assert isinstance(stock, SetStock)
    assert isinstance(price, SetPrice)
    assert stock.levels[0].stock == 4
    assert price.tags[0].price == 61_000


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"set_no": None}, "set_unknown"),
        ({"set_no": 14}, "abv_missing"),
        ({"set_no": 26}, "service_not_shipped"),
        ({"food_declaration": ""}, "food_papers_missing"),
        ({"reviewed_at": None}, "not_reviewed"),
        ({"active": False}, "product_inactive"),
    ],
)
def test_what_may_not_be_sold_is_held_with_its_reason(change: dict[str, object], code: str) -> None:
    s = sellable()
    (command,) = plan(view(replace(s, product=replace(s.product, **change))), GROUND)  # type: ignore[arg-type]
    assert isinstance(command, Hold)
    assert code in {p.code for p in command.problems}


def test_what_may_no_longer_be_sold_is_withdrawn() -> None:
    s = sellable()
    gone = replace(s, product=replace(s.product, active=False))
    (command,) = plan(view(gone, bindings={s.product.id: bound(s)}), GROUND)
    assert isinstance(command, Withdraw)
    assert command.reasons[0].code == "product_inactive"


def test_a_mass_withdrawal_becomes_one_question() -> None:
    goods = [sellable(n) for n in range(40)]
    held = {s.product.id: bound(s) for s in goods}
    few = [replace(s, product=replace(s.product, active=False)) if n < 4 else s for n, s in enumerate(goods)]
    many = [replace(s, product=replace(s.product, active=False)) if n < 5 else s for n, s in enumerate(goods)]
    assert [type(c) for c in plan(view(*few, bindings=held), GROUND)] == [Withdraw] * 4
    (question,) = plan(view(*many, bindings=held), GROUND)
    assert question == Ask(product_id=None, reason=Problem(code="mass_withdraw", facts={"leaving": 5, "standing": 40}))
    assert len(plan(view(*many, bindings=held), GROUND, allow_mass_withdraw=True)) == 5


def test_an_empty_catalogue_removes_nothing() -> None:
    s = sellable()
    (question,) = plan(view(bindings={s.product.id: bound(s)}), GROUND)
    assert isinstance(question, Ask)
    assert question.reason.code == "catalogue_empty"


def test_what_the_channel_refused_is_not_sent_again_until_it_changes() -> None:
    s = sellable()
    refused = bound(s, state=BindingState.HELD, remote_id=None, problems=(Problem(code="attribute_missing"),))
    assert plan(view(s, bindings={s.product.id: refused}), GROUND) == ()
    mended = replace(s, version="v1b")
    assert [type(c) for c in plan(view(mended, bindings={s.product.id: refused}), GROUND)] == [Create]


def test_a_lost_create_is_looked_for_again_after_its_pause() -> None:
    s = sellable()
    lost = bound(s, state=BindingState.CREATING, remote_id=None, content_key="", try_after=NOW + timedelta(minutes=5))
    assert plan(view(s, bindings={s.product.id: lost}), GROUND) == ()
    later = replace(GROUND, now=NOW + timedelta(minutes=6))
    assert [type(c) for c in plan(view(s, bindings={s.product.id: lost}), later)] == [Create]


def test_a_rule_pack_version_rolls_out_without_calls_when_nothing_differs() -> None:
    s = sellable()
    newer = replace(GROUND, rules=replace(GROUND.rules, version=2))
    (command,) = plan(view(s, bindings={s.product.id: bound(s)}), newer)
    assert isinstance(command, Update)
    assert command.fields == frozenset()


def test_forbidden_words_hold_a_product() -> None:
    s = sellable()
    wordy = replace(s, product=replace(s.product, story="Nhắn Zalo để đặt"))
    (command,) = plan(view(wordy), GROUND)
    assert isinstance(command, Hold)
    assert command.problems[0].code == "word_forbidden"


def test_urgent_work_comes_first() -> None:
    lapsed, fresh = sellable(1, expires=date(2026, 11, 1)), sellable(2)
    with_claim = bound(sellable(1), claims=True)
    commands = plan(view(fresh, lapsed, bindings={lapsed.product.id: with_claim}, shop=SHOP), GROUND)
    assert [type(c) for c in commands] == [Update, Create]


def test_a_variant_no_longer_sold_has_none_left_on_the_channel() -> None:
    s = sellable()
    both = (*bound(s).variants, (Sku("OLD"), RemoteId("7")))
    held = bound(s, variants=both, stock_key="OLD:4|SKU1:10")
    (command,) = plan(view(s, bindings={s.product.id: held}), GROUND)
    assert isinstance(command, SetStock)
    assert [(level.sku, level.stock) for level in command.levels] == [("OLD", 0)]
    told = replace(held, stock_key=command.key)
    assert plan(view(s, bindings={s.product.id: told}), GROUND) == ()


def test_what_was_refused_while_hidden_comes_back_with_all_its_words_and_not_at_once() -> None:
    s = sellable(expires=date(2026, 11, 1))
    held = bound(sellable(), visible=False, state=BindingState.WITHDRAWN, try_after=NOW + timedelta(minutes=1))
    assert plan(view(s, bindings={s.product.id: held}), GROUND) == ()
    (command,) = plan(view(s, bindings={s.product.id: replace(held, try_after=NOW)}), GROUND)
    assert isinstance(command, Update)
    assert {"title", "description", "attributes", "pictures", "visible"} <= command.fields


def test_a_new_variant_is_offered_to_the_channel_and_its_absence_is_told() -> None:
    s = sellable()
    second = replace(s.variants[0], id="v1b", sku=Sku("SKU1B"), net_quantity="250")
    both = replace(
        s, variants=(*s.variants, second), stocks=(*s.stocks, replace(s.stocks[0], variant_id="v1b")), version="next"
    )
    commands = plan(view(both, bindings={s.product.id: bound(s)}), GROUND)
    assert ["attributes" in c.fields for c in commands if isinstance(c, Update)] == [True]
    after = judge(bound(s), listing_of(draft_of(s)), draft_of(both), fresh=True, now=NOW)
    assert after.state is BindingState.DRIFTED
    assert after.problems[0].facts["field"] == "price"
