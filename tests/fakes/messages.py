"""Messages and what belongs to them, in memory."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from ocello.domain.common.errors import Unavailable
from ocello.domain.engagement.statistics import CountedMail
from ocello.domain.engagement.summary import Engagement
from ocello.domain.messages.message import Message, Recipient, Status, with_decisions
from ocello.services.common.ports import Page
from ocello.services.sending.ports import KnownId, StoredMessage
from ocello.services.statistics.ports import StoredDay
from tests.fakes.world import paged


@dataclass
class MemoryMessageStore:
    """MessageStore and MessageDays; the recipients' state is in `rows`, which MemoryRecipientStore changes."""

    messages: dict[str, StoredMessage] = field(default_factory=dict)
    rows: dict[tuple[str, int], Recipient] = field(default_factory=dict)
    engagements: dict[str, Engagement] = field(default_factory=dict)
    used: dict[tuple[str, str], str] = field(default_factory=dict)
    conversations: dict[tuple[str, str], KnownId] = field(default_factory=dict)
    down: bool = False

    def create(self, stored: StoredMessage, idempotency: str | None) -> str | None:
        self._answer()
        message = stored.message
        if idempotency is not None:
            if (message.owner, idempotency) in self.used:
                return self.used[message.owner, idempotency]
            self.used[message.owner, idempotency] = message.id
        self.messages[message.id] = stored
        self.conversations[message.owner, message.message_id] = KnownId(message.conversation_id, message.id)
        for recipient in stored.recipients:
            self.rows[message.id, recipient.index] = recipient
        return None

    def earlier(self, owner: str, idempotency: str) -> str | None:
        self._answer()
        return self.used.get((owner, idempotency))

    def load(self, message: str) -> StoredMessage | None:
        self._answer()
        stored = self.messages.get(message)
        if stored is None:
            return None
        recipients = tuple(self.rows[message, each.index] for each in stored.recipients)
        return replace(
            stored,
            message=with_decisions(stored.message, recipients),
            recipients=recipients,
            engagement=self.engagements.get(message, stored.engagement),
        )

    def lower(self, message: str) -> None:
        whole = self.load(message)
        if whole is not None:
            self.messages[message] = replace(self.messages[message], message=whole.message)

    def page(self, owner: str, *, tracked: bool, limit: int, cursor: str | None) -> Page[StoredMessage]:
        self._answer()
        own = [
            whole
            for key in sorted(self.messages, reverse=True)
            if (whole := self.load(key)) is not None
            and whole.message.owner == owner
            and (self.messages[key].message.tracked or not tracked)
        ]
        return paged(own, limit, cursor, lambda stored: stored.message.id)

    def between(self, owner: str, first_ms: int, end_ms: int) -> Sequence[CountedMail]:
        found = [(self.messages[key].message, self.load(key)) for key in sorted(self.messages)]
        return [
            CountedMail(message.created_at, message.track_opens, message.track_clicks, stored.engagement)
            for message, stored in found
            if stored is not None and message.owner == owner and first_ms <= message.created_at < end_ms
        ]

    def before(self, owner: str, identifier: str | None, limit: int) -> Sequence[Message]:
        own = sorted((s.message for s in self.messages.values() if s.message.owner == owner), key=lambda m: m.id)
        return [each for each in reversed(own) if identifier is None or each.id < identifier][:limit]

    def _answer(self) -> None:
        if self.down:
            raise Unavailable("database: down")


@dataclass
class MemoryConversations:
    """Conversations, which share their rows with MemoryMessageStore."""

    store: MemoryMessageStore

    def find(self, owner: str, message_ids: Sequence[str]) -> Mapping[str, KnownId]:
        known = self.store.conversations
        return {each: known[owner, each] for each in message_ids if (owner, each) in known}

    def claim(self, owner: str, message_id: str, conversation: str) -> str:
        return self.store.conversations.setdefault((owner, message_id), KnownId(conversation)).conversation

    def remember(self, owner: str, message_id: str, known: KnownId) -> None:
        self.store.conversations[owner, message_id] = known


@dataclass
class MemoryRecipientStore:
    """RecipientStore, conditional as the real one is."""

    store: MemoryMessageStore
    down: bool = False
    starts: dict[tuple[str, int], int] = field(default_factory=dict)

    def claim(self, message: str, index: int, now: int) -> Recipient | None:
        self._answer()
        row = self.store.rows.get((message, index))
        if row is None or row.status != "queued":
            return None
        self.store.rows[message, index] = replace(row, status="sending", changed_at=now, attempts=row.attempts + 1)
        self.starts.pop((message, index), None)
        return self.store.rows[message, index]

    def read(self, message: str, index: int) -> Recipient | None:
        self._answer()
        return self.store.rows.get((message, index))

    def record(self, message: str, recipient: Recipient, among: frozenset[Status]) -> bool:
        self._answer()
        row = self.store.rows.get((message, recipient.index))
        if row is None or row.status not in among:
            return False
        noted = replace(recipient, replied_at=row.replied_at, away_at=row.away_at)
        self.store.rows[message, recipient.index] = noted
        self.starts.pop((message, recipient.index), None)
        return True

    def note_reply(self, message: str, index: int, at: int) -> None:
        self._answer()
        row = self.store.rows.get((message, index))
        if row is not None and (not row.replied_at or row.replied_at > at):
            self.store.rows[message, index] = replace(row, replied_at=at)

    def note_absence(self, message: str, index: int, at: int) -> None:
        self._answer()
        row = self.store.rows.get((message, index))
        if row is not None and row.away_at < at:
            self.store.rows[message, index] = replace(row, away_at=at)

    def count_start(self, message: str, index: int, by: int) -> int:
        self._answer()
        row = self.store.rows.get((message, index))
        if row is None or row.status != "queued":
            return 0
        self.starts[message, index] = self.starts.get((message, index), 0) + by
        return self.starts[message, index]

    def _answer(self) -> None:
        if self.down:
            raise Unavailable("database: down")


def filled[M: MemoryMessageStore](store: M, *stored: StoredMessage) -> M:
    """Store these messages, and return the store."""
    for each in stored:
        store.create(each, None)
    return store


def messages_of(*stored: StoredMessage) -> MemoryMessageStore:
    """Make a store that holds these messages."""
    return filled(MemoryMessageStore(), *stored)


@dataclass
class MemoryDayStats:
    """DayStats."""

    days: dict[tuple[str, str], StoredDay] = field(default_factory=dict)
    forgotten: list[tuple[str, str]] = field(default_factory=list)  # owners and days

    def between(self, owner: str, first: str, last: str) -> Mapping[str, StoredDay]:
        return {day: kept for (user, day), kept in self.days.items() if user == owner and first <= day <= last}

    def keep(self, owner: str, days: Mapping[str, StoredDay]) -> None:
        for day, kept in days.items():
            if self.days.get((owner, day), StoredDay(0, None)).generation == kept.generation:
                self.days[owner, day] = kept

    def forget(self, owner: str, day: str) -> None:
        self.forgotten.append((owner, day))
        self.days[owner, day] = StoredDay(self.days.get((owner, day), StoredDay(0, None)).generation + 1, None)


@dataclass
class MemoryMutes:
    """Mutes, of the messages that a MemoryMessageStore holds."""

    store: MemoryMessageStore

    def mute(self, message: str, *, muted: bool) -> None:
        if (stored := self.store.messages.get(message)) is not None:
            self.store.messages[message] = replace(stored, message=replace(stored.message, muted=muted))
