"""Samples of tracked messages, and pools, in memory."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ocello.domain.common.errors import Uncertain
from ocello.domain.engagement.summary import Engagement
from ocello.domain.messages.message import LEFT_US
from ocello.domain.tracking.loads import Load, LoadClass
from ocello.domain.tracking.pools import Pool
from ocello.services.common.ports import Page
from ocello.services.sending.ports import StoredMessage
from ocello.services.statistics.ports import FoundPool, ModeDay, TrackedSample
from tests.fakes.messages import MemoryMessageStore
from tests.fakes.world import paged


@dataclass
class MemoryTrackedSamples:
    """TrackedSamples of MemoryMessageStore."""

    messages: MemoryMessageStore

    def newest(self, owners: Sequence[str], first_ms: int, end_ms: int, limit: int) -> Sequence[TrackedSample]:
        return [sample for owner in owners for sample in self._of(owner, first_ms, end_ms)[:limit]]

    def _of(self, owner: str, first_ms: int, end_ms: int) -> list[TrackedSample]:
        own = self.messages.page(owner, tracked=True, limit=len(self.messages.messages) + 1, cursor=None).items
        return [_sample(each) for each in own if first_ms <= each.message.created_at < end_ms]


def _sample(stored: StoredMessage) -> TrackedSample:
    left = frozenset(
        each.index
        for each in stored.recipients
        if each.status in LEFT_US and stored.message.modes_of(each).opens != "off"
    )
    return TrackedSample(
        stored.message, stored.engagement or Engagement(), len(stored.recipients), left, stored.report.links
    )


@dataclass
class MemoryPoolStore:
    """PoolStore, and capture's and replay's LoadSink."""

    recipients: dict[Pool, set[str]] = field(default_factory=dict)
    counters: Counter[Load] = field(default_factory=Counter)
    names: set[str] = field(default_factory=set)

    def add_recipient(self, pool: Pool, digest: str) -> None:
        self.recipients.setdefault(pool, set()).add(digest)

    def between(self, first: str, last: str) -> Sequence[FoundPool]:
        found = [FoundPool(pool, len(who)) for pool, who in self.recipients.items() if first <= pool.week <= last]
        return sorted(found, key=lambda each: (each.pool.week, each.pool.id), reverse=True)

    def loads(self, pool: str, last_day: str) -> Mapping[LoadClass, int]:
        found: Counter[LoadClass] = Counter()
        for load, count in self.counters.items():
            if load.pool == pool and load.day <= last_day:
                found[load.by] += count
        return found

    def add(self, load: Load, _seconds: float) -> None:
        self.counters[load] += 1

    def add_once(self, load: Load, name: str, seconds: float) -> None:
        if name not in self.names:
            self.names.add(name)
            self.add(load, seconds)


class MemoryModeCounts:
    """ModeCounts and ModeDays; while it is down nothing is added, and nobody knows."""

    def __init__(self) -> None:
        self.days: dict[str, Counter[str]] = {}
        self.down = False

    def add(self, day: str, counters: Sequence[str]) -> None:
        if self.down:
            raise Uncertain("database: down")
        self.days.setdefault(day, Counter()).update(counters)

    def page(self, limit: int, cursor: str | None) -> Page[ModeDay]:
        found = [ModeDay(day, dict(self.days[day])) for day in sorted(self.days, reverse=True)]
        return paged(found, limit, cursor, lambda each: each.day)
