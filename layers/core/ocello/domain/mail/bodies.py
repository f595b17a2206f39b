"""Reads the body of a stored mail for display, and converts HTML to plain text."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html.parser import HTMLParser

from ocello.domain.mail import parts
from ocello.domain.mail.attachments import shows_as_picture
from ocello.domain.mail.parts import BeyondLimit, Leaf, leaves
from ocello.domain.mail.text_charsets import codec

LONGEST_SHOWN = 1_000_000  # characters of HTML
LARGEST_INLINE = 1_500_000  # bytes of all inline images together: a response of Lambda may have 6 MB
_BLOCKS = frozenset(
    {"address", "blockquote", "div", "dl", "dd", "dt", "hr", "li", "ol", "p", "pre", "table", "tr", "ul"}
) | {f"h{level}" for level in range(1, 7)}
_SILENT = frozenset({"script", "style", "title", "head"})


@dataclass(frozen=True, slots=True)
class Body:
    """The body of a mail: its HTML if it has any, else its text; inline images by Content-ID, as (type, content)."""

    html: str | None
    text: str
    inline: Mapping[str, tuple[str, bytes]] = field(default_factory=dict)


def parse_body(raw: bytes) -> Body:
    """Return a mail's body. Broken encodings are decoded as far as possible; a mail nested too deeply is returned as source."""
    try:
        found = tuple(leaves(raw))
    except BeyondLimit:
        return Body(None, raw[:LONGEST_SHOWN].decode("utf-8", "replace"))
    inline: dict[str, tuple[str, bytes]] = {}
    remaining = LARGEST_INLINE
    for leaf in found:
        if shows_as_picture(leaf) and (weight := parts.size(raw, leaf)) <= remaining:
            remaining -= weight
            inline.setdefault(leaf.content_id, (leaf.type, parts.content(raw, leaf)))
    text = _text(raw, found, "text/plain") or _text(raw, found, "message/rfc822")
    return Body(_text(raw, found, "text/html"), text or "", inline)


def _text(raw: bytes, found: Sequence[Leaf], kind: str) -> str | None:
    """Return the text of the first part of a media type that is no attachment and belongs to no other part."""
    fits = (leaf for leaf in found if leaf.type == kind and leaf.disposition != "attachment" and not leaf.apart)
    leaf = next(fits, None)
    if leaf is None:
        return None
    return parts.content(raw, leaf).decode(codec(leaf.charset) or "utf-8", "replace")[:LONGEST_SHOWN]


class _Text(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[str] = []
        self._silent = 0
        self._link: tuple[str, int] | None = None
        self._lists: list[int | None] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _SILENT:
            self._silent += 1
        elif tag == "br":
            self.pieces.append("\n")
        elif tag in ("ol", "ul"):
            self._lists.append(0 if tag == "ol" else None)
        elif tag == "li":
            self.pieces.append("\n" + self._bullet())
        elif tag in _BLOCKS:
            self.pieces.append("\n\n" if tag in ("p", "blockquote") else "\n")
        elif tag == "a":
            self._link = (dict(attrs).get("href") or "", len(self.pieces))
        elif tag == "img":
            alt = " ".join((dict(attrs).get("alt") or "").split())
            self.pieces.append(f"[image: {alt}]" if alt else "")

    def _bullet(self) -> str:
        count = self._lists[-1] if self._lists else None
        if count is None:
            return "* "
        self._lists[-1] = count + 1
        return f"{count + 1}. "

    def handle_endtag(self, tag: str) -> None:
        if tag in _SILENT:
            self._silent = max(0, self._silent - 1)
        elif tag in ("ol", "ul"):
            if self._lists:
                self._lists.pop()
            self.pieces.append("\n")
        elif tag in _BLOCKS:
            self.pieces.append("\n")
        elif tag == "a" and self._link is not None:
            address, start = self._link
            self._link = None
            if address and address.removeprefix("mailto:") != "".join(self.pieces[start:]).strip():
                self.pieces.append(f" <{address}>")

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.pieces.append(re.sub(r"[ \t\r\n\f]+", " ", data))


def html_to_text(html: str) -> str:
    """Return HTML as plain text: paragraphs and lists are kept, links become text and address, images their alt text."""
    parser = _Text()
    parser.feed(html)
    parser.close()
    lines = [line.strip() for line in "".join(parser.pieces).replace("\xa0", " ").split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()
