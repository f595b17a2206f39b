"""The page of one address's consent: what is known and how it came, asking for it, and what somebody said aloud."""

import datetime as dt
import json
import re
from http import HTTPStatus
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from functions.web.context import PageRequest
from functions.web.http import Answer, Form, go
from ocello.domain.common.errors import Conflict, Invalid, OcelloError, TooMany
from ocello.domain.common.texts import Text
from ocello.domain.consent.modes import AXES, Axis
from ocello.domain.consent.notices import NOTICE_LANGUAGES, NoticeLanguage
from ocello.services.consent.evidence import STATED_EVENTS, StatedEvent, StatedEvidence

_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_LOCAL = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d", re.ASCII)  # a day and a time without a zone, as browsers write it
_LONGEST_HEARD = 200
_TYPED = ("opens", "links", "heard", "at", "words")


def show(request: PageRequest) -> Answer:
    """Show what is known of an address."""
    return _page(request, request.http.argument("address"))


def ask(request: PageRequest) -> Answer:
    """Ask somebody by a mail that is not tracked; the composer is answered by a sentence, for it stays as it is."""
    form = request.http.form()
    address = form.one("address")
    try:
        question, _ = request.context.asking.ask(request.principal, address, _language(form), _purposes(form))
    except (Invalid, Conflict, TooMany) as error:
        if request.http.by_htmx:
            return Answer(request.part("consents/part/asked.html", refused=request.refusal(error)), _status(error))
        return _page(request, address, error)
    if request.http.by_htmx:
        return Answer(request.part("consents/part/asked.html", refused=""))
    return _done(question.address, "asked")


def note(request: PageRequest) -> Answer:
    """Write down what somebody said aloud."""
    form = request.http.form()
    address = form.one("address")
    try:
        events, evidence = _spoken(request, form)
        plain, _ = request.context.consent_evidence.record(request.authenticated.user, address, events, evidence)
    except (Invalid, Conflict) as error:
        return _page(request, address, error, {name: form.one(name) for name in _TYPED})
    return _done(plain, "noted")


def _spoken(request: PageRequest, form: Form) -> tuple[dict[Axis, StatedEvent], StatedEvidence]:
    """Return what was said aloud of which purposes, and who heard it in which words. Raises Invalid."""
    events = {axis: event for axis in AXES if (event := _event(form, axis)) is not None}
    if not events:
        raise Invalid("opens", "or clicks: choose what was said")
    heard, words = form.one("heard").strip(), form.one("words").strip()
    if not heard or len(heard) > _LONGEST_HEARD:
        raise Invalid("heard", Text("must be 1 to %(most)s characters", most=_LONGEST_HEARD))
    if not words:
        raise Invalid("words", "must be what was said")
    return events, StatedEvidence(f"{heard}: {words}", _time(request, form.one("at")), "", "spoken")


def proof(request: PageRequest) -> Answer:
    """Return the signed proof as a file."""
    signed = request.context.consent_evidence.proof(request.http.argument("address"))
    text = json.dumps(signed.document(), indent=1, ensure_ascii=False)
    headers = {"Content-Disposition": 'attachment; filename="consent-proof.json"'}
    return Answer(text, content_type="application/json; charset=utf-8", headers=headers)


def address_of(address: str, **more: str) -> str:
    """Return the address of the page of somebody's consent."""
    return f"/app/consents?{urlencode({'address': address, **more})}"


def _done(address: str, what: str) -> Answer:
    return go(address_of(address, done=what))


def _page(
    request: PageRequest, address: str, error: OcelloError | None = None, typed: dict[str, str] | None = None
) -> Answer:
    me = request.authenticated.user
    view = request.context.consent_views.read(request.principal, address, request.http.argument("cursor") or None)
    body = request.part(
        "consents/consent.html",
        view=view,
        refused=request.refusal(error) if error else "",
        hindrance=request.refusal(view.hindrance) if view.hindrance else "",
        typed=typed or dict.fromkeys(_TYPED, "") | {"heard": me.name or me.address},
        languages=NOTICE_LANGUAGES,
        events=STATED_EVENTS,
        older=address_of(view.address, cursor=view.said.next) if view.said.next else None,
        first=not request.http.argument("cursor"),
        done=request.http.argument("done"),
    )
    return Answer(body, _status(error))


def _status(error: OcelloError | None) -> HTTPStatus:
    if error is None:
        return HTTPStatus.OK
    if isinstance(error, TooMany):
        return HTTPStatus.TOO_MANY_REQUESTS
    return HTTPStatus.UNPROCESSABLE_ENTITY if isinstance(error, Invalid) else HTTPStatus.CONFLICT


def _language(form: Form) -> NoticeLanguage:
    chosen = form.one("language")
    found = next((each for each in NOTICE_LANGUAGES if each == chosen), None)
    if found is None:
        raise Invalid("language", Text("must be one of %(known)s", known=", ".join(NOTICE_LANGUAGES)))
    return found


def _purposes(form: Form) -> list[Axis]:
    chosen = form.all("purposes")
    return [axis for axis in AXES if axis in chosen]


def _event(form: Form, axis: Axis) -> StatedEvent | None:
    chosen = form.one(axis)
    return next((event for event in STATED_EVENTS if event == chosen), None)


def _time(request: PageRequest, text: str) -> int:
    """Return the time (ms) that a browser sends, in the person's zone. Raises Invalid."""
    wrong = Invalid("at", "must be a day and a time, such as 2026-01-31T09:30")
    if not _LOCAL.fullmatch(text):
        raise wrong
    try:
        local = dt.datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(request.preferences.zone or "UTC"))
    except ValueError:
        raise wrong from None
    return (local - _EPOCH) // dt.timedelta(milliseconds=1)
