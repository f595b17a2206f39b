"""Reads the hits that may be shown: none that came after its reader had withdrawn."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ocello.domain.consent.closings import NONE, all_of, silences
from ocello.domain.engagement import row as rows
from ocello.domain.tracking.hits import Hit
from ocello.services.engagement.ports import EngagementStore, HitPosition, HitReader, UnderWay


@dataclass(frozen=True, slots=True)
class ShownHits:
    """HitReader. Hits that must not be shown are in the table for a moment only, until they are settled."""

    hits: HitReader
    engagement: EngagementStore
    under_way: UnderWay

    def pages(self, message: str, first: HitPosition | None, last: HitPosition | None) -> Iterator[Sequence[Hit]]:
        """Return the hits from `first` to `last` that may be shown, page by page. Raises Unavailable."""
        stored = self.engagement.read(message)
        closed = all_of(NONE if stored is None else rows.unpack(stored.packed).closed, self.under_way.closings(message))
        for page in self.hits.pages(message, first, last):
            yield [hit for hit in page if not silences(closed, hit)]
