"""The ledger of consent: one line for each thing that somebody said, each with the hash of the line before.

Lines are only ever added. What is hashed is the line itself, so that fields which come later change no earlier hash.
"""

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Literal, NamedTuple, cast

from ocello.domain.common import ids
from ocello.domain.common.errors import Invalid
from ocello.domain.consent.ladder import Basis
from ocello.domain.consent.modes import Axis

ConsentEventName = Literal[
    "requested", "granted", "refused", "withdrawn", "objected", "no_answer", "imported", "corrected"
]
ConsentChannel = Literal["page", "double_opt_in", "form", "import", "api", "spoken"]
OWN_CHANNELS: frozenset[ConsentChannel] = frozenset({"page", "double_opt_in", "form"})  # the person's own word
GRANTING: frozenset[ConsentEventName] = frozenset({"granted", "imported"})
CLOSING: frozenset[ConsentEventName] = frozenset({"refused", "withdrawn", "objected"})
CLOCKS_DIFFER_MS = (
    60_000  # a word must not be lost because the clock that wrote it down is behind the one that heard it
)
LONGEST_SOURCE, LONGEST_NOTICE = 1_000, 20_000  # characters of what somebody else writes down
_FIRST_PREV = "0" * 64


class ConsentNotice(NamedTuple):
    """The text that somebody was shown: its name, version, language, and the SHA-256 of its UTF-8 bytes in hex."""

    id: str
    version: str
    language: str
    sha256: str


class Confirmation(NamedTuple):
    """How something was confirmed: the request's id, the cut network address, the family of the agent."""

    request: str = ""
    network: str = ""
    agent: str = ""


class Head(NamedTuple):
    """The last line of the ledger: its number, from 1, and its hash; 0 and zeros before the first."""

    number: int = 0
    hash: str = _FIRST_PREV


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """One thing that was said of one purpose. Times are milliseconds since 1970.

    `subject` is the keyed digest of the address, `sealed` the address encrypted by the subject's key. `at` is when it was
    said, `recorded_at` when it was written down. `number`, `prev` and `hash` are given by `chained`.
    """

    id: str
    subject: str
    sealed: str
    event: ConsentEventName
    purpose: Axis
    basis: Basis
    at: int
    recorded_at: int
    channel: ConsentChannel
    actor: str
    source: str
    notice: ConsentNotice | None = None
    confirmation: Confirmation | None = None
    country: str = ""
    rules: str = ""
    valid_until: int = 0  # 0: without end
    number: int = 0
    prev: str = ""
    hash: str = ""

    @property
    def own(self) -> bool:
        """Return whether the person said it themself, not somebody else for them."""
        return self.channel in OWN_CHANNELS


def named(entry: LedgerEntry) -> LedgerEntry:
    """Give an entry its id, made of its time and of what was said: the same thing said twice has the same id."""
    sha256 = entry.notice.sha256 if entry.notice else ""
    said = (entry.subject, entry.purpose, entry.event, str(entry.at), entry.channel, entry.source, sha256)
    return replace(entry, id=ids.uuid7(entry.at, hashlib.sha256("\n".join(said).encode()).digest()))


def check(entry: LedgerEntry) -> None:
    """Raise Invalid for an entry that could prove nothing, or that its channel cannot say."""
    if not 0 < entry.at <= entry.recorded_at + CLOCKS_DIFFER_MS:
        raise Invalid("at", "must be a time that has passed")
    if 0 < entry.valid_until <= entry.at:
        raise Invalid("valid_until", "must be later than the consent")
    if entry.event in GRANTING and entry.channel == "page":
        raise Invalid("channel", "a link in a mail's footer cannot grant consent")
    if entry.channel == "spoken" and not (entry.actor and entry.source):
        raise Invalid("source", "spoken consent needs who heard it, and what was said")
    if entry.channel == "import" and not (entry.source and entry.notice):
        raise Invalid("source", "imported consent needs its source and the text that was shown")
    if entry.event in GRANTING and entry.channel in ("double_opt_in", "form") and not entry.notice:
        raise Invalid("notice", "consent needs the text that was shown")
    if entry.event in GRANTING and entry.channel == "double_opt_in" and not entry.confirmation:
        raise Invalid("confirmation", "a double opt-in needs its confirmation")


def chained(entries: Sequence[LedgerEntry], head: Head) -> tuple[tuple[LedgerEntry, ...], Head]:
    """Number entries and chain them to the last line; return them, and the ledger's new head."""
    done = list[LedgerEntry]()
    for entry in entries:
        numbered = replace(entry, number=head.number + 1, prev=head.hash, hash="")
        hashed = replace(numbered, hash=_hash(_fields(numbered)))
        head = Head(hashed.number, hashed.hash)
        done.append(hashed)
    return tuple(done), head


def line(entry: LedgerEntry) -> str:
    """Return the entry as its line: JSON in ASCII, keys sorted, without spaces."""
    return _canonical({**_fields(entry), "hash": entry.hash})


def read(text: str) -> LedgerEntry:
    """Return the entry in a line. Raises ValueError."""
    try:
        fields = json.loads(text)
        notice, confirmation = fields.pop("notice"), fields.pop("confirmation")
        return LedgerEntry(
            **fields,
            notice=None if notice is None else ConsentNotice(**notice),
            confirmation=None if confirmation is None else Confirmation(**confirmation),
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"not a line of the ledger: {error}") from None


def verify(lines: Iterable[str], head: Head, after: Head | None = None) -> str | None:
    """Return what is wrong with lines of the ledger, which follow `after` and should end with `head`; None if nothing is.

    Finds every changed byte, and a line that is missing, added or in another place.
    """
    last = after or Head()
    for text in lines:
        number = last.number + 1
        try:
            fields = cast("dict[str, object]", json.loads(text))
            said = fields.pop("hash")
        except (ValueError, KeyError, TypeError, AttributeError):
            return f"line {number} is not a line of the ledger"
        if _canonical({**fields, "hash": said}) != text or said != _hash(fields):
            return f"line {number} was changed"
        if fields.get("number") != number:
            return f"line {number} is missing"
        if fields.get("prev") != last.hash:
            return f"line {number} does not follow the line before"
        last = Head(number, str(said))
    if last.number < head.number:
        return f"line {last.number + 1} is missing"
    return None if last == head else f"line {last.number} is not the last line that was signed"


def _fields(entry: LedgerEntry) -> dict[str, object]:
    """Return all fields but the hash."""
    fields = asdict(entry)
    del fields["hash"]
    for name, value in (("notice", entry.notice), ("confirmation", entry.confirmation)):
        fields[name] = None if value is None else value._asdict()
    return fields


def _hash(fields: dict[str, object]) -> str:
    return hashlib.sha256(_canonical(fields).encode()).hexdigest()


def _canonical(fields: dict[str, object]) -> str:
    return json.dumps(fields, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
