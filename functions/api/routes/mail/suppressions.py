"""Suppressed addresses."""

from typing import Any

from aws_lambda_powertools.event_handler import Response

from functions.api import schemas
from functions.api.context import declared, new_router, request_in
from functions.api.routes.parameters import Address

router = new_router()


@declared(router, "readSuppression", summary="Ask whether an address is suppressed", tags=["suppressions"])
def read(address: Address) -> schemas.Suppression:
    """Return whether an address is suppressed, after a bounce or a complaint."""
    plain, reason = request_in(router).ports.suppression_editor.read(address)
    return schemas.Suppression(address=plain, suppressed=reason is not None, reason=reason)


@declared(
    router,
    "liftSuppression",
    summary="Allow an address again",
    description="A deliberate act: the address bounced for good, or complained, which only administrators lift (403).",
    responses={204: {"description": "Allowed again", "content": {}}},
    tags=["suppressions"],
)
def lift(address: Address) -> Response[Any]:
    """Allow mail to an address again."""
    request = request_in(router)
    request.ports.suppression_editor.lift(request.principal, address)
    return Response(204)
