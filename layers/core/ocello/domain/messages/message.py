"""A message, its recipients and the status of each."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from ocello.domain.consent.ladder import Decision
from ocello.domain.consent.modes import OFF, Modes

MAX_RECIPIENTS = 50
LONGEST_IDEMPOTENCY_KEY = 255
MAX_REQUEST_BYTES = 4_000_000
MAX_MESSAGE_BYTES = 25_000_000  # of files and images before encoding, as mail services count them
MAX_ORIGINAL_BYTES = 35_000_000  # of the whole mail, in which base64 makes files a third larger; Gmail accepts 35.9 MB

Kind = Literal["to", "cc", "bcc"]
Visibility = Literal["private", "shared"]
Status = Literal["queued", "sending", "sent", "bounced", "complained", "failed", "unknown"]
ShownStatus = Literal["queued", "sent", "bounced", "complained", "failed", "unknown"]  # what the API tells of a copy
MessageStatus = Literal["queued", "sending", "sent", "partly_failed", "failed", "unknown"]

PENDING: frozenset[Status] = frozenset({"queued", "sending"})
LEFT_US: frozenset[Status] = frozenset({"sent", "complained"})
TROUBLE: frozenset[Status] = frozenset({"failed", "unknown", "bounced"})  # the sender has to do something about it

MISSED: frozenset[Status] = frozenset({"failed", "bounced"})  # the copy certainly did not arrive


@dataclass(frozen=True, slots=True)
class Mailbox:
    """An RFC 5322 mailbox: an address and its display name, which may be empty."""

    address: str
    name: str = ""

    def __str__(self) -> str:
        """Return the mailbox as text for people, not for headers."""
        return f"{self.name} <{self.address}>" if self.name else self.address


@dataclass(frozen=True, slots=True)
class Recipient:
    """One address of a message. `index` is its position in To, then Cc, then Bcc; its tokens carry it."""

    index: int
    mailbox: Mailbox
    kind: Kind
    status: Status = "queued"
    provider_message_id: str = ""  # the Message-ID that the transport used
    diagnostic: str = ""  # what the server said about a failure (RFC 3464, section 2.3.6)
    attempts: int = 0
    changed_at: int = 0  # ms
    sent_at: int = 0  # ms; when its copy left, 0 before
    delivered_at: int = 0  # ms; when the recipient's server took it, as the mail service said; 0 where it said nothing
    untracked: str = ""  # why its copy was sent untracked, though the message is tracked
    tracking: Decision | None = None  # None: mail of an early release, where the message alone says it
    language: str = ""  # of its footer, as was known when it was sent; empty: its address tells
    bounce_status: str = ""  # of RFC 3463, as 5.1.1, where a report named it
    replied_at: int = 0  # ms; when the first answer of theirs came in, 0: none did
    away_at: int = 0  # ms; when the latest automatic answer of theirs came in


@dataclass(frozen=True, slots=True)
class ItemRef:
    """A deal, lead, project, person or organization that a message is linked to."""

    type: str
    id: str


type LinkTimes = tuple[tuple[ItemRef, int], ...]  # items linked after a message was made, and when (ms)


@dataclass(frozen=True, slots=True)
class Link:
    """One rewritten address; its tokens carry its `index`."""

    index: int
    url: str
    text: str
    shows_address: bool = False  # its visible text is a web address too


WHOLE = "message"  # in `Untracked.what`: nothing of the mail could be tracked
OWN_USER = "own-user"  # in `Recipient.untracked`: the copy of the sender, or of another user


@dataclass(frozen=True, slots=True)
class Untracked:
    """Something that was not tracked, and why."""

    what: str
    where: str
    reason: str


@dataclass(frozen=True, slots=True)
class Report:
    """What rewriting found in a message: it is the same for each recipient."""

    links: tuple[Link, ...] = ()
    untracked: tuple[Untracked, ...] = ()


@dataclass(frozen=True, slots=True)
class Message:
    """One sent mail, without its deliveries and engagement."""

    id: str
    owner: str
    message_id: str  # with angle brackets
    conversation_id: str
    sender: Mailbox
    subject: str
    created_at: int  # ms
    track_opens: bool = False  # of any copy
    track_clicks: bool = False
    visibility: Visibility = "private"
    items: tuple[ItemRef, ...] = ()
    linked_since: LinkTimes = ()
    in_reply_to: str = ""
    references: tuple[str, ...] = ()  # the ids of the earlier messages of the thread, oldest first
    by_caller: bool = False  # instrumented only: the caller sends it
    size: int = 0  # bytes of the original
    request_digest: str = ""  # digest of the request that made it, to recognise the same request again
    version: int = 0  # raised by each change of its visibility or items
    excepted: tuple[str, ...] = ()  # addresses not to track in this mail, in the form of its links' targets
    never_track: tuple[str, ...] = ()  # domains that its owner excluded from tracking when it was made
    opens_off: tuple[int, ...] = ()  # indexes of recipients whose opens are not tracked, though some are
    preview: str = ""  # the first characters of its text; empty in mail of an early release
    muted: bool = False  # its owner wants to be told of no open and click of it any more

    @property
    def tracked(self) -> bool:
        """Return whether opens or clicks are tracked."""
        return self.track_opens or self.track_clicks

    @property
    def modes(self) -> Modes:
        """Return how its copies are tracked, each of them at most."""
        return Modes("individual" if self.track_opens else "off", "individual" if self.track_clicks else "off")

    def modes_of(self, recipient: Recipient) -> Modes:
        """Return how a recipient's copy is tracked."""
        if recipient.tracking is not None:
            return recipient.tracking.modes
        if recipient.untracked == OWN_USER:
            return OFF
        return self.modes


def with_decisions(message: Message, recipients: Iterable[Recipient]) -> Message:
    """Return a message that says of itself what was decided for its recipients: tracked is what is so in any copy.

    What is counted in a pool is not: it tells nothing of the message.
    """
    modes = {each.index: message.modes_of(each) for each in recipients}
    if not modes:
        return message
    opens_off = [index for index, each in modes.items() if each.of_individuals.opens == "off"]
    return replace(
        message,
        track_opens=len(opens_off) < len(modes),
        track_clicks=any(each.of_individuals.links != "off" for each in modes.values()),
        opens_off=tuple(opens_off) if len(opens_off) < len(modes) else (),
    )


def shown_status(status: Status) -> ShownStatus:
    """Return a copy's status as the API tells it, which has no other name for a copy on its way."""
    return "queued" if status == "sending" else status


def status_of(recipients: Iterable[Recipient]) -> MessageStatus:
    """Return the status of a message, derived from its recipients' statuses; it is never stored."""
    seen = {recipient.status for recipient in recipients}
    if seen <= {"queued"}:
        return "queued"
    if seen & PENDING:
        return "sending"
    if seen <= LEFT_US:
        return "sent"
    if "unknown" in seen:
        return "unknown"
    return "partly_failed" if seen & LEFT_US else "failed"


def number_recipients(to: Sequence[Mailbox], cc: Sequence[Mailbox], bcc: Sequence[Mailbox]) -> tuple[Recipient, ...]:
    """Return the recipients with their indexes. An address that occurs twice, in any case, is taken once, at its first place."""
    kinds: tuple[tuple[Kind, Sequence[Mailbox]], ...] = (("to", to), ("cc", cc), ("bcc", bcc))
    seen: set[str] = set()
    found: list[Recipient] = []
    for kind, mailboxes in kinds:
        for mailbox in mailboxes:
            if mailbox.address.lower() not in seen:
                seen.add(mailbox.address.lower())
                found.append(Recipient(len(found), mailbox, kind))
    return tuple(found)
