"""What check finds, and that it changes nothing."""

import os
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from hub import check, config, migrate
from hub.db import Db
from hub.errors import Invalid
from hub.moving import progress_table
from hub.problems import PROBLEMS
from hub.shops import store
from hub.shops.model import Shop
from hub.shops.store import StoredSecret
from hub.shops.vault import Vault

PUBLIC = {"public_url": "https://hub.example.vn"}


@pytest.fixture
def now(tmp_path: Path) -> datetime:
    """This machine's time, as the files of the test see it."""
    (tmp_path / "touched").touch()
    return datetime.fromtimestamp((tmp_path / "touched").stat().st_mtime, UTC)


@pytest.fixture
def good(tmp_path: Path) -> dict[str, Any]:
    """Settings of a healthy hub whose database is migrated."""
    settings = {
        "database_url": f"sqlite:///{tmp_path / 'hub.db'}",
        "data_dir": tmp_path,
        "keys_file": config.ensure_key_file(tmp_path / "keys"),
        "web": PUBLIC,
    }
    db = Db(f"sqlite:///{tmp_path / 'hub.db'}")
    migrate.upgrade(db)
    db.close()
    return settings


def codes(settings: Mapping[str, Any], now: datetime) -> set[str]:
    found = {one.code for one in check.findings(config.load(Path(os.devnull), **settings), now=now)}
    return found - {"disk_low"}  # says something of the machine the tests run on


def test_a_healthy_hub_has_no_findings(good: dict[str, Any], now: datetime) -> None:
    assert codes(good, now) == set()


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"keys_file": None}, "key_missing"),
        ({"keys_file": None, "secret_keys": ("short",)}, "key_wrong"),
        ({"secret_keys": ("A" * 43 + "=",)}, "key_weak"),
        ({"secret_keys": ("VGhpcyBpcyBub3QgYSByYW5kb20ga2V5IGF0IGFsbCE=",)}, "key_weak"),
        ({"keys_file": Path("/no/such/file")}, "keys_unreadable"),
        ({"web": {}}, "web_unreachable"),
        ({"web": {"bind": "0.0.0.0:80"}}, "web_open"),
        ({"web": {"public_url": "http://hub.example.vn"}}, "web_plain"),
        ({"schedules": {"push": "99 * * * *"}}, "schedule_wrong"),
        ({"allow_private_addresses": True}, "private_addresses_allowed"),
        ({"apps": {"shopee": {"partner_id": "1", "partner_key": "changeme"}}}, "app_secret_weak"),
        ({"data_dir": Path(os.devnull)}, "data_dir_unwritable"),
        ({"database_url": "postgresql+psycopg://hub:secret@127.0.0.1:1/hub"}, "database_unreachable"),
    ],
)
def test_each_mistake_has_its_finding(good: dict[str, Any], now: datetime, change: dict[str, Any], code: str) -> None:
    assert codes(good | change, now) == {code}


def test_a_real_app_secret_is_none_of_ours_to_doubt(good: dict[str, Any], now: datetime) -> None:
    real = {"shopee": {"partner_id": "1", "partner_key": config.new_key()}}
    assert codes(good | {"apps": real}, now) == set()


def test_a_database_that_was_never_made_stays_so(good: dict[str, Any], now: datetime, tmp_path: Path) -> None:
    absent = tmp_path / "deep" / "none.db"
    assert codes(good | {"database_url": f"sqlite:///{absent}"}, now) == {"migration_behind"}
    assert not absent.parent.exists()


def test_a_broken_and_an_empty_file(good: dict[str, Any], now: datetime, tmp_path: Path) -> None:
    file = tmp_path / "other.db"
    file.touch()
    assert codes(good | {"database_url": f"sqlite:///{file}"}, now) == {"migration_behind"}
    file.write_bytes(b"this is no database" * 100)
    assert codes(good | {"database_url": f"sqlite:///{file}"}, now) == {"database_broken"}


def test_a_clock_behind_its_own_files_is_off(good: dict[str, Any], now: datetime) -> None:
    assert codes(good, now - timedelta(hours=1)) == {"clock_off"}
    assert codes(good, now + timedelta(days=400)) == set()


def test_half_a_hub_is_not_taken_for_one(good: dict[str, Any], now: datetime) -> None:
    db = Db(good["database_url"])
    db.write_now(progress_table.create)
    db.close()
    assert codes(good, now) == {"copy_unfinished"}


def test_open_keys_are_seen(good: dict[str, Any], now: datetime) -> None:
    good["keys_file"].chmod(0o644)
    assert codes(good, now) == {"keys_open"}


def with_shop(settings: Mapping[str, Any], now: datetime, address: str, vault: Vault | None = None) -> None:
    db = Db(settings["database_url"])
    shop = Shop(
        id="s", platform="woocommerce", name="n", producer_id=None, channel_kind="own_site", base_url=address,
        created_at=now,
    )  # fmt: skip
    db.write_now(store.add_shop, shop)
    if vault is not None:
        db.write_now(store.put_secrets, "s", [StoredSecret(key="k", sealed=vault.seal("secret"))], now=now)
    db.close()


@pytest.mark.parametrize("host", ["192.168.1.7", "[::1]:8443", "localhost"])
def test_a_shop_inside_our_own_network_is_seen(good: dict[str, Any], now: datetime, host: str) -> None:
    with_shop(good, now, f"https://{host}/shop")
    assert codes(good, now) == {"shop_address_private"}


def test_shops_whose_key_is_lost_are_counted(good: dict[str, Any], now: datetime) -> None:
    with_shop(good, now, "https://shop.example.vn", Vault([config.new_key()]))
    everything = check.findings(config.load(Path(os.devnull), **good), now=now)
    (found,) = [one for one in everything if one.code != "disk_low"]
    assert (found.number, found.facts) == ("E007", {"shops": 1})
    assert "1 gian hàng" in found.words("vi").what


def test_settings_that_cannot_be_read_are_a_finding_too(tmp_path: Path) -> None:
    with pytest.raises(Invalid) as caught:
        config.load(tmp_path / "none.toml")
    assert check.of_error(caught.value).number == "E001"


def test_numbers_are_unique_and_their_letter_is_the_severity() -> None:
    assert len(set(check.NUMBERS.values())) == len(check.NUMBERS)
    letters = {"bad": "E", "warn": "W"}
    assert [code for code, number in check.NUMBERS.items() if letters[PROBLEMS[code].severity] != number[0]] == []
