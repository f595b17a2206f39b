"""The ports of settling: the hits, the engagement row, and how many links a message has."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple, Protocol

from ocello.domain.engagement.row import HitPosition
from ocello.domain.tracking.hits import Hit


class HitReader(Protocol):
    """A message's stored hits."""

    def pages(self, message: str, first: HitPosition | None, last: HitPosition | None) -> Iterator[Sequence[Hit]]:
        """Return the hits from `first` to `last`, both included, sorted by place, page by page; None leaves an end open.

        All that was written before is there. Raises Unavailable.
        """


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


class LinkCounts(Protocol):
    """How many links messages have."""

    def of(self, message: str) -> int:
        """Count a message's links, 0 if that is not known. Raises Unavailable."""
