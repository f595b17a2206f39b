"""The ports of bulk imports."""

from typing import Protocol

from ocello.domain.imports.imports import Import
from ocello.services.common.ports import Page


class ImportStore(Protocol):
    """Bulk imports."""

    def get(self, owner: str, identifier: str) -> Import | None:
        """Return an import, or None."""

    def page(self, owner: str, limit: int, cursor: str | None) -> Page[Import]:
        """Return a page of a user's imports, newest first. Raises Invalid for a cursor of another list."""

    def write(self, made: Import, before: Import | None) -> bool:
        """Write an import over `before`; return False if the stored one differs."""


class ImportQueue(Protocol):
    """The queue of imports that are not finished."""

    def enqueue(self, owner: str, identifier: str) -> None:
        """Queue the next part of an import. Raises Unavailable."""

    def redeliver_after(self, receipt: str, seconds: int) -> None:
        """Make the queue message of `receipt` visible again after `seconds`. Raises Unavailable."""
