"""The one table of routes: which there are, and what each asks of whoever calls it."""

import re
from collections.abc import Iterable
from typing import Literal, NamedTuple

from ocello.domain.common.errors import Forbidden, NotFound
from ocello.domain.people.users import Principal

Need = Literal["nobody", "read", "send", "settings", "read or settings", "person", "administrator"]
Body = Literal["none", "json", "mail", "items"]


class Access(NamedTuple):
    """A route and its need: a scope, or a signed-in person (no API key will do), or nobody at all; and the body it takes."""

    method: str
    template: str
    need: Need
    body: Body = "none"


class WrongMethod(Exception):  # noqa: N818 — a refusal, not a failure
    """A path that exists, asked in a way that does not; `allowed` are the ways that do."""

    def __init__(self, allowed: Iterable[str]) -> None:
        self.allowed = tuple(sorted(allowed))
        super().__init__(f"allowed: {', '.join(self.allowed)}")


ROUTES: tuple[Access, ...] = (
    Access("GET", "/v1/openapi.json", "nobody"),
    Access("GET", "/v1/docs", "nobody"),
    Access("POST", "/v1/messages", "send", "json"),
    Access("GET", "/v1/messages", "read"),
    Access("GET", "/v1/messages/<message_id>", "read"),
    Access("PATCH", "/v1/messages/<message_id>", "send", "json"),
    Access("GET", "/v1/messages/<message_id>/hits", "read"),
    Access("GET", "/v1/messages/<message_id>/source", "read"),
    Access("POST", "/v1/messages/<message_id>/recipients/<index>/send", "send"),
    Access("POST", "/v1/track", "send", "mail"),
    Access("POST", "/v1/uploads", "send"),
    Access("GET", "/v1/items", "read"),
    Access("POST", "/v1/items/import", "send", "items"),
    Access("GET", "/v1/imports", "read"),
    Access("GET", "/v1/imports/<import_id>", "read"),
    Access("PUT", "/v1/items/<item_type>/<item_id>", "send", "json"),
    Access("GET", "/v1/items/<item_type>/<item_id>", "read"),
    Access("DELETE", "/v1/items/<item_type>/<item_id>", "send"),
    Access("GET", "/v1/items/<item_type>/<item_id>/messages", "read"),
    Access("GET", "/v1/items/<item_type>/<item_id>/stats", "read"),
    Access("GET", "/v1/settings", "read or settings"),
    Access("PUT", "/v1/settings", "settings", "json"),
    Access("GET", "/v1/alerts", "read"),
    Access("POST", "/v1/alerts/read", "read", "json"),
    Access("GET", "/v1/stats", "read"),
    Access("POST", "/v1/keys", "person", "json"),
    Access("GET", "/v1/keys", "person"),
    Access("DELETE", "/v1/keys/<key_id>", "person"),
    Access("GET", "/v1/accounts", "person"),
    Access("GET", "/v1/accounts/<address>", "person"),
    Access("PUT", "/v1/accounts/<address>", "person", "json"),
    Access("DELETE", "/v1/accounts/<address>", "person"),
    Access("GET", "/v1/suppressions/<address>", "person"),
    Access("DELETE", "/v1/suppressions/<address>", "person"),
    Access("GET", "/v1/users", "administrator"),
    Access("POST", "/v1/users", "administrator", "json"),
    Access("PUT", "/v1/users/<user_id>", "administrator", "json"),
    Access("POST", "/v1/users/<user_id>/invitation", "administrator"),
    Access("PUT", "/v1/users/<user_id>/accounts/<address>", "administrator", "json"),
    Access("DELETE", "/v1/sessions", "person"),
    Access("GET", "/v1/audit", "administrator"),
)

_PATTERNS = tuple((re.compile(re.sub(r"<\w+>", "[^/]+", route.template)), route) for route in ROUTES)


def find(method: str, path: str) -> Access:
    """Return the route of a request. Raises NotFound or WrongMethod."""
    here = {route.method: route for pattern, route in _PATTERNS if pattern.fullmatch(path)}
    if not here:
        raise NotFound("there is nothing at this address")
    if method not in here:
        raise WrongMethod(here)
    return here[method]


def allow(principal: Principal, need: Need) -> None:
    """Let `principal` pass where it meets `need`. Raises Forbidden with what is missing."""
    if need == "administrator" and (principal.by_key or not principal.user.admin):
        raise Forbidden("only an administrator who signed in may do this")
    if need == "person" and principal.by_key:
        raise Forbidden("an API key may not do this: sign in")
    scopes = {"read or settings": ("read", "settings")}.get(need, (need,))
    if need not in ("person", "administrator") and principal.scopes.isdisjoint(scopes):
        raise Forbidden(f"this API key lacks the scope: {need}")
