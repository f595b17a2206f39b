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


def led(request: PageRequest) -> list[str]:
    """Name the groups whose lead the asker is."""
    groups = request.authenticated.user.all_groups
    return [group for group in groups if group != LEADS] if LEADS in groups else []


def show(request: PageRequest) -> Answer:
    """List a group's shared mail, newest first. Raises NotFound for whom it is not."""
    group, context = request.params["group"], request.context
    members = team(request.authenticated.user, group, context.users)
    page = shared_mail(
        request.authenticated.user,
        members,
        _MAILS,
        request.http.argument("cursor") or None,
        days=context.days,
        messages=context.sending.messages,
        items=context.sending.items,
    )
    more = None if page.next is None else f"/app/team/{quote(group, safe='')}?cursor={quote(page.next, safe='')}"
    senders = {member.id: member.name or member.address for member in members}
    mails = rows_of(request, named(request.authenticated.user, page.items, context.sending.items))
    return request.page(
        "team.html", group=group, groups=led(request), mails=mails, senders=senders, more=more, live=False
    )
