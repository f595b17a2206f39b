"""The ports of the inbox: its lists, and the engagement of many messages."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from ocello.domain.engagement.summary import Engagement
from ocello.domain.messages.inbox import ConversationEntry
from ocello.services.common.ports import Page


@dataclass(frozen=True, slots=True)
class StoredEntry:
    """An inbox entry and its version, which each change raises."""

    entry: ConversationEntry
    version: int


class InboxStore(Protocol):
    """The lists of people's inboxes. Reading a page costs the same however long a list is."""

    def entry(self, owner: str, conversation: str) -> StoredEntry | None:
        """Read a conversation's entry."""

    def write(self, owner: str, entry: ConversationEntry, before: StoredEntry | None, words: Sequence[str]) -> bool:
        """Put an entry on its lists and take it off others, and add search words; False where `before` is outdated."""

    def page(self, owner: str, name: str, limit: int, cursor: str | None) -> Page[ConversationEntry]:
        """List conversations of one list, newest mail first. Raises Invalid for a cursor that is not the list's."""

    def found(self, owner: str, word: str, limit: int) -> Sequence[str]:
        """Return the conversations that have a word beginning with `word`."""

    def entries(self, owner: str, conversations: Sequence[str]) -> Sequence[ConversationEntry]:
        """Read the entries that are there."""

    def newer(self, owner: str, limit: int) -> Sequence[str]:
        """Return the messages newer than the mark, oldest first."""

    def move_mark(self, owner: str, message: str) -> None:
        """Record that all messages up to `message` were added."""


class Engagements(Protocol):
    """What messages' hits come to."""

    def of(self, messages: Sequence[str]) -> Mapping[str, Engagement]:
        """Return the engagement of messages; those without hits are left out."""
