"""The ports: what the use cases need of the world, one small role each. Adapters make them real, tests remember."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from ocello.domain.alerts import AlertKind
from ocello.domain.engagement import Engagement
from ocello.domain.messages import Message, Recipient, Report, Status
from ocello.domain.people import Account, ApiKey, TrackingSettings, User
from ocello.domain.stats import Figures

Clock = Callable[[], int]  # milliseconds since 1970
Chance = Callable[[int], bytes]  # that many random bytes


@dataclass(frozen=True, slots=True)
class StoredMessage:
    """A message with all that is known of it."""

    message: Message
    recipients: tuple[Recipient, ...]
    report: Report
    engagement: Engagement | None


@dataclass(frozen=True, slots=True)
class Page[T]:
    """One page of a list; `next` is an opaque cursor, None on the last page."""

    items: tuple[T, ...]
    next: str | None


class MessageStore(Protocol):
    """Messages, with their recipients, report and engagement."""

    def create(self, stored: StoredMessage, idempotency: str | None) -> str | None:
        """Write all of it or nothing; where the idempotency digest was used before, give that message's id."""

    def earlier(self, owner: str, idempotency: str) -> str | None:
        """Give the id of the message that an idempotency digest made, or None."""

    def load(self, message: str) -> StoredMessage | None:
        """Read one message with everything that belongs to it, or None."""

    def page(self, owner: str, *, tracked: bool, limit: int, cursor: str | None) -> Page[StoredMessage]:
        """List an owner's messages, newest first. Raises Invalid for a cursor that this list did not give."""


class MessageDays(Protocol):
    """Messages by the day they were made, for statistics."""

    def between(self, owner: str, first_ms: int, end_ms: int) -> Sequence[tuple[Message, Engagement | None]]:
        """Give all messages made in [first_ms, end_ms) with their engagement."""


@dataclass(frozen=True, slots=True)
class KnownId:
    """What is known of a Message-ID: its conversation, and the id of the message of ours that has it, if one has."""

    conversation: str
    message: str = ""


class Conversations(Protocol):
    """Which conversation a Message-ID belongs to, among one owner's mail."""

    def find(self, owner: str, message_ids: Sequence[str]) -> Mapping[str, KnownId]:
        """Give what is known of Message-IDs; those of which nothing is are absent."""

    def claim(self, owner: str, message_id: str, conversation: str) -> str:
        """Let a Message-ID belong to a conversation unless it belongs to one; give the one that it belongs to."""

    def remember(self, owner: str, message_id: str, known: KnownId) -> None:
        """Note that a Message-ID is that of a message of ours."""


class RecipientStore(Protocol):
    """The delivery state of recipients; every change is conditional on the state it leaves."""

    def claim(self, message: str, index: int, now: int) -> Recipient | None:
        """Turn *queued* into *sending* and give the recipient; None where it was in any other state."""

    def read(self, message: str, index: int) -> Recipient | None:
        """Read one recipient."""

    def record(self, message: str, recipient: Recipient, among: frozenset[Status]) -> bool:
        """Write a recipient's new state if its present status is one of `among`; tell whether it was."""

    def count_start(self, message: str, index: int, by: int) -> int:
        """Add `by` to how often preparing a queued copy began, and give the sum; 0 where it is not queued. A claim forgets it."""


class MailStore(Protocol):
    """Raw originals and uploads (the mail bucket)."""

    def put(self, name: str, content: bytes, content_type: str) -> None:
        """Store `content` under `name`. Raises Unavailable."""

    def get(self, name: str) -> bytes | None:
        """Read what is stored under `name`, or None."""

    def size(self, name: str) -> int | None:
        """Give the stored length in bytes, or None."""

    def delete(self, names: Sequence[str]) -> None:
        """Forget what is stored under `names`; what is not there is no matter. Raises Unavailable."""

    def address_to_get(self, name: str, content_type: str, filename: str) -> str:
        """Make a presigned address, good for some minutes, from which `name` can be fetched."""

    def form_to_put(self, name: str, limit: int) -> dict[str, object]:
        """Make a presigned form `{"url", "fields"}` by which one object of at most `limit` bytes can be stored."""


class DeliveryQueue(Protocol):
    """The queue of copies to be sent."""

    def enqueue(self, message: str, indexes: Sequence[int], owner: str) -> Sequence[int]:
        """Queue one delivery per recipient index; give those that were perhaps not queued.

        Where the queue shares fairly, it does so between owners.
        """

    def postpone(self, receipt: str, seconds: int) -> None:
        """Let the queue message of `receipt` come back after `seconds`. Raises Unavailable."""


@dataclass(frozen=True, slots=True)
class Sent:
    """A transport took a copy; `message_id` is the one it really used, with its angle brackets."""

    message_id: str


class Transport(Protocol):
    """Something that sends one copy to one recipient."""

    def send(self, account: Account, envelope_to: str, copy: bytes, tags: dict[str, str]) -> Sent:
        """Send `copy`. Raises domain.delivery's Refused (for good), Postponed (for now) or InDoubt (nobody knows)."""


