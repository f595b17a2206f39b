"""From where people were signed in of late: sources as keyed digests, never as addresses, and how long one counts as theirs."""

import hashlib
import hmac
from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

from ocello.domain.common.times import DAY_MS
from ocello.domain.verdicts.networks import ClassOf, NetworkClass
from ocello.domain.verdicts.sources import source_of

SESSION_MS = 14 * DAY_MS  # how long a source from which somebody was signed in counts as theirs
MOST_SOURCES = 8  # of a person; the newest are kept
_SHARED = (NetworkClass.MOBILE, NetworkClass.PRIVACY_RELAY, NetworkClass.OFFICE_GATEWAY)  # many people by one address


class SignedIn(NamedTuple):
    """A source from which somebody was signed in: its digest (`source_digest`), and when that began and was seen last (ms)."""

    source: int
    since: int
    until: int

    def covers(self, at: int) -> bool:
        """Return whether what comes from this source at `at` (ms) counts as that person's."""
        return self.since <= at <= self.until + SESSION_MS


@lru_cache(maxsize=4096)
def source_digest(address: str, key: bytes) -> int:
    """Return the digest of the source behind an address; 0 where it tells nothing, and where there is no key."""
    source = source_of(address) if key else None
    if source is None:
        return 0
    return int.from_bytes(hmac.digest(key, f"signed in from {source}".encode(), hashlib.sha256)[:4]) or 1


def is_shared(address: str, class_of: ClassOf) -> bool:
    """Return whether many people share an address, so that it does not tell who somebody is."""
    return class_of(address) in _SHARED


def seen(known: Iterable[SignedIn], source: int, now: int) -> tuple[SignedIn, ...]:
    """Add that somebody is signed in from `source` now; what counts no more goes, and of too many the oldest."""
    lasting = [each for each in known if now <= each.until + SESSION_MS]
    since = next((each.since for each in lasting if each.source == source), now)
    return joined(lasting, [SignedIn(source, since, now)])


def joined(some: Iterable[SignedIn], others: Iterable[SignedIn]) -> tuple[SignedIn, ...]:
    """Join what was known at two times. A source that was away for long is there twice, each with its own time."""
    until: dict[tuple[int, int], int] = {}
    for each in (*some, *others):
        until[each[:2]] = max(each.until, until.get(each[:2], 0))
    newest = sorted(until.items(), key=lambda pair: (pair[1], pair[0]))[-MOST_SOURCES:]
    return tuple(sorted(SignedIn(*of, last) for of, last in newest))
