"""The log of what was deleted, for administrators: how much, when and why, and of nobody what it was."""

from functions.web.context import PageRequest
from functions.web.http import Answer

_ENTRIES = 50


def show(request: PageRequest) -> Answer:
    """Show the log, newest first."""
    page = request.context.deletions.page(_ENTRIES, request.http.argument("cursor") or None)
    return request.page("administration/deletions.html", entries=page.items, next=page.next)
