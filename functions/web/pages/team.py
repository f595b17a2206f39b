"""What a team shares: the mails of its members that its lead may see."""

from urllib.parse import quote

from functions.web.context import PageRequest
from functions.web.http import Answer
from functions.web.pages.items import rows_of
from ocello.domain.messages.visibility import LEADS
from ocello.services.inbox.contacts import named
from ocello.services.inbox.team_mail import shared_mail
from ocello.services.statistics.statistics import team

_MAILS = 25


def led(asked: PageRequest) -> list[str]:
    """Name the groups whose lead the asker is."""
    groups = asked.visit.user.all_groups
    return [group for group in groups if group != LEADS] if LEADS in groups else []


def show(asked: PageRequest) -> Answer:
    """List a group's shared mail, newest first. Raises NotFound for whom it is not."""
    group, house = asked.params["group"], asked.house
    members = team(asked.visit.user, group, house.users)
    page = shared_mail(
        asked.visit.user,
        members,
        _MAILS,
        asked.request.asked("cursor") or None,
        days=house.days,
        messages=house.post.messages,
        items=house.post.items,
    )
    more = None if page.next is None else f"/app/team/{quote(group, safe='')}?cursor={quote(page.next, safe='')}"
    senders = {member.id: member.name or member.address for member in members}
    mails = rows_of(asked, named(asked.visit.user, page.items, house.post.items))
    return asked.page("team.html", group=group, groups=led(asked), mails=mails, senders=senders, more=more, live=False)
