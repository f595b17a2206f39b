"""Consent, in memory."""

import functools
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from ocello.adapters.consent.rule_files import rule_sets
from ocello.domain.common.errors import Unavailable
from ocello.domain.consent import ledger
from ocello.domain.consent.closings import KINDS, Withdrawal
from ocello.domain.consent.ledger import Head, LedgerEntry
from ocello.domain.consent.modes import Axis
from ocello.domain.consent.rules import ConsentState, RulesName
from ocello.domain.consent.states import AxisConsent, SubjectConsent
from ocello.domain.consent.subjects import subject_of
from ocello.domain.people.audit import AuditEntry
from ocello.services.common.ports import Page
from ocello.services.consent.consents import Consents
from ocello.services.consent.deciding import TrackingDecisions
from ocello.services.consent.ports import MOST, Standing, Statement, SubjectCopy, WorkspaceSetting
from ocello.services.consent.subjects import Subjects
from ocello.services.consent.workspace import WorkspaceRules
from tests.fakes.world import Clock, paged

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
            sorted((each for each in self.copies if each.subject == subject), key=place, reverse=True),
            limit,
            cursor,
            place,
            subject,
        )


@dataclass(frozen=True, slots=True)
class SubjectsInMemory(Subjects):
    """Subjects, whose index is in memory."""

    index: MemorySubjectIndex


@dataclass
class MemoryCopyGates:
    """CopyGates, and the ConsentGate that reads them."""

    kinds: dict[tuple[str, int], set[str]] = field(default_factory=dict)
    fails_after: int | None = None  # gates

    def close(self, copies: Iterable[tuple[str, Collection[int]]], axes: frozenset[Axis]) -> None:
        for message, recipient in ((message, each) for message, recipients in copies for each in recipients):
            if self.fails_after is not None and len(self.kinds) >= self.fails_after:
                raise Unavailable("database: down")
            self.kinds.setdefault((message, recipient), set()).update(KINDS[axis] for axis in axes)

    def closed(self, message: str, recipient: int, kind: str, seconds: float) -> bool:
        assert seconds > 0
        return kind in self.kinds.get((message, recipient), ())


@dataclass
class MemoryWithdrawalStore:
    """WithdrawalStore and WithdrawalsUnderWay."""

    index: MemorySubjectIndex
    kept: dict[tuple[str, int], Withdrawal] = field(default_factory=dict)
    reads: int = 0  # of the list, and of copies
    down: bool = False

    def put(self, withdrawal: Withdrawal) -> None:
        if self.down:
            raise Unavailable("database: down")
        name = withdrawal.subject, withdrawal.at
        if withdrawal.cursor is None or name in self.kept:
            self.kept[name] = withdrawal

    def find(self, subject: str, at: int) -> Withdrawal | None:
        return self.kept.get((subject, at))

    def end(self, withdrawal: Withdrawal) -> None:
        self.kept.pop((withdrawal.subject, withdrawal.at), None)

    def under_way(self) -> Sequence[Withdrawal]:
        self.reads += 1
        return list(self.kept.values())

    def copies_in(self, subject: str, message: str) -> Collection[int]:
        self.reads += 1
        return [each.recipient for each in self.index.copies if (each.subject, each.message) == (subject, message)]


@dataclass
class MemoryWithdrawalQueue:
    """WithdrawalQueue, that can be down."""

    waiting: list[tuple[str, int, int]] = field(default_factory=list)  # subject, when it was withdrawn, seconds to wait
    down: bool = False

    def enqueue(self, subject: str, at: int, seconds: int) -> None:
        if self.down:
            raise Unavailable("withdrawal queue: down")
        self.waiting.append((subject, at, seconds))


def subjects() -> SubjectsInMemory:
    """Make what notes copies, with an index of its own."""
    return SubjectsInMemory(MemorySubjectIndex(), SUBJECT_KEY)


