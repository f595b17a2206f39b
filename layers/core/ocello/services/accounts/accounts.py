"""Connects the addresses that a user sends from, and encrypts the passwords of their servers."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from ocello.domain.common.errors import Invalid, NotFound, Unavailable
from ocello.domain.common.texts import Text
from ocello.domain.people.accounts import Server, check_account_name, check_server, plain_address
from ocello.domain.people.audit import new_entry
from ocello.domain.people.users import Account, Principal, SmtpServer, User
from ocello.services.accounts.passwords import Passwords, read
from ocello.services.accounts.ports import AccountStore
from ocello.services.common.ports import Clock

_FILES_EACH_COPY = (".gmail.com", ".googlemail.com", ".office365.com", ".outlook.com")
_TRIES = 4  # to change an account that somebody else changes at the same time


@dataclass(frozen=True, slots=True)
class SendingAccounts:
    """Connects and disconnects the accounts in its stores."""

    accounts: AccountStore
    passwords: Passwords
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
            account, earlier = self.propose(user, address, name, server)
            account = replace(account, verified=account.verified or by is not None)
            if self.store(account, earlier, by):
                return account
        raise Unavailable("the account is changing too fast")

    def propose(self, user: User, address: str, name: str, server: Server | None) -> tuple[Account, Account | None]:
        """Return the account as it would be connected, its password encrypted, and the one that is stored now. Store nothing."""
        address = plain_address("address", address)
        known = self.accounts.of(user.id)
        earlier = next((account for account in known if account.address == address), None)
        check_account_name(name)
        account = Account(user.id, address, name.strip(), "ses", verified=_is_own_address(user, address, known))
        if server is not None:
            account = replace(account, transport="smtp", smtp=_server(server, address, earlier, user, self.passwords))
        return replace(account, version=earlier.version + 1 if earlier else 1), earlier

    def store(self, account: Account, earlier: Account | None, by: Principal | None = None) -> bool:
        """Store a proposed account if the stored one is still `earlier`; return False, and store nothing, if it is not."""
        record = None
        if by is not None and not (earlier and earlier.verified):
            record = new_entry(self.clock(), by.user, "account.verified", account.address, by_key=by.by_key)
        if not self.accounts.write(account, earlier, record):
            return False
        if earlier is not None and earlier.smtp is not None and earlier.smtp.secret:
            self.passwords.secret_store.delete(earlier.smtp.secret)
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
                if earlier.smtp is not None and earlier.smtp.secret:
                    self.passwords.secret_store.delete(earlier.smtp.secret)
                return
        raise Unavailable("the account is changing too fast")


def _is_own_address(user: User, address: str, known: Iterable[Account]) -> bool:
    return address == user.address or any(account.verified for account in known if account.address == address)


def warnings_about(account: Account) -> tuple[str, ...]:
    """Return what a person should know before sending from an account."""
    found: list[str] = []
    if not account.verified:
        found.append(Text("Not verified yet: an administrator has to confirm that this address is yours."))
    if account.smtp is not None and f".{account.smtp.host.lower()}".endswith(_FILES_EACH_COPY):
        words = "This provider files each recipient's copy in Sent: opening one there counts as an open of yours."
        found.append(Text(words))
    return tuple(found)


def _server(server: Server, address: str, earlier: Account | None, user: User, passwords: Passwords) -> SmtpServer:
    check_server(server)
    before = earlier.smtp if earlier is not None else None
    known = before is not None and bool(before.sealed or before.secret)
    if server.username and server.password is None and not known:
        raise Invalid("smtp.password", "is missing: none is stored for this account")
    if server.password and not server.username:
        raise Invalid("smtp.username", "is missing: a password alone signs nobody in")
    if server.password is None and known and before is not None:
        _same_server(server, before)
    made = SmtpServer(server.host, server.port, server.security, server.username)
    if not server.username:
        return made
    if server.password is None and before is not None and before.sealed:
        return replace(made, sealed=before.sealed)
    text = server.password
    if text is None and earlier is not None:
        text = read(earlier, passwords)
    return replace(made, sealed=passwords.seal.close(user.id, address, text)) if text else made


def _same_server(server: Server, earlier: SmtpServer) -> None:
    """Refuse to use a stored password for another server than the one it was entered for, or without encryption."""
    if server.username and (server.host.lower(), server.username) != (earlier.host.lower(), earlier.username):
        raise Invalid("smtp.password", "is missing: the stored one was given for another server or user name")
    if server.username and server.security == "none" != earlier.security:
        raise Invalid("smtp.password", "is missing: the stored one was given for an encrypted connection")
