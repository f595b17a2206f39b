"""The ports of the inbox: its lists, and the engagement of many messages."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from ocello.domain.engagement.summary import Engagement
from ocello.domain.messages.inbox import ConversationEntry
from ocello.services.common.ports import Page


@dataclass(frozen=True, slots=True)
class StoredEntry:
    """An inbox entry and its version, which each change increases."""

    entry: ConversationEntry
    version: int


class InboxStore(Protocol):
    """The lists of people's inboxes. Reading a page costs the same, however long a list is."""

    def entry(self, owner: str, conversation: str) -> StoredEntry | None:
        """Return a conversation's entry, or None."""

    def write(self, owner: str, entry: ConversationEntry, before: StoredEntry | None, words: Sequence[str]) -> bool:
        """Put an entry on its lists and off all others, and add search words; return False if `before` is outdated."""

    def page(self, owner: str, name: str, limit: int, cursor: str | None) -> Page[ConversationEntry]:
        """Return a page of conversations of one list, newest mail first. Raises Invalid for a cursor of another list."""

    def found(self, owner: str, word: str, limit: int) -> Sequence[str]:
        """Return the conversations that have a word beginning with `word`."""

    def entries(self, owner: str, conversations: Sequence[str]) -> Sequence[ConversationEntry]:
        """Return the entries of those conversations that have one."""

    def newer(self, owner: str, limit: int) -> Sequence[str]:
        """Return the messages newer than the mark, oldest first."""

    def move_mark(self, owner: str, message: str) -> None:
        """Record that all messages up to `message` were added."""


class Engagements(Protocol):
    """The engagement of many messages."""

    def of(self, messages: Sequence[str]) -> Mapping[str, Engagement]:
        """Return the engagement of messages; those without hits are left out."""