@dataclass
class MemoryConsentLedger:
    """ConsentLedger, LedgerReader and ConsentStates, which one transaction keeps together.

    `busy` is how many times the next appends find another writer at it.
    """

    entries: list[LedgerEntry] = field(default_factory=list)
    states: dict[str, SubjectConsent] = field(default_factory=dict)
    last: Head = field(default_factory=Head)
    down: bool = False
    busy: int = 0
    appended: list[int] = field(default_factory=list)  # how many entries at once

    def _up(self) -> None:
        if self.down:
            raise Unavailable("database: down")

    def of(self, subjects: Collection[str]) -> Mapping[str, SubjectConsent]:
        self._up()
        return {each: self.states[each] for each in subjects if each in self.states}

    def head(self) -> Head:
        self._up()
        return self.last

    def standing(self, entries: Collection[LedgerEntry]) -> Standing:
        self._up()
        known = {each.id for each in self.entries}
        recorded = frozenset(each.id for each in entries if each.id in known)
        return Standing(self.last, recorded, self.of({each.subject for each in entries}))

    def append(self, entries: Sequence[LedgerEntry], states: Mapping[str, SubjectConsent], head: Head) -> bool:
        self._up()
        assert 0 < len(entries) <= MOST
        if self.busy:
            self.busy -= 1
            return False
        stale = any(each.version != self.states.get(name, SubjectConsent()).version for name, each in states.items())
        if stale or head != self.last or self.standing(entries).recorded:
            return False
        self.entries.extend(entries)
        self.states.update({name: each._replace(version=each.version + 1) for name, each in states.items()})
        self.last = Head(entries[-1].number, entries[-1].hash)
        self.appended.append(len(entries))
        return True

    def of_subject(self, subject: str, limit: int, cursor: str | None) -> Page[LedgerEntry]:
        self._up()
        own = sorted((each for each in self.entries if each.subject == subject), key=lambda each: each.id, reverse=True)
        return paged(own, limit, cursor, lambda each: each.id, subject)

    def lines(self, after: int, limit: int) -> Sequence[str]:
        self._up()
        return [ledger.line(each) for each in self.entries if after < each.number <= after + limit]


@dataclass
class MemoryOpenQuestions:
    """OpenQuestions."""

    questions: set[tuple[str, str]] = field(default_factory=set)

    def add(self, day: str, message: str) -> None:
        self.questions.add((day, message))

    def of(self, day: str) -> Sequence[str]:
        return sorted(message for its, message in self.questions if its == day)

    def remove(self, day: str, message: str) -> None:
        self.questions.discard((day, message))


@dataclass
class MemoryShownTexts:
    """ShownTexts."""

    texts: dict[str, str] = field(default_factory=dict)

    def keep(self, sha256: str, text: str) -> None:
        self.texts[sha256] = text

    def of(self, sha256: str) -> str | None:
        return self.texts.get(sha256)


@dataclass
class MemorySubjectKeys:
    """SubjectKeys: what was sealed is a number that leads to the address."""

    keys: dict[str, dict[str, str]] = field(default_factory=dict)
    made: int = 0
    down: bool = False

    def seal(self, subject: str, address: str) -> str:
        if self.down:
            raise Unavailable("key service: down")
        self.made += 1
        sealed = f"sealed-{self.made}"
        self.keys.setdefault(subject, {})[sealed] = address
        return sealed

    def open(self, subject: str, sealed: str) -> str | None:
        if self.down:
            raise Unavailable("key service: down")
        return self.keys.get(subject, {}).get(sealed)

    def destroy(self, subject: str) -> None:
        self.keys.pop(subject, None)


@dataclass
class MemoryKeySeal:
    """KeySeal: a key behind its subject's name, turned round."""

    down: bool = False

    def close(self, subject: str, key: bytes) -> bytes:
        if self.down:
            raise Unavailable("key service: down")
        return subject.encode() + key[::-1]

    def open(self, subject: str, sealed: bytes) -> bytes:
        if self.down or not sealed.startswith(subject.encode()):
            raise Unavailable("key service: not of this subject")
        return sealed.removeprefix(subject.encode())[::-1]