class SuppressionList(Protocol):
    """Addresses that are not sent to again without a deliberate act."""

    def reason(self, address: str) -> str | None:
        """Say why `address` is suppressed (bounce or complaint), or None."""

    def add(self, address: str, reason: str, now: int) -> None:
        """Suppress `address`."""

    def remove(self, address: str) -> bool:
        """Allow `address` again; tell whether it was suppressed."""


class UserStore(Protocol):
    """Users and the sign-ins that are theirs."""

    def get(self, user: str) -> User | None:
        """Read a user."""

    def by_identity(self, digest: str) -> User | None:
        """Find the user of a sign-in (digest of issuer and subject)."""

    def by_address(self, address: str) -> User | None:
        """Find the user of a sign-in address."""

    def create(self, user: User) -> bool:
        """Write a new user and claim the address, or write nothing and give False where the address is taken."""

    def update(self, user: User) -> None:
        """Write name, groups, admin and disabled."""

    def bind(self, digest: str, user: str) -> None:
        """Note that a sign-in belongs to a user."""

    def page(self, limit: int, cursor: str | None) -> Page[User]:
        """List users by address."""


class SettingsStore(Protocol):
    """Users' switches."""

    def read(self, user: str) -> TrackingSettings:
        """Read a user's settings; a user without any has the defaults."""

    def write(self, user: str, settings: TrackingSettings) -> None:
        """Write a user's settings."""


class AccountStore(Protocol):
    """Users' sending accounts."""

    def of(self, user: str) -> Sequence[Account]:
        """List a user's accounts, oldest first."""

    def write(self, account: Account) -> None:
        """Write an account."""

    def delete(self, user: str, address: str) -> bool:
        """Delete an account; tell whether it was there."""


class SecretStore(Protocol):
    """Passwords of SMTP servers."""

    def write(self, name: str, text: str) -> None:
        """Store a secret under `name`."""

    def read(self, name: str) -> str:
        """Read a secret. Raises Unavailable."""

    def delete(self, name: str) -> None:
        """Forget a secret."""


class ApiKeyStore(Protocol):
    """Users' API keys."""

    def get(self, user: str, identifier: str) -> ApiKey | None:
        """Read a key."""

    def write(self, key: ApiKey) -> None:
        """Write a key."""

    def delete(self, user: str, identifier: str) -> bool:
        """Revoke a key; tell whether it was there."""

    def page(self, user: str, limit: int, cursor: str | None) -> Page[ApiKey]:
        """List a user's keys, oldest first."""

    def touch(self, user: str, identifier: str, now: int) -> None:
        """Note that a key was used."""


@dataclass(frozen=True, slots=True)
class Claims:
    """What an identity provider says of whoever signed in; `address` is in lower case, and empty unless verified."""

    issuer: str
    subject: str
    use: Literal["id", "access"]
    address: str = ""
    name: str = ""
    groups: tuple[str, ...] = ()


class SignInVerifier(Protocol):
    """The identity provider's word."""

    def verify(self, token: str) -> Claims:
        """Verify a token of a sign-in. Raises Unauthenticated, or Unavailable without the provider's keys."""


@dataclass(frozen=True, slots=True)
class KeptDay:
    """What is kept of a day: a generation that each change behind the figures raises, and the figures, if any."""

    generation: int
    figures: Figures | None


class DayStats(Protocol):
    """Figures of days that are over, kept until something behind them changes."""

    def between(self, owner: str, first: str, last: str) -> Mapping[str, KeptDay]:
        """Read what is kept of the days from `first` to `last`, both included; other days are absent."""

    def keep(self, owner: str, days: Mapping[str, KeptDay]) -> None:
        """Keep days' figures if the generation of each is still the given one (0: none yet); else perhaps none of them."""

    def forget(self, owner: str, day: str) -> None:
        """Raise a day's generation and let go of its figures."""


@dataclass(frozen=True, slots=True)
class ShownAlert:
    """An alert as the panel shows it. `id` is opaque, and sorts by time."""

    id: str
    kind: AlertKind
    at: int  # ms
    message: str
    subject: str
    recipient: str
    link: str | None
    state: Literal["new", "read", "withdrawn"]
    name: str = ""  # of the recipient, where the mail names one


class AlertPanel(Protocol):
    """A user's alerts, as the panel lists them."""

    def page(self, owner: str, limit: int, cursor: str | None) -> Page[ShownAlert]:
        """List an owner's alerts, newest first. Raises Invalid for a cursor that this list did not give."""

    def follow(self, owner: str, alert: str) -> str | None:
        """Note that an owner has read one alert, and give its message, or None. Raises Invalid for what is no alert's id."""

    def read_up_to(self, owner: str, alert: str) -> None:
        """Note that an owner has read all alerts up to `alert`; never moves back. Raises Invalid for no alert's id."""
