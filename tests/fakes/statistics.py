"""Tracked messages looked at closely, in memory."""

from dataclasses import dataclass

from ocello.domain.engagement.summary import Engagement
from ocello.domain.messages.message import LEFT_US
from ocello.services.statistics.ports import TrackedSample
from tests.fakes.messages import MemoryMessageStore


@dataclass
class MemoryTrackedSamples:
    """TrackedSamples of MemoryMessageStore."""

    messages: MemoryMessageStore

    def newest(self, owners, first_ms, end_ms, limit):
        return [look for owner in owners for look in self._of(owner, first_ms, end_ms)[:limit]]

    def _of(self, owner, first_ms, end_ms):
        own = self.messages.page(owner, tracked=True, limit=len(self.messages.messages) + 1, cursor=None).items
        return [_look(each) for each in own if first_ms <= each.message.created_at < end_ms]


def _look(stored):
    left = frozenset(each.index for each in stored.recipients if each.status in LEFT_US)
    return TrackedSample(
        stored.message, stored.engagement or Engagement(), len(stored.recipients), left, stored.report.links
    )
