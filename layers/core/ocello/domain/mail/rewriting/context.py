"""The input and output of rewriting: the context of one copy, the copy itself, and the limits."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, NamedTuple

from ocello.domain.mail.rewriting.edits import Edit
from ocello.domain.messages.message import Link, Untracked

# Links whose text is itself an address: `true` leaves them all untracked, `false` none, `auto` only those whose text is a
# whole address (https://…) in another registrable domain than ours: Thunderbird warns that such a link could be a scam.
AddressText = Literal["auto", "true", "false"]

PIXEL = ""  # the result of `own` for the address of one of our pixels

MAX_LINKS = 1_000  # addresses in one message, tracked or not
MAX_PARTS = 1_000
MAX_DEPTH = 24  # nested multiparts
MAX_HEADER = 256 * 1024  # bytes of one header block
MAX_TEXT = 8_000_000  # decoded bytes of one body: what the smallest function that rewrites can hold
MAX_TARGET = 1_500  # bytes of a target, as the contract says
MAX_ADDRESS = 2_083  # characters of a whole tracking address: some clients and proxies cut longer ones

_PLAIN_ADDRESS = re.compile(r"https?://[A-Za-z0-9\-._~:/?#\[\]@!$()*+,;=%]+")


class BeyondLimit(Exception):  # noqa: N818 — named for what it is; never leaves this package
    """A message exceeds a limit; the text is the reason to report."""


class Footer(NamedTuple):
    """The line below one copy: a sentence, and a link to its recipient's page. Its letters are ASCII, as in every charset."""

    sentence: str
    label: str
    url: str
    language: str


def _not_ours(_url: str) -> str | None:
    return None


@dataclass(frozen=True, slots=True)
class TrackingContext:
    """Everything that the copy of one recipient depends on.

    `open_url` is the address of the recipient's pixel, None if opens are not tracked. `click_url(index, target)` returns
    the tracking address of a link; it is None if clicks are not tracked, and raises ValueError for a target that does not
    fit into a token. Both must give the same address each time, one that needs no escaping in HTML.
    `own(url)` returns the target if `url` holds a valid click token of ours, `PIXEL` for an open token, `about` for the
    token in a footer, and None for any other address. `tracking_host` is the host of our addresses, with its port if it
    has one. `footer` is None if the copy gets none; `about` is where the link of a quoted footer leads instead.
    """

    tracking_host: str
    open_url: str | None = None
    click_url: Callable[[int, str], str] | None = None
    own: Callable[[str], str | None] = _not_ours
    footer: Footer | None = None
    about: str = ""
    plain_text: bool = False  # track the plain-text part too, if a mail has an HTML part
    leave_address_text: AddressText = "auto"
    excluded_domains: frozenset[str] = frozenset()  # set by the operator; as `hosts.parse_domains` returns them
    never_track: frozenset[str] = frozenset()  # domains that this sender never tracks; in the same form
    excepted: frozenset[str] = frozenset()  # addresses not to track in this message, in the form of links' targets
    reader: str = ""  # the address of whom this copy is for: links that hold it are left as they are


@dataclass(frozen=True, slots=True)
class Tracked:
    """A copy: its bytes, the edits that restore the original, and the report of links and untracked parts."""

    copy: bytes
    edits: tuple[Edit, ...] = ()
    links: tuple[Link, ...] = ()
    untracked: tuple[Untracked, ...] = ()


def plain_address(url: str) -> str:
    """Return `url` unchanged. Raise ValueError if it could not be an attribute's value without escaping and quotation marks."""
    if not _PLAIN_ADDRESS.fullmatch(url):
        raise ValueError("a tracking address needs a character that some quoting does not allow")
    return url
