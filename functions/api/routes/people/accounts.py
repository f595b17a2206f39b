"""The addresses that a user sends from."""

from typing import Any

from aws_lambda_powertools.event_handler import Response

from functions.api import schemas
from functions.api.context import ApiRequest, declared, new_router, request_in
from functions.api.routes.parameters import Address
from ocello.domain.common.errors import Invalid
from ocello.domain.people.accounts import Server
from ocello.domain.people.users import Principal, User
from ocello.services.views.messages import account_json

router = new_router()


@declared(router, "listAccounts", summary="List sending accounts", tags=["accounts"])
def listed() -> schemas.Accounts:
    """Return all of the user's accounts, oldest first."""
    request = request_in(router)
    found = [account_json(account) for account in request.ports.accounts.of(request.user)]
    return schemas.Accounts.model_validate({"items": found})


@declared(router, "readAccount", summary="Read a sending account", tags=["accounts"])
def read(address: Address) -> schemas.Account:
    """Return one account, without its password."""
    request = request_in(router)
    account = request.ports.sending_accounts.read(request.principal.user, address)
    return schemas.Account.model_validate(account_json(account))


@declared(
    router,
    "connectAccount",
    summary="Connect or change a sending account",
    description="Verified at once where it is the sign-in address; else an administrator has to verify it.",
    tags=["accounts"],
)
def connect(address: Address, body: schemas.AccountIn) -> schemas.Account:
    """Connect one of the user's own addresses."""
    request = request_in(router)
    return connected(request, request.principal.user, address, body)


@declared(
    router,
    "disconnectAccount",
    summary="Disconnect a sending account",
    responses={204: {"description": "Disconnected, its password forgotten", "content": {}}},
    tags=["accounts"],
)
def disconnect(address: Address) -> Response[Any]:
    """Disconnect an address."""
    request = request_in(router)
    request.ports.sending_accounts.disconnect(request.principal.user, address)
    return Response(204)


def connected(
    request: ApiRequest, user: User, address: str, body: schemas.AccountIn, *, by: Principal | None = None
) -> schemas.Account:
    """Connect an address for `user`; it is verified if an administrator (`by`) asks."""
    if (body.transport == "smtp") != (body.smtp is not None):
        raise Invalid("smtp", "must be given if and only if `transport` is smtp")
    smtp = body.smtp
    server = None if smtp is None else Server(smtp.host, smtp.port, smtp.security, smtp.username, smtp.password)
    account = request.ports.sending_accounts.connect(user, address, body.name, server, by)
    return schemas.Account.model_validate(account_json(account))
