"""The ports of sending accounts: the accounts, their servers' passwords, and a trial of an account."""

from collections.abc import Sequence
from typing import Protocol

from ocello.domain.people.audit import AuditEntry
from ocello.domain.people.credentials import Credential
from ocello.domain.people.users import Account


class AccountStore(Protocol):
    """Users' sending accounts."""

    def of(self, user: str) -> Sequence[Account]:
        """Return a user's accounts, oldest first."""

    def write(self, account: Account, before: Account | None, note: AuditEntry | None = None) -> bool:
        """Write an account over `before`, with an audit entry; return False, and write nothing, if `before` is outdated."""

    def delete(self, account: Account) -> bool:
        """Delete an account; return False if the stored one differs."""

    def claim(self, account: Account) -> None:
        """Record that the address of an earlier version's account is one of ours, unless the account changed meanwhile."""


class AccountProbe(Protocol):
    """Tries a sending account without sending a mail."""

    def check(self, account: Account, credential: Credential) -> None:
        """Connect and sign in. Raises Rejected, Deferred or OutcomeUnknown of domain.messages.delivery, with words for a person.

        Raises Unverified if the mail service does not know the address yet, but can be asked to by `invite`.
        """

    def invite(self, address: str) -> None:
        """Make the mail service send its verification mail to `address`, once. Raises Rejected or Deferred."""


class PasswordSeal(Protocol):
    """Encrypts the password of a user's SMTP server for one account's row; in any other row it cannot be read."""

    def close(self, user: str, address: str, text: str) -> bytes:
        """Encrypt a password. Raises Unavailable."""

    def open(self, user: str, address: str, sealed: bytes) -> str:
        """Decrypt a password. Raises Unavailable."""


class SecretStore(Protocol):
    """Passwords of SMTP servers, stored there by earlier versions."""

    def read(self, name: str) -> str:
        """Return a secret. Raises Unavailable."""

    def delete(self, name: str) -> None:
        """Delete a secret."""
