"""The ports of retention in memory."""

from collections.abc import Callable, Sequence

from ocello.domain.common.errors import Unavailable
from ocello.domain.people.audit import AuditEntry
from ocello.domain.retention.jobs import SubjectJob, SubjectRight
from ocello.domain.retention.log import Deletion, RetentionRun
from ocello.domain.retention.tickets import PAUSE_MS, RightsTicket, RightsWish
from ocello.domain.tracking.hits import Hit
from ocello.services.common.ports import Page
from ocello.services.engagement.ports import position_of
from ocello.services.retention.ports import HitScan
from tests.fakes.engagement.settling import MemoryAlertStore, MemoryHitStore
from tests.fakes.world import paged


class MemoryHitArchive:
    """HitArchive, of the hits of a reader."""

    def __init__(self, kept: MemoryHitStore) -> None:
        self.kept = kept
        self.pages = 0

    def page(self, limit: int, cursor: str) -> HitScan:
        self.pages += 1
        every = sorted(self.kept.hits, key=lambda hit: (hit.message, *position_of(hit)))
        found = [hit for hit in every if _place(hit) > cursor]
        return HitScan(found[:limit], _place(found[limit - 1]) if len(found) > limit else "")

    def shorten(self, hit: Hit) -> None:
        self.kept.hits = [hit if _place(hit) == _place(each) else each for each in self.kept.hits]


def _place(hit: Hit) -> str:
    return f"{hit.message}{hit.at:013d}{hit.request}"


class MemoryRetentionStore:
    """RetentionStore."""

    def __init__(self) -> None:
        self.last: RetentionRun | None = None
        self.notes: set[tuple[int, str]] = set()

    def run(self) -> RetentionRun | None:
        return self.last

    def save(self, run: RetentionRun) -> None:
        self.last = run

    def note_due(self, message: str, day: int) -> None:
        self.notes.add((day, message))

    def due(self, until: int, limit: int) -> Sequence[tuple[str, int]]:
        return [(message, day) for day, message in sorted(self.notes) if day <= until][:limit]

    def done(self, message: str, day: int) -> None:
        self.notes.discard((day, message))


class MemoryDeletionLog:
    """DeletionLog."""

    def __init__(self) -> None:
        self.entries: dict[tuple[int, str], Deletion] = {}

    def add(self, entry: Deletion) -> None:
        self.entries.setdefault((entry.began, entry.subject), entry)

    def page(self, limit: int, cursor: str | None) -> Page[Deletion]:
        found = [self.entries[key] for key in sorted(self.entries, reverse=True)]
        return paged(found, limit, cursor, lambda entry: f"{entry.began}{entry.subject}")


class MemoryOldAlerts:
    """OldAlerts, of the rows of a store."""

    def __init__(self, kept: MemoryAlertStore) -> None:
        self.kept = kept

    def delete_before(self, owner: str, before: int, limit: int) -> int:
        found = [alert for alert in self.kept.rows if alert.owner == owner and alert.at < before][:limit]
        for alert in found:
            del self.kept.rows[alert]
        return len(found)


class MemorySubjectJobs:
    """SubjectJobs; `before_write` is told what is about to be written over what."""

    def __init__(self, trail: list[AuditEntry] | None = None) -> None:
        self.jobs: dict[str, SubjectJob] = {}
        self.trail = [] if trail is None else trail
        self.before_write: Callable[[SubjectJob, SubjectJob | None], None] = lambda _after, _before: None

    def get(self, identifier: str) -> SubjectJob | None:
        return self.jobs.get(identifier)

    def page(self, limit: int, cursor: str | None) -> Page[SubjectJob]:
        found = [self.jobs[key] for key in sorted(self.jobs, reverse=True)]
        return paged(found, limit, cursor, lambda job: job.id)

    def write(self, job: SubjectJob, before: SubjectJob | None, notes: Sequence[AuditEntry] = ()) -> bool:
        self.before_write(job, before)
        stored = self.jobs.get(job.id)
        if (stored and stored.version) != (before and before.version):
            return False
        self.jobs[job.id] = job
        self.trail.extend(notes)
        return True


class MemorySubjectQueue:
    """SubjectQueue and WishQueue."""

    def __init__(self) -> None:
        self.queued: list[str] = []
        self.wishes: list[RightsWish] = []
        self.down = False

    def enqueue(self, identifier: str) -> None:
        if self.down:
            raise Unavailable("subject queue")
        self.queued.append(identifier)

    def wish(self, wish: RightsWish) -> None:
        if self.down:
            raise Unavailable("subject queue")
        self.wishes.append(wish)


class MemoryRightsTickets:
    """RightsTickets."""

    def __init__(self) -> None:
        self.tickets: dict[str, RightsTicket] = {}
        self.written: dict[tuple[str, SubjectRight], int] = {}
        self.down = False

    def claim(self, subject: str, do: SubjectRight, at: int) -> bool:
        before = self.written.get((subject, do))
        if before is not None and before not in (at, min(before, at - PAUSE_MS)):
            return False
        self.written[subject, do] = at
        return True

    def get(self, digest: str) -> RightsTicket | None:
        if self.down:
            raise Unavailable("database: down")
        return self.tickets.get(digest)

    def put(self, ticket: RightsTicket) -> None:
        self.tickets[ticket.digest] = ticket
