"""Pictures named by a registry: checked, kept once by content, given to their product."""

import io
from datetime import UTC, datetime
from pathlib import Path

import pytest
from PIL import Image

from hub.catalog import store
from hub.catalog.pictures import MAX_BYTES, Named, attach, keep
from hub.db import Db
from hub.errors import Invalid
from tests.store.sales.world import build

NOW = datetime(2026, 11, 21, tzinfo=UTC)


def picture(form: str = "JPEG", colour: int = 90) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (20, 20), (colour, 120, 60)).save(buffer, form)
    return buffer.getvalue()


@pytest.mark.parametrize(("form", "mime"), [("JPEG", "image/jpeg"), ("PNG", "image/png"), ("WEBP", "image/webp")])
def test_a_picture_is_kept_once_under_its_content(tmp_path: Path, form: str, mime: str) -> None:
    digest, told = keep(tmp_path, picture(form), "a")
    assert (keep(tmp_path, picture(form), "b"), told) == ((digest, mime), mime)
    assert [p.name for p in tmp_path.iterdir()] == [digest]
    assert (tmp_path / digest).read_bytes() == picture(form)


@pytest.mark.parametrize(
    "content", [b"", b"<svg/>", b"\xff\xd8\xff no picture", picture("GIF"), b"x" * (MAX_BYTES + 1), picture()[:80]]
)
def test_what_is_no_usable_picture_is_refused_by_name(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(Invalid) as told:
        keep(tmp_path, content, "anh 1.jpg")
    assert (told.value.code, told.value.facts) == ("picture_unusable", {"source": "anh 1.jpg"})
    assert list(tmp_path.iterdir()) == []


def test_a_product_gets_its_pictures_and_a_new_version_once(db: Db, tmp_path: Path) -> None:
    db.write_now(build)
    named = Named(product="tra", producer="HTX 1", position=0, source="tra.jpg")
    kept = [(named, *keep(tmp_path, picture(), "tra.jpg"))]
    before = {s.product.id: s.version for s in db.read_now(store.sellables)}
    assert db.write_now(attach, kept) == 1
    after = {s.product.id: s for s in db.read_now(store.sellables)}
    assert [p.digest for p in after["P-tra"].pictures] == [kept[0][1]]
    assert {i for i, s in after.items() if s.version != before[i]} == {"P-tra"}
    assert db.write_now(attach, kept) == 0
