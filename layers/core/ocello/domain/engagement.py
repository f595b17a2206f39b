"""Reads the engagement row: what a message's hits come to, for the message, each recipient and each link."""

from dataclasses import dataclass, field
from typing import NamedTuple

from ocello.domain import row
from ocello.domain.tally import Count, Ring, Tally, room, whole


@dataclass(frozen=True, slots=True)
class Summary:
    """Hits of one kind, as CONTRACT.md shows them: times in milliseconds, oldest first, all of counted hits only."""

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


@dataclass(frozen=True, slots=True)
class Engagement:
    """What a message's hits come to, for reading. `alerts` is the outbox: the newest alerts, oldest first."""

    message_opens: Summary = NOTHING
    message_clicks: Summary = NOTHING
    recipients: dict[int, Actions] = field(default_factory=dict)
    links: dict[int, Summary] = field(default_factory=dict)
    alerts: tuple[Ring, ...] = ()

    def recipient(self, index: int) -> Actions:
        """Give what the recipient with `index` did (`tokens.EVERYONE`: all whose hits are not told apart)."""
        return self.recipients.get(index, Actions())

    def link(self, index: int) -> Summary:
        """Give the clicks on the link with `index`, without times. Beyond `tally.OWN_LINKS` nothing is kept."""
        return self.links.get(index, NOTHING)


def _summary(count: Count, *, timed: bool) -> Summary:
    times = tuple(count.times)
    if timed and not times and count.first is not None and count.last is not None:
        times = tuple(sorted({count.first, count.last}))  # the row had no room for more
    return Summary(count.count, count.machine, count.unknown, count.first, count.last, times)


def read(tally: Tally) -> Engagement:
    """Show a tally of all of a message's hits."""
    return Engagement(
        _summary(tally.opens, timed=True),
        _summary(tally.clicks, timed=True),
        {
            index: Actions(_summary(person.opens, timed=True), _summary(person.clicks, timed=True))
            for index, person in tally.people.items()
        },
        {index: _summary(count, timed=False) for index, count in tally.links.items()},
        tuple(tally.rings),
    )


def unpack(packed: bytes) -> Engagement:
    """Read a packed row. Raises ValueError for bytes that are none."""
    stored = row.unpack(packed)
    every = whole(stored.tally, stored.tail)
    every.fit(room(len(every.people), len(every.links)))
    return read(every)
