"""Writes down what people say of being tracked, and tells what is known of them."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from ocello.domain.common.errors import Conflict, Invalid, Unavailable
from ocello.domain.consent import ledger as lines
from ocello.domain.consent.ladder import Basis
from ocello.domain.consent.ledger import (
    CLOSING,
    Confirmation,
    ConsentChannel,
    ConsentEventName,
    ConsentNotice,
    LedgerEntry,
)
from ocello.domain.consent.modes import Axis
from ocello.domain.consent.states import SubjectConsent
from ocello.domain.consent.subjects import subject_of
from ocello.services.common.ports import Clock, Page
from ocello.services.consent.ports import MOST, ConsentLedger, ConsentStates, LedgerReader, SubjectKeys

PATIENCE_MS = 5_000  # how long one person's word waits for other writers
MANY_PATIENCE_MS = 60_000  # the same for an import, which has nobody waiting
# Seconds between tries, again and again: who has waited for long must not be later than who comes anew.
_PAUSES = (0.01, 0.03, 0.02, 0.05)
_WAY = 0.25  # seconds for which an import stands back when it meets another writer: a page is back long before
_BREATH = 0.05  # seconds after each of an import's transactions, so that a page's finds its turn


@dataclass(frozen=True, slots=True)
class Said:
    """What somebody said: of which purposes which event, when (ms), how, who noted it, and from where it comes.

    `actor` is who wrote it down or heard it (an address, a key's name), empty for the person's own word; `source` is where
    it comes from: a page's address, a file's name, the words that were spoken.
    """

    address: str
    events: Mapping[Axis, ConsentEventName]
    channel: ConsentChannel
    at: int
    actor: str = ""
    source: str = ""
    notice: ConsentNotice | None = None
    confirmation: Confirmation | None = None
    country: str = ""
    rules: str = ""
    basis: Basis = "consent"
    valid_until: int = 0


class Recorded(NamedTuple):
    """What became of something that was said: the consent that holds, how many entries it added, and why it was refused."""

    consent: SubjectConsent
    added: int = 0
    refused: Conflict | Invalid | None = None


def _nothing(subject: str, axes: frozenset[Axis]) -> None:
    """Do nothing: where nothing was sent, nothing has to be closed."""


@dataclass(frozen=True, slots=True)
class Consents:
    """The ledger and the states that follow from it.

    `key` makes subjects of addresses, `wait` waits for seconds. `on_closed` is told, after it is written, whose purposes
    were refused or withdrawn; also when the same is said again, so that what failed can be repeated.
    """

    states: ConsentStates
    ledger: ConsentLedger
    reader: LedgerReader
    keys: SubjectKeys
    key: bytes
    clock: Clock
    wait: Callable[[float], None]
    on_closed: Callable[[str, frozenset[Axis]], None] = _nothing

    def state(self, address: str) -> SubjectConsent:
        """Return what is known of a person. Raises Unavailable."""
        subject = subject_of(address, self.key)
        return self.states.of((subject,)).get(subject, SubjectConsent())

    def history(self, address: str, limit: int, cursor: str | None = None) -> Page[LedgerEntry]:
        """List what a person said, newest first. Raises Unavailable, and Invalid for a cursor that is none."""
        return self.reader.of_subject(subject_of(address, self.key), limit, cursor)

    def record(self, said: Said) -> SubjectConsent:
        """Write down what was said, and return the consent that holds. What says nothing new adds nothing.

        Raises Invalid for what proves nothing, Conflict for what may not be said, and Unavailable if the store fails or
        others kept writing for five seconds: nothing is written then, and the same may be recorded again later.
        """
        (outcome,) = self._recorded((said,), PATIENCE_MS, _PAUSES)
        if outcome.refused is not None:
            raise outcome.refused
        return outcome.consent

    def record_all(self, said: Sequence[Said]) -> Sequence[Recorded]:
        """Write down many things, as an import does, giving way to others; what is refused is told for each.

        Raises Unavailable; what was written before stays, and recording all again adds it no second time.
        """
        done = list[Recorded]()
        for part in _parts(said):
            done += self._recorded(part, MANY_PATIENCE_MS, (_WAY,))
            self.wait(_BREATH)
        return done

    def _recorded(self, said: Sequence[Said], patience: int, pauses: Sequence[float]) -> Sequence[Recorded]:
        began, tries = self.clock(), 0
        sealed: dict[str, str] = {}
        while True:
            batch = self._batch(said, sealed)
            if batch.written(self.ledger):
                break
            if self.clock() - began >= patience:
                raise Unavailable("ledger: others keep writing")
            self.wait(pauses[tries % len(pauses)])
            tries += 1
        for each, outcome in zip(said, batch.outcomes, strict=True):
            closed = frozenset(axis for axis, event in each.events.items() if event in CLOSING)
            if outcome.refused is None and (shut := closed & outcome.consent.closed()):
                self.on_closed(subject_of(each.address, self.key), shut)
        return batch.outcomes

    def _batch(self, said: Sequence[Said], sealed: dict[str, str]) -> "_Batch":
        """Work out what would be written now."""
        named = [self._entries(each) for each in said]
        head, recorded, known = self.ledger.standing([entry for entries, _ in named for entry in entries])
        states = dict(known)
        batch = _Batch(head, [], {}, [])
        for each, (entries, invalid) in zip(said, named, strict=True):
            subject = subject_of(each.address, self.key)
            before = states.get(subject, SubjectConsent())
            try:
                after, new = _applied(before, [one for one in entries if one.id not in recorded])
            except Conflict as conflict:
                batch.outcomes.append(Recorded(before, 0, conflict))
                continue
            if new:
                if subject not in sealed:
                    sealed[subject] = self.keys.seal(subject, each.address)
                batch.entries.extend(replace(one, sealed=sealed[subject]) for one in new)
                batch.states[subject] = states[subject] = after
                recorded |= {one.id for one in new}
            batch.outcomes.append(Recorded(after, len(new), invalid))
        return batch

    def _entries(self, said: Said) -> tuple[Sequence[LedgerEntry], Invalid | None]:
        """Return the entries of what was said, or why it proves nothing."""
        try:
            return [self._entry(said, axis, event) for axis, event in said.events.items()], None
        except Invalid as error:
            return [], error

    def _entry(self, said: Said, axis: Axis, event: ConsentEventName) -> LedgerEntry:
        entry = LedgerEntry(
            id="",
            subject=subject_of(said.address, self.key),
            sealed="",
            event=event,
            purpose=axis,
            basis=said.basis,
            at=said.at,
            recorded_at=self.clock(),
            channel=said.channel,
            actor=said.actor,
            source=said.source,
            notice=said.notice,
            confirmation=said.confirmation,
            country=said.country,
            rules=said.rules,
            valid_until=said.valid_until,
        )
        lines.check(entry)
        return lines.named(entry)


class _Batch(NamedTuple):
    head: lines.Head
    entries: list[LedgerEntry]
    states: dict[str, SubjectConsent]
    outcomes: list[Recorded]

    def written(self, ledger: ConsentLedger) -> bool:
        """Write it down if there is something; return False if others were faster."""
        if not self.entries:
            return True
        entries, _ = lines.chained(self.entries, self.head)
        return ledger.append(entries, self.states, self.head)


def _parts(said: Sequence[Said]) -> Iterator[Sequence[Said]]:
    """Cut what was said into parts of at most `MOST` events."""
    part, events = list[Said](), 0
    for each in said:
        if part and events + len(each.events) > MOST:
            yield part
            part, events = [], 0
        part.append(each)
        events += len(each.events)
    if part:
        yield part


def _applied(before: SubjectConsent, entries: Sequence[LedgerEntry]) -> tuple[SubjectConsent, list[LedgerEntry]]:
    """Return the consent after the entries, and those that say something new. Raises Conflict."""
    new = list[LedgerEntry]()
    for entry in entries:
        after = before.after(entry)
        if after is not None:
            before = after
            new.append(entry)
    return before, new
