"""The light bulb and the panel behind it."""

from collections.abc import Callable, Mapping
from http import HTTPStatus

from functions.web.context import PageRequest
from functions.web.http import Answer, go
from functions.web.numbers import TIME_DIGITS, parse_number
from functions.web.pages.items import items
from functions.web.pages.mail import conversations, inbox
from functions.web.rendering.live import Watched
from ocello.domain.common.errors import Invalid, NotFound

_LIVE: Mapping[str, Callable[[PageRequest], Watched]] = {
    "inbox": inbox.watched,
    "conversation": conversations.watched,
    "item": items.watched,
}


def bulb(request: PageRequest) -> Answer:
    """Answer the question that a page asks every few seconds: how many alerts are new, and what changed of what it shows.

    Changed parts replace those on the page, whether or not there is an alert for them. The answer is empty if nothing
    changed.
    """
    seen = request.http.argument("seen")
    found = request.context.alert_views.news(request.authenticated.user, _time_in(seen) if seen else None)
    stamp = f"{found.new}.{found.at}" if found.new else "0"
    changed = _changed(request)
    news = {"HX-Trigger": "news"} if changed else {}
    if seen == stamp:
        return Answer(changed, headers={"HX-Reswap": "none", **news}) if changed else Answer("", HTTPStatus.NO_CONTENT)
    body = request.part("alerts/part/bulb_live.html", new=found.new, newest=found.newest, stamp=stamp)
    return Answer(body + changed, headers=news)


def _changed(request: PageRequest) -> str:
    """Return the parts of the page that changed since it last asked; parts that no longer exist stay on the page."""
    find = _LIVE.get(request.http.argument("live"))
    try:
        shown = None if find is None else find(request)
    except (Invalid, NotFound):
        return ""
    if shown is None or shown.version == request.http.argument("since"):
        return ""
    return shown.render() + request.part("alerts/part/live.html", watched=shown, live=True)


def _time_in(stamp: str) -> int:
    return parse_number(stamp.partition(".")[2], TIME_DIGITS) or 0


def panel(request: PageRequest) -> Answer:
    """List the alerts."""
    cursor = request.http.argument("cursor") or None
    view = request.context.alert_views.panel(request.authenticated.user, cursor)
    whole = not request.http.by_htmx
    template = "alerts/alerts.html" if whole else "alerts/part/panel.html"
    return Answer(request.part(template, alerts=view.page.items, next=view.page.next, on=view.on))


def follow(request: PageRequest) -> Answer:
    """Redirect from an alert to its mail, and mark the alert as read."""
    try:
        message = request.context.alerts.mark_read(request.user, request.http.argument("alert"))
    except Invalid:
        message = None
    if message is None:
        raise NotFound("there is nothing at this address")
    return go(f"/app/messages/{message}")


def read(request: PageRequest) -> Answer:
    """Mark alerts as read, up to one."""
    up_to = request.http.form().one("up_to")
    if up_to:
        request.context.alerts.mark_read_up_to(request.user, up_to)
    if not request.http.by_htmx:
        return go("/app/alerts")
    return Answer(
        request.part("alerts/part/bulb_live.html", new=0, newest=None, stamp="0"), headers={"HX-Trigger": "read"}
    )
