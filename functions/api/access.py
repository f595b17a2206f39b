"""The one table of the API's routes: which exist, which module answers each, and who may call it."""

import re
from collections.abc import Iterable
from typing import Literal, NamedTuple

from ocello.domain.common.errors import Forbidden, Invalid, NotFound
from ocello.domain.people.users import Principal

Need = Literal[
    "nobody",
    "read",
    "send",
    "settings",
    "read or settings",
    "consent:read",
    "consent:write",
    "person",
    "administrator",
]
Body = Literal["none", "json", "mail", "file"]


class Access(NamedTuple):
    """A route: the name of its operation, the module of `routes` that answers it, who may call it, and its request body.

    Who may call it is a scope, or a signed-in person (an API key is refused), or anyone; with `admin` administrators alone.
    """

    operation: str
    module: str
    method: str
    template: str
    need: Need
    body: Body = "none"
    admin: bool = False


class WrongMethod(Exception):  # noqa: N818 — a refusal, not an error of the program
    """The method is not one of the path's; `allowed` holds those that are."""

    def __init__(self, allowed: Iterable[str]) -> None:
        self.allowed = tuple(sorted(allowed))
        super().__init__(f"allowed: {', '.join(self.allowed)}")


ROUTES: tuple[Access, ...] = (
    Access("readDescription", "docs", "GET", "/v1/openapi.json", "nobody"),
    Access("showReference", "docs", "GET", "/v1/docs", "nobody"),
    Access("sendMessage", "mail.messages", "POST", "/v1/messages", "send", "json"),
    Access("listMessages", "mail.messages", "GET", "/v1/messages", "read"),
    Access("readMessage", "mail.messages", "GET", "/v1/messages/<message_id>", "read"),
    Access("shareMessage", "mail.messages", "PATCH", "/v1/messages/<message_id>", "send", "json"),
    Access("listHits", "mail.messages", "GET", "/v1/messages/<message_id>/hits", "read"),
    Access("listReplies", "mail.received", "GET", "/v1/messages/<message_id>/replies", "read"),
    Access("listReceived", "mail.received", "GET", "/v1/conversations/<conversation_id>/received", "read"),
    Access("readSource", "mail.messages", "GET", "/v1/messages/<message_id>/source", "read"),
    Access("sendAgain", "mail.messages", "POST", "/v1/messages/<message_id>/recipients/<index>/send", "send"),
    Access("readMute", "mail.alerts", "GET", "/v1/messages/<message_id>/mute", "read or settings"),
    Access("muteMessage", "mail.alerts", "PUT", "/v1/messages/<message_id>/mute", "settings"),
    Access("unmuteMessage", "mail.alerts", "DELETE", "/v1/messages/<message_id>/mute", "settings"),
    Access("rejudgeMessage", "mail.messages", "POST", "/v1/messages/<message_id>/rejudge", "read"),
    Access("track", "mail.track", "POST", "/v1/track", "send", "mail"),
    Access("readForecast", "mail.forecast", "GET", "/v1/forecast", "read"),
    Access("makeUpload", "mail.uploads", "POST", "/v1/uploads", "send"),
    Access("listItems", "items.items", "GET", "/v1/items", "read"),
    Access("importItems", "imports", "POST", "/v1/items/import", "send", "file"),
    Access("listImports", "imports", "GET", "/v1/imports", "read"),
    Access("readImport", "imports", "GET", "/v1/imports/<import_id>", "read"),
    Access("writeItem", "items.items", "PUT", "/v1/items/<item_type>/<item_id>", "send", "json"),
    Access("readItem", "items.items", "GET", "/v1/items/<item_type>/<item_id>", "read"),
    Access("deleteItem", "items.items", "DELETE", "/v1/items/<item_type>/<item_id>", "send"),
    Access("listItemMessages", "items.items", "GET", "/v1/items/<item_type>/<item_id>/messages", "read"),
    Access("readItemStats", "items.items", "GET", "/v1/items/<item_type>/<item_id>/stats", "read"),
    Access("readSettings", "people.settings", "GET", "/v1/settings", "read or settings"),
    Access("writeSettings", "people.settings", "PUT", "/v1/settings", "settings", "json"),
    Access("listAlerts", "mail.alerts", "GET", "/v1/alerts", "read"),
    Access("readAlerts", "mail.alerts", "POST", "/v1/alerts/read", "read", "json"),
    Access("readStats", "mail.stats", "GET", "/v1/stats", "read"),
    Access("makeKey", "people.keys", "POST", "/v1/keys", "person", "json"),
    Access("listKeys", "people.keys", "GET", "/v1/keys", "person"),
    Access("revokeKey", "people.keys", "DELETE", "/v1/keys/<key_id>", "person"),
    Access("listAccounts", "people.accounts", "GET", "/v1/accounts", "person"),
    Access("readAccount", "people.accounts", "GET", "/v1/accounts/<address>", "person"),
    Access("connectAccount", "people.accounts", "PUT", "/v1/accounts/<address>", "person", "json"),
    Access("disconnectAccount", "people.accounts", "DELETE", "/v1/accounts/<address>", "person"),
    Access("readSuppression", "mail.suppressions", "GET", "/v1/suppressions/<address>", "person"),
    Access("liftSuppression", "mail.suppressions", "DELETE", "/v1/suppressions/<address>", "person"),
    Access("askForConsent", "people.consents", "POST", "/v1/consents/requests", "consent:write", "json"),
    Access("importConsents", "imports", "POST", "/v1/consents/import", "consent:write", "file"),
    Access("readConsent", "people.consents", "GET", "/v1/consents/<address>", "consent:read"),
    Access("writeConsent", "people.consents", "PUT", "/v1/consents/<address>", "consent:write", "json"),
    Access("proveConsent", "people.consents", "GET", "/v1/consents/<address>/proof", "consent:read"),
    Access("requestSubject", "people.subjects", "POST", "/v1/subjects", "consent:write", "json", admin=True),
    Access("readSubject", "people.subjects", "GET", "/v1/subjects/<job_id>", "consent:write", admin=True),
    Access("listUsers", "people.users", "GET", "/v1/users", "administrator"),
    Access("inviteUser", "people.users", "POST", "/v1/users", "administrator", "json"),
    Access("changeUser", "people.users", "PUT", "/v1/users/<user_id>", "administrator", "json"),
    Access("inviteUserAgain", "people.users", "POST", "/v1/users/<user_id>/invitation", "administrator"),
    Access(
        "connectAccountForUser",
        "people.users",
        "PUT",
        "/v1/users/<user_id>/accounts/<address>",
        "administrator",
        "json",
    ),
    Access("signOutEverywhere", "people.sessions", "DELETE", "/v1/sessions", "person"),
    Access("readAuditTrail", "people.audit", "GET", "/v1/audit", "administrator"),
    Access("readRules", "people.rules", "GET", "/v1/rules", "administrator"),
    Access("changeRules", "people.rules", "PUT", "/v1/rules", "administrator", "json"),
)

