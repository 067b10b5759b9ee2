"""Seals, shops, turns and the one refresher, on both databases."""

import asyncio
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.config import new_key
from hub.connectors.model import Tokens
from hub.connectors.pace import reserve
from hub.connectors.wire import CredentialKeeper, Credentials
from hub.db import Db, Sealed
from hub.errors import Conflict, Denied, Unauthorised, Unavailable, Unreachable
from hub.shops import keeper, store
from hub.shops.keeper import DbKeeper, OpenTokens
from hub.shops.model import Shop
from hub.shops.store import SignIn, StoredSecret
from hub.shops.uploads import DbUploads
from hub.shops.vault import Vault

NOW = datetime(2026, 11, 21, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)


def a_shop(**changes: object) -> Shop:
    facts: dict[str, object] = {
        "id": "s1", "platform": "shopee", "name": "Gian hàng Mật ong", "producer_id": None,
        "channel_kind": "marketplace", "base_url": "http://127.0.0.1:1/shopee", "remote_id": "77", "created_at": NOW,
    }  # fmt: skip
    return Shop(**(facts | changes))  # type: ignore[arg-type]


@pytest.fixture
def vault() -> Vault:
    return Vault([new_key()])


@pytest.fixture
def second(db_url: str) -> Iterator[Db]:
    """Another process's view of the same database."""
    opened = Db(db_url)
    yield opened
    opened.close()


# ---- the vault ---------------------------------------------------------------------------------------------------


@given(st.text())
def test_what_was_sealed_opens_and_shows_nothing(text: str) -> None:
    vault = Vault([new_key()])
    sealed = vault.seal(text)
    assert vault.open(sealed) == text
    assert f"{sealed} {sealed!r} {vault!r}" == "*** *** Vault(***)"
    assert vault.seal(text).ciphertext() != sealed.ciphertext()


def test_keys_change_newest_first() -> None:
    old, new = new_key(), new_key()
    sealed = Vault([old]).seal("mật khẩu")
    both = Vault([new, old])
    assert both.open(sealed) == "mật khẩu"
    assert Vault([new]).open(both.rotate(sealed)) == "mật khẩu"
    with pytest.raises(Unavailable) as caught:
        Vault([new]).open(sealed)
    assert caught.value.code == "key_lost"


@pytest.mark.parametrize(("keys", "code"), [([], "key_missing"), (["short"], "key_wrong")])
def test_a_vault_needs_good_keys(keys: list[str], code: str) -> None:
    with pytest.raises(Unavailable) as caught:
        Vault(keys)
    assert caught.value.code == code


def test_all_secrets_move_to_the_newest_key_or_none(db: Db) -> None:
    old, new = new_key(), new_key()
    db.write_now(store.add_shop, a_shop())
    before = [StoredSecret(key=name, sealed=Vault([old]).seal(name)) for name in ("one", "two")]
    db.write_now(store.put_secrets, "s1", before, now=NOW)
    with pytest.raises(Unavailable):
        db.write_now(keeper.change_keys, Vault([new]))
    assert db.write_now(keeper.change_keys, Vault([new, old])) == 2
    opened = [Vault([new]).open(one.sealed) for one in db.read_now(store.secrets_of, "s1")]
    assert opened == ["one", "two"]


# ---- shops -------------------------------------------------------------------------------------------------------


def test_a_shop_connected_twice_is_one_shop(db: Db) -> None:
    first = db.write_now(store.add_shop, a_shop())
    assert first == a_shop()
    db.write_now(store.set_state, "s1", "needs_owner", problem="shop_needs_owner", facts={"day": "2026-12-03"})
    again = db.write_now(store.add_shop, a_shop(id="other", name="Tên mới", created_at=NOW + HOUR))
    assert again == a_shop(name="Tên mới")
    assert db.read_now(store.list_shops) == (again,)
    with pytest.raises(Conflict):
        db.write_now(store.add_shop, a_shop(producer_id="somebody else"))


