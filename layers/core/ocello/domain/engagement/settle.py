"""Settles hits into the engagement row, so that the row is a function of the set of hits and of what was known beside them.

The row carries what a pass over the message's hits remembers (see `verdicts.judge`). A hit that comes in order, or nearly,
is taken into the row alone: no other hit is read. A hit that is *late* means: make the row anew from all hits.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from typing import NamedTuple

from ocello.domain.consent.closings import NONE, Closings, silences
from ocello.domain.engagement.counters import OWN_LINKS, Counters, room
from ocello.domain.engagement.row import ALL, Known, SettledRow, entry_of, pack, unpack
from ocello.domain.tracking.hits import Hit
from ocello.domain.verdicts.clusters import HORIZON_MS
from ocello.domain.verdicts.context import Context, DomainHistory
from ocello.domain.verdicts.evidence import mask_of
from ocello.domain.verdicts.judge import Pass
from ocello.domain.verdicts.outcomes import Outcome
from ocello.domain.verdicts.traces import place_of, trace_of

_SCANS = mask_of("burst", "sweep", "networks", "head_before")
_EARLY = mask_of("click_first_minute", "click_first_minutes", "click_early")


def _lesson(mask: int, outcome: Outcome) -> int:
    """Return the figures of a domain's history, as bits in their order, to which a click adds."""
    machine = outcome is Outcome.MACHINE
    scans = bool(mask & _SCANS) and machine
    early = bool(mask & _EARLY) and not scans
    return 1 | scans << 1 | early << 2 | (early and machine) << 3


def end_of_base(hits: Iterable[Hit], before: int) -> int | None:
    """Return up to when (ms) hits, in their order, can be judged for good without those that follow; None: up to no time.

    That is before `before`, and where a pause follows that is so long that what comes after it changes no verdict; in a
    crowd without any pause, it is the last hit before.
    """
    end = last = None
    for hit in hits:
        if last is not None and hit.at - last > HORIZON_MS:
            end = last
        if hit.at >= before:
            return last if end is None else end
        last = hit.at
    return last


class Extent(NamedTuple):
    """How far a row goes: how many hits it knows, when the oldest and the newest were (ms)."""

    hits: int
    first: int
    newest: int

    def covers(self, other: "Extent") -> bool:
        """Return whether no hit that `other` knew has expired."""
        return not other.hits or (self.hits >= other.hits and self.first <= other.first)


