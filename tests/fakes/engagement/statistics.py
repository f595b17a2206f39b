"""Samples of tracked messages, in memory."""

from collections.abc import Sequence
from dataclasses import dataclass

from ocello.domain.engagement.summary import Engagement
from ocello.domain.messages.message import LEFT_US
from ocello.services.sending.ports import StoredMessage
from ocello.services.statistics.ports import TrackedSample
from tests.fakes.messages import MemoryMessageStore


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
