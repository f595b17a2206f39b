"""Answers statistics: computed from the messages themselves, and kept for days that are over."""

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from ocello.domain.engagement import Actions, Engagement
from ocello.domain.errors import NotFound
from ocello.domain.messages import LEFT_US, Message
from ocello.domain.people import User
from ocello.domain.stats import (
    Clicked,
    Figures,
    Hour,
    Reach,
    add,
    days_between,
    figures_of,
    hours_of,
    is_closed,
    most_clicked,
    reach_of,
)
from ocello.domain.times import DAY_MS, day_of, day_start
from ocello.domain.tokens import EVERYONE
from ocello.domain.visibility import sees_totals
from ocello.services.ports import DayStats, KeptDay, MessageDays, StoredMessage, UserStore

_MANY = 200  # users read at once
CLOSELY = 300  # messages looked at one by one, as each costs a read
LINKS = 20  # shown


@dataclass(frozen=True, slots=True)
class Statistics:
    """Figures of each day asked for, oldest first."""

    days: tuple[tuple[str, Figures], ...]

    @property
    def total(self) -> Figures:
        """Add up all days."""
        total = Figures()
        for _, figures in self.days:
            total = add(total, figures)
        return total


def statistics(
    owner: str, first: str | None, last: str | None, *, now: int, messages: MessageDays, kept: DayStats
) -> Statistics:
    """Give an owner's figures from day `first` to day `last`. Raises Invalid.

    Days with kept figures cost one read together; the others are counted from their messages, and kept once they are
    over. A change to a message of a kept day raises that day's generation, so that what was counted before is not kept.
    """
    days = days_between(first, last, now)
    known = kept.between(owner, days[0], days[-1])
    figures = {day: found.figures for day, found in known.items() if found.figures is not None}
    missing = [day for day in days if day not in figures]
    if missing:
        counted = _count(owner, missing[0], missing[-1], messages)
        figures |= {day: figures_of(counted[day]) for day in missing}
        closed = [day for day in missing if is_closed(day, now)]
        kept.keep(owner, {day: KeptDay(known[day].generation if day in known else 0, figures[day]) for day in closed})
    return Statistics(tuple((day, figures[day]) for day in days))


@dataclass(frozen=True, slots=True)
class Insight:
    """What the newest tracked messages of some days tell beyond counts; `complete` unless there were more messages."""

    hours: tuple[Hour, ...]
    links: tuple[Clicked, ...]
    reach: Reach
    complete: bool


def insight(owner: str, first: str, last: str, *, hour_at: Callable[[int], int], messages: MessageDays) -> Insight:
    """Look closely at an owner's newest 300 tracked messages made from day `first` to day `last`, both known to be days.

    `hour_at` gives the hour of day of a time in ms, in the asker's zone.
    """
    found = messages.newest(owner, day_start(first), day_start(last) + DAY_MS, CLOSELY + 1)
    near = [(stored, stored.engagement or Engagement()) for stored in found[:CLOSELY]]
    return Insight(
        hours_of((engagement for _, engagement in near), hour_at),
        most_clicked(((stored.report.links, engagement) for stored, engagement in near), LINKS),
        reach_of(actions for stored, engagement in near for actions in _told_apart(stored, engagement)),
        len(found) <= CLOSELY,
    )


def _told_apart(stored: StoredMessage, engagement: Engagement) -> Iterator[Actions]:
    """Give what each recipient did whose copy left us, or was seen, with tracked opens; none where hits tell nobody apart."""
    if stored.message.track_opens and EVERYONE not in engagement.recipients:
        for recipient in stored.recipients:
            seen = recipient.index in engagement.recipients
            if seen or stored.message.by_caller or recipient.status in LEFT_US:
                yield engagement.recipient(recipient.index)


def team_statistics(
    asker: User,
    group: str,
    first: str | None,
    last: str | None,
    *,
    now: int,
    users: UserStore,
    messages: MessageDays,
    kept: DayStats,
) -> Statistics:
    """Add up the figures of a group's members, of days as above. Raises Invalid, and NotFound where the asker is no lead.

    Totals only: nothing tells whose mails they are. Costs a read or two for each member.
    """
    if not sees_totals(asker, group):
        raise NotFound("no such group, or its totals are not for you")
    total: dict[str, Figures] = dict.fromkeys(days_between(first, last, now), Figures())
    for member in _members(group, users):
        for day, figures in statistics(member.id, first, last, now=now, messages=messages, kept=kept).days:
            total[day] = add(total[day], figures)
    return Statistics(tuple(total.items()))


def _members(group: str, users: UserStore) -> Iterator[User]:
    cursor: str | None = None
    while True:
        page = users.page(_MANY, cursor)
        yield from (user for user in page.items if group in user.all_groups)
        cursor = page.next
        if cursor is None:
            return


def _count(
    owner: str, first: str, last: str, messages: MessageDays
) -> defaultdict[str, list[tuple[Message, Engagement | None]]]:
    found: defaultdict[str, list[tuple[Message, Engagement | None]]] = defaultdict(list)
    for message, engagement in messages.between(owner, day_start(first), day_start(last) + DAY_MS):
        found[day_of(message.created_at)].append((message, engagement))
    return found
