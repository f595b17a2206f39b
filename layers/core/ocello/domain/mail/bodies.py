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
LONGEST_PREVIEW = 140  # characters
LARGEST_INLINE = 1_500_000  # bytes of all inline images together: a response of Lambda may have 6 MB
_BLOCKS = frozenset(
    {"address", "blockquote", "div", "dl", "dd", "dt", "hr", "li", "ol", "p", "pre", "table", "tr", "ul"}
) | {f"h{level}" for level in range(1, 7)}
_SILENT = frozenset({"script", "style", "title", "head"})
_PREVIEWED = 20_000  # characters of a body that are read for its preview
# What stands over a quoted mail: a rule of dashes with words, a line of Outlook's, or "On …, … wrote:", in our languages.
_QUOTED = re.compile(
    r"(?mi)^ *(?:>|_{10,}|-{3,} ?\w[^\n]*-{3,}|(?:on|am|il|le)\b[^\n]{3,200}(?:\n[^\n]{1,200})?"
    r"(?:wrote|schrieb|ha scritto|a écrit)[^\n]{0,80}:\s*$)"
)


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


def preview_of(html: str | None, text: str | None) -> str:
    """Return the first LONGEST_PREVIEW characters that a mail's writer wrote, without a quoted mail and addresses of links."""
    if html is not None:
        start = html.lower().find("<body")
        words = html_to_text(html[max(0, start) :][:_PREVIEWED], own=True)
    else:
        words = (text or "")[:_PREVIEWED]
    quoted = _QUOTED.search(words)
    return " ".join((words[: quoted.start()] if quoted else words).split())[:LONGEST_PREVIEW].rstrip()


def preview_in(raw: bytes) -> str:
    """Return the preview of a mail that somebody else wrote; empty where its parts are nested too deeply."""
    try:
        found = tuple(leaves(raw))
    except BeyondLimit:
        return ""
    return preview_of(_text(raw, found, "text/html"), _text(raw, found, "text/plain"))


class _Text(HTMLParser):
    """Collects the text of HTML; if `own`, without quoted mails and without the addresses of links."""

    def __init__(self, *, own: bool = False) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[str] = []
        self._own = own
        self._silent = 0
        self._link: tuple[str, int] | None = None
        self._lists: list[int | None] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _SILENT or (self._own and tag == "blockquote"):
            self._silent += 1
        elif tag == "br":
            self.pieces.append("\n")
        elif tag in ("ol", "ul"):
            self._lists.append(0 if tag == "ol" else None)
        elif tag == "li":
            self.pieces.append("\n" if self._own else "\n" + self._bullet())
        elif tag in _BLOCKS:
            self.pieces.append("\n\n" if tag in ("p", "blockquote") else "\n")
        elif tag == "a" and not self._own:
            self._link = (dict(attrs).get("href") or "", len(self.pieces))
        elif tag == "img" and not self._own:
            alt = " ".join((dict(attrs).get("alt") or "").split())
            self.pieces.append(f"[image: {alt}]" if alt else "")

    def _bullet(self) -> str:
        count = self._lists[-1] if self._lists else None
        if count is None:
            return "* "
        self._lists[-1] = count + 1
        return f"{count + 1}. "

    def handle_endtag(self, tag: str) -> None:
        if tag in _SILENT or (self._own and tag == "blockquote"):
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


def html_to_text(html: str, *, own: bool = False) -> str:
    """Return HTML as plain text: paragraphs and lists are kept, links become text and address, images their alt text.

    If `own`, only the text that its writer wrote: no quoted mail, no address of a link, nothing of images.
    """
    parser = _Text(own=own)
    parser.feed(html)
    parser.close()
    lines = [line.strip() for line in "".join(parser.pieces).replace("\xa0", " ").split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()