def test_states_carry_their_problem_and_rest_when_people_paused(db: Db) -> None:
    db.write_now(store.add_shop, a_shop())
    db.write_now(store.set_state, "s1", "needs_owner", problem="shop_needs_owner", facts={"day": "2026-12-03"})
    ill = db.read_now(store.get_shop, "s1")
    assert (ill.state, ill.problem, ill.problem_facts) == ("needs_owner", "shop_needs_owner", {"day": "2026-12-03"})
    db.write_now(store.set_state, "s1", "paused")
    db.write_now(store.set_state, "s1", "needs_owner", problem="shop_needs_owner")
    rests = db.read_now(store.get_shop, "s1")
    assert (rests.state, rests.problem, rests.problem_facts) == ("paused", "", {})
    with pytest.raises(Denied):
        db.write_now(store.set_state, "nobody", "paused")


def test_shops_are_listed_within_a_scope(db: Db) -> None:
    db.write_now(store.add_shop, a_shop())
    portal = db.write_now(store.add_shop, a_shop(id="s2", platform="woocommerce", name="Cổng tỉnh", remote_id=""))
    assert [one.id for one in db.read_now(store.list_shops)] == ["s1", "s2"]
    assert db.read_now(store.list_shops, producers=[]) == ()
    assert db.read_now(store.list_shops, platform="woocommerce") == (portal,)
    assert db.read_now(store.list_shops, states=["paused"]) == ()
    found = db.read_now(store.find_by_remote, platform="shopee", remote_id="77")
    assert found is not None
    assert found.id == "s1"
    assert db.read_now(store.find_by_remote, platform="woocommerce", remote_id="") is None


def test_changed_settings_raise_the_version(db: Db) -> None:
    db.write_now(store.add_shop, a_shop())
    assert db.write_now(store.change_settings, "s1", name="Khác").version == 1
    changed = db.write_now(store.change_settings, "s1", values={"currency": "VND"})
    assert (changed.version, changed.values, changed.name) == (2, {"currency": "VND"}, "Khác")


def test_the_token_clock_shows_times_and_no_tokens(db: Db, vault: Vault) -> None:
    db.write_now(store.add_shop, a_shop())
    assert db.read_now(store.token_clocks) == ()
    db.write_now(store.put_secrets, "s1", keeper.sealed_pair(vault, pair("a")), now=NOW)
    (clock,) = db.read_now(store.token_clocks, ["s1"])
    assert (clock.access_until, clock.refresh_until, clock.refreshed_at) == (NOW + HOUR, NOW + 720 * HOUR, NOW)
    db.write_now(store.forget_secrets, "s1")
    assert db.read_now(store.secrets_of, "s1") == ()


def test_a_sign_in_works_once_in_time_and_on_its_platform(db: Db) -> None:
    def begin(state: str, until: datetime) -> None:
        wanted = SignIn(state=state, platform="shopee", producer_id="p", until=until)
        db.write_now(store.begin_sign_in, wanted, now=NOW)

    begin("good", NOW + HOUR)
    begin("late", NOW + timedelta(seconds=1))
    with pytest.raises(Denied):
        db.write_now(store.use_sign_in, "good", platform="tiki", now=NOW)
    assert db.write_now(store.use_sign_in, "good", platform="shopee", now=NOW).producer_id == "p"
    for state in ("good", "late", "never"):
        with pytest.raises(Denied):
            db.write_now(store.use_sign_in, state, platform="shopee", now=NOW + timedelta(seconds=2))


def test_the_verifier_of_a_sign_in_is_kept_sealed_until_its_owner_comes_back(db: Db, vault: Vault) -> None:
    wanted = SignIn(state="s", platform="zalo", producer_id=None, until=NOW + HOUR, verifier=vault.seal("v" * 43))
    db.write_now(store.begin_sign_in, wanted, now=NOW)
    used = db.write_now(store.use_sign_in, "s", platform="zalo", now=NOW)
    assert used.verifier is not None
    assert "v" * 43 not in used.verifier.ciphertext()
    assert vault.open(used.verifier) == "v" * 43


