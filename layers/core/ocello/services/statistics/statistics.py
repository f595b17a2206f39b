"""Computes statistics from the messages themselves, and stores the figures of past days."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from ocello.domain.common.errors import NotFound, Unavailable
from ocello.domain.common.times import DAY_MS, day_of, day_start
from ocello.domain.engagement.statistics import CountedMail, Figures, add, days_between, figures_of, is_closed, periods
from ocello.domain.messages.message import Message
from ocello.domain.messages.visibility import LEADS, sees_totals
from ocello.domain.people.users import User
from ocello.services.common.ports import Clock
from ocello.services.people.ports import UserStore
from ocello.services.statistics.ports import DayStats, MessageDays, StoredDay

_MANY = 200  # users read at the same time
_PATIENCE_MS = 15_000  # for a team's members; the gateway stops waiting after 30 seconds


@dataclass(frozen=True, slots=True)
class Statistics:
    """The figures of each day asked for, oldest first."""

    days: tuple[tuple[str, Figures], ...]

    @property
    def total(self) -> Figures:
        """Return the sum of all days."""
        total = Figures()
        for _, figures in self.days:
            total = add(total, figures)
        return total

    @property
    def periods(self) -> tuple[tuple[tuple[str, ...], Figures], ...]:
        """Return the figures of each day, or of each week where there are many days."""
        figures = dict(self.days)
        found = []
        for days in periods([day for day, _ in self.days]):
            total = Figures()
            for day in days:
                total = add(total, figures[day])
            found.append((days, total))
        return tuple(found)


@dataclass(frozen=True, slots=True)
class MailStatistics:
    """Counts mail by days."""

    messages: MessageDays
    kept: DayStats
    users: UserStore
    clock: Clock

    def of_owner(self, owner: str, first: str | None, last: str | None) -> Statistics:
        """Return an owner's figures from day `first` to day `last`. Raises Invalid.

        Stored days are read together in one read. The others are counted from their messages, and stored once they are
        over. A change to a message of a stored day increases that day's generation, so that figures counted before the
        change are not stored.
        """
        now = self.clock()
        return Statistics(self._figures(owner, days_between(first, last, now), now))

    def _figures(self, owner: str, days: Sequence[str], now: int) -> tuple[tuple[str, Figures], ...]:
        known = self.kept.between(owner, days[0], days[-1])
        figures = {day: found.figures for day, found in known.items() if found.figures is not None}
        missing = [day for day in days if day not in figures]
        if missing:
            counted = _count(owner, missing[0], missing[-1], self.messages)
            figures |= {day: figures_of(counted[day]) for day in missing}
            closed = [day for day in missing if is_closed(day, now)]
            self.kept.keep(
                owner, {day: StoredDay(known[day].generation if day in known else 0, figures[day]) for day in closed}
            )
        return tuple((day, figures[day]) for day in days)

    def of(self, user: User, members: Sequence[User] | None, first: str | None, last: str | None) -> Statistics:
        """Return the figures of a team's members, or the user's own if there are none. Raises as `of_team` does."""
        return self.of_owner(user.id, first, last) if members is None else self.of_team(members, first, last)

    def read(self, user: User, group: str | None, first: str | None, last: str | None) -> Statistics:
        """Return the figures of a group, or the user's own without one. Raises NotFound, Invalid, Unavailable."""
        return self.of(user, None if group is None else self.members(user, group), first, last)

    def members(self, asker: User, group: str) -> tuple[User, ...]:
        """Return a group's members by address, if the user may see its totals. Raises NotFound otherwise."""
        if not sees_totals(asker, group):
            raise NotFound("no such group, or its totals are not for you")
        return tuple(user for user in self.everyone() if group in user.all_groups)

    def groups_for(self, user: User) -> tuple[str, ...]:
        """Return the groups whose totals a user may see, by name; an administrator sees every group that has a member."""
        known = user.all_groups
        if user.admin:
            known = tuple(sorted({name for each in self.everyone() for name in each.all_groups}))
        return tuple(name for name in known if name != LEADS and sees_totals(user, name))

    def everyone(self) -> Iterator[User]:
        """Return all users by address."""
        cursor: str | None = None
        while True:
            page = self.users.page(_MANY, cursor)
            yield from page.items
            cursor = page.next
            if cursor is None:
                return

    def of_team(self, members: Iterable[User], first: str | None, last: str | None) -> Statistics:
        """Return the sum of the figures of `members`, for days as in `of_owner`. Raises Invalid, and Unavailable (too slow).

        These are totals: nothing shows whose mails they are. Each member costs one or two reads once the days are
        stored. Counting a long time of many members for the first time may take longer than one answer may, but what
        was counted stays stored.
        """
        now = self.clock()
        days = days_between(first, last, now)
        total: dict[str, Figures] = dict.fromkeys(days, Figures())
        for member in members:
            if self.clock() - now > _PATIENCE_MS:
                raise Unavailable("these days are being counted for the first time")
            for day, figures in self._figures(member.id, days, now):
                total[day] = add(total[day], figures)
        return Statistics(tuple(total.items()))


def forget_day(message: Message, now: int, days: DayStats) -> None:
    """Let go of the kept figures of the day on which a message was made, if any can be kept already."""
    if is_closed(day := day_of(message.created_at), now):
        days.forget(message.owner, day)


def _count(owner: str, first: str, last: str, messages: MessageDays) -> defaultdict[str, list[CountedMail]]:
    found: defaultdict[str, list[CountedMail]] = defaultdict(list)
    for each in messages.between(owner, day_start(first), day_start(last) + DAY_MS):
        found[day_of(each.created_at)].append(each)
    return found
