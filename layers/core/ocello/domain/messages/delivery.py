"""The delivery of a copy: the errors of transports, the pauses between tries, and the table of status changes."""

from dataclasses import dataclass
from typing import Literal

from ocello.domain.common.errors import OcelloError
from ocello.domain.common.texts import Text
from ocello.domain.messages.message import Status

PAUSES = (
    15,
    60,
    300,
    1_200,
    3_600,
    14_400,
    39_600,
)  # seconds, 16 hours in all; each must be below the queue's limit of 12 hours
STALE_AFTER_MS = 600_000  # longer than the deliver function may run: the run that claimed the copy has ended
GIVE_UP_AFTER_MS = 172_800_000  # two days in the queue, which keeps messages for fourteen
MAX_STARTS = 3  # times that preparing a copy may exceed the function's memory or time, before the copy fails

NOT_QUEUED = Text("It could not be queued for sending.")
STALE = Text("The sending was cut short, so whether it left is not known.")
NO_TURN = Text("It waits for its turn.")
KILLED = Text("Not sent: this copy could not be prepared. Its function ran out of memory or time again and again.")

Outcome = Literal["delivered", "bounced", "complained", "rejected"]

AFTER: dict[Outcome, Status] = {
    "delivered": "sent",
    "bounced": "bounced",
    "complained": "complained",
    "rejected": "failed",
}
# For each outcome that a transport reports later: the statuses that it may replace. A complaint outranks a bounce, a
# bounce outranks a delivery; so outcomes that come twice, late or out of order end in the same status.
FROM: dict[Outcome, frozenset[Status]] = {
    "delivered": frozenset({"sending", "unknown"}),
    "bounced": frozenset({"sending", "unknown", "sent"}),
    "complained": frozenset({"sending", "unknown", "sent", "bounced"}),
    "rejected": frozenset({"sending", "unknown", "sent"}),
}
# The same for the answer that a transport gives to the try itself: it may also replace *unknown*.
ANSWERED: frozenset[Status] = frozenset({"sending", "unknown"})
SENT_AGAIN: frozenset[Status] = frozenset({"queued", "failed", "unknown", "bounced"})


class Rejected(OcelloError):  # noqa: N818 — a server's answer, not a failure of ours
    """The server refused a copy for good; the text is its diagnostic."""


class SignInRefused(Rejected):
    """The server refused what an account signs in with: showing it again would be refused again, and slow others down."""


class Unverified(Rejected):
    """The mail service has not verified an address as its sender's; it can verify it by sending a mail."""


class Deferred(OcelloError):  # noqa: N818 — a server's answer, not a failure of ours
    """A copy was certainly not sent, and may be sent later; the text is the server's diagnostic."""


class Unreachable(Deferred):
    """The server cannot be reached, does not answer in time or never stops answering: the copy is not the reason."""


class NotTried(Deferred):
    """A copy was not tried, because it has to wait for its turn; this does not count as a try."""

    def __init__(self, text: str, seconds: int) -> None:
        """Store the diagnostic, and after how many seconds to try again."""
        super().__init__(text)
        self.seconds = seconds


class OutcomeUnknown(OcelloError):  # noqa: N818 — a state of the world
    """A copy may or may not have been sent, and this cannot be found out; so it is not sent again automatically."""


COMPLAINT = "complaint"  # the reason of a suppression after the recipient reported a mail as spam


@dataclass(frozen=True, slots=True)
class Feedback:
    """The outcome of one copy. `suppress` is the reason to suppress its address, or empty."""

    message: str
    recipient: int
    outcome: Outcome
    provider_message_id: str  # the Message-ID that the mail service gave the copy
    diagnostic: str = ""  # what the server said of a failure
    suppress: str = ""
    at: int = 0  # ms; when the recipient's server took it, 0 where that is not told
    status: str = ""  # of RFC 3463, as 5.1.1, where a bounce names it


def token_refused(words: str) -> SignInRefused:
    """Return the refusal of an access token, with what the server said of it."""
    pattern = "The server no longer accepts the access that this account was given (%(words)s). Connect it again."
    return SignInRefused(Text(pattern, words=words))


def pause_after(tries: int) -> int | None:
    """Return the seconds to wait after that many tries (1 or more), or None after the last one."""
    return PAUSES[tries - 1] if tries <= len(PAUSES) else None
