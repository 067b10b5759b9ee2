"""Pictures of products: checked, named by their content, kept as files. A registry names a file or an address."""

import hashlib
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, UnidentifiedImageError

from hub.catalog import store
from hub.catalog.intake.model import FileResult, ProductRecord
from hub.catalog.model import Picture
from hub.db import Tx
from hub.errors import Invalid

FORMATS = {"JPEG": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp"}
MAX_BYTES = 10 * 1024 * 1024
MAX_PIXELS = 50_000_000


@dataclass(frozen=True, kw_only=True)
class Named:
    """A picture as a registry names it: ``source`` is a file's path or an http(s) address."""

    product: str
    producer: str
    position: int
    source: str

    @property
    def remote(self) -> bool:
        return self.source.startswith(("http://", "https://"))


def named(results: Sequence[FileResult]) -> tuple[Named, ...]:
    """Every picture the accepted rows name, in their order."""
    return tuple(_named(results))


def _named(results: Sequence[FileResult]) -> Iterable[Named]:
    for result in results:
        for sheet in result.sheets:
            for row in sheet.rows:
                if row.outcome == "accepted" and isinstance(row.record, ProductRecord):
                    for position, source in enumerate(row.record.images):
                        yield Named(
                            product=row.record.product_name, producer=row.record.subject_name, position=position,
                            source=source,
                        )  # fmt: skip


def keep(folder: Path, content: bytes, source: str) -> tuple[str, str]:
    """Check and store one picture; answers (digest, mime). Raises Invalid naming what is wrong with ``source``."""
    if len(content) > MAX_BYTES:
        raise Invalid("picture_unusable", source=source)
    try:
        with Image.open(io.BytesIO(content)) as image:
            mime = FORMATS.get(image.format or "")
            pixels = image.width * image.height
            if mime is not None and pixels <= MAX_PIXELS:
                image.verify()
    except (UnidentifiedImageError, OSError, SyntaxError, Image.DecompressionBombError):
        raise Invalid("picture_unusable", source=source) from None
    if mime is None or pixels > MAX_PIXELS:
        raise Invalid("picture_unusable", source=source)
    digest = hashlib.sha256(content).hexdigest()
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / digest
    if not target.exists():
        half = target.with_suffix(".half")
        half.write_bytes(content)
        half.rename(target)
    return digest, mime


def attach(tx: Tx, kept: Sequence[tuple[Named, str, str]]) -> int:
    """Give products the pictures that were kept (named, digest, mime); answers how many products changed."""
    wanted: dict[tuple[str, str], list[tuple[Named, str, str]]] = {}
    for one in kept:
        wanted.setdefault((one[0].producer, one[0].product), []).append(one)
    changed = 0
    for sellable in store.sellables(tx) if wanted else ():
        own = wanted.get((sellable.producer.name, sellable.product.name))
        if own is None:
            continue
        pictures = [
            Picture(digest=digest, product_id=sellable.product.id, position=n.position, mime=mime, source=n.source)
            for n, digest, mime in own
        ]
        if tuple(pictures) != sellable.pictures:
            store.set_pictures(tx, sellable.product.id, pictures)
            changed += 1
    return changed
