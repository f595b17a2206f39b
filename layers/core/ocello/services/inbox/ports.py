"""The ports of the inbox: its lists, drafts, and the engagement of many messages."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from ocello.domain.engagement.summary import Engagement
from ocello.domain.messages.drafts import KeptDraft
from ocello.domain.messages.inbox import ConversationEntry
from ocello.services.common.ports import Page


@dataclass(frozen=True, slots=True)
class KeptEntry:
    """An inbox entry and its version, which each change raises."""

    entry: ConversationEntry
    version: int


class InboxStore(Protocol):
    """The lists of people's inboxes. Reading a page costs the same however long a list is."""

    def entry(self, owner: str, conversation: str) -> KeptEntry | None:
        """Read a conversation's entry."""

    def write(self, owner: str, entry: ConversationEntry, before: KeptEntry | None, words: Sequence[str]) -> bool:
        """Put an entry on its lists and take it off others, and add search words; False where `before` is outdated."""

    def page(self, owner: str, name: str, limit: int, cursor: str | None) -> Page[ConversationEntry]:
        """List conversations of one list, newest mail first. Raises Invalid for a cursor that is not the list's."""

    def found(self, owner: str, word: str, limit: int) -> Sequence[str]:
        """Name conversations that have a word beginning with `word`."""

    def entries(self, owner: str, conversations: Sequence[str]) -> Sequence[ConversationEntry]:
        """Read the entries that are there."""

    def newer(self, owner: str, limit: int) -> Sequence[str]:
        """Name messages newer than the mark, oldest first."""

    def move_mark(self, owner: str, message: str) -> None:
        """Note that all messages up to `message` were taken in."""


class Engagements(Protocol):
    """What messages' hits come to."""

    def of(self, messages: Sequence[str]) -> Mapping[str, Engagement]:
        """Read the engagement of messages; those without any hit are absent."""


class DraftStore(Protocol):
    """Mails that people are writing."""

    def page(self, owner: str, limit: int, cursor: str | None) -> Page[KeptDraft]:
        """List a user's drafts, the one begun last first."""

    def get(self, owner: str, identifier: str) -> KeptDraft | None:
        """Read a draft."""

    def write(self, owner: str, draft: KeptDraft, before: int | None) -> bool:
        """Write a draft over version `before` (None: a new one); False where that is not the present version."""

    def delete(self, owner: str, identifier: str) -> None:
        """Forget a draft."""

    def discard(self, owner: str, draft: KeptDraft, until: int) -> None:
        """Take a draft off the list, and keep it aside until a time (ms)."""

    def restore(self, owner: str, identifier: str, now: int) -> KeptDraft | None:
        """Put a discarded draft back; None where none is kept any more."""
