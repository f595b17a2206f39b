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
    """A message and all that is known of it."""

    message: Message
    recipients: tuple[Recipient, ...]
    report: Report
    engagement: Engagement | None


class MessageStore(Protocol):
    """Messages, with their recipients, report and engagement."""

    def create(self, stored: StoredMessage, idempotency: str | None) -> str | None:
        """Write everything or nothing; if the idempotency digest was used before, return that message's id."""

    def earlier(self, owner: str, idempotency: str) -> str | None:
        """Return the id of the message that was made with an idempotency digest, or None."""

    def load(self, message: str) -> StoredMessage | None:
        """Return one message with everything that belongs to it, or None."""

    def lower(self, message: str) -> None:
        """Let a message itself say how its copies are tracked, now that one of them is tracked less; never more.

        Raises Unavailable.
        """

    def page(self, owner: str, *, tracked: bool, limit: int, cursor: str | None) -> Page[StoredMessage]:
        """Return a page of an owner's messages, newest first. Raises Invalid for a cursor of another list."""


@dataclass(frozen=True, slots=True)
class KnownId:
    """What is known of a Message-ID: its conversation, and the id of our message that has it, if there is one."""

    conversation: str
    message: str = ""


class Conversations(Protocol):
    """The conversations that Message-IDs belong to, among one owner's mail."""

    def find(self, owner: str, message_ids: Sequence[str]) -> Mapping[str, KnownId]:
        """Return what is known about each Message-ID; unknown ones are left out."""

    def claim(self, owner: str, message_id: str, conversation: str) -> str:
        """Put a Message-ID into a conversation unless it is in one; return the one that it is in."""

    def remember(self, owner: str, message_id: str, known: KnownId) -> None:
        """Record that a Message-ID belongs to one of our messages."""


class RecipientStore(Protocol):
    """The delivery state of recipients; each change requires that the state before is the expected one."""

    def claim(self, message: str, index: int, now: int) -> Recipient | None:
        """Change *queued* to *sending* and return the recipient; None if it was in any other state."""

    def read(self, message: str, index: int) -> Recipient | None:
        """Return one recipient, or None."""

    def record(self, message: str, recipient: Recipient, among: frozenset[Status]) -> bool:
        """Write a recipient's new state if its stored status is one of `among`; return whether it was written."""

    def note_reply(self, message: str, index: int, at: int) -> None:
        """Note when an answer of a recipient came in (ms); of several, the first stays. One who is gone stays so."""

    def note_absence(self, message: str, index: int, at: int) -> None:
        """Note when an automatic answer of a recipient came in (ms); of several, the last stays. One who is gone stays so."""

    def count_start(self, message: str, index: int, by: int) -> int:
        """Add `by` to the number of times that preparing a copy began, and return the sum; 0 if the copy is not queued.

        A claim sets the number back to 0.
        """


class MailStore(Protocol):
    """Raw originals and uploads (the mail bucket)."""

    def put(self, name: str, content: bytes, content_type: str) -> None:
        """Store `content` under `name`. Raises Unavailable."""

    def get(self, name: str) -> bytes | None:
        """Read what is stored under `name`, or None."""

    def size(self, name: str) -> int | None:
        """Return the stored length in bytes, or None."""

    def delete(self, names: Sequence[str]) -> None:
        """Delete what is stored under `names`; names that do not exist are ignored. Raises Unavailable."""

    def address_to_get(self, name: str, content_type: str, filename: str) -> str:
        """Return a presigned address, valid for some minutes, from which `name` can be fetched."""

    def form_to_put(self, name: str, limit: int) -> dict[str, object]:
        """Return a presigned form `{"url", "fields"}` by which one object of at most `limit` bytes can be stored."""


class DeliveryQueue(Protocol):
    """The queue of copies to send."""

    def enqueue(self, message: str, indexes: Sequence[int], owner: str) -> Sequence[int]:
        """Queue one delivery per recipient index, shared fairly between owners; return those that may not be queued."""

    def redeliver_after(self, receipt: str, seconds: int) -> None:
        """Make the queue message of `receipt` visible again after `seconds`. Raises Unavailable."""


@dataclass(frozen=True, slots=True)
class Sent:
    """The result of a transport that accepted a copy; `message_id` is the one it really used, with angle brackets."""

    message_id: str


class Transport(Protocol):
    """Sends one copy to one recipient."""

    def send(self, account: Account, envelope_to: str, copy: bytes, tags: dict[str, str]) -> Sent:
        """Send `copy`. Raises Rejected (for good), Deferred (for now) or OutcomeUnknown of domain.messages.delivery."""


class SuppressionList(Protocol):
    """Addresses that get no mail until somebody allows it again."""

    def reason(self, address: str) -> str | None:
        """Return why `address` is suppressed (bounce or complaint), or None."""

    def add(self, address: str, reason: str, now: int) -> None:
        """Suppress `address`; a complaint stays a complaint, whatever is added later."""

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
        """Return one of `count` places of `name` that nobody holds at `now`, or None. Raises Unavailable."""

    def give_back(self, place: SendingPlace) -> None:
        """Give a place back, unless its time was over and another process holds it. Raises Unavailable."""


class ServerRecords(Protocol):
    """What is known of mail servers."""

    def read(self, server: str) -> ServerRecord:
        """Return what is known of a server. Raises Unavailable."""

    def write(self, server: str, record: ServerRecord, now: int) -> None:
        """Write what is known of a server; the record may be deleted when it is back to the defaults. Raises Unavailable."""


class SendCounts(Protocol):
    """How many mails each person and key sent in a minute."""

    def count(self, who: str, kind: SendKind, minute: int, most: int) -> bool:
        """Count one more, unless `most` were counted in that minute; return whether it was counted. Raises Unavailable."""


class OwnUsers(Protocol):
    """The people who use this installation."""

    def among(self, addresses: Sequence[str]) -> frozenset[str]:
        """Return those of `addresses`, in lower case, at which a user who is not disabled signs in or was invited."""
