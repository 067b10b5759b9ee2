"""Pictures and files of a pretend TikTok Shop (sheet 5.2): format, bytes and sides are looked at, nothing is kept."""

from hub.sandbox.tiktok_shop.wire import Ask, Json, Refusal, bad

USES = (
    "MAIN_IMAGE", "ATTRIBUTE_IMAGE", "DESCRIPTION_IMAGE", "CERTIFICATION_IMAGE", "SIZE_CHART_IMAGE",
    "CUSTOMIZATION_IMAGE",
)  # fmt: skip
IMAGE_BYTES, PDF_BYTES = 10 * 1024 * 1024, 20 * 1024 * 1024


def sides(content: bytes) -> tuple[int, int]:
    """Width and height of a PNG or JPEG; (0, 0) for other allowed formats. Raises Refusal for anything else."""
    if content.startswith(b"\x89PNG\r\n\x1a\n") and content[12:16] == b"IHDR":
        return int.from_bytes(content[16:20], "big"), int.from_bytes(content[20:24], "big")
    if content.startswith(b"\xff\xd8\xff"):
        return _jpeg(content)
    if content[:2] == b"BM" or content[8:12] == b"WEBP" or content[4:8] == b"ftyp":
        return 0, 0
    raise Refusal(12038014, "the image format is not supported")


def _jpeg(content: bytes) -> tuple[int, int]:
    place = 2
    while place + 9 < len(content) and content[place] == 0xFF:
        marker = content[place + 1]
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            height, width = content[place + 5 : place + 7], content[place + 7 : place + 9]
            return int.from_bytes(width, "big"), int.from_bytes(height, "big")
        place += 2 + int.from_bytes(content[place + 2 : place + 4], "big")
    raise Refusal(12038014, "the image can not be read")


def image(ask: Ask, number: str) -> Json:
    """``{uri, url, width, height, use_case}``; every picture of a listing comes from here."""
    use = ask.form.get("use_case", "MAIN_IMAGE")
    if use not in USES:
        raise bad("use_case")
    if not ask.file:
        raise Refusal(12038015, "the image is empty")
    if len(ask.file) > IMAGE_BYTES:
        raise Refusal(36009021, "the file is too large", 400)
    width, height = sides(ask.file)
    low, high = (300, 4000) if use == "MAIN_IMAGE" else (100, 20_000)
    if width and not (low <= width <= high and low <= height <= high):
        raise Refusal(12038004, f"the sides must be between {low} and {high} px")
    uri = f"tos-alisg-i-aphluv4xwc-sg/{number}"
    return {"uri": uri, "url": f"{ask.base}/{uri}", "width": width or 600, "height": height or 600, "use_case": use}


def file(ask: Ask, number: str) -> Json:
    """A certificate as PDF."""
    name = ask.form.get("name", "")
    if not name.lower().endswith(".pdf") or not ask.file.startswith(b"%PDF"):
        raise bad("name")
    if len(ask.file) > PDF_BYTES:
        raise Refusal(36009021, "the file is too large", 400)
    return {"id": number, "url": f"{ask.base}/files/{number}", "name": name, "format": "PDF"}
