"""Settles newly arrived hits into their message's engagement row."""

from collections import OrderedDict
from collections.abc import Collection, Iterator, Sequence
from contextlib import suppress
from enum import StrEnum
from typing import NamedTuple

from ocello.domain.common.errors import Unavailable
from ocello.domain.consent.closings import NONE, Closings, all_of, first_of, silences
from ocello.domain.engagement import row as rows
from ocello.domain.engagement.settle import Extent, OpenRow, rebuild, without_recipients
from ocello.domain.tracking.hits import Hit
from ocello.domain.tracking.tokens import SEVERAL
from ocello.domain.verdicts.context import Context, CopyFacts
from ocello.domain.verdicts.signed_in import SignedIn, joined
from ocello.domain.verdicts.traces import place_of
from ocello.services.engagement.anew import LAST, after_base, made_anew, with_base
from ocello.services.engagement.ports import EngagementStore, HitPosition, HitStore, Surroundings, UnderWay

TRIES = 8  # of writing a row that others write too
ASK_AFTER_MS = 60_000  # after a copy left: then its delivery is known, if it ever is
SESSIONS_MS = 3_600_000  # an hour by the clock: so often at most it is asked from where the sender was signed in
MOST_LIVE = 256  # rows that are kept open


class Settled(StrEnum):
    """What settling came to."""

    WRITTEN = "written"
    REBUILT = "rebuilt"
    UNCHANGED = "unchanged"
    SILENT = "silent"  # they came after their reader had withdrawn, and are deleted
    BEYOND = "beyond"  # a late hit, when older hits have expired already: the row stands as it is


class _Live(NamedTuple):
    """A row as this process last wrote it, and its version."""

    row: OpenRow
    version: int


