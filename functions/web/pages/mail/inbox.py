"""The inbox: lists of conversations, a search, and the conversations of one item."""

from collections.abc import Mapping, Sequence
from urllib.parse import urlencode

from functions.web.context import PageRequest
from functions.web.http import Answer
from functions.web.pages.items.items import offered, parse_ref, titles
from functions.web.rendering.live import Watched, version_of
from ocello.domain.common.errors import NotFound
from ocello.domain.messages.inbox import ALL, FILTERS, LONGEST_SEARCH
from ocello.domain.messages.visibility import led_groups
from ocello.services.inbox.inbox import InboxLine

_LINES = 25
_FOUND = 50
_LIVE = 60  # conversations whose marks are read at once


def show(request: PageRequest) -> Answer:
    """List conversations: of a filter, of an item, or of a search. `find` searches for an item to filter by."""
    context, http = request.context, request.http
    text = http.argument("q").strip()[:LONGEST_SEARCH]
    chosen = http.argument("show", ALL)
    item = http.argument("item")
    ref = parse_ref(item)
    if item and ref is None:
        raise NotFound("there is nothing at this address")
    name = f"item:{item}" if item else chosen if chosen in FILTERS else ALL
    following = None
    if text:
        listed = context.inbox_reader.search(request.user, text, _FOUND, name)
    else:
        page = context.inbox_reader.read(request.user, name, _LINES, http.argument("cursor") or None)
        listed = page.items
        following = (
            None
            if page.next is None
            else "/app?" + urlencode({"item" if item else "show": item or name, "cursor": page.next})
        )
    return request.page(
        "mail/inbox.html",
        listed=listed,
        known=_names(request, listed),
        teams=led_groups(request.authenticated.user),
        following=following,
        filters=FILTERS,
        chosen=name,
        text=text,
        item=(ref, titles(request, [ref])[0][1]) if ref else None,
        find=http.argument("find").strip(),
        item_text=item,
        found=offered(request),
        connected=any(account.verified for account in context.accounts.of(request.user)),
        live=False,
        watched=_watched(request, listed),
    )


def _names(request: PageRequest, listed: Sequence[InboxLine]) -> Mapping[str, str]:
    """Return the names of persons whom the lines show by their address."""
    shown = (each for line in listed for each in line.entry.lines[0].people if "@" in each)
    return request.context.contact_book.names(request.authenticated.user, shown)


def watched(request: PageRequest) -> Watched:
    """Return the eye and cursor marks of the conversations `of` as they are now."""
    names = [value for key, value in request.http.query if key == "of"][:_LIVE]
    return _watched(request, request.context.inbox_reader.current(request.user, names))


def _watched(request: PageRequest, listed: Sequence[InboxLine]) -> Watched:
    marks = {line.entry.conversation: (line.entry.troubled, line.counts) for line in listed}
    return Watched(
        (("live", "inbox"), *(("of", name) for name in marks)),
        version_of(sorted(marks.items())),
        lambda: request.part("mail/part/marks_live.html", listed=listed, live=True),
    )
