"""Makes the recipient's page as HTML, in one of three languages: no script, nothing from elsewhere, every value escaped."""

import base64
import hashlib
from collections.abc import Mapping
from functools import cache
from http import HTTPStatus
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote

from jinja2 import Template

from ocello.adapters import templates
from ocello.adapters.consent import notice_files
from ocello.domain.common.times import day_of, rfc3339
from ocello.domain.consent.modes import AXES, Axis
from ocello.domain.consent.notices import NOTICE_LANGUAGES, NoticeLanguage, NoticeText
from ocello.domain.consent.states import CLOSED
from ocello.domain.messages.footers import written_day
from ocello.services.consent.page import STOPS, Shown
from ocello.services.retention.rights_page import ShownRight

_HERE = Path(__file__).parent
_STYLE = (_HERE / "style.css").read_text(encoding="utf-8")
_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
HEADERS: Mapping[str, str] = {
    "Content-Type": "text/html; charset=utf-8",
    "Cache-Control": "no-store",
    "Content-Security-Policy": f"default-src 'none'; style-src 'sha256-{_HASH}'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex",
    "Vary": "Accept-Language",
}
_NAMES: Mapping[NoticeLanguage, str] = {"it": "Italiano", "fr": "Français", "en": "English"}


class Operator(NamedTuple):
    """Who records, whom to ask (each may be empty), and for how many days hits and what they came to are kept."""

    name: str
    contact: str
    days: int
    engagement_days: int


class StatusMessage(NamedTuple):
    """A sentence about the request (WCAG 2.2, 4.1.3), by the name of its words, with its values."""

    words: str
    values: Mapping[str, str | int] = {}


class View(NamedTuple):
    """What a page shows. `shown` is None if what applies cannot be read; without `form` there is nothing to choose.

    With a `ticket`, the secret of a link about an export or an erasure, the page shows `right` instead.
    """

    language: NoticeLanguage
    now: int
    status: HTTPStatus = HTTPStatus.OK
    message: StatusMessage | None = None
    shown: Shown | None = None
    form: str = ""
    ticket: str = ""
    right: ShownRight | None = None


class Line(NamedTuple):
    """What applies for one purpose: its name, the state's name, and since when."""

    name: str
    state: str
    since: str


def text_of(language: NoticeLanguage) -> NoticeText:
    """Return the text that the page shows in a language."""
    return notice_files.texts("page")[language]


def page(view: View, operator: Operator) -> str:
    """Return the whole page."""
    words, text = notice_files.page_words(view.language), text_of(view.language)
    contact = operator.contact or words["reply"]
    values: dict[str, str | int] = {
        "controller": operator.name or words["somebody"],
        "contact": contact,
        "days": operator.days,
        "engagement": operator.engagement_days,
        "until": _until(view),
    }
    message = view.message and words[view.message.words].format(**values, **view.message.values)
    unknown = view.status == HTTPStatus.NOT_FOUND
    of_right = bool(view.ticket) and not unknown
    return _template("right.html" if of_right else "page.html").render(
        view=view,
        unknown=unknown,
        title=_title(view, words, text.line("title", **values)),
        ticket=f"&ticket={quote(view.ticket)}" if of_right else "",
        words={name: _filled(value, values) for name, value in words.items()},
        text=text,
        values=values,
        message=message,
        failed=view.status >= HTTPStatus.BAD_REQUEST,
        lines=[] if view.shown is None else _lines(view.shown, view, words),
        buttons=_buttons(view),
        asked=_asked(view.shown),
        languages=[(each, _NAMES[each]) for each in NOTICE_LANGUAGES],
        version=words["text_version"].format(version=text.version, date=written_day(text.since, view.language)),
        style=_STYLE,
    )


def _lines(shown: Shown, view: View, words: Mapping[str, str]) -> list[Line]:
    """Return what applies for opens and for links."""
    found: list[Line] = []
    for axis in AXES:
        consent = shown.consent.of(axis)
        state = consent.known(view.now)
        day = "" if state == "unknown" else written_day(day_of(consent.at), view.language)
        found.append(Line(words[axis], words[state], day and words["since"].format(date=day)))
    return found


class Button(NamedTuple):
    """What can be chosen: the form's value, and the name of its words."""

    do: str
    words: str


def _asked(shown: Shown | None) -> str:
    """Return by which name the words go that ask what this link may allow; empty where it may allow nothing."""
    if shown is None or not shown.allows:
        return ""
    return "both" if shown.allows == AXES else shown.allows[0]


def _buttons(view: View) -> list[Button]:
    """Return what can be chosen; what is refused already cannot be refused again."""
    if not view.form:
        return []
    shown = view.shown
    closed: set[Axis] = set() if shown is None else {axis for axis in AXES if shown.consent.of(axis).state in CLOSED}
    stops = [*STOPS] if not closed else [stop for axis, stop in zip(AXES, STOPS, strict=False) if axis not in closed]
    allows = [axis for axis in shown.allows if shown.consent.of(axis).known(view.now) != "granted"] if shown else []
    allow = [Button("allow", f"allow_{_asked(shown)}")] if allows else []
    return [*allow, *(Button(stop, stop) for stop in reversed(stops))]


def _filled(words: str, values: Mapping[str, str | int]) -> str:
    """Return words with the stack's values, if they have places for them; the values of one answer are put in by it."""
    return words.format(**values) if "{contact}" in words or "{until}" in words else words


def _title(view: View, words: Mapping[str, str], title: str) -> str:
    if view.status == HTTPStatus.NOT_FOUND:
        return words["unknown_title"]
    return words[f"{view.right.do}_title"] if view.right else title


def _until(view: View) -> str:
    """Return up to when what a link is for can be had, in UTC."""
    if view.right is None or not view.right.until:
        return ""
    at = rfc3339(view.right.until)
    return f"{written_day(at[:10], view.language)} {at[11:16]}"


@cache
def _template(name: str) -> Template:
    return templates.environment(_HERE / "templates").get_template(name)
