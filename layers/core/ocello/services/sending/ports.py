"""The ports of sending: messages, their recipients and originals, the queue, the transports, and fair turns."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from ocello.domain.engagement.summary import Engagement
from ocello.domain.messages.message import Message, Recipient, Report, Status
from ocello.domain.messages.servers import ServerRecord
from ocello.domain.people.audit import AuditEntry
from ocello.domain.people.users import Account
from ocello.services.common.ports import Page


@dataclass(frozen=True, slots=True)
class StoredMessage:
    """A message with all that is known of it."""

    message: Message
    recipients: tuple[Recipient, ...]
    report: Report
    engagement: Engagement | None


class MessageStore(Protocol):
    """Messages, with their recipients, report and engagement."""

    def create(self, stored: StoredMessage, idempotency: str | None) -> str | None:
        """Write all of it or nothing; where the idempotency digest was used before, return that message's id."""

    def earlier(self, owner: str, idempotency: str) -> str | None:
        """Return the id of the message that an idempotency digest made, or None."""

    def load(self, message: str) -> StoredMessage | None:
        """Read one message with everything that belongs to it, or None."""

    def page(self, owner: str, *, tracked: bool, limit: int, cursor: str | None) -> Page[StoredMessage]:
        """List an owner's messages, newest first. Raises Invalid for a cursor that this list did not give."""


@dataclass(frozen=True, slots=True)
class KnownId:
    """What is known of a Message-ID: its conversation, and the id of the message of ours that has it, if one has."""

    conversation: str
    message: str = ""


class Conversations(Protocol):
    """Which conversation a Message-ID belongs to, among one owner's mail."""

    def find(self, owner: str, message_ids: Sequence[str]) -> Mapping[str, KnownId]:
        """Return what is known about each Message-ID; unknown ones are left out."""

    def claim(self, owner: str, message_id: str, conversation: str) -> str:
        """Put a Message-ID into a conversation unless it is in one; return the one that it is in."""

    def remember(self, owner: str, message_id: str, known: KnownId) -> None:
        """Record that a Message-ID is that of a message of ours."""


class RecipientStore(Protocol):
    """The delivery state of recipients; every change is conditional on the state it leaves."""

    def claim(self, message: str, index: int, now: int) -> Recipient | None:
        """Turn *queued* into *sending* and return the recipient; None where it was in any other state."""

    def read(self, message: str, index: int) -> Recipient | None:
        """Read one recipient."""

    def record(self, message: str, recipient: Recipient, among: frozenset[Status]) -> bool:
        """Write a recipient's new state if its present status is one of `among`; return whether it was."""

    def count_start(self, message: str, index: int, by: int) -> int:
        """Add `by` to how often its preparation began; return the sum, 0 where it is not queued. A claim resets it."""


class MailStore(Protocol):
    """Raw originals and uploads (the mail bucket)."""

    def put(self, name: str, content: bytes, content_type: str) -> None:
        """Store `content` under `name`. Raises Unavailable."""

    def get(self, name: str) -> bytes | None:
        """Read what is stored under `name`, or None."""

    def size(self, name: str) -> int | None:
        """Return the stored length in bytes, or None."""

    def delete(self, names: Sequence[str]) -> None:
        """Forget what is stored under `names`; what is not there is no matter. Raises Unavailable."""

    def address_to_get(self, name: str, content_type: str, filename: str) -> str:
        """Make a presigned address, good for some minutes, from which `name` can be fetched."""

    def form_to_put(self, name: str, limit: int) -> dict[str, object]:
        """Make a presigned form `{"url", "fields"}` by which one object of at most `limit` bytes can be stored."""


class DeliveryQueue(Protocol):
    """The queue of copies to be sent."""

    def enqueue(self, message: str, indexes: Sequence[int], owner: str) -> Sequence[int]:
        """Queue one delivery per recipient index, shared fairly between owners; return those perhaps not queued."""

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
        """Suppress `address`; a complaint stays a complaint, whatever comes later."""

    def remove(self, address: str, reason: str, note: AuditEntry) -> bool:
        """Allow `address` again, with an audit entry; return False, and write nothing, if it is not suppressed for `reason`."""


SendKind = Literal["send", "track"]


@dataclass(frozen=True, slots=True)
class SendingPlace:
    """One of the places of `name`, held until it is given back or its time is over."""

    name: str
    number: int
    until: int  # ms


class SendingPlaces(Protocol):
    """Numbered places, each held by one process at a time."""

    def take(self, name: str, count: int, now: int, until: int) -> SendingPlace | None:
        """Take one of `count` places of `name` that nobody holds at `now`, or none. Raises Unavailable."""

    def give_back(self, place: SendingPlace) -> None:
        """Give a place back, unless its time was over and another process holds it. Raises Unavailable."""


class ServerRecords(Protocol):
    """What is known of mail servers."""

    def read(self, server: str) -> ServerRecord:
        """Read what is known of a server. Raises Unavailable."""

    def write(self, server: str, record: ServerRecord, now: int) -> None:
        """Write what is known of a server; it may be forgotten when it says nothing any more. Raises Unavailable."""


class SendCounts(Protocol):
    """How often each person and key has sent in a minute."""

    def count(self, who: str, kind: SendKind, minute: int, most: int) -> bool:
        """Count one more, unless `most` were counted in that minute; return whether it was. Raises Unavailable."""


class OwnUsers(Protocol):
    """The people who use this installation."""

    def among(self, addresses: Sequence[str]) -> frozenset[str]:
        """Return those of `addresses`, in lower case, at which a user signs in or was invited, and is not disabled."""
