"""The settings pages: the switches of tracking, what a person prefers, and API keys."""

from http import HTTPStatus
from zoneinfo import available_timezones

from markupsafe import Markup

from functions.web.context import PageRequest
from functions.web.http import Answer, go
from functions.web.pages.composer_html import clean
from functions.web.pages.sign_in import leave
from functions.web.pages.users import principal
from ocello.domain.common.errors import Conflict, Invalid
from ocello.domain.common.times import DAY_MS
from ocello.domain.people.preferences import LANGUAGES, THEMES, checked
from ocello.domain.people.users import SCOPES, TrackingSettings
from ocello.services.accounts import accounts
from ocello.services.people import api_keys, users

_TERMS = (90, 30, 365, 0)  # days that a new key may work; 0: without an end
_NAMES = {"en": "English", "it": "Italiano"}


def show(asked: PageRequest) -> Answer:
    """Show the switches and preferences."""
    return settings_page(asked)


def settings_page(
    asked: PageRequest,
    refused: str = "",
    status: HTTPStatus = HTTPStatus.OK,
    signature: str | None = None,
    tracking: TrackingSettings | None = None,
) -> Answer:
    """Show the settings; `signature` and `tracking` are what was typed and refused."""
    signature = asked.preferences.signature if signature is None else signature
    connected = [account for account in asked.house.accounts.of(asked.user) if account.verified]
    body = asked.part(
        "settings.html",
        tracking=tracking or asked.house.settings.read(asked.user),
        connected=connected,
        preferences=asked.preferences,
        signature=signature,
        preview=Markup(clean(signature)),  # noqa: S704 — cleaned in this line
        language=asked.lang,
        languages=[(code, _NAMES[code]) for code in LANGUAGES],
        themes=THEMES,
        zones=sorted(available_timezones()),
        done=asked.request.asked("done"),
        refused=refused,
    )
    return Answer(body, status)


def switch(asked: PageRequest) -> Answer:
    """Set the three switches, and the domains never to track. Tracking needs a connected account first."""
    form = asked.request.form()
    now = asked.house.settings.read(asked.user)
    typed = form.one("never_track")
    domains = tuple(typed.replace(",", " ").split()) if form.has("never_track") else now.never_track
    wanted = TrackingSettings(
        form.has("track_opens"), form.has("track_clicks"), form.has("alerts"), never_track=domains
    )
    try:
        accounts.change_settings(asked.visit.user, wanted, asked.house.settings, asked.house.accounts)
    except Conflict as error:
        return settings_page(asked, asked.refusal(error), HTTPStatus.CONFLICT)
    except Invalid as error:
        return settings_page(asked, asked.refusal(error), HTTPStatus.UNPROCESSABLE_ENTITY, tracking=wanted)
    return go("/app/settings?done=tracking")


def prefer(asked: PageRequest) -> Answer:
    """Set language, time zone and theme."""
    form = asked.request.form()
    try:
        preferences = checked(
            form.one("language"), form.one("zone"), form.one("theme"), frozenset(available_timezones())
        )
    except Invalid as error:
        return settings_page(asked, asked.refusal(error), HTTPStatus.UNPROCESSABLE_ENTITY)
    asked.house.preferences.choose(asked.user, preferences)
    return go("/app/settings?done=preferences")


def zone(asked: PageRequest) -> Answer:
    """Take the browser's word for where a person is, as long as the person has not said it."""
    told = asked.request.form().one("zone")
    if not asked.preferences.zone and told in available_timezones():
        asked.house.preferences.settle_zone(asked.user, told)
    return Answer("", HTTPStatus.NO_CONTENT)


def keys(asked: PageRequest) -> Answer:
    """List API keys, with a form for a new one."""
    return _keys(asked)


def _keys(asked: PageRequest, made: str = "", refused: str = "", status: HTTPStatus = HTTPStatus.OK) -> Answer:
    page = asked.house.keys.page(asked.user, 50, asked.request.asked("cursor") or None)
    body = asked.part(
        "keys.html",
        keys=page.items,
        next=page.next,
        scopes=SCOPES,
        terms=_TERMS,
        now=asked.house.clock(),
        made=made,
        refused=refused,
    )
    return Answer(body, status)


def make_key(asked: PageRequest) -> Answer:
    """Make a key, and show its text this once."""
    form = asked.request.form()
    scopes = [scope for scope in SCOPES if scope in form.all("scope")]
    house = asked.house
    try:
        _, text = api_keys.make(
            asked.visit.user,
            form.one("name"),
            scopes,
            keys=house.keys,
            clock=house.clock,
            random_bytes=house.random_bytes,
            expires_at=_end(form.one("expires", "0"), house.clock()),
        )
    except Invalid as error:
        return _keys(asked, refused=asked.refusal(error), status=HTTPStatus.UNPROCESSABLE_ENTITY)
    return _keys(asked, made=text)


def revoke_key(asked: PageRequest) -> Answer:
    """Revoke a key."""
    api_keys.revoke(asked.visit.user, asked.params["key"], asked.house.keys, asked.house.clock)
    return go("/app/settings/keys")


def _end(days: str, now: int) -> int:
    """Return when a key expires, of a form's choice. Raises Invalid."""
    if days not in (str(term) for term in _TERMS):
        raise Invalid("expires_at", "is none of those offered")
    return now + int(days) * DAY_MS if int(days) else 0


def sign_out_everywhere(asked: PageRequest) -> Answer:
    """End all sessions of the asker, this one too, and go on as signing out does."""
    users.sign_out_everywhere(principal(asked), asked.house.users, asked.house.clock)
    return leave(asked.request, asked.house)
