"""Pictures (sheet 6): uploaded or fetched, at an address of the platform's own afterwards."""

import hashlib
import ipaddress
from urllib.parse import urlsplit

from hub.sandbox.lazada.config import LazadaConfig
from hub.sandbox.lazada.shop import Shop
from hub.sandbox.lazada.wire import Call, Json, Refusal, inner, listed, payload

LARGEST = 3_145_728
SIDES = (330, 5000)
PNG, JPEG = b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff"


def upload(shop: Shop, config: LazadaConfig, call: Call) -> Json:
    content = call.files.get("image", b"")
    if not content.startswith((PNG, JPEG)):
        raise Refusal("302", "E302: The image is not a stream of jpg or png")
    if len(content) > LARGEST:
        raise Refusal("303", "E303: The image is too large")
    if config.check_pixels:
        sides = _png(content) if content.startswith(PNG) else _jpeg(content)
        if not all(SIDES[0] <= side <= SIDES[1] for side in sides):
            raise Refusal("300", "E300: Upload image failed: 330 to 5000 pixels a side")
    return {"data": {"image": _image(content, "png" if content.startswith(PNG) else "jpg")}}


def _png(content: bytes) -> tuple[int, int]:
    return int.from_bytes(content[16:20], "big"), int.from_bytes(content[20:24], "big")


def _jpeg(content: bytes) -> tuple[int, int]:
    """Height and width from the first frame header; (0, 0) where there is none."""
    place = 2
    while place + 9 <= len(content) and content[place] == 0xFF:
        if 0xC0 <= content[place + 1] <= 0xCF and content[place + 1] not in (0xC4, 0xC8, 0xCC):
            return int.from_bytes(content[place + 5 : place + 7], "big"), int.from_bytes(
                content[place + 7 : place + 9], "big"
            )
        place += 2 + int.from_bytes(content[place + 2 : place + 4], "big")
    return 0, 0


def _image(content: bytes, kind: str) -> Json:
    digest = hashlib.sha1(content, usedforsecurity=False).hexdigest()
    return {"url": f"https://vn-live-02.slatic.net/p/{digest}.{kind}", "hash_code": digest}


def _fetched(url: str) -> Json:
    """The sandbox fetches nothing: a named host counts as found."""
    host = urlsplit(url).hostname or ""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        if host:
            return _image(url.encode(), "jpg")
    raise Refusal("301", "E301: Migrate image failed")


def migrate(shop: Shop, config: LazadaConfig, call: Call) -> Json:
    url = inner(payload(call.need("payload")), "Image").get("Url", "")
    return {"data": {"image": _fetched(str(url))}}


def migrate_many(shop: Shop, config: LazadaConfig, call: Call) -> Json:
    urls = [str(one) for one in listed(inner(payload(call.need("payload")), "Images"), "Url")]
    if not 0 < len(urls) <= 8:
        raise Refusal("5", "E005: Invalid Request Format (1 to 8 addresses)")
    batch = hashlib.sha1("|".join(urls).encode(), usedforsecurity=False).hexdigest()
    shop.batches[batch] = urls
    return {"batch_id": batch, "data": {}}


def batch_answer(shop: Shop, call: Call) -> Json:
    urls = shop.batches.get(call.need("batch_id"))
    if urls is None:
        raise Refusal("16", "unknown batch")
    images: list[Json] = []
    errors: list[Json] = []
    for url in urls:
        try:
            images.append(_fetched(url))
        except Refusal as error:
            errors.append({"original_url": url, "msg": error.message})
    return {"data": {"images": images, "errors": errors}}
