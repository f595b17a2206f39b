"""The alerts of the panel."""

from typing import Any

from aws_lambda_powertools.event_handler import Response

from functions.api import schemas
from functions.api.context import declared, new_router, request_in
from functions.api.routes.parameters import Cursor, Limit
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
