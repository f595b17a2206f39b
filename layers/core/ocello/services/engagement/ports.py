"""The ports of settling: the hits, the engagement row, and what is known beside a message's hits."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import NamedTuple, Protocol

from ocello.domain.consent.closings import NONE, Closings, Withdrawal
from ocello.domain.tracking.hits import Hit
from ocello.domain.verdicts.context import CopyFacts, DomainHistory
from ocello.domain.verdicts.signed_in import SignedIn


class HitPosition(NamedTuple):
    """Where a hit stands in the table: milliseconds, then the gateway's request id."""

    at: int
    request: str


def position_of(hit: Hit) -> HitPosition:
    """Return where a hit stands in the table."""
    return HitPosition(hit.at, hit.request)


class HitReader(Protocol):
    """A message's stored hits."""

    def pages(self, message: str, first: HitPosition | None, last: HitPosition | None) -> Iterator[Sequence[Hit]]:
        """Return the hits from `first` to `last`, both included, sorted by place, page by page; None leaves an end open.

        All that was written before is there. Raises Unavailable.
        """


class HitStore(HitReader, Protocol):
    """Stored hits of which some must go."""

    def remove(self, hits: Sequence[Hit]) -> None:
        """Delete hits; those that are gone already stay so. Raises Unavailable."""


class UnderWay(Protocol):
    """Withdrawals of consent that have not reached every copy yet."""

    def closings(self, message: str) -> Closings:
        """Return what they close of a message. Raises Unavailable."""


class WithdrawalsUnderWay(Protocol):
    """Withdrawals that have not reached every copy yet, as what records hits reads them."""

    def under_way(self) -> Sequence[Withdrawal]:
        """Return all of them, as last written. Raises Unavailable."""

    def copies_in(self, subject: str, message: str) -> Collection[int]:
        """Return which recipients of a message a subject is. Raises Unavailable."""


class NothingUnderWay:
    """UnderWay where nobody withdraws anything: for tools that play hits of their own."""

    def closings(self, message: str) -> Closings:
        """Close nothing."""
        del message
        return NONE


class StoredRow(NamedTuple):
    """A packed engagement row and the version under which it was read."""

    packed: bytes
    version: int


class EngagementStore(Protocol):
    """Messages' engagement rows."""

    def read(self, message: str) -> StoredRow | None:
        """Read a row as last written, or None. Raises Unavailable."""

    def write(self, message: str, packed: bytes, version: int) -> bool:
        """Write a row over the one with `version` (0: over none); False where another was written meanwhile."""


class Surroundings(Protocol):
    """What is known beside a message's hits."""

    def link_count(self, message: str) -> int:
        """Count a message's links, 0 if that is not known. Raises Unavailable."""

    def copies(self, message: str, recipients: Collection[int]) -> Mapping[int, CopyFacts]:
        """Return what is known of these recipients' copies; what is not known of any is left out. Raises Unavailable."""

    def learn(self, message: str, lessons: Mapping[int, DomainHistory]) -> None:
        """Add to the histories of these recipients' domains. Raises Unavailable."""

    def sessions(self, message: str) -> tuple[SignedIn, ...]:
        """Return from where the message's sender was signed in of late. Raises Unavailable."""
