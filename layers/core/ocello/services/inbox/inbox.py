"""Keeps and reads the inbox: conversations on lists, newest mail first.

The lists are derived from the messages. Sending adds a message at once. A message that was not added then (it was sent
in another way, or a process crashed) is added when the inbox is next read: a mark moves over the messages in order.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from ocello.domain.common import ids
from ocello.domain.common.errors import Unavailable
from ocello.domain.engagement.summary import Engagement
from ocello.domain.mailboxes.kept import ReceivedMail
from ocello.domain.messages import inbox, marks
from ocello.domain.messages.inbox import ConversationEntry
from ocello.services.common.ports import Clock, Page
from ocello.services.inbox.ports import Engagements, InboxStore
from ocello.services.sending.ports import MessageStore, StoredMessage

SETTLED_MS = 60_000  # after this time, no message with an earlier id can still appear
CATCH_UP = 50  # messages added when the inbox is read once
COUNTED = 12  # newest tracked messages of a conversation that are counted in its line of the list
MATCHES = 300
_ENTRIES = 100  # messages read at once
_TRIES = 6


class Counts(NamedTuple):
    """The sum of what came of the newest tracked messages of a conversation."""

    tracks_opens: bool
    tracks_clicks: bool
    opens: int
    clicks: int
    state: marks.State
    last: marks.Activity | None


class InboxLine(NamedTuple):
    """One line of the inbox."""

    entry: ConversationEntry
    counts: Counts


def add_message(stored: StoredMessage, store: InboxStore) -> None:
    """Add a message to its owner's inbox; adding it again changes nothing. Raises Unavailable."""
    message = stored.message
    line = inbox.line_of(message, stored.recipients)
    engagement = stored.engagement or Engagement()
    words = inbox.search_words(message, stored.recipients)
    for _ in range(_TRIES):
        kept = store.entry(message.owner, message.conversation_id)
        entry = inbox.with_message(kept.entry if kept else None, message.conversation_id, line)
        if stored.engagement is not None:
            entry = _marked(entry, message.id, engagement)
        if (kept is not None and kept.entry == entry) or store.write(message.owner, entry, kept, words):
            return
    raise Unavailable("the inbox is changing too fast")


def refresh_engagement(owner: str, conversation: str, message: str, engagement: Engagement, store: InboxStore) -> None:
    """Move a message between the lists when its first hit counts, or when none counts any more. Raises Unavailable."""
    for _ in range(_TRIES):
        kept = store.entry(owner, conversation)
        if kept is None:
            return  # not added yet: it will be added with this engagement
        entry = _marked(kept.entry, message, engagement)
        if entry == kept.entry or store.write(owner, entry, kept, ()):
            return
    raise Unavailable("the inbox is changing too fast")


def refresh_delivery(message: str, *, messages: MessageStore, store: InboxStore) -> None:
    """Update what the inbox shows of a message's delivery, and of how it is tracked. Raises Unavailable.

    Each try reads the entry first and then the message. So if two changes come at once, the later state is the one that
    remains.
    """
    stored = messages.load(message)
    for _ in range(_TRIES):
        kept = None if stored is None else store.entry(stored.message.owner, stored.message.conversation_id)
        stored = messages.load(message)
        if stored is None or kept is None:
            return  # not added yet: it will be added with its delivery
        entry = inbox.with_delivery(kept.entry, inbox.line_of(stored.message, stored.recipients))
        if entry == kept.entry or store.write(stored.message.owner, entry, kept, ()):
            return
    raise Unavailable("the inbox is changing too fast")


def refresh_answers(stored: StoredMessage, mails: Sequence[ReceivedMail], store: InboxStore) -> None:
    """Place a message's conversation by the answers among all received mails of its owner in it. Raises Unavailable."""
    message = stored.message
    for _ in range(_TRIES):
        kept = store.entry(message.owner, message.conversation_id)
        if kept is None:
            add_message(stored, store)
            continue
        entry = inbox.with_answers(kept.entry, mails)
        if entry == kept.entry or store.write(message.owner, entry, kept, ()):
            return
    raise Unavailable("the inbox is changing too fast")


