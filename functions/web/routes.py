"""The one table of pages."""

from functions.web.door import Route
from functions.web.pages import accounts, alerts, body, compose, inbox, settings, statistics, users

ROUTES: tuple[Route, ...] = (
    Route("GET", "/app", inbox.show),
    Route("GET", "/app/conversations/<conversation>", inbox.conversation),
    Route("GET", "/app/conversations/<conversation>/times", inbox.times),
    Route("GET", "/app/messages/<message>", inbox.message),
    Route("GET", "/app/messages/<message>/body", body.show),
    Route("GET", "/app/messages/<message>/hits", inbox.message_hits),
    Route("POST", "/app/messages/<message>/recipients/<index>/send", inbox.resend),
    Route("GET", "/app/compose", compose.write),
    Route("POST", "/app/check", compose.check),
    Route("POST", "/app/uploads", compose.upload),
    Route("GET", "/app/drafts", compose.drafts),
    Route("GET", "/app/drafts/<draft>", compose.resume),
    Route("POST", "/app/drafts/<draft>", compose.save),
    Route("POST", "/app/drafts/<draft>/discard", compose.discard),
    Route("POST", "/app/drafts/<draft>/send", compose.dispatch),
    Route("GET", "/app/alerts", alerts.panel),
    Route("GET", "/app/alerts/bulb", alerts.bulb, active=False),
    Route("POST", "/app/alerts/read", alerts.read),
    Route("GET", "/app/statistics", statistics.show),
    Route("GET", "/app/settings", settings.show),
    Route("POST", "/app/settings/tracking", settings.switch),
    Route("POST", "/app/settings/preferences", settings.prefer),
    Route("GET", "/app/settings/accounts", accounts.show),
    Route("POST", "/app/settings/accounts", accounts.connect),
    Route("POST", "/app/settings/accounts/disconnect", accounts.disconnect),
    Route("GET", "/app/settings/keys", settings.keys),
    Route("POST", "/app/settings/keys", settings.make_key),
    Route("POST", "/app/settings/keys/<key>/revoke", settings.revoke_key),
    Route("GET", "/app/users", users.show, "administrator"),
    Route("POST", "/app/users", users.invite, "administrator"),
    Route("POST", "/app/users/<user>/disabled", users.set_disabled, "administrator"),
)
