"""What rewriting is told and what it answers: the context of one copy, the copy itself, and its limits."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from ocello.domain.mail.rewriting.edits import Edit
from ocello.domain.messages.message import Link, Untracked

# Links whose text is itself an address: `true` leaves them all alone, `false` none, `auto` those whose text is a whole
# address (https://…) in another registrable domain than ours, of which Thunderbird says that they could be a scam.
AddressText = Literal["auto", "true", "false"]

PIXEL = ""  # what `own` answers for the address of one of our pixels

MAX_LINKS = 1_000  # addresses looked at in one message, tracked or not
MAX_PARTS = 1_000
MAX_DEPTH = 24  # nested multiparts
MAX_HEADER = 256 * 1024  # bytes of one header block
MAX_TEXT = 8_000_000  # decoded bytes of one body: what the smallest function that rewrites can hold
MAX_TARGET = 1_500  # bytes of a target, as the contract says
MAX_ADDRESS = 2_083  # characters of a whole tracking address: some clients and proxies cut longer ones

_PLAIN_ADDRESS = re.compile(r"https?://[A-Za-z0-9\-._~:/?#\[\]@!$()*+,;=%]+")


class BeyondLimit(Exception):  # noqa: N818 — named for what it is; never leaves this package
    """A message that would cost more than the limits allow; the text is the reason to report."""


def _not_ours(_url: str) -> str | None:
    return None


@dataclass(frozen=True, slots=True)
class TrackingContext:
    """All that the copy of one recipient depends on.

    `open_url` is the address of the recipient's pixel, None where opens are off. `click_url(index, target)` makes the
    tracking address of a link, None where clicks are off; it raises ValueError for a target that it cannot carry. Both
    must answer the same each time, and their addresses need no character reference in any quoting.
    `own(url)` tells whether `url` holds a token of ours that verifies: the target of a click, `PIXEL` for an open, None
    for all else. `tracking_host` is the host of our addresses, with its port where it has one.
    """

    tracking_host: str
    open_url: str | None = None
    click_url: Callable[[int, str], str] | None = None
    own: Callable[[str], str | None] = _not_ours
    plain_text: bool = False  # track the plain-text part of a mail that has an HTML part too
    leave_address_text: AddressText = "auto"
    excluded_domains: frozenset[str] = frozenset()  # the operator's; as `hosts.domains` gives them
    never_track: frozenset[str] = frozenset()  # domains that this sender never tracks; likewise
    excepted: frozenset[str] = frozenset()  # addresses to leave alone in this message, spelled as links' targets are


@dataclass(frozen=True, slots=True)
class Tracked:
    """A copy: its bytes, the edits that lead back to the original, and what was found on the way."""

    copy: bytes
    edits: tuple[Edit, ...] = ()
    links: tuple[Link, ...] = ()
    untracked: tuple[Untracked, ...] = ()


def plain_address(url: str) -> str:
    """Return `url` if it can stand in any attribute, quoted or not. Raises ValueError where it cannot."""
    if not _PLAIN_ADDRESS.fullmatch(url):
        raise ValueError("a tracking address needs a character that some quoting does not allow")
    return url
