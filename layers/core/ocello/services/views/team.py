"""What the page of a team shows to its lead: the mail that its members share."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from ocello.domain.messages.visibility import led_groups
from ocello.domain.people.users import User
from ocello.services.inbox.contacts import ContactBook
from ocello.services.inbox.team_mail import TeamMail
from ocello.services.statistics.statistics import MailStatistics
from ocello.services.views.mails import MailRow, mail_rows

_MAILS = 25


class TeamView(NamedTuple):
    """A page of a team's shared mail, newest first, with the names or addresses of its members by their ids."""

    groups: Sequence[str]  # which the user leads
    mails: Sequence[MailRow]
    senders: Mapping[str, str]
    next: str | None


@dataclass(frozen=True, slots=True)
class TeamViews:
    """What the page of a team shows to its lead."""

    statistics: MailStatistics
    mail: TeamMail
    contacts: ContactBook

    def read(self, user: User, group: str, cursor: str | None) -> TeamView:
        """Return a page of a group's shared mail. Raises NotFound if the user is not its lead, and Invalid."""
        members = self.statistics.members(user, group)
        page = self.mail.page(user, members, _MAILS, cursor)
        return TeamView(
            groups=led_groups(user),
            mails=mail_rows(user, self.contacts.with_names(user, page.items), self.statistics.clock()),
            senders={member.id: member.name or member.address for member in members},
            next=page.next,
        )
