"""Turns errors into problem documents (RFC 9457); the one table from our errors to HTTP statuses."""

import json
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from functions.api.access import WrongMethod
from functions.api.bodies import Malformed, WrongMedia
from ocello.domain.common import errors

CONTENT_TYPE = "application/problem+json"

_STATUS: dict[type[Exception], HTTPStatus] = {
    Malformed: HTTPStatus.BAD_REQUEST,
    errors.Unauthenticated: HTTPStatus.UNAUTHORIZED,
    errors.Forbidden: HTTPStatus.FORBIDDEN,
    errors.NotFound: HTTPStatus.NOT_FOUND,
    WrongMethod: HTTPStatus.METHOD_NOT_ALLOWED,
    errors.Conflict: HTTPStatus.CONFLICT,
    errors.TooLarge: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    WrongMedia: HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    errors.Invalid: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.TooMany: HTTPStatus.TOO_MANY_REQUESTS,
    errors.Unavailable: HTTPStatus.SERVICE_UNAVAILABLE,
}
KNOWN = tuple(_STATUS)
_TYPES = "urn:ocello:problem:"
_SILENT: dict[HTTPStatus, str] = {
    HTTPStatus.INTERNAL_SERVER_ERROR: "Something went wrong on our side. It was recorded.",
    HTTPStatus.SERVICE_UNAVAILABLE: "A part of the service does not answer. Try again in a moment.",
}
_TITLES = {
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "Content Too Large",
    HTTPStatus.UNPROCESSABLE_ENTITY: "Unprocessable Content",
}


def answer_to(error: Exception) -> dict[str, Any]:
    """Return the gateway's answer to an error; an error that is not ours is a 500 without any details."""
    status = next((found for kind, found in _STATUS.items() if isinstance(error, kind)), None)
    if status is None:
        return problem(HTTPStatus.INTERNAL_SERVER_ERROR)
    headers: dict[str, str] = {}
    if status is HTTPStatus.UNAUTHORIZED:
        headers["WWW-Authenticate"] = 'Bearer realm="ocello"'
    if isinstance(error, WrongMethod):
        headers["Allow"] = ", ".join(error.allowed)
    if isinstance(error, errors.TooMany):
        headers["Retry-After"] = str(error.seconds)
    if status is HTTPStatus.SERVICE_UNAVAILABLE:
        headers["Retry-After"] = "2"
    silent = status in _SILENT and not isinstance(error, errors.NotQueued)  # otherwise its text is for the operator
    fields = ((error.field, error.reason),) if isinstance(error, errors.Invalid) else ()
    more: Mapping[str, str] = {}
    if isinstance(error, errors.TrackingNotPermitted):
        more = _refused_mode(error)
    elif isinstance(error, errors.AskingRefused):
        more = {"type": f"{_TYPES}{error.kind}", "title": "May Not Be Asked"}
    return problem(status, "" if silent else str(error), fields, headers, more)


def _refused_mode(error: errors.TrackingNotPermitted) -> Mapping[str, str]:
    """Return what is said beside the text of a mode that is not permitted: a type of its own, and the level that forbids."""
    return {"type": f"{_TYPES}tracking-not-permitted", "title": "Tracking Not Permitted", "limited_by": error.level}


def problem(
    status: HTTPStatus,
    detail: str = "",
    fields: Sequence[tuple[str, str]] = (),
    headers: Mapping[str, str] | None = None,
    more: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """Return an answer with a problem document.

    `fields` are pairs of a field's name and what is wrong with it, `more` what is
    said besides or otherwise.
    """
    document: dict[str, Any] = {
        "type": "about:blank",
        "title": _TITLES.get(status, status.phrase),
        "status": int(status),
        "detail": detail or _SILENT.get(status, ""),
        **(more or {}),
    }
    if fields:
        document["errors"] = [{"field": field, "reason": reason} for field, reason in fields]
    return {
        "statusCode": int(status),
        "headers": {"Content-Type": CONTENT_TYPE, "Cache-Control": "no-store", **(headers or {})},
        "body": json.dumps(document, ensure_ascii=False),
        "isBase64Encoded": False,
    }


def validation_problem(found: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the answer to a request that does not match its schema, with fields named as in `items[0].id`."""
    fields = tuple((_field(error["loc"]), _reason(error)) for error in found)
    detail = "; ".join(f"{field}: {reason}" for field, reason in fields[:3])
    return problem(HTTPStatus.UNPROCESSABLE_ENTITY, detail, fields)


def _reason(error: Mapping[str, Any]) -> str:
    """Return what is wrong with a field, without the words that pydantic puts before those of our checks."""
    return str(error.get("msg", "is not what was expected")).removeprefix("Value error, ")


def _field(location: Sequence[str | int]) -> str:
    parts = [part for part in location[1:] if part != "body"] or [location[0]]
    name = str(parts[0])
    for part in parts[1:]:
        name += f"[{part}]" if isinstance(part, int) else f".{part}"
    return name
