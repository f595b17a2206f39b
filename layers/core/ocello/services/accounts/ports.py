"""The ports of sending accounts: the accounts, their servers' passwords, and trying one."""

from collections.abc import Sequence
from typing import Protocol

from ocello.domain.people.audit import AuditEntry
from ocello.domain.people.users import Account


class AccountStore(Protocol):
    """Users' sending accounts."""

    def of(self, user: str) -> Sequence[Account]:
        """List a user's accounts, oldest first."""

    def write(self, account: Account, before: Account | None, note: AuditEntry | None = None) -> bool:
        """Write an account over `before`, with an audit entry; return False, and write nothing, where `before` is outdated."""

    def delete(self, account: Account) -> bool:
        """Delete an account; False where it is not what stands."""

    def claim(self, account: Account) -> None:
        """Record that the address of an account of an earlier version is one of ours; nothing where it changed meanwhile."""


class AccountProbe(Protocol):
    """Tries a sending account without sending anything."""

    def check(self, account: Account, password: str) -> None:
        """Connect and sign in. Raises domain.messages.delivery's Rejected, Deferred or OutcomeUnknown with words for a person.

        Unverified where the mail service could be asked by `invite` to find out.
        """

    def invite(self, address: str) -> None:
        """Have the mail service send its verification mail to `address`, once. Raises Refused or Postponed."""


class PasswordSeal(Protocol):
    """Seals the password of a user's SMTP server for its account's row: of no use in any other."""

    def close(self, user: str, address: str, text: str) -> bytes:
        """Seal a password. Raises Unavailable."""

    def open(self, user: str, address: str, sealed: bytes) -> str:
        """Read a sealed password. Raises Unavailable."""


class SecretStore(Protocol):
    """Passwords of SMTP servers that were stored before they were sealed."""

    def read(self, name: str) -> str:
        """Read a secret. Raises Unavailable."""

    def delete(self, name: str) -> None:
        """Forget a secret."""
