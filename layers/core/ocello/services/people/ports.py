"""The ports of people: users, settings, API keys, sign-in and sessions, the audit trail."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from ocello.domain.people.audit import AuditEntry
from ocello.domain.people.contacts import Contacts
from ocello.domain.people.preferences import Language, Preferences
from ocello.domain.people.sessions import Session
from ocello.domain.people.users import ApiKey, TrackingSettings, User
from ocello.services.common.ports import Page


class UserStore(Protocol):
    """Users and the sign-ins that are theirs."""

    def get(self, user: str) -> User | None:
        """Read a user."""

    def by_identity(self, digest: str) -> User | None:
        """Find the user of a sign-in (digest of issuer and subject)."""

    def by_address(self, address: str) -> User | None:
        """Find the user of a sign-in address."""

    def create(self, user: User, note: AuditEntry) -> bool:
        """Write a new user with its address and an audit entry; return False, and write nothing, where the address is taken."""

    def change(self, before: User, after: User, notes: Sequence[AuditEntry], witness: str = "") -> bool:
        """Write a user over `before`, with audit entries; return False, and write nothing, where `before` is outdated.

        With `witness`, the id of another user, also where that one is no administrator who may come in.
        """

    def seen(self, user: str, told_at: int) -> None:
        """Record that a user has seen what happened up to `told_at`; never moves back."""

    def bind(self, digest: str, user: str) -> None:
        """Record that a sign-in belongs to a user."""

    def page(self, limit: int, cursor: str | None) -> Page[User]:
        """List users by address."""


class SettingsStore(Protocol):
    """Users' switches."""

    def read(self, user: str) -> TrackingSettings:
        """Read a user's settings; a user without any has the defaults."""

    def switch(self, user: str, settings: TrackingSettings) -> None:
        """Write a user's three switches, and nothing else of the settings."""

    def leave_alone(self, user: str, domains: tuple[str, ...]) -> None:
        """Write the domains that a user never tracks, and nothing else of the settings."""


class ApiKeyStore(Protocol):
    """Users' API keys."""

    def get(self, user: str, identifier: str) -> ApiKey | None:
        """Read a key."""

    def create(self, key: ApiKey, note: AuditEntry) -> None:
        """Write a new key, with an audit entry."""

    def delete(self, key: ApiKey, note: AuditEntry) -> bool:
        """Revoke a key, with an audit entry; return False, and write nothing, where it is not there."""

    def page(self, user: str, limit: int, cursor: str | None) -> Page[ApiKey]:
        """List a user's keys, oldest first."""

    def touch(self, user: str, identifier: str, now: int) -> None:
        """Record that a key was used."""


@dataclass(frozen=True, slots=True)
class Claims:
    """What an identity provider says of whoever signed in; `address` is in lower case, and empty unless verified."""

    issuer: str
    subject: str
    use: Literal["id", "access"]
    address: str = ""
    name: str = ""
    groups: tuple[str, ...] = ()
    issued_at: int = 0  # ms, to the second


class SignInVerifier(Protocol):
    """The identity provider's word."""

    def verify(self, token: str) -> Claims:
        """Verify a token of a sign-in. Raises Unauthenticated, or Unavailable without the provider's keys."""


@dataclass(frozen=True, slots=True)
class Tokens:
    """What a provider's token endpoint gave, each empty where it gave none: a refresh need not bring an ID token."""

    identity: str
    refresh: str


class SignInProvider(Protocol):
    """An OpenID Connect provider, for the authorization code flow with PKCE (RFC 7636)."""

    def address_to_sign_in(self, state: str, nonce: str, verifier: str) -> str:
        """Make the address to which a browser is sent to sign in."""

    def redeem(self, code: str, verifier: str) -> Tokens:
        """Change an authorization code into tokens. Raises Unauthenticated, or Unavailable."""

    def refresh(self, token: str) -> Tokens:
        """Ask for new tokens. Raises Unauthenticated where the sign-in is no longer good, or Unavailable."""

    def address_to_sign_out(self) -> str:
        """Make the address at which the provider's own session ends."""

    def nonce_of(self, identity: str) -> str:
        """Read the nonce inside an ID token that was verified elsewhere."""


class SessionStore(Protocol):
    """Sessions by the digest of their name."""

    def get(self, digest: str) -> Session | None:
        """Read a session."""

    def begin(self, session: Session) -> None:
        """Write a new session."""

    def note(self, session: Session) -> None:
        """Record when a session was last used; nothing happens where it is over."""

    def rename(self, before: Session, after: Session) -> bool:
        """Write a session under its new name, and that the old one is replaced, at once.

        False, and nothing, where the old one is gone or replaced already.
        """

    def delete(self, digest: str) -> None:
        """Forget a session."""


class Seal(Protocol):
    """Keeps a text so that only who knows the session's name can read it."""

    def close(self, name: str, text: str) -> bytes:
        """Seal `text`."""

    def open(self, name: str, sealed: bytes) -> str:
        """Read what was sealed; an empty text for anything else."""


class PreferenceStore(Protocol):
    """People's preferences."""

    def read(self, user: str) -> Preferences:
        """Read a user's preferences; a user without any has the defaults."""

    def choose(self, user: str, preferences: Preferences) -> None:
        """Write a user's language, zone and theme; the signature stays."""

    def sign(self, user: str, signature: str) -> None:
        """Write a user's signature; the rest stays."""

    def settle_zone(self, user: str, zone: str) -> None:
        """Write a user's zone where none is known; the rest stays."""

    def remember_browser_language(self, user: str, language: Language) -> None:
        """Remember what a user's browser wished for, and change no other preference."""


class ContactStore(Protocol):
    """The people whom users have written to."""

    def read(self, owner: str) -> Contacts:
        """Return a user's contacts; of a user without any, none."""

    def write(self, owner: str, known: Contacts) -> bool:
        """Write contacts over the version before theirs; False where that is not the present one."""


class Trail(Protocol):
    """The audit trail; the stores write it, each entry with its change."""

    def page(self, limit: int, cursor: str | None) -> Page[AuditEntry]:
        """List all entries, newest first. Raises Invalid for a cursor that this list did not give."""

    def told(self, user: str, limit: int) -> Sequence[AuditEntry]:
        """List what administrators changed of a user's items, newest first."""


class Directory(Protocol):
    """The stack's own user pool, where people have their passwords."""

    def invite(self, address: str, *, again: bool) -> bool:
        """Make a sign-in for `address` and mail it a first password; False where there is one already.

        With `again`, mail one who never came a new first password; False where there is nobody such. Raises Unavailable.
        """
