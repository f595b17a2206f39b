"""What tracked mail tells beyond counts: when people open and click, which links, and what proxies hide."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from ocello.domain.engagement.summary import Actions, Engagement
from ocello.domain.messages.message import Link, Message
from ocello.domain.tracking.tokens import EVERYONE

HOURS = 24
BLOCK = 3  # hours that the week's table shows together
_ENOUGH = 5  # fewer moments than these say nothing of an hour
_NEARLY = 0.75  # of the busiest hour's: as busy, for whoever plans the day
_STANDS_OUT = 6  # hours at most; a longer span is no advice


class WeekHour(NamedTuple):
    """A day of the week (0 is Monday) and an hour (0 to 23), in a person's time zone."""

    weekday: int
    hour: int


class Hour(NamedTuple):
    """Opens and clicks of one hour of the day."""

    hour: int
    opens: int = 0
    clicks: int = 0


class HourSpan(NamedTuple):
    """Hours in a row, from `start` until `end` (both 0 to 23; it may go past midnight), and their share of 1 of all."""

    start: int
    end: int
    share: float


@dataclass(frozen=True, slots=True)
class Rhythm:
    """How many opens and clicks fell on each day of the week and hour."""

    opens: Mapping[WeekHour, int]
    clicks: Mapping[WeekHour, int]

    @property
    def hours(self) -> tuple[Hour, ...]:
        """Add up the days: 24 hours."""
        opens, clicks = _by_hour(self.opens), _by_hour(self.clicks)
        return tuple(Hour(hour, opens[hour], clicks[hour]) for hour in range(HOURS))

    @property
    def week(self) -> tuple[tuple[int, ...], ...]:
        """Count the opens of Monday to Sunday, each in eight blocks of three hours."""
        found = [[0] * (HOURS // BLOCK) for _ in range(7)]
        for moment, count in self.opens.items():
            found[moment.weekday][moment.hour // BLOCK] += count
        return tuple(map(tuple, found))


def _by_hour(counts: Mapping[WeekHour, int]) -> Counter[int]:
    found: Counter[int] = Counter()
    for moment, count in counts.items():
        found[moment.hour] += count
    return found


def rhythm_of(engagements: Iterable[Engagement], moment_at: Callable[[int], WeekHour]) -> Rhythm:
    """Count the times that engagement rows keep; `moment_at` says where a time in ms falls."""
    opens: Counter[WeekHour] = Counter()
    clicks: Counter[WeekHour] = Counter()
    for engagement in engagements:
        opens.update(map(moment_at, engagement.message_opens.times))
        clicks.update(map(moment_at, engagement.message_clicks.times))
    return Rhythm(opens, clicks)


def busiest(counts: Sequence[int]) -> HourSpan | None:
    """Return the busiest hour of a day with its neighbours that are nearly as busy; None where no hours stand out."""
    total, peak = sum(counts), max(counts)
    if total < _ENOUGH:
        return None
    start = end = counts.index(peak)
    while end - start < _STANDS_OUT and counts[(start - 1) % HOURS] >= _NEARLY * peak:
        start -= 1
    while end - start < _STANDS_OUT and counts[(end + 1) % HOURS] >= _NEARLY * peak:
        end += 1
    if end - start >= _STANDS_OUT:
        return None
    share = sum(counts[hour % HOURS] for hour in range(start, end + 1)) / total
    return HourSpan(start % HOURS, (end + 1) % HOURS, share)


class Clicked(NamedTuple):
    """An address that people clicked: how often, and in how many messages."""

    url: str
    clicks: int
    messages: int


def most_clicked(
    found: Iterable[tuple[str, Iterable[Link], Engagement]], most: int, owners: int = 1
) -> tuple[Clicked, ...]:
    """Return the `most` addresses with the most counted clicks, most first; in one message an address may stand twice.

    `found` is each message's owner, links and engagement. Only what was clicked in mails of at least `owners` of them
    is given: an address that one person alone sent would tell whose mail it is.
    """
    clicks: Counter[str] = Counter()
    messages: Counter[str] = Counter()
    whose: defaultdict[str, set[str]] = defaultdict(set)
    for owner, links, engagement in found:
        own: Counter[str] = Counter()
        for link in links:
            own[link.url] += engagement.link(link.index).count
        for url, count in (+own).items():
            clicks[url] += count
            messages[url] += 1
            whose[url].add(owner)
    every = (Clicked(url, count, messages[url]) for url, count in clicks.items() if len(whose[url]) >= owners)
    return tuple(sorted(every, key=lambda each: (-each.clicks, each.url))[:most])


class ReachBounds(NamedTuple):
    """Recipients of mails whose opens are tracked: all, those who surely read, and those of whom nobody can say.

    `hidden` are seen, but only by machines that open (privacy proxies among them; the row does not tell these from
    scanners) or unclearly. The floor takes none of them for a reader: read / all. The ceiling takes them all for readers:
    (read + hidden) / all. What is true lies between, whatever the hidden did.
    """

    all: int = 0
    read: int = 0
    hidden: int = 0

    @property
    def floor(self) -> float | None:
        """Return the share of 1 that read if none of the hidden did; None without recipients."""
        return self.read / self.all if self.all else None

    @property
    def ceiling(self) -> float | None:
        """Return the share of 1 that read if all the hidden did; None without recipients."""
        return (self.read + self.hidden) / self.all if self.all else None


def reach_of(recipients: Iterable[Actions]) -> ReachBounds:
    """Count recipients by what can be said of them."""
    found = list(recipients)
    return ReachBounds(len(found), sum(each.read for each in found), sum(each.hidden for each in found))


def told_apart(message: Message, engagement: Engagement) -> bool:
    """Return whether a message's opens say which recipient opened: they are tracked, and no hit is everybody's."""
    return message.track_opens and EVERYONE not in engagement.recipients


def undecided(message: Message, engagement: Engagement, count: int) -> tuple[int, ...]:
    """Name those of a message's `count` recipients of whom only the state of their copy tells whether they count.

    Who was seen got the mail; a caller sends its copies itself; and where nobody is told apart, nobody counts.
    """
    if message.by_caller or not told_apart(message, engagement):
        return ()
    return tuple(index for index in range(count) if index not in engagement.recipients)
