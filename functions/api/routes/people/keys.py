"""A user's API keys."""

from typing import Annotated, Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Path

from functions.api import schemas
from functions.api.context import declared, new_router, request_in
from functions.api.routes.parameters import Cursor, Limit
from ocello.domain.common.errors import Invalid
from ocello.domain.common.times import milliseconds
from ocello.services.views.messages import key_json

router = new_router()


@declared(
    router,
    "makeKey",
    summary="Make an API key",
    description="The key itself is shown in this answer and never again.",
    status_code=201,
    tags=["keys"],
)
def make(body: schemas.NewKey) -> schemas.MadeKey:
    """Make a key with the requested scopes."""
    request = request_in(router)
    key, text = request.ports.api_keys.make(
        request.principal.user, body.name, body.scopes, expires_at=_parse_time(body.expires_at)
    )
    return schemas.MadeKey.model_validate({**key_json(key), "key": text})


@declared(router, "listKeys", summary="List API keys, oldest first", tags=["keys"])
def page(limit: Limit = 50, cursor: Cursor = None) -> schemas.Keys:
    """Return a page of the user's keys, without their secrets."""
    request = request_in(router)
    found = request.ports.keys.page(request.user, limit, cursor)
    return schemas.Keys.model_validate({"items": [key_json(key) for key in found.items], "next": found.next})


@declared(
    router,
    "revokeKey",
    summary="Revoke an API key",
    responses={204: {"description": "Revoked: it signs nobody in from now on", "content": {}}},
    tags=["keys"],
)
def revoke(key_id: Annotated[str, Path(description="the key's id")]) -> Response[Any]:
    """Revoke one of the user's own keys."""
    request = request_in(router)
    request.ports.api_keys.revoke(request.principal.user, key_id)
    return Response(204)


def _parse_time(text: str | None) -> int:
    """Return when a key expires, in ms; 0 for never. Raises Invalid."""
    if text is None:
        return 0
    at = milliseconds(text)
    if at is None:
        raise Invalid("expires_at", "must be a time as RFC 3339 spells it: 2027-01-31T09:30:00Z")
    return at
