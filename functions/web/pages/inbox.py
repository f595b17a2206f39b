"""The inbox: conversations on lists, found by words, and those of one item."""

from collections.abc import Mapping, Sequence
from urllib.parse import urlencode

from functions.web.context import PageRequest
from functions.web.http import Answer
from functions.web.live import Watched, version_of
from functions.web.pages.items import offered, read_ref, titles
from functions.web.pages.team import led
from ocello.domain.common.errors import NotFound
from ocello.domain.messages.inbox import ALL, FILTERS
from ocello.services.inbox import inbox
from ocello.services.inbox.contacts import names

_LINES = 25
_FOUND = 50
_LIVE = 60  # conversations whose marks are asked for at once


def show(asked: PageRequest) -> Answer:
    """List conversations: a filter's, an item's, or those that a search finds. `find` looks for an item to filter by."""
    house, request = asked.house, asked.request
    text = request.asked("q").strip()[:200]
    chosen = request.asked("show", ALL)
    item = request.asked("item")
    ref = read_ref(item)
    if item and ref is None:
        raise NotFound("there is nothing at this address")
    name = f"item:{item}" if item else chosen if chosen in FILTERS else ALL
    following = None
    if text:
        listed = inbox.search(asked.user, text, _FOUND, name=name, store=house.inbox, engagements=house.engagements)
    else:
        page = inbox.read(
            asked.user,
            name,
            _LINES,
            request.asked("cursor") or None,
            now=house.clock(),
            messages=house.post.messages,
            store=house.inbox,
            engagements=house.engagements,
        )
        listed = page.items
        following = (
            None
            if page.next is None
            else "/app?" + urlencode({"item" if item else "show": item or name, "cursor": page.next})
        )
    return asked.page(
        "inbox.html",
        listed=listed,
        known=_names(asked, listed),
        teams=led(asked),
        following=following,
        filters=FILTERS,
        chosen=name,
        text=text,
        item=(ref, titles(asked, [ref])[0][1]) if ref else None,
        find=request.asked("find").strip(),
        spelled=item,
        found=offered(asked),
        connected=any(account.verified for account in house.accounts.of(asked.user)),
        live=False,
        watched=_watched(asked, listed),
    )


def _names(asked: PageRequest, listed: Sequence[inbox.Listed]) -> Mapping[str, str]:
    """Name the persons whom the lines show by their address."""
    shown = (each for line in listed for each in line.entry.lines[0].people if "@" in each)
    return names(asked.visit.user, shown, asked.house.post.items)


def watched(asked: PageRequest) -> Watched:
    """Return the eyes and cursors of the conversations `of` as they stand now."""
    names = [value for key, value in asked.request.query if key == "of"][:_LIVE]
    return _watched(asked, inbox.current(asked.user, names, asked.house.inbox, asked.house.engagements))


def _watched(asked: PageRequest, listed: Sequence[inbox.Listed]) -> Watched:
    marks = {line.entry.conversation: (line.entry.troubled, line.counts) for line in listed}
    return Watched(
        (("live", "inbox"), *(("of", name) for name in marks)),
        version_of(sorted(marks.items())),
        lambda: asked.part("part/marks_live.html", listed=listed, live=True),
    )
