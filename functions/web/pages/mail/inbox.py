"""The inbox: lists of conversations, a search, and the conversations of one item."""

from collections.abc import Sequence
from itertools import groupby
from urllib.parse import urlencode

from functions.web.context import PageRequest
from functions.web.http import Answer
from functions.web.pages.items.items import parse_ref, plain_title
from functions.web.rendering.live import Watched, version_of
from ocello.domain.common.errors import NotFound
from ocello.domain.common.ids import time_of
from ocello.domain.messages.inbox import ALL, FILTERS, LONGEST_SEARCH, REPLIED
from ocello.services.inbox.inbox import InboxLine

_LIVE = 60  # conversations whose marks are read at once


def show(request: PageRequest) -> Answer:
    """List conversations: of a filter, of an item, or of a search. `find` searches for an item to filter by."""
    http = request.http
    text = http.argument("q").strip()[:LONGEST_SEARCH]
    chosen = http.argument("show", ALL)
    item = http.argument("item")
    ref = parse_ref(item)
    if item and ref is None:
        raise NotFound("there is nothing at this address")
    name = f"item:{item}" if item else chosen if chosen in FILTERS else ALL
    find = http.argument("find").strip()
    view = request.context.inbox_views.read(
        request.authenticated.user, name, text=text, item=ref, find=find, cursor=http.argument("cursor") or None
    )
    following = None
    if view.next is not None:
        following = "/app?" + urlencode({"item" if item else "show": item or name, "cursor": view.next})
    return request.page(
        "mail/inbox.html",
        listed=view.lines,
        grouped=_grouped(request, view.lines),
        known=view.names,
        teams=view.teams,
        following=following,
        filters=[each for each in FILTERS if each != REPLIED or each == chosen],  # offered once mailboxes are read
        chosen=name,
        text=text,
        item=(ref, plain_title(request, ref) if view.title is None else view.title) if ref else None,
        find=find,
        item_text=item,
        found=view.offered,
        connected=view.connected,
        live=False,
        watched=_watched(request, view.lines),
    )


def _grouped(request: PageRequest, lines: Sequence[InboxLine]) -> list[tuple[bool, list[InboxLine]]]:
    """Return lines, which are newest first, as those of today and those before, each with whether it is today."""
    forms = request.forms
    days = groupby(lines, lambda line: forms.is_today(time_of(line.entry.newest)))
    return [(today, list(found)) for today, found in days]


def watched(request: PageRequest) -> Watched:
    """Return the eye and cursor marks of the conversations `of` as they are now."""
    names = [value for key, value in request.http.query if key == "of"][:_LIVE]
    return _watched(request, request.context.inbox_reader.current(request.user, names))


def _watched(request: PageRequest, listed: Sequence[InboxLine]) -> Watched:
    marks = {line.entry.conversation: (line.entry.troubled, line.entry.replied, line.counts) for line in listed}
    return Watched(
        (("live", "inbox"), *(("of", name) for name in marks)),
        version_of(sorted(marks.items())),
        lambda: request.part("mail/part/marks_live.html", listed=listed, live=True),
    )