@functools.cache
def _rsa(_number: int) -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65_537, 2_048)


@dataclass
class MemoryDocumentSigner:
    """DocumentSigner: a key of this process, one for each number."""

    number: int = 1
    down: bool = False

    def sign(self, statement: bytes) -> bytes:
        if self.down:
            raise Unavailable("key service: down")
        return _rsa(self.number).sign(statement, padding.PKCS1v15(), hashes.SHA256())

    def public_key(self) -> bytes:
        public = _rsa(self.number).public_key()
        return public.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)


@dataclass
class MemoryStatementQueue:
    """StatementQueue."""

    statements: list[Statement] = field(default_factory=list)
    down: bool = False

    def keep(self, statement: Statement) -> None:
        if self.down:
            raise Unavailable("queue: down")
        self.statements.append(statement)


def consents(
    clock: Clock, on_closed: Callable[[str, frozenset[Axis]], None] = lambda _subject, _axes: None
) -> tuple[Consents, MemoryConsentLedger]:
    """Make the use case with a ledger of its own; waiting moves the clock."""
    store = MemoryConsentLedger()
    made = Consents(
        store, store, store, MemorySubjectKeys(), SUBJECT_KEY, clock, wait=clock.pass_by, on_closed=on_closed
    )
    return made, store


@dataclass
class MemoryWorkspaceStore:
    """WorkspaceStore, that can be down."""

    setting: WorkspaceSetting = field(default_factory=WorkspaceSetting)
    trail: list[AuditEntry] = field(default_factory=list)
    reads: int = 0
    down: bool = False

    def read(self) -> WorkspaceSetting:
        if self.down:
            raise Unavailable("database: down")
        self.reads += 1
        return self.setting

    def write(self, setting: WorkspaceSetting, notes: Sequence[AuditEntry]) -> bool:
        if self.down:
            raise Unavailable("database: down")
        if setting.version != self.setting.version:
            return False
        self.setting = setting._replace(version=setting.version + 1)
        self.trail.extend(notes)
        return True


@dataclass(slots=True)
class WorkspaceRulesInMemory(WorkspaceRules):
    """WorkspaceRules, whose store is in memory."""

    store: MemoryWorkspaceStore


@dataclass(frozen=True, slots=True)
class DecisionsInMemory(TrackingDecisions):
    """TrackingDecisions, whose states are in memory."""

    states: MemoryConsentLedger
    workspace: WorkspaceRulesInMemory

    def say(self, address: str, opens: ConsentState, links: ConsentState) -> None:
        """Let somebody's consent be known."""
        self.states.states[subject_of(address, self.key)] = SubjectConsent(AxisConsent(opens), AxisConsent(links))


def decisions(
    rules: RulesName = "none",
    country: str = "",
    clock: Clock | None = None,
    store: MemoryWorkspaceStore | None = None,
    states: MemoryConsentLedger | None = None,
) -> DecisionsInMemory:
    """Make what decides how recipients are tracked under `rules`, by what is known in `states`, at first of nobody."""
    clock = clock or Clock()
    workspace = workspace_rules(rules, clock, store or MemoryWorkspaceStore())
    return DecisionsInMemory(states or MemoryConsentLedger(), SUBJECT_KEY, workspace, clock, country)


def workspace_rules(
    rules: RulesName, clock: Clock, store: MemoryWorkspaceStore, text: str = "footer/1"
) -> WorkspaceRulesInMemory:
    """Make what holds for everybody under `rules`; its lease ends by the same clock."""
    known = rule_sets()
    return WorkspaceRulesInMemory(store, known[rules], known, text, clock, lambda: clock() / 1000)
