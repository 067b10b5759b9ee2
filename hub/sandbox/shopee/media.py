"""Uploading images: multipart, up to 9, JPEG or PNG, up to 10 MB each (sheet 6.2, 6.3)."""

import hashlib
from dataclasses import dataclass

from aiohttp import BodyPartReader, MultipartReader, web

from hub.sandbox.shopee.wire import Answer, Json, Refusal, bad

MOST = 9
BYTES = 10 * 1024 * 1024
MAGIC = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n")


@dataclass(frozen=True, kw_only=True)
class Upload:
    """What one request brought."""

    images: tuple[bytes, ...]
    scene: str
    ratio: str


async def read_upload(request: web.Request) -> Upload:
    """Raises Refusal for another body than multipart or for too much."""
    if request.content_type != "multipart/form-data":
        raise bad("the request must be multipart/form-data")
    images: list[bytes] = []
    fields: dict[str, str] = {}
    reader = await request.multipart()
    while (part := await reader.next()) is not None:
        if isinstance(part, MultipartReader):
            raise bad("nested multipart")
        if part.name == "image":
            images.append(await _bytes(part))
        elif part.name:
            fields[part.name] = await part.text()
    if not images:
        raise bad("image is required")
    if len(images) > MOST:
        raise bad(f"at most {MOST} images")
    return Upload(images=tuple(images), scene=fields.get("scene", "normal"), ratio=fields.get("ratio", "1:1"))


async def _bytes(part: BodyPartReader) -> bytes:
    out = bytearray()
    while chunk := await part.read_chunk():
        out += chunk
        if len(out) > BYTES:
            raise Refusal("error_param", "image must not be larger than 10 MB")
    return bytes(out)


def accept(upload: Upload, number: int, base_url: str, kept: dict[str, str]) -> Answer:
    """New ids every time, the same picture or not; each image is judged on its own."""
    if upload.scene not in ("normal", "desc") or upload.ratio not in ("1:1", "3:4"):
        raise bad("scene or ratio is invalid")
    told: list[Json] = []
    for place, data in enumerate(upload.images):
        if not data.startswith(MAGIC):
            told.append({"id": place, "error": "error_param", "message": "Invalid image", "image_info": {}})
            continue
        digest = hashlib.sha256(data + f"{number}/{place}".encode()).hexdigest()[:16]
        image_id = f"vn-11134207-{number:06d}-{digest}"
        kept[image_id] = f"{base_url}/file/{image_id}"
        info = {
            "image_id": image_id,
            "image_url_list": [{"image_url_region": "VN", "image_url": kept[image_id]}],
        }
        told.append({"id": place, "error": "", "message": "", "image_info": info})
    good = [entry for entry in told if not entry["error"]]
    if not good:
        raise bad("Invalid image")
    warning = "part of the images failed" if len(good) < len(told) else ""
    return Answer(response={"image_info": good[0]["image_info"], "image_info_list": told}, warning=warning)
