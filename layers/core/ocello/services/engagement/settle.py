"""Settles newly arrived hits into their message's engagement row."""

from collections.abc import Callable, Collection, Iterator, Sequence
from enum import StrEnum
from functools import partial
from itertools import chain

from ocello.domain.common.errors import Unavailable
from ocello.domain.engagement import row as rows
from ocello.domain.engagement.row import HitPosition, SettledRow
from ocello.domain.engagement.settle import is_late, lower_bound, rebuild
from ocello.domain.engagement.settle import settle as settled
from ocello.domain.tracking.hits import Hit
from ocello.domain.verdicts.sources import Network
from ocello.domain.verdicts.verdict import Context
from ocello.services.engagement.ports import EngagementStore, HitReader, LinkCounts

Pages = Callable[[HitPosition | None], Iterator[Sequence[Hit]]]  # a message's hits from a place on

TRIES = 8  # of writing a row that others write too


class Settled(StrEnum):
    """What settling came to."""

    WRITTEN = "written"
    REBUILT = "rebuilt"
    UNCHANGED = "unchanged"
    BEYOND = "beyond"  # a late hit, when older hits have expired already: the row stands as it is


def settle(
    message: str,
    places: Collection[HitPosition],
    hits: HitReader,
    engagement: EngagementStore,
    links: LinkCounts,
    own: tuple[Network, ...] = (),
) -> Settled:
    """Settle the hits at `places`, which are stored already, and give what it came to. Raises Unavailable.

    `own` are the team's own networks, whose hits are its own.

    Hits beyond the newest place known are left to their own records, so that each is new when it arrives.
    """
    for _ in range(TRIES):
        stored = engagement.read(message)
        before = None if stored is None else rows.unpack(stored.packed)
        last = max(places) if before is None else max(before.newest, *places)
        count = links.of(message) if before is None else before.link_count
        context = Context(count, own)
        after, outcome = _settled(before, places, context, partial(hits.pages, message, last=last))
        if after is None:
            return Settled.UNCHANGED
        packed = rows.pack(after)
        if stored is not None and packed == stored.packed:
            return outcome if outcome is Settled.BEYOND else Settled.UNCHANGED
        if engagement.write(message, packed, 0 if stored is None else stored.version):
            return outcome
    raise Unavailable("the engagement row is written by too many at once")


def _settled(
    before: SettledRow | None, places: Collection[HitPosition], context: Context, pages: Pages
) -> tuple[SettledRow | None, Settled]:
    stale = before is not None and before.rules != context.rules
    if before is None or stale or any(is_late(before, place) for place in places):
        after = rebuild(pages(None), context)
        if before is None or (after is not None and _covers(after, before)):
            return after, Settled.WRITTEN if before is None else Settled.REBUILT
        if not stale:
            return before, Settled.BEYOND
    read = list(chain.from_iterable(pages(lower_bound(before))))
    return settled(before, read, context), Settled.WRITTEN


def _covers(after: SettledRow, before: SettledRow) -> bool:
    """Return whether no hit that `before` knew has expired."""
    return after.total >= before.total and after.first <= before.first
