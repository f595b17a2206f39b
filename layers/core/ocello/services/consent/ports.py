"""The ports of consent: what people said, their keys, and the index from a person to the copies that were tracked."""

from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple, Protocol

from ocello.domain.consent.ledger import Head, LedgerEntry
from ocello.domain.consent.states import SubjectConsent
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


class ConsentStates(Protocol):
    """What is known of people, by subject."""

    def of(self, subjects: Collection[str]) -> Mapping[str, SubjectConsent]:
        """Return what is known of those of whom something is. Raises Unavailable."""


class ConsentLedger(Protocol):
    """Where what people said is written down. Every method raises Unavailable."""

    def head(self) -> Head:
        """Return the last line's number and hash."""

    def recorded(self, entries: Collection[LedgerEntry]) -> frozenset[str]:
        """Return the ids of those that are in the ledger."""

    def append(self, entries: Sequence[LedgerEntry], states: Mapping[str, SubjectConsent], head: Head) -> bool:
        """Write chained entries, the states that follow and the new head, all or nothing.

        `head` is the one they were chained to, `states` have the version that they had before. Return False if either
        has changed meanwhile, or if another writer was at it. At most `MOST` entries.
        """


MOST = 30  # entries in one transaction: with their states and the head within the 100 operations that DynamoDB allows


class LedgerReader(Protocol):
    """The ledger as it is read. Every method raises Unavailable."""

    def of_subject(self, subject: str, limit: int, cursor: str | None) -> Page[LedgerEntry]:
        """List what a person said, newest first. Raises Invalid for a cursor that this list did not give."""

    def lines(self, after: int, limit: int) -> Sequence[str]:
        """Return the lines that follow a number, in the order of the chain. The newest may be missing for a moment."""


class SubjectKeys(Protocol):
    """A key for each subject, by which its address is sealed. Every method raises Unavailable."""

    def seal(self, subject: str, address: str) -> str:
        """Return the address sealed by the subject's key, which is made if there is none."""

    def open(self, subject: str, sealed: str) -> str | None:
        """Return a sealed address; None if its key was destroyed."""

    def destroy(self, subject: str) -> None:
        """Destroy the subject's key, after which nothing that it sealed can be read."""