class OpenRow:
    """An engagement row that takes hits in: a row's parts, unpacked once and changed in place."""

    def __init__(self, row: SettledRow) -> None:
        """Open a row, which is no longer to be used itself."""
        self.rules, self.first, self._link_count = row.rules, row.first, row.link_count
        self.known, self._total, self._counters = row.known, row.total, row.counters
        self.closed = row.closed
        self.base = row.base
        pending = [each.trace for each in row.pending]
        self._pass = Pass(row.link_count, pending, row.windows, row.watermark, row.edge)

    @classmethod
    def begin(cls, context: Context, first: int, closed: Closings = NONE) -> "OpenRow":
        """Open the row of a message of which no hit is known; the first comes at `first` ms."""
        known = Known(networks=context.networks)
        return cls(SettledRow(context.rules, context.link_count, first, 0, known, closed=closed))

    @classmethod
    def without_hits(cls, closed: Closings) -> "OpenRow":
        """Open the row of a message of which no hit is known, only that some are not to be taken."""
        return cls(SettledRow(0, 0, 0, 0, closed=closed))

    @property
    def empty(self) -> bool:
        """Return whether it knows no hit."""
        return not self._total and not self._pass.pending

    @property
    def link_count(self) -> int:
        """Return how many links the message has."""
        return self._link_count

    @property
    def extent(self) -> Extent:
        """Say how far the row goes."""
        last = self._pass.pending[-1].place if self._pass.pending else self._pass.watermark
        return Extent(self._total + len(self._pass.pending), self.first, self.first if last is None else last.at)

    @property
    def counters(self) -> Counters:
        """Return what the settled hits come to."""
        return self._counters

    def take(self, hits: Iterable[Hit], context: Context) -> bool | None:
        """Take hits in, in any order. Return whether any was new; None: one is late, and the row is of no use now."""
        fresh = settled = False
        for hit in sorted(hits, key=place_of):
            place = place_of(hit)
            if self._pass.knows(place):
                continue
            if self._pass.is_late(place):
                return None
            if self.base == ALL:
                self.base = pack(replace(self.row(), closed={}))
            self.first, fresh = min(self.first, hit.at), True
            for each in self._pass.take(trace_of(hit, context)):
                self._counters.add(entry_of(each))
                self._total += 1
                settled = True
        if settled:
            self._fit()
        if fresh:
            networks = min(self.known.networks, context.networks)  # versions begin with their date
            self.known = Known(dict(context.copies), context.sessions, networks)
        return fresh

    def beginning(self) -> SettledRow | None:
        """Return a copy of the row that deleted hits made, with which this one begins; None where none was deleted."""
        if self.base is None:
            return None
        return unpack(pack(self.row()) if self.base == ALL else self.base)

    def close(self) -> None:
        """Settle all hits, and let all that the row counts be its base."""
        for each in self._pass.close():
            self._counters.add(entry_of(each))
            self._total += 1
        self._fit()
        self.base = ALL

    def lessons(self, newest: int) -> dict[int, DomainHistory]:
        """Say what the pending clicks tell of their recipients' domains that was not told before, and note it as told.

        All are asked where what is thought of them may have changed, else the `newest` that many.
        """
        seen: dict[int, int] = {}
        pending = self._pass.rest()
        if self._pass.rejudged:
            newest, self._pass.rejudged = len(pending), False
        for trace, counted in pending[-newest:]:
            if trace.kind == "click" and trace.recipient in self.known.copies:
                seen[trace.recipient] = seen.get(trace.recipient, 0) | _lesson(trace.mask, counted.outcome)
        learned: dict[int, DomainHistory] = {}
        for index, bits in seen.items():
            copy = self.known.copies[index]
            if new := bits & ~copy.taught:
                self.known.copies[index] = copy._replace(taught=copy.taught | new)
                learned[index] = DomainHistory(*(new >> place & 1 for place in range(len(DomainHistory._fields))))
        return learned

    def _fit(self) -> None:
        """Let go of the dates for which there is no room, counting the people and links of pending hits too."""
        pending = self._pass.pending
        people = self._counters.people.keys() | {each.recipient for each in pending}
        links = self._counters.links.keys() | {
            each.link for each in pending if each.link is not None and each.link < OWN_LINKS
        }
        self._counters.fit(room(len(people), len(links)))

    def row(self) -> SettledRow:
        """Return the row as it is now. It shares its parts with this one."""
        one = self._pass
        windows = () if one.watermark is None else one.repeats.open_at(one.watermark.at)
        return SettledRow(
            self.rules,
            self._link_count,
            self.first,
            self._total,
            self.known,
            one.watermark,
            one.edge,
            self._counters,
            tuple(one.rest()),
            windows,
            self.closed,
            self.base,
        )


def take(row: SettledRow | None, hits: Sequence[Hit], context: Context) -> SettledRow | None:
    """Take hits into a row, which is of no use afterwards; None: one of them is late."""
    opened = OpenRow.begin(context, hits[0].at) if row is None else OpenRow(row)
    return None if opened.take(hits, context) is None else opened.row()


def rebuild(
    pages: Iterable[Sequence[Hit]], context: Context, closed: Closings = NONE, base: SettledRow | None = None
) -> OpenRow | None:
    """Make the row from all hits, page by page in their order; None if there are none. What is held of them is bounded.

    Those that came after they were `closed` are left out. Where there is a `base`, which is of no use afterwards, the row
    begins with it: hits that it counts are left out, too.
    """
    opened: OpenRow | None = None
    if base is not None:
        opened = OpenRow(base)
        opened.rules, opened.closed, opened.base = context.rules, closed, ALL
    since = None if base is None else base.watermark
    held: list[Hit] = []  # of one millisecond, whose order is that of places, not of the table
    for page in pages:
        held += [hit for hit in page if not silences(closed, hit)] if closed else page
        if since is not None:
            held = [hit for hit in held if place_of(hit) > since]
        if not held:
            continue
        opened = opened or OpenRow.begin(context, held[0].at, closed)
        complete = [hit for hit in held if hit.at < held[-1].at]
        opened.take(complete, context)
        held = held[len(complete) :]
    if opened is not None:
        opened.take(held, context)
    return opened


def without_recipients(row: SettledRow, recipients: Collection[int]) -> SettledRow:
    """Return a row in which nothing tells what some recipients did; `row` is of no use afterwards.

    All that it counts becomes its base, so that nothing is made anew from hits that are deleted.
    """
    opened = OpenRow(row)
    opened.close()
    done = opened.row()
    for index in recipients:
        done.counters.people.pop(index, None)
    done.counters.rings = [ring for ring in done.counters.rings if ring.recipient not in recipients]
    copies = {index: copy for index, copy in done.known.copies.items() if index not in recipients}
    windows = tuple(each for each in done.windows if each.key.recipient not in recipients)
    return replace(done, known=replace(done.known, copies=copies), windows=windows)
