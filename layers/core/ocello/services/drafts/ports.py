"""The port of drafts."""

from typing import Protocol

from ocello.domain.messages.drafts import StoredDraft
from ocello.services.common.ports import Page


class DraftStore(Protocol):
    """Mails that people are writing."""

    def page(self, owner: str, limit: int, cursor: str | None) -> Page[StoredDraft]:
        """List a user's drafts, the one begun last first."""

    def get(self, owner: str, identifier: str) -> StoredDraft | None:
        """Read a draft."""

    def write(self, owner: str, draft: StoredDraft, before: int | None) -> bool:
        """Write a draft over version `before` (None: a new one); False where that is not the present version."""

    def delete(self, owner: str, identifier: str) -> None:
        """Forget a draft."""

    def discard(self, owner: str, draft: StoredDraft, until: int) -> None:
        """Take a draft off the list, and keep it aside until a time (ms)."""

    def restore(self, owner: str, identifier: str, now: int) -> StoredDraft | None:
        """Put a discarded draft back; None where none is kept any more."""
