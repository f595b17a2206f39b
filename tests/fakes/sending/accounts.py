"""Sending accounts and their passwords, in memory."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from ocello.domain.common.errors import Unavailable
from ocello.domain.people.audit import AuditEntry
from ocello.domain.people.users import Account
from tests.fakes.world import ANYTHING


@dataclass
class MemoryAccountStore:
    """AccountStore."""

    accounts: dict[tuple[str, str], Account] = field(default_factory=dict)

    def of(self, user: str) -> Sequence[Account]:
        return [account for (owner, _), account in sorted(self.accounts.items()) if owner == user]

    trail: list[AuditEntry] = field(default_factory=list)
    meanwhile: Callable[[], None] | None = None  # what somebody else does before the next change

    def write(self, account: Account, before: Any = ANYTHING, note: AuditEntry | None = None) -> bool:
        """Write an account over `before`; without `before`, over anything, as no real store does."""
        if self.meanwhile is not None:
            then, self.meanwhile = self.meanwhile, None
            then()
        key = account.user, account.address
        present = self.accounts.get(key)
        before = present if before is ANYTHING else before
        if (present.version if present else None) != (before.version if before else None):
            return False
        version = before.version + 1 if before else 1
        self.accounts[key] = replace(account, version=version, claimed=account.verified)
        self.trail += [note] if note else []
        return True

    def claim(self, account: Account) -> None:
        present = self.accounts.get((account.user, account.address))
        if present is not None and present.version == account.version:
            self.accounts[account.user, account.address] = replace(present, claimed=True)

    def delete(self, account: Account) -> bool:
        present = self.accounts.get((account.user, account.address))
        if present is None or present.version != account.version:
            return False
        del self.accounts[account.user, account.address]
        return True


@dataclass
class MemoryPasswordSeal:
    """PasswordSeal, as strict as the real one about user and address."""

    down: bool = False

    def close(self, user: str, address: str, text: str) -> bytes:
        self._answer()
        return f"{user}|{address}|{text[::-1]}".encode()

    def open(self, user: str, address: str, sealed: bytes) -> str:
        self._answer()
        whose, text = sealed.decode().rsplit("|", 1)
        if whose != f"{user}|{address}":
            raise Unavailable("key service: InvalidCiphertextException")
        return text[::-1]

    def _answer(self) -> None:
        if self.down:
            raise Unavailable("key service: down")


@dataclass
class MemorySecretStore:
    """SecretStore, with what was stored before passwords were sealed."""

    secrets: dict[str, str] = field(default_factory=dict)

    def read(self, name: str) -> str:
        if name not in self.secrets:
            raise Unavailable("secret store: ResourceNotFoundException")
        return self.secrets[name]

    def delete(self, name: str) -> None:
        self.secrets.pop(name, None)
