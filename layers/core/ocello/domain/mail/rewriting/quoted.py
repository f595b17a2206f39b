"""Our own addresses in the text of a reply, in the forms that mail clients give them when converting to plain text.

Clients write a link as `<https://…>` or as a footnote, wrap it, prefix its lines with `>`, and append punctuation.
"""

import functools
import re
from collections.abc import Callable, Iterator
from typing import NamedTuple
from urllib.parse import unquote

from ocello.domain.common import hosts

BREAK = r"[ \t]*+\r?\n(?:[ \t]*+[>|])*+[ \t]*+"  # a line's end, and the quotation marks of the next line
LINES = 64  # of one address: the longest one, wrapped at about 40 columns
SEPARATOR = "?"  # put between a token and a character that would be read as part of it; our addresses ignore a query

_LETTER = r"[A-Za-z0-9_\-]"  # of a token
_OURS = re.compile(rf"https?://[^\s/?#<>]++/[ocp]/({_LETTER}*+)", re.ASCII | re.IGNORECASE)
_MORE = re.compile(rf"{BREAK}({_LETTER}++)", re.ASCII)
_SEPARATED = re.compile(r"\?(?=[_*~'.,;:!?)\]}]*+(?:[\s<>\"`]|\Z))(?=_)")
_QUERY = re.compile(r"[?#][A-Za-z0-9=&%._+\-]*[A-Za-z0-9=%+\-]", re.ASCII)  # a query or fragment that somebody appended
_ENDS = re.compile(r"[.,;:!?'*_~)\]}|]*+(?:[\s<>\"`]|\Z)")
# Our address inside that of a service that checks links or shows a page before them: plain or percent-encoded.
_HELD = re.compile(
    r"(?P<scheme>https?)(?:://|%3A%2F%2F)(?P<host>[^/%?#&\s<>]++)(?:/|%2F)(?P<kind>[cp])(?:/|%2F)(?P<token>[A-Za-z0-9_\-]++)",
    re.ASCII | re.IGNORECASE,
)
_WRAPPERS = frozenset(
    {
        "safelinks.protection.outlook.com",
        "urldefense.com",
        "urldefense.proofpoint.com",
        "google.com",
        "linkprotect.cudasvc.com",
        "deref-gmx.net",
        "deref-web.de",
        "deref-mail.com",
    }
)
# Each of those addresses contains one of these: most text contains none, and needs no further search.
_HINTS = ("safelinks.protection.", "urldefense.", "google.com/url", "linkprotect.cudasvc.", "deref-")
_CHANGED = re.compile(r"(?:(?<=\.)|\A)xn--[^.]*+|-")  # the parts of a host that are written in more than one way
_SECOND_VERSION = re.compile(r"https?://[^/]++/v2/url\?(?:[^#]*&)?u=([^&#]++)", re.ASCII | re.IGNORECASE)
_PERCENT_AGAIN = str.maketrans("-_", "%/")  # how version 2 of urldefense writes these two
# An address, possibly wrapped within angle brackets; in HTML, brackets and quotation marks are character references.
_WEB = re.compile(
    rf"<(?:URL:)?(https?://[^\s<>]++(?:{BREAK}[^\s<>]++){{0,{LINES}}})>"
    r"|(https?://(?:[^\s<>\"`&]|&(?!(?:[lg]t|quot);))++)",
    re.ASCII | re.IGNORECASE,
)
_WRAP = re.compile(BREAK)
_AFTER = ".,;:!?)]}'*_~"  # ends a sentence or surrounds an address, but ends no address of those services
_BEFORE_PICTURE = re.compile(r"(?:\[(?:image|img|bild|immagine): ?|[\[(<])\Z", re.IGNORECASE)
_WRAPPED = 20_000  # lines that are joined in one text
_LONGEST = 8_000  # characters of the longest address, wrapped in short lines
_MARKS = 3  # characters at the end of a token that may belong to the text, since `_` is used in tokens too


class OwnAddress(NamedTuple):
    """An address of ours: the address in one piece, its target (or PIXEL), and its end in the text."""

    address: str
    origin: str
    end: int