async def test_a_picture_is_sent_once_per_shop_and_content_and_again_when_the_platform_lost_it(db: Db) -> None:
    db.write_now(store.add_shop, a_shop())
    uploads = DbUploads(db, "s1", lambda: NOW)
    assert await uploads.known("d") is None
    await uploads.keep("d", "img-1")
    assert await DbUploads(db, "s1", lambda: NOW).known("d") == "img-1"
    await uploads.forget("d")
    assert await uploads.known("d") is None
    await uploads.keep("d", "img-2")
    db.write_now(store.forget_secrets, "s1")
    assert await uploads.known("d") is None


# ---- pace --------------------------------------------------------------------------------------------------------


def test_pace_is_the_rule_of_the_connectors(db: Db) -> None:
    start = NOW.timestamp()
    due = 0.0
    for after, rate, burst, n in ((0.0, 10.0, 5, 1), (0.0, 10.0, 5, 8), (0.1, 10.0, 5, 1), (60.0, 2.0, 1, 3)):
        due, first = reserve(due, start + after, rate, burst, n)
        got = db.write_now(store.reserve_pace, "k", now_seconds=start + after, rate=rate, burst=burst, n=n)
        assert got == pytest.approx(first, abs=1e-5)


def test_a_slot_from_a_wrong_clock_is_forgotten(db: Db) -> None:
    start = NOW.timestamp()
    db.write_now(store.reserve_pace, "k", now_seconds=start + 86_400, rate=1.0, burst=1)
    assert db.write_now(store.reserve_pace, "k", now_seconds=start, rate=1.0, burst=1) == pytest.approx(0.0, abs=1e-5)


async def test_processes_share_one_pace(db: Db, second: Db) -> None:
    start = NOW.timestamp()
    firsts = await asyncio.gather(
        *(one.write(store.reserve_pace, "k", now_seconds=start, rate=10.0, burst=1) for one in (db, second) * 10)
    )
    assert sorted(firsts) == pytest.approx([n / 10 for n in range(20)], abs=1e-5)


# ---- one refresher -----------------------------------------------------------------------------------------------


def pair(name: str) -> Tokens:
    return Tokens(
        access=f"access-{name}", refresh=f"refresh-{name}", access_until=NOW + HOUR, refresh_until=NOW + 720 * HOUR
    )


def build(secrets: Mapping[str, str], tokens: OpenTokens | None) -> Credentials:
    """What the composition root does."""
    return Credentials(
        secrets=secrets,
        tokens=None
        if tokens is None
        else Tokens(
            access=tokens.access, refresh=tokens.refresh, access_until=tokens.access_until,
            refresh_until=tokens.refresh_until,
        ),
    )  # fmt: skip


@dataclass
class World:
    """A clock that moves only when somebody sleeps, and a platform whose refresh token works once."""

    now: datetime = NOW
    valid: str = "refresh-0"
    renewals: int = 0
    slept: list[float] = field(default_factory=list)

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        await asyncio.sleep(0)

    async def renew(self, credentials: Credentials) -> Tokens:
        assert credentials.tokens is not None
        assert credentials.tokens.refresh == self.valid  # a used one would cost the owner a new sign-in
        self.renewals += 1
        self.valid = f"refresh-{self.renewals}"
        fresh = pair(str(self.renewals))
        await asyncio.sleep(0)
        return fresh


def a_keeper(db: Db, vault: Vault, world: World, owner: str = "w") -> DbKeeper[Credentials]:
    return DbKeeper(
        db=db, vault=vault, shop_id="s1", owner=owner, app={"partner_key": "k"}, build=build, now=lambda: world.now,
        sleep=world.sleep,
    )  # fmt: skip


def connected(db: Db, vault: Vault) -> None:
    db.write_now(store.add_shop, a_shop())
    secrets = [*keeper.sealed_pair(vault, pair("0")), StoredSecret(key="webhook", sealed=vault.seal("w"))]
    db.write_now(store.put_secrets, "s1", secrets, now=NOW)


async def test_credentials_are_the_shops_and_the_apps(db: Db, vault: Vault) -> None:
    connected(db, vault)
    kept: CredentialKeeper = a_keeper(db, vault, World())
    found = await kept.current()
    assert found.secrets == {"partner_key": "k", "webhook": "w"}
    assert found.tokens == pair("0")


