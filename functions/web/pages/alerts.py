"""The light bulb and the panel behind it."""

from http import HTTPStatus

from functions.web.house import Asked
from functions.web.http import Answer

_SHOWN = 30
_WHILE_LOADING_MS = 20_000  # what happened so shortly before the bulb first asks may not be on the page yet
_LONGEST_TIME = 15  # digits


def bulb(asked: Asked) -> Answer:
    """Answer the bulb's question: how many are new, and which is the newest. Nothing where nothing changed.

    A change is *news*, on which marks and figures that the page shows are asked for anew.
    """
    page = asked.house.alerts.page(asked.user, _SHOWN, None)
    new = [alert for alert in page.items if alert.state == "new"]
    seen = asked.request.asked("seen")
    stamp = f"{len(new)}.{new[0].at}" if new else "0"
    if seen == stamp:
        return Answer("", HTTPStatus.NO_CONTENT)
    # Only what came since rings: a withdrawal, or reading in another window, brings an earlier alert to the top.
    rings = bool(new and seen) and new[0].at > _time_in(seen)
    body = asked.part("part/bulb_live.html", new=len(new), newest=new[0] if rings else None, stamp=stamp)
    fresh = bool(seen) or (bool(new) and asked.house.clock() - new[0].at < _WHILE_LOADING_MS)
    return Answer(body, headers={"HX-Trigger": "news"} if fresh else {})


def _time_in(stamp: str) -> int:
    text = stamp.partition(".")[2]
    return int(text) if text.isascii() and text.isdigit() and len(text) <= _LONGEST_TIME else 0


def panel(asked: Asked) -> Answer:
    """List the alerts."""
    page = asked.house.alerts.page(asked.user, _SHOWN, asked.request.asked("cursor") or None)
    on = asked.house.settings.read(asked.user).alerts
    whole = not asked.request.by_htmx
    template = "alerts.html" if whole else "part/panel.html"
    return Answer(asked.part(template, alerts=page.items, next=page.next, on=on))


def read(asked: Asked) -> Answer:
    """Mark alerts read, up to one."""
    up_to = asked.request.form().one("up_to")
    if up_to:
        asked.house.alerts.read_up_to(asked.user, up_to)
    return Answer(asked.part("part/bulb_live.html", new=0, newest=None, stamp="0"), headers={"HX-Trigger": "read"})
