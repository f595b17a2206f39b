"""The sessions of the user who asks."""

from typing import Any

from aws_lambda_powertools.event_handler import Response

from functions.api.context import declared, new_router, request_in

router = new_router()


@declared(
    router,
    "signOutEverywhere",
    summary="Sign out everywhere",
    description="Ends all of the user's sessions, and every token of signing in, this one too. API keys stay.",
    responses={204: {"description": "Signed out everywhere", "content": {}}},
    tags=["users"],
)
def end() -> Response[Any]:
    """End all sessions."""
    request = request_in(router)
    request.ports.user_administration.sign_out_everywhere(request.principal)
    return Response(204)
