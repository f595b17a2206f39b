"""The alerts of the panel, and the messages that are muted."""

from typing import Any

from aws_lambda_powertools.event_handler import Response

from functions.api import schemas
from functions.api.context import declared, new_router, request_in
from functions.api.routes.parameters import Cursor, Limit, MessageId
from ocello.services.views.messages import alert_json

router = new_router()


@declared(router, "listAlerts", summary="List alerts, newest first", tags=["alerts"])
def page(limit: Limit = 50, cursor: Cursor = None) -> schemas.Alerts:
    """Return a page of the user's alerts; withdrawn ones stay, and are marked as such."""
    request = request_in(router)
    found = request.ports.alerts.page(request.user, limit, cursor)
    return schemas.Alerts.model_validate({"items": [alert_json(alert) for alert in found.items], "next": found.next})


@declared(
    router,
    "readAlerts",
    summary="Mark alerts as read",
    description="Marks the alert named and all older ones.",
    responses={204: {"description": "Marked", "content": {}}},
    tags=["alerts"],
)
def read(body: schemas.ReadUpTo) -> Response[Any]:
    """Mark alerts as read, up to the one named."""
    request = request_in(router)
    request.ports.alerts.mark_read_up_to(request.user, body.up_to)
    return Response(204)


@declared(router, "readMute", summary="Read whether a message is muted", tags=["alerts"])
def muted(message_id: MessageId) -> schemas.Mute:
    """Return whether one of the user's own messages is muted."""
    request = request_in(router)
    stored = request.ports.mail_reader.read_own(request.principal.user, message_id)
    return schemas.Mute(muted=stored.message.muted)


@declared(
    router,
    "muteMessage",
    summary="Mute a message",
    description="For its owner. Its opens and clicks are counted and listed as before, not as new, and no channel tells "
    "of them. That a copy did not arrive is told all the same.",
    responses={204: {"description": "Muted", "content": {}}},
    tags=["alerts"],
)
def mute(message_id: MessageId) -> Response[Any]:
    """Let no channel tell of a message."""
    return _mute(message_id, muted=True)


@declared(
    router,
    "unmuteMessage",
    summary="End the muting of a message",
    description="For its owner. What was listed meanwhile does not ring.",
    responses={204: {"description": "No longer muted", "content": {}}},
    tags=["alerts"],
)
def unmute(message_id: MessageId) -> Response[Any]:
    """Let the channels tell of a message again."""
    return _mute(message_id, muted=False)


def _mute(message_id: str, *, muted: bool) -> Response[Any]:
    request = request_in(router)
    request.ports.muting.mute(request.principal.user, message_id, muted=muted)
    return Response(204)
