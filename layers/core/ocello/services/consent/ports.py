"""The port of consent: the index that leads from a person to the copies that were tracked."""

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from ocello.services.common.ports import Page


class SubjectCopy(NamedTuple):
    """A tracked copy of a person, and whose mail it is."""

    subject: str
    message: str
    recipient: int
    owner: str


class SubjectIndex(Protocol):
    """The tracked copies of each subject."""

    def add(self, copies: Sequence[SubjectCopy]) -> None:
        """Write a row for each copy; one that is there stays as it is. Raises Unavailable."""

    def page(self, subject: str, limit: int, cursor: str | None) -> Page[SubjectCopy]:
        """List a subject's copies, oldest first. Raises Invalid for a cursor that this list did not give."""
