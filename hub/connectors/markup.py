"""Descriptions as platforms keep them: our plain paragraphs to simple markup, and back. Pure."""

import html
import re
from html.parser import HTMLParser

from hub.types import nfc


def to_html(text: str) -> str:
    """Paragraphs parted by blank lines, single line breaks kept."""
    paragraphs = re.split(r"\n\s*\n", text.strip())
    return "\n".join(
        f"<p>{'<br />'.join(html.escape(line.strip(), quote=False) for line in paragraph.splitlines())}</p>"
        for paragraph in paragraphs
        if paragraph.strip()
    )


class _Text(HTMLParser):
    """Markup to lines; block elements end a paragraph, what no person reads is left out."""

    BLOCKS = frozenset({"p", "div", "ul", "ol", "table", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "section"})
    LINES = frozenset({"br", "li", "tr"})
    SILENT = frozenset({"script", "style"})

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self.silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.silent += tag in self.SILENT
        self._break(tag)

    def handle_endtag(self, tag: str) -> None:
        self.silent -= tag in self.SILENT and self.silent > 0
        if tag in self.BLOCKS:
            self._break(tag)

    def _break(self, tag: str) -> None:
        self.parts.append("\0" if tag in self.BLOCKS else "\n" if tag in self.LINES else "")

    def handle_data(self, data: str) -> None:
        if not self.silent:
            self.parts.append(re.sub(r"[ \t\r\n]+", " ", data))


def to_text(markup: str) -> str:
    """The inverse of :func:`to_html` as far as markup can be undone: plain text, paragraphs parted by a blank line."""
    reader = _Text()
    reader.feed(markup)
    reader.close()
    paragraphs = "".join(reader.parts).split("\0")
    lines = ("\n".join(nfc(line) for line in paragraph.split("\n")).strip() for paragraph in paragraphs)
    return "\n\n".join(line for line in lines if line)
