"""What can become of a copy: the transports' refusals, the pauses between tries, and the one table of statuses."""

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
)  # seconds, 16 hours in all; none may reach the queue's longest, 12 h
STALE_AFTER_MS = 600_000  # longer than the deliver function may run: whoever claimed it then is dead
GIVE_UP_AFTER_MS = 172_800_000  # two days in the queue; within the queue's own fourteen
MAX_STARTS = 3  # times that preparing a copy may end with its function, by memory or time, before it fails

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
# From which statuses an outcome, told later by the transport, may lead on. A complaint outranks a bounce, a bounce
# outranks a delivery; so outcomes that come twice, late or out of order end in the same status.
FROM: dict[Outcome, frozenset[Status]] = {
    "delivered": frozenset({"sending", "unknown"}),
    "bounced": frozenset({"sending", "unknown", "sent"}),
    "complained": frozenset({"sending", "unknown", "sent", "bounced"}),
    "rejected": frozenset({"sending", "unknown", "sent"}),
}
# The transport's word, from the try itself. Knowing beats not knowing: it may correct an *unknown*.
TOLD: frozenset[Status] = frozenset({"sending", "unknown"})
SENT_AGAIN: frozenset[Status] = frozenset({"queued", "failed", "unknown", "bounced"})


class Rejected(OcelloError):  # noqa: N818 — a server's answer, not a failure of ours
    """A copy that will not be taken, whatever is tried; the text is what the server said."""


class Unverified(Rejected):
    """An address that a mail service does not know to be its sender's; it may be asked to find that out by mail."""


class Deferred(OcelloError):  # noqa: N818 — a server's answer, not a failure of ours
    """A copy that surely did not leave, and may later; the text is what the server said."""


class Unreachable(Deferred):
    """A server that cannot be reached, does not answer in time, or talks without end: its fault, not the copy's."""


class NotTried(Deferred):
    """A copy that nobody has judged, since it has to wait for its turn: that uses up none of its tries."""

    def __init__(self, words: str, seconds: int) -> None:
        """Keep in how many seconds it is worth asking again."""
        super().__init__(words)
        self.seconds = seconds


class OutcomeUnknown(OcelloError):  # noqa: N818 — a state of the world
    """A copy that may or may not have left: nothing more can be known, so it is not sent again by itself."""


COMPLAINT = "complaint"  # why an address is suppressed, where its person called a mail unwanted


@dataclass(frozen=True, slots=True)
class Feedback:
    """What became of one copy. `suppress` is why its address is not to be sent to again, or empty."""

    message: str
    recipient: int
    outcome: Outcome
    provider_message_id: str  # the Message-ID that the service gave the copy
    diagnostic: str = ""  # what the server said of a failure
    suppress: str = ""
    at: int = 0  # ms; when the recipient's server took it, 0 where that is not told


def pause_after(tries: int) -> int | None:
    """Return the seconds to wait after that many tries (from 1), or None after the last."""
    return PAUSES[tries - 1] if tries <= len(PAUSES) else None