_PATTERNS = tuple((re.compile(re.sub(r"<\w+>", "[^/]+", route.template)), route) for route in ROUTES)
_SLASHED = re.compile(r"/v1/consents/.*/.*@.*")  # gateways decode paths: an address with a slash becomes segments
_NAMED = {route.operation: route for route in ROUTES}


def named(operation: str) -> Access:
    """Return the route of an operation."""
    return _NAMED[operation]


def find(method: str, path: str) -> Access:
    """Return the route of a request. Raises NotFound or WrongMethod, and Invalid for an address with a slash."""
    here = {route.method: route for route in ROUTES if route.template == path}
    here = here or {route.method: route for pattern, route in _PATTERNS if pattern.fullmatch(path)}
    if not here:
        if _SLASHED.fullmatch(path):
            raise Invalid("address", "must have no ?, # or /: not every gateway hands them on unharmed")
        raise NotFound("there is nothing at this address")
    if method not in here:
        raise WrongMethod(here)
    return here[method]


def allow(principal: Principal, route: Access) -> None:
    """Raise Forbidden, naming what is missing, unless `principal` may call a route."""
    need = route.need
    if need == "administrator" and (principal.by_key or not principal.user.admin):
        raise Forbidden("only an administrator who signed in may do this")
    if need == "person" and principal.by_key:
        raise Forbidden("an API key may not do this: sign in")
    scopes = {"read or settings": ("read", "settings")}.get(need, (need,))
    if need not in ("person", "administrator") and principal.scopes.isdisjoint(scopes):
        raise Forbidden(f"this API key lacks the scope: {need}")
    if route.admin and not principal.user.admin:
        raise Forbidden("only an administrator, or an administrator's API key, may do this")
