"""Statistics: what became of the messages of each day, when and where people click, and what proxies hide."""

from collections import Counter
from collections.abc import Callable, Iterable
from typing import NamedTuple

from ocello.domain.engagement import Actions, Engagement
from ocello.domain.errors import Invalid
from ocello.domain.messages import Link, Message
from ocello.domain.texts import Text
from ocello.domain.times import DAY_MS, day_of, day_start

MOST_DAYS = 366
USUAL_DAYS = 30
OPEN_DAYS = 2  # so long after its end a day's figures still move too often to be worth keeping


class Figures(NamedTuple):
    """A day's messages: made, tracked, and those of them that were opened or clicked at any time since."""

    sent: int = 0
    tracked: int = 0
    opened: int = 0
    clicked: int = 0


def add(one: Figures, other: Figures) -> Figures:
    """Add two days' figures."""
    return Figures(*(left + right for left, right in zip(one, other, strict=True)))


def figures_of(messages: Iterable[tuple[Message, Engagement | None]]) -> Figures:
    """Count messages by what became of them; only hits that count as engagement make one opened or clicked."""
    total = Figures()
    for message, engagement in messages:
        opened = engagement is not None and engagement.message_opens.count > 0
        clicked = engagement is not None and engagement.message_clicks.count > 0
        total = add(total, Figures(1, int(message.tracked), int(opened), int(clicked)))
    return total


class Hour(NamedTuple):
    """Opens and clicks of one hour of the day, 0 to 23, in a person's time zone."""

    hour: int
    opens: int = 0
    clicks: int = 0


def hours_of(engagements: Iterable[Engagement], hour_at: Callable[[int], int]) -> tuple[Hour, ...]:
    """Count the times that engagement rows keep by hour of day; `hour_at` gives the hour of a time in ms."""
    opens: Counter[int] = Counter()
    clicks: Counter[int] = Counter()
    for engagement in engagements:
        opens.update(map(hour_at, engagement.message_opens.times))
        clicks.update(map(hour_at, engagement.message_clicks.times))
    return tuple(Hour(hour, opens[hour], clicks[hour]) for hour in range(24))


class Clicked(NamedTuple):
    """An address that people clicked: how often, and in how many messages."""

    url: str
    clicks: int
    messages: int


def most_clicked(found: Iterable[tuple[Iterable[Link], Engagement]], most: int) -> tuple[Clicked, ...]:
    """Give the `most` addresses with the most counted clicks, most first; in one message an address may stand twice."""
    clicks: Counter[str] = Counter()
    messages: Counter[str] = Counter()
    for links, engagement in found:
        own: Counter[str] = Counter()
        for link in links:
            own[link.url] += engagement.link(link.index).count
        clicks.update(own)
        messages.update(url for url, count in own.items() if count)
    every = (Clicked(url, count, messages[url]) for url, count in clicks.items() if count)
    return tuple(sorted(every, key=lambda each: (-each.clicks, each.url))[:most])


class Reach(NamedTuple):
    """Recipients of mails whose opens are tracked: all, those who surely read, and those of whom nobody can say.

    `hidden` are seen, but only by machines (privacy proxies among them; the row does not tell these from scanners) or
    unclearly. The floor takes none of them for a reader: read / all. The ceiling takes them all for readers:
    (read + hidden) / all. What is true lies between, whatever the hidden did.
    """

    all: int = 0
    read: int = 0
    hidden: int = 0

    @property
    def floor(self) -> float | None:
        """Give the share of 1 that read if none of the hidden did; None without recipients."""
        return self.read / self.all if self.all else None

    @property
    def ceiling(self) -> float | None:
        """Give the share of 1 that read if all the hidden did; None without recipients."""
        return (self.read + self.hidden) / self.all if self.all else None


def reach_of(recipients: Iterable[Actions]) -> Reach:
    """Count recipients by what can be said of them."""
    found = list(recipients)
    return Reach(len(found), sum(each.read for each in found), sum(each.hidden for each in found))


def days_between(first: str | None, last: str | None, now: int) -> tuple[str, ...]:
    """Name the days from `first` to `last`, both included; left out, `last` is today and `first` makes it 30 days.

    Raises Invalid for what is no day, for an end before its start, and for more than 366 days.
    """
    end = _start("to", last) if last is not None else day_start(day_of(now))
    start = _start("from", first) if first is not None else end - (USUAL_DAYS - 1) * DAY_MS
    if start > end:
        raise Invalid("from", "must not be later than `to`")
    if end - start >= MOST_DAYS * DAY_MS:
        raise Invalid("from", Text("at most %(most)s days can be asked for at once", most=MOST_DAYS))
    if start < 0:
        raise Invalid("from", "must not be before 1970")
    return tuple(day_of(at) for at in range(start, end + 1, DAY_MS))


def is_closed(day: str, now: int) -> bool:
    """Tell whether a day ended long enough ago for its figures to be kept."""
    return day_start(day) + (1 + OPEN_DAYS) * DAY_MS <= now


def _start(field: str, day: str) -> int:
    try:
        return day_start(day)
    except ValueError:
        raise Invalid(field, "must be a day, YYYY-MM-DD") from None
