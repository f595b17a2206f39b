"""A message, its recipients and what became of each: values and the one table of statuses."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

MAX_RECIPIENTS = 50
MAX_REQUEST_BYTES = 4_000_000
MAX_MESSAGE_BYTES = 25_000_000  # of files and images before they are encoded, as mail services count them
MAX_ORIGINAL_BYTES = 35_000_000  # of the whole mail, where base64 makes a file a third larger; Gmail takes 35.9 MB

Kind = Literal["to", "cc", "bcc"]
Visibility = Literal["private", "shared"]
Status = Literal["queued", "sending", "sent", "bounced", "complained", "failed", "unknown"]
MessageStatus = Literal["queued", "sending", "sent", "partly_failed", "failed", "unknown"]

PENDING: frozenset[Status] = frozenset({"queued", "sending"})
LEFT_US: frozenset[Status] = frozenset({"sent", "complained"})
TROUBLE: frozenset[Status] = frozenset({"failed", "unknown", "bounced"})  # its sender has to look after it

MISSED: frozenset[Status] = frozenset({"failed", "bounced"})  # it surely did not arrive


@dataclass(frozen=True, slots=True)
class Mailbox:
    """An RFC 5322 mailbox: an address and the name shown with it, perhaps empty."""

    address: str
    name: str = ""

    def __str__(self) -> str:
        """Spell it as a person would read it; not for header use."""
        return f"{self.name} <{self.address}>" if self.name else self.address


@dataclass(frozen=True, slots=True)
class Recipient:
    """One address of a message. `index` is its place in To, then Cc, then Bcc, and what its tokens carry."""

    index: int
    mailbox: Mailbox
    kind: Kind
    status: Status = "queued"
    provider_message_id: str = ""  # the Message-ID that the transport really used
    diagnostic: str = ""  # what the server said of a failure (RFC 3464, section 2.3.6)
    attempts: int = 0
    changed_at: int = 0  # ms
    sent_at: int = 0  # ms; when its copy left, 0 before
    delivered_at: int = 0  # ms; when the recipient's server took it, as the mail service said; 0 where it said nothing
    untracked: str = ""  # why its copy went out as it was written, though the message is tracked


@dataclass(frozen=True, slots=True)
class ItemRef:
    """A deal, lead, project, person or organization that a message is linked to."""

    type: str
    id: str


type LinkTimes = tuple[tuple[ItemRef, int], ...]  # items linked after a message was made, and when (ms)


@dataclass(frozen=True, slots=True)
class Link:
    """One rewritten address: its index is what its tokens carry."""

    index: int
    url: str
    text: str
    shows_address: bool = False  # its visible text is itself another address


WHOLE = "message"  # in `Untracked.what`: nothing of the mail could be tracked
OWN_USER = "own-user"  # in `Recipient.untracked`: the copy of the sender, or of somebody of the team


@dataclass(frozen=True, slots=True)
class Untracked:
    """Something left as it was, and why."""

    what: str
    where: str
    reason: str


@dataclass(frozen=True, slots=True)
class Report:
    """What rewriting found in a message: the same for each of its recipients."""

    links: tuple[Link, ...] = ()
    untracked: tuple[Untracked, ...] = ()


@dataclass(frozen=True, slots=True)
class Message:
    """One sent mail, without what became of it."""

    id: str
    owner: str
    message_id: str  # with its angle brackets
    conversation_id: str
    sender: Mailbox
    subject: str
    created_at: int  # ms
    track_opens: bool
    track_clicks: bool
    visibility: Visibility = "private"
    items: tuple[ItemRef, ...] = ()
    linked_since: LinkTimes = ()
    in_reply_to: str = ""
    references: tuple[str, ...] = ()  # the thread above it, oldest first
    by_caller: bool = False  # instrumented only: the caller sends it
    size: int = 0  # bytes of the original
    request_digest: str = ""  # of the request that made it, to tell a repeat from a different request
    version: int = 0  # raised by each change of who may see it, or of its items
    excepted: tuple[str, ...] = ()  # addresses to leave alone in this mail, as its links' targets are spelled
    never_track: tuple[str, ...] = ()  # domains that its owner never tracked when it was made
    own_copies: tuple[int, ...] = ()  # of recipients who are our own users: untracked, though the message is not

    @property
    def tracked(self) -> bool:
        """Return whether anything of it is tracked."""
        return self.track_opens or self.track_clicks


def status_of(recipients: Iterable[Recipient]) -> MessageStatus:
    """Sum up the recipients' statuses; derived whenever it is asked for, stored nowhere."""
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


def numbered(to: Sequence[Mailbox], cc: Sequence[Mailbox], bcc: Sequence[Mailbox]) -> tuple[Recipient, ...]:
    """Return each address its index, once: an address named twice (without regard to case) keeps its first place."""
    kinds: tuple[tuple[Kind, Sequence[Mailbox]], ...] = (("to", to), ("cc", cc), ("bcc", bcc))
    seen: set[str] = set()
    found: list[Recipient] = []
    for kind, mailboxes in kinds:
        for mailbox in mailboxes:
            if mailbox.address.lower() not in seen:
                seen.add(mailbox.address.lower())
                found.append(Recipient(len(found), mailbox, kind))
    return tuple(found)
