"""The ports of people: users, settings, API keys, sign-in and sessions, the audit trail."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from ocello.domain.people.audit import AuditEntry
from ocello.domain.people.contacts import Contacts
from ocello.domain.people.preferences import Language, Preferences
from ocello.domain.people.ringing import AlertChoice, QuietHours
from ocello.domain.people.sessions import Session
from ocello.domain.people.users import ApiKey, TrackingSettings, User
from ocello.domain.verdicts.signed_in import SignedIn
from ocello.services.common.ports import Page


class UserStore(Protocol):
    """Users, and the sign-ins that belong to them."""

    def get(self, user: str) -> User | None:
        """Return a user, or None."""

    def by_identity(self, digest: str) -> User | None:
        """Return the user of a sign-in (digest of issuer and subject), or None."""

    def by_address(self, address: str) -> User | None:
        """Return the user of a sign-in address, or None."""

    def create(self, user: User, note: AuditEntry) -> bool:
        """Write a new user with its address and an audit entry; return False, and write nothing, if the address is taken."""

    def change(self, before: User, after: User, notes: Sequence[AuditEntry], witness: str = "") -> bool:
        """Write a user over `before`, with audit entries; return False, and write nothing, if `before` is outdated.

        With `witness`, the id of another user, also return False if that user is not an administrator who may come in.
        """

    def mark_seen(self, user: str, up_to: int) -> None:
        """Record that a user has seen what happened up to `up_to`; an earlier time changes nothing."""

    def bind(self, digest: str, user: str) -> None:
        """Record that a sign-in belongs to a user."""

    def page(self, limit: int, cursor: str | None) -> Page[User]:
        """Return a page of users by address."""


class SettingsStore(Protocol):
    """Users' settings of tracking."""

    def read(self, user: str) -> TrackingSettings:
        """Return a user's settings; a user without any has the defaults."""

    def save_switches(self, user: str, settings: TrackingSettings) -> None:
        """Write a user's three switches, and no other setting."""

    def save_never_track(self, user: str, domains: tuple[str, ...]) -> None:
        """Write the domains that a user never tracks, and no other setting."""

    def choose_alerts(self, user: str, choice: AlertChoice, quiet: QuietHours | None) -> None:
        """Write which alerts a user is told of, and when, and nothing else of the settings."""


class ApiKeyStore(Protocol):
    """Users' API keys."""

    def get(self, user: str, identifier: str) -> ApiKey | None:
        """Return a key, or None."""

    def create(self, key: ApiKey, note: AuditEntry) -> None:
        """Write a new key, with an audit entry."""

    def delete(self, key: ApiKey, note: AuditEntry) -> bool:
        """Revoke a key, with an audit entry; return False, and write nothing, if there is no such key."""

    def page(self, user: str, limit: int, cursor: str | None) -> Page[ApiKey]:
        """Return a page of a user's keys, oldest first."""

    def touch(self, user: str, identifier: str, now: int) -> None:
        """Record that a key was used."""


@dataclass(frozen=True, slots=True)
class Claims:
    """What an identity provider says of the person who signed in.

    `address` is in lower case, and empty unless verified.
    """

    issuer: str
    subject: str
    use: Literal["id", "access"]
    address: str = ""
    name: str = ""
    groups: tuple[str, ...] = ()
    issued_at: int = 0  # ms, rounded to seconds


class SignInVerifier(Protocol):
    """Verifies tokens of the identity provider."""

    def verify(self, token: str) -> Claims:
        """Verify the token of a sign-in. Raises Unauthenticated, or Unavailable if the provider's keys cannot be fetched."""


@dataclass(frozen=True, slots=True)
class Tokens:
    """The tokens of a provider's token endpoint; an empty text if it sent none, as a refresh may send no ID token."""

    identity: str
    refresh: str


