"""Looks closely at a person's or a team's newest tracked mails: hours, links, and the floor and ceiling of reading."""

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

CLOSELY = 300  # messages of one person that are looked at
TEAM_CLOSELY = 1_000  # of a team, an equal share of each member's
MEMBERS = 50  # of a team that are looked at, the first by address
TOGETHER = 2  # people whose mail a figure of a team must be of: of one alone, it would tell whose it is
LINKS = 20  # shown


@dataclass(frozen=True, slots=True)
class Period:
    """Days shown as one, and what became of recipients of the mails made in them; None where nothing can be said."""

    days: tuple[str, ...]
    reach: ReachBounds | None


@dataclass(frozen=True, slots=True)
class Insight:
    """What the newest `most` tracked messages of each person show beyond counts; `complete` unless there were more."""

    rhythm: Rhythm
    links: tuple[Clicked, ...]
    reach: ReachBounds | None  # None where nothing can be told
    periods: tuple[Period, ...]
    most: int
    complete: bool


@dataclass(frozen=True, slots=True)
class MailInsight:
    """Looks closely at tracked mail, in the samples it was given."""

    samples: TrackedSamples

    def of_owner(self, owner: str, days: Sequence[str], moment_at: Callable[[int], WeekHour]) -> Insight:
        """Look closely at an owner's newest 300 tracked messages made on `days`, which follow each other.

        `moment_at` says where a time in ms falls in the week, in the asker's zone.
        """
        found, complete = self._newest([owner], days, CLOSELY)
        return _insight_of(found, days, moment_at, owners=1, most=CLOSELY, complete=complete)

    def of_team(
        self, members: Sequence[User], days: Sequence[str], moment_at: Callable[[int], WeekHour]
    ) -> Insight | None:
        """Look closely at the mails of a team's members, at most 50 members and 1,000 mails; None where it tells whose.

        A lead sees totals, and never whose mails they are of: so nothing is said unless at least two members sent tracked
        mail in these days, nor of a period in which fewer did, nor of a link that was clicked in one member's mail only.
        """
        near = members[:MEMBERS]
        most = min(CLOSELY, TEAM_CLOSELY // max(1, len(near)))
        found, complete = self._newest([member.id for member in near], days, most)
        if _senders(found) < TOGETHER:
            return None
        return _insight_of(found, days, moment_at, owners=TOGETHER, most=most, complete=complete)

    def _newest(self, owners: Sequence[str], days: Sequence[str], most: int) -> tuple[list[TrackedSample], bool]:
        """Return the newest `most` messages of each owner, and whether they are all that there are."""
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
    """Count recipients; None where they are those of fewer than so many owners."""
    counted = [(sample.message.owner, actions) for sample in samples for actions in _counted(sample)]
    if len({owner for owner, _ in counted}) < owners:
        return None
    return reach_of(actions for _, actions in counted)


def _counted(sample: TrackedSample) -> Iterator[Actions]:
    """Return what each recipient did whose copy was sent or opened; none where opens cannot be assigned to recipients."""
    if told_apart(sample.message, sample.engagement):
        for index in set(range(sample.recipients)) - set(sample.message.own_copies):
            seen = index in sample.engagement.recipients
            if seen or sample.message.by_caller or index in sample.left:
                yield sample.engagement.recipient(index)
