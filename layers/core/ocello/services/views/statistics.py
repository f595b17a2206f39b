"""What the page of statistics shows: figures by day, and what the newest tracked mails tell besides."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from ocello.domain.common.errors import Invalid
from ocello.domain.engagement.insight import WeekHour
from ocello.domain.people.users import User
from ocello.services.statistics.insight import Insight, MailInsight
from ocello.services.statistics.statistics import MailStatistics, Statistics


class StatisticsView(NamedTuple):
    """The figures of one's own mail, or of a group's; `refusal` is why the days asked for were not taken.

    `insight` is None where it would show whose mails a group's figures include.
    """

    figures: Statistics
    insight: Insight | None
    members: Sequence[User] | None  # of the group; None for one's own mail
    groups: Sequence[str]  # whose totals the user may see
    refusal: Invalid | None


@dataclass(frozen=True, slots=True)
class StatisticsViews:
    """What the page of statistics shows to a user."""

    statistics: MailStatistics
    insight: MailInsight

    def read(
        self, user: User, group: str, first: str | None, last: str | None, moment_at: Callable[[int], WeekHour]
    ) -> StatisticsView:
        """Return the figures from day `first` to day `last`, or of the last days if these cannot be. Raises NotFound.

        Without a group, it is the user's own mail. `moment_at` is that of `MailInsight.of_owner`.
        """
        members = self.statistics.members(user, group) if group else None
        refusal = None
        try:
            figures = self.statistics.of(user, members, first, last)
        except Invalid as error:
            refusal, figures = error, self.statistics.of(user, members, None, None)
        days = [day for day, _ in figures.days]
        return StatisticsView(
            figures=figures,
            insight=self.insight.of_owner(user.id, days, moment_at)
            if members is None
            else self.insight.of_team(members, days, moment_at),
            members=members,
            groups=self.statistics.groups_for(user),
            refusal=refusal,
        )
