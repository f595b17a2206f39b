"""The sending accounts: connecting one is trying it, there and then."""

from http import HTTPStatus
from typing import get_args

from functions.web.context import PageRequest
from functions.web.http import Answer, Form, go
from ocello.domain.common.errors import Conflict, Invalid, Unavailable
from ocello.domain.messages.delivery import Deferred, OutcomeUnknown, Rejected, Unverified
from ocello.domain.people.users import Security
from ocello.services.accounts import accounts, try_account
from ocello.services.accounts.accounts import Server

_SECURITY: tuple[Security, ...] = get_args(Security)


def show(asked: PageRequest) -> Answer:
    """List the accounts, with a form to connect one."""
    return _accounts(asked, {})


def _accounts(
    asked: PageRequest, given: dict[str, str], refused: str = "", status: HTTPStatus = HTTPStatus.OK, invite: str = ""
) -> Answer:
    """Show the page; `invite` is an address to which the mail service may be asked to write."""
    connected = asked.house.accounts.of(asked.user)
    body = asked.part(
        "accounts.html",
        accounts=[(account, [asked.say(text) for text in accounts.warnings_about(account)]) for account in connected],
        given=given,
        security=_SECURITY,
        refused=refused,
        invite=invite,
        done=asked.request.asked("done"),
    )
    return Answer(body, status)


def connect(asked: PageRequest) -> Answer:
    """Try the server that a form names, and connect it where it takes us."""
    form = asked.request.form()
    try:
        try_account.try_and_connect(
            asked.visit.user,
            form.one("address"),
            form.one("name"),
            _server(form),
            accounts_of=asked.house.accounts,
            passwords=asked.house.passwords,
            clock=asked.house.clock,
            probe=asked.house.probe,
        )
    except Invalid as error:
        return _refused(asked, form, asked.refusal(error))
    except (Rejected, Deferred, OutcomeUnknown, Conflict, Unavailable) as error:
        return _refused(asked, form, asked.refusal(error), offer=isinstance(error, Unverified))
    return go("/app/settings/accounts?done=connected")


def invite(asked: PageRequest) -> Answer:
    """Have the mail service write to an address, so that its owner can confirm it and connect it then."""
    form = asked.request.form()
    try:
        try_account.invite(asked.visit.user, form.one("address"), asked.house.accounts, asked.house.probe)
    except (Invalid, Rejected, Deferred) as error:
        return _refused(asked, form, asked.refusal(error))
    return go("/app/settings/accounts?done=invited")


def disconnect(asked: PageRequest) -> Answer:
    """Disconnect an account."""
    house = asked.house
    address = asked.request.form().one("address")
    accounts.disconnect(asked.visit.user, address, house.accounts, house.passwords.kept_before)
    return go("/app/settings/accounts?done=disconnected")


def _server(form: Form) -> Server | None:
    if form.one("transport") != "smtp":
        return None
    security = next((known for known in _SECURITY if known == form.one("security")), None)
    if security is None:
        raise Invalid("security", "must be tls, starttls or none")
    port = form.one("port")
    if not port.isascii() or not port.isdigit() or len(port) > len("65535"):
        raise Invalid("port", "must be a port number")
    return Server(
        form.one("host").strip(), int(port), security, form.one("username").strip(), form.one("password") or None
    )


def _refused(asked: PageRequest, form: Form, words: str, *, offer: bool = False) -> Answer:
    """Show the form again with all that was typed, save the password, and the words of who refused.

    With `offer`, the mail service may be asked to write to the address, if it is the asker's.
    """
    given = {name: value for name, value in form.fields if name not in ("password", "csrf")}
    address = form.one("address").strip().lower()
    theirs = offer and accounts.proven(asked.visit.user, address, asked.house.accounts)
    return _accounts(asked, given, words, HTTPStatus.UNPROCESSABLE_ENTITY, address if theirs else "")
