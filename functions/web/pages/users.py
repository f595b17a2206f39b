"""The administrators' page: who may come in."""

from http import HTTPStatus

from functions.web.context import PageRequest
from functions.web.http import Answer, go
from ocello.domain.common.errors import Conflict, Invalid, OcelloError, Unavailable
from ocello.domain.people.users import SCOPES, Principal
from ocello.services.people import users

_STATUS: dict[type[OcelloError], HTTPStatus] = {
    Invalid: HTTPStatus.UNPROCESSABLE_ENTITY,
    Conflict: HTTPStatus.CONFLICT,
    Unavailable: HTTPStatus.SERVICE_UNAVAILABLE,
}


def show(asked: PageRequest) -> Answer:
    """List users, with a form to invite one."""
    return _users(asked)


def _users(asked: PageRequest, given: str = "", refused: str = "", status: HTTPStatus = HTTPStatus.OK) -> Answer:
    page = asked.house.users.page(50, asked.request.asked("cursor") or None)
    done = asked.request.asked("done")
    ours = asked.house.directory is not None
    body = asked.part(
        "users.html", users=page.items, next=page.next, given=given, refused=refused, done=done, ours=ours
    )
    return Answer(body, status)


def invite(asked: PageRequest) -> Answer:
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
            random_bytes=house.random_bytes,
        )
    except (Invalid, Conflict, Unavailable) as error:
        return _refused(asked, error, form.one("address"))
    return go(f"/app/users?done={'mailed' if house.directory else 'invited'}")


def invite_again(asked: PageRequest) -> Answer:
    """Mail a new first password to who never came."""
    house = asked.house
    try:
        users.invite_again(
            principal(asked), asked.params["user"], users=house.users, directory=house.directory, clock=house.clock
        )
    except (Conflict, Unavailable) as error:
        return _refused(asked, error)
    return go("/app/users?done=mailed")


def set_disabled(asked: PageRequest) -> Answer:
    """Shut somebody out, or let somebody in again; nobody shuts oneself out."""
    return _change(asked, disabled=asked.request.form().one("disabled") == "true")


def set_groups(asked: PageRequest) -> Answer:
    """Put somebody into groups, and out of those that were given before; the identity provider's own stay."""
    typed = [part.strip() for part in asked.request.form().one("groups").split(",") if part.strip()]
    return _change(asked, groups=typed)


def _change(asked: PageRequest, *, groups: list[str] | None = None, disabled: bool | None = None) -> Answer:
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


def _refused(asked: PageRequest, error: OcelloError, given: str = "") -> Answer:
    status = next(found for kind, found in _STATUS.items() if isinstance(error, kind))
    return _users(asked, given, asked.refusal(error), status)


def principal(asked: PageRequest) -> Principal:
    """Return who asks, as services know it."""
    return Principal(asked.visit.user, frozenset(SCOPES), by_key=False)
