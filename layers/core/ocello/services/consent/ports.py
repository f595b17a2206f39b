"""The ports of consent: what people said, their keys, and the index from a person to the copies, with what closes them."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import NamedTuple, Protocol

from ocello.domain.consent.closings import Withdrawal
from ocello.domain.consent.ladder import Basis
from ocello.domain.consent.ledger import Confirmation, ConsentEventName, ConsentNotice, Head, LedgerEntry
from ocello.domain.consent.modes import Axis, Mode
from ocello.domain.consent.states import SubjectConsent
from ocello.domain.people.audit import AuditEntry
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
        """List a subject's copies, newest first. Raises Invalid for a cursor that this list did not give, and Unavailable.

        All that was added before is there.
        """


class CopyGates(Protocol):
    """The gates that are asked before a hit of a copy is recorded."""

    def close(self, copies: Iterable[tuple[str, Collection[int]]], axes: frozenset[Axis]) -> None:
        """Close some axes of copies, given by message and recipients; what is closed stays closed. Raises Unavailable."""


class WithdrawalStore(Protocol):
    """Withdrawals that have not reached every copy yet, named by subject and time."""

    def put(self, withdrawal: Withdrawal) -> None:
        """Write down how far a withdrawal has come. Raises Unavailable."""

    def find(self, subject: str, at: int) -> Withdrawal | None:
        """Return a withdrawal as last written; None where it has reached every copy. Raises Unavailable."""

    def end(self, withdrawal: Withdrawal) -> None:
        """Forget a withdrawal that has reached every copy. Raises Unavailable."""


class WithdrawalQueue(Protocol):
    """The queue of withdrawals that go on after their request was answered."""

    def enqueue(self, subject: str, at: int, seconds: int) -> None:
        """Queue a withdrawal to be gone on with after some seconds. Raises Unavailable."""


class ConsentStates(Protocol):
    """What is known of people, by subject."""

    def of(self, subjects: Collection[str]) -> Mapping[str, SubjectConsent]:
        """Return what is known of those of whom something is. Raises Unavailable."""


class RulesPeriod(NamedTuple):
    """What held from a time on (ms), until the next period: rule sets with versions, the most that is tracked.

    `footers` is whether mail was to have a footer where no rules hold; `text` names the text of the footer that mail had,
    with its version: '' where it had none, and in periods before that was noted. `actor` is the sign-in address of the
    administrator who changed it; '' where it follows from a deploy.
    """

    since: int
    rules: str
    opens: Mode
    links: Mode
    footers: bool
    actor: str = ""
    text: str = ""


class WorkspaceSetting(NamedTuple):
    """What administrators chose for everybody: a rule set ('' for none but the deployed one), the most, and footers.

    `periods` are what held since the first decision, oldest first. `version` is that of the row, 0 before there is one.
    """

    rules: str = ""
    opens: Mode = "individual"
    links: Mode = "individual"
    footers: bool = False
    periods: tuple[RulesPeriod, ...] = ()
    version: int = 0


class WorkspaceStore(Protocol):
    """What administrators chose for everybody. Every method raises Unavailable."""

    def read(self) -> WorkspaceSetting:
        """Return it as it is at this moment."""

    def write(self, setting: WorkspaceSetting, notes: Sequence[AuditEntry]) -> bool:
        """Write it over the version that it has, with audit entries; return False, and write nothing, if that is outdated."""


class Standing(NamedTuple):
    """How the ledger stands for some entries: its head, which of them it has (ids), what is known of their subjects."""

    head: Head
    recorded: frozenset[str]
    states: Mapping[str, SubjectConsent]


class ConsentLedger(Protocol):
    """Where what people said is written down. Every method raises Unavailable."""

    def standing(self, entries: Collection[LedgerEntry]) -> Standing:
        """Return how the ledger stands for at most `MOST` entries. What changes meanwhile makes `append` return False."""

    def append(self, entries: Sequence[LedgerEntry], states: Mapping[str, SubjectConsent], head: Head) -> bool:
        """Write chained entries, the states that follow and the new head, all or nothing.

        `head` is the one they were chained to, `states` have the version that they had before. Return False if either
        has changed meanwhile, if an entry is there, or if another writer was at it. At most `MOST` entries.
        """


MOST = 30  # entries in one transaction: with their states and the head within the 100 operations that DynamoDB allows


class LedgerReader(Protocol):
    """The ledger as it is read. Every method raises Unavailable."""

    def head(self) -> Head:
        """Return the last line's number and hash."""

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


class KeySeal(Protocol):
    """What seals the keys of subjects themselves, each bound to its subject. Every method raises Unavailable."""

    def close(self, subject: str, key: bytes) -> bytes:
        """Return a key encrypted."""

    def open(self, subject: str, sealed: bytes) -> bytes:
        """Return a key decrypted."""


class DocumentSigner(Protocol):
    """A key that signs heads of the ledger, or proofs: RSA, 2,048 bits. Every method raises Unavailable."""

    def sign(self, statement: bytes) -> bytes:
        """Return the signature (RSASSA-PKCS1-v1_5, SHA-256) of at most 4,096 bytes."""

    def public_key(self) -> bytes:
        """Return the public key, as the DER of a SubjectPublicKeyInfo (RFC 5280, section 4.1)."""


class OpenQuestions(Protocol):
    """The mails that ask for consent, by the day on which they left, until their time is over. Raises Unavailable."""

    def add(self, day: str, message: str) -> None:
        """Note a mail; the same again changes nothing."""

    def of(self, day: str) -> Sequence[str]:
        """Return the mails of a day (YYYY-MM-DD)."""

    def remove(self, day: str, message: str) -> None:
        """Forget a mail, if it is there."""


class ShownTexts(Protocol):
    """The texts that people were shown elsewhere, by the SHA-256 of their UTF-8 bytes in hex. Raises Unavailable."""

    def keep(self, sha256: str, text: str) -> None:
        """Store a text; the same again changes nothing."""

    def of(self, sha256: str) -> str | None:
        """Return a text, or None."""


class HeadStore(Protocol):
    """Keeps signed heads by name. Every method raises Unavailable."""

    def put(self, name: str, content: bytes, content_type: str) -> None:
        """Store `content` under `name`."""

    def get(self, name: str) -> bytes | None:
        """Return what is stored under `name`, or None."""


class Statement(NamedTuple):
    """What a recipient of a mail said on its page: of which purposes which event, when (ms), and to which text."""

    message: str
    recipient: int
    events: Mapping[Axis, ConsentEventName]
    at: int
    source: str
    notice: ConsentNotice | None = None
    confirmation: Confirmation | None = None
    basis: Basis = "consent"
    country: str = ""
    rules: str = ""


class StatementQueue(Protocol):
    """The queue in which statements wait for the database."""

    def keep(self, statement: Statement) -> None:
        """Queue a statement. Raises Unavailable."""
