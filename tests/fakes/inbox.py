"""The inbox's lists in memory."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ocello.domain.engagement.summary import Engagement
from ocello.domain.messages import inbox
from ocello.domain.messages.drafts import StoredDraft
from ocello.domain.messages.inbox import ConversationEntry
from ocello.services.common.ports import Page
from ocello.services.inbox.ports import StoredEntry
from tests.fakes.messages import MemoryMessageStore
from tests.fakes.world import paged


@dataclass
class MemoryInboxStore:
    """InboxStore, over the messages of MemoryMessageStore."""

    messages: MemoryMessageStore
    kept: dict[tuple[str, str], StoredEntry] = field(default_factory=dict)
    words: set[tuple[str, str, str]] = field(default_factory=set)  # owner, word, conversation
    marks: dict[str, str] = field(default_factory=dict)
    losses: int = 0  # the next writes that fail because somebody else was faster

    def entry(self, owner: str, conversation: str) -> StoredEntry | None:
        return self.kept.get((owner, conversation))

    def write(self, owner: str, entry: ConversationEntry, before: StoredEntry | None, words: Sequence[str]) -> bool:
        if self.losses:
            self.losses -= 1
            return False
        if self.kept.get((owner, entry.conversation)) != before:
            return False
        self.kept[owner, entry.conversation] = StoredEntry(entry, before.version + 1 if before else 1)
        self.words |= {(owner, word, entry.conversation) for word in words}
        return True

    def page(self, owner: str, name: str, limit: int, cursor: str | None) -> Page[ConversationEntry]:
        entries = [kept.entry for (whose, _), kept in self.kept.items() if whose == owner]
        entries = [entry for entry in entries if name in inbox.lists_of(entry)]
        return paged(sorted(entries, key=lambda e: e.newest, reverse=True), limit, cursor, lambda e: e.newest)

    def found(self, owner: str, word: str, limit: int) -> Sequence[str]:
        return sorted({c for whose, known, c in self.words if whose == owner and known.startswith(word)})[:limit]

    def entries(self, owner: str, conversations: Sequence[str]) -> Sequence[ConversationEntry]:
        return [self.kept[owner, name].entry for name in dict.fromkeys(conversations) if (owner, name) in self.kept]

    def newer(self, owner: str, limit: int) -> Sequence[str]:
        own = sorted(key for key, stored in self.messages.messages.items() if stored.message.owner == owner)
        return [key for key in own if key > self.marks.get(owner, "")][:limit]

    def move_mark(self, owner: str, message: str) -> None:
        self.marks[owner] = max(message, self.marks.get(owner, ""))


@dataclass
class MemoryEngagements:
    """Engagements of MemoryMessageStore."""

    messages: MemoryMessageStore

    def of(self, messages: Sequence[str]) -> Mapping[str, Engagement]:
        return {key: self.messages.engagements[key] for key in messages if key in self.messages.engagements}


@dataclass
class MemoryDraftStore:
    """DraftStore."""

    kept: dict[tuple[str, str], StoredDraft] = field(default_factory=dict)
    discarded: dict[tuple[str, str], tuple[StoredDraft, int]] = field(default_factory=dict)

    def page(self, owner: str, limit: int, cursor: str | None) -> Page[StoredDraft]:
        own = [draft for (whose, _), draft in sorted(self.kept.items(), reverse=True) if whose == owner]
        return paged(own, limit, cursor, lambda draft: draft.id)

    def get(self, owner: str, identifier: str) -> StoredDraft | None:
        return self.kept.get((owner, identifier))

    def write(self, owner: str, draft: StoredDraft, before: int | None) -> bool:
        present = self.kept.get((owner, draft.id))
        if (present.version if present else None) != before:
            return False
        self.kept[owner, draft.id] = draft
        return True

    def delete(self, owner: str, identifier: str) -> None:
        self.kept.pop((owner, identifier), None)

    def discard(self, owner: str, draft: StoredDraft, until: int) -> None:
        self.discarded[owner, draft.id] = draft, until
        self.delete(owner, draft.id)

    def restore(self, owner: str, identifier: str, now: int) -> StoredDraft | None:
        draft, until = self.discarded.get((owner, identifier), (None, 0))
        if draft is None or until < now:
            return None
        del self.discarded[owner, identifier]
        self.kept.setdefault((owner, identifier), draft)
        return draft
