"""The ports of sending accounts: the accounts, what they sign in with, and a trial of an account."""

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from ocello.domain.people.audit import AuditEntry
from ocello.domain.people.credentials import Credential, OAuthTokens
from ocello.domain.people.users import Account


class SealedCredential(NamedTuple):
    """An account's secret, sealed. The first has version 1, and each that takes its place the next number."""

    sealed: bytes
    version: int


class AccountStore(Protocol):
    """Users' sending accounts."""

    def of(self, user: str) -> Sequence[Account]:
        """Return a user's accounts, oldest first."""

    def write(
        self,
        account: Account,
        before: Account | None,
        note: AuditEntry | None = None,
        secret: SealedCredential | None = None,
    ) -> bool:
        """Write an account over `before`, with an audit entry and the successor of its secret, all or nothing.

        Return False, and write nothing, if `before` is outdated or another secret has taken the place before. Without
        `secret` the stored one stays, but an account that signs in nowhere keeps none.
        """

    def delete(self, account: Account) -> bool:
        """Delete an account and its secret; return False if the stored account differs."""

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


class CredentialStore(Protocol):
    """Accounts' sealed secrets, a row for each."""

    def get(self, user: str, address: str) -> SealedCredential | None:
        """Return an account's secret as it is now. Raises Unavailable."""

    def replace(self, user: str, address: str, secret: SealedCredential) -> bool:
        """Write a secret over its predecessor; return False, and write nothing, if that is not there any more."""


class CredentialSeal(Protocol):
    """Encrypts a secret for one account; for any other it cannot be read."""

    def close(self, user: str, address: str, secret: bytes) -> bytes:
        """Encrypt a secret. Raises Unavailable."""

    def open(self, user: str, address: str, sealed: bytes) -> bytes:
        """Decrypt a secret. Raises Unavailable, also for what was sealed for another account."""

    def open_password(self, user: str, address: str, sealed: bytes) -> str:
        """Decrypt a password as earlier versions kept it in the account's own row. Raises Unavailable."""


class TokenIssuer(Protocol):
    """A provider that gives tokens."""

    def renew(self, tokens: OAuthTokens) -> OAuthTokens:
        """Get a new access token. Raises Rejected if the access was ended, Unavailable if nobody answers."""


class SecretStore(Protocol):
    """Passwords of SMTP servers, stored there by earlier versions."""

    def read(self, name: str) -> str:
        """Return a secret. Raises Unavailable."""

    def delete(self, name: str) -> None:
        """Delete a secret."""
