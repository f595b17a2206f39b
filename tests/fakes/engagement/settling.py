"""Ports of settling and alerting in memory."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Any

from ocello.domain.common.errors import Unavailable
from ocello.domain.engagement import row
from ocello.domain.engagement.counters import CountedHit, Counters, whole
from ocello.domain.engagement.summary import unpack
from ocello.domain.messages.alerts import Alert
from ocello.domain.tracking.hits import Hit
from ocello.domain.verdicts.context import CopyFacts, DomainHistory
from ocello.domain.verdicts.signed_in import SignedIn
from ocello.domain.verdicts.traces import HitPlace
from ocello.services.alerts.ports import HeldAlert, KeptAlert, Notice, OlderAlerts
from ocello.services.common.ports import Page
from ocello.services.engagement.ports import HitPosition, StoredRow, position_of
from tests.fakes.messages import MemoryMessageStore
from tests.fakes.people.sessions import MemorySignInSources
from tests.fakes.world import paged

MESSAGE = "0199a000-0000-7000-8000-000000000000"
BORN = 1_790_000_000_000
CHROME = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36"


def a_hit(
    at: int = 0, request: str = "r", kind: str = "open", recipient: int = 0, link: int | None = None, **other: Any
) -> Hit:
    return Hit(
        **{
            "message": MESSAGE,
            "at": BORN + at,
            "request": request,
            "kind": kind,
            "recipient": recipient,
            "link": (link or 0) if kind == "click" else None,
            "method": "GET",
            "address": "203.0.113.1",
            "agent": CHROME,
            "headers": {},
            "flags": 0,
        }
        | other
    )


def counted_row(links: int, entries: Sequence[CountedHit]) -> bytes:
    """Return the packed row of hits that are counted already, oldest first."""
    first, last = entries[0].at, HitPlace(entries[-1].at, 1)
    counters = whole(Counters(), entries)
    return row.pack(row.SettledRow(1, links, first, len(entries), watermark=last, edge=last, counters=counters))


class MemoryHitStore:
    """HitStore, with small pages."""

    def __init__(self, *hits: Hit) -> None:
        self.hits, self.read = list(hits), 0

    def pages(self, message: str, first: HitPosition | None, last: HitPosition | None) -> Iterator[Sequence[Hit]]:
        found = sorted((hit for hit in self.hits if hit.message == message), key=position_of)
        found = [
            hit
            for hit in found
            if (first is None or position_of(hit) >= first) and (last is None or position_of(hit) <= last)
        ]
        for start in range(0, len(found) or 1, 7):
            page = found[start : start + 7]
            self.read += len(page)
            yield page

    def remove(self, hits: Sequence[Hit]) -> None:
        self.hits = [hit for hit in self.hits if hit not in hits]


class MemoryHitSink:
    """HitSink, into what a MemoryHitStore reads."""

    def __init__(self, kept: MemoryHitStore) -> None:
        self.kept = kept

    def put(self, hit: Hit, seconds: float) -> None:
        if all((each.message, position_of(each)) != (hit.message, position_of(hit)) for each in self.kept.hits):
            self.kept.hits.append(hit)


class MemoryEngagementStore:
    """EngagementStore; `interrupt` runs once between a read and the write that follows."""

    def __init__(self, messages: MemoryMessageStore | None = None) -> None:
        self.messages = messages  # whose engagement these rows are
        self.rows: dict[str, StoredRow] = {}
        self.writes = 0
        self.interrupt: Callable[[], object] | None = None
        self.failing: set[str] = set()

    def read(self, message: str) -> StoredRow | None:
        if message in self.failing:
            raise Unavailable("database: down")
        return self.rows.get(message)

    def write(self, message: str, packed: bytes, version: int) -> bool:
        if self.interrupt is not None:
            interrupt, self.interrupt = self.interrupt, None
            interrupt()
        if (self.rows[message].version if message in self.rows else 0) != version:
            return False
        self.rows[message] = StoredRow(packed, version + 1)
        self.writes += 1
        if self.messages is not None:
            self.messages.engagements[message] = unpack(packed)
        return True

    def delete(self, message: str, version: int) -> bool:
        if message not in self.rows or self.rows[message].version != version:
            return False
        del self.rows[message]
        if self.messages is not None:
            self.messages.engagements.pop(message, None)
        return True


class MemorySurroundings:
    """Surroundings, of the messages of a store or of none, which counts how often it is asked for copies."""

    def __init__(
        self,
        links: int = 5,
        copies: Mapping[int, CopyFacts] | None = None,
        sessions: tuple[SignedIn, ...] = (),
        messages: MemoryMessageStore | None = None,
        sources: MemorySignInSources | None = None,
    ) -> None:
        self.links, self.known, self.from_where, self.asked = links, copies or {}, sessions, 0
        self.sources, self.asked_for_sessions = sources, 0  # of the owners of `messages`
        self.learned: list[tuple[str, dict[int, DomainHistory]]] = []
        self.messages = messages

    def link_count(self, message: str) -> int:
        if self.messages is None:
            return self.links
        stored = self.messages.load(message)
        return 0 if stored is None else len(stored.report.links)

    def copies(self, message: str, recipients: Collection[int]) -> Mapping[int, CopyFacts]:
        self.asked += 1
        return {index: self.known[index] for index in recipients if index in self.known}

    def learn(self, message: str, lessons: Mapping[int, DomainHistory]) -> None:
        self.learned.append((message, dict(lessons)))

    def sessions(self, message: str) -> tuple[SignedIn, ...]:
        self.asked_for_sessions += 1
        if self.messages is None or self.sources is None:
            return self.from_where
        stored = self.messages.load(message)
        return () if stored is None else self.sources.read(stored.message.owner).sources


class MemoryAlertStore:
    """AlertStore."""

    def __init__(self) -> None:
        self.rows: dict[Alert, bool] = {}  # whether it is withdrawn

    def kept(self, alert: Alert) -> KeptAlert | None:
        found = next((each for each in self.rows if each == alert), None)
        return None if found is None else KeptAlert(self.rows[found], found.silent)

    def put(self, alert: Alert, *, withdrawn: bool) -> None:
        self.rows.pop(alert, None)  # an equal one may be silent for another reason
        self.rows[alert] = withdrawn

    def remove(self, alert: Alert) -> None:
        """Remove by what its row's key is made of."""
        named = (alert.owner, alert.at, alert.message, alert.mark)
        for each in [each for each in self.rows if (each.owner, each.at, each.message, each.mark) == named]:
            del self.rows[each]

    def standing(self, owner: str, since: int, limit: int, cursor: str | None) -> Page[Alert]:
        theirs = sorted(
            (each for each in self.rows if each.owner == owner and each.at >= since), key=_place_of_alert, reverse=True
        )
        page = paged(theirs, limit, cursor, _place_of_alert)
        return Page(tuple(each for each in page.items if not self.rows[each]), page.next)


def _place_of_alert(alert: Alert) -> str:
    return f"{alert.at:013d}#{alert.message}#{alert.mark}"


class MemoryNoticeQueue:
    """NoticeQueue, that can be down."""

    def __init__(self) -> None:
        self.notices: list[Notice] = []
        self.held: list[tuple[HeldAlert, int]] = []
        self.older: list[OlderAlerts] = []
        self.down = False

    def enqueue(self, notices: Sequence[Notice]) -> None:
        if self.down:
            raise Unavailable("alert queue: down")
        self.notices += notices

    def enqueue_delayed(self, held: HeldAlert, delay_ms: int) -> None:
        if self.down:
            raise Unavailable("alert queue: down")
        self.held.append((held, delay_ms))

    def enqueue_older(self, older: OlderAlerts) -> None:
        if self.down:
            raise Unavailable("alert queue: down")
        self.older.append(older)


class MemoryChannel:
    """Channel, that can be down."""

    def __init__(self) -> None:
        self.sent: list[Notice] = []
        self.down = False

    def send(self, notice: Notice) -> None:
        if self.down:
            raise Unavailable("channel: down")
        self.sent.append(notice)
