"""Settles newly arrived hits into their message's engagement row."""

from collections.abc import Sequence
from enum import StrEnum

from ocello.domain.common.errors import Unavailable
from ocello.domain.engagement import row as rows
from ocello.domain.engagement.row import SettledRow
from ocello.domain.engagement.settle import rebuild, take
from ocello.domain.tracking.hits import Hit
from ocello.domain.tracking.tokens import SEVERAL
from ocello.domain.verdicts.context import Context
from ocello.services.engagement.ports import EngagementStore, HitPosition, HitReader, Surroundings

TRIES = 8  # of writing a row that others write too
_LAST = "~"  # sorts after every request id


class Settled(StrEnum):
    """What settling came to."""

    WRITTEN = "written"
    REBUILT = "rebuilt"
    UNCHANGED = "unchanged"
    BEYOND = "beyond"  # a late hit, when older hits have expired already: the row stands as it is


class Judge:
    """Settles hits: what it needs of the world, and the rules' own settings."""

    def __init__(self, hits: HitReader, engagement: EngagementStore, surroundings: Surroundings, base: Context) -> None:
        """Use these places; `base` holds the team's own networks and the classes of networks."""
        self._hits, self._engagement, self._surroundings, self._base = hits, engagement, surroundings, base

    def settle(self, message: str, hits: Sequence[Hit]) -> Settled:
        """Settle hits of a message, which are stored already, and give what it came to. Raises Unavailable.

        Hits beyond the newest one known are left to their own records, so that each is new when it arrives.
        """
        for _ in range(TRIES):
            stored = self._engagement.read(message)
            before = None if stored is None else rows.unpack(stored.packed)
            after, outcome = self._settled(message, before, hits)
            if after is None or after is before:
                return outcome if outcome is Settled.BEYOND else Settled.UNCHANGED
            packed = rows.pack(after)
            if stored is not None and packed == stored.packed:
                return Settled.UNCHANGED
            if self._engagement.write(message, packed, 0 if stored is None else stored.version):
                return outcome
        raise Unavailable("the engagement row is written by too many at once")

    def _settled(
        self, message: str, before: SettledRow | None, hits: Sequence[Hit]
    ) -> tuple[SettledRow | None, Settled]:
        stale = before is not None and before.rules != self._base.rules
        if not stale:
            context = self._context(message, before, hits)
            after = take(before, hits, context)
            if after is not None:
                return after, Settled.WRITTEN
        newest = max([hit.at for hit in hits] + ([] if before is None else [before.newest]))
        after = rebuild(self._hits.pages(message, None, HitPosition(newest, _LAST)), self._fresh(message, before, hits))
        if after is None or before is None or _covers(after, before):
            return after, Settled.WRITTEN if before is None else Settled.REBUILT
        if not stale:
            return before, Settled.BEYOND
        return take(
            before, [hit for hit in hits if hit.at > before.newest], self._fresh(message, before, hits)
        ), Settled.WRITTEN

    def _context(self, message: str, before: SettledRow | None, hits: Sequence[Hit]) -> Context:
        """Say what is known beside the hits: what the row keeps, and of recipients new to it what is found now."""
        if before is None:
            return self._fresh(message, None, hits)
        unknown = {hit.recipient for hit in hits if hit.recipient < SEVERAL} - before.known.copies.keys()
        copies = (
            {**before.known.copies, **self._surroundings.copies(message, unknown)} if unknown else before.known.copies
        )
        return self._base._replace(link_count=before.link_count, copies=copies, sessions=before.known.sessions)

    def _fresh(self, message: str, before: SettledRow | None, hits: Sequence[Hit]) -> Context:
        """Find out anew what is known beside a message's hits."""
        recipients = {hit.recipient for hit in hits if hit.recipient < SEVERAL}
        if before is not None:
            recipients |= before.known.copies.keys() | {index for index in before.tally.people if index < SEVERAL}
        return self._base._replace(
            link_count=self._surroundings.link_count(message),
            copies=self._surroundings.copies(message, recipients),
            sessions=self._surroundings.sessions(message),
        )


def _covers(after: SettledRow, before: SettledRow) -> bool:
    """Return whether no hit that `before` knew has expired."""
    return after.count >= before.count and after.first <= before.first
