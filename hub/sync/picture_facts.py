"""Reads what stored pictures are: form, sides, bytes. The shell of :func:`hub.sync.rulepack.check_picture`."""

from collections.abc import Iterable
from pathlib import Path

from PIL import Image, UnidentifiedImageError

from hub.sync.rulepack import PictureFacts


def read_pictures(folder: Path, digests: Iterable[str]) -> dict[str, PictureFacts]:
    """Facts by digest; a file that is missing or no picture is left out. Only the head of each file is decoded."""
    found: dict[str, PictureFacts] = {}
    for digest in digests:
        try:
            size = (folder / digest).stat().st_size
            with Image.open(folder / digest) as image:
                found[digest] = PictureFacts(
                    digest=digest, mime=Image.MIME.get(image.format or "", ""), width=image.width,
                    height=image.height, size=size,
                )  # fmt: skip
        except (OSError, UnidentifiedImageError, SyntaxError, Image.DecompressionBombError):
            continue
    return found
