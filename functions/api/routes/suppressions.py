"""Addresses that are not sent to any more."""

from typing import Any

from aws_lambda_powertools.event_handler import Response

from functions.api import schemas
from functions.api.context import new_router, request_in
from functions.api.routes.parameters import Address
from ocello.services.people.users import plain_address
from ocello.services.sending import suppressions

router = new_router()


@router.get(
    "/v1/suppressions/<address>",
    summary="Ask whether an address is suppressed",
    tags=["suppressions"],
    operation_id="readSuppression",
)
def read(address: Address) -> schemas.Suppression:
    """Return whether an address bounced for good or complained, and so is not sent to."""
    plain = plain_address("address", address)
    reason = request_in(router).ports.suppressions.reason(plain)
    return schemas.Suppression(address=plain, suppressed=reason is not None, reason=reason)


@router.delete(
    "/v1/suppressions/<address>",
    summary="Allow an address again",
    description="A deliberate act: the address bounced for good, or complained, which only administrators lift (403).",
    responses={204: {"description": "Allowed again", "content": {}}},
    tags=["suppressions"],
    operation_id="liftSuppression",
)
def lift(address: Address) -> Response[Any]:
    """Allow an address to be sent to again."""
    request = request_in(router)
    suppressions.lift(request.principal, address, request.ports.suppressions, request.ports.clock)
    return Response(204)
