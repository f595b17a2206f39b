"""The administrators' page of users."""

from http import HTTPStatus

from functions.web.context import PageRequest
from functions.web.http import Answer, go
from ocello.domain.common.errors import Conflict, Invalid, OcelloError, Unavailable

_STATUS: dict[type[OcelloError], HTTPStatus] = {
    Invalid: HTTPStatus.UNPROCESSABLE_ENTITY,
    Conflict: HTTPStatus.CONFLICT,
    Unavailable: HTTPStatus.SERVICE_UNAVAILABLE,
}


def show(request: PageRequest) -> Answer:
    """List users, with a form to invite one."""
    return _users(request)


def _users(request: PageRequest, address: str = "", refused: str = "", status: HTTPStatus = HTTPStatus.OK) -> Answer:
    page = request.context.users.page(50, request.http.argument("cursor") or None)
    done = request.http.argument("done")
    ours = request.context.directory is not None
    body = request.part(
        "administration/users.html",
        users=page.items,
        next=page.next,
        address=address,
        refused=refused,
        done=done,
        ours=ours,
    )
    return Answer(body, status)


def invite(request: PageRequest) -> Answer:
    """Invite somebody; if the user pool is ours, it mails a first password."""
    form, context = request.http.form(), request.context
    try:
        context.user_administration.invite(request.principal, form.one("address"), form.one("name"))
    except (Invalid, Conflict, Unavailable) as error:
        return _refused(request, error, form.one("address"))
    return go(f"/app/users?done={'mailed' if context.directory else 'invited'}")


def invite_again(request: PageRequest) -> Answer:
    """Mail a new first password to somebody who never signed in."""
    try:
        request.context.user_administration.invite_again(request.principal, request.params["user"])
    except (Conflict, Unavailable) as error:
        return _refused(request, error)
    return go("/app/users?done=mailed")


def set_disabled(request: PageRequest) -> Answer:
    """Disable somebody, or enable somebody again; nobody disables themselves."""
    return _change(request, disabled=request.http.form().one("disabled") == "true")


def set_groups(request: PageRequest) -> Answer:
    """Put somebody into groups, and out of those that were given here before; those of the identity provider stay."""
    typed = [part.strip() for part in request.http.form().one("groups").split(",") if part.strip()]
    return _change(request, groups=typed)


def _change(request: PageRequest, *, groups: list[str] | None = None, disabled: bool | None = None) -> Answer:
    try:
        request.context.user_administration.change(
            request.principal, request.params["user"], groups=groups, disabled=disabled
        )
    except (Invalid, Conflict) as error:
        return _refused(request, error)
    return go("/app/users?done=changed")


def _refused(request: PageRequest, error: OcelloError, address: str = "") -> Answer:
    status = next(found for kind, found in _STATUS.items() if isinstance(error, kind))
    return _users(request, address, request.refusal(error), status)
