"""The mails of a team's members that its lead may see."""

from urllib.parse import quote

from functions.web.context import PageRequest
from functions.web.http import Answer


def show(request: PageRequest) -> Answer:
    """Show a group's shared mail, newest first. Raises NotFound if the user is not its lead."""
    group = request.params["group"]
    view = request.context.team_views.read(request.authenticated.user, group, request.http.argument("cursor") or None)
    more = None if view.next is None else f"/app/team/{quote(group, safe='')}?cursor={quote(view.next, safe='')}"
    return request.page(
        "mail/team.html",
        group=group,
        groups=view.groups,
        mails=view.mails,
        senders=view.senders,
        more=more,
        live=False,
    )
