"""The log of what was deleted, and how far a night's work has come."""

from typing import Literal, NamedTuple

Stage = Literal["hits", "engagement", "mails", "alerts", "done"]
STAGES: tuple[Stage, ...] = ("hits", "engagement", "mails", "alerts", "done")
DeletionKind = Literal["retention", "erasure"]


class Deleted(NamedTuple):
    """How many addresses were cut, and how many hits, engagement rows and alerts were deleted.

    Retention counts a hit when it gives it up: within three days DynamoDB deletes it, or else a later run does.
    """

    addresses: int = 0
    hits: int = 0
    engagement: int = 0
    alerts: int = 0

    def plus(self, other: "Deleted") -> "Deleted":
        """Return the sum of both."""
        return Deleted(*(one + more for one, more in zip(self, other, strict=True)))


class RetentionRun(NamedTuple):
    """A night's work: on which day, since 1970, and when (ms) it began, how far it has come, what it deleted.

    It counts for good what hits from `counted` to `counting` (ms) came to; the run before did so with older ones.
    Mail made before `looked` (ms) was looked through, by this run or earlier ones.
    """

    day: int
    began: int
    stage: Stage = "hits"
    cursor: str = ""
    deleted: Deleted = Deleted()
    counted: int = 0
    counting: int = 0
    looked: int = 0


class Deletion(NamedTuple):
    """An entry of the log: what was deleted, when (ms) that was done, and why.

    Of a person's erasure it has the subject, so that it can be done again where a table was restored.
    """

    at: int
    kind: DeletionKind
    deleted: Deleted
    began: int
    subject: str = ""
    reason: str = ""
