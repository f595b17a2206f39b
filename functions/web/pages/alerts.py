"""The light bulb and the panel behind it."""

from collections.abc import Callable, Mapping
from http import HTTPStatus

from functions.web.context import PageRequest
from functions.web.http import Answer, go
from functions.web.live import Watched
from functions.web.pages import conversations, inbox, items
from ocello.domain.common.errors import Invalid, NotFound

_SHOWN = 30
_LIVE: Mapping[str, Callable[[PageRequest], Watched]] = {
    "inbox": inbox.watched,
    "conversation": conversations.watched,
    "item": items.watched,
}
_LONGEST_TIME = 15  # digits


def bulb(asked: PageRequest) -> Answer:
    """Answer what a page asks every few seconds: how many alerts are new, and what changed of what it shows.

    What changed takes the place of what is there, whether or not an alert tells of it. Nothing where nothing changed.
    """
    page = asked.house.alerts.page(asked.user, _SHOWN, None)
    new = [alert for alert in page.items if alert.state == "new"]
    seen = asked.request.asked("seen")
    stamp = f"{len(new)}.{new[0].at}" if new else "0"
    changed = _changed(asked)
    news = {"HX-Trigger": "news"} if changed else {}
    if seen == stamp:
        return Answer(changed, headers={"HX-Reswap": "none", **news}) if changed else Answer("", HTTPStatus.NO_CONTENT)
    # Only what came since rings: a withdrawal, or reading in another window, brings an earlier alert to the top.
    rings = bool(new and seen) and new[0].at > _time_in(seen)
    body = asked.part("part/bulb_live.html", new=len(new), newest=new[0] if rings else None, stamp=stamp)
    return Answer(body + changed, headers=news)


def _changed(asked: PageRequest) -> str:
    """Spell what changed of what the page shows since it asked last; what is there no more, the page keeps."""
    find = _LIVE.get(asked.request.asked("live"))
    try:
        shown = None if find is None else find(asked)
    except (Invalid, NotFound):
        return ""
    if shown is None or shown.version == asked.request.asked("since"):
        return ""
    return shown.render() + asked.part("part/live.html", watched=shown, live=True)


def _time_in(stamp: str) -> int:
    text = stamp.partition(".")[2]
    return int(text) if text.isascii() and text.isdigit() and len(text) <= _LONGEST_TIME else 0


def panel(asked: PageRequest) -> Answer:
    """List the alerts."""
    page = asked.house.alerts.page(asked.user, _SHOWN, asked.request.asked("cursor") or None)
    on = asked.house.settings.read(asked.user).alerts
    whole = not asked.request.by_htmx
    template = "alerts.html" if whole else "part/panel.html"
    return Answer(asked.part(template, alerts=page.items, next=page.next, on=on))


def follow(asked: PageRequest) -> Answer:
    """Lead from an alert to its mail; it is read from then on."""
    try:
        message = asked.house.alerts.follow(asked.user, asked.request.asked("alert"))
    except Invalid:
        message = None
    if message is None:
        raise NotFound("there is nothing at this address")
    return go(f"/app/messages/{message}")


def read(asked: PageRequest) -> Answer:
    """Mark alerts read, up to one."""
    up_to = asked.request.form().one("up_to")
    if up_to:
        asked.house.alerts.read_up_to(asked.user, up_to)
    if not asked.request.by_htmx:
        return go("/app/alerts")
    return Answer(asked.part("part/bulb_live.html", new=0, newest=None, stamp="0"), headers={"HX-Trigger": "read"})
