"""The ports of retention: all hits, one after the other, and what is remembered of the work."""

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from ocello.domain.people.audit import AuditEntry
from ocello.domain.retention.jobs import SubjectJob, SubjectRight
from ocello.domain.retention.log import Deletion, RetentionRun
from ocello.domain.retention.tickets import RightsTicket, RightsWish
from ocello.domain.tracking.hits import Hit
from ocello.services.common.ports import Page
from ocello.services.engagement.ports import EngagementStore


class HitScan(NamedTuple):
    """Some of all hits, in no order but that a message's stand together; `next` continues, empty at the end."""

    hits: Sequence[Hit]
    next: str


class HitArchive(Protocol):
    """All stored hits. Every method raises Unavailable."""

    def page(self, limit: int, cursor: str) -> HitScan:
        """Read up to `limit` of all hits of all messages, from `cursor` on."""

    def shorten(self, hit: Hit) -> None:
        """Write a hit's address and source over what is stored of it, if it is there."""


class EngagementRows(EngagementStore, Protocol):
    """Engagement rows of which some must go."""

    def delete(self, message: str, version: int) -> bool:
        """Delete the row with `version`; False where another was written meanwhile. Raises Unavailable."""


class RetentionStore(Protocol):
    """What is remembered of a night's work. Every method raises Unavailable."""

    def run(self) -> RetentionRun | None:
        """Return the newest run, or None."""

    def save(self, run: RetentionRun) -> None:
        """Write how far a run has come over what was there."""

    def note_due(self, message: str, day: int) -> None:
        """Note that a message's engagement row is to be looked at on a day; noting it again changes nothing."""

    def due(self, until: int, limit: int) -> Sequence[tuple[str, int]]:
        """Return messages, with their days, that are to be looked at up to a day, the earliest first."""

    def done(self, message: str, day: int) -> None:
        """Forget that a message was to be looked at."""


class DeletionLog(Protocol):
    """The log of what was deleted; nothing of it is ever changed. Every method raises Unavailable."""

    def add(self, entry: Deletion) -> None:
        """Write an entry; the same once more changes nothing."""

    def page(self, limit: int, cursor: str | None) -> Page[Deletion]:
        """List entries, newest first. Raises Invalid for a cursor that this list did not give."""


class OldAlerts(Protocol):
    """Alerts that were kept long enough."""

    def delete_before(self, owner: str, before: int, limit: int) -> int:
        """Delete up to `limit` of an owner's alerts of hits before a time (ms); return how many. Raises Unavailable."""


class SubjectJobs(Protocol):
    """Requests to export or erase what is held of people. Every method raises Unavailable."""

    def get(self, identifier: str) -> SubjectJob | None:
        """Return a job as it is at this moment, or None."""

    def page(self, limit: int, cursor: str | None) -> Page[SubjectJob]:
        """List jobs, newest first. Raises Invalid for a cursor that this list did not give."""

    def write(self, job: SubjectJob, before: SubjectJob | None, notes: Sequence[AuditEntry] = ()) -> bool:
        """Write a job over `before`, with audit entries; return False, and write nothing, if another is stored."""


class SubjectQueue(Protocol):
    """The queue of such jobs."""

    def enqueue(self, identifier: str) -> None:
        """Queue a job to be gone on with. Raises Unavailable."""


class WishQueue(Protocol):
    """The queue of what people ask for on their page."""

    def wish(self, wish: RightsWish) -> None:
        """Queue what somebody asks for, until the mail about it can leave. Raises Unavailable."""


class RightsTickets(Protocol):
    """What the links of such mails stand for. Every method raises Unavailable."""

    def claim(self, subject: str, do: SubjectRight, at: int) -> bool:
        """Note that a mail is made because of a wish of time `at`; return False where one was less than a day before.

        The same wish may claim again.
        """

    def get(self, digest: str) -> RightsTicket | None:
        """Return a ticket as it is at this moment, or None."""

    def put(self, ticket: RightsTicket) -> None:
        """Write a ticket, over the one of the same digest."""
