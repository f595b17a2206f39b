"""The inbox's lists in memory."""

from dataclasses import dataclass, field

from ocello.domain.messages import inbox
from ocello.services.inbox.ports import KeptEntry
from tests.fakes.messages import MemoryMessageStore
from tests.fakes.world import paged


@dataclass
class MemoryInboxStore:
    """InboxStore, over the messages of MemoryMessageStore."""

    messages: MemoryMessageStore
    kept: dict = field(default_factory=dict)
    words: set = field(default_factory=set)
    marks: dict = field(default_factory=dict)
    losses: int = 0  # so many writes find that somebody else was faster

    def entry(self, owner, conversation):
        return self.kept.get((owner, conversation))

    def write(self, owner, entry, before, words):
        if self.losses:
            self.losses -= 1
            return False
        if self.kept.get((owner, entry.conversation)) != before:
            return False
        self.kept[owner, entry.conversation] = KeptEntry(entry, before.version + 1 if before else 1)
        self.words |= {(owner, word, entry.conversation) for word in words}
        return True

    def page(self, owner, name, limit, cursor):
        entries = [kept.entry for (whose, _), kept in self.kept.items() if whose == owner]
        entries = [entry for entry in entries if name in inbox.lists_of(entry)]
        return paged(sorted(entries, key=lambda e: e.newest, reverse=True), limit, cursor, lambda e: e.newest)

    def found(self, owner, word, limit):
        return sorted({c for whose, known, c in self.words if whose == owner and known.startswith(word)})[:limit]

    def entries(self, owner, conversations):
        return [self.kept[owner, name].entry for name in conversations if (owner, name) in self.kept]

    def newer(self, owner, limit):
        own = sorted(key for key, stored in self.messages.messages.items() if stored.message.owner == owner)
        return [key for key in own if key > self.marks.get(owner, "")][:limit]

    def move_mark(self, owner, message):
        self.marks[owner] = max(message, self.marks.get(owner, ""))


@dataclass
class MemoryEngagements:
    """Engagements of MemoryMessageStore."""

    messages: MemoryMessageStore

    def of(self, messages):
        return {key: self.messages.engagements[key] for key in messages if key in self.messages.engagements}


@dataclass
class MemoryDraftStore:
    """DraftStore."""

    kept: dict = field(default_factory=dict)
    discarded: dict = field(default_factory=dict)

    def page(self, owner, limit, cursor):
        own = [draft for (whose, _), draft in sorted(self.kept.items(), reverse=True) if whose == owner]
        return paged(own, limit, cursor, lambda draft: draft.id)

    def get(self, owner, identifier):
        return self.kept.get((owner, identifier))

    def write(self, owner, draft, before):
        present = self.kept.get((owner, draft.id))
        if (present.version if present else None) != before:
            return False
        self.kept[owner, draft.id] = draft
        return True

    def delete(self, owner, identifier):
        self.kept.pop((owner, identifier), None)

    def discard(self, owner, draft, until):
        self.discarded[owner, draft.id] = draft, until
        self.delete(owner, draft.id)

    def restore(self, owner, identifier, now):
        draft, until = self.discarded.get((owner, identifier), (None, 0))
        if draft is None or until < now:
            return None
        del self.discarded[owner, identifier]
        self.kept.setdefault((owner, identifier), draft)
        return draft
