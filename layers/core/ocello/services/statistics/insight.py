"""Analyses a person's or a team's newest tracked mails: hours, links, and the floor and ceiling of the open rate."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from ocello.domain.common.times import DAY_MS, day_of, day_start
from ocello.domain.engagement.insight import (
    Clicked,
    ReachBounds,
    Rhythm,
    WeekHour,
    most_clicked,
    reach_of,
    rhythm_of,
    told_apart,
)
from ocello.domain.engagement.statistics import periods
from ocello.domain.engagement.summary import Actions
from ocello.domain.people.users import User
from ocello.services.statistics.ports import TrackedSample, TrackedSamples

CLOSELY = 300  # messages of one person that are read
TEAM_CLOSELY = 1_000  # messages of a team that are read, an equal share for each member
MEMBERS = 50  # members of a team whose messages are read, the first by address
TOGETHER = 2  # people whose mail a team's figure must include: a figure of one person's mail would show whose it is
LINKS = 20  # links shown


@dataclass(frozen=True, slots=True)
class Period:
    """Days shown as one, and the outcome for recipients of the mails sent in them; None if nothing can be known."""

    days: tuple[str, ...]
    reach: ReachBounds | None


@dataclass(frozen=True, slots=True)
class Insight:
    """What the newest `most` tracked messages of each person show besides counts; `complete` is False if there are more."""

    rhythm: Rhythm
    links: tuple[Clicked, ...]
    reach: ReachBounds | None  # None if nothing can be known
    periods: tuple[Period, ...]
    most: int
    complete: bool


@dataclass(frozen=True, slots=True)
class MailInsight:
    """Analyses tracked mail."""

    samples: TrackedSamples

    def of_owner(self, owner: str, days: Sequence[str], moment_at: Callable[[int], WeekHour]) -> Insight:
        """Analyse an owner's newest 300 tracked messages sent on `days`, which are consecutive.

        `moment_at` returns the hour of the week of a time in ms, in the user's time zone.
        """
        found, complete = self._newest([owner], days, CLOSELY)
        return _insight_of(found, days, moment_at, owners=1, most=CLOSELY, complete=complete)

    def of_team(
        self, members: Sequence[User], days: Sequence[str], moment_at: Callable[[int], WeekHour]
    ) -> Insight | None:
        """Analyse the mails of a team's members: at most 50 members and 1,000 mails; None if it would show whose they are.

        A lead sees totals, and never whose mails they include. So there is no result unless at least two members sent
        tracked mail in these days, none for a period in which fewer did, and none for a link that was clicked in only
        one member's mail.
        """
        near = members[:MEMBERS]
        most = min(CLOSELY, TEAM_CLOSELY // max(1, len(near)))
        found, complete = self._newest([member.id for member in near], days, most)
        if _senders(found) < TOGETHER:
            return None
        return _insight_of(found, days, moment_at, owners=TOGETHER, most=most, complete=complete)

    def _newest(self, owners: Sequence[str], days: Sequence[str], most: int) -> tuple[list[TrackedSample], bool]:
        """Return the newest `most` messages of each owner, and whether these are all."""
        found = self.samples.newest(owners, day_start(days[0]), day_start(days[-1]) + DAY_MS, most + 1)
        near: list[TrackedSample] = []
        taken = dict.fromkeys(owners, 0)
        for sample in sorted(found, key=lambda each: each.message.id, reverse=True):
            if taken[sample.message.owner] < most:
                taken[sample.message.owner] += 1
                near.append(sample)
        return near, len(near) == len(found)


def _insight_of(
    samples: Sequence[TrackedSample],
    days: Sequence[str],
    moment_at: Callable[[int], WeekHour],
    *,
    owners: int,
    most: int,
    complete: bool,
) -> Insight:
    by_day: defaultdict[str, list[TrackedSample]] = defaultdict(list)
    for sample in samples:
        by_day[day_of(sample.message.created_at)].append(sample)
    return Insight(
        rhythm_of((sample.engagement for sample in samples), moment_at),
        most_clicked(((sample.message.owner, sample.links, sample.engagement) for sample in samples), LINKS, owners),
        _reach(samples, owners),
        tuple(
            Period(each, _reach((sample for day in each for sample in by_day[day]), owners)) for each in periods(days)
        ),
        most,
        complete,
    )


def _senders(samples: Iterable[TrackedSample]) -> int:
    return len({sample.message.owner for sample in samples})


def _reach(samples: Iterable[TrackedSample], owners: int) -> ReachBounds | None:
    """Return how many recipients there were; None if they belong to fewer than `owners` owners."""
    counted = [(sample.message.owner, actions) for sample in samples for actions in _counted(sample)]
    if len({owner for owner, _ in counted}) < owners:
        return None
    return reach_of(actions for _, actions in counted)


def _counted(sample: TrackedSample) -> Iterator[Actions]:
    """Return what each recipient did whose copy was sent or opened; none if opens cannot be assigned to recipients."""
    if told_apart(sample.message, sample.engagement):
        for index in set(range(sample.recipients)) - set(sample.message.opens_off):
            seen = index in sample.engagement.recipients
            if seen or sample.message.by_caller or index in sample.left:
                yield sample.engagement.recipient(index)
