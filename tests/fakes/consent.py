"""Consent, in memory."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from ocello.domain.common.errors import Unavailable
from ocello.services.common.ports import Page
from ocello.services.consent.ports import SubjectCopy
from ocello.services.consent.subjects import Subjects
from tests.fakes.world import paged

SUBJECT_KEY = b"s" * 32


@dataclass
class MemorySubjectIndex:
    """SubjectIndex."""

    copies: set[SubjectCopy] = field(default_factory=set)
    down: bool = False

    def add(self, copies: Sequence[SubjectCopy]) -> None:
        if self.down:
            raise Unavailable("database: down")
        self.copies.update(copies)

    def page(self, subject: str, limit: int, cursor: str | None) -> Page[SubjectCopy]:
        def place(copy: SubjectCopy) -> str:
            return f"{copy.message}#{copy.recipient:05d}"

        return paged(
            sorted((each for each in self.copies if each.subject == subject), key=place), limit, cursor, place, subject
        )


@dataclass(frozen=True, slots=True)
class SubjectsInMemory(Subjects):
    """Subjects, whose index is in memory."""

    index: MemorySubjectIndex


def subjects() -> SubjectsInMemory:
    """Make what notes copies, with an index of its own."""
    return SubjectsInMemory(MemorySubjectIndex(), SUBJECT_KEY)
