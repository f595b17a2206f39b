"""The attachments of a mail: which parts they are, and safe names for them."""

import mimetypes
import re
from typing import NamedTuple
from urllib.parse import quote

from ocello.domain.mail import addresses, parts
from ocello.domain.mail.parts import BeyondLimit, Leaf

SHOWN_PICTURES = re.compile(r"image/(?:png|jpeg|gif|webp)")
OCTETS = "application/octet-stream"
LONGEST_NAME = 200  # characters
_ENDINGS = mimetypes.MimeTypes()  # Python's own table, so that it is the same on every machine
_TEXTS = frozenset({"text/plain", "text/html"})
_ENDING = re.compile(r"\.(\w{1,5})")
# The media types that downloads are sent with: a browser runs none of them. Other files get a neutral type.
_SAFE = re.compile(
    r"image/(?:png|jpeg|gif|webp)|audio/mpeg|video/mp4|text/(?:plain|csv|calendar)|message/rfc822|"
    r"application/(?:pdf|zip|gzip|rtf|msword|vnd\.ms-(?:excel|powerpoint)|"
    r"vnd\.openxmlformats-officedocument\.\w+\.\w+|vnd\.oasis\.opendocument\.\w+)"
)


class File(NamedTuple):
    """An attachment. `name` has no path and no invisible characters, and is never empty; `kind` is its type for people."""

    name: str
    type: str
    size: int
    leaf: Leaf

    @property
    def kind(self) -> str:
        """Return the name's extension in capitals, as it decides which program opens the file; without one, the media type."""
        ending = _ENDING.fullmatch(self.name[self.name.rfind(".") :]) if "." in self.name else None
        return ending[1].upper() if ending else self.type


def list_attachments(raw: bytes) -> tuple[File, ...]:
    """Return the attachments of a mail in their order; none if it has too many parts or too deeply nested ones."""
    found: list[File] = []
    try:
        for leaf in parts.leaves(raw):
            if _is_attachment(leaf):
                known = leaf.type if _SAFE.fullmatch(leaf.type) else OCTETS
                found.append(File(_name(leaf, len(found) + 1), known, parts.size(raw, leaf), leaf))
    except BeyondLimit:
        return ()
    return tuple(found)


def shows_as_picture(leaf: Leaf) -> bool:
    """Return whether a part is an image that the HTML of its mail may show."""
    return bool(leaf.content_id and leaf.disposition != "attachment" and SHOWN_PICTURES.fullmatch(leaf.type))


def content_disposition(name: str) -> str:
    """Return the Content-Disposition that makes a browser save a file under `name` (RFC 6266, appendix D; RFC 8187)."""
    plain = re.sub(r"[^A-Za-z0-9 ._()+,=@-]", "_", name)
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"


def _is_attachment(leaf: Leaf) -> bool:
    """Return whether a part is an attachment: not the text in one of its forms, and not an image within it."""
    if leaf.apart and shows_as_picture(leaf):
        return False
    if leaf.within == "multipart/alternative" or leaf.type in _TEXTS:
        return leaf.is_file
    return True


def _name(leaf: Leaf, number: int) -> str:
    last = re.split(r"[/\\]", leaf.name)[-1]
    printable = "".join(char if char.isprintable() else " " for char in addresses.remove_bidi_controls(last))
    name = " ".join(printable.split()).strip(". ")
    if not name:
        return f"attachment-{number}{_ENDINGS.guess_extension(leaf.type) or ''}"
    if len(name) <= LONGEST_NAME:
        return name
    stem, dot, ending = name.rpartition(".")
    kept = f"{dot}{ending}" if stem and len(ending) <= 10 else ""
    return f"{name[: LONGEST_NAME - len(kept)]}{kept}"
