"""Connects the addresses that a user sends from, and keeps their servers' passwords where secrets belong."""

from dataclasses import replace
from typing import NamedTuple

from ocello.domain import exceptions
from ocello.domain.errors import Conflict, Invalid, NotFound
from ocello.domain.people import Account, Security, SmtpServer, TrackingSettings, User
from ocello.domain.texts import Text
from ocello.services.ports import AccountStore, SecretStore, SettingsStore
from ocello.services.users import plain_address

_FILES_EACH_COPY = (".gmail.com", ".googlemail.com", ".office365.com", ".outlook.com")
_PLAIN = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/_+.@-")
_HIGHEST_PORT = 65_535


class Server(NamedTuple):
    """An SMTP server as a person gives it; `password` None keeps the one that is stored."""

    host: str
    port: int
    security: Security
    username: str
    password: str | None


def secret_name(prefix: str, user: str, address: str) -> str:
    """Name the secret of an account; characters that the store refuses are spelled `=XX`."""
    spelled = "".join(char if char in _PLAIN else "".join(f"={byte:02X}" for byte in char.encode()) for char in address)
    return f"{prefix}/smtp/{user}/{spelled}"


def connect(
    user: User,
    address: str,
    name: str,
    server: Server | None,
    *,
    verified: bool,
    prefix: str,
    accounts: AccountStore,
    secrets: SecretStore,
) -> Account:
    """Connect an address, by SES or by `server`, or change how it is connected.

    It is verified where it is the user's own sign-in address (the identity provider has proven that) or where an
    administrator says so (`verified`); once verified it stays so.
    """
    address = plain_address("address", address)
    earlier = next((account for account in accounts.of(user.id) if account.address == address), None)
    account = Account(user.id, address, name.strip(), "ses", verified=verified or proven(user, address, accounts))
    if any(not character.isprintable() for character in name):
        raise Invalid("name", "must have no control characters")
    if server is not None:
        smtp = _server(server, secret_name(prefix, user.id, address), earlier)
        account = replace(account, transport="smtp", smtp=smtp)
        if server.password is not None and smtp.secret:
            secrets.write(smtp.secret, server.password)
    accounts.write(account)
    _forget_secret(earlier, account, secrets)
    return account


def proven(user: User, address: str, accounts: AccountStore) -> bool:
    """Tell whether `address` is known to be the user's: by signing in, or by an administrator's word on an account."""
    known = (account.address for account in accounts.of(user.id) if account.verified)
    return address == user.address or address in known


def disconnect(user: User, address: str, accounts: AccountStore, secrets: SecretStore) -> None:
    """Disconnect an address and forget its password. Raises NotFound."""
    address = address.lower()
    earlier = next((account for account in accounts.of(user.id) if account.address == address), None)
    if earlier is None or not accounts.delete(user.id, address):
        raise NotFound("no such account")
    _forget_secret(earlier, None, secrets)


def warnings_about(account: Account) -> tuple[str, ...]:
    """Say what a person should know before sending from an account."""
    found: list[str] = []
    if not account.verified:
        found.append(Text("Not verified yet: an administrator has to confirm that this address is yours."))
    if account.smtp is not None and f".{account.smtp.host.lower()}".endswith(_FILES_EACH_COPY):
        words = "This provider files each recipient's copy in Sent: opening one there counts as an open of yours."
        found.append(Text(words))
    return tuple(found)


def change_settings(
    user: User, wanted: TrackingSettings, settings: SettingsStore, accounts: AccountStore
) -> TrackingSettings:
    """Write a user's settings, and return them as they are kept.

    Raises Conflict where tracking is switched on without a connected account, and Invalid for what is no domain.
    """
    now = settings.read(user.id)
    turned_on = (wanted.track_opens and not now.track_opens) or (wanted.track_clicks and not now.track_clicks)
    if turned_on and not any(account.verified for account in accounts.of(user.id)):
        raise Conflict("connect a sending account first: tracking can be switched on only for mail that you can send")
    domains = exceptions.domains("never_track", wanted.never_track)
    kept = replace(wanted, mail_alerts=now.mail_alerts, never_track=domains)
    settings.write(user.id, kept)
    return kept


def _server(server: Server, secret: str, earlier: Account | None) -> SmtpServer:
    if (
        not server.host
        or not server.host.isascii()
        or any(not char.isalnum() and char not in ".-:" for char in server.host)
    ):
        raise Invalid("smtp.host", "must be a host name")
    if not 1 <= server.port <= _HIGHEST_PORT:
        raise Invalid("smtp.port", "must be a port number")
    if any(not character.isprintable() for character in server.username + (server.password or "")):
        raise Invalid("smtp.username", "user name and password must have no control characters")
    known = earlier is not None and earlier.smtp is not None and earlier.smtp.secret == secret
    if server.username and server.password is None and not known:
        raise Invalid("smtp.password", "is missing: none is stored for this account")
    if server.password and not server.username:
        raise Invalid("smtp.username", "is missing: a password alone signs nobody in")
    if server.password is None and known and earlier is not None and earlier.smtp is not None:
        _same_server(server, earlier.smtp)
    return SmtpServer(server.host, server.port, server.security, server.username, secret if server.username else "")


def _same_server(server: Server, earlier: SmtpServer) -> None:
    """Refuse to show a stored password to another server than the one it was given for."""
    if server.username and (server.host.lower(), server.username) != (earlier.host.lower(), earlier.username):
        raise Invalid("smtp.password", "is missing: the stored one was given for another server or user name")


def _forget_secret(earlier: Account | None, now: Account | None, secrets: SecretStore) -> None:
    before = earlier.smtp.secret if earlier is not None and earlier.smtp is not None else ""
    after = now.smtp.secret if now is not None and now.smtp is not None else ""
    if before and before != after:
        secrets.delete(before)
