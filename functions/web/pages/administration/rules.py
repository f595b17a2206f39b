"""The administrators' page of the rules of tracking: what holds, what each set allows and by which sources, and the choice."""

from http import HTTPStatus

from functions.web.context import PageRequest
from functions.web.http import Answer, go
from functions.web.numbers import number_in
from ocello.domain.common.errors import Conflict, Invalid, OcelloError
from ocello.services.consent.workspace import CHOICES, WorkspaceUpdate

_VERSION_DIGITS = 9


def show(request: PageRequest) -> Answer:
    """Show what holds, with a form to make it stricter."""
    return _page(request)


def change(request: PageRequest) -> Answer:
    """Let stricter rules, other modes and footers hold."""
    form = request.http.form()
    wanted = WorkspaceUpdate(
        form.one("rules"),
        form.one("opens"),
        form.one("links"),
        form.has("footers"),
        number_in("version", form.one("version"), _VERSION_DIGITS),
    )
    try:
        request.context.workspace_rules.change(request.principal, wanted)
    except Invalid as error:
        return _page(request, error, HTTPStatus.UNPROCESSABLE_ENTITY)
    except Conflict as error:
        return _page(request, error, HTTPStatus.CONFLICT)
    return go("/app/rules?done=changed")


def _page(request: PageRequest, error: OcelloError | None = None, status: HTTPStatus = HTTPStatus.OK) -> Answer:
    offered = request.context.workspace_rules.offered()
    body = request.part(
        "administration/rules.html",
        offers=offered.offers,
        holds=offered.holds,
        choices=CHOICES,
        refused=request.refusal(error) if error else "",
        done=request.http.argument("done"),
    )
    return Answer(body, status)
