"""What an administrator sees of how a stack deals with consent: read a page at a time, and nothing of it is changed."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from ocello.domain.common.errors import Invalid
from ocello.domain.consent import heads, ledger
from ocello.domain.consent.ledger import CLOSING, Head, LedgerEntry
from ocello.domain.consent.notices import NoticeText
from ocello.domain.consent.states import SubjectConsent
from ocello.domain.consent.subjects import subject_of
from ocello.domain.people.accounts import plain_address
from ocello.services.common.ports import Page
from ocello.services.consent.consents import Consents
from ocello.services.consent.heads import LAST_HEAD
from ocello.services.consent.ports import HeadStore, RulesPeriod, SubjectIndex, WorkspaceStore
from ocello.services.statistics.ports import ModeDay, ModeDays

AT_ONCE = 200  # lines of the ledger on a page, before those that close nothing are left out
PART = 5_000  # lines of the ledger in a file: an answer may have six megabytes
_PERIODS = 50
_MOST_COPIES = 100  # of a person that are counted


class Signed(NamedTuple):
    """The last head that was signed, and when (RFC 3339)."""

    head: Head
    at: str


class Overview(NamedTuple):
    """The ledger's present head, the last signed one (None before the first night), and the texts that are shown now."""

    head: Head
    signed: Signed | None
    notices: Sequence[NoticeText]


class Closings(NamedTuple):
    """Refusals, withdrawals and objections among some lines of the ledger, newest first; `fault` says what is wrong with these.

    `first` and `last` are the numbers of the lines that were looked at; `before` is where the earlier ones begin.
    """

    entries: Sequence[LedgerEntry]
    first: int
    last: int
    fault: str | None
    before: int | None


class KnownPerson(NamedTuple):
    """What is known of a person: the plain address, the consent, how many tracked copies (at most `_MOST_COPIES`; more?)."""

    address: str
    consent: SubjectConsent
    copies: int
    more: bool


@dataclass(frozen=True, slots=True)
class StackEvidence:
    """What proves it. Every method raises Unavailable."""

    consents: Consents
    index: SubjectIndex
    heads: HeadStore
    days: ModeDays
    workspace: WorkspaceStore
    texts: Callable[[], Sequence[NoticeText]]

    def overview(self) -> Overview:
        """Return how the ledger stands, and the texts of every version that was ever shown."""
        stored = self.heads.get(LAST_HEAD)
        signed = None if stored is None else Signed(heads.head_in(stored), str(json.loads(stored)["signed_at"]))
        return Overview(self.consents.reader.head(), signed, self.texts())

    def periods(self, cursor: str | None) -> Page[RulesPeriod]:
        """List what held when, newest first. Raises Invalid for a cursor that this list did not give."""
        found = self.workspace.read().periods
        end = len(found) if cursor is None else _number(cursor, len(found))
        start = max(0, end - _PERIODS)
        return Page(tuple(reversed(found[start:end])), str(start) if start else None)

    def modes(self, limit: int, cursor: str | None) -> Page[ModeDay]:
        """List how copies were tracked, by day, newest first. Raises Invalid for a cursor of another list."""
        return self.days.page(limit, cursor)

    def closings(self, before: str | None) -> Closings:
        """Return who said no among the lines up to `before`, or the newest, with how long it took to write each down.

        The lines are checked: whether one was changed, is missing or in another place. Raises Invalid.
        """
        head = self.consents.reader.head()
        last = head.number if before is None else _number(before, head.number)
        after = max(0, last - AT_ONCE)
        lines = self.consents.reader.lines(after, last - after)
        entries = [ledger.read(line) for line in lines]
        fault = None
        if entries:
            # From the line before the first, by its hash, to the last that is here; of all lines only the verifier knows.
            start, end = Head(after, entries[0].prev), Head(entries[-1].number, entries[-1].hash)
            fault = ledger.verify(lines, end, start)
        found = [entry for entry in reversed(entries) if entry.event in CLOSING]
        return Closings(found, after + 1, last, fault, after or None)

    def ledger_part(self, after: str) -> tuple[int, str]:
        """Return up to PART lines of the ledger after a number, as in an export, and how many there are. Raises Invalid."""
        start = _number(after, self.consents.reader.head().number)
        lines = list[str]()
        while len(lines) < PART:
            page = self.consents.reader.lines(start + len(lines), min(1_000, PART - len(lines)))
            lines += page
            if not page:
                break
        return len(lines), "".join(f"{line}\n" for line in lines)

    def signed_head(self) -> bytes | None:
        """Return the last signed head as the verifier reads it; None before the first night."""
        return self.heads.get(LAST_HEAD)

    def person(self, address: str) -> KnownPerson:
        """Return what is known of a person. Raises Invalid."""
        plain = plain_address("address", address)
        copies = self.index.page(subject_of(plain, self.consents.key), _MOST_COPIES, None)
        return KnownPerson(plain, self.consents.state(plain), len(copies.items), copies.next is not None)


def _number(text: str, most: int) -> int:
    """Return the number in a cursor. Raises Invalid."""
    if not text.isascii() or not text.isdecimal() or len(text) > len("999999999999") or int(text) > most:
        raise Invalid("cursor", "not a cursor of this list")
    return int(text)
