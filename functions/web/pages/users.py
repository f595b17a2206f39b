"""The administrators' page: who may come in."""

from http import HTTPStatus

from functions.web.house import Asked
from functions.web.http import Answer, go
from ocello.domain.errors import Conflict, Invalid, OcelloError, Unavailable
from ocello.domain.people import SCOPES, Principal
from ocello.services import users

_STATUS: dict[type[OcelloError], HTTPStatus] = {
    Invalid: HTTPStatus.UNPROCESSABLE_ENTITY,
    Conflict: HTTPStatus.CONFLICT,
    Unavailable: HTTPStatus.SERVICE_UNAVAILABLE,
}


def show(asked: Asked) -> Answer:
    """List users, with a form to invite one."""
    return _users(asked)


def _users(asked: Asked, given: str = "", refused: str = "", status: HTTPStatus = HTTPStatus.OK) -> Answer:
    page = asked.house.users.page(50, asked.request.asked("cursor") or None)
    done = asked.request.asked("done")
    ours = asked.house.directory is not None
    body = asked.part(
        "users.html", users=page.items, next=page.next, given=given, refused=refused, done=done, ours=ours
    )
    return Answer(body, status)


def invite(asked: Asked) -> Answer:
    """Invite somebody; where the user pool is ours, a first password is mailed."""
    form, house = asked.request.form(), asked.house
    try:
        users.invite(
            principal(asked),
            form.one("address"),
            form.one("name"),
            users=house.users,
            directory=house.directory,
            clock=house.clock,
            chance=house.chance,
        )
    except (Invalid, Conflict, Unavailable) as error:
        return _refused(asked, error, form.one("address"))
    return go(f"/app/users?done={'mailed' if house.directory else 'invited'}")


def invite_again(asked: Asked) -> Answer:
    """Mail a new first password to who never came."""
    house = asked.house
    try:
        users.invite_again(
            principal(asked), asked.params["user"], users=house.users, directory=house.directory, clock=house.clock
        )
    except (Conflict, Unavailable) as error:
        return _refused(asked, error)
    return go("/app/users?done=mailed")


def set_disabled(asked: Asked) -> Answer:
    """Shut somebody out, or let somebody in again; nobody shuts oneself out."""
    return _change(asked, disabled=asked.request.form().one("disabled") == "true")


def set_groups(asked: Asked) -> Answer:
    """Put somebody into groups, and out of those that were given before; the identity provider's own stay."""
    typed = [part.strip() for part in asked.request.form().one("groups").split(",") if part.strip()]
    return _change(asked, groups=typed)


def _change(asked: Asked, *, groups: list[str] | None = None, disabled: bool | None = None) -> Answer:
    house = asked.house
    try:
        users.change(
            principal(asked),
            asked.params["user"],
            groups=groups,
            disabled=disabled,
            users=house.users,
            clock=house.clock,
        )
    except (Invalid, Conflict) as error:
        return _refused(asked, error)
    return go("/app/users?done=changed")


def _refused(asked: Asked, error: OcelloError, given: str = "") -> Answer:
    status = next(found for kind, found in _STATUS.items() if isinstance(error, kind))
    return _users(asked, given, asked.refusal(error), status)


def principal(asked: Asked) -> Principal:
    """Give who asks, as services know it."""
    return Principal(asked.visit.user, frozenset(SCOPES), by_key=False)
