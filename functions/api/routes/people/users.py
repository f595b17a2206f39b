"""Users, for administrators."""

from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Path

from functions.api import schemas
from functions.api.context import declared, new_router, request_in
from functions.api.routes.parameters import Address, Cursor, Limit
from functions.api.routes.people.accounts import connected
from ocello.services.views.messages import user_json

router = new_router()

UserId = Annotated[str, Path(description="the user's id")]


@declared(router, "listUsers", summary="List users by address", tags=["users"])
def page(limit: Limit = 50, cursor: Cursor = None) -> schemas.Users:
    """Return a page of all users."""
    found = request_in(router).ports.users.page(limit, cursor)
    return schemas.Users.model_validate({"items": [user_json(user) for user in found.items], "next": found.next})


@declared(
    router,
    "inviteUser",
    summary="Invite a user",
    description="Whoever then signs in with this address, verified by the identity provider, is this user. Where the user "
    "pool is the stack's own, a sign-in is made there, which mails a first password.",
    status_code=201,
    tags=["users"],
)
def invite(body: schemas.NewUser) -> schemas.User:
    """Invite a user."""
    request = request_in(router)
    made = request.ports.user_administration.invite(request.principal, body.address, body.name)
    return schemas.User.model_validate(user_json(made))


@declared(
    router,
    "inviteUserAgain",
    summary="Invite a user again",
    description="Mails a new first password to who was invited and never came, where the user pool is the stack's own.",
    tags=["users"],
)
def invite_again(user_id: UserId) -> schemas.User:
    """Mail a new first password."""
    request = request_in(router)
    user = request.ports.user_administration.invite_again(request.principal, user_id)
    return schemas.User.model_validate(user_json(user))


@declared(
    router,
    "changeUser",
    summary="Disable or enable a user, or set their groups",
    description="Who is disabled is signed out everywhere. Nobody disables oneself, so that an administrator is left.",
    tags=["users"],
)
def change(user_id: UserId, body: schemas.UserChange) -> schemas.User:
    """Disable a user, with all the user's keys, or enable the user again; set groups."""
    request = request_in(router)
    changed = request.ports.user_administration.change(
        request.principal, user_id, groups=body.groups, disabled=body.disabled
    )
    return schemas.User.model_validate(user_json(changed))


@declared(
    router,
    "connectAccountForUser",
    summary="Connect a verified account for a user",
    description="The administrator vouches that the address is the user's.",
    tags=["users"],
)
def connect(user_id: UserId, address: Address, body: schemas.AccountIn) -> schemas.Account:
    """Connect an address for a user and verify it."""
    request = request_in(router)
    user = request.ports.user_administration.read(user_id)
    return connected(request, user, address, body, by=request.principal)