class SignInProvider(Protocol):
    """An OpenID Connect provider, for the authorization code flow with PKCE (RFC 7636)."""

    def address_to_sign_in(self, state: str, nonce: str, verifier: str) -> str:
        """Return the address to which a browser is sent to sign in."""

    def redeem(self, code: str, verifier: str) -> Tokens:
        """Exchange an authorization code for tokens. Raises Unauthenticated or Unavailable."""

    def refresh(self, token: str) -> Tokens:
        """Request new tokens. Raises Unauthenticated if the sign-in is no longer valid, or Unavailable."""

    def address_to_sign_out(self) -> str:
        """Return the address at which the provider's own session ends."""

    def nonce_of(self, identity: str) -> str:
        """Return the nonce of an ID token that was verified elsewhere."""


class SessionStore(Protocol):
    """Sessions, by the digest of their name."""

    def get(self, digest: str) -> Session | None:
        """Return a session, or None."""

    def begin(self, session: Session) -> None:
        """Write a new session."""

    def save_last_use(self, session: Session) -> None:
        """Record when a session was last used; do nothing if it is over."""

    def save_sources(self, session: Session) -> None:
        """Record from where a session was used, and nothing else; do nothing if it is over."""

    def rename(self, before: Session, after: Session) -> bool:
        """Write a session under its new name, and record that the old one is replaced, in one write.

        Return False, and write nothing, if the old one is gone or replaced already.
        """

    def delete(self, digest: str) -> None:
        """Delete a session."""


@dataclass(frozen=True, slots=True)
class KnownSources:
    """From where a user was signed in of late, and the version of the row, which grows with each change."""

    sources: tuple[SignedIn, ...] = ()
    version: int = 0


class SignInSources(Protocol):
    """From where users were signed in of late."""

    def read(self, user: str) -> KnownSources:
        """Return a user's sources; none for a user without any."""

    def write(self, user: str, known: KnownSources) -> bool:
        """Write sources over the version before; return False if that is not the stored one."""


class Seal(Protocol):
    """Encrypts texts so that they can be read only with the session's name."""

    def close(self, name: str, text: str) -> bytes:
        """Encrypt `text`."""

    def open(self, name: str, sealed: bytes) -> str:
        """Decrypt a text; return an empty text for anything that was not encrypted with this name."""


class PreferenceStore(Protocol):
    """People's preferences."""

    def read(self, user: str) -> Preferences:
        """Return a user's preferences; a user without any has the defaults."""

    def save_choices(self, user: str, preferences: Preferences) -> None:
        """Write a user's language, zone, theme and shortcuts, and no other preference."""

    def save_signature(self, user: str, signature: str) -> None:
        """Write a user's signature, and no other preference."""

    def save_zone_if_unknown(self, user: str, zone: str) -> None:
        """Write a user's zone if none is stored, and no other preference."""

    def remember_browser_language(self, user: str, language: Language) -> None:
        """Store the language that a user's browser asks for, and no other preference."""


class ContactStore(Protocol):
    """The people whom users wrote to."""

    def read(self, owner: str) -> Contacts:
        """Return a user's contacts; none for a user without any."""

    def write(self, owner: str, known: Contacts) -> bool:
        """Write contacts over the version before; return False if that is not the stored one."""


class Trail(Protocol):
    """The audit trail. The stores write it, each entry together with its change."""

    def page(self, limit: int, cursor: str | None) -> Page[AuditEntry]:
        """Return a page of all entries, newest first. Raises Invalid for a cursor of another list."""

    def notices(self, user: str, limit: int) -> Sequence[AuditEntry]:
        """Return what administrators changed of a user's items, newest first."""


class Directory(Protocol):
    """The stack's own user pool, which holds people's passwords."""

    def invite(self, address: str, *, again: bool) -> bool:
        """Create a sign-in for `address` and mail a first password to it; return False if there is one already.

        With `again`, mail a new first password to someone who never chose a password; return False if there is no such
        person. Raises Unavailable.
        """
