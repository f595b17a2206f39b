"""Connects the addresses that a user sends from, and encrypts the passwords of their servers."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import NamedTuple

from ocello.domain.common.errors import Invalid, NotFound, Unavailable
from ocello.domain.common.texts import Text
from ocello.domain.people.accounts import Server, check_account_name, check_server, plain_address
from ocello.domain.people.audit import new_entry
from ocello.domain.people.credentials import Password, Secret
from ocello.domain.people.users import Account, Principal, SmtpServer, User
from ocello.services.accounts.credentials import AccountCredentials
from ocello.services.accounts.ports import AccountStore
from ocello.services.common.ports import Clock

_FILES_EACH_COPY = (".gmail.com", ".googlemail.com", ".office365.com", ".outlook.com")
_ENDS_PASSWORDS = (".office365.com",)  # message MC786329 of Microsoft's, as of January 2026
_TRIES = 4  # to change an account that somebody else changes at the same time


class Proposal(NamedTuple):
    """An account as it would be connected, the one that is stored now, and a secret that is to be stored with it."""

    account: Account
    earlier: Account | None
    secret: Secret | None  # None: the stored one stays


@dataclass(frozen=True, slots=True)
class SendingAccounts:
    """Connects and disconnects the accounts in its stores."""

    accounts: AccountStore
    credentials: AccountCredentials
    clock: Clock

    def read(self, user: User, address: str) -> Account:
        """Return one of a user's accounts. Raises NotFound."""
        for account in self.accounts.of(user.id):
            if account.address == address.lower():
                return account
        raise NotFound("no such account")

    def connect(
        self, user: User, address: str, name: str, server: Server | None, by: Principal | None = None
    ) -> Account:
        """Connect an address, by SES or by `server`, or change how it is connected. Raises Invalid and Unavailable.

        The address is verified if it is the user's own sign-in address, which the identity provider has proven, or if
        an administrator (`by`) connects it. Once verified, it stays verified.
        """
        for _ in range(_TRIES):
            proposal = self.propose(user, address, name, server)
            account = replace(proposal.account, verified=proposal.account.verified or by is not None)
            if self.store(proposal._replace(account=account), by):
                return account
        raise Unavailable("the account is changing too fast")

    def propose(self, user: User, address: str, name: str, server: Server | None) -> Proposal:
        """Return the account as it would be connected. Store nothing. Raises Invalid and Unavailable."""
        address = plain_address("address", address)
        known = self.accounts.of(user.id)
        earlier = next((account for account in known if account.address == address), None)
        check_account_name(name)
        account = Account(user.id, address, name.strip(), "ses", verified=_is_own_address(user, address, known))
        account = replace(account, version=earlier.version + 1 if earlier else 1)
        if server is None:
            return Proposal(account, earlier, None)
        smtp, secret = _server(server, earlier, self.credentials)
        return Proposal(replace(account, transport="smtp", smtp=smtp), earlier, secret)

    def store(self, proposal: Proposal, by: Principal | None = None) -> bool:
        """Store a proposed account if nobody changed the stored one; return False, and store nothing, if it changed."""
        account, earlier, secret = proposal
        sealed = None if secret is None else self.credentials.sealed(account, secret)
        record = None
        if by is not None and not (earlier and earlier.verified):
            record = new_entry(self.clock(), by.user, "account.verified", account.address, by_key=by.by_key)
        if not self.accounts.write(account, earlier, record, sealed):
            return False
        if earlier is not None:
            self.credentials.forget_before(earlier)
        return True

    def is_own_address(self, user: User, address: str) -> bool:
        """Return whether `address` is known to be the user's: by signing in, or because an administrator verified it."""
        return _is_own_address(user, address, self.accounts.of(user.id))

    def disconnect(self, user: User, address: str) -> None:
        """Disconnect an address and delete its password. Raises NotFound and Unavailable."""
        address = address.lower()
        for _ in range(_TRIES):
            earlier = next((account for account in self.accounts.of(user.id) if account.address == address), None)
            if earlier is None:
                raise NotFound("no such account")
            if self.accounts.delete(earlier):
                self.credentials.forget_before(earlier)
                return
        raise Unavailable("the account is changing too fast")


def _is_own_address(user: User, address: str, known: Iterable[Account]) -> bool:
    return address == user.address or any(account.verified for account in known if account.address == address)


def warnings_about(account: Account) -> tuple[str, ...]:
    """Return what a person should know before sending from an account."""
    found: list[str] = []
    if not account.verified:
        found.append(Text("Not verified yet: an administrator has to confirm that this address is yours."))
    if _is_at(account, _FILES_EACH_COPY):
        words = "This provider files each recipient's copy in Sent: opening one there counts as an open of yours."
        found.append(Text(words))
    return tuple(found)


def notes_about(account: Account) -> tuple[str, ...]:
    """Return what a person should know of an account, also when nothing is being sent."""
    if not _is_at(account, _ENDS_PASSWORDS):
        return warnings_about(account)
    words = "Microsoft switches passwords off for sending from the end of December 2026: mail may begin to fail then."
    return (*warnings_about(account), Text(words))


def _is_at(account: Account, providers: tuple[str, ...]) -> bool:
    return account.smtp is not None and f".{account.smtp.host.lower()}".endswith(providers)


def _server(
    server: Server, earlier: Account | None, credentials: AccountCredentials
) -> tuple[SmtpServer, Secret | None]:
    """Return a server as it is to be stored, with a secret that is to be stored anew, if any."""
    check_server(server)
    before = earlier.smtp if earlier is not None else None
    made = SmtpServer(server.host, server.port, server.security, server.username)
    if not server.username:
        if server.password:
            raise Invalid("smtp.username", "is missing: a password alone signs nobody in")
        return made, None
    if server.password is not None:
        return made, Password(server.password)
    if earlier is None or before is None or not before.username:
        raise Invalid("smtp.password", "is missing: none is stored for this account")
    _same_server(server, before)
    return made, credentials.read(earlier) if before.sealed or before.secret else None


def _same_server(server: Server, earlier: SmtpServer) -> None:
    """Refuse to use a stored password for another server than the one it was entered for, or without encryption."""
    if (server.host.lower(), server.username) != (earlier.host.lower(), earlier.username):
        raise Invalid("smtp.password", "is missing: the stored one was given for another server or user name")
    if server.security == "none" != earlier.security:
        raise Invalid("smtp.password", "is missing: the stored one was given for an encrypted connection")
