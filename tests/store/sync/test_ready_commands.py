"""``readiness``, ``cut`` and ``feeds`` as an operator types them."""

import json
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
import structlog
from cryptography.fernet import Fernet
from PIL import Image
from typer.testing import CliRunner, Result

from hub.catalog import store as catalog
from hub.catalog import tables as c
from hub.catalog.model import Picture
from hub.catalog.pictures import keep
from hub.cli import app
from hub.db import Db, Tx
from tests.store.sales.world import NOW, build

Type = Callable[..., Result]


def fill(tx: Tx) -> None:
    build(tx)
    tx.execute(c.certificate.update().values(expires_on=date(2099, 1, 1)))
    tx.execute(c.product.update().values(
        set_no=9, storage="Nơi khô ráo", shelf_life_months=12, food_declaration="1/2026", reviewed_at=NOW, commune="Xã",
    ))  # fmt: skip


@pytest.fixture
def type_(sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Type]:
    db = Db(sqlite_url)
    db.write_now(fill)
    Image.new("RGB", (300, 300), "red").save(tmp_path / "tra.png")
    digest, mime = keep(tmp_path / "pictures", (tmp_path / "tra.png").read_bytes(), "tra.png")
    picture = Picture(digest=digest, product_id="P-tra", position=0, mime=mime, source="tra.png")
    db.write_now(catalog.set_pictures, "P-tra", [picture])
    db.close()
    monkeypatch.setenv("OCOP_DATABASE_URL", sqlite_url)
    monkeypatch.setenv("OCOP_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("OCOP_SECRET_KEYS", Fernet.generate_key().decode())
    yield lambda *words: CliRunner().invoke(app, list(words))
    structlog.reset_defaults()  # a command logs to the standard error of its run, which is closed by now


def told(result: Result) -> Any:
    return json.loads(result.stdout)


def test_readiness_says_what_blocks_where(type_: Type) -> None:
    whole = type_("readiness", "P-tra", "--json")
    assert whole.exit_code == 1
    channels = {one["channel"]: one for one in told(whole)["channels"]}
    assert {"shopee", "woocommerce", "feeds"} <= channels.keys()
    assert channels["woocommerce"]["ready"]
    assert channels["woocommerce"]["title"] == "tra 500 g OCOP 4 sao"
    (small,) = [one for one in channels["feeds"]["blocks"] if one["code"] == "picture_too_small"]
    assert small["facts"]["min"] == 500
    assert small["what"]
    assert small["do"]


def test_one_channel_that_is_ready_ends_well_and_an_unknown_one_does_not(type_: Type) -> None:
    assert type_("readiness", "P-tra", "--channel", "woocommerce").exit_code == 0
    assert type_("readiness", "P-tra", "--channel", "nowhere").exit_code == 1
    assert type_("readiness", "không có").exit_code == 1


def test_a_cut_is_given_changed_in_part_and_taken_back(type_: Type) -> None:
    def cut(*words: str) -> Any:
        return told(type_("cut", "P-tra", "woocommerce", *words, "--json"))["channels"][0]

    first = cut("--title", "Trà sạch OCOP 5 sao", "--description", "Trà của nhà.")
    assert (first["title"], first["edited"]) == ("Trà sạch OCOP 4 sao", True)
    assert first["description"].startswith("Trà của nhà.\n\n")
    assert "Quyết định số 1/QĐ-UBND" in first["description"]
    second = cut("--title", "Trà mới")
    assert (second["title"], second["description"]) == ("Trà mới OCOP 4 sao", first["description"])
    assert not cut("--clear")["edited"]
    assert type_("cut", "P-tra", "woocommerce").exit_code == 1
    assert type_("cut", "P-tra", "nowhere", "--title", "x").exit_code == 1


def test_a_feed_is_made_written_and_given_an_address(type_: Type, tmp_path: Path) -> None:
    made = type_("feeds", "add", "plain_rss", "--name", "Cổng", "--province", "92", "--page", "https://ocop.vn/{sku}")
    assert made.exit_code == 0
    target = tmp_path / "cong.xml"
    wrote = told(type_("feeds", "write", "Cổng", str(target), "--json"))
    assert (wrote["items"], wrote["left_out"]) == (4, {})
    assert len(ET.parse(target).findall("channel/item")) == 4
    first = told(type_("feeds", "address", "Cổng", "--json"))
    assert first["standing"] == "reported"
    assert told(type_("feeds", "address", "Cổng", "--json"))["address"] == first["address"]
    assert told(type_("feeds", "address", "Cổng", "--new", "--json"))["address"] != first["address"]
    assert type_("feeds", "accept", "Cổng").stdout.strip() == "4"
    assert told(type_("feeds", "address", "Cổng", "--json"))["items"] == 4
    assert type_("feeds", "add", "atom").exit_code == 1
    assert type_("feeds", "write", "shopee", str(target)).exit_code == 1
    assert type_("feeds", "write", "Cổng", str(tmp_path / "no" / "x.xml")).exit_code == 1
