"""The sending accounts. An account is tried before it is connected."""

from http import HTTPStatus
from typing import get_args

from functions.web.context import PageRequest
from functions.web.http import Answer, Form, go
from functions.web.numbers import parse_number
from ocello.domain.common.errors import Conflict, Invalid, Unavailable
from ocello.domain.messages.delivery import Deferred, OutcomeUnknown, Rejected, Unverified
from ocello.domain.people.accounts import HIGHEST_PORT, Server
from ocello.domain.people.users import Security
from ocello.services.accounts.accounts import notes_about

_SECURITY: tuple[Security, ...] = get_args(Security)


def show(request: PageRequest) -> Answer:
    """List the accounts, with a form to connect one."""
    return _accounts(request, {})


def _accounts(
    request: PageRequest,
    values: dict[str, str],
    refused: str = "",
    status: HTTPStatus = HTTPStatus.OK,
    invite: str = "",
) -> Answer:
    """Show the page; `invite` is an address to which the mail service can be asked to write."""
    connected = request.context.accounts.of(request.user)
    body = request.part(
        "settings/accounts.html",
        accounts=[(account, [request.say(text) for text in notes_about(account)]) for account in connected],
        values=values,
        security=_SECURITY,
        refused=refused,
        invite=invite,
        done=request.http.argument("done"),
    )
    return Answer(body, status)


def connect(request: PageRequest) -> Answer:
    """Try the server that a form names, and connect it if it accepts us."""
    form = request.http.form()
    try:
        request.context.account_trial.connect(
            request.authenticated.user, form.one("address"), form.one("name"), _server(form)
        )
    except Invalid as error:
        return _refused(request, form, request.refusal(error))
    except (Rejected, Deferred, OutcomeUnknown, Conflict, Unavailable) as error:
        return _refused(request, form, request.refusal(error), offer=isinstance(error, Unverified))
    return go("/app/settings/accounts?done=connected")


def invite(request: PageRequest) -> Answer:
    """Make the mail service write to an address, so that its owner can confirm it and connect it afterwards."""
    form = request.http.form()
    try:
        request.context.account_trial.invite(request.authenticated.user, form.one("address"))
    except (Invalid, Rejected, Deferred) as error:
        return _refused(request, form, request.refusal(error))
    return go("/app/settings/accounts?done=invited")


def disconnect(request: PageRequest) -> Answer:
    """Disconnect an account."""
    address = request.http.form().one("address")
    request.context.sending_accounts.disconnect(request.authenticated.user, address)
    return go("/app/settings/accounts?done=disconnected")


def _server(form: Form) -> Server | None:
    if form.one("transport") != "smtp":
        return None
    security = next((known for known in _SECURITY if known == form.one("security")), None)
    if security is None:
        raise Invalid("security", "must be tls, starttls or none")
    port = parse_number(form.one("port"), len(str(HIGHEST_PORT)))
    if port is None:
        raise Invalid("port", "must be a port number")
    return Server(form.one("host").strip(), port, security, form.one("username").strip(), form.one("password") or None)


def _refused(request: PageRequest, form: Form, reason: str, *, offer: bool = False) -> Answer:
    """Show the form again with everything typed except the password, and why it was refused.

    With `offer`, the mail service can be asked to write to the address, if it is the user's.
    """
    values = {name: value for name, value in form.fields if name not in ("password", "csrf")}
    address = form.one("address").strip().lower()
    theirs = offer and request.context.sending_accounts.is_own_address(request.authenticated.user, address)
    return _accounts(request, values, reason, HTTPStatus.UNPROCESSABLE_ENTITY, address if theirs else "")