def refresh_items(owner: str, conversation: str, message: str, *, messages: MessageStore, store: InboxStore) -> None:
    """Update what the inbox shows of a message's items. Raises Unavailable.

    Each try reads the entry first and then the message. So if two changes come at once, the later state is the one that
    remains.
    """
    for _ in range(_TRIES):
        kept = store.entry(owner, conversation)
        stored = messages.load(message)
        if stored is None:
            return
        if kept is None or not kept.entry.knows(message):
            add_message(stored, store)
            continue
        entry = inbox.with_items(kept.entry, message, stored.message.items)
        if entry == kept.entry or store.write(owner, entry, kept, ()):
            return
    raise Unavailable("the inbox is changing too fast")


@dataclass(frozen=True, slots=True)
class InboxReader:
    """Reads inboxes, and brings them up to date before."""

    store: InboxStore
    messages: MessageStore
    engagements: Engagements
    clock: Clock

    def current(self, owner: str, names: Sequence[str]) -> Sequence[InboxLine]:
        """Return the present lines of those conversations that exist."""
        return self._listed(owner, self.store.entries(owner, names))

    def read(self, owner: str, name: str, limit: int, cursor: str | None) -> Page[InboxLine]:
        """Return a page of one list. Raises Invalid for a cursor of another list."""
        if cursor is None:
            self.catch_up(owner)
        page = self.store.page(owner, name, limit, cursor)
        return Page(self._listed(owner, page.items), page.next)

    def search(self, owner: str, text: str, limit: int, name: str = inbox.ALL) -> Sequence[InboxLine]:
        """Return conversations of one list whose subject or addresses have words that begin with each word of `text`."""
        wanted = [word for word in inbox.split_words(text) if word][:8]
        if not wanted:
            return ()
        hits = [set(self.store.found(owner, word, MATCHES)) for word in wanted]
        both = sorted(set.intersection(*hits), reverse=True)
        entries: list[ConversationEntry] = []
        for start in range(0, len(both), _ENTRIES):
            found = self.store.entries(owner, both[start : start + _ENTRIES])
            entries += [entry for entry in found if name in inbox.lists_of(entry)]
            if len(entries) >= limit:
                break
        entries.sort(key=lambda entry: entry.newest, reverse=True)
        return self._listed(owner, entries[:limit])

    def catch_up(self, owner: str) -> None:
        """Add the messages that are newer than the mark, and move the mark over those that cannot change any more."""
        settled = ids.last_at(self.clock() - SETTLED_MS)
        passed = ""
        for identifier in self.store.newer(owner, CATCH_UP):
            stored = self.messages.load(identifier)
            if stored is not None:
                add_message(stored, self.store)
            if identifier <= settled:
                passed = identifier
        if passed:
            self.store.move_mark(owner, passed)

    def _listed(self, owner: str, entries: Sequence[ConversationEntry]) -> tuple[InboxLine, ...]:
        counted = {entry.conversation: _counted(entry) for entry in entries}
        known = self.engagements.of([message for chosen in counted.values() for message in chosen])
        for entry in entries:  # a line that is out of date is corrected by whoever reads it
            for line in entry.lines:
                found = known.get(line.message)
                if found is not None and _marked(entry, line.message, found) != entry:
                    refresh_engagement(owner, entry.conversation, line.message, found, self.store)
        now = self.clock()
        return tuple(InboxLine(entry, _counts(entry, counted[entry.conversation], known, now)) for entry in entries)


def _counted(entry: ConversationEntry) -> list[str]:
    return [line.message for line in entry.lines if line.opens or line.clicks][:COUNTED]


def _counts(entry: ConversationEntry, counted: Sequence[str], known: Mapping[str, Engagement], now: int) -> Counts:
    found = [known[message] for message in counted if message in known]
    return Counts(
        any(line.opens for line in entry.lines),
        any(line.clicks for line in entry.lines),
        sum(each.message_opens.count for each in found),
        sum(each.message_clicks.count for each in found),
        marks.state_of_all(found, now),
        marks.last_activity(found),
    )


def _marked(entry: ConversationEntry, message: str, engagement: Engagement) -> ConversationEntry:
    opened, clicked = engagement.message_opens.count > 0, engagement.message_clicks.count > 0
    return inbox.with_engagement(entry, message, opened=opened, clicked=clicked)
