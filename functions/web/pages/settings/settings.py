"""The settings pages: tracking, preferences, and API keys."""

from http import HTTPStatus
from typing import NamedTuple, Self
from zoneinfo import available_timezones

from markupsafe import Markup

from functions.web.context import PageRequest
from functions.web.http import Answer, go
from functions.web.pages.sign_in import sign_out
from functions.web.rendering.composer_html import clean
from ocello.domain.common.errors import Conflict, Invalid
from ocello.domain.people.preferences import LANGUAGES, THEMES
from ocello.domain.people.ringing import QuietHours, chosen
from ocello.domain.people.users import SCOPES, TrackingSettings
from ocello.services.people.api_keys import TERMS
from ocello.services.people.tracking_settings import TrackingSettingsUpdate

_KEYS = 50
_USUAL_HOURS = QuietHours.between("20:00", "08:00")
_NAMES = {"en": "English", "it": "Italiano"}


class AlertForm(NamedTuple):
    """The form of which alerts ring, as it is shown; where there are no quiet hours, it proposes some."""

    choice: str
    quiet: bool
    start: str
    end: str

    @classmethod
    def of(cls, kept: TrackingSettings) -> Self:
        """Fill the form with what is stored."""
        start, end = (kept.quiet_hours or _USUAL_HOURS).as_texts
        return cls(kept.alert_choice, kept.quiet_hours is not None, start, end)


def show(request: PageRequest) -> Answer:
    """Show the switches and preferences."""
    return settings_page(request)


def settings_page(
    request: PageRequest,
    refused: str = "",
    status: HTTPStatus = HTTPStatus.OK,
    signature: str | None = None,
    tracking: TrackingSettingsUpdate | None = None,
    alerts: AlertForm | None = None,
) -> Answer:
    """Show the settings; `signature`, `tracking` and `alerts` are what was typed and refused."""
    view = request.context.settings_editor.view(request.authenticated.user)
    signature = request.preferences.signature if signature is None else signature
    body = request.part(
        "settings/settings.html",
        tracking=tracking or view.settings,
        alerts=alerts or AlertForm.of(view.settings),
        connected=view.connected,
        preferences=request.preferences,
        signature=signature,
        preview=Markup(clean(signature)),  # noqa: S704 — cleaned in this line
        language=request.lang,
        languages=[(code, _NAMES[code]) for code in LANGUAGES],
        themes=THEMES,
        zones=sorted(available_timezones()),
        done=request.http.argument("done"),
        refused=refused,
    )
    return Answer(body, status)


def switch(request: PageRequest) -> Answer:
    """Set the three switches, and the domains that are never tracked. Tracking needs a connected account first."""
    form = request.http.form()
    typed = form.one("never_track")
    domains = tuple(typed.replace(",", " ").split()) if form.has("never_track") else None
    update = TrackingSettingsUpdate(form.has("track_opens"), form.has("track_clicks"), form.has("alerts"), domains)
    try:
        request.context.settings_editor.update(request.authenticated.user, update)
    except Conflict as error:
        return settings_page(request, request.refusal(error), HTTPStatus.CONFLICT)
    except Invalid as error:
        return settings_page(request, request.refusal(error), HTTPStatus.UNPROCESSABLE_ENTITY, tracking=update)
    return go("/app/settings?done=tracking")


def choose_alerts(request: PageRequest) -> Answer:
    """Set which alerts ring, and the quiet hours, of which there are none where their switch is off."""
    form = request.http.form()
    typed = AlertForm(form.one("alert_choice"), form.has("quiet"), form.one("from"), form.one("to"))
    try:
        quiet = QuietHours.between(typed.start, typed.end) if typed.quiet else None
        request.context.settings_editor.choose_alerts(request.authenticated.user, chosen(typed.choice), quiet)
    except Invalid as error:
        return settings_page(request, request.refusal(error), HTTPStatus.UNPROCESSABLE_ENTITY, alerts=typed)
    return go("/app/settings?done=alerts")


def prefer(request: PageRequest) -> Answer:
    """Set language, time zone, theme and shortcuts."""
    form = request.http.form()
    try:
        request.context.preference_editor.choose(
            request.user,
            form.one("language"),
            form.one("zone"),
            form.one("theme"),
            shortcuts=form.has("shortcuts"),
        )
    except Invalid as error:
        return settings_page(request, request.refusal(error), HTTPStatus.UNPROCESSABLE_ENTITY)
    return go("/app/settings?done=preferences")


def zone(request: PageRequest) -> Answer:
    """Set the time zone that the browser reports, unless the person has chosen one."""
    request.context.preference_editor.detect_zone(request.user, request.http.form().one("zone"))
    return Answer("", HTTPStatus.NO_CONTENT)


def keys(request: PageRequest) -> Answer:
    """List API keys, with a form for a new one."""
    return _keys(request)


def _keys(request: PageRequest, made: str = "", refused: str = "", status: HTTPStatus = HTTPStatus.OK) -> Answer:
    cursor = request.http.argument("cursor") or None
    page = request.context.api_keys.page(request.authenticated.user, _KEYS, cursor)
    body = request.part(
        "settings/keys.html",
        keys=page.items,
        next=page.next,
        scopes=SCOPES,
        terms=TERMS,
        made=made,
        refused=refused,
    )
    return Answer(body, status)


def make_key(request: PageRequest) -> Answer:
    """Make a key, and show its text only now."""
    form = request.http.form()
    scopes = [scope for scope in SCOPES if scope in form.all("scope")]
    try:
        _, text = request.context.api_keys.make_for(
            request.authenticated.user, form.one("name"), scopes, form.one("expires", "0")
        )
    except Invalid as error:
        return _keys(request, refused=request.refusal(error), status=HTTPStatus.UNPROCESSABLE_ENTITY)
    return _keys(request, made=text)


def revoke_key(request: PageRequest) -> Answer:
    """Revoke a key."""
    request.context.api_keys.revoke(request.authenticated.user, request.params["key"])
    return go("/app/settings/keys")


def sign_out_everywhere(request: PageRequest) -> Answer:
    """End all of the user's sessions, this one too, and continue as signing out does."""
    request.context.user_administration.sign_out_everywhere(request.principal)
    return sign_out(request.http, request.context)
