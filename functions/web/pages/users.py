"""The administrators' page: who may come in."""

from http import HTTPStatus

from functions.web.house import Asked
from functions.web.http import Answer, go
from ocello.domain.errors import Conflict, Invalid
from ocello.services import users


def show(asked: Asked) -> Answer:
    """List users, with a form to invite one."""
    return _users(asked)


def _users(asked: Asked, given: str = "", refused: str = "", status: HTTPStatus = HTTPStatus.OK) -> Answer:
    page = asked.house.users.page(50, asked.request.asked("cursor") or None)
    done = asked.request.asked("done")
    body = asked.part("users.html", users=page.items, next=page.next, given=given, refused=refused, done=done)
    return Answer(body, status)


def invite(asked: Asked) -> Answer:
    """Invite somebody."""
    form, house = asked.request.form(), asked.house
    try:
        users.invite(form.one("address"), form.one("name"), house.users, house.clock, house.chance)
    except Invalid as error:
        return _users(asked, form.one("address"), asked.refusal(error), HTTPStatus.UNPROCESSABLE_ENTITY)
    except Conflict as error:
        return _users(asked, form.one("address"), asked.refusal(error), HTTPStatus.CONFLICT)
    return go("/app/users?done=invited")


def set_disabled(asked: Asked) -> Answer:
    """Shut somebody out, or let somebody in again; nobody shuts oneself out."""
    if asked.params["user"] == asked.user:
        return _users(asked, "", asked.say("You cannot disable yourself."), HTTPStatus.CONFLICT)
    users.set_disabled(asked.params["user"], asked.request.form().one("disabled") == "true", asked.house.users)
    return go("/app/users?done=changed")


def set_groups(asked: Asked) -> Answer:
    """Put somebody into groups, and out of those that were given before; the identity provider's own stay."""
    typed = [part.strip() for part in asked.request.form().one("groups").split(",") if part.strip()]
    try:
        users.set_groups(asked.params["user"], typed, asked.house.users)
    except Invalid as error:
        return _users(asked, "", asked.refusal(error), HTTPStatus.UNPROCESSABLE_ENTITY)
    return go("/app/users?done=changed")
