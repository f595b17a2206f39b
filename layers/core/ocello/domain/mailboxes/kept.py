"""What is kept of a received mail that answers one of ours, and of a mailbox between two looks."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from ocello.domain.common.times import DAY_MS
from ocello.domain.mailboxes.judge import ANSWERS, Kind
from ocello.domain.mailboxes.reasons import ReasonCode
from ocello.domain.mailboxes.received import MailRef
from ocello.domain.messages.message import Mailbox

LookPace = Literal["1M", "5M", "60M"]  # minutes between two looks
LOOK_BACK_MS = 2 * DAY_MS  # before the day on which all was last read, where a place in the mailbox is lost
_PAUSES = (60, 120, 300, 900, 3_600)  # seconds after a failure; the last for each further one
_BUSY_MS, _USED_MS = 3 * DAY_MS, 30 * DAY_MS


@dataclass(frozen=True, slots=True)
class ReceivedMail:
    """A received mail as it is kept: who wrote when, what it is and what it answers; neither its subject nor its text."""

    name: str  # of `heads.identity`: a mail is kept once
    owner: str
    account: str  # the address whose mailbox received it
    conversation: str
    message: str  # our mail that it names; empty where it only belongs to the conversation
    recipients: tuple[int, ...]  # whose copies of that mail it is about: who wrote it, or whom a report names
    sender: Mailbox
    at: int  # ms; when the mailbox took it
    kind: Kind
    reasons: tuple[ReasonCode, ...]
    ref: MailRef
    in_spam: bool = False
    blind: bool = False  # the recipient got a blind copy: only the mail's owner is shown this

    @property
    def answers(self) -> bool:
        """Return whether a person answered a mail of ours."""
        return self.kind in ANSWERS and self.message != ""


@dataclass(frozen=True, slots=True)
class MailboxState:
    """How far a mailbox was read. `place` is its reader's own text.

    A mailbox whose credential was `refused` is on no round, until its account is connected again.
    """

    owner: str
    address: str
    connected_at: int  # ms
    place: str = ""
    pace: LookPace = "1M"
    last_read: int = 0  # ms; the first time of a day that it was read to its end
    failing_since: int = 0  # ms; 0: it is not failing
    failures: int = 0  # in a row
    not_before: int = 0  # ms; no look before
    refused: bool = False
    diagnostic: str = ""  # the server's words on the last failure
    version: int = 0  # raised by each change

    @property
    def since(self) -> int:
        """Return the time (ms) from which on mail is looked at where no place is known."""
        return max(self.last_read, self.connected_at) - LOOK_BACK_MS


def latest_answer(mails: Iterable[ReceivedMail], owner: str, address: str) -> int:
    """Return when somebody last answered a mail of an owner's (ms), among the mails of a conversation; 0: never."""
    return max(
        (each.at for each in mails if each.answers and (each.owner, each.sender.address) == (owner, address)), default=0
    )


def pause_after(failures: int) -> int:
    """Return the seconds until a mailbox is looked at again after so many failures (1 or more)."""
    return _PAUSES[min(failures, len(_PAUSES)) - 1]


def pace_of(last_sent: int, now: int) -> LookPace:
    """Return how often a mailbox is looked at, by when its owner last sent a mail (ms; 0: never)."""
    if now - last_sent <= _BUSY_MS:
        return "1M"
    return "5M" if now - last_sent <= _USED_MS else "60M"
