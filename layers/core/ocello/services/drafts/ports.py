"""The port of drafts."""

from typing import Protocol

from ocello.domain.messages.drafts import StoredDraft
from ocello.services.common.ports import Page


class DraftStore(Protocol):
    """Mails that people are writing."""

    def page(self, owner: str, limit: int, cursor: str | None) -> Page[StoredDraft]:
        """Return a page of a user's drafts, the newest first."""

    def get(self, owner: str, identifier: str) -> StoredDraft | None:
        """Return a draft, or None."""

    def write(self, owner: str, draft: StoredDraft, before: int | None) -> bool:
        """Write a draft over version `before` (None: a new draft); return False if that is not the stored version."""

    def delete(self, owner: str, identifier: str) -> None:
        """Delete a draft."""

    def discard(self, owner: str, draft: StoredDraft, until: int) -> None:
        """Remove a draft from the list, and keep it for restoring until a time (ms)."""

    def restore(self, owner: str, identifier: str, now: int) -> StoredDraft | None:
        """Put a discarded draft back on the list and return it; None if it is no longer kept."""