class Finder:
    """Finds our addresses in one text, also wrapped ones; `decode` decodes an address as it is written in the text."""

    def __init__(
        self, text: str, own: Callable[[str], str | None], decode: Callable[[str], str] = lambda address: address
    ) -> None:
        self._text, self._own, self._decode = text, own, decode
        self._wrapped = 0
        lowered = text.lower()
        self._services = any(hint in lowered for hint in _HINTS)

    def every(self, start: int, end: int) -> Iterator[tuple[int, OwnAddress]]:
        """Return each of our addresses in a piece of the text, with its start."""
        wrapped = self._in_others(start, end) if self._services else ()
        for place, ours in (*wrapped, (end, None)):
            for match in _OURS.finditer(self._text, start, place):
                if found := self._begun(match.start(), place):
                    yield match.start(), found
            if ours:
                yield place, ours
                start = ours.end

    def _in_others(self, start: int, end: int) -> Iterator[tuple[int, OwnAddress]]:
        """Return the starts of other services' addresses that contain one of ours."""
        for match in _WEB.finditer(self._text, start, end):
            first, last = match.span(1) if match[1] else match.span(2)
            if match[2]:
                last -= len(match[2]) - len(match[2].rstrip(_AFTER))
            address = self._decode(_WRAP.sub("", self._text[first:last]))
            if origin := unwrap(address, self._own):
                yield first, OwnAddress(address, origin, last)

    def ours(self, start: int, end: int) -> OwnAddress | None:
        """Return our address at `start` if nothing but the end of a sentence follows it.

        Any other text after it would become part of its target.
        """
        ours = self._begun(start, end)
        return ours if ours and _ENDS.match(self._text, ours.end) else None

    def _begun(self, start: int, end: int) -> OwnAddress | None:
        """Return our address at `start`, with any text after it."""
        found = _OURS.match(self._text, start, end)
        if found is None:
            return None
        address, stop = found[0], found.end()
        ours = self._verified(address, stop)
        while ours is None and self._wrapped < _WRAPPED and (more := _MORE.match(self._text, stop)):
            self._wrapped += 1
            if more.end() - start > _LONGEST:
                return None
            address, stop = address + more[1], more.end()
            ours = self._verified(address, stop)
        return ours

    def _verified(self, address: str, end: int) -> OwnAddress | None:
        """Return an address if its token is valid, if necessary without marks at its end."""
        for _ in range(_MARKS):
            origin = self._own(address)
            if origin is not None:
                more = _SEPARATED.match(self._text, end) or _QUERY.match(self._text, end)
                return OwnAddress(address, origin, more.end() if more else end)
            if not address.endswith("_"):
                break
            address, end = address[:-1], end - 1
        return None


def restore_targets(text: str, own: Callable[[str], str | None]) -> str:
    """Return text with our addresses replaced by their targets."""
    pieces: list[str] = []
    done = 0
    for start, ours in Finder(text, own).every(0, len(text)):
        pieces += (text[done:start], ours.origin)
        done = ours.end
    return "".join((*pieces, text[done:]))


def with_brackets(text: str, start: int, end: int) -> tuple[int, int]:
    """Extend the span of an image's address by brackets that contain nothing else."""
    before = _BEFORE_PICTURE.search(text, max(0, start - 12), start)
    if before is None or text[end : end + 1] not in (")", "]", ">"):
        return start, end
    return before.start(), end + 1


@functools.lru_cache(8)
def mark_of(host: str) -> str:
    """Return the longest piece of our addresses' `host` that stands unchanged, in lower case, wherever one is quoted.

    Most text does not contain it, and needs no further search. Services that wrap addresses may encode hyphens, mail clients
    decode labels that stand for other scripts, and both may leave out the port.
    """
    return max(_CHANGED.split(hosts.host_of(f"https://{host}")), key=len)


def unwrap(address: str, own: Callable[[str], str | None]) -> str | None:
    """Return the target of our link inside an address of the reader's mail service; None for any other address.

    Replies contain such addresses, and a click on one would be counted for the recipient of the earlier mail.
    """
    if not hosts.is_within(hosts.host_of(address), _WRAPPERS):
        return None
    if second := _SECOND_VERSION.match(address):
        address = f" {unquote(second[1].translate(_PERCENT_AGAIN))}"
    for found in _HELD.finditer(address, 1):
        alone = found["token"].removesuffix("__")  # urldefense.com appends these
        for token in dict.fromkeys((found["token"], alone)):
            target = own(f"{found['scheme']}://{found['host']}/{found['kind'].lower()}/{token}")
            if target:
                return target
    return None
