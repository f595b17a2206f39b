"""Connects a sending account only after its server has taken us: tried there and then, with nothing written before."""

from collections.abc import Sequence

from ocello.domain.errors import Invalid
from ocello.domain.people import Account, User
from ocello.services import accounts
from ocello.services.accounts import Server
from ocello.services.ports import AccountStore, SecretStore
from ocello.services.ports_web import AccountProbe
from ocello.services.users import plain_address


class _Accounts:
    """AccountStore that reads what is there and writes nothing."""

    def __init__(self, real: AccountStore) -> None:
        self._real = real

    def of(self, user: str) -> Sequence[Account]:
        return self._real.of(user)

    def write(self, account: Account) -> None:
        """Leave it."""

    def delete(self, user: str, address: str) -> bool:  # noqa: ARG002 — the port's names
        return False


class _Secrets:
    """SecretStore that remembers what would be written, and reads that first."""

    def __init__(self, real: SecretStore) -> None:
        self._real = real
        self._given: dict[str, str] = {}

    def write(self, name: str, text: str) -> None:
        self._given[name] = text

    def read(self, name: str) -> str:
        return self._given[name] if name in self._given else self._real.read(name)

    def delete(self, name: str) -> None:
        """Leave it."""


def try_and_connect(
    user: User,
    address: str,
    name: str,
    server: Server | None,
    *,
    prefix: str,
    accounts_of: AccountStore,
    secrets: SecretStore,
    probe: AccountProbe,
) -> Account:
    """Connect an account that answers. Raises Invalid, or domain.delivery's errors with the server's words."""
    given = _Secrets(secrets)
    proposed = accounts.connect(
        user, address, name, server, verified=False, prefix=prefix, accounts=_Accounts(accounts_of), secrets=given
    )
    secret = proposed.smtp.secret if proposed.smtp is not None else ""
    probe.check(proposed, given.read(secret) if secret else "")
    return accounts.connect(
        user, address, name, server, verified=False, prefix=prefix, accounts=accounts_of, secrets=secrets
    )


def invite(user: User, address: str, accounts_of: AccountStore, probe: AccountProbe) -> None:
    """Have the mail service write to an address of the user's own, so that it can be connected afterwards.

    Only to one that is known to be theirs: nobody makes this installation write to strangers. Raises Invalid, or
    domain.delivery's errors.
    """
    address = plain_address("address", address)
    if not accounts.proven(user, address, accounts_of):
        raise Invalid("address", "must be the address that you sign in with, or one that an administrator confirmed")
    probe.invite(address)
