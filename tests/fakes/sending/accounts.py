"""Sending accounts and what they sign in with, in memory."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from ocello.domain.common.errors import Unavailable
from ocello.domain.messages.delivery import Rejected
from ocello.domain.people.audit import AuditEntry
from ocello.domain.people.credentials import OAuthTokens
from ocello.domain.people.users import Account
from ocello.services.accounts.ports import SealedCredential
from tests.fakes.world import ANYTHING


@dataclass
class MemoryCredentialStore:
    """CredentialStore; `MemoryAccountStore` writes into the same rows."""

    rows: dict[tuple[str, str], SealedCredential] = field(default_factory=dict)

    def get(self, user: str, address: str) -> SealedCredential | None:
        return self.rows.get((user, address))

    def replace(self, user: str, address: str, secret: SealedCredential) -> bool:
        present = self.rows.get((user, address))
        if (present.version if present else 0) != secret.version - 1:
            return False
        self.rows[user, address] = secret
        return True


@dataclass
class MemoryAccountStore:
    """AccountStore."""

    accounts: dict[tuple[str, str], Account] = field(default_factory=dict)
    credentials: MemoryCredentialStore = field(default_factory=MemoryCredentialStore)

    def of(self, user: str) -> Sequence[Account]:
        return [account for (owner, _), account in sorted(self.accounts.items()) if owner == user]

    trail: list[AuditEntry] = field(default_factory=list)
    meanwhile: Callable[[], None] | None = None  # what somebody else does before the next change

    def write(
        self,
        account: Account,
        before: Any = ANYTHING,
        note: AuditEntry | None = None,
        secret: SealedCredential | None = None,
    ) -> bool:
        """Write an account over `before`; without `before`, over anything, as no real store does."""
        if self.meanwhile is not None:
            then, self.meanwhile = self.meanwhile, None
            then()
        key = account.user, account.address
        present = self.accounts.get(key)
        before = present if before is ANYTHING else before
        if (present.version if present else None) != (before.version if before else None):
            return False
        if secret is not None and not self.credentials.replace(*key, secret):
            return False
        if account.smtp is None or not account.smtp.username:
            self.credentials.rows.pop(key, None)
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
        self.credentials.rows.pop((account.user, account.address), None)
        return True


@dataclass
class MemoryCredentialSeal:
    """CredentialSeal, as strict as the real one about user and address."""

    down: bool = False

    def close(self, user: str, address: str, secret: bytes) -> bytes:
        self._answer()
        return f"{user}|{address}|".encode() + secret[::-1]

    def open(self, user: str, address: str, sealed: bytes) -> bytes:
        self._answer()
        whose = f"{user}|{address}|".encode()
        if not sealed.startswith(whose):
            raise Unavailable("key service: InvalidCiphertextException")
        return sealed.removeprefix(whose)[::-1]

    def open_password(self, user: str, address: str, sealed: bytes) -> str:
        return self.open(user, address, sealed).decode()

    def _answer(self) -> None:
        if self.down:
            raise Unavailable("key service: down")


@dataclass
class MemoryTokenIssuer:
    """TokenIssuer: gives access tokens with numbers that last an hour, until the access is ended."""

    clock: Callable[[], int]
    ended: bool = False
    asked: list[str] = field(default_factory=list)  # the refresh tokens it was shown
    meanwhile: Callable[[], None] | None = None  # what somebody else does while it answers

    def renew(self, tokens: OAuthTokens) -> OAuthTokens:
        self.asked.append(tokens.refresh)
        if self.meanwhile is not None:
            then, self.meanwhile = self.meanwhile, None
            then()
        if self.ended:
            raise Rejected("invalid_grant")
        return tokens.renewed(f"access-{len(self.asked)}", self.clock() + 3_600_000)


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
