"""Reads the engagement row: what a message's hits come to, for the message, each recipient and each link."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from ocello.domain.consent.closings import Closings
from ocello.domain.engagement import row
from ocello.domain.engagement.counters import Count, Counters, Ring, room, whole


@dataclass(frozen=True, slots=True)
class Summary:
    """Hits of one kind, as docs/contract.md shows them: times in milliseconds, oldest first, all of counted hits only."""

    count: int = 0
    machine: int = 0
    unknown: int = 0
    first: int | None = None
    last: int | None = None
    times: tuple[int, ...] = ()


NOTHING = Summary()


class Actions(NamedTuple):
    """What one recipient did."""

    opens: Summary = NOTHING
    clicks: Summary = NOTHING
    spread: bool = False  # read in several places, perhaps forwarded

    @property
    def read(self) -> bool:
        """Return whether the mail was surely read: an open or a click counts. An open inferred so is stored nowhere."""
        return self.opens.count > 0 or self.clicks.count > 0

    @property
    def seen(self) -> bool:
        """Return whether anybody or anything opened or clicked it."""
        return self.read or self.unclear or self.by_machines

    @property
    def hidden(self) -> bool:
        """Return whether nobody can say if it was read: only machines opened it (privacy proxies among them), or unclear.

        Clicks by machines hide nothing: a reader's open or click would show beside them.
        """
        return not self.read and (self.opens.machine > 0 or self.unclear)

    @property
    def inferred(self) -> bool:
        """Return whether only a click tells that it was read: the picture was blocked there, or not asked for."""
        return self.clicks.count > 0 and not self.opens.count

    @property
    def unclear(self) -> bool:
        """Return whether it was perhaps read: nothing counts, and of something nobody can say whether a person did it."""
        return not self.read and self.opens.unknown + self.clicks.unknown > 0

    @property
    def by_machines(self) -> bool:
        """Return whether machines alone opened or clicked it."""
        return not self.read and not self.unclear and self.opens.machine + self.clicks.machine > 0


@dataclass(frozen=True, slots=True)
class Engagement:
    """What a message's hits come to, for reading. `alerts` is the outbox: the newest alerts, oldest first."""

    message_opens: Summary = NOTHING
    message_clicks: Summary = NOTHING
    recipients: dict[int, Actions] = field(default_factory=dict)
    links: dict[int, Summary] = field(default_factory=dict)
    alerts: tuple[Ring, ...] = ()
    known: row.Known = field(default_factory=row.Known)  # beside what the hits were judged
    rules: int = 0  # of the judge
    uncounted: frozenset[tuple[int, str]] = frozenset()  # names of the newest hits that do not count
    closed: Closings = field(default_factory=dict)  # of whom no more hits are taken

    @property
    def whole(self) -> Actions:
        """Return what all recipients did, as if they were one."""
        return Actions(self.message_opens, self.message_clicks)

    def recipient(self, index: int) -> Actions:
        """Return what the recipient with `index` did (`tokens.EVERYONE`: all whose hits are not told apart)."""
        return self.recipients.get(index, Actions())

    def link(self, index: int) -> Summary:
        """Return the clicks on the link with `index`, without times. Beyond `counters.OWN_LINKS` nothing is kept."""
        return self.links.get(index, NOTHING)


def _summary(count: Count, *, timed: bool) -> Summary:
    times = tuple(count.times)
    if timed and not times and count.first is not None and count.last is not None:
        times = tuple(sorted({count.first, count.last}))  # the row had no room for more
    return Summary(count.count, count.machine, count.unknown, count.first, count.last, times)


def read(counters: Counters) -> Engagement:
    """Show the counters of all of a message's hits."""
    return Engagement(
        _summary(counters.opens, timed=True),
        _summary(counters.clicks, timed=True),
        {
            index: Actions(_summary(person.opens, timed=True), _summary(person.clicks, timed=True), person.spread)
            for index, person in counters.people.items()
        },
        {index: _summary(count, timed=False) for index, count in counters.links.items()},
        tuple(counters.rings),
    )


def without(engagement: Engagement, hidden: frozenset[int]) -> Engagement:
    """Take what the recipients `hidden` did out of an engagement, so that no total tells of them.

    Which recipient clicked which link is not kept: a link then shows at most the clicks of all others together.
    """
    if hidden.isdisjoint(engagement.recipients):
        return engagement
    shown = {index: actions for index, actions in engagement.recipients.items() if index not in hidden}
    clicks = _sum(actions.clicks for actions in shown.values())
    links = {index: _at_most(summary, clicks) for index, summary in engagement.links.items()}
    alerts = tuple(ring for ring in engagement.alerts if ring.recipient not in hidden)
    return Engagement(_sum(actions.opens for actions in shown.values()), clicks, shown, links, alerts)


def _sum(summaries: Iterable[Summary]) -> Summary:
    found = list(summaries)
    return Summary(
        sum(each.count for each in found),
        sum(each.machine for each in found),
        sum(each.unknown for each in found),
        min((each.first for each in found if each.first is not None), default=None),
        max((each.last for each in found if each.last is not None), default=None),
        tuple(sorted(at for each in found for at in each.times)),
    )


def _at_most(summary: Summary, most: Summary) -> Summary:
    count = min(summary.count, most.count)
    times = (most.first, most.last) if count else (None, None)
    return Summary(count, min(summary.machine, most.machine), min(summary.unknown, most.unknown), *times)


def unpack(packed: bytes) -> Engagement:
    """Read a packed row. Raises ValueError for bytes that are none."""
    stored = row.unpack(packed)
    every = whole(stored.counters, stored.tail)
    every.fit(room(len(every.people), len(every.links)))
    tail = {kind: {each.name for each in stored.tail if each.outcome.counts is kind} for kind in (True, False)}
    uncounted = frozenset(tail[False] - tail[True])
    return replace(read(every), known=stored.known, rules=stored.rules, uncounted=uncounted, closed=stored.closed)
