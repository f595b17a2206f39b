"""Statistics: what became of the messages of each day."""

import datetime as dt
from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import NamedTuple

from ocello.domain.common.errors import Invalid
from ocello.domain.common.texts import Text
from ocello.domain.common.times import DAY_MS, day_of, day_start
from ocello.domain.engagement.summary import Actions, Engagement

MOST_DAYS = 366
USUAL_DAYS = 30
SINGLE_DAYS = 45  # so many are shown one by one; more of them by the week
OPEN_DAYS = 2  # so long after its end a day's figures still move too often to be worth keeping


class Bounds(NamedTuple):
    """Shares of 1 of the tracked messages, between which the true share lies."""

    floor: float
    ceiling: float


class Figures(NamedTuple):
    """A day's messages: made, tracked, and those of them that were opened or clicked at any time since.

    `inferred` were not seen to be opened, but clicked; `perhaps_opened` and `perhaps_clicked` are those of which nobody
    can say: machines' (privacy proxies among them) or unclear opens, and unclear clicks. `opens_tracked` and
    `clicks_tracked` are those of which the one and the other is tracked; `beside` are clicked ones without the former,
    which are in no rate of opens.
    """

    sent: int = 0
    tracked: int = 0
    opened: int = 0
    clicked: int = 0
    inferred: int = 0
    perhaps_opened: int = 0
    perhaps_clicked: int = 0
    opens_tracked: int = 0
    clicks_tracked: int = 0
    beside: int = 0

    @property
    def read(self) -> int:
        """Count the messages that were opened, seen or inferred."""
        return self.opened + self.inferred

    @property
    def open_rate(self) -> Bounds | None:
        """Return the share that was opened of those whose opens are tracked; None where none are."""
        return _rate(self.read - self.beside, self.perhaps_opened, self.opens_tracked)

    @property
    def click_rate(self) -> Bounds | None:
        """Return the share that was clicked of those whose clicks are tracked; None where none are."""
        return _rate(self.clicked, self.perhaps_clicked, self.clicks_tracked)


def _rate(sure: int, perhaps: int, every: int) -> Bounds | None:
    return Bounds(sure / every, (sure + perhaps) / every) if every else None


def add(one: Figures, other: Figures) -> Figures:
    """Add two days' figures."""
    return Figures(*(left + right for left, right in zip(one, other, strict=True)))


def figures_of_one(*, opens: bool, clicks: bool, engagement: Engagement | None) -> Figures:
    """Count one message; `opens` and `clicks` are whether they are tracked in any of its copies."""
    done = Actions() if engagement is None else engagement.whole
    return Figures(
        1,
        int(opens or clicks),
        int(done.opens.count > 0),
        int(done.clicks.count > 0),
        int(done.inferred),
        int(opens and done.hidden),
        int(not done.clicks.count and done.clicks.unknown > 0),
        int(opens),
        int(clicks),
        int(not opens and done.inferred),
    )


class CountedMail(NamedTuple):
    """What statistics count of a message: when it was made (ms), what of it is tracked, and its engagement so far."""

    created_at: int
    opens: bool
    clicks: bool
    engagement: Engagement | None


def figures_of(messages: Iterable[CountedMail]) -> Figures:
    """Count messages by what became of them; only hits that count as engagement make one opened or clicked."""
    total = Figures()
    for each in messages:
        total = add(total, figures_of_one(opens=each.opens, clicks=each.clicks, engagement=each.engagement))
    return total


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


def periods(days: Sequence[str]) -> tuple[tuple[str, ...], ...]:
    """Group days in a row as they are best shown: each by itself, or in weeks from Monday where there are many."""
    if len(days) <= SINGLE_DAYS:
        return tuple((day,) for day in days)
    return tuple(tuple(week) for _, week in groupby(days, _week))


def _week(day: str) -> tuple[int, int]:
    """Name the week of a day as ISO 8601 numbers it."""
    return dt.date.fromisoformat(day).isocalendar()[:2]


def is_closed(day: str, now: int) -> bool:
    """Return whether a day ended long enough ago for its figures to be kept."""
    return day_start(day) + (1 + OPEN_DAYS) * DAY_MS <= now


def _start(field: str, day: str) -> int:
    try:
        return day_start(day)
    except ValueError:
        raise Invalid(field, "must be a day, YYYY-MM-DD") from None
