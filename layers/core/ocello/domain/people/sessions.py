"""Sessions of the web application: how long one lasts, when its name changes, and when it is over."""

import hashlib
from dataclasses import dataclass

MINUTE_MS = 60_000
IDLE_MS = 4 * 60 * MINUTE_MS  # unused for so long, it is over
ABSOLUTE_MS = 12 * 60 * MINUTE_MS  # however busy, it is over: the provider is asked for the person again
RENEW_MS = 30 * MINUTE_MS  # its name, and with it the cookie, lives so long; then the provider is asked too
GRACE_MS = MINUTE_MS  # requests under way with the old name still pass
NOTE_MS = 5 * MINUTE_MS  # use is noted to this precision: one write, not one for each request
NAME_BYTES = 32


@dataclass(frozen=True, slots=True)
class Session:
    """A signed-in person's session. `digest` is of its name, which only the cookie knows; times in milliseconds."""

    digest: str
    user: str
    csrf: str
    created_at: int
    renewed_at: int
    seen_at: int
    sealed: bytes = b""  # the provider's refresh token, sealed with the name: of no use without the cookie
    replaced: bool = False  # a newer name has taken its place


def digest_of(name: str) -> str:
    """Return what is stored of a session's name: 32 random bytes, so a plain SHA-256 cannot be guessed back."""
    return hashlib.sha256(name.encode()).hexdigest()


def is_over(session: Session, now: int) -> bool:
    """Return whether a session may not be used any more."""
    if session.replaced:
        return now >= session.seen_at + GRACE_MS
    return now >= session.seen_at + IDLE_MS or now >= session.created_at + ABSOLUTE_MS


def is_due(session: Session, now: int) -> bool:
    """Return whether a session's name should be renewed."""
    return not session.replaced and now >= session.renewed_at + RENEW_MS


def ends_at(session: Session) -> int:
    """Return the time after which the store may forget a session."""
    if session.replaced:
        return session.seen_at + GRACE_MS
    return min(session.seen_at + IDLE_MS + NOTE_MS, session.created_at + ABSOLUTE_MS)
