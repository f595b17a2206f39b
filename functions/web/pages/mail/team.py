"""The mails of a team's members that its lead may see."""

from urllib.parse import quote

from functions.web.context import PageRequest
from functions.web.http import Answer
from ocello.domain.messages.visibility import led_groups
from ocello.services.views.mails import mail_rows

_MAILS = 25


def show(request: PageRequest) -> Answer:
    """Show a group's shared mail, newest first. Raises NotFound if the user is not its lead."""
    group, context = request.params["group"], request.context
    user = request.authenticated.user
    members = context.mail_statistics.members(user, group)
    page = context.team_mail.page(user, members, _MAILS, request.http.argument("cursor") or None)
    more = None if page.next is None else f"/app/team/{quote(group, safe='')}?cursor={quote(page.next, safe='')}"
    senders = {member.id: member.name or member.address for member in members}
    mails = mail_rows(user, context.contact_book.with_names(user, page.items))
    return request.page(
        "mail/team.html", group=group, groups=led_groups(user), mails=mails, senders=senders, more=more, live=False
    )
