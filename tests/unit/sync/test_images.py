import io
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from hub.errors import Refused
from hub.sync.images import Shelf, prepare
from hub.sync.rulepack import PictureRule

ANY = PictureRule()


def drawn(width: int, height: int, form: str = "JPEG", mode: str = "RGB", orientation: int = 0) -> bytes:
    picture = Image.effect_noise((width, height), 60).convert(mode)
    buffer = io.BytesIO()
    exif = Image.Exif()
    if orientation:
        exif[0x0112] = orientation
        exif[0x010F] = "Máy ảnh"
    picture.save(buffer, form, **({"exif": exif} if orientation else {}))
    return buffer.getvalue()


def opened(content: bytes) -> Image.Image:
    return Image.open(io.BytesIO(content))


def test_what_fits_is_left_as_it_is() -> None:
    content = drawn(600, 600)
    assert prepare(content, PictureRule(formats=("image/jpeg",), max_bytes=10_000_000, min_px=500)) is content


def test_camera_data_goes_and_the_picture_stands_upright() -> None:
    done = opened(prepare(drawn(600, 400, orientation=6), ANY))
    assert not done.getexif()
    assert done.size == (400, 600)


def test_see_through_parts_become_white_and_the_format_the_channels() -> None:
    buffer = io.BytesIO()
    Image.new("RGBA", (50, 50), (0, 0, 0, 0)).save(buffer, "PNG")
    done = opened(prepare(buffer.getvalue(), PictureRule(formats=("image/jpeg",))))
    assert done.format == "JPEG"
    assert done.getpixel((25, 25)) == (255, 255, 255)


@settings(max_examples=25, deadline=None)
@given(
    width=st.integers(40, 900), height=st.integers(40, 900), most=st.none() | st.integers(200, 700),
    least=st.none() | st.integers(60, 190), low=st.floats(0.4, 1.0), wider=st.floats(0.05, 2.0),
    size=st.none() | st.integers(15_000, 90_000),
)  # fmt: skip
def test_what_comes_out_keeps_the_rule_and_coming_again_changes_nothing(
    width: int, height: int, most: int | None, least: int | None, low: float, wider: float, size: int | None
) -> None:
    rule = PictureRule(formats=("image/jpeg",), max_bytes=size, min_px=least, max_px=most, ratio=(low, low + wider))
    try:
        done = prepare(drawn(width, height, "PNG"), rule)
    except Refused:
        assert least is not None or size is not None
        return
    picture = opened(done)
    assert picture.format == "JPEG"
    assert size is None or len(done) <= size
    assert most is None or max(picture.size) <= most
    assert least is None or min(picture.size) >= least
    slack = 2 / min(picture.size)
    assert low * (1 - slack) <= picture.width / picture.height <= (low + wider) * (1 + slack)


def test_nothing_is_cut_away_to_make_a_square() -> None:
    done = opened(prepare(drawn(300, 100, "PNG"), PictureRule(ratio=(1.0, 1.0))))
    assert done.size == (300, 300)
    assert done.convert("RGB").getpixel((150, 10)) == (255, 255, 255)


@pytest.mark.parametrize("content", [b"", b"GIF89a", b"<html>", b"\xff\xd8\xff\xe0" + b"\0" * 50])
def test_what_is_no_picture_is_refused(content: bytes) -> None:
    with pytest.raises(Refused):
        prepare(content, ANY)


def test_a_picture_is_prepared_once_per_content_and_rule(tmp_path: Path) -> None:
    (tmp_path / "d").write_bytes(drawn(800, 600, "PNG"))
    shelf = Shelf(folder=tmp_path, made=tmp_path / "made")
    rule = PictureRule(formats=("image/jpeg",), max_px=400)
    first = shelf.get("d", rule)
    (tmp_path / "d").unlink()
    assert Shelf(folder=tmp_path, made=tmp_path / "made").get("d", rule) == first
    with pytest.raises(Refused) as told:
        shelf.get("d", PictureRule(max_px=300))
    assert told.value.code == "picture_missing"
