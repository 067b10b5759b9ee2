"""Pictures as a channel wants them: turned upright, without camera data, within its sides, shape, format and bytes.

Pure and repeatable: the same bytes and the same rule give the same bytes, so a prepared picture is kept and found again
under both. What already fits and carries no camera data is left as it is.
"""

import hashlib
import io
from dataclasses import dataclass, field
from pathlib import Path

from PIL import Image, ImageOps

from hub.errors import Refused
from hub.sync.rulepack import PictureRule

QUALITIES = (90, 82, 74, 64, 52, 40)
LARGEST = 40_000_000
"""Points of the largest picture that is opened: more is a decompression bomb."""
MIMES = {"JPEG": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp", "GIF": "image/gif"}


def prepare(content: bytes, rule: PictureRule) -> bytes:
    """The picture for a channel with this rule. Raises Refused for what is no picture, or can never fit."""
    picture = _opened(content)
    if _fits(picture, content, rule):
        return content
    upright = ImageOps.exif_transpose(picture)
    flat = _flat(_shaped(_shrunk(upright, rule.max_px), rule.ratio))
    flat = _shrunk(flat, rule.max_px)
    if rule.min_px is not None and min(flat.size) < rule.min_px:
        raise Refused("picture_too_small", width=flat.width, height=flat.height, min=rule.min_px)
    return _written(flat, rule)


def _opened(content: bytes) -> Image.Image:
    try:
        picture = Image.open(io.BytesIO(content))
        if picture.width * picture.height > LARGEST:
            raise Refused("picture_too_wide", width=picture.width, height=picture.height, max=LARGEST)
        picture.load()
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError):
        raise Refused("picture_format_wrong", found="?", allowed=sorted(MIMES.values())) from None
    return picture


def _fits(picture: Image.Image, content: bytes, rule: PictureRule) -> bool:
    mime = MIMES.get(picture.format or "", "")
    ratio = picture.width / picture.height
    return (
        (not rule.formats or mime in rule.formats)
        and not picture.getexif()
        and (rule.max_bytes is None or len(content) <= rule.max_bytes)
        and (rule.max_px is None or max(picture.size) <= rule.max_px)
        and (rule.min_px is None or min(picture.size) >= rule.min_px)
        and (rule.ratio is None or rule.ratio[0] <= ratio <= rule.ratio[1])
    )


def _shrunk(picture: Image.Image, most: int | None) -> Image.Image:
    """Smaller where it must be, never larger: blown-up pictures are refused by reviewers."""
    if most is None or max(picture.size) <= most:
        return picture
    share = most / max(picture.size)
    return picture.resize(
        (max(1, int(picture.width * share)), max(1, int(picture.height * share))), Image.Resampling.LANCZOS
    )


def _shaped(picture: Image.Image, ratio: tuple[float, float] | None) -> Image.Image:
    """White margins until width / height lies in the span: nothing of the product is cut away."""
    if ratio is None:
        return picture
    now = picture.width / picture.height
    if ratio[0] <= now <= ratio[1]:
        return picture
    wide, high = picture.size
    if now < ratio[0]:
        wide = -int(-high * ratio[0] // 1)
    else:
        high = -int(-wide / ratio[1] // 1)
    canvas = Image.new("RGB", (wide, high), "white")
    flat = _flat(picture)
    canvas.paste(flat, ((wide - flat.width) // 2, (high - flat.height) // 2))
    return canvas


def _flat(picture: Image.Image) -> Image.Image:
    """On white, in plain colours: see-through parts would turn black."""
    if picture.mode in ("RGBA", "LA", "P", "PA"):
        layer = picture.convert("RGBA")
        ground = Image.new("RGBA", layer.size, "white")
        return Image.alpha_composite(ground, layer).convert("RGB")
    return picture.convert("RGB")


def _written(picture: Image.Image, rule: PictureRule) -> bytes:
    """As JPEG, or PNG where a channel takes nothing else; less fine, then smaller, until the bytes fit."""
    form = "JPEG" if not rule.formats or "image/jpeg" in rule.formats else "PNG"
    while True:
        for quality in QUALITIES:
            buffer = io.BytesIO()
            picture.save(buffer, form, **({"quality": quality} if form == "JPEG" else {"optimize": True}))
            if rule.max_bytes is None or buffer.tell() <= rule.max_bytes:
                return buffer.getvalue()
            if form == "PNG":
                break
        smaller = (picture.width * 4 // 5, picture.height * 4 // 5)
        if min(smaller) < (rule.min_px or 100):
            raise Refused("picture_too_large", size=buffer.tell(), max=rule.max_bytes)
        picture = picture.resize(smaller, Image.Resampling.LANCZOS)


@dataclass(frozen=True, kw_only=True)
class Shelf:
    """Prepared pictures on disk, beside the originals: each is made once per content and rule."""

    folder: Path
    made: Path
    key: dict[PictureRule, str] = field(default_factory=dict)

    def get(self, digest: str, rule: PictureRule) -> bytes:
        """The prepared picture. Raises Refused, also Refused("picture_missing") when its original is gone."""
        place = self.made / f"{digest}-{self._key(rule)}"
        try:
            return place.read_bytes()
        except FileNotFoundError:
            pass
        try:
            original = (self.folder / digest).read_bytes()
        except FileNotFoundError:
            raise Refused("picture_missing", digest=digest) from None
        done = prepare(original, rule)
        self.made.mkdir(parents=True, exist_ok=True)
        part = place.with_suffix(".part")
        part.write_bytes(done)
        part.replace(place)
        return done

    def _key(self, rule: PictureRule) -> str:
        if rule not in self.key:
            self.key[rule] = hashlib.blake2b(repr(rule).encode(), digest_size=6).hexdigest()
        return self.key[rule]
