"""Reads the body of a stored mail for showing, and makes plain text of what was written as HTML."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from html.parser import HTMLParser
from itertools import islice

from ocello.domain.text_charsets import codec

LONGEST_SHOWN = 1_000_000  # characters of HTML
LARGEST_INLINE = 1_500_000  # bytes of all inline images together: an answer of ours may have 6 MB
MOST_HOLDERS = 64  # parts that hold parts: a parser looks at each line once for each that is open
_HOLDER = re.compile(rb"^content-type\s*:\s*(?:\([^)]*\)\s*)*(?:multipart|message)/", re.IGNORECASE | re.MULTILINE)
_BLOCKS = frozenset(
    {"address", "blockquote", "div", "dl", "dd", "dt", "hr", "li", "ol", "p", "pre", "table", "tr", "ul"}
) | {f"h{level}" for level in range(1, 7)}
_SILENT = frozenset({"script", "style", "title", "head"})
_IMAGE = re.compile(r"image/(?:png|jpeg|gif|webp)")


@dataclass(frozen=True, slots=True)
class Body:
    """What a mail says: HTML where it has any, else text; inline images by Content-ID, as (type, content)."""

    html: str | None
    text: str
    inline: Mapping[str, tuple[str, bytes]] = field(default_factory=dict)
    files: tuple[str, ...] = ()


def read(raw: bytes) -> Body:
    """Read a mail's body. What cannot be decoded is shown as well as it can be, and what is too deep as it is written."""
    if sum(1 for _ in islice(_HOLDER.finditer(raw), MOST_HOLDERS + 1)) > MOST_HOLDERS:
        return Body(None, raw[:LONGEST_SHOWN].decode("utf-8", "replace"))
    mail = message_from_bytes(raw, policy=policy.default)
    if not isinstance(mail, EmailMessage):
        return Body(None, "")
    html, text = _content(mail, "html"), _content(mail, "plain")
    inline: dict[str, tuple[str, bytes]] = {}
    files: list[str] = []
    room = LARGEST_INLINE
    for part in mail.walk():
        name = str(part.get("Content-ID", "")).strip().strip("<>")
        if part.get_content_disposition() == "attachment":
            files.append(part.get_filename() or part.get_content_type())
            continue  # undecoded: it may be 25 MB
        content = part.get_payload(decode=True) if not part.is_multipart() else None
        if name and isinstance(content, bytes) and _IMAGE.fullmatch(part.get_content_type()) and len(content) <= room:
            room -= len(content)
            inline[name] = (part.get_content_type(), content)
    return Body(None if html is None else html[:LONGEST_SHOWN], (text or "")[:LONGEST_SHOWN], inline, tuple(files))


def _content(mail: EmailMessage, subtype: str) -> str | None:
    try:
        part = mail.get_body((subtype,))
        content = None if part is None else part.get_payload(decode=True)
        charset = "" if part is None else part.get_param("charset", "")
    except (LookupError, ValueError):  # a broken encoding
        return None
    if not isinstance(content, bytes):
        return None
    name = charset[2] if isinstance(charset, tuple) else charset  # in the form of RFC 2231
    return content.decode(codec(str(name)) or "utf-8", "replace")


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


def text_of(html: str) -> str:
    """Make the plain text of HTML: paragraphs, lists, and each link's address after its text, images by alt text."""
    parser = _Text()
    parser.feed(html)
    parser.close()
    lines = [line.strip() for line in "".join(parser.pieces).replace("\xa0", " ").split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()
