"""The ports of what administrators do, and of passwords."""

from collections.abc import Sequence
from typing import Protocol

from ocello.domain.audit import Entry
from ocello.services.ports import Page


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


class Trail(Protocol):
    """The audit trail; the stores write it, each entry with its change."""

    def page(self, limit: int, cursor: str | None) -> Page[Entry]:
        """List all entries, newest first. Raises Invalid for a cursor that this list did not give."""

    def told(self, user: str, limit: int) -> Sequence[Entry]:
        """List what administrators changed of a user's items, newest first."""


class Directory(Protocol):
    """The stack's own user pool, where people have their passwords."""

    def invite(self, address: str, *, again: bool) -> bool:
        """Make a sign-in for `address` and mail it a first password; False where there is one already.

        With `again`, mail one who never came a new first password; False where there is nobody such. Raises Unavailable.
        """
