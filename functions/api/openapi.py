"""Makes the OpenAPI 3.1 document from the routes, and from it the page to try the API."""

import functools
import json
from typing import Any

from functions.api import reference
from functions.api.access import ROUTES, Access
from functions.api.problems import CONTENT_TYPE
from functions.api.resolver import with_all
from ocello.domain.messages.message import MAX_REQUEST_BYTES

VERSION = "1"
_ABOUT = (
    "Send tracked mail and see who opened it and who clicked. Times are RFC 3339, UTC, with milliseconds. Lists are "
    "paged by `limit` and `cursor`. Every error is a problem document (RFC 9457) which names the fields at fault."
)
_SCHEMES = {
    "token": {
        "type": "http",
        "scheme": "bearer",
        "description": "An OIDC access or ID token of a sign-in. Sign in with the ID token the first time.",
    },
    "key": {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "ock_…",
        "description": "An API key that a user made, with some of the scopes `read`, `send`, `settings`, `consent:read`, "
        "`consent:write`.",
    },
}
_TAGS = {
    "messages": "Mail: sent, instrumented, shown with its engagement.",
    "items": "Deals, leads, projects, persons and organizations, by the CRM's own ids.",
    "settings": "A user's switches.",
    "alerts": "Someone opened or clicked.",
    "stats": "Figures of days.",
    "keys": "API keys. Only for who signed in.",
    "accounts": "Addresses to send from. Only for who signed in.",
    "suppressions": "Addresses that are not sent to any more. Only for who signed in.",
    "consents": "What people said of being tracked, and the proof of it.",
    "users": "People who may sign in. Only for administrators.",
    "rules": "The rules of tracking that hold for everybody. Only for administrators.",
}
_REASONS = {
    400: "The body cannot be read",
    401: "Nobody known asks",
    403: "Whoever asks may not do this",
    404: "There is no such thing, or it is not for whoever asks",
    409: "It does not fit the present state",
    413: f"More than {MAX_REQUEST_BYTES:,} bytes, or 25 MB with attachments",
    415: "The body is of another media type",
    422: "A field or parameter is not as it must be",
    429: "More than may be sent in a minute; try again after `Retry-After` seconds",
    500: "A failure on our side",
    503: "A part of the service does not answer; try again",
}
# Answers besides those that follow from a route's path and body.
_MORE = {
    "sendMessage": {409, 429},
    "sendAgain": {409, 429},
    "writeSettings": {409},
    "inviteUser": {409},
    "inviteUserAgain": {409},
    "changeUser": {409},
    "changeRules": {409},
    "readStats": {404},
    "writeConsent": {409},
    "askForConsent": {409, 429},
    "track": {429},
}


@functools.cache
def document() -> dict[str, Any]:
    """Return the whole document."""
    from functions.api.schemas import Problem  # noqa: PLC0415 — the same

    made: dict[str, Any] = json.loads(
        with_all().get_openapi_json_schema(title="Ocello", version=VERSION, description=_ABOUT, openapi_version="3.1.0")
    )
    schemas = made["components"]["schemas"]
    for name in ("HTTPValidationError", "ValidationError", "ResponseValidationError"):
        schemas.pop(name, None)
    problem = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas.update(problem.pop("$defs"))
    schemas["Problem"] = problem
    made["components"]["securitySchemes"] = _SCHEMES
    made["tags"] = [{"name": name, "description": text} for name, text in _TAGS.items()]
    for route in ROUTES:
        operation = made["paths"].get(route.template.replace("<", "{").replace(">", "}"), {}).get(route.method.lower())
        if operation is not None:
            _complete(operation, route)
    return _sorted(made)


def text() -> str:
    """Return the document as JSON."""
    return json.dumps(document(), ensure_ascii=False, separators=(",", ":"))


@functools.cache
def page() -> str:
    """Return the HTML of the page to try the API."""
    return reference.page(document())


def _complete(operation: dict[str, Any], route: Access) -> None:
    """Add who may call an operation, and every problem that it may answer with."""
    responses = {code: answer for code, answer in operation["responses"].items() if code not in ("422", "500")}
    statuses = {401, 403, 422, 500, 503}
    if "<" in route.template:
        statuses.add(404)
    if route.body != "none":
        statuses |= {400, 413, 415}
    statuses |= _MORE.get(operation["operationId"], set())
    for status in sorted(statuses):
        schema = {"$ref": "#/components/schemas/Problem"}
        responses[str(status)] = {"description": _REASONS[status], "content": {CONTENT_TYPE: {"schema": schema}}}
    operation["responses"] = responses
    by_key: list[dict[str, list[str]]] = [] if route.need in ("person", "administrator") else [{"key": []}]
    operation["security"] = [{"token": []}, *by_key]
    if by_key:
        whose = "; administrators' keys only" if route.admin else ""
        operation["description"] = f"{operation.get('description', '')} Scope: {route.need}{whose}.".strip()


def _sorted(made: dict[str, Any]) -> dict[str, Any]:
    """Sort the paths and schemas, so that their order does not depend on that of the modules."""
    order = {route.template.replace("<", "{").replace(">", "}"): place for place, route in enumerate(ROUTES)}
    made["paths"] = dict(sorted(made["paths"].items(), key=lambda entry: order[entry[0]]))
    made["components"]["schemas"] = dict(sorted(made["components"]["schemas"].items()))
    return made
