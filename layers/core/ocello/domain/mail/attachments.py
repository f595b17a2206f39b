"""The files that go with a mail: which parts they are, and under which names they can be kept without harm."""

import mimetypes
import re
from typing import NamedTuple
from urllib.parse import quote

from ocello.domain.mail import addresses, parts
from ocello.domain.mail.parts import BeyondLimit, Leaf

SHOWN_PICTURES = re.compile(r"image/(?:png|jpeg|gif|webp)")
OCTETS = "application/octet-stream"
LONGEST_NAME = 200  # characters
_ENDINGS = mimetypes.MimeTypes()  # Python's own, wherever it runs
_TEXTS = frozenset({"text/plain", "text/html"})
_ENDING = re.compile(r"\.(\w{1,5})")
# What a browser may be told that a file is: nothing of it runs by being saved, whatever the mail says of it.
_SAFE = re.compile(
    r"image/(?:png|jpeg|gif|webp)|audio/mpeg|video/mp4|text/(?:plain|csv|calendar)|message/rfc822|"
    r"application/(?:pdf|zip|gzip|rtf|msword|vnd\.ms-(?:excel|powerpoint)|"
    r"vnd\.openxmlformats-officedocument\.\w+\.\w+|vnd\.oasis\.opendocument\.\w+)"
)


class File(NamedTuple):
    """An attachment. `name` has no path, nothing invisible, and is never empty; `kind` is how people name its type."""

    name: str
    type: str
    size: int
    leaf: Leaf

    @property
    def kind(self) -> str:
        """Return the ending of the name in capitals, which decides what opens the file; else the type."""
        ending = _ENDING.fullmatch(self.name[self.name.rfind(".") :]) if "." in self.name else None
        return ending[1].upper() if ending else self.type


def listed(raw: bytes) -> tuple[File, ...]:
    """List the attachments of a mail in their order; none where it has more parts, or deeper ones, than mails have."""
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
    """Return whether a part is a picture that the HTML of its mail may show."""
    return bool(leaf.content_id and leaf.disposition != "attachment" and SHOWN_PICTURES.fullmatch(leaf.type))


def disposition(name: str) -> str:
    """Spell Content-Disposition so that a browser keeps the file under that name (RFC 6266, appendix D; RFC 8187)."""
    plain = re.sub(r"[^A-Za-z0-9 ._()+,=@-]", "_", name)
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"


def _is_attachment(leaf: Leaf) -> bool:
    """Return whether a part is a file to keep: not the text, another form of the text, or a picture within it."""
    if leaf.apart and shows_as_picture(leaf):
        return False
    if leaf.within == "multipart/alternative" or leaf.type in _TEXTS:
        return leaf.is_file
    return True


def _name(leaf: Leaf, number: int) -> str:
    last = re.split(r"[/\\]", leaf.name)[-1]
    printable = "".join(char if char.isprintable() else " " for char in addresses.unturned(last))
    name = " ".join(printable.split()).strip(". ")
    if not name:
        return f"attachment-{number}{_ENDINGS.guess_extension(leaf.type) or ''}"
    if len(name) <= LONGEST_NAME:
        return name
    stem, dot, ending = name.rpartition(".")
    kept = f"{dot}{ending}" if stem and len(ending) <= 10 else ""
    return f"{name[: LONGEST_NAME - len(kept)]}{kept}"
