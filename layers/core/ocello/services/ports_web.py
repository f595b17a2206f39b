"""The ports of the web application: what its use cases need beyond those of the API."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from ocello.domain.contacts import Contacts
from ocello.domain.drafts import KeptDraft
from ocello.domain.engagement import Engagement
from ocello.domain.inbox import Entry
from ocello.domain.messages import Link, Message
from ocello.domain.people import Account
from ocello.domain.preferences import Language, Preferences
from ocello.domain.sessions import Session
from ocello.services.ports import Page


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
        """Note when a session was last used; nothing happens where it is over."""

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


@dataclass(frozen=True, slots=True)
class KeptEntry:
    """An inbox entry and its version, which each change raises."""

    entry: Entry
    version: int


class InboxStore(Protocol):
    """The lists of people's inboxes. Reading a page costs the same however long a list is."""

    def entry(self, owner: str, conversation: str) -> KeptEntry | None:
        """Read a conversation's entry."""

    def write(self, owner: str, entry: Entry, before: KeptEntry | None, words: Sequence[str]) -> bool:
        """Put an entry on its lists and take it off others, and add search words; False where `before` is outdated."""

    def page(self, owner: str, name: str, limit: int, cursor: str | None) -> Page[Entry]:
        """List conversations of one list, newest mail first. Raises Invalid for a cursor that is not the list's."""

    def found(self, owner: str, word: str, limit: int) -> Sequence[str]:
        """Name conversations that have a word beginning with `word`."""

    def entries(self, owner: str, conversations: Sequence[str]) -> Sequence[Entry]:
        """Read the entries that are there."""

    def newer(self, owner: str, limit: int) -> Sequence[str]:
        """Name messages newer than the mark, oldest first."""

    def move_mark(self, owner: str, message: str) -> None:
        """Note that all messages up to `message` were taken in."""


class Engagements(Protocol):
    """What messages' hits come to."""

    def of(self, messages: Sequence[str]) -> Mapping[str, Engagement]:
        """Read the engagement of messages; those without any hit are absent."""


@dataclass(frozen=True, slots=True)
class Look:
    """A tracked message looked at closely, for statistics.

    `left` are the indexes of recipients whose copy left us, as far as that decides anything (`insight.undecided`);
    `links` are there if one of them was clicked.
    """

    message: Message
    engagement: Engagement
    recipients: int
    left: frozenset[int]
    links: tuple[Link, ...]


class MessageLooks(Protocol):
    """Tracked messages looked at closely, many at a time."""

    def newest(self, owners: Sequence[str], first_ms: int, end_ms: int, limit: int) -> Sequence[Look]:
        """Give the newest `limit` tracked messages of each owner made in [first_ms, end_ms)."""


class DraftStore(Protocol):
    """Mails that people are writing."""

    def page(self, owner: str, limit: int, cursor: str | None) -> Page[KeptDraft]:
        """List a user's drafts, the one begun last first."""

    def get(self, owner: str, identifier: str) -> KeptDraft | None:
        """Read a draft."""

    def write(self, owner: str, draft: KeptDraft, before: int | None) -> bool:
        """Write a draft over version `before` (None: a new one); False where that is not the present version."""

    def delete(self, owner: str, identifier: str) -> None:
        """Forget a draft."""

    def discard(self, owner: str, draft: KeptDraft, until: int) -> None:
        """Take a draft off the list, and keep it aside until a time (ms)."""

    def restore(self, owner: str, identifier: str, now: int) -> KeptDraft | None:
        """Put a discarded draft back; None where none is kept any more."""


class ContactStore(Protocol):
    """The people whom users have written to."""

    def read(self, owner: str) -> Contacts:
        """Return a user's contacts; of a user without any, none."""

    def write(self, owner: str, known: Contacts) -> bool:
        """Write contacts over the version before theirs; False where that is not the present one."""


class AccountProbe(Protocol):
    """Tries a sending account without sending anything."""

    def check(self, account: Account, password: str) -> None:
        """Connect and sign in. Raises domain.delivery's Refused, Postponed or InDoubt with words for a person.

        Unverified where the mail service could be asked by `invite` to find out.
        """

    def invite(self, address: str) -> None:
        """Have the mail service send its verification mail to `address`, once. Raises Refused or Postponed."""
