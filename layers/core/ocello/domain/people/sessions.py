"""Sessions of the web application: how long one lasts, when its name is renewed, and when it ends."""

import hashlib
from dataclasses import dataclass

MINUTE_MS = 60_000
IDLE_MS = 4 * 60 * MINUTE_MS  # a session ends after this time without use
ABSOLUTE_MS = 12 * 60 * MINUTE_MS  # a session ends at this age, even if in use: the user signs in again
RENEW_MS = 30 * MINUTE_MS  # the name, and so the cookie, is renewed at this age; the provider is asked then too
GRACE_MS = MINUTE_MS  # requests already sent with the old name are still accepted
NOTE_MS = 5 * MINUTE_MS  # the time of last use is stored to this precision, to save a write for each request
NAME_BYTES = 32
MOST_SOURCES = 8  # that are noted of a session until its name is renewed: each takes three writes


@dataclass(frozen=True, slots=True)
class Session:
    """A signed-in user's session. `digest` is that of its name, which is in the cookie only; times in milliseconds."""

    digest: str
    user: str
    csrf: str
    created_at: int
    renewed_at: int
    seen_at: int
    sealed: bytes = b""  # the provider's refresh token, encrypted by the name: useless without the cookie
    replaced: bool = False  # its name was renewed
    sources: tuple[int, ...] = ()  # digests of where it was used from, since its name was renewed


def digest_of(name: str) -> str:
    """Return the digest that is stored for a session's name, which is 32 random bytes, so that plain SHA-256 is enough."""
    return hashlib.sha256(name.encode()).hexdigest()


def is_over(session: Session, now: int) -> bool:
    """Return whether a session has ended."""
    if session.replaced:
        return now >= session.seen_at + GRACE_MS
    return now >= session.seen_at + IDLE_MS or now >= session.created_at + ABSOLUTE_MS


def is_due(session: Session, now: int) -> bool:
    """Return whether a session's name should be renewed."""
    return not session.replaced and now >= session.renewed_at + RENEW_MS


def ends_at(session: Session) -> int:
    """Return the time after which the store may delete a session, in milliseconds."""
    if session.replaced:
        return session.seen_at + GRACE_MS
    return min(session.seen_at + IDLE_MS + NOTE_MS, session.created_at + ABSOLUTE_MS)