async def test_of_eight_refreshers_in_two_processes_one_renews(db: Db, second: Db, vault: Vault) -> None:
    connected(db, vault)
    world = World()
    keepers = [a_keeper(one, vault, world) for one in (db, second) * 4]
    seen = await keepers[0].current()
    found = await asyncio.gather(*(one.refresh(seen, world.renew) for one in keepers))
    assert world.renewals == 1
    assert {one.access for one in found} == {"access-1"}
    again = await asyncio.gather(*(one.refresh(found[0], world.renew) for one in keepers))
    assert world.renewals == 2
    assert {one.access for one in again} == {"access-2"}


async def test_an_old_sight_of_the_tokens_renews_nothing(db: Db, vault: Vault) -> None:
    connected(db, vault)
    world = World()
    kept = a_keeper(db, vault, world)
    seen = await kept.current()
    await kept.refresh(seen, world.renew)
    assert (await kept.refresh(seen, world.renew)).access == "access-1"
    assert world.renewals == 1


async def test_a_failed_renewal_gives_the_turn_back(db: Db, vault: Vault) -> None:
    connected(db, vault)
    world = World()
    kept = a_keeper(db, vault, world)
    seen = await kept.current()

    async def fails(_credentials: Credentials) -> Tokens:
        raise Unreachable(sent=False)

    with pytest.raises(Unreachable):
        await kept.refresh(seen, fails)
    assert await db.read(store.turn_owner, "s1", now=NOW) is None
    assert (await kept.refresh(seen, world.renew)).access == "access-1"


async def test_a_dead_refreshers_turn_is_taken_over_when_it_ran_out(db: Db, vault: Vault) -> None:
    connected(db, vault)
    world = World()
    kept = a_keeper(db, vault, world)
    seen = await kept.current()
    assert await db.write(store.take_turn, "s1", owner="dead", now=NOW, lease=keeper.TURN)

    async def time_passes(seconds: float) -> None:
        world.now += timedelta(seconds=10)

    world.sleep = time_passes  # type: ignore[method-assign]
    patient = a_keeper(db, vault, world)
    assert (await patient.refresh(seen, world.renew)).access == "access-1"
    assert world.now - NOW >= keeper.TURN


async def test_a_cancelled_run_still_stores_the_new_pair(db: Db, vault: Vault) -> None:
    connected(db, vault)
    world = World()
    kept = a_keeper(db, vault, world)
    seen = await kept.current()
    answered, go_on = asyncio.Event(), asyncio.Event()

    async def slow(credentials: Credentials) -> Tokens:
        fresh = await world.renew(credentials)
        answered.set()
        await go_on.wait()
        return fresh

    run = asyncio.create_task(kept.refresh(seen, slow))
    await answered.wait()
    run.cancel()
    with pytest.raises(asyncio.CancelledError):
        await run
    go_on.set()
    await kept.settled()
    assert (await kept.current()).access == "access-1"


async def test_a_pair_that_took_its_place_is_left_alone(db: Db, vault: Vault) -> None:
    connected(db, vault)
    world = World()
    kept = a_keeper(db, vault, world)
    seen = await kept.current()

    async def overtaken(_credentials: Credentials) -> Tokens:
        await db.write(store.put_secrets, "s1", keeper.sealed_pair(vault, pair("owner")), now=NOW)
        return pair("ours")

    assert (await kept.refresh(seen, overtaken)).access == "access-owner"


async def test_a_shop_never_signed_in_needs_its_owner(db: Db, vault: Vault) -> None:
    db.write_now(store.add_shop, a_shop())
    kept = a_keeper(db, vault, World())
    seen = await kept.current()
    assert seen.tokens is None
    with pytest.raises(Unauthorised):
        await kept.refresh(seen, World().renew)


def test_plain_text_cannot_be_stored_as_a_secret(db: Db) -> None:
    db.write_now(store.add_shop, a_shop())
    plain = StoredSecret(key="k", sealed="plain")  # type: ignore[arg-type]
    with pytest.raises(Exception, match="sealed values only"):
        db.write_now(store.put_secrets, "s1", [plain], now=NOW)
    db.write_now(store.put_secrets, "s1", [StoredSecret(key="k", sealed=Sealed("ciphertext"))], now=NOW)
