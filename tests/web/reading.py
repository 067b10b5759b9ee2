"""Reading pages as a person does: links, tables, texts. Pages are well-formed enough for the standard parser."""

from dataclasses import dataclass, field
from html.parser import HTMLParser

_VOID = {"meta", "link", "input", "img", "br", "path", "rect", "line"}


@dataclass(kw_only=True)
class Page:
    """What a page holds."""

    links: list[str] = field(default_factory=list)
    texts: dict[str, str] = field(default_factory=dict)  # of elements with an id
    rows: list[list[str]] = field(default_factory=list)  # of all tables, cells as text
    inline: list[str] = field(default_factory=list)  # what our policy forbids
    unclosed: list[str] = field(default_factory=list)
    headings: int = 0


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.page = Page()
        self._open: list[tuple[str, str]] = []
        self._cell: list[str] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "a":
            self.page.links.append(given.get("href", ""))
        self.page.inline += [name for name in given if name == "style" or name.startswith("on")]
        if tag == "style" or (tag == "script" and "src" not in given):
            self.page.inline.append(tag)
        if tag == "h1":
            self.page.headings += 1
        if tag in ("dt", "dd", "p", "tr", "td", "th", "li", "div"):
            self.handle_data(" ")
        if tag == "tr":
            self.page.rows.append([])
        if tag in ("td", "th"):
            self._cell = []
        if tag not in _VOID:
            self._open.append((tag, given.get("id", "")))

    def handle_endtag(self, tag: str) -> None:
        if tag in _VOID:
            return
        while self._open and self._open[-1][0] != tag:
            self.page.unclosed.append(self._open.pop()[0])
        if self._open:
            self._open.pop()
        if tag in ("td", "th") and self._cell is not None:
            self.page.rows[-1].append(" ".join("".join(self._cell).split()))
            self._cell = None

    def handle_data(self, data: str) -> None:
        for _tag, name in self._open:
            if name:
                self.page.texts[name] = self.page.texts.get(name, "") + data
        if self._cell is not None:
            self._cell.append(data)


def read(html: str) -> Page:
    """The page, read."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    reader.page.unclosed += [tag for tag, _ in reader._open]
    return reader.page


def dong(text: str) -> int:
    """``−57.000 ₫`` as a number."""
    return int(text.replace("−", "-").replace("₫", "").replace(".", "").replace(",", "").strip())