class Judge:
    """Settles hits: what it needs of the world, the rules' own settings, and the rows that it wrote last.

    Records of one message come to one process after another, mostly the same: it need not read again what it wrote. A row
    that another process wrote meanwhile has another version, and the write fails.
    """

    def __init__(
        self,
        hits: HitStore,
        engagement: EngagementStore,
        surroundings: Surroundings,
        base: Context,
        under_way: UnderWay,
    ) -> None:
        """Use these places; `base` holds the team's own networks and the classes of networks."""
        self._hits, self._engagement, self._surroundings, self.base = hits, engagement, surroundings, base
        self._under_way = under_way
        self._live: OrderedDict[str, _Live] = OrderedDict()

    def settle(self, message: str, hits: Sequence[Hit]) -> Settled:
        """Settle hits of a message, which are stored already, and give what it came to. Raises Unavailable.

        Hits beyond the newest one known are left to their own records, so that each is new when it arrives. Those that
        came after their reader withdrew are deleted, and change nothing.
        """
        if closings := self._under_way.closings(message):
            self.close(message, closings)
        for _ in range(TRIES):
            live = self._live.pop(message, None) or self._read(message)  # kept again only if all goes well
            if live is not None and live.row.closed:
                hits = self._allowed(live.row.closed, hits)
                if not hits:
                    self._keep(message, *live)
                    return Settled.SILENT
            outcome, row = self._settled(message, None if live is None else live.row, hits)
            version = 0 if live is None else live.version
            if row is None:
                return outcome
            if outcome is Settled.UNCHANGED:
                self._keep(message, row, version)
                return outcome
            if outcome is Settled.REBUILT and self._stands(message, row):
                return Settled.UNCHANGED
            lessons = row.lessons(len(hits)) if any(hit.kind == "click" for hit in hits) else {}
            if self._engagement.write(message, rows.pack(row.row()), version):
                self._keep(message, row, version + 1)
                if lessons:
                    with suppress(Unavailable):  # a lesson less: no hit is counted wrongly for it
                        self._surroundings.learn(message, lessons)
                return outcome
        raise Unavailable("the engagement row is written by too many at once")

    def rejudge(self, message: str) -> Settled:
        """Judge all hits of a message anew, by the rules and what is known now. Raises Unavailable.

        Beyond: hits that the row counts have expired, and what it says of them stands.
        """
        for _ in range(TRIES):
            self._live.pop(message, None)
            stored = self._engagement.read(message)
            if stored is None:
                return Settled.UNCHANGED
            before = OpenRow(rows.unpack(stored.packed))
            if before.empty:
                return Settled.UNCHANGED
            old = before.extent
            made = made_anew(self._hits, message, before, old.newest, self._fresh(message, before, ()))
            if made is None or not made.extent.covers(old):
                return Settled.BEYOND
            packed = rows.pack(made.row())
            if packed == stored.packed:
                return Settled.UNCHANGED
            if self._engagement.write(message, packed, stored.version):
                return Settled.REBUILT
        raise Unavailable("the engagement row is written by too many at once")

    def _read(self, message: str) -> _Live | None:
        stored = self._engagement.read(message)
        return None if stored is None else _Live(OpenRow(rows.unpack(stored.packed)), stored.version)

    def close(self, message: str, closings: Closings) -> Settled:
        """Take no more hits of some recipients: what is deleted was recorded after they were closed. Raises Unavailable.

        Whoever holds the row as it was has another version, and reads it again before a hit is counted. A hit that was
        counted though it came after the closing is taken out, unless hits that the row counts have expired.
        """
        for _ in range(TRIES):
            self._live.pop(message, None)
            stored = self._engagement.read(message)
            before = OpenRow.without_hits({}) if stored is None else OpenRow(rows.unpack(stored.packed))
            closed = all_of(before.closed, closings)
            if closed == before.closed:
                return Settled.UNCHANGED
            row = self._closed(message, before, closed, first_of(closings))
            if self._engagement.write(message, rows.pack(row.row()), 0 if stored is None else stored.version):
                return Settled.WRITTEN
        raise Unavailable("the engagement row is written by too many at once")

    def _closed(self, message: str, before: OpenRow, closed: Closings, since: int) -> OpenRow:
        """Return the row without the hits that are closed now."""
        old, known = before.extent, before.closed
        if before.empty or old.newest < since:
            before.closed = closed
            return before
        base = before.beginning()
        counted, first, gone = (0, old.newest, None) if base is None else (base.count, base.first, base.watermark)

        def pages() -> Iterator[Sequence[Hit]]:
            nonlocal counted, first
            for page in self._hits.pages(message, after_base(base), HitPosition(old.newest, LAST)):
                were = [hit for hit in page if not silences(known, hit) and (gone is None or place_of(hit) > gone)]
                counted, first = counted + len(were), min([first, *(hit.at for hit in were)])
                yield were

        made = rebuild(pages(), self._fresh(message, before, ()), closed, base) or OpenRow.without_hits(closed)
        if Extent(counted, first, old.newest).covers(old):
            after = HitPosition(since, "")
            self._allowed(closed, [hit for page in self._hits.pages(message, after, None) for hit in page])
            return made
        before.closed = closed
        return before

    def _allowed(self, closed: Closings, hits: Sequence[Hit]) -> Sequence[Hit]:
        """Return the hits that may be counted; the others are deleted."""
        gone = [hit for hit in hits if silences(closed, hit)]
        if gone:
            self._hits.remove(gone)
        return [hit for hit in hits if not silences(closed, hit)]

    def keep_counts(self, message: str, before: int) -> bool:
        """Let what hits before `before` (ms) came to stay as it is from now on, so that they can be deleted.

        Return whether anything was written. Raises Unavailable.
        """
        for _ in range(TRIES):
            self._live.pop(message, None)
            stored = self._engagement.read(message)
            if stored is None:
                return False
            was = OpenRow(rows.unpack(stored.packed))
            row = None if was.empty else with_base(self._hits, message, was, before, self.base)
            packed = stored.packed if row is None else rows.pack(row.row())
            if packed == stored.packed:
                return False
            if self._engagement.write(message, packed, stored.version):
                return True
        raise Unavailable("the engagement row is written by too many at once")

    def erase(self, message: str, recipients: Collection[int]) -> bool:
        """Take what some recipients did out of a message's row, but for its sums; return whether it changed.

        Raises Unavailable. Their hits are deleted afterwards, by whoever asks for this.
        """
        for _ in range(TRIES):
            self._live.pop(message, None)
            stored = self._engagement.read(message)
            if stored is None:
                return False
            packed = rows.pack(without_recipients(rows.unpack(stored.packed), recipients))
            if packed == stored.packed:
                return False
            if self._engagement.write(message, packed, stored.version):
                return True
        raise Unavailable("the engagement row is written by too many at once")

    def _keep(self, message: str, row: OpenRow, version: int) -> None:
        self._live[message] = _Live(row, version)
        while len(self._live) > MOST_LIVE:
            self._live.popitem(last=False)

    def _stands(self, message: str, row: OpenRow) -> bool:
        """Return whether a row that was made anew is as it was."""
        stored = self._engagement.read(message)
        return stored is not None and stored.packed == rows.pack(row.row())

    def _settled(self, message: str, before: OpenRow | None, hits: Sequence[Hit]) -> tuple[Settled, OpenRow | None]:
        """Take hits into the row `before`, or make it anew; None where it stands as it is."""
        closed = NONE if before is None else before.closed
        if before is not None and before.empty:
            before = None
        stale = before is not None and before.rules != self.base.rules
        old = None if before is None else before.extent
        if not stale:
            context = self._context(message, before, hits)
            if context is not None:
                row = before or OpenRow.begin(context, hits[0].at, closed)
                fresh = row.take(hits, context)
                if fresh is not None:
                    return Settled.WRITTEN if fresh else Settled.UNCHANGED, row
        context = self._fresh(message, before, hits)
        newest = max([hit.at for hit in hits] + ([] if old is None else [old.newest]))
        made = made_anew(self._hits, message, before, newest, context, closed)
        if made is not None and (old is None or made.extent.covers(old)):
            return Settled.WRITTEN if old is None else Settled.REBUILT, made
        if before is None or old is None or not stale:
            return Settled.BEYOND, None
        before.take([hit for hit in hits if hit.at > old.newest], context)
        return Settled.WRITTEN, before

    def _context(self, message: str, before: OpenRow | None, hits: Sequence[Hit]) -> Context | None:
        """Say what is known beside the hits: what the row keeps, and of recipients new to it what is found now.

        None where a delivery time is known better now than when the row was made: it is to be made anew.
        """
        if before is None:
            return self._fresh(message, None, hits)
        copies = before.known.copies
        unknown = {hit.recipient for hit in hits if hit.recipient < SEVERAL and hit.recipient not in copies}
        again = {hit.recipient for hit in hits if (copy := copies.get(hit.recipient)) and _worth_asking(copy, hit)}
        if unknown or again:
            found = self._copies(message, unknown | again, again)
            if any(found[index].delivered_at != copies[index].delivered_at for index in again):
                return None
            asked_again = {index: found[index]._replace(taught=copies[index].taught) for index in again}
            copies = {**copies, **found, **asked_again}
        sessions = before.known.sessions
        if max(hit.at for hit in hits) // SESSIONS_MS > before.extent.newest // SESSIONS_MS:
            sessions = self._sessions(message, before)
        return self.base._replace(link_count=before.link_count, copies=copies, sessions=sessions)

    def _fresh(self, message: str, before: OpenRow | None, hits: Sequence[Hit]) -> Context:
        """Find out anew what is known beside a message's hits."""
        recipients, known = {hit.recipient for hit in hits if hit.recipient < SEVERAL}, set[int]()
        if before is not None:
            known = set(before.known.copies)
            recipients |= known | {index for index in before.counters.people if index < SEVERAL}
        copies = self._copies(message, recipients, known)
        for index in known:
            copies[index] = copies[index]._replace(taught=before.known.copies[index].taught if before else 0)
        return self.base._replace(
            link_count=self._surroundings.link_count(message),
            copies=copies,
            sessions=self._sessions(message, before),
        )

    def _sessions(self, message: str, before: OpenRow | None) -> tuple[SignedIn, ...]:
        """Find out from where the sender was signed in; what the row knew of that already stays."""
        known = () if before is None else before.known.sessions
        return joined(known, self._surroundings.sessions(message))

    def _copies(self, message: str, recipients: set[int], again: set[int]) -> dict[int, CopyFacts]:
        """Find out what is known of copies; of those that are asked for again nothing better is waited for."""
        found = self._surroundings.copies(message, recipients)
        copies = {index: found.get(index, CopyFacts(final=False)) for index in recipients}
        return {index: copy._replace(final=copy.final or index in again) for index, copy in copies.items()}


def _worth_asking(copy: CopyFacts, hit: Hit) -> bool:
    """Return whether a copy's delivery time may be known better by now: once, a minute after it left at the soonest."""
    return not copy.final and (copy.delivered_at is None or hit.at - copy.delivered_at > ASK_AFTER_MS)
